//! What only this program tells: how well two statuses agree, and when too few people are left.

use anyhow::{Result, ensure};
use erflijn_examples::{Cell, Country, Table, at_least};

use crate::study::Study;

/// The status by the recomputed line against the register's own percentage, where both are known.
pub(crate) fn agreement_table(country: &Country, study: &Study) -> Result<Table> {
    let columns =
        ["year", "households", "poor by both", "by the study's line only", "by the register only", "agree"];
    let mut table =
        Table::new("agreement", "The study's line against the register's own percentage", &columns).note(
            "Households with both; the register's percentage exists from 2011. Below 100 percent is poor.",
        );
    let minimum = study.disclosure.minimum_cell;
    for year in study.income_years().keys() {
        let books = country.year(*year)?;
        if books.outside_scale > 0 {
            table.notes.push(format!(
                "{year}: {} households have a composition without published factor; their status is missing.",
                at_least(books.outside_scale, minimum)
            ));
        }
        let Some(agreement) = books.agreement else { continue };
        let cells = [
            agreement.poor_by_both,
            agreement.poor_by_line_only,
            agreement.poor_by_register_only,
            agreement.poor_by_neither,
        ];
        let households = agreement.households();
        let mut row = vec![Cell::text(year.to_string()), Cell::Count(households)];
        // The four cells add up to the households: one that is small takes all with it, unless it is empty.
        if cells.iter().any(|cell| (1..minimum).contains(cell)) {
            row.extend(vec![Cell::Withheld; 4]);
        } else {
            row.extend(cells[..3].iter().map(|cell| Cell::Count(*cell)));
            let agree = (agreement.poor_by_both + agreement.poor_by_neither) as f64 / households as f64;
            row.push(Cell::share((households > 0).then_some(agree)));
        }
        table.rows.push(row);
    }
    Ok(table)
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
