//! The areas with their numbers.

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::mobility::atlas::AtlasCell;
use erflijn::mobility::{MobilityError, Sandwich};
use erflijn::report::{Cell, Table};
use erflijn_examples::Basis;

use crate::areas::ClearedAtlas;
use crate::counts::{FIFTHS, Measure, SEXES};

const LEVEL: f64 = 0.95;
/// By family.
pub(crate) const ERRORS: Sandwich = Sandwich::Cr1;
/// Intercept and slope.
pub(crate) const LINE: u64 = 2;
/// Rank of the parents for which areas are compared.
pub(crate) const POOR: f64 = 0.25;
const RANKS: [f64; 5] = [0.10, POOR, 0.50, 0.75, 0.90];

/// Areas with all of their numbers.
pub(crate) fn of_areas(cleared: &ClearedAtlas<'_>) -> Result<Table> {
    let columns = [
        "level",
        "area",
        "children",
        "mean rank",
        "slope",
        "p10",
        "p25",
        "p25 95 %",
        "p50",
        "p75",
        "p90",
        "bottom stays",
    ];
    let mut table = Table::new("areas", "Areas", &columns)
        .note("Slope: ranks of children per rank of parents. p10 to p90: expected rank of a child of parents at that rank; interval by family.")
        .note("Bottom stays: share of children of parents in the lowest fifth who are there too.");
    for area in cleared.areas() {
        let own = area.cell(Measure::All)?;
        let basis = area.basis(&[Measure::All])?;
        let stays = own.as_ref().and_then(|own| own.persistence(0)).map(|share| share.value);
        let mut row = vec![Cell::text(area.level()), Cell::text(area.name()), area.count(Measure::All)?];
        row.push(basis.number(mean(own.as_ref())));
        row.extend(line(own.as_ref(), &basis.model(LINE))?);
        row.push(area.basis(&[Measure::Stays, Measure::Leaves])?.share(stays));
        table.rows.push(row);
    }
    Ok(table)
}

pub(crate) fn by_sex(cleared: &ClearedAtlas<'_>) -> Result<Table> {
    subgroups(cleared, ("areas_by_sex", "Areas by sex"), &SEXES, &Measure::sexes())
}

pub(crate) fn by_income(cleared: &ClearedAtlas<'_>) -> Result<Table> {
    let title = ("areas_by_income", "Areas by income of the parents");
    subgroups(cleared, title, &FIFTHS, &Measure::incomes())
}

fn subgroups(
    cleared: &ClearedAtlas<'_>,
    (name, title): (&str, &str),
    names: &[&str],
    measures: &[Measure],
) -> Result<Table> {
    let columns = ["level", "area", "group", "children", "mean rank", "mean rank 95 %"];
    let mut table = Table::new(name, title, &columns);
    for area in cleared.areas() {
        for (name, measure) in names.iter().zip(measures) {
            let (own, basis) = (area.cell(*measure)?, area.basis(&[*measure])?);
            let with_error = own.as_ref().and_then(|own| own.mean(ERRORS).ok());
            let interval = with_error.map(|mean| mean.interval(LEVEL)).transpose()?;
            table.rows.push(vec![
                Cell::text(area.level()),
                Cell::text(area.name()),
                Cell::text(*name),
                area.count(*measure)?,
                basis.number(mean(own.as_ref())),
                basis.interval(interval),
            ]);
        }
    }
    Ok(table)
}

fn mean(cell: Option<&AtlasCell<'_>>) -> Option<f64> {
    Some(cell?.mean(Sandwich::Hc1).ok()?.value)
}

/// The expected rank at [`POOR`] with its error by family; nothing where parents do not differ, or are of one family.
pub(crate) fn at_poor_parents(cell: Option<&AtlasCell<'_>>) -> Option<Estimate> {
    cell?.line().ok()?.expected_outcome(POOR, ERRORS).ok()
}

/// Slope, expected ranks, and the interval of the second of them; undefined where parents do not differ. Of one family
/// the interval is undefined.
fn line(cell: Option<&AtlasCell<'_>>, basis: &Basis<'_>) -> Result<Vec<Cell>> {
    let Some(line) = cell.and_then(|cell| cell.line().ok()) else {
        return Ok(vec![basis.number(None); RANKS.len() + 2]);
    };
    let mut cells = vec![basis.number(line.slope(Sandwich::Hc1)?.value)];
    for rank in RANKS {
        cells.push(basis.number(line.expected_outcome(rank, Sandwich::Hc1)?.value));
        if (rank - POOR).abs() < 1e-9 {
            let interval = match line.expected_outcome(rank, ERRORS) {
                Ok(expected) => Some(line.interval(&expected, LEVEL)?),
                Err(MobilityError::TooFewClusters { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            cells.push(basis.interval(interval));
        }
    }
    Ok(cells)
}
