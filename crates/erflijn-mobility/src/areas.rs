//! Many small areas: their noise shrunk away, alone or with their neighbours, and how sure their order is.
//!
//! Estimates of small areas are noisy, and the extremes of a list are mostly noise. Shrinkage draws each area towards the
//! mean as far as its error asks for; the order of areas is told by sets of ranks that the data do not rule out.
//!
//! ```
//! use erflijn_mobility::areas::{AreaErrors, BetweenVariance, RankOptions, empirical_bayes, rank_confidence_sets};
//!
//! let estimates = [0.30, 0.50, 0.40, 0.42];
//! let errors = [0.02, 0.02, 0.10, 0.02];
//! let shrunk = empirical_bayes(&estimates, &errors, BetweenVariance::DerSimonianLaird)?;
//! // The area that is known least is drawn furthest towards the mean.
//! assert!(shrunk.areas[2].reliability < 0.5 && shrunk.areas[0].reliability > 0.8);
//!
//! let sets = rank_confidence_sets(&estimates, AreaErrors::Independent(&errors), &RankOptions::default())?;
//! assert_eq!((sets[1].rank, sets[1].low, sets[1].high), (1, 1, 2)); // the third could be the best
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```

mod rank_sets;
mod shrinkage;
mod spatial;

pub use rank_sets::{
    AreaErrors, Coverage, FirstRank, RankOptions, RankSet, Steps, rank_confidence_sets,
    rank_confidence_sets_from_bootstrap, tau_best, tau_worst,
};
pub use shrinkage::{BetweenVariance, Shrinkage, ShrunkArea, empirical_bayes};
pub use spatial::{SpatialShrinkage, spatial_shrinkage};
