//! Which municipality, in whose borders: Dutch municipalities of 1981-2025, study areas as they were
//! published, and the way from one year's borders to another's.
//!
//! A municipality code means nothing without the year of its borders. Sets and tables carry that year, and
//! what is in other borders is refused until it is converted, with an explicit choice for municipalities that
//! were divided.
//!
//! ```
//! use erflijn_core::Persons;
//! use erflijn_regions::{
//!     BorderConversion, BorderHistory, PartlyInside, RegionCounts, RegionSet, SplitRule, Veenkolonien,
//! };
//!
//! let history = BorderHistory::netherlands();
//! let (bellingwedde, vlagtwedde) = ("0007".parse()?, "0048".parse()?);
//! let poor = RegionCounts::<Persons>::new(2017, &[(bellingwedde, 800.0), (vlagtwedde, 1_300.0)])?;
//!
//! let to_2022 = BorderConversion::new(history, 2017, 2022, SplitRule::Refuse)?;
//! let poor = poor.convert(&to_2022)?.figures;
//! let westerwolde = "1950".parse()?;
//! assert_eq!((poor.get(westerwolde), history.name(westerwolde)), (Some(2_100.0), Some("Westerwolde")));
//!
//! let area = RegionSet::veenkolonien(Veenkolonien::FactSheet2018); // in the borders of 2017
//! assert!(poor.in_set(&area).is_err());
//! let area = area.in_year(2022, history, PartlyInside::Include)?.set;
//! assert_eq!(poor.in_set(&area)?.value, 2_100.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | type | what it is |
//! |---|---|
//! | [`BorderHistory`] | the municipalities of each year, their names, provinces and changes |
//! | [`RegionSet`], [`Veenkolonien`] | a named set of municipalities in the borders of one year |
//! | [`BorderConversion`], [`SplitRule`], [`Placement`] | where each municipality lies in other borders, and on what that rests |
//! | [`RegionCounts`], [`RegionRates`] | figures by municipality, which convert with a [`ConversionReport`] |
//! | [`region_at_age`], [`longest_lived_region`] | the place of a childhood, from the stays of one person |
//!
//! It knows no persons, files or registers. Corrections of borders are not built in, nor are populations: a
//! merged municipality is divided backward by the user's own shares only. Sources and licence: `data/README.md`.

mod childhood;
mod conversion;
mod counts;
mod data;
mod error;
mod history;
mod province;
mod region_set;

pub use childhood::{EquallyLong, LongestStay, childhood, longest_lived_region, region_at_age};
pub use conversion::{Basis, BorderConversion, OwnShares, Part, Placement, SplitRule};
pub use counts::{
    Approximated, ConversionReport, Converted, RegionCounts, RegionRates, SetRate, SetTotal, Unassigned,
};
pub use error::RegionError;
pub use history::{BorderChange, BorderHistory, KnownSplit};
pub use province::Province;
pub use region_set::{ConvertedSet, PartlyInside, RegionSet, SetComparison, Veenkolonien};
