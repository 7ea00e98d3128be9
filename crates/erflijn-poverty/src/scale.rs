use std::fmt;

use erflijn_core::Composition;

use crate::PovertyError;

/// What a household needs, as a multiple of what a person alone needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EquivalenceScale {
    /// Factors of Statistics Netherlands for reporting years up to and including 2017, estimated on
    /// budgets of 1995-2000: one to four adults with up to four children.
    #[cfg_attr(feature = "serde", serde(rename = "cbs_1995"))]
    Cbs1995,
    /// Revised factors for reporting years 2018 and later, estimated on budgets of 2015. Published
    /// are a person alone (1.00) and a couple (1.40); a couple with two children (1.91) and a parent
    /// with two children (1.52) follow uniquely from published amounts of the line. No other
    /// household has a factor.
    #[cfg_attr(feature = "serde", serde(rename = "cbs_2015"))]
    Cbs2015,
    /// Square root of the number of members.
    SquareRoot,
    /// Number of members.
    PerCapita,
}

/// Rows: one to four adults; columns: no to four children under 18.
const CBS_1995: [[f64; 5]; 4] = [
    [1.00, 1.33, 1.51, 1.76, 1.95],
    [1.37, 1.67, 1.88, 2.06, 2.28],
    [1.73, 1.95, 2.14, 2.32, 2.49],
    [2.00, 2.19, 2.37, 2.53, 2.68],
];

impl EquivalenceScale {
    /// The factor of a household.
    ///
    /// # Units
    /// Equivalent adults.
    ///
    /// # Errors
    /// [`PovertyError::FactorNotPublished`]: a factor that no publication gives is not guessed, and
    /// a household without adults has none.
    ///
    /// # References
    /// CBS, *Welvaart in Nederland* 2019, annex A, table A.1 (up to 2017); CBS, *Materiële welvaart
    /// in Nederland* 2022, annex A (from 2018).
    pub fn factor(self, composition: Composition) -> Result<f64, PovertyError> {
        let Composition { adults, children } = composition;
        let known = match self {
            _ if adults == 0 => None,
            Self::Cbs1995 => {
                CBS_1995.get(usize::from(adults) - 1).and_then(|row| row.get(usize::from(children))).copied()
            }
            Self::Cbs2015 => match (adults, children) {
                (1, 0) => Some(1.00),
                (2, 0) => Some(1.40),
                (2, 2) => Some(1.91),
                (1, 2) => Some(1.52),
                _ => None,
            },
            Self::SquareRoot => Some(f64::from(composition.members()).sqrt()),
            Self::PerCapita => Some(f64::from(composition.members())),
        };
        known.ok_or(PovertyError::FactorNotPublished { scale: self, composition })
    }
}

impl fmt::Display for EquivalenceScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cbs1995 => "the CBS scale of 1995-2000",
            Self::Cbs2015 => "the CBS scale of 2015",
            Self::SquareRoot => "the square-root scale",
            Self::PerCapita => "the per-capita scale",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "table entries are copied, not computed")]
    use super::*;

    fn household(adults: u16, children: u16) -> Composition {
        Composition { adults, children }
    }

    #[test]
    fn published_factors_are_given_back() {
        assert_eq!(EquivalenceScale::Cbs1995.factor(Composition::SINGLE), Ok(1.0));
        assert_eq!(EquivalenceScale::Cbs1995.factor(household(1, 2)), Ok(1.51));
        assert_eq!(EquivalenceScale::Cbs1995.factor(household(4, 4)), Ok(2.68));
        assert_eq!(EquivalenceScale::Cbs2015.factor(household(2, 0)), Ok(1.40));
    }

    #[test]
    fn unpublished_factors_are_not_guessed() {
        for (scale, composition) in [
            (EquivalenceScale::Cbs1995, household(5, 0)),
            (EquivalenceScale::Cbs1995, household(2, 5)),
            (EquivalenceScale::Cbs1995, household(0, 2)),
            (EquivalenceScale::Cbs2015, household(2, 1)),
            (EquivalenceScale::SquareRoot, household(0, 3)),
        ] {
            let refused = PovertyError::FactorNotPublished { scale, composition };
            assert_eq!(scale.factor(composition), Err(refused));
        }
    }

    #[test]
    fn entries_that_cbs_marks_as_formula_follow_it() {
        // sqrt(adults + 0.8 children), to two decimals, gives the entries marked "formula" in table A.1.
        for (adults, children) in
            [(2, 4), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4), (4, 0), (4, 1), (4, 2), (4, 3), (4, 4)]
        {
            let formula = (f64::from(adults) + 0.8 * f64::from(children)).sqrt();
            let stored = EquivalenceScale::Cbs1995.factor(household(adults, children)).expect("in the table");
            assert!((stored - formula).abs() < 0.005 + 1e-9, "{adults} {children}");
        }
    }
}
