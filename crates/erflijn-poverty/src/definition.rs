use std::fmt;

use erflijn_core::Missing;

use crate::time::LongTermRule;
use crate::{
    Centre, CommonLine, EquivalenceScale, HouseholdType, PopulationFilter, PovertyError, PovertyLine, Sample,
    Thresholds,
};

/// Whether income exactly at the line counts as poor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Boundary {
    /// Poor is below the line: Statistics Netherlands, Eurostat, `laeken`.
    #[default]
    StrictlyBelow,
    /// Poor is at the line or below it: `convey`.
    AtOrBelow,
}

impl Boundary {
    /// Whether an income is poor against a line in the same units; what is no number is not.
    #[must_use]
    pub fn is_poor(self, income: f64, line: f64) -> bool {
        match self {
            Self::StrictlyBelow => income < line,
            Self::AtOrBelow => income <= line,
        }
    }
}

/// Income that is compared with the line, before the deductions of the definition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum IncomeConcept {
    /// Gross income of the household.
    Gross,
    /// Primary income of the household.
    Primary,
    /// Disposable income of the household.
    #[default]
    Disposable,
    /// Disposable income without housing allowance.
    DisposableWithoutHousingAllowance,
}

/// Actual costs of a household that are taken from its income before it is compared with the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Deduction {
    /// Rent or costs of the own home, and energy.
    HousingAndEnergy,
    /// Health insurance and care.
    Health,
}

/// Households with more than this are not poor, however low their income.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AssetTest {
    /// Assets up to which a person alone can be poor, in euros.
    pub single: f64,
    /// The same for larger households.
    pub others: f64,
}

impl AssetTest {
    fn check(self) -> Result<(), PovertyError> {
        let limits = [("assets of a person alone", self.single), ("assets of others", self.others)];
        match limits.into_iter().find(|(_, limit)| limit.is_nan()) {
            Some((name, found)) => Err(PovertyError::Parameter { name, found, expected: "a number" }),
            None => Ok(()),
        }
    }

    fn limit(self, members: u32) -> f64 {
        if members == 1 { self.single } else { self.others }
    }
}

/// Everything that decides who is poor; a value that can be written down, compared and printed.
///
/// Built-in ones are functions of this type ([`Self::cbs_low_income`] and others); users make their
/// own in Rust or, with the feature `serde`, in TOML. Two definitions are the same only when all parts are.
///
/// Reading TOML or JSON refuses keys that do not exist, and checks no number: call [`Self::check`] on what was
/// read, before anybody is measured with it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PovertyDefinition {
    /// Name of the definition.
    pub name: String,
    /// Version, edition or vintage of it.
    pub version: String,
    /// Income that is compared.
    pub income: IncomeConcept,
    /// What is deducted from it.
    pub deductions: Vec<Deduction>,
    /// The line.
    pub line: PovertyLine,
    /// Multiples for larger households. One scale serves all years: the revised factors of 2018 are
    /// another definition, not a newer value of this one.
    pub scale: EquivalenceScale,
    /// What happens at the line.
    pub boundary: Boundary,
    /// Assets that keep a household out of poverty.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub assets: Option<AssetTest>,
    /// Who is counted in a rate of one year.
    pub population: PopulationFilter,
    /// Who is counted in a rate over several years, in each of them.
    pub population_of_several_years: PopulationFilter,
    /// When somebody is poor over several years.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub duration: Option<LongTermRule>,
}

/// What a household has in one year, as the definition asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Income by the concept of the definition, in euros per year of the household.
    pub income: Result<f64, Missing>,
    /// Sum of its costs for the deductions of the definition, in euros per year; 0 without deductions.
    pub deducted: Result<f64, Missing>,
    /// Assets in euros; only asked by a definition with an asset test.
    pub assets: Result<f64, Missing>,
}

impl Means {
    /// Means of a definition that asks for income only.
    #[must_use]
    pub fn of_income(income: Result<f64, Missing>) -> Self {
        Self { income, deducted: Ok(0.0), assets: Err(Missing::NotObserved) }
    }
}

impl PovertyDefinition {
    /// Checks every number of the definition, for definitions that were written by hand or read from TOML.
    ///
    /// # Errors
    /// [`PovertyError::Line`] and [`PovertyError::Parameter`] for amounts, percentages and shares that cannot be
    /// a line; [`PovertyError::AmountTwice`] for a table that is not clear, and [`PovertyError::Parameter`] for
    /// more children of 13 or older than children, or costs in an amount that are not below it;
    /// [`PovertyError::CostsNotInLine`] for housing and energy deducted from income against a line that does not
    /// say what it contains of them; [`PovertyError::Factor`] and [`PovertyError::Parameter`] for a scale;
    /// [`PovertyError::Parameter`] for limits of assets that are no numbers; [`PovertyError::Years`] for a
    /// duration rule that nobody can meet.
    pub fn check(&self) -> Result<(), PovertyError> {
        self.line.check()?;
        self.scale.check()?;
        // A share of the median is taken of incomes after the deductions: it need not say what it contains.
        if !matches!(self.line, PovertyLine::ShareOfMedian { .. }) {
            self.check_deductions()?;
        }
        self.assets.map_or(Ok(()), AssetTest::check)?;
        self.duration.map_or(Ok(()), |rule| rule.check(rule.window))
    }

    /// The euros below which a household is poor in `year`, once deductions are taken from its income.
    ///
    /// ```text
    /// threshold = amount for a person alone in that year * equivalence factor
    /// ```
    ///
    /// or the published amount for this type of household, less the costs in it that are deducted from income.
    ///
    /// # Errors
    /// Those of [`PovertyLine::euros`]. Where housing and energy are deducted from income,
    /// [`PovertyError::CostsNotInLine`] for a line that is no table of amounts, [`PovertyError::CostsNotPublished`]
    /// when it was not published how much of them the amount contains, and [`PovertyError::Line`] when nothing of
    /// it is left. [`PovertyError::Parameter`] for a limit of assets that is no number.
    pub fn threshold(
        &self,
        year: i16,
        household: impl Into<HouseholdType>,
    ) -> Result<Threshold, PovertyError> {
        let household = household.into();
        let mut euros_per_year = self.line.euros(year, household, &self.scale)?;
        self.check_deductions()?;
        if let PovertyLine::Amounts(table) = &self.line
            && self.deductions.contains(&Deduction::HousingAndEnergy)
        {
            euros_per_year -= table.find(year, household)?.housing_and_energy.ok_or_else(|| {
                PovertyError::CostsNotPublished { line: table.name.clone(), year, household }
            })?;
        }
        if !(euros_per_year.is_finite() && euros_per_year > 0.0) {
            return Err(PovertyError::Line { found: euros_per_year });
        }
        self.assets.map_or(Ok(()), AssetTest::check)?;
        let assets = self.assets.map(|test| test.limit(household.composition.members()));
        Ok(Threshold { euros_per_year, year, boundary: self.boundary, assets })
    }

    fn check_deductions(&self) -> Result<(), PovertyError> {
        let deducts = self.deductions.contains(&Deduction::HousingAndEnergy);
        if deducts && !matches!(self.line, PovertyLine::Amounts(_)) {
            return Err(PovertyError::CostsNotInLine { line: self.line.to_string() });
        }
        Ok(())
    }

    /// What a sample is measured against, whatever the line.
    ///
    /// | line | incomes of the sample | the line they are measured against |
    /// |---|---|---|
    /// | share of the median | equivalised incomes | that share of the median of the sample |
    /// | percentage of the register | these percentages | the percentage of the definition |
    /// | any line in euros | income over the own [`Threshold`] | 1 |
    ///
    /// # Errors
    /// [`PovertyError::Line`] for a line that is not above 0; errors of the share.
    pub fn common_line(&self, sample: &Sample<'_>) -> Result<CommonLine, PovertyError> {
        match &self.line {
            PovertyLine::ShareOfMedian { share } => {
                CommonLine::relative(sample, *share, Centre::Median, self.boundary)
            }
            PovertyLine::RegisterPercentage { percent, .. } => CommonLine::fixed(*percent, self.boundary),
            _ => CommonLine::fixed(1.0, self.boundary),
        }
    }

    /// The thresholds of one year for all households, looked up instead of computed: for registers.
    ///
    /// # Errors
    /// [`PovertyError::NoEuros`] for a line without euros, [`PovertyError::PriceNotKnown`],
    /// [`PovertyError::AmountNotKnown`] for a year without any.
    pub fn thresholds(&self, year: i16) -> Result<Thresholds<'_>, PovertyError> {
        Thresholds::new(self, year)
    }
}

impl fmt::Display for PovertyDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boundary = match self.boundary {
            Boundary::StrictlyBelow => "strictly below",
            Boundary::AtOrBelow => "at or below",
        };
        let income = match self.income {
            IncomeConcept::Gross => "gross",
            IncomeConcept::Primary => "primary",
            IncomeConcept::Disposable => "disposable",
            IncomeConcept::DisposableWithoutHousingAllowance => "disposable",
        };
        write!(f, "{} ({}): {income} household income", self.name, self.version)?;
        if self.income == IncomeConcept::DisposableWithoutHousingAllowance {
            f.write_str(" without housing allowance")?;
        }
        for deduction in &self.deductions {
            f.write_str(match deduction {
                Deduction::HousingAndEnergy => " less actual housing and energy costs",
                Deduction::Health => " less actual health costs",
            })?;
        }
        write!(f, " {boundary} the line: {}", self.line)?;
        if !matches!(self.line, PovertyLine::Amounts(_) | PovertyLine::RegisterPercentage { .. }) {
            write!(f, "; {}", self.scale)?;
        }
        if let Some(AssetTest { single, others }) = self.assets {
            write!(f, "; assets of at most {single} euro for a person alone, {others} for others")?;
        }
        Ok(())
    }
}

/// The outcome of a definition for one kind of household in one year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Euros per year for the whole household, in prices of `year`.
    pub euros_per_year: f64,
    /// The year of the prices.
    pub year: i16,
    /// What happens at the line.
    pub boundary: Boundary,
    /// Assets in euros up to which the household can be poor; `None` where they play no part.
    pub assets: Option<f64>,
}

impl Threshold {
    /// Whether a household with this disposable income is poor.
    ///
    /// # Units
    /// Euros per year of the whole household, in prices of the threshold's year; a finite number, since what is
    /// no number would not be poor. [`Self::status`] says of such means that they are unknown.
    #[must_use]
    pub fn is_poor(&self, household_income: f64) -> bool {
        self.boundary.is_poor(household_income, self.euros_per_year)
    }

    /// The status of a household with these means.
    ///
    /// Assets are asked only of households below the line: a household above it is not poor, whatever they are.
    ///
    /// # Errors
    /// The reason why income, costs or assets are not known: [`Missing::Unknown`] for an amount that is infinite
    /// or no number, and for a limit of assets that is no number. It is data, not a failure.
    pub fn status(&self, means: &Means) -> Result<bool, Missing> {
        let finite = |amount: f64| if amount.is_finite() { Ok(amount) } else { Err(Missing::Unknown) };
        if !self.is_poor(finite(finite(means.income?)? - finite(means.deducted?)?)?) {
            return Ok(false);
        }
        match self.assets {
            None => Ok(true),
            Some(limit) if limit.is_nan() => Err(Missing::Unknown),
            Some(limit) => Ok(finite(means.assets?)? <= limit),
        }
    }
}

/// How many years of several must be poor, and how many must be observed, for a person to be poor.
///
/// "Poor in both of two years, missing if one is missing" is `{poor: 2, observed: 2}`; "poor in any
/// observed year" is `{poor: 1, observed: 1}`. The two give different rates on the same people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct DurationRule {
    /// Poor in at least so many years.
    pub poor: usize,
    /// Status known in at least so many years; fewer is missing.
    pub observed: usize,
}

impl DurationRule {
    /// Poor in at least the share `tau` of `years` years, all of them observed.
    ///
    /// ```text
    /// poor = smallest k with k / years >= tau
    /// ```
    ///
    /// A share within rounding of a whole number of years is that number: 0.7 of ten years is seven.
    ///
    /// # Units
    /// `tau` is a share above 0 and up to 1.
    ///
    /// # Errors
    /// [`PovertyError::Parameter`] for the share; [`PovertyError::Years`] without years.
    ///
    /// # Examples
    /// ```
    /// use erflijn_poverty::DurationRule;
    /// assert_eq!(DurationRule::from_share(0.7, 4)?, DurationRule { poor: 3, observed: 4 });
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    pub fn from_share(tau: f64, years: usize) -> Result<Self, PovertyError> {
        const ROUNDING: f64 = 1e-12;
        if !(tau > 0.0 && tau <= 1.0) {
            let expected = "a number above 0 and at most 1";
            return Err(PovertyError::Parameter { name: "tau", found: tau, expected });
        }
        let poor = (tau * years as f64 * (1.0 - ROUNDING)).ceil() as usize;
        let rule = Self { poor, observed: years };
        rule.check(years.max(1))?;
        Ok(rule)
    }

    /// Checks the rule against the number of years it will see.
    ///
    /// # Errors
    /// [`PovertyError::Years`] when it asks for no year, for more years than there are, or for more poor
    /// years than have to be known: who is known in fewer could only turn out not to be poor.
    pub fn check(self, years: usize) -> Result<(), PovertyError> {
        let limits = [("observed years", self.observed, years), ("poor years", self.poor, self.observed)];
        for (name, found, high) in limits {
            if !(1..=high).contains(&found) {
                return Err(PovertyError::Years { name, found, high });
            }
        }
        Ok(())
    }

    /// The status over all years.
    ///
    /// # Errors
    /// The first reason met, when too few years are observed. It is data, not a failure.
    pub fn decide(self, statuses: &[Result<bool, Missing>]) -> Result<bool, Missing> {
        let observed = statuses.iter().flatten().count();
        if observed < self.observed {
            let reason = statuses.iter().find_map(|status| status.err());
            return Err(reason.unwrap_or(Missing::NotObserved));
        }
        Ok(statuses.iter().flatten().filter(|poor| **poor).count() >= self.poor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "whole numbers and their halves are exact")]
    use std::collections::BTreeMap;

    use erflijn_core::{Composition, Weights};

    use super::*;
    use crate::{LowIncomeAmounts, RegisterPercentage};

    fn definition(boundary: Boundary) -> PovertyDefinition {
        let amounts = BTreeMap::from([(2015, 12_000.0)]);
        let line = PovertyLine::Own { name: "made up".into(), amounts };
        let cbs = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995);
        PovertyDefinition { line, boundary, ..cbs }
    }

    #[test]
    fn income_at_the_line_is_poor_only_on_request() {
        let couple = Composition { adults: 2, children: 0 };
        let at_the_line = 12_000.0 * 1.37;
        let strict = definition(Boundary::StrictlyBelow).threshold(2015, couple).expect("known");
        let weak = definition(Boundary::AtOrBelow).threshold(2015, couple).expect("known");
        assert!(!strict.is_poor(at_the_line) && weak.is_poor(at_the_line));
        assert!(strict.is_poor(-5.0) && strict.is_poor(0.0));
    }

    #[test]
    fn assets_are_asked_of_the_poor_only() {
        let assets = Some(AssetTest { single: 10_000.0, others: 20_000.0 });
        let definition = PovertyDefinition { assets, ..definition(Boundary::StrictlyBelow) };
        let threshold = definition.threshold(2015, Composition::SINGLE).expect("known");
        let status =
            |income, assets| threshold.status(&Means { income: Ok(income), deducted: Ok(0.0), assets });
        assert_eq!(status(11_000.0, Ok(10_000.0)), Ok(true));
        assert_eq!(status(11_000.0, Ok(10_001.0)), Ok(false));
        assert_eq!(status(11_000.0, Err(Missing::Unknown)), Err(Missing::Unknown));
        assert_eq!(status(13_000.0, Err(Missing::Unknown)), Ok(false));
        let couple = definition.threshold(2015, Composition { adults: 2, children: 0 }).expect("known");
        assert_eq!(couple.assets, Some(20_000.0));
    }

    #[test]
    fn numbers_that_cannot_be_are_found_before_anybody_is_measured() {
        let low_income = definition(Boundary::StrictlyBelow);
        let with_line = |line| PovertyDefinition { line, ..low_income.clone() };
        let with_scale = |scale| PovertyDefinition { scale, ..low_income.clone() };
        let register = |percent| PovertyDefinition::register(RegisterPercentage::LowIncome, percent);
        let own =
            |amount| PovertyLine::Own { name: "ours".into(), amounts: BTreeMap::from([(2020, amount)]) };
        let parametric = |child, exponent| EquivalenceScale::Parametric { child, exponent, adult_from: 18 };
        let table = |factor| EquivalenceScale::Table {
            name: "ours".into(),
            adult_from: 18,
            factors: vec![vec![factor]],
        };
        for sound in
            [low_income.clone(), register(130.0), with_line(own(1.0)), with_scale(parametric(0.0, 0.0))]
        {
            assert_eq!(sound.check(), Ok(()));
        }
        for wrong in [
            register(-5.0),
            with_line(own(f64::NAN)),
            with_line(own(0.0)),
            PovertyDefinition::at_risk_of_poverty(0.0),
            PovertyDefinition::at_risk_of_poverty(1.5),
            PovertyDefinition::at_risk_of_poverty_anchored(f64::INFINITY, 2008),
            with_scale(parametric(-1.0, 0.5)),
            with_scale(parametric(0.5, f64::NAN)),
            with_scale(table(0.0)),
            PovertyDefinition { duration: Some(LongTermRule::any(5, 4)), ..low_income.clone() },
            PovertyDefinition::joint_2024(AssetTest { single: f64::NAN, others: 1.0 }),
        ] {
            assert!(wrong.check().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_kind_of_line_has_its_common_line() {
        let incomes = [10.0, 20.0, 30.0, 40.0, 50.0];
        let sample = Sample::new(&incomes, Weights::Equal).expect("sound");
        let line = |definition: PovertyDefinition| definition.common_line(&sample).expect("sound").euros();
        assert_eq!(line(PovertyDefinition::at_risk_of_poverty(0.5)), 15.0);
        assert_eq!(line(PovertyDefinition::register(RegisterPercentage::SocialMinimum, 120.0)), 120.0);
        assert_eq!(line(definition(Boundary::AtOrBelow)), 1.0);
    }

    #[test]
    fn costs_are_taken_from_income_and_from_the_line() {
        let joint = PovertyDefinition::joint_2024(AssetTest { single: 1e6, others: 1e6 });
        // 1510 a month with 590 of rent and 145 of energy leaves 775.
        let threshold = joint.threshold(2023, Composition::SINGLE).expect("published");
        assert!((threshold.euros_per_year - 12.0 * 775.0).abs() < 1e-9);
        let means = |rent: f64| Means {
            income: Ok(12.0 * 1600.0),
            deducted: Ok(12.0 * (rent + 145.0)),
            assets: Ok(0.0),
        };
        assert_eq!(threshold.status(&means(590.0)), Ok(false)); // 1600 - 735 = 865
        assert_eq!(threshold.status(&means(700.0)), Ok(true)); // 1600 - 845 = 755
        let family =
            HouseholdType { composition: Composition { adults: 2, children: 2 }, teenagers: Some(0) };
        assert!(matches!(joint.threshold(2023, family), Err(PovertyError::CostsNotPublished { .. })));
    }

    #[test]
    fn means_that_are_no_numbers_are_unknown_and_never_a_status() {
        let limit = |assets| Threshold {
            euros_per_year: 1000.0,
            year: 2020,
            boundary: Boundary::StrictlyBelow,
            assets,
        };
        let (sound, limited) = (Means::of_income(Ok(1.0)), limit(Some(500.0)));
        for found in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let income = Means { income: Ok(found), ..sound };
            let deducted = Means { deducted: Ok(found), ..sound };
            let assets = Means { assets: Ok(found), ..sound };
            for means in [income, deducted, assets] {
                assert_eq!(limited.status(&means), Err(Missing::Unknown), "{means:?}");
            }
        }
        let means = Means { assets: Ok(1.0), ..sound };
        assert_eq!(limit(Some(f64::NAN)).status(&means), Err(Missing::Unknown));
        assert_eq!(limit(Some(f64::INFINITY)).status(&means), Ok(true));
    }

    #[test]
    fn costs_are_deducted_only_where_the_line_says_what_it_contains() {
        let deductions = vec![Deduction::HousingAndEnergy];
        let own = PovertyDefinition { deductions: deductions.clone(), ..definition(Boundary::StrictlyBelow) };
        for refused in [own.check(), own.threshold(2015, Composition::SINGLE).map(|_| ())] {
            assert!(matches!(refused, Err(PovertyError::CostsNotInLine { .. })), "{refused:?}");
        }
        assert!(matches!(own.thresholds(2015), Err(PovertyError::CostsNotInLine { .. })));
        let register = PovertyDefinition::register(RegisterPercentage::LowIncome, 100.0);
        let register = PovertyDefinition { deductions: deductions.clone(), ..register };
        assert!(matches!(register.check(), Err(PovertyError::CostsNotInLine { .. })));
        // After housing costs, the median is one of incomes after housing costs.
        let after_housing = PovertyDefinition { deductions, ..PovertyDefinition::at_risk_of_poverty(0.6) };
        assert_eq!(after_housing.check(), Ok(()));
        let joint = |costs| {
            let mut joint = PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 1.0 });
            if let PovertyLine::Amounts(table) = &mut joint.line {
                table.amounts[0].housing_and_energy = Some(costs);
            }
            joint
        };
        for costs in [12.0 * 1510.0, 20_000.0, f64::NAN, f64::INFINITY] {
            let refused = joint(costs).threshold(2023, Composition::SINGLE);
            assert!(matches!(refused, Err(PovertyError::Line { .. })), "{costs}: {refused:?}");
            assert!(matches!(joint(costs).check(), Err(PovertyError::Parameter { .. })));
        }
        assert!(joint(-1.0).check().is_err());
    }

    #[test]
    fn tables_that_are_not_clear_are_refused() {
        let with = |change: &dyn Fn(&mut Vec<crate::Amount>)| {
            let mut joint = PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 1.0 });
            if let PovertyLine::Amounts(table) = &mut joint.line {
                change(&mut table.amounts);
            }
            joint.check()
        };
        let twice = |amounts: &mut Vec<crate::Amount>| amounts.push(amounts[0]);
        assert!(matches!(with(&twice), Err(PovertyError::AmountTwice { year: 2023, .. })));
        // An amount for children of any age beside one for children of 13 or older.
        let any_age = |amounts: &mut Vec<crate::Amount>| {
            amounts.push(crate::Amount { teenagers: None, ..amounts[1] });
        };
        assert!(matches!(with(&any_age), Err(PovertyError::AmountTwice { year: 2023, .. })));
        let older = |amounts: &mut Vec<crate::Amount>| amounts[1].teenagers = Some(3);
        assert!(matches!(with(&older), Err(PovertyError::Parameter { name: "children of 13 or older", .. })));
        let joint = PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 1.0 });
        let household = HouseholdType { composition: Composition::SINGLE, teenagers: Some(3) };
        assert!(matches!(joint.threshold(2023, household), Err(PovertyError::Parameter { .. })));
        let no_limit = PovertyDefinition::joint_2024(AssetTest { single: f64::NAN, others: 1.0 });
        assert!(matches!(no_limit.threshold(2023, Composition::SINGLE), Err(PovertyError::Parameter { .. })));
    }

    #[test]
    fn the_largest_household_has_the_limit_of_others() {
        // 65535 + 2 is 1 in sixteen bits, a person alone.
        let assets = Some(AssetTest { single: 1.0, others: 2.0 });
        let scale = EquivalenceScale::SquareRoot;
        let definition = PovertyDefinition { assets, scale, ..definition(Boundary::StrictlyBelow) };
        let largest = Composition { adults: u16::MAX, children: 2 };
        assert_eq!(definition.threshold(2015, largest).expect("known").assets, Some(2.0));
    }

    #[test]
    fn both_years_and_any_year_are_two_rules() {
        let half_seen = [Ok(true), Err(Missing::Institution)];
        assert_eq!(DurationRule { poor: 2, observed: 2 }.decide(&half_seen), Err(Missing::Institution));
        assert_eq!(DurationRule { poor: 1, observed: 1 }.decide(&half_seen), Ok(true));
        assert_eq!(DurationRule { poor: 2, observed: 1 }.decide(&half_seen), Ok(false));
        assert_eq!(DurationRule { poor: 1, observed: 1 }.decide(&[]), Err(Missing::NotObserved));
    }

    #[test]
    fn impossible_rules_are_refused() {
        assert!(matches!(
            DurationRule { poor: 3, observed: 2 }.check(4),
            Err(PovertyError::Years { name: "poor years", found: 3, high: 2 })
        ));
        assert!(DurationRule { poor: 1, observed: 3 }.check(2).is_err());
        assert!(DurationRule { poor: 1, observed: 0 }.check(2).is_err());
        assert!(DurationRule { poor: 1, observed: 2 }.check(2).is_ok());
    }

    #[test]
    fn a_share_of_years_becomes_whole_years() {
        let poor = |tau, years| DurationRule::from_share(tau, years).map(|rule| rule.poor);
        assert_eq!(poor(0.7, 10), Ok(7));
        assert_eq!(poor(0.1 + 0.2, 10), Ok(3)); // the sum is a little above 0.3
        assert_eq!(poor(0.71, 10), Ok(8));
        assert_eq!((poor(1.0, 4), poor(1e-9, 4)), (Ok(4), Ok(1)));
        for tau in [0.0, 1.1, f64::NAN] {
            assert!(matches!(poor(tau, 4), Err(PovertyError::Parameter { name: "tau", .. })));
        }
        assert!(matches!(poor(0.5, 0), Err(PovertyError::Years { .. })));
    }

    #[test]
    fn messages_say_what_was_found() {
        let unknown = definition(Boundary::StrictlyBelow).threshold(2016, Composition::SINGLE);
        let told = unknown.expect_err("2016 has no amount").to_string();
        assert_eq!(told, "no amount of the line \"made up\" is known for 2016, known are 2015");
    }
}
