use std::collections::BTreeMap;
use std::marker::PhantomData;

use erflijn_core::{MunicipalityCode, Unit};

use crate::error::same_borders;
use crate::{Basis, BorderConversion, RegionError, RegionSet};

/// A number of persons, children or households for each municipality, in the borders of one year.
///
/// # Units
/// `U`; not whole once a municipality was divided.
///
/// # Examples
/// Of 1,000 inhabitants of Slochteren and 2,000 of Hoogezand-Sappemeer:
/// ```
/// use erflijn_core::Persons;
/// use erflijn_regions::{BorderConversion, BorderHistory, RegionCounts, SplitRule};
///
/// let (slochteren, hoogezand) = ("0040".parse()?, "0018".parse()?);
/// let counts = RegionCounts::<Persons>::new(2016, &[(slochteren, 1_000.0), (hoogezand, 2_000.0)])?;
///
/// let history = BorderHistory::netherlands();
/// let by_addresses = BorderConversion::new(history, 2016, 2022, SplitRule::AddressShares)?;
/// let converted = counts.convert(&by_addresses)?;
/// let midden_groningen = converted.figures.get("1952".parse()?).expect("a municipality of 2022");
/// assert!((midden_groningen - (2_000.0 + 1_000.0 * 6184.0 / 6433.0)).abs() < 1e-9);
/// assert_eq!(converted.report.approximate.len(), 1); // Slochteren
///
/// let refuse = BorderConversion::new(history, 2016, 2022, SplitRule::Refuse)?;
/// let report = counts.convert(&refuse)?.report;
/// assert_eq!((report.assigned, report.unassigned[0].value), (2_000.0, 1_000.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(bound = ""))]
pub struct RegionCounts<U: Unit> {
    classification_year: i16,
    counts: BTreeMap<MunicipalityCode, f64>,
    #[cfg_attr(feature = "serde", serde(serialize_with = "unit_name::<U, _>"))]
    unit: PhantomData<U>,
}

/// A rate and the population that it is about, for each municipality, in the borders of one year.
///
/// # Units
/// Rates as given, such as shares in 0..=1 or percent; populations as given.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RegionRates {
    classification_year: i16,
    rates: BTreeMap<MunicipalityCode, Mass>,
}

/// What adds up: the population, and the sum of the rate over it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
struct Mass {
    sum: f64,
    population: f64,
}

impl Mass {
    fn rate(self) -> Option<f64> {
        (self.population > 0.0).then(|| self.sum / self.population)
    }
}

/// Figures in other borders, with what became of each.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Converted<T> {
    /// The figures in the new borders.
    pub figures: T,
    /// What was assigned, how, and what was not.
    pub report: ConversionReport,
}

/// What a conversion did with a table: `assigned` plus the unassigned values is `total`, to rounding.
///
/// # Units
/// Those of the counts; of rates, their population.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ConversionReport {
    /// Year of the old borders.
    pub from: i16,
    /// Year of the new borders.
    pub to: i16,
    /// Sum of the table.
    pub total: f64,
    /// Sum of what has a place in the new borders.
    pub assigned: f64,
    /// What has no place there, and why: lost.
    pub unassigned: Vec<Unassigned>,
    /// What has a place by approximation, since its municipality was divided.
    pub approximate: Vec<Approximated>,
}

/// A value without a place in the new borders.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Unassigned {
    /// The municipality, in the old borders.
    pub code: MunicipalityCode,
    /// Its value.
    pub value: f64,
    /// Why it has no place.
    #[cfg_attr(feature = "serde", serde(serialize_with = "message"))]
    pub reason: RegionError,
}

/// A value whose place is an approximation.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Approximated {
    /// The municipality, in the old borders.
    pub code: MunicipalityCode,
    /// Its value.
    pub value: f64,
    /// How it was placed.
    pub basis: Basis,
}

/// The sum over a region set.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SetTotal {
    /// The sum over the municipalities that the table has.
    pub value: f64,
    /// Municipalities of the set that the table does not have.
    pub absent: Vec<MunicipalityCode>,
}

/// The rate of a region set.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SetRate {
    /// The population-weighted mean over the municipalities that the table has; `None` without population.
    pub rate: Option<f64>,
    /// Their population.
    pub population: f64,
    /// Municipalities of the set that the table does not have.
    pub absent: Vec<MunicipalityCode>,
}

impl<U: Unit> RegionCounts<U> {
    /// A table in the borders of a year.
    ///
    /// Codes may be unknown in that year: a conversion reports them as unassigned.
    ///
    /// # Errors
    /// [`RegionError::Repeated`]; [`RegionError::Value`] for a count below 0 or not finite.
    pub fn new(classification_year: i16, rows: &[(MunicipalityCode, f64)]) -> Result<Self, RegionError> {
        let mut counts = BTreeMap::new();
        for (code, count) in rows {
            at_least_zero("count", *code, *count)?;
            if counts.insert(*code, *count).is_some() {
                return Err(RegionError::Repeated { code: *code });
            }
        }
        Ok(Self { classification_year, counts, unit: PhantomData })
    }

    /// Year of the borders.
    #[must_use]
    pub fn classification_year(&self) -> i16 {
        self.classification_year
    }

    /// The count of a municipality; `None` when the table does not have it.
    #[must_use]
    pub fn get(&self, code: MunicipalityCode) -> Option<f64> {
        self.counts.get(&code).copied()
    }

    /// All counts, ascending by code.
    pub fn iter(&self) -> impl Iterator<Item = (MunicipalityCode, f64)> + '_ {
        self.counts.iter().map(|(code, count)| (*code, *count))
    }

    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.values().sum()
    }

    /// The sum over a region set, and the municipalities of the set that are absent from it.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`] when the set has other borders than the table.
    pub fn in_set(&self, set: &RegionSet) -> Result<SetTotal, RegionError> {
        same_borders(self.classification_year, set.classification_year())?;
        let (value, absent) = sum_over(set, &self.counts, |sum: &mut f64, count| *sum += count);
        Ok(SetTotal { value, absent })
    }

    /// The table in other borders; every count is assigned or reported.
    ///
    /// ```text
    /// new count of b = sum over a of  share of a in b * old count of a
    /// ```
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`] when the conversion starts from other borders than those of the table.
    pub fn convert(&self, conversion: &BorderConversion) -> Result<Converted<Self>, RegionError> {
        same_borders(self.classification_year, conversion.from_year())?;
        let add = |sum: &mut f64, count: f64, share: f64| *sum += share * count;
        let (counts, report) = convert(&self.counts, conversion, |count| count, add);
        let figures = Self { classification_year: conversion.to_year(), counts, unit: PhantomData };
        Ok(Converted { figures, report })
    }

    /// These counts as shares of a population in the same units: cases over population.
    ///
    /// Municipalities of the population without cases in this table are left out: write their 0.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`]; [`RegionError::NoPopulation`].
    pub fn rates(&self, population: &Self) -> Result<RegionRates, RegionError> {
        same_borders(self.classification_year, population.classification_year)?;
        let mut rates = BTreeMap::new();
        for (code, sum) in self.iter() {
            let population = population.get(code).ok_or(RegionError::NoPopulation { code })?;
            rates.insert(code, Mass { sum, population });
        }
        Ok(RegionRates { classification_year: self.classification_year, rates })
    }
}

impl RegionRates {
    /// A table of (municipality, rate, population) in the borders of a year.
    ///
    /// # Errors
    /// [`RegionError::Repeated`]; [`RegionError::Value`] for a rate or population below 0 or not finite.
    pub fn new(classification_year: i16, rows: &[(MunicipalityCode, f64, f64)]) -> Result<Self, RegionError> {
        let mut rates = BTreeMap::new();
        for (code, rate, population) in rows {
            at_least_zero("rate", *code, *rate)?;
            at_least_zero("population", *code, *population)?;
            let mass = Mass { sum: rate * population, population: *population };
            if rates.insert(*code, mass).is_some() {
                return Err(RegionError::Repeated { code: *code });
            }
        }
        Ok(Self { classification_year, rates })
    }

    /// Year of the borders.
    #[must_use]
    pub fn classification_year(&self) -> i16 {
        self.classification_year
    }

    /// The rate of a municipality; `None` when the table does not have it, or it has no population.
    #[must_use]
    pub fn get(&self, code: MunicipalityCode) -> Option<f64> {
        self.rates.get(&code).copied().and_then(Mass::rate)
    }

    /// All municipalities with rate and population, ascending by code.
    pub fn iter(&self) -> impl Iterator<Item = (MunicipalityCode, Option<f64>, f64)> + '_ {
        self.rates.iter().map(|(code, mass)| (*code, mass.rate(), mass.population))
    }

    /// The population-weighted rate of a region set, and the municipalities that are absent from it.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`] when the set has other borders than the table.
    pub fn in_set(&self, set: &RegionSet) -> Result<SetRate, RegionError> {
        same_borders(self.classification_year, set.classification_year())?;
        let add = |sum: &mut Mass, mass: Mass| add_mass(sum, mass, 1.0);
        let (all, absent) = sum_over(set, &self.rates, add);
        Ok(SetRate { rate: all.rate(), population: all.population, absent })
    }

    /// The table in other borders, weighted by population; the report counts population.
    ///
    /// ```text
    /// new rate of b = sum of share * population * rate / sum of share * population,  over the a with a part in b
    /// ```
    ///
    /// It takes a divided municipality to have one rate in all its parts.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`] when the conversion starts from other borders than those of the table.
    pub fn convert(&self, conversion: &BorderConversion) -> Result<Converted<Self>, RegionError> {
        same_borders(self.classification_year, conversion.from_year())?;
        let (rates, report) = convert(&self.rates, conversion, |mass| mass.population, add_mass);
        Ok(Converted { figures: Self { classification_year: conversion.to_year(), rates }, report })
    }

    /// How much higher each rate is than in another table; `None` where one of the two has no rate.
    ///
    /// # Errors
    /// [`RegionError::OtherBorders`]: convert one of the tables first.
    pub fn minus(&self, other: &Self) -> Result<BTreeMap<MunicipalityCode, Option<f64>>, RegionError> {
        same_borders(self.classification_year, other.classification_year)?;
        let codes = self.rates.keys().chain(other.rates.keys());
        Ok(codes.map(|code| (*code, self.get(*code).zip(other.get(*code)).map(|(a, b)| a - b))).collect())
    }
}

fn add_mass(sum: &mut Mass, mass: Mass, share: f64) {
    sum.sum += share * mass.sum;
    sum.population += share * mass.population;
}

fn at_least_zero(name: &'static str, code: MunicipalityCode, found: f64) -> Result<(), RegionError> {
    if found.is_finite() && found >= 0.0 {
        return Ok(());
    }
    Err(RegionError::Value { name, code, found })
}

fn sum_over<T: Copy, S: Default>(
    set: &RegionSet,
    table: &BTreeMap<MunicipalityCode, T>,
    add: impl Fn(&mut S, T),
) -> (S, Vec<MunicipalityCode>) {
    let (mut sum, mut absent) = (S::default(), Vec::new());
    for code in set.municipalities() {
        match table.get(code) {
            Some(value) => add(&mut sum, *value),
            None => absent.push(*code),
        }
    }
    (sum, absent)
}

fn convert<T: Copy + Default>(
    table: &BTreeMap<MunicipalityCode, T>,
    conversion: &BorderConversion,
    size: impl Fn(T) -> f64,
    add: impl Fn(&mut T, T, f64),
) -> (BTreeMap<MunicipalityCode, T>, ConversionReport) {
    let mut converted: BTreeMap<MunicipalityCode, T> = BTreeMap::new();
    let mut report = ConversionReport {
        from: conversion.from_year(),
        to: conversion.to_year(),
        total: table.values().map(|figure| size(*figure)).sum(),
        assigned: 0.0,
        unassigned: Vec::new(),
        approximate: Vec::new(),
    };
    for (code, figure) in table {
        let (code, value) = (*code, size(*figure));
        match conversion.place(code) {
            Err(reason) => report.unassigned.push(Unassigned { code, value, reason }),
            Ok(placement) => {
                for part in &placement.parts {
                    add(converted.entry(part.code).or_default(), *figure, part.share);
                }
                report.assigned += value;
                if placement.basis.is_approximate() {
                    report.approximate.push(Approximated { code, value, basis: placement.basis });
                }
            }
        }
    }
    (converted, report)
}

#[cfg(feature = "serde")]
fn unit_name<U: Unit, S: serde::Serializer>(_: &PhantomData<U>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(U::NAME)
}

#[cfg(feature = "serde")]
fn message<S: serde::Serializer>(reason: &RegionError, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}
