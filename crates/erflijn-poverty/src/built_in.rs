//! Definitions that come with the crate, each with its source.

use crate::time::LongTermRule;
use crate::{
    AmountTable, AssetTest, Boundary, BudgetEdition, Deduction, EquivalenceScale, IncomeConcept,
    LowIncomeAmounts, PopulationFilter, PovertyDefinition, PovertyLine, RegisterPercentage,
};

impl PovertyDefinition {
    /// Low income by Statistics Netherlands: disposable household income strictly below 9,249 euro of
    /// 2000 for a person alone, in the population of its published rates.
    ///
    /// Long-term is four years in a row, which is the duration rule here.
    ///
    /// # References
    /// CBS, definition 820 (*laag inkomen*); StatLine 83842NED for population and duration.
    #[must_use]
    pub fn cbs_low_income(amounts: LowIncomeAmounts, scale: EquivalenceScale) -> Self {
        Self {
            name: "CBS low income".into(),
            version: amounts.edition().into(),
            scale,
            duration: Some(LongTermRule::FOUR_OF_FOUR),
            ..Self::with_line(PovertyLine::CbsLowIncome(amounts))
        }
    }

    /// Low income by the amounts that Statistics Netherlands published, type of household by type of
    /// household; others have no threshold.
    ///
    /// # References
    /// [`AmountTable::low_income_published`].
    #[must_use]
    pub fn cbs_low_income_by_type() -> Self {
        Self {
            name: "CBS low income".into(),
            version: "published amounts by type of household".into(),
            duration: Some(LongTermRule::FOUR_OF_FOUR),
            ..Self::with_line(PovertyLine::Amounts(AmountTable::low_income_published()))
        }
    }

    /// Poverty by a percentage of the income register: below `percent` of the line.
    ///
    /// With [`RegisterPercentage::SocialMinimum`] and 100, 101, 105, 110, 120 or 130 these are the bands
    /// around the policy minimum (*beleidsmatig minimum*) that municipalities use.
    ///
    /// # References
    /// CBS, documentation of *INHATAB* and *INHARMATAB*.
    #[must_use]
    pub fn register(percentage: RegisterPercentage, percent: f64) -> Self {
        Self {
            name: format!("below {percent} percent by {}", percentage.column()),
            version: format!("income register, from {}", percentage.first_year()),
            ..Self::with_line(PovertyLine::RegisterPercentage { percentage, percent })
        }
    }

    /// The basic-needs budget (*basisbehoeftenbudget*) of SCP.
    ///
    /// # References
    /// [`AmountTable::scp_basic_needs`].
    #[must_use]
    pub fn scp_basic_needs(edition: BudgetEdition) -> Self {
        Self::scp("SCP basic needs", edition, AmountTable::scp_basic_needs(edition))
    }

    /// The modest-but-adequate budget (*niet-veel-maar-toereikendbudget*) of SCP.
    ///
    /// # References
    /// [`AmountTable::scp_modest_but_adequate`].
    #[must_use]
    pub fn scp_modest_but_adequate(edition: BudgetEdition) -> Self {
        Self::scp("SCP modest but adequate", edition, AmountTable::scp_modest_but_adequate(edition))
    }

    fn scp(name: &str, edition: BudgetEdition, table: AmountTable) -> Self {
        let deductions = match edition {
            BudgetEdition::Of2016 => Vec::new(),
            BudgetEdition::Of2019 => vec![Deduction::Health],
        };
        Self {
            name: name.into(),
            version: format!("edition {edition}"),
            deductions,
            ..Self::with_line(PovertyLine::Amounts(table))
        }
    }

    /// The joint definition of CBS, SCP and Nibud of 2024: income after actual housing and energy
    /// costs against what is left of the budget, and no assets to fall back on.
    ///
    /// The limits of the asset test were not found in a public source and are the user's.
    ///
    /// # References
    /// [`AmountTable::joint_2024`]; CBS, SCP and Nibud, 2024, *Een nieuwe methode om armoede in Nederland
    /// te meten*.
    #[must_use]
    pub fn joint_2024(assets: AssetTest) -> Self {
        Self {
            name: "joint definition of CBS, SCP and Nibud".into(),
            version: "method of 2024".into(),
            deductions: vec![Deduction::HousingAndEnergy],
            assets: Some(assets),
            ..Self::with_line(PovertyLine::Amounts(AmountTable::joint_2024()))
        }
    }

    /// At risk of poverty in the European Union: equivalised disposable income strictly below `share` of
    /// the national median, on the modified OECD scale. 0.6 is the headline; 0.4, 0.5 and 0.7 are variants.
    ///
    /// The duration rule is that of the persistent rate.
    ///
    /// # References
    /// Eurostat glossary, *At-risk-of-poverty rate* and *Persistent at-risk-of-poverty rate*.
    #[must_use]
    pub fn at_risk_of_poverty(share: f64) -> Self {
        Self {
            name: "EU at risk of poverty".into(),
            version: format!("{} percent of the median", in_percent(share)),
            scale: EquivalenceScale::ModifiedOecd,
            population: PopulationFilter::PRIVATE,
            population_of_several_years: PopulationFilter::PRIVATE,
            duration: Some(LongTermRule::EU_PERSISTENT),
            ..Self::with_line(PovertyLine::ShareOfMedian { share })
        }
    }

    /// At risk of poverty, anchored: the euros of the line in one year, moved by consumer prices.
    ///
    /// # Units
    /// `euros_per_year`: per equivalent adult, in prices of `year`.
    ///
    /// # References
    /// Eurostat glossary, *At-risk-of-poverty rate anchored at a fixed moment in time*.
    #[must_use]
    pub fn at_risk_of_poverty_anchored(euros_per_year: f64, year: i16) -> Self {
        let name = "EU at risk of poverty".to_owned();
        let version = format!("anchored in {year}");
        let line = PovertyLine::Anchored { name: "anchored line".into(), euros_per_year, year };
        Self { name, version, line, ..Self::at_risk_of_poverty(0.6) }
    }

    /// A line of the World Bank: so many international dollars of 2017 a day per person (2.15, 3.65 or 6.85).
    ///
    /// # References
    /// World Bank, fact sheet and data help desk, 2022: lines at purchasing-power parities of 2017.
    #[must_use]
    pub fn world_bank_2017(line: WorldBankLine, euros_per_dollar: f64) -> Self {
        let dollars = line.dollars_of_2017();
        Self {
            name: "World Bank".into(),
            version: format!("{dollars} dollars a day, parities of 2017"),
            scale: EquivalenceScale::PerCapita,
            population: PopulationFilter::PRIVATE,
            population_of_several_years: PopulationFilter::PRIVATE,
            ..Self::with_line(PovertyLine::DollarsADay { dollars, parity_year: 2017, euros_per_dollar })
        }
    }

    /// Disposable income, no deductions, strictly below, the CBS scale of 1995 and its population.
    fn with_line(line: PovertyLine) -> Self {
        Self {
            name: String::new(),
            version: String::new(),
            income: IncomeConcept::Disposable,
            deductions: Vec::new(),
            line,
            scale: EquivalenceScale::Cbs1995,
            boundary: Boundary::StrictlyBelow,
            assets: None,
            population: PopulationFilter::CBS,
            population_of_several_years: PopulationFilter::CBS,
            duration: None,
        }
    }
}

/// A share in per cent, without the last digits that 0.55 times 100 has in binary.
fn in_percent(share: f64) -> f64 {
    const DIGITS: f64 = 1e9;
    (100.0 * share * DIGITS).round() / DIGITS
}

/// Lines of the World Bank at purchasing-power parities of 2017.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WorldBankLine {
    /// 2.15 dollars a day: extreme poverty.
    Extreme,
    /// 3.65 dollars a day: lower-middle-income countries.
    LowerMiddleIncome,
    /// 6.85 dollars a day: upper-middle-income countries.
    UpperMiddleIncome,
    /// The societal line of a country: `max(2.15, 1.15 + median / 2)`.
    Societal {
        /// Median of income or consumption per person, in international dollars of 2017 a day; a finite number
        /// of at least 0.
        median: f64,
    },
}

impl WorldBankLine {
    /// International dollars of 2017 per person and day.
    ///
    /// A median below 0, infinite or no number gives no number, which [`PovertyDefinition::check`] and
    /// [`PovertyDefinition::threshold`] refuse.
    #[must_use]
    pub fn dollars_of_2017(self) -> f64 {
        match self {
            Self::Extreme => 2.15,
            Self::LowerMiddleIncome => 3.65,
            Self::UpperMiddleIncome => 6.85,
            Self::Societal { median } if median.is_finite() && median >= 0.0 => {
                f64::max(2.15, 1.15 + median / 2.0)
            }
            Self::Societal { .. } => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "constants, and sums that are exact")]
    use erflijn_core::Composition;

    use super::*;
    use crate::PovertyError;

    const ALONE: Composition = Composition::SINGLE;

    #[test]
    fn every_definition_says_what_it_is() {
        let assets = AssetTest { single: 5_000.0, others: 8_000.0 };
        let told = [
            PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995),
            PovertyDefinition::cbs_low_income_by_type(),
            PovertyDefinition::register(RegisterPercentage::SocialMinimum, 120.0),
            PovertyDefinition::scp_basic_needs(BudgetEdition::Of2016),
            PovertyDefinition::scp_modest_but_adequate(BudgetEdition::Of2019),
            PovertyDefinition::joint_2024(assets),
            PovertyDefinition::at_risk_of_poverty(0.6),
            PovertyDefinition::at_risk_of_poverty_anchored(12_000.0, 2008),
            PovertyDefinition::world_bank_2017(WorldBankLine::UpperMiddleIncome, 0.8),
        ]
        .map(|definition| definition.to_string());
        assert_eq!(
            told,
            [
                "CBS low income (derived amounts): disposable household income strictly below the line: CBS low-income line, amounts derived from 9249 euro of 2000 by consumer prices; the CBS scale of 1995-2000",
                "CBS low income (published amounts by type of household): disposable household income strictly below the line: CBS low-income line, published amounts by type of household",
                "below 120 percent by INHARMSOC (income register, from 2011): disposable household income strictly below the line: 120 percent by INHARMSOC of the income register",
                "SCP basic needs (edition 2016): disposable household income strictly below the line: SCP basic-needs budget, edition 2016",
                "SCP modest but adequate (edition 2019): disposable household income less actual health costs strictly below the line: SCP modest-but-adequate budget, edition 2019",
                "joint definition of CBS, SCP and Nibud (method of 2024): disposable household income less actual housing and energy costs strictly below the line: joint poverty line of CBS, SCP and Nibud, method of 2024; assets of at most 5000 euro for a person alone, 8000 for others",
                "EU at risk of poverty (60 percent of the median): disposable household income strictly below the line: 0.6 times the median equivalised income; the modified OECD scale",
                "EU at risk of poverty (anchored in 2008): disposable household income strictly below the line: anchored line: 12000 euro of 2008 by consumer prices; the modified OECD scale",
                "World Bank (6.85 dollars a day, parities of 2017): disposable household income strictly below the line: 6.85 international dollars of 2017 a day at 0.8 euro; the per-capita scale",
            ]
        );
    }

    #[test]
    fn amounts_by_hand() {
        let euros = |definition: &PovertyDefinition, year, adults, children| {
            definition.threshold(year, Composition { adults, children }).map(|t| t.euros_per_year)
        };
        // 12,000 of 2008 (89.37) in 2015 (100), for a couple on the modified OECD scale.
        let anchored = PovertyDefinition::at_risk_of_poverty_anchored(12_000.0, 2008);
        assert!((euros(&anchored, 2015, 2, 0).expect("known") - 12_000.0 / 0.8937 * 1.5).abs() < 1e-8);
        // 6.85 a day at 0.8 euro for four, 2017 (101.70) to 2020 (107.51).
        let bank = PovertyDefinition::world_bank_2017(WorldBankLine::UpperMiddleIncome, 0.8);
        let by_hand = 6.85 * 0.8 * 365.0 * 4.0 * 107.51 / 101.70;
        assert!((euros(&bank, 2020, 2, 2).expect("known") - by_hand).abs() < 1e-9);
        let budget = PovertyDefinition::scp_modest_but_adequate(BudgetEdition::Of2019);
        assert_eq!(euros(&budget, 2017, 2, 1), Ok(12.0 * 1850.0));
        assert!(matches!(
            PovertyDefinition::at_risk_of_poverty(0.6).threshold(2020, ALONE),
            Err(PovertyError::NoEuros { .. })
        ));
        assert!(matches!(
            PovertyDefinition::world_bank_2017(WorldBankLine::Extreme, 0.0).threshold(2020, ALONE),
            Err(PovertyError::Line { .. })
        ));
    }

    #[test]
    fn the_societal_line_has_a_floor() {
        assert_eq!(WorldBankLine::Societal { median: 1.0 }.dollars_of_2017(), 2.15);
        assert_eq!(WorldBankLine::Societal { median: 20.0 }.dollars_of_2017(), 11.15);
    }

    #[test]
    fn a_societal_line_without_a_median_is_refused() {
        for median in [f64::NAN, -50.0, f64::INFINITY] {
            let line = WorldBankLine::Societal { median };
            let definition = PovertyDefinition::world_bank_2017(line, 0.8);
            assert!(matches!(definition.check(), Err(PovertyError::Line { .. })), "{median}");
            assert!(matches!(definition.threshold(2020, ALONE), Err(PovertyError::Line { .. })));
        }
    }

    #[test]
    fn shares_are_named_in_round_percents() {
        // 0.55 * 100 is 55.00000000000001 in binary, 0.07 * 100 is 7.000000000000001, 0.29 * 100 is 28.999999999999996.
        for (share, percent) in
            [(0.55, "55"), (0.07, "7"), (0.29, "29"), (0.625, "62.5"), (1.0 / 3.0, "33.333333333")]
        {
            let version = PovertyDefinition::at_risk_of_poverty(share).version;
            assert_eq!(version, format!("{percent} percent of the median"));
        }
    }

    #[test]
    fn every_built_in_definition_passes_its_own_check() {
        let mut definitions = vec![
            PovertyDefinition::cbs_low_income_by_type(),
            PovertyDefinition::joint_2024(AssetTest { single: 5_000.0, others: 8_000.0 }),
            PovertyDefinition::register(RegisterPercentage::SocialMinimum, 120.0),
            PovertyDefinition::at_risk_of_poverty(0.6),
            PovertyDefinition::at_risk_of_poverty_anchored(12_000.0, 2008),
            PovertyDefinition::world_bank_2017(WorldBankLine::Extreme, 0.8),
            PovertyDefinition::with_line(PovertyLine::Amounts(AmountTable::social_minimum_120_of_2008())),
        ];
        for edition in [BudgetEdition::Of2016, BudgetEdition::Of2019] {
            definitions.push(PovertyDefinition::scp_basic_needs(edition));
            definitions.push(PovertyDefinition::scp_modest_but_adequate(edition));
        }
        for definition in definitions {
            assert_eq!(definition.check(), Ok(()), "{definition}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn keys_that_do_not_exist_are_refused_at_every_depth() {
        let mut table = PovertyDefinition::joint_2024(AssetTest { single: 1.0, others: 2.0 });
        table.scale = EquivalenceScale::Parametric { child: 0.8, exponent: 0.5, adult_from: 18 };
        let anchored = PovertyDefinition::at_risk_of_poverty_anchored(12_000.0, 2008);
        let share = PovertyDefinition::at_risk_of_poverty(0.6);
        for (definition, key) in [
            (&table, "adults"),
            (&table, "exponent"),
            (&table, "euros_per_year"),
            (&anchored, "euros_per_year"),
            (&share, "share"),
            (&share, "window"),
            (&share, "poor"),
        ] {
            let json = serde_json::to_string(definition).unwrap();
            let more = json.replacen(&format!("\"{key}\":"), &format!("\"porr\":1,\"{key}\":"), 1);
            let told = serde_json::from_str::<PovertyDefinition>(&more).unwrap_err().to_string();
            assert!(told.contains("porr"), "{key}: {told}");
            let toml = toml::to_string(definition).unwrap();
            let more = toml.replacen(&format!("\n{key} = "), &format!("\nporr = 1\n{key} = "), 1);
            assert!(more.contains("porr"), "{key}: {toml}");
            let told = toml::from_str::<PovertyDefinition>(&more).unwrap_err().to_string();
            assert!(told.contains("porr"), "{key}: {told}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn definitions_are_written_and_read_as_toml() {
        let assets = AssetTest { single: 5_000.0, others: 8_000.0 };
        let own =
            PovertyLine::Own { name: "ours".into(), amounts: [(2019, 12_000.0), (2020, 12_300.0)].into() };
        let scale =
            EquivalenceScale::Table { name: "ours".into(), adult_from: 18, factors: vec![vec![1.0, 1.3]] };
        for definition in [
            PovertyDefinition::cbs_low_income(LowIncomeAmounts::DerivedRounded, EquivalenceScale::Cbs2015),
            PovertyDefinition::joint_2024(assets),
            PovertyDefinition::register(RegisterPercentage::Joint2024, 100.0),
            PovertyDefinition::world_bank_2017(WorldBankLine::Extreme, 0.8),
            PovertyDefinition { scale, ..PovertyDefinition::with_line(own) },
        ] {
            let text = toml::to_string(&definition).unwrap();
            assert_eq!(toml::from_str::<PovertyDefinition>(&text).unwrap(), definition, "{text}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_definition_of_ones_own_in_toml() {
        let text = r#"
            name = "our minimum"
            version = "2020"
            income = "disposable"
            deductions = ["health"]
            line = { own = { name = "our minimum", amounts = { 2020 = 13000.0 } } }
            scale = { parametric = { child = 0.7, exponent = 0.7, adult_from = 18 } }
            boundary = "at_or_below"
            duration = { window = 4, duration = { poor = 3, observed = 4 }, last_year = "any" }

            [population]
            student_households = "excluded"
            part_year_income = "included"
            institutions = "excluded"

            [population_of_several_years]
            student_households = "excluded"
            part_year_income = "excluded"
            institutions = "excluded"
        "#;
        let definition: PovertyDefinition = toml::from_str(text).unwrap();
        let couple = definition.threshold(2020, Composition { adults: 2, children: 0 }).unwrap();
        assert!((couple.euros_per_year - 13_000.0 * 2_f64.powf(0.7)).abs() < 1e-9);
        let misspelt = toml::from_str::<PovertyDefinition>(&text.replace("boundary", "bounday"));
        assert!(misspelt.unwrap_err().to_string().contains("bounday"));
    }
}
