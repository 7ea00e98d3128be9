//! What only this program tells: how well two statuses agree, and when too few people are left.

use std::fmt;

use anyhow::{Result, ensure};
use erflijn::disclosure::Profile;
use erflijn::report::{Cell, Table};
use erflijn_examples::{Agreement, Country, Gate, Results, at_least};

use crate::study::Study;

/// Households by two statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Households {
    All,
    PoorByBoth,
    PoorByLineOnly,
    PoorByRegisterOnly,
    PoorByNeither,
}

impl Households {
    const FOUR: [Self; 4] =
        [Self::PoorByBoth, Self::PoorByLineOnly, Self::PoorByRegisterOnly, Self::PoorByNeither];

    fn number(self, agreement: &Agreement) -> u64 {
        match self {
            Self::All => agreement.households(),
            Self::PoorByBoth => agreement.poor_by_both,
            Self::PoorByLineOnly => agreement.poor_by_line_only,
            Self::PoorByRegisterOnly => agreement.poor_by_register_only,
            Self::PoorByNeither => agreement.poor_by_neither,
        }
    }
}

impl fmt::Display for Households {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "households",
            Self::PoorByBoth => "poor by both",
            Self::PoorByLineOnly => "poor by the line only",
            Self::PoorByRegisterOnly => "poor by the register only",
            Self::PoorByNeither => "poor by neither",
        })
    }
}

/// The status by the recomputed line against the register's own percentage, where both are known.
pub(crate) fn agreement(country: &Country, study: &Study, profile: &Profile) -> Result<Results> {
    let columns =
        ["year", "households", "poor by both", "by the study's line only", "by the register only", "agree"];
    let mut table =
        Table::new("agreement", "The study's line against the register's own percentage", &columns).note(
            "Households with both; the register's percentage exists from 2011. Below 100 percent is poor.",
        );
    let mut evidence = Vec::new();
    for year in study.income_years().keys() {
        let books = country.year(*year)?;
        if books.outside_scale > 0 {
            table.notes.push(format!(
                "{year}: {} households have a composition without published factor; their status is missing.",
                at_least(books.outside_scale, study.disclosure.minimum_cell)
            ));
        }
        let Some(agreement) = &books.agreement else { continue };
        let mut gate: Gate<'_, Households> = Gate::new(profile);
        let group = gate.group(year.to_string());
        gate.count(group, Households::All, agreement.households());
        for households in Households::FOUR {
            gate.count(group, households, households.number(agreement));
        }
        gate.adds_up(group, Households::All, &Households::FOUR)?;
        let opened = gate.open()?;
        let mut row = vec![Cell::text(year.to_string())];
        for households in [
            Households::All,
            Households::PoorByBoth,
            Households::PoorByLineOnly,
            Households::PoorByRegisterOnly,
        ] {
            row.push(opened.count(group, households)?);
        }
        let households = agreement.households();
        let agree = (agreement.poor_by_both + agreement.poor_by_neither) as f64 / households as f64;
        row.push(opened.basis(group, &Households::FOUR)?.share((households > 0).then_some(agree)));
        table.rows.push(row);
        evidence.push((format!("agreement, {year}"), opened.report().clone()));
    }
    Ok(Results { tables: vec![table], evidence })
}

/// Refuses a study of too few people to tell anything about them.
pub(crate) fn refuse_few(people: u64, who: &str, study: &Study) -> Result<()> {
    let minimum = study.disclosure.minimum_cell;
    ensure!(
        people >= minimum,
        "after all filters fewer than {minimum} {who} are left, expected at least disclosure.minimum_cell"
    );
    Ok(())
}
