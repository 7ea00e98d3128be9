//! The words every other erflijn crate speaks: keys of persons and households, dates and spells,
//! reasons why a value is missing, household composition, weights, ranks, quantiles, and estimates
//! that carry their uncertainty.
//!
//! ```
//! use erflijn_core::{Distribution, Omega, PersonKey, Weights};
//!
//! let mother = PersonKey::parse("R", "001234567")?.expect("a number, not dashes");
//! assert_eq!(mother.to_string(), "R001234567"); // leading zeros are part of the number
//! assert_eq!(PersonKey::parse("-", "---------")?, None); // dashes are no key, never a parent
//!
//! let incomes = [20_000.0, 30_000.0, 30_000.0, 50_000.0];
//! let ranks = Distribution::new(&incomes, Weights::Equal)?.ranks(Omega::MID);
//! assert_eq!(ranks, [0.125, 0.5, 0.5, 0.875]); // ties share the middle of their block
//! # Ok::<(), erflijn_core::CoreError>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`PersonKey`], [`HouseholdKey`] | the pair (class, number) in four bytes |
//! | [`Spell`], [`age_on`], [`birthday`] | days, inclusive at both ends |
//! | [`Missing`] | why a value is absent |
//! | [`MunicipalityCode`] | four digits, which mean something only together with the year of the borders |
//! | [`Composition`] | adults and children of a household |
//! | [`Weights`], [`Omega`], [`Distribution`] | ranks and quantiles, sorted once |
//! | [`weighted_quantile`] | one quantile of many values, without a sort |
//! | [`CompensatedSum`], [`weighted_mean`] | sums of ten million that lose nothing |
//! | [`Estimate`], [`Interval`] | a number, its standard error and how that was obtained |
//! | [`Linearised`] | a number, and what each observation contributes to its error |
//! | [`SurveyDesign`], [`SamplingPlan`] | how a sample was drawn, and the errors that follow |
//! | [`Bootstrap`], [`ReplicateWeights`] | errors by computing a statistic again and again |
//! | [`random`] | the generators behind every bootstrap |
//! | [`Count`] | a number of persons, children or households, never mixed |
//! | [`Figure`], [`Conversion`] | an estimate with its vintage, and the way to another vintage |
//! | [`Vintage`] | which definitions, files and prices a result rests on |
//!
//! It knows no file format, no table of Statistics Netherlands and no matrix.

mod count;
mod dates;
mod distribution;
mod error;
mod estimate;
mod figure;
mod household;
mod key;
mod linearised;
mod missing;
mod municipality;
mod order;
pub mod random;
mod selection;
mod student;
mod sum;
mod survey;
mod vintage;
mod weights;

pub use count::{Children, Count, Families, Households, Persons, Unit};
pub use dates::{Spell, age_on, birthday};
pub use distribution::{Distribution, Omega, fractional_ranks, type7_quantile, type7_quantiles};
pub use error::{CoreError, ReplicateError};
pub use estimate::{Estimate, Interval, Linearised, StandardError, chi_squared_upper_tail, normal_quantile};
pub use figure::{Conversion, Figure};
pub use household::Composition;
/// A calendar date without a time zone, as `jiff` defines it.
pub use jiff::civil::Date;
pub use key::{HouseholdKey, KeyClass, PersonKey};
pub use missing::Missing;
pub use municipality::MunicipalityCode;
pub use selection::{weighted_quantile, weighted_quantiles};
pub use student::student_quantile;
pub use sum::{CompensatedSum, weighted_mean};
pub use survey::{
    Around, Bootstrap, Bootstrapped, Clusters, DomainTotals, FinitePopulation, LonelyUnit, ReplicateScale,
    ReplicateWeights, Resampling, SamplingPlan, SurveyDesign,
};
pub use vintage::{SourceFile, Vintage};
pub use weights::Weights;
