//! Indices of a table or matrix as values: for configuration files, with gradients and standard errors; and the
//! partial order of matrices by mobility.
//!
//! ```
//! use erflijn_mobility::matrix::MatrixIndex;
//! use erflijn_transition::{CellCovariance, TransitionCounts};
//!
//! let counts = TransitionCounts::from_cells(ndarray::array![[80.0, 20.0], [30.0, 70.0]])?;
//! let index: MatrixIndex = "shorrocks_trace".parse()?;
//! let found = index.estimate(&CellCovariance::multinomial(&counts)?)?;
//! assert!((found.value - 0.5).abs() < 1e-12); // 2 - 0.8 - 0.7
//! // Two independent rows of 100: 0.8 * 0.2 / 100 + 0.7 * 0.3 / 100.
//! assert!((found.standard_error - 0.0037_f64.sqrt()).abs() < 1e-12);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

mod gradient;
mod index;
mod order;
mod shares;

pub use index::{INDEX_NAMES, MatrixIndex, Origin};
pub use order::{DardanoniTest, MobilityOrder, cumulative_flows, dardanoni_order, dardanoni_test};
pub use shares::{
    average_jump, bottom_given_top, bottom_persistence, determinant_root_index, downward_share, share_moving,
    top_persistence, upward_share, weighted_group_mobility,
};
