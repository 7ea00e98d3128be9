use std::collections::BTreeMap;

use erflijn_core::MunicipalityCode;

use crate::error::same_borders;
use crate::{BorderHistory, Province, RegionError, data};

/// The published definitions of the *Veenkoloniën*: each is another set of municipalities.
///
/// # References
/// [`RegionSet::source`] names the publication of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Veenkolonien {
    /// The nine of the Agenda of 2002.
    #[cfg_attr(feature = "serde", serde(rename = "agenda_2002"))]
    Agenda2002,
    /// The twelve of the fact sheet on generational poverty of 2018, in the borders of 2017: take this one
    /// to reproduce published figures.
    #[cfg_attr(feature = "serde", serde(rename = "fact_sheet_2018"))]
    FactSheet2018,
    /// The twelve of the Agenda's list with the names of 2017.
    #[cfg_attr(feature = "serde", serde(rename = "agenda_names_2017"))]
    AgendaNames2017,
    /// The ten of the Agenda for 2020-2024, without Veendam.
    #[cfg_attr(feature = "serde", serde(rename = "agenda_2020"))]
    Agenda2020,
    /// The twelve of the Agenda's list with Veendam, Tynaarlo and Midden-Drenthe.
    #[cfg_attr(feature = "serde", serde(rename = "agenda_twelve"))]
    AgendaTwelve,
}

impl Veenkolonien {
    /// All five, by age.
    pub const ALL: [Self; 5] =
        [Self::Agenda2002, Self::FactSheet2018, Self::AgendaNames2017, Self::Agenda2020, Self::AgendaTwelve];

    fn id(self) -> &'static str {
        match self {
            Self::Agenda2002 => "agenda_2002",
            Self::FactSheet2018 => "fact_sheet_2018",
            Self::AgendaNames2017 => "agenda_names_2017",
            Self::Agenda2020 => "agenda_2020",
            Self::AgendaTwelve => "agenda_twelve",
        }
    }
}

/// A named set of municipalities in the borders of one year, with who defined it.
///
/// Its municipalities are ascending by code, each once, and at least one.
///
/// # Examples
/// ```
/// use erflijn_regions::{BorderHistory, PartlyInside, RegionError, RegionSet, Veenkolonien};
///
/// let area = RegionSet::veenkolonien(Veenkolonien::FactSheet2018);
/// assert_eq!((area.municipalities().len(), area.classification_year()), (12, 2017));
/// assert!(area.contains("0018".parse()?, 2017)?); // Hoogezand-Sappemeer
///
/// // A code of other borders is refused, not answered.
/// let refused = area.contains("1952".parse()?, 2022);
/// assert_eq!(refused, Err(RegionError::OtherBorders { left: 2017, right: 2022 }));
///
/// // In new borders the area takes in Slochteren, since Midden-Groningen cannot be cut: say so.
/// let history = BorderHistory::netherlands();
/// assert!(area.in_year(2022, history, PartlyInside::Refuse).is_err());
/// let area = area.in_year(2022, history, PartlyInside::Include)?;
/// assert_eq!((area.set.municipalities().len(), area.partly_inside.len()), (10, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "UncheckedSet"))]
pub struct RegionSet {
    name: String,
    source: String,
    classification_year: i16,
    municipalities: Vec<MunicipalityCode>,
}

/// What to do with a municipality that lies partly in a set once the set is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PartlyInside {
    /// No conversion.
    Refuse,
    /// It belongs to the set, with people who did not.
    Include,
    /// It does not belong to the set, and people who did are lost.
    Exclude,
}

/// A region set in other borders.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ConvertedSet {
    /// The set in the new borders.
    pub set: RegionSet,
    /// Municipalities of the new borders that lie partly in the set: where this is not empty, figures on
    /// old and new borders are about other people.
    pub partly_inside: Vec<MunicipalityCode>,
}

/// How two sets differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SetComparison {
    /// In both.
    pub both: Vec<MunicipalityCode>,
    /// In the first only.
    pub only_first: Vec<MunicipalityCode>,
    /// In the second only.
    pub only_second: Vec<MunicipalityCode>,
}

impl RegionSet {
    /// A set of one's own: a study area, or municipalities outside it that asked for their figures.
    ///
    /// Whether its codes exist is asked by [`Self::check`].
    ///
    /// # Errors
    /// [`RegionError::EmptySet`], [`RegionError::Repeated`].
    pub fn new(
        name: impl Into<String>,
        source: impl Into<String>,
        classification_year: i16,
        municipalities: &[MunicipalityCode],
    ) -> Result<Self, RegionError> {
        let mut municipalities = municipalities.to_vec();
        municipalities.sort_unstable();
        if municipalities.is_empty() {
            return Err(RegionError::EmptySet);
        }
        if let Some(pair) = municipalities.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(RegionError::Repeated { code: pair[0] });
        }
        Ok(Self { name: name.into(), source: source.into(), classification_year, municipalities })
    }

    /// A published definition of the *Veenkoloniën*, in its own borders.
    #[must_use]
    pub fn veenkolonien(definition: Veenkolonien) -> Self {
        published(definition.id())
    }

    /// A province in the borders of a year.
    ///
    /// # Errors
    /// [`RegionError::Year`].
    pub fn province(province: Province, year: i16, history: &BorderHistory) -> Result<Self, RegionError> {
        let municipalities = history.municipalities_of(province, year)?;
        Self::new(province.name(), TABLE, year, &municipalities)
    }

    /// The whole country in the borders of a year.
    ///
    /// # Errors
    /// [`RegionError::Year`].
    pub fn netherlands(year: i16, history: &BorderHistory) -> Result<Self, RegionError> {
        Self::new("Netherlands", TABLE, year, &history.municipalities(year)?)
    }

    /// Its name, for print.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who defined it, where and when.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Year of the borders in which its codes mean something.
    #[must_use]
    pub fn classification_year(&self) -> i16 {
        self.classification_year
    }

    /// Its municipalities, ascending by code.
    #[must_use]
    pub fn municipalities(&self) -> &[MunicipalityCode] {
        &self.municipalities
    }

    /// Whether a municipality, in the borders of `year`, belongs to the set.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`] when the code is of another year than the set.
    pub fn contains(&self, code: MunicipalityCode, year: i16) -> Result<bool, RegionError> {
        same_borders(self.classification_year, year)?;
        Ok(self.municipalities.binary_search(&code).is_ok())
    }

    /// Checks that each municipality exists in the set's borders.
    ///
    /// # Errors
    /// As [`BorderHistory::check`], for the first that does not.
    pub fn check(&self, history: &BorderHistory) -> Result<(), RegionError> {
        self.municipalities.iter().try_for_each(|code| history.check(*code, self.classification_year))
    }

    /// What two sets have in common, and what not.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`].
    pub fn compare(&self, other: &Self) -> Result<SetComparison, RegionError> {
        same_borders(self.classification_year, other.classification_year)?;
        let inside = |set: &Self, code: &MunicipalityCode| set.municipalities.binary_search(code).is_ok();
        let (both, only_first) = self.municipalities.iter().partition(|code| inside(other, code));
        let only_second = other.municipalities.iter().filter(|code| !inside(self, code)).copied().collect();
        Ok(SetComparison { both, only_first, only_second })
    }

    /// The municipalities that are not in another set: a province outside the study area.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`]; [`RegionError::EmptySet`] when nothing is left.
    pub fn without(&self, other: &Self) -> Result<Self, RegionError> {
        let left = self.compare(other)?.only_first;
        let name = format!("{} without {}", self.name, other.name);
        let source = format!("{}; {}", self.source, other.source);
        Self::new(name, source, self.classification_year, &left)
    }

    /// The set in the borders of another year.
    ///
    /// Divided municipalities count where Statistics Netherlands books them as a whole.
    ///
    /// # Errors
    /// [`RegionError::PartlyInside`] under [`PartlyInside::Refuse`]; [`RegionError::EmptySet`] when nothing
    /// is left under [`PartlyInside::Exclude`]; as [`BorderHistory::check`].
    pub fn in_year(
        &self,
        year: i16,
        history: &BorderHistory,
        partly: PartlyInside,
    ) -> Result<ConvertedSet, RegionError> {
        let from = self.classification_year;
        history.check_year(year)?;
        let mut inside: BTreeMap<MunicipalityCode, usize> = BTreeMap::new();
        for code in &self.municipalities {
            for block in history.blocks_of(*code, from)? {
                *inside.entry(history.code_of_block(block, year)).or_default() += 1;
            }
        }
        let (mut all, mut some) = (Vec::new(), Vec::new());
        for (code, blocks) in inside {
            let whole = history.blocks_of(code, year)?.len() == blocks;
            if whole { all.push(code) } else { some.push(code) }
        }
        match (partly, some.first()) {
            (PartlyInside::Refuse, Some(code)) => {
                return Err(RegionError::PartlyInside { code: *code, from, to: year });
            }
            (PartlyInside::Include, _) => all.extend(&some),
            _ => {}
        }
        let set = Self::new(self.name.as_str(), self.source.as_str(), year, &all)?;
        Ok(ConvertedSet { set, partly_inside: some })
    }
}

fn published(id: &str) -> RegionSet {
    let row = data::region_sets().find(|row| row.id == id).expect("each definition has a row");
    RegionSet::new(row.name, row.source, row.classification_year, &row.codes)
        .expect("published sets name each municipality once")
}

const TABLE: &str = "Statistics Netherlands, Gemeenten en COROP vanaf 1981";

/// A set as it was written down, before its promises are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedSet {
    name: String,
    source: String,
    classification_year: i16,
    municipalities: Vec<MunicipalityCode>,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedSet> for RegionSet {
    type Error = RegionError;

    fn try_from(set: UncheckedSet) -> Result<Self, RegionError> {
        Self::new(set.name, set.source, set.classification_year, &set.municipalities)
    }
}
