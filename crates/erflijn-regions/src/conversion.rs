use std::collections::{BTreeMap, BTreeSet};

use erflijn_core::MunicipalityCode;

use crate::{BorderHistory, KnownSplit, RegionError};

/// What happens to a municipality that went to several: always the user's choice.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SplitRule {
    /// It has no place: an error that names where its parts lie.
    Refuse,
    /// All of it goes where Statistics Netherlands books it: to the municipality that took most of its
    /// inhabitants. Where the table itself divides it, it has no place.
    WholeMunicipality,
    /// It is divided by counted addresses, which are known for Slochteren and Winsum between 2016 and 2021.
    /// Where addresses were not counted it has no place.
    AddressShares,
    /// It is divided by shares of one's own, such as those of a population register; those that are not
    /// listed and went to several have no place.
    Own(Vec<OwnShares>),
}

/// How the user divides one municipality.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OwnShares {
    /// Its code in the borders that are converted from.
    pub code: MunicipalityCode,
    /// The municipalities in the borders that are converted to; their shares sum to 1.
    pub parts: Vec<Part>,
}

/// The part of a municipality that lies in one municipality of other borders.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Part {
    /// Where it lies.
    pub code: MunicipalityCode,
    /// How much of the old municipality it is: above 0 and up to 1.
    pub share: f64,
}

/// On what a placement rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Basis {
    /// The same land, under the same or another code.
    Unchanged,
    /// All of it lies in a larger municipality.
    Within,
    /// It was divided, and is booked as a whole.
    WholeMunicipality,
    /// It is divided by counted addresses.
    AddressShares,
    /// It is divided by shares of the user.
    OwnShares,
}

impl Basis {
    /// Whether people may be counted where they do not live.
    #[must_use]
    pub fn is_approximate(self) -> bool {
        !matches!(self, Self::Unchanged | Self::Within)
    }
}

/// Where a municipality lies in other borders.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Placement {
    /// Its parts, ascending by code; their shares sum to 1.
    pub parts: Vec<Part>,
    /// On what that rests.
    pub basis: Basis,
}

/// The municipalities of one year in the borders of another, forward or backward.
///
/// Built once, it answers for each code. Forward most municipalities have one successor; backward a merged
/// municipality has several predecessors, and only the user's own shares can divide it. Backward the parts of
/// divided municipalities that others gained do not count: they are booked where most of the inhabitants went.
///
/// # Examples
/// ```
/// use erflijn_regions::{BorderConversion, BorderHistory, RegionError, SplitRule};
///
/// let history = BorderHistory::netherlands();
/// let haren = "0017".parse()?;
/// let forward = BorderConversion::new(history, 2018, 2019, SplitRule::Refuse)?;
/// assert_eq!(forward.municipality(haren)?.to_string(), "0014"); // Groningen
///
/// let backward = BorderConversion::new(history, 2019, 2018, SplitRule::Refuse)?;
/// let refused = backward.municipality("0014".parse()?);
/// assert!(matches!(refused, Err(RegionError::Divided { parts, .. }) if parts.len() == 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BorderConversion {
    from: i16,
    to: i16,
    placements: BTreeMap<MunicipalityCode, Result<Placement, RegionError>>,
}

/// How far the sum of own shares may be from 1: what five printed decimals lose.
const SUM_TOLERANCE: f64 = 1e-5;

impl BorderConversion {
    /// Finds a place for every municipality of the year `from` in the borders of the year `to`.
    ///
    /// # Errors
    /// [`RegionError::Year`]; under [`SplitRule::Own`] also [`RegionError::UnknownMunicipality`],
    /// [`RegionError::Repeated`], [`RegionError::Share`] and [`RegionError::SumOfShares`].
    ///
    /// # Complexity
    /// One pass over the 810 blocks for each known split; build it once, not for each person.
    pub fn new(history: &BorderHistory, from: i16, to: i16, rule: SplitRule) -> Result<Self, RegionError> {
        history.check_year(from)?;
        history.check_year(to)?;
        let own = own_placements(history, from, to, &rule)?;
        let targets = history.all_blocks(to);
        let splits = crossed_splits(history, from, to)?;
        let step = Step { history, from, to, rule: &rule, targets: &targets, splits: &splits };
        let mut placements = BTreeMap::new();
        for (code, blocks) in history.all_blocks(from) {
            let placement = match own.get(&code) {
                Some(parts) => Ok(Placement { parts: parts.clone(), basis: Basis::OwnShares }),
                None => step.place(code, &blocks),
            };
            placements.insert(code, placement);
        }
        Ok(Self { from, to, placements })
    }

    /// Year of the borders that are converted from.
    #[must_use]
    pub fn from_year(&self) -> i16 {
        self.from
    }

    /// Year of the borders that are converted to.
    #[must_use]
    pub fn to_year(&self) -> i16 {
        self.to
    }

    /// Where a municipality lies.
    ///
    /// # Errors
    /// [`RegionError::UnknownMunicipality`], [`RegionError::Divided`], [`RegionError::SharesUnknown`].
    pub fn place(&self, code: MunicipalityCode) -> Result<&Placement, RegionError> {
        match self.placements.get(&code) {
            Some(Ok(placement)) => Ok(placement),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(RegionError::UnknownMunicipality { code, year: self.from }),
        }
    }

    /// The one municipality in which all of a municipality lies, or is booked.
    ///
    /// # Errors
    /// As [`Self::place`]; [`RegionError::Divided`] also where shares divide it.
    pub fn municipality(&self, code: MunicipalityCode) -> Result<MunicipalityCode, RegionError> {
        let placement = self.place(code)?;
        match placement.parts.as_slice() {
            [all] => Ok(all.code),
            parts => {
                let parts = parts.iter().map(|part| part.code).collect();
                Err(RegionError::Divided { code, from: self.from, to: self.to, parts })
            }
        }
    }

    /// Every municipality of the year that is converted from, ascending by code, with its place.
    pub fn places(&self) -> impl Iterator<Item = (MunicipalityCode, Result<&Placement, &RegionError>)> + '_ {
        self.placements.iter().map(|(code, placement)| (*code, placement.as_ref()))
    }
}

/// One conversion while it is built.
struct Step<'a> {
    history: &'a BorderHistory,
    from: i16,
    to: i16,
    rule: &'a SplitRule,
    targets: &'a BTreeMap<MunicipalityCode, Vec<usize>>,
    splits: &'a [(&'a KnownSplit, Vec<usize>)],
}

impl Step<'_> {
    fn place(&self, code: MunicipalityCode, blocks: &[usize]) -> Result<Placement, RegionError> {
        let targets = blocks.iter().map(|block| self.history.code_of_block(*block, self.to));
        let mut lies_in: BTreeSet<_> = targets.collect();
        let (from, to) = (self.from, self.to);
        let overlaps = |of_split: &[usize]| of_split.iter().any(|block| blocks.contains(block));
        let split = self.splits.iter().find(|(_, of_split)| overlaps(of_split));
        let only = lies_in.iter().next().copied().filter(|_| lies_in.len() == 1);
        match (only, split, self.rule) {
            (Some(target), None, _) => {
                let basis = if self.targets[&target] == blocks { Basis::Unchanged } else { Basis::Within };
                Ok(whole(target, basis))
            }
            (Some(target), Some(_), SplitRule::WholeMunicipality) => {
                Ok(whole(target, Basis::WholeMunicipality))
            }
            (_, Some((split, of_split)), SplitRule::AddressShares) => {
                let counted = from <= split.undivided_until && to >= split.divided_from;
                let shares = address_shares(split).filter(|_| counted && of_split == blocks);
                let parts = shares.ok_or(RegionError::SharesUnknown { code, from, to })?;
                Ok(Placement { parts, basis: Basis::AddressShares })
            }
            (None, None, SplitRule::AddressShares) => Err(RegionError::SharesUnknown { code, from, to }),
            (_, split, _) => {
                lies_in.extend(split.iter().flat_map(|(split, _)| &split.parts).map(|(part, _)| *part));
                Err(RegionError::Divided { code, from, to, parts: lies_in.into_iter().collect() })
            }
        }
    }
}

fn whole(code: MunicipalityCode, basis: Basis) -> Placement {
    Placement { parts: vec![Part { code, share: 1.0 }], basis }
}

/// The shares of a split all of whose parts were counted.
fn address_shares(split: &KnownSplit) -> Option<Vec<Part>> {
    let counted = split.parts.iter().map(|(code, addresses)| Some((*code, f64::from((*addresses)?))));
    let counted: Vec<(MunicipalityCode, f64)> = counted.collect::<Option<_>>()?;
    let total: f64 = counted.iter().map(|(_, addresses)| addresses).sum();
    let mut parts: Vec<Part> =
        counted.into_iter().map(|(code, addresses)| Part { code, share: addresses / total }).collect();
    parts.sort_by_key(|part| part.code);
    (!parts.is_empty()).then_some(parts)
}

/// The splits that a conversion forward may cross, each with its blocks.
fn crossed_splits(
    history: &BorderHistory,
    from: i16,
    to: i16,
) -> Result<Vec<(&KnownSplit, Vec<usize>)>, RegionError> {
    let crosses = |split: &&KnownSplit| from < to && from < split.divided_from && to > split.undivided_until;
    let crossed = history.known_splits().iter().filter(crosses);
    crossed.map(|split| Ok((split, history.blocks_of(split.code, split.undivided_until)?))).collect()
}

fn own_placements(
    history: &BorderHistory,
    from: i16,
    to: i16,
    rule: &SplitRule,
) -> Result<BTreeMap<MunicipalityCode, Vec<Part>>, RegionError> {
    let mut own = BTreeMap::new();
    let SplitRule::Own(all) = rule else { return Ok(own) };
    for OwnShares { code, parts } in all {
        let code = *code;
        history.check(code, from)?;
        let mut parts = parts.clone();
        parts.sort_by_key(|part| part.code);
        if let Some(pair) = parts.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(RegionError::Repeated { code: pair[0].code });
        }
        for part in &parts {
            history.check(part.code, to)?;
            if !(part.share > 0.0 && part.share <= 1.0) {
                return Err(RegionError::Share { code, part: part.code, found: part.share });
            }
        }
        let found: f64 = parts.iter().map(|part| part.share).sum();
        if (found - 1.0).abs() > SUM_TOLERANCE {
            return Err(RegionError::SumOfShares { code, found });
        }
        // Rounded shares would lose people, however few.
        parts.iter_mut().for_each(|part| part.share /= found);
        if own.insert(code, parts).is_some() {
            return Err(RegionError::Repeated { code });
        }
    }
    Ok(own)
}
