use erflijn_core::Composition;

use crate::{HouseholdType, PovertyDefinition, PovertyError, Threshold};

/// Adults and children up to which thresholds are looked up; larger households are computed.
const LARGEST: u16 = 12;

/// All thresholds of one definition in one year, for registers with millions of households.
///
/// A threshold that does not exist keeps its error, so that a household without published factor is
/// told apart from one without income.
#[derive(Debug, Clone)]
pub struct Thresholds<'a> {
    definition: &'a PovertyDefinition,
    year: i16,
    table: Vec<Result<Threshold, PovertyError>>,
}

impl<'a> Thresholds<'a> {
    pub(crate) fn new(definition: &'a PovertyDefinition, year: i16) -> Result<Self, PovertyError> {
        let of = |adults, children| definition.threshold(year, Composition { adults, children });
        let table: Vec<_> = (0..=LARGEST)
            .flat_map(|adults| (0..=LARGEST).map(move |children| of(adults, children)))
            .collect();
        match table
            .iter()
            .find_map(|threshold| threshold.as_ref().err().filter(|error| is_of_the_year(error)))
        {
            Some(error) => Err(error.clone()),
            None => Ok(Self { definition, year, table }),
        }
    }

    /// The threshold of a household.
    ///
    /// # Errors
    /// As [`PovertyDefinition::threshold`].
    pub fn of(&self, household: impl Into<HouseholdType>) -> Result<Threshold, PovertyError> {
        let household = household.into();
        let Composition { adults, children } = household.composition;
        if adults <= LARGEST && children <= LARGEST && household == household.composition.into() {
            self.table[usize::from(adults * (LARGEST + 1) + children)].clone()
        } else {
            self.definition.threshold(self.year, household)
        }
    }
}

/// Whether no household at all has a threshold.
fn is_of_the_year(error: &PovertyError) -> bool {
    matches!(
        error,
        PovertyError::NoEuros { .. }
            | PovertyError::PriceNotKnown { .. }
            | PovertyError::AmountNotKnown { .. }
            | PovertyError::CostsNotInLine { .. }
            | PovertyError::Parameter { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AssetTest, EquivalenceScale, LowIncomeAmounts};

    #[test]
    fn looking_up_is_computing() {
        let low_income =
            PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::SquareRoot);
        let joint = PovertyDefinition {
            deductions: Vec::new(),
            ..PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 2.0 })
        };
        for definition in [low_income, joint] {
            let thresholds = definition.thresholds(2023).expect("the year is known");
            for (adults, children) in
                [(0, 0), (0, 3), (1, 0), (1, 2), (2, 2), (12, 12), (13, 0), (2, 13), (40, 30)]
            {
                let composition = Composition { adults, children };
                for teenagers in [None, Some(0), Some(2)] {
                    let household = HouseholdType { composition, teenagers };
                    assert_eq!(
                        thresholds.of(household),
                        definition.threshold(2023, household),
                        "{household}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_year_without_any_amount_is_refused_at_once() {
        let low_income =
            PovertyDefinition::cbs_low_income(LowIncomeAmounts::Published, EquivalenceScale::Cbs1995);
        assert!(matches!(low_income.thresholds(2006), Err(PovertyError::AmountNotKnown { year: 2006, .. })));
        // 2006 lies between the years of the table, 1900 before the method.
        let by_type = PovertyDefinition::cbs_low_income_by_type();
        assert!(matches!(by_type.thresholds(2006), Err(PovertyError::AmountNotKnown { year: 2006, .. })));
        assert!(by_type.thresholds(2005).is_ok());
        let joint = PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 2.0 });
        let told = joint.thresholds(1900).expect_err("no amount").to_string();
        assert!(told.ends_with("is known for 1900, known are 2023, 2024"), "{told}");
        let scale = EquivalenceScale::Parametric { child: f64::NAN, exponent: 0.5, adult_from: 18 };
        let no_scale = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, scale);
        assert!(matches!(no_scale.thresholds(2020), Err(PovertyError::Parameter { .. })));
        let european = PovertyDefinition::at_risk_of_poverty(0.6);
        assert!(matches!(european.thresholds(2020), Err(PovertyError::NoEuros { .. })));
    }
}
