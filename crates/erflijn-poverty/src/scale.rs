use std::fmt;

use erflijn_core::Composition;

use crate::PovertyError;

/// What a household needs, as a multiple of what a person alone needs.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
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
    /// The modified scale of the OECD, which Eurostat uses: 1 for the first adult, 0.5 for each
    /// further person of 14 or older, 0.3 for each child under 14.
    ModifiedOecd,
    /// The original scale of the OECD, or Oxford scale: 1, 0.7 and 0.5, with the same ages.
    Oxford,
    /// Square root of the number of members.
    SquareRoot,
    /// Number of members.
    PerCapita,
    /// `(adults + child * children) ^ exponent`.
    ///
    /// With 0.8 and 0.5 it gives the entries of [`Self::Cbs1995`] that CBS marks as computed by formula.
    Parametric {
        /// What a child counts, as a share of an adult: a finite number of at least 0.
        child: f64,
        /// 1 for no economies of scale, 0 for perfect ones.
        exponent: f64,
        /// Age from which somebody counts as an adult.
        adult_from: u8,
    },
    /// The user's own table.
    Table {
        /// Name and version, printed with every result.
        name: String,
        /// Age from which somebody counts as an adult.
        adult_from: u8,
        /// Rows for one, two, ... adults; columns for no, one, two, ... children.
        factors: Vec<Vec<f64>>,
    },
}

/// Which edition of the figures of Statistics Netherlands decides when the revised factors begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ScaleVintage {
    /// As each year was first published: the old factors up to reporting year 2018.
    FirstPublished,
    /// As restated later: the old factors up to reporting year 2017.
    Revised,
}

/// Rows: one to four adults; columns: no to four children under 18.
const CBS_1995: [[f64; 5]; 4] = [
    [1.00, 1.33, 1.51, 1.76, 1.95],
    [1.37, 1.67, 1.88, 2.06, 2.28],
    [1.73, 1.95, 2.14, 2.32, 2.49],
    [2.00, 2.19, 2.37, 2.53, 2.68],
];

impl EquivalenceScale {
    /// The factors that Statistics Netherlands used for a reporting year.
    ///
    /// # References
    /// Published amounts of the low-income line of 2018 agree with the old factors and those of 2019 with
    /// the revised ones; CBS, *Materiële welvaart in Nederland* 2022, annex A, states the revised ones for
    /// 2018 and later.
    #[must_use]
    pub fn cbs(reporting_year: i16, vintage: ScaleVintage) -> Self {
        let last_old = match vintage {
            ScaleVintage::FirstPublished => 2018,
            ScaleVintage::Revised => 2017,
        };
        if reporting_year <= last_old { Self::Cbs1995 } else { Self::Cbs2015 }
    }

    pub(crate) fn check(&self) -> Result<(), PovertyError> {
        self.check_parameters()?;
        match self {
            Self::Table { factors, .. } => {
                for (row, adults) in factors.iter().zip(1..) {
                    for children in (0..).take(row.len()) {
                        self.factor(Composition { adults, children })?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn check_parameters(&self) -> Result<(), PovertyError> {
        let Self::Parametric { child, exponent, .. } = self else { return Ok(()) };
        let parameters = [("weight of a child", *child), ("exponent of the scale", *exponent)];
        match parameters.into_iter().find(|(_, found)| !(found.is_finite() && *found >= 0.0)) {
            Some((name, found)) => {
                Err(PovertyError::Parameter { name, found, expected: "a finite number of at least 0" })
            }
            None => Ok(()),
        }
    }

    /// The age from which a member of the household counts as an adult: who makes a [`Composition`] for this
    /// scale divides its members by it.
    ///
    /// # Units
    /// Completed years.
    #[must_use]
    pub fn adult_from(&self) -> u8 {
        match self {
            Self::Cbs1995 | Self::Cbs2015 | Self::SquareRoot | Self::PerCapita => 18,
            Self::ModifiedOecd | Self::Oxford => 14,
            Self::Parametric { adult_from, .. } | Self::Table { adult_from, .. } => *adult_from,
        }
    }

    /// The factor of a household, whose adults are those of [`Self::adult_from`] or older.
    ///
    /// # Units
    /// Equivalent adults.
    ///
    /// # Errors
    /// [`PovertyError::FactorNotPublished`]: a factor that no publication gives is not guessed, and
    /// a household without adults has none. [`PovertyError::Factor`] for a factor of the user's own that
    /// is not a finite number above 0, and for every household [`PovertyError::Parameter`] when a parameter of
    /// the scale is not a finite number of at least 0.
    ///
    /// # References
    /// CBS, *Welvaart in Nederland* 2019, annex A, table A.1 (up to 2017); CBS, *Materiële welvaart
    /// in Nederland* 2022, annex A (from 2018). Hagenaars, de Vos and Zaidi, 1994, Poverty statistics in
    /// the late 1980s (modified OECD). Cutler and Katz, 1992, American Economic Review 82(2), 546-551 (parametric).
    pub fn factor(&self, composition: Composition) -> Result<f64, PovertyError> {
        self.check_parameters()?;
        let Composition { adults, children } = composition;
        let (further, young) = (f64::from(adults) - 1.0, f64::from(children));
        let known = match self {
            _ if adults == 0 => None,
            Self::Cbs1995 => entry(&CBS_1995, composition),
            Self::Cbs2015 => match (adults, children) {
                (1, 0) => Some(1.00),
                (2, 0) => Some(1.40),
                (2, 2) => Some(1.91),
                (1, 2) => Some(1.52),
                _ => None,
            },
            Self::ModifiedOecd => Some(1.0 + 0.5 * further + 0.3 * young),
            Self::Oxford => Some(1.0 + 0.7 * further + 0.5 * young),
            Self::SquareRoot => Some((further + 1.0 + young).sqrt()),
            Self::PerCapita => Some(further + 1.0 + young),
            Self::Parametric { child, exponent, .. } => {
                Some((f64::from(adults) + child * young).powf(*exponent))
            }
            Self::Table { factors, .. } => entry(factors, composition),
        };
        let factor =
            known.ok_or_else(|| PovertyError::FactorNotPublished { scale: self.clone(), composition })?;
        if factor.is_finite() && factor > 0.0 {
            Ok(factor)
        } else {
            Err(PovertyError::Factor { found: factor, composition })
        }
    }
}

fn entry<R: AsRef<[f64]>>(table: &[R], composition: Composition) -> Option<f64> {
    let row = table.get(usize::from(composition.adults).checked_sub(1)?)?;
    row.as_ref().get(usize::from(composition.children)).copied()
}

impl fmt::Display for EquivalenceScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cbs1995 => "the CBS scale of 1995-2000",
            Self::Cbs2015 => "the CBS scale of 2015",
            Self::ModifiedOecd => "the modified OECD scale",
            Self::Oxford => "the Oxford scale",
            Self::SquareRoot => "the square-root scale",
            Self::PerCapita => "the per-capita scale",
            Self::Parametric { child, exponent, .. } => {
                return write!(f, "the scale (adults + {child} children)^{exponent}");
            }
            Self::Table { name, .. } => name,
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
        let table = |factors| EquivalenceScale::Table { name: "made up".into(), adult_from: 14, factors };
        for (scale, composition) in [
            (table(vec![vec![1.0], vec![1.6, 1.9]]), household(1, 1)),
            (EquivalenceScale::Cbs1995, household(5, 0)),
            (EquivalenceScale::Cbs1995, household(2, 5)),
            (EquivalenceScale::Cbs1995, household(0, 2)),
            (EquivalenceScale::Cbs2015, household(2, 1)),
            (EquivalenceScale::SquareRoot, household(0, 3)),
        ] {
            let refused = PovertyError::FactorNotPublished { scale: scale.clone(), composition };
            assert_eq!(scale.factor(composition), Err(refused));
        }
    }

    #[test]
    fn entries_that_cbs_marks_as_formula_follow_it() {
        let formula = EquivalenceScale::Parametric { child: 0.8, exponent: 0.5, adult_from: 18 };
        for (adults, children) in
            [(2, 4), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4), (4, 0), (4, 1), (4, 2), (4, 3), (4, 4)]
        {
            let computed = formula.factor(household(adults, children)).expect("adults live there");
            let stored = EquivalenceScale::Cbs1995.factor(household(adults, children)).expect("in the table");
            // Half a unit of the second decimal.
            assert!((stored - computed).abs() < 0.005 + 1e-9, "{adults} {children}");
        }
    }

    #[test]
    fn scales_of_the_oecd_by_hand() {
        // A couple with a child of 15 and one of 9: three of 14 or older, one younger.
        let family = household(3, 1);
        assert_eq!(EquivalenceScale::ModifiedOecd.factor(family), Ok(1.0 + 0.5 + 0.5 + 0.3));
        assert!((EquivalenceScale::Oxford.factor(family).expect("known") - 2.9).abs() < 1e-15);
        assert_eq!(EquivalenceScale::SquareRoot.factor(family), Ok(2.0));
        assert_eq!(EquivalenceScale::PerCapita.factor(family), Ok(4.0));
        assert_eq!((EquivalenceScale::Oxford.adult_from(), EquivalenceScale::Cbs2015.adult_from()), (14, 18));
    }

    #[test]
    fn the_year_of_the_revision_depends_on_the_edition() {
        let scale = |year, vintage| EquivalenceScale::cbs(year, vintage);
        assert_eq!(scale(2017, ScaleVintage::Revised), EquivalenceScale::Cbs1995);
        assert_eq!(scale(2018, ScaleVintage::Revised), EquivalenceScale::Cbs2015);
        assert_eq!(scale(2018, ScaleVintage::FirstPublished), EquivalenceScale::Cbs1995);
        assert_eq!(scale(2019, ScaleVintage::FirstPublished), EquivalenceScale::Cbs2015);
    }

    #[test]
    fn factors_that_are_none_are_refused() {
        let table = EquivalenceScale::Table {
            name: "made up".into(),
            adult_from: 18,
            factors: vec![vec![1.0, -0.3], vec![f64::NAN]],
        };
        assert_eq!(table.factor(Composition::SINGLE), Ok(1.0));
        assert!(matches!(table.factor(household(1, 1)), Err(PovertyError::Factor { .. })));
        assert!(matches!(table.factor(household(2, 0)), Err(PovertyError::Factor { .. })));
        let negative = EquivalenceScale::Parametric { child: -2.0, exponent: 0.5, adult_from: 18 };
        let no_number = EquivalenceScale::Parametric { child: 0.5, exponent: f64::NAN, adult_from: 18 };
        let infinite = EquivalenceScale::Parametric { child: f64::INFINITY, exponent: 0.0, adult_from: 18 };
        // 1 to the power NaN is 1, and so is infinity to the power 0: a person alone would have a factor.
        for scale in [negative, no_number, infinite] {
            for composition in [Composition::SINGLE, household(1, 1)] {
                assert!(matches!(scale.factor(composition), Err(PovertyError::Parameter { .. })), "{scale}");
            }
        }
    }
}
