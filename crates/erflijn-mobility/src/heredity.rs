//! How poverty passes from parents to children, with controls: models of a binary outcome, what mediates the
//! parental effect, exposure in years, the gap between an area and elsewhere, three generations.

mod binary;
mod exposure;
pub(crate) mod joint;
mod likelihood;
mod link;
pub(crate) mod measure;
mod parents;

pub use binary::{BinaryModel, CovariatesAre, MarginalChange};
pub use exposure::{ExposureCurve, ExposurePoint, WaldTest, exposure_regression};
pub use link::Link;
pub use measure::PersistenceMeasure;
pub use parents::{
    ChildrenOfParents, DestinationPopulation, LivingSituation, OneKnownParent, ParentPoor,
    ParentalPersistence,
};
