//! Batches of arrow, whoever read them, turned into batches of wanted cells.

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Field;

use crate::columns::Cells;
use crate::keep::Test;
use crate::scan::{Batch, Each, Kept, Plan, Stop};
use crate::{ColumnKind, RegisterError, arrow_cells};

/// The columns of a plan as a file has them, and the cells of the batch at hand.
pub(crate) struct Blocks<'a> {
    plan: Plan<'a>,
    /// Names of the wanted columns, then of those of the conditions, as the file spells them.
    names: Vec<String>,
    cells: Vec<Cells>,
    pub(crate) before: u64,
}

impl<'a> Blocks<'a> {
    /// Checks that each column is stored in a way that can be read as it is wanted; `fields` are those
    /// of the plan, in its order.
    pub(crate) fn new(plan: Plan<'a>, fields: &[&Field]) -> Result<Self, RegisterError> {
        let wanted = plan.wants.iter().map(|want| want.kind);
        let looked_at = plan.keep.iter().flat_map(|keep| {
            let kind = match keep.test {
                Test::Persons(_) | Test::Texts(_) => ColumnKind::Text,
                Test::Numbers(_) | Test::Codes(_) => ColumnKind::Code,
                Test::Dates(_) => ColumnKind::Date,
            };
            keep.columns.iter().map(move |_| kind)
        });
        let number_wanted = plan.wants.len();
        for ((place, field), expected) in fields.iter().enumerate().zip(wanted.chain(looked_at)) {
            let Some(found) = arrow_cells::kind(field.data_type()) else { continue };
            let fits = match expected {
                // Dates are wanted as text; a condition on texts does not look at dates.
                ColumnKind::Text => {
                    found == ColumnKind::Text || (found == ColumnKind::Date && place < number_wanted)
                }
                ColumnKind::Code => matches!(found, ColumnKind::Text | ColumnKind::Number),
                ColumnKind::Date => matches!(found, ColumnKind::Text | ColumnKind::Date),
                _ => found == expected,
            };
            if !fits {
                let (path, column) = (plan.path.to_owned(), field.name().clone());
                return Err(RegisterError::ColumnType { path, column, found, expected });
            }
        }
        let names = fields.iter().map(|field| field.name().clone()).collect();
        let cells = plan.wants.iter().map(|want| Cells::new(want.kind)).collect();
        Ok(Self { plan, names, cells, before: 0 })
    }

    /// Gives the rows of a batch that are kept. `arrays` are those of the plan, in its order.
    pub(crate) fn give(&mut self, arrays: &[&ArrayRef], rows: usize, each: Each<'_>) -> Result<(), Stop> {
        let (wanted, mut others) = arrays.split_at(self.plan.wants.len());
        let mut selected = None;
        let mut place = wanted.len();
        for keep in self.plan.keep {
            let (own, rest) = others.split_at(keep.columns.len());
            let own: Vec<&dyn Array> = own.iter().map(|array| array.as_ref()).collect();
            let kept = selected.as_deref().map_or(Kept::All(rows), Kept::Some);
            let left = arrow_cells::select(keep, &own, kept)
                .map_err(|(column, fault)| self.fault(place + column, fault))?;
            (selected, others, place) = (Some(left), rest, place + keep.columns.len());
        }
        let kept = selected.as_deref().map_or(Kept::All(rows), Kept::Some);
        for (place, array) in wanted.iter().enumerate() {
            let column = &mut self.cells[place];
            column.clear();
            arrow_cells::fill(array.as_ref(), kept, column).map_err(|fault| self.fault(place, fault))?;
        }
        each(&mut Batch { cells: &mut self.cells, before: self.before, rows: rows as u64, kept })?;
        self.before += rows as u64;
        Ok(())
    }

    /// Passes over rows that are known to meet not all conditions.
    #[cfg(feature = "parquet")]
    pub(crate) fn pass_over(&mut self, rows: u64, each: Each<'_>) -> Result<(), Stop> {
        self.cells.iter_mut().for_each(Cells::clear);
        each(&mut Batch { cells: &mut self.cells, before: self.before, rows, kept: Kept::All(0) })?;
        self.before += rows;
        Ok(())
    }

    fn fault(&self, column: usize, (place, fault): arrow_cells::Fault) -> RegisterError {
        self.plan.fault(self.before + place as u64 + 1, &self.names[column], fault)
    }
}
