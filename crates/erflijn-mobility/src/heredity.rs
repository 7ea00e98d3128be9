//! How poverty passes from parents to children, with controls: models of a binary outcome, what mediates the
//! parental effect, exposure in years, the gap between an area and elsewhere, three generations.

mod binary;
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
pub use exposure::{ExposureCurve, ExposurePoint, WaldTest, exposure_regression};
pub use fairlie::{
    FairlieDecomposition, FairlieMatching, FairlieSample, ReferenceModel, SwitchingOrder, fairlie,
};
pub use four_part::{FourPartColumns, FourPartDecomposition};
pub use gelbach::{GelbachDecomposition, gelbach};
pub use generations::ThreeGenerations;
pub use khb::{KarlsonHolmBreen, karlson_holm_breen};
pub use link::Link;
pub use measure::PersistenceMeasure;
pub use oaxaca::{
    AreaAndElsewhere, GapDecomposition, GapPart, ReferenceCoefficients, blinder_oaxaca,
    blinder_oaxaca_threefold,
};
pub use parents::{
    ChildrenOfParents, DestinationPopulation, LivingSituation, OneKnownParent, ParentPoor,
    ParentalPersistence,
};
