//! What the programs of this package share: where registers come from, a country read for a study, tables,
//! which cells may be shown, and how all of it is written.

mod choices;
mod country;
mod dutch;
mod files;
mod flow;
mod gate;
mod persistence;
mod registers;
mod report;
mod shares;
mod source;
mod truth;
mod window;

pub use choices::{
    Checks, Destination, Disclosure, IncomeConcept, Line, Poverty, Region, RuleProfile, SeparatedParents,
    StudentHouseholds, Territory, check_spans, check_years, first_and_last, read_choices, span,
};
pub use country::{Agreement, ChoiceNames, Country, IncomeYear, Wanted};
pub use dutch::{link_in_dutch, missing_in_dutch};
pub use files::{evidence_files, write_all};
pub use flow::{FlowRows, FlowStep};
pub use gate::{Basis, Gate, GroupId, Opened, sets_of_several, words};
pub use persistence::{HEREDITY_COLUMNS, LEVEL, family_numbers, persistence_cells};
pub use report::{Report, Results, at_least, in_one_line, municipality_cells, shipped};
pub use shares::Shares;
pub use source::{Source, SourceArguments, UNDER_DRAWINGS};
pub use truth::{Held, Scale, far_from_truth, held_table, parents_needed, poor_in, study_truth};
pub use window::IncomeWindow;
