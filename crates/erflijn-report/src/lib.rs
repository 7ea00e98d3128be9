//! Tables, figures and one page, made of nothing but numbers that passed disclosure control.

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
pub use page::{Certainty, Comparison, Headline, Page, Part, Section, WithheldNote};
pub use table::Table;
