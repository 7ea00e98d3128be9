//! An atlas of mobility in one pass: lines, expected outcomes, means and matrices of every cell, from sums.
//!
//! A cell is a region crossed with subgroups: sex, origin, type of household, income group. Instead of filtering the
//! children again for each cell and fitting a regression, the sums that the regression needs are kept for each cell.
//! They add up, so that regions and subgroups are rolled up without seeing the children again, and each line is the
//! one that [`crate::LinearModel`] fits to the children of the cell, errors included.
//!
//! ```
//! use erflijn_core::Weights;
//! use erflijn_mobility::Sandwich;
//! use erflijn_mobility::atlas::{Atlas, AtlasSample, CellGrid};
//!
//! // Two municipalities and two sexes.
//! let grid = CellGrid::new(&[2, 2])?;
//! let (places, sexes) = ([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1]);
//! let sample = AtlasSample {
//!     cells: &grid.cells_of(&[&places, &sexes])?,
//!     parent_rank: &[0.1, 0.3, 0.5, 0.9, 0.2, 0.4, 0.6, 0.8],
//!     outcome: &[0.2, 0.4, 0.6, 1.0, 0.5, 0.5, 0.4, 0.6],
//!     classes: None,
//!     weights: Weights::Equal,
//!     families: None,
//! };
//! let mut atlas = Atlas::new(grid);
//! atlas.update(&sample)?;
//!
//! // Both sexes together: all codes of dimension 1 become code 0.
//! let places = atlas.roll_up(1, &[Some(0), Some(0)])?;
//! let first = places.cell(&[0, 0])?.expect("four children live there");
//! // They lie on the line 0.1 + rank.
//! let quarter = first.line()?.expected_outcome(0.25, Sandwich::Hc1)?;
//! assert!((quarter.value - 0.35).abs() < 1e-12);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

mod cell;
mod grid;
mod moments;
mod tally;

pub use cell::{AtlasCell, CellLine};
pub use grid::CellGrid;
pub use tally::{Atlas, AtlasSample};
