use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use erflijn_core::MunicipalityCode;

use crate::{Province, RegionError, data};

/// First year of the table of Statistics Netherlands.
const FIRST_YEAR: i16 = 1981;
/// Last year of which all changes are built in.
const LAST_YEAR: i16 = 2025;

/// The municipalities of the Netherlands in the borders of each year: who merged into whom.
///
/// It follows *blocks*: municipalities of 1981, which Statistics Netherlands books as a whole to the
/// municipality of each later year that took most of their inhabitants. A code means a set of blocks, and
/// means another set in a year in which its municipality grew: so it tells Coevorden of 1997 from the one
/// that was set up under the same code in 1998.
///
/// # Units
/// Years are those of borders, on 1 January.
///
/// # Examples
/// ```
/// use erflijn_regions::BorderHistory;
/// let history = BorderHistory::netherlands();
/// let coevorden = "0109".parse()?;
/// assert_eq!(history.name(coevorden), Some("Coevorden"));
/// assert!(!history.same_borders(coevorden, 1997, 1998)?); // a larger municipality under the same code
/// assert!(history.same_borders(coevorden, 1998, 2025)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Statistics Netherlands (2020), *Gemeenten en COROP vanaf 1981*; its yearly numbers of municipalities for
/// 2022-2025, see `data/README.md`.
#[derive(Debug, Clone)]
pub struct BorderHistory {
    last_year: i16,
    blocks: Vec<Block>,
    known_splits: Vec<KnownSplit>,
    names: BTreeMap<MunicipalityCode, String>,
    provinces: BTreeMap<MunicipalityCode, Province>,
    reused: Vec<(MunicipalityCode, i16)>,
}

/// Land that never was divided, as far as the table says.
#[derive(Debug, Clone)]
struct Block {
    /// Each code with the first year in which it held, in the order of years.
    codes: Vec<(i16, MunicipalityCode)>,
    province: Province,
}

impl Block {
    fn code_in(&self, year: i16) -> Option<MunicipalityCode> {
        let later = self.codes.partition_point(|(from, _)| *from <= year);
        later.checked_sub(1).map(|at| self.codes[at].1)
    }
}

/// A municipality that is known to have gone to several, although the table of Statistics Netherlands may
/// book it as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct KnownSplit {
    /// The municipality that was divided.
    pub code: MunicipalityCode,
    /// Last year in which it is known to have been whole.
    pub undivided_until: i16,
    /// First year in which it is known to have been divided.
    pub divided_from: i16,
    /// The municipalities that have its parts, as far as known, with addresses where they were counted.
    pub parts: Vec<(MunicipalityCode, Option<u32>)>,
}

/// A municipality that goes as a whole to another, or that changes its code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BorderChange {
    /// First year of the new code.
    pub year: i16,
    /// The code until then.
    pub old: MunicipalityCode,
    /// The code from then on.
    pub new: MunicipalityCode,
    /// Name of the new municipality, for print.
    pub new_name: String,
}

impl BorderHistory {
    /// The built-in history, 1981-2025; later changes are added by [`Self::extended`].
    #[must_use]
    pub fn netherlands() -> &'static Self {
        static HISTORY: OnceLock<BorderHistory> = OnceLock::new();
        HISTORY.get_or_init(|| {
            let mut history = Self {
                last_year: LAST_YEAR,
                blocks: Vec::new(),
                known_splits: Vec::new(),
                names: BTreeMap::new(),
                provinces: BTreeMap::new(),
                reused: data::reuses().collect(),
            };
            for row in data::municipalities() {
                history.provinces.insert(row.code, row.province);
                if !row.name.is_empty() {
                    history.names.insert(row.code, row.name.to_owned());
                }
            }
            history.blocks = read_blocks(&history.provinces);
            history.known_splits = read_splits();
            history
        })
    }

    /// The same history with later years: all changes after the last year known, for the whole country.
    ///
    /// # Errors
    /// [`RegionError::ChangeYear`] for a change in a year that is known already or after `last_year`,
    /// [`RegionError::UnknownMunicipality`] for an old code that was not there the year before,
    /// [`RegionError::Year`] for a last year before the one known.
    pub fn extended(&self, last_year: i16, changes: &[BorderChange]) -> Result<Self, RegionError> {
        if last_year < self.last_year {
            return Err(RegionError::Year { year: last_year, first: self.last_year, last: i16::MAX });
        }
        let mut history = Self { last_year, ..self.clone() };
        let mut in_order: Vec<&BorderChange> = changes.iter().collect();
        in_order.sort_by_key(|change| change.year);
        for of_one_year in in_order.chunk_by(|a, b| a.year == b.year) {
            // All of a year's changes start from the same borders, those of the year before.
            let before = history.clone();
            for change in of_one_year {
                let (code, year, first) = (change.old, change.year, self.last_year + 1);
                if !(first..=last_year).contains(&year) {
                    return Err(RegionError::ChangeYear { code, year, first, last: last_year });
                }
                for block in before.blocks_of(code, year - 1)? {
                    history.blocks[block].codes.push((year, change.new));
                    history.provinces.insert(change.new, history.blocks[block].province);
                }
                history.names.insert(change.new, change.new_name.clone());
            }
        }
        Ok(history)
    }

    /// First year of borders known.
    #[must_use]
    pub fn first_year(&self) -> i16 {
        FIRST_YEAR
    }

    /// Last year of borders known.
    #[must_use]
    pub fn last_year(&self) -> i16 {
        self.last_year
    }

    /// All municipalities of the country in the borders of a year, ascending by code.
    ///
    /// Up to 1983 they include 0996, the public body *Zuidelijke IJsselmeerpolders*.
    ///
    /// # Errors
    /// [`RegionError::Year`].
    pub fn municipalities(&self, year: i16) -> Result<Vec<MunicipalityCode>, RegionError> {
        self.check_year(year)?;
        Ok(self.codes_in(year, |_| true))
    }

    /// The municipalities of a province in the borders of a year, ascending by code.
    ///
    /// # Errors
    /// [`RegionError::Year`].
    pub fn municipalities_of(
        &self,
        province: Province,
        year: i16,
    ) -> Result<Vec<MunicipalityCode>, RegionError> {
        self.check_year(year)?;
        Ok(self.codes_in(year, |block| block.province == province))
    }

    /// Checks that a municipality has this code in the borders of a year.
    ///
    /// # Errors
    /// [`RegionError::Year`], [`RegionError::UnknownMunicipality`].
    pub fn check(&self, code: MunicipalityCode, year: i16) -> Result<(), RegionError> {
        self.blocks_of(code, year).map(|_| ())
    }

    /// Whether a code means the same land in two years.
    ///
    /// Corrections of borders, and the small parts that the whole-municipality rule hides, do not count.
    ///
    /// # Errors
    /// As [`Self::check`], for either year.
    pub fn same_borders(&self, code: MunicipalityCode, year: i16, other: i16) -> Result<bool, RegionError> {
        Ok(self.blocks_of(code, year)? == self.blocks_of(code, other)?)
    }

    /// The name of a municipality, for print; `None` where no source for it was at hand.
    ///
    /// Known are all names since 2001, and those of Groningen and Drenthe since 1995 but for 1697.
    #[must_use]
    pub fn name(&self, code: MunicipalityCode) -> Option<&str> {
        self.names.get(&code).map(String::as_str)
    }

    /// The province in which the land of a municipality lies today; `None` for a code that never was.
    #[must_use]
    pub fn province(&self, code: MunicipalityCode) -> Option<Province> {
        self.provinces.get(&code).copied()
    }

    /// Codes of municipalities that were abolished and set up again, larger, under the same code, with the
    /// first year of the new municipality.
    ///
    /// A table of changes by code does not show them; [`Self::same_borders`] and conversions do.
    #[must_use]
    pub fn reused_codes(&self) -> &[(MunicipalityCode, i16)] {
        &self.reused
    }

    /// Municipalities that went to several: those of which Statistics Netherlands warns, and those of the
    /// north whose addresses were counted.
    #[must_use]
    pub fn known_splits(&self) -> &[KnownSplit] {
        &self.known_splits
    }

    /// The blocks of a municipality, ascending.
    pub(crate) fn blocks_of(&self, code: MunicipalityCode, year: i16) -> Result<Vec<usize>, RegionError> {
        self.check_year(year)?;
        let blocks = self.blocks.iter().enumerate();
        let of_code = blocks.filter(|(_, block)| block.code_in(year) == Some(code));
        let found: Vec<usize> = of_code.map(|(number, _)| number).collect();
        if found.is_empty() { Err(RegionError::UnknownMunicipality { code, year }) } else { Ok(found) }
    }

    /// The municipality of a block in a year that [`Self::check_year`] accepts.
    pub(crate) fn code_of_block(&self, block: usize, year: i16) -> MunicipalityCode {
        self.blocks[block].code_in(year).expect("every block has a code from the first year on")
    }

    /// The blocks of every municipality of a year that [`Self::check_year`] accepts.
    pub(crate) fn all_blocks(&self, year: i16) -> BTreeMap<MunicipalityCode, Vec<usize>> {
        let mut by_code: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (number, block) in self.blocks.iter().enumerate() {
            if let Some(code) = block.code_in(year) {
                by_code.entry(code).or_default().push(number);
            }
        }
        by_code
    }

    pub(crate) fn check_year(&self, year: i16) -> Result<(), RegionError> {
        let (first, last) = (FIRST_YEAR, self.last_year);
        if (first..=last).contains(&year) { Ok(()) } else { Err(RegionError::Year { year, first, last }) }
    }

    fn codes_in(&self, year: i16, of: impl Fn(&Block) -> bool) -> Vec<MunicipalityCode> {
        let blocks = self.blocks.iter().filter(|block| of(block));
        let codes: BTreeSet<_> = blocks.filter_map(|block| block.code_in(year)).collect();
        codes.into_iter().collect()
    }
}

fn read_blocks(provinces: &BTreeMap<MunicipalityCode, Province>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for row in data::blocks() {
        if row.block > blocks.len() {
            blocks.push(Block { codes: Vec::new(), province: provinces[&row.code] });
        }
        blocks[row.block - 1].codes.push((row.from_year, row.code));
    }
    blocks
}

fn read_splits() -> Vec<KnownSplit> {
    let mut splits: Vec<KnownSplit> = Vec::new();
    for row in data::splits() {
        if splits.last().is_none_or(|split| split.code != row.code) {
            let (code, undivided_until, divided_from) = (row.code, row.undivided_until, row.divided_from);
            splits.push(KnownSplit { code, undivided_until, divided_from, parts: Vec::new() });
        }
        let split = splits.last_mut().expect("a split was just added");
        split.parts.extend(row.part.map(|part| (part, row.addresses)));
    }
    splits
}
