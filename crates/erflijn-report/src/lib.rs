//! Tables, figures and one page, made of nothing but numbers that passed disclosure control.

mod cell;
mod error;
mod html;
mod language;
mod table;

pub use cell::Cell;
pub use error::ReportError;
pub use language::Language;
pub use table::Table;
