mod dot_plot;
mod frequency_bars;
mod heat_map;
mod losses;
mod map;
mod rank_scatter;
mod ribbons;
mod trends;

pub use dot_plot::{AreaEstimate, DotPlot};
pub use frequency_bars::{FrequencyBar, FrequencyBars};
pub use heat_map::HeatMap;
pub use losses::{LossFlow, LossStep};
pub use map::{AreaMap, AreaValue};
pub use rank_scatter::{FittedLine, RankBin, RankScatter};
pub use ribbons::Ribbons;
pub use trends::{Panel, Series, Trends};

use crate::Table;

/// A drawing, what it says in words, and the same numbers as a table.
///
/// The drawing is complete by itself (it can be saved as a file) and can stand inside a page: its ids begin with the
/// name of its table.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The drawing.
    pub svg: String,
    /// The same for a phone held upright, with letters as large; none where its numbers do not fit.
    pub narrow: Option<String>,
    /// What is shown, of whom and when.
    pub title: String,
    /// How to read it.
    pub description: String,
    /// Its numbers.
    pub table: Table,
}

/// Name and words of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// File name without ending, and start of all ids: ASCII letters, digits, `-` and `_`.
    pub name: String,
    /// What is shown, of whom and when.
    pub title: String,
    /// How to read it: population, direction, units.
    pub description: String,
}

impl Caption {
    /// Name, title and description.
    pub fn new(name: impl Into<String>, title: impl Into<String>, description: impl Into<String>) -> Self {
        Self { name: name.into(), title: title.into(), description: description.into() }
    }

    /// The table that holds the numbers of the figure.
    pub(crate) fn table(&self, columns: Vec<String>) -> Table {
        let table = Table { columns, ..Table::new(self.name.clone(), self.title.clone(), &[]) };
        table.note(self.description.clone())
    }
}
