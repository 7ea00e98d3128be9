//! Tables, figures and one page, made of nothing but numbers that passed disclosure control.
//!
//! A number comes in as [`Released`](erflijn_disclosure::Released) and becomes a [`Cell`]. Figures and tables are made
//! of cells, and a page of figures and tables. What is withheld, what is zero and what has no value look different in
//! every form.
//!
//! ```
//! use erflijn_disclosure::{Reason, Released};
//! use erflijn_report::{Caption, Cell, FrequencyBar, FrequencyBars, Language};
//!
//! let bar = |label: &str, share| FrequencyBar { label: label.into(), share, interval: Cell::Undefined };
//! let bars = FrequencyBars {
//!     caption: Caption::new("outflow", "Armoede van ouders en kinderen", "Jongvolwassenen van 22 tot 26 jaar."),
//!     measure: "zelf arm".into(),
//!     bars: vec![
//!         bar("met een arme ouder", Cell::Share(Released::public(0.12))),
//!         bar("zonder arme ouder", Cell::Withheld(Reason::Complementary)),
//!     ],
//! };
//! let figure = bars.draw(Language::Dutch)?;
//! assert!(figure.svg.contains("12 van de 100") && figure.svg.contains("niet getoond"));
//! # Ok::<(), erflijn_report::ReportError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`Language`] | words and numbers in Dutch or English |
//! | [`Cell`], [`Table`] | released values; text, CSV, JSON and HTML |
//! | [`HeatMap`], [`Ribbons`], [`RankScatter`] | a transition matrix, and ranks of parents and children |
//! | [`DotPlot`], [`Trends`], [`AreaMap`], [`Boundaries`] | areas in order, over years, on a map |
//! | [`FrequencyBars`], [`LossFlow`] | shares as people of every hundred; who was lost |
//! | [`Figure`], [`Caption`] | a drawing with its words and its table |
//! | [`Headline`] | a number beside others, in running sentences |
//! | [`Page`], [`Section`], [`Part`] | one HTML file that needs nothing else |
//!
//! It reads and writes no files, knows no microdata and decides nothing about disclosure. How figures are read stands in
//! `docs/methods/report.md`; where the boundaries come from in `data/README.md`.

mod boundaries;
mod cell;
mod drawing;
mod error;
mod figure;
mod html;
mod language;
mod page;
mod palette;
mod table;

pub use boundaries::Boundaries;
pub use cell::Cell;
pub use error::ReportError;
pub use figure::{
    AreaEstimate, AreaMap, AreaValue, Caption, DotPlot, Figure, FittedLine, FrequencyBar, FrequencyBars,
    HeatMap, LossFlow, LossStep, Panel, RankBin, RankScatter, Ribbons, Series, Trends,
};
pub use language::Language;
pub use page::{Certainty, Comparison, Headline, Page, Part, Predicate, Section, WithheldNote};
pub use table::Table;

/// The example of the methods page, kept true by the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/methods/report.md")]
mod methods {}
