//! Matrices of places instead of families: regions that are rich or poor among rich or poor neighbours.
//!
//! A panel has a row for each place (region, municipality) and a column for each period. Neighbours are
//! lists; maps and distances are made elsewhere.
//!
//! ```
//! use erflijn_transition::space::{Neighbours, Standardisation};
//!
//! // Three villages along a canal.
//! let canal = Neighbours::new(&[vec![1], vec![0, 2], vec![1]], Standardisation::Rows)?;
//! assert_eq!(canal.lag(&[10.0, 20.0, 30.0])?, [20.0, 20.0, 20.0]); // means of the neighbours
//! # Ok::<(), erflijn_transition::TransitionError>(())
//! ```

mod kendall;
mod lisa;
mod neighbours;
mod panel;
mod rank_mobility;
mod spatial_markov;

pub use kendall::{KendallTau, local_tau, spatial_tau, tau};
pub use lisa::{LisaMarkov, Quadrant};
pub use neighbours::{Neighbours, Standardisation};
pub use rank_mobility::{Theta, full_rank_counts, theta};
pub use spatial_markov::{ClassLimits, SpatialMarkov};
