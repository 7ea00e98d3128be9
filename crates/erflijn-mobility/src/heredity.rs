//! How poverty passes from parents to children, with controls: models of a binary outcome, what mediates the
//! parental effect, exposure in years, the gap between an area and elsewhere, three generations.

mod binary;
mod exposure;
mod four_part;
mod gelbach;
mod generations;
pub(crate) mod joint;
mod khb;
mod likelihood;
mod link;
pub(crate) mod measure;
mod mediation;
mod parents;

pub use binary::{BinaryModel, CovariatesAre, MarginalChange};
pub use exposure::{ExposureCurve, ExposurePoint, WaldTest, exposure_regression};
pub use four_part::{FourPartColumns, FourPartDecomposition};
pub use gelbach::{GelbachDecomposition, gelbach};
pub use generations::ThreeGenerations;
pub use khb::{KarlsonHolmBreen, karlson_holm_breen};
pub use link::Link;
pub use measure::PersistenceMeasure;
pub use parents::{
    ChildrenOfParents, DestinationPopulation, LivingSituation, OneKnownParent, ParentPoor,
    ParentalPersistence,
};
