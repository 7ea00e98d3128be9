//! How poverty passes from parents to children: by which parent, to which children, through what, and why more here than
//! there. Each number comes with an error that holds with weights and families.
//!
//! ```
//! use erflijn_core::Weights;
//! use erflijn_mobility::heredity::{BinaryModel, CovariatesAre, Link, MarginalChange, gelbach};
//!
//! // Twelve children, siblings in pairs: poor parents, years of schooling, poor as adults.
//! let parent = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
//! let schooling = [10.0, 11.0, 14.0, 9.0, 12.0, 10.0, 12.0, 15.0, 11.0, 16.0, 13.0, 14.0];
//! let poor = [true, true, false, true, false, false, false, false, true, false, true, false];
//! let family = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6];
//!
//! let model = BinaryModel::fit(Link::Logit, &poor, &[&parent], Weights::Equal, Some(&family))?;
//! let effect = model.average_marginal_effect(1, MarginalChange::ZeroToOne, CovariatesAre::Fixed)?;
//! assert!((effect.value - (3.0 / 6.0 - 2.0 / 6.0)).abs() < 1e-12);
//!
//! // How much of it goes through schooling?
//! let outcome = poor.map(f64::from);
//! let parts = gelbach(&outcome, &parent, &[], &[&[&schooling]], Weights::Equal, Some(&family))?;
//! assert!((parts.base().value - parts.full().value - parts.part(0).unwrap().value).abs() < 1e-12);
//! # Ok::<(), erflijn_mobility::MobilityError>(())
//! ```
//!
//! | question | item |
//! |---|---|
//! | from father, mother, either, both, to children at home or on their own? | [`ChildrenOfParents`] |
//! | inflow, attributable fraction, and other measures of one table | [`PersistenceMeasure`], [`crate::PovertyPersistence`] |
//! | by how many years of childhood in poverty? | [`controlled_exposure_regression`], [`ExposureCurve`] |
//! | with controls | [`BinaryModel`] (logit, probit), [`crate::LinearModel`] (linear probability) |
//! | through which mediators? | [`gelbach`], [`karlson_holm_breen`], [`FourPartDecomposition`] |
//! | why is an area poorer than elsewhere? | [`blinder_oaxaca`], [`blinder_oaxaca_threefold`], [`fairlie`] |
//! | do grandparents matter? | [`PovertyOfThreeGenerations`] |
//!
//! Columns are slices of numbers; coefficients are numbered from the intercept, 0. Formulas, sources and the functions of
//! other packages that agree stand in `docs/methods/mobility-poverty.md`.

mod binary;
mod centred;
mod exposure;
mod fairlie;
mod four_part;
mod gelbach;
mod generations;
pub(crate) mod joint;
mod khb;
mod likelihood;
mod link;
mod matching;
pub(crate) mod measure;
mod mediation;
mod oaxaca;
mod parents;
mod two_groups;

pub use binary::{BinaryModel, CovariatesAre, MarginalChange};
pub(crate) use exposure::wald;
pub use exposure::{ExposureCurve, ExposurePoint, WaldTest, controlled_exposure_regression};
pub use fairlie::{
    FairlieDecomposition, FairlieMatching, FairlieSample, ReferenceModel, SwitchingOrder, fairlie,
};
pub use four_part::{FourPartColumns, FourPartDecomposition};
pub use gelbach::{GelbachDecomposition, gelbach};
pub use generations::PovertyOfThreeGenerations;
pub use khb::{KarlsonHolmBreen, karlson_holm_breen};
pub use link::Link;
pub use measure::PersistenceMeasure;
pub use oaxaca::{
    AreaAndElsewhere, GapDecomposition, GapPart, ReferenceCoefficients, blinder_oaxaca,
    blinder_oaxaca_threefold,
};
pub use parents::{
    ChildrenOfParents, DestinationPopulation, LivingSituation, OneKnownParent, ParentPoor,
    ParentalPersistence, SelectedChildren,
};

/// The page of methods, whose example the tests keep true.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/methods/mobility-poverty.md")]
mod methods {}
