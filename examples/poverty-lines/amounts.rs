//! Lines year by year, and the published amounts of the low-income line computed again.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use erflijn::core::Composition;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::poverty::{
    AssetTest, BudgetEdition, EquivalenceScale, HouseholdType, LowIncomeAmounts, PovertyDefinition,
    PriceIndex, ScaleVintage,
};
use serde::Deserialize;

use crate::{Arguments, Household, text_table};

/// All lines for one type of household.
pub(crate) struct Series {
    pub household: Household,
    pub lines: Vec<Line>,
}

/// One line: euros a month by year, where it has any.
pub(crate) struct Line {
    pub name: &'static str,
    pub points: Vec<(i16, f64)>,
}

/// Names of the lines, in the order of the columns.
fn names(composition: Composition) -> [&'static str; 6] {
    let joint = match composition.children {
        0 => "joint line of 2024",
        _ => "joint line of 2024, children to 12",
    };
    let budgets = ["SCP basic needs", "SCP modest but adequate"];
    [
        "low income, rule",
        "low income, published",
        budgets[0],
        budgets[1],
        joint,
        "joint line of 2024, teenagers",
    ]
}

pub(crate) fn series(arguments: &Arguments) -> Result<Vec<Series>> {
    ensure!(
        arguments.from <= arguments.to,
        "--from is {}, expected a year not after --to {}",
        arguments.from,
        arguments.to
    );
    arguments
        .households
        .iter()
        .map(|&household| {
            let mut lines: Vec<Line> = names(household.composition())
                .into_iter()
                .map(|name| Line { name, points: Vec::new() })
                .collect();
            for year in arguments.from..=arguments.to {
                let factor = arguments.prices.map(|to| PriceIndex::CPI_NETHERLANDS.factor(year, to));
                let factor = factor.transpose()?.unwrap_or(1.0);
                for (line, amount) in lines.iter_mut().zip(of_year(household.composition(), year)) {
                    line.points.extend(amount.map(|euros| (year, euros * factor / 12.0)));
                }
            }
            Ok(Series { household, lines })
        })
        .collect()
}

/// Euros a year, in the order of [`names`].
fn of_year(composition: Composition, year: i16) -> [Option<f64>; 6] {
    let euros = |definition: &PovertyDefinition, household| {
        definition.threshold(year, household).ok().map(|threshold| threshold.euros_per_year)
    };
    let by_age = |teenagers| HouseholdType { composition, teenagers: Some(teenagers) };
    let scale = EquivalenceScale::cbs(year, ScaleVintage::Revised);
    let rule = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, scale);
    let published = PovertyDefinition::cbs_low_income_by_type();
    let editions = [BudgetEdition::Of2019, BudgetEdition::Of2016];
    let budget = |definition: fn(BudgetEdition) -> PovertyDefinition| {
        editions.into_iter().find_map(|edition| euros(&definition(edition), composition.into()))
    };
    // The amounts themselves, with average costs of housing and energy in them.
    let whole_budget = PovertyDefinition {
        deductions: Vec::new(),
        ..PovertyDefinition::joint_2024(AssetTest { single: f64::INFINITY, others: f64::INFINITY })
    };
    let teenagers = (composition.children > 0).then_some(composition.children);
    [
        euros(&rule, composition.into()),
        euros(&published, composition.into()),
        budget(PovertyDefinition::scp_basic_needs),
        budget(PovertyDefinition::scp_modest_but_adequate),
        euros(&whole_budget, by_age(0)),
        teenagers.and_then(|teenagers| euros(&whole_budget, by_age(teenagers))),
    ]
}

pub(crate) fn table(series: &Series, arguments: &Arguments) -> String {
    let lines: Vec<&Line> = series.lines.iter().filter(|line| !line.points.is_empty()).collect();
    let header: Vec<&str> = ["year"].into_iter().chain(lines.iter().map(|line| line.name)).collect();
    let rows = (arguments.from..=arguments.to).map(|year| {
        let cells = lines.iter().map(|line| {
            let point = line.points.iter().find(|(of, _)| *of == year);
            point.map_or("–".into(), |(_, euros)| format!("{euros:.0}"))
        });
        [year.to_string()].into_iter().chain(cells).collect()
    });
    let prices = arguments.prices.map_or("prices of each year".into(), |year| format!("prices of {year}"));
    format!(
        "Poverty lines of a {}, euros a month, {prices}\n{}\n  Rule: 9,249 euro of 2000 for a person alone, by consumer prices, times the CBS factor of the year (revised from 2018);\n  no factor of 2018 and later is published for some households. From {RULE_BREAKS_FROM} CBS departs from the rule.\n",
        series.household.name(),
        text_table(&header, rows.collect(), 1)
    )
}

/// A published amount of the low-income line.
#[derive(Debug, Deserialize)]
pub(crate) struct Published {
    year: i16,
    household_type: String,
    adults: u16,
    children: u16,
    amount_eur_per_month: Option<f64>,
    amount_eur_per_year: Option<f64>,
    basis: String,
    source: String,
}

pub(crate) fn published(data: &Path) -> Result<Vec<Published>> {
    let path = data.join("poverty-lines/low_income_line.csv");
    let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
    let rows = reader.deserialize().collect::<Result<Vec<Published>, _>>();
    let mut rows = rows.with_context(|| path.display().to_string())?;
    rows.retain(|row| row.basis == "published");
    Ok(rows)
}

/// A published amount beside the one that the rule gives.
pub(crate) struct Comparison {
    year: i16,
    household: String,
    published: f64,
    computed: f64,
    unit: &'static str,
    tolerance: f64,
    source: String,
}

impl Comparison {
    fn agrees(&self) -> bool {
        (self.published - self.computed).abs() <= self.tolerance
    }

    /// The rule gives the amounts before its known break, and not after it.
    pub(crate) fn is_as_expected(&self) -> bool {
        self.agrees() == (self.year < RULE_BREAKS_FROM)
    }
}

pub(crate) fn compare(published: &[Published]) -> Result<Vec<Comparison>> {
    let compare = |row: &Published| -> Result<Vec<Comparison>> {
        let scale = EquivalenceScale::cbs(row.year, ScaleVintage::FirstPublished);
        let composition = Composition { adults: row.adults, children: row.children };
        let yearly = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, scale.clone());
        let rounded = PovertyDefinition::cbs_low_income(LowIncomeAmounts::DerivedRounded, scale);
        let one = |published, computed, unit, tolerance| Comparison {
            year: row.year,
            household: row.household_type.replace('_', " "),
            published,
            computed,
            unit,
            tolerance,
            source: row.source.clone(),
        };
        let euros = |definition: &PovertyDefinition| -> Result<f64> {
            Ok(definition.threshold(row.year, composition)?.euros_per_year)
        };
        // A yearly amount beside a monthly one is twelve times it; alone it is rounded to ten or not at all.
        Ok(match (row.amount_eur_per_month, row.amount_eur_per_year) {
            (Some(month), _) => vec![one(month, euros(&rounded)? / 12.0, "month", 0.5)],
            (None, Some(year)) => vec![one(year, euros(&yearly)?, "year", 5.0)],
            (None, None) => Vec::new(),
        })
    };
    let all: Vec<Vec<Comparison>> = published.iter().map(compare).collect::<Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

pub(crate) fn comparison_table(comparisons: &[Comparison]) -> String {
    let rows = comparisons.iter().map(|c| {
        vec![
            c.year.to_string(),
            c.household.clone(),
            c.source.chars().take(48).collect(),
            c.unit.into(),
            format!("{:.0}", c.published),
            format!("{:.0}", c.computed),
            if c.agrees() { "agrees" } else { "differs" }.into(),
        ]
    });
    let header = ["year", "household", "source", "euros a", "published", "computed", "verdict"];
    let agreeing = comparisons.iter().filter(|c| c.agrees()).count();
    format!(
        "Published amounts of the low-income line, computed again\n{}\n  {agreeing} of {} agree. Computed: the rule, rounded to ten euro a month (yearly amounts: to ten a year), with the factors\n  as first published (revised from 2019). The amount of {RULE_BREAKS_FROM} does not follow the rule; the cause is not known.\n",
        text_table(&header, rows.collect(), 4),
        comparisons.len()
    )
}
