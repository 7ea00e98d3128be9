//! What the programs of this package share: where registers come from, a country read for a study, tables,
//! which cells may be shown, and how all of it is written.

mod choices;
mod country;
mod persistence;
mod registers;
mod report;
mod source;
mod table;
mod window;
mod withhold;

pub use choices::{
    Checks, Destination, Disclosure, IncomeConcept, Line, Poverty, Region, SeparatedParents,
    StudentHouseholds, check_spans, check_years, first_and_last, read_choices, span,
};
pub use country::{Agreement, Country, IncomeYear, Wanted};
pub use persistence::{HEREDITY_COLUMNS, LEVEL, family_numbers, persistence_cells};
pub use report::{Report, at_least, flow_table, in_one_line, municipality_cells, shipped};
pub use source::{Source, SourceArguments};
pub use table::{Cell, Table};
pub use window::IncomeWindow;
pub use withhold::{cells_shown, groups_shown, is_small};
