use crate::CoreError;

/// One register file that a result rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SourceFile {
    /// File name without folder.
    pub name: String,
    /// Version number in the name; `None` where the name has none.
    pub version: Option<u32>,
    /// Rows read.
    pub rows: u64,
}

/// What must be the same before two results may be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Vintage {
    /// Poverty definition: name and version.
    pub definition: String,
    /// Who is in the population, in words.
    pub population: String,
    /// Year whose municipal borders classify everybody.
    pub classification_year: i16,
    /// Year in whose prices amounts are expressed.
    pub price_year: i16,
    /// Register files, in the order read.
    pub sources: Vec<SourceFile>,
    /// Version of erflijn that computed the result.
    pub erflijn_version: String,
}

impl Vintage {
    /// Checks that figures of both vintages measure the same thing. Files and program version may differ.
    ///
    /// # Errors
    /// [`CoreError::NotComparable`] with the first part that differs.
    pub fn check_comparable(&self, other: &Self) -> Result<(), CoreError> {
        let parts = |vintage: &Self| {
            [
                ("poverty definition", vintage.definition.clone()),
                ("population", vintage.population.clone()),
                ("classification year", vintage.classification_year.to_string()),
                ("price year", vintage.price_year.to_string()),
            ]
        };
        let different = parts(self).into_iter().zip(parts(other)).find(|(own, others)| own != others);
        match different {
            None => Ok(()),
            Some(((what, left), (_, right))) => Err(CoreError::NotComparable { what, left, right }),
        }
    }
}
