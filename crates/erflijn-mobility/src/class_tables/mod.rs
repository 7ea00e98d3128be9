//! Models and measures of association in tables of classes: father's class by child's class.
//!
//! ```
//! use erflijn_mobility::class_tables::{AssociationModel, ClassTable, fit_association};
//! use ndarray::array;
//!
//! // Glass 1954: father's and son's status, professional to unskilled.
//! let table = ClassTable::two_way(array![
//!     [50.0, 45.0, 8.0, 18.0, 8.0],
//!     [28.0, 174.0, 84.0, 154.0, 55.0],
//!     [11.0, 78.0, 110.0, 223.0, 96.0],
//!     [14.0, 150.0, 185.0, 714.0, 447.0],
//!     [3.0, 42.0, 72.0, 320.0, 411.0],
//! ])?;
//! let perfect = fit_association(&table, &AssociationModel::independence())?;
//! let symmetric = fit_association(&table, &AssociationModel::quasi_symmetry())?;
//! assert_eq!(format!("{:.1} on {}", perfect.deviance(), perfect.degrees_of_freedom()), "792.2 on 16");
//! assert_eq!(format!("{:.1} on {}", symmetric.deviance(), symmetric.degrees_of_freedom()), "4.7 on 6");
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! | item | what it is |
//! |---|---|
//! | [`ClassTable`] | origin by destination, in one layer or several, weighted or not |
//! | [`AssociationModel`], [`fit_association`], [`AssociationFit`] | log-linear and log-multiplicative models: perfect and quasi-perfect mobility, symmetry, uniform association, row and column effects, levels, RC(1), unidiff |
//! | [`altham_distance`], [`altham_from_independence`], [`intrinsic_association`], [`mean_absolute_odds_ratio`] | how far the odds ratios of a table are from those of another, or from 1 |
//! | [`DiagonalReference`] | an outcome by origin and destination as a mixture of what is usual in each class |
//!
//! Origins are in rows. Classes and layers are numbered from 0.

mod altham;
mod design;
mod diagonal_reference;
mod fit;
mod layer_starts;
mod least_squares;
mod model;
mod newton;
mod residuals;
mod scores;
mod scoring;
mod starts;
mod table;
mod unit;

pub use altham::{
    AssociationWeights, ZeroCells, altham_distance, altham_from_independence, intrinsic_association,
    mean_absolute_odds_ratio, normalised_association,
};
pub use design::ParameterName;
pub use diagonal_reference::DiagonalReference;
pub use fit::{AssociationFit, Parameter, Starts, fit_association};
pub use model::{AcrossLayers, AssociationModel, Margins, Pattern, Product, Term, integer_scores};
pub use scores::{RcScores, ScoreWeights};
pub use table::ClassTable;
