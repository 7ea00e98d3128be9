use erflijn_core::Missing;

/// Whether a kind of household belongs to a population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Admission {
    /// It belongs to it.
    Included,
    /// It does not; its status is missing, with a reason.
    Excluded,
}

/// Which households a poverty rate is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PopulationFilter {
    /// Households whose main income is a student grant.
    pub student_households: Admission,
    /// Households with income during a part of the year only.
    pub part_year_income: Admission,
    /// Institutional households.
    pub institutions: Admission,
}

/// What a population filter asks of a household.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct HouseholdTraits {
    /// The main income is a student grant.
    pub is_student: bool,
    /// There was income during a part of the year only.
    pub has_part_year_income: bool,
    /// It is an institution.
    pub is_institution: bool,
}

impl PopulationFilter {
    /// The population of published rates of Statistics Netherlands: private households with income
    /// during the whole year, without student households.
    pub const CBS: Self = Self {
        student_households: Admission::Excluded,
        part_year_income: Admission::Excluded,
        institutions: Admission::Excluded,
    };
    /// All private households, as in EU-SILC.
    pub const PRIVATE: Self = Self {
        student_households: Admission::Included,
        part_year_income: Admission::Included,
        institutions: Admission::Excluded,
    };

    /// Whether a household is in the population.
    ///
    /// # Errors
    /// [`Missing::Institution`] or [`Missing::NotInTargetPopulation`]. It is data, not a failure.
    pub fn admit(&self, household: HouseholdTraits) -> Result<(), Missing> {
        let out = |admission, has| has && admission == Admission::Excluded;
        if out(self.institutions, household.is_institution) {
            return Err(Missing::Institution);
        }
        if out(self.student_households, household.is_student)
            || out(self.part_year_income, household.has_part_year_income)
        {
            return Err(Missing::NotInTargetPopulation);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_out_has_a_reason() {
        let student = HouseholdTraits { is_student: true, ..Default::default() };
        let institution = HouseholdTraits { is_institution: true, is_student: true, ..Default::default() };
        let late = HouseholdTraits { has_part_year_income: true, ..Default::default() };
        let cbs = [student, institution, late].map(|household| PopulationFilter::CBS.admit(household));
        let out = Err(Missing::NotInTargetPopulation);
        assert_eq!(cbs, [out, Err(Missing::Institution), out]);
        let private =
            [student, institution, late].map(|household| PopulationFilter::PRIVATE.admit(household));
        assert_eq!(private, [Ok(()), Err(Missing::Institution), Ok(())]);
        assert_eq!(PopulationFilter::CBS.admit(HouseholdTraits::default()), Ok(()));
    }
}
