use std::ops::RangeInclusive;

use erflijn_core::{CoreError, Date, Weights};

use super::share::{Sampling, Share};
use super::spells::add_lists;
use super::{Horizon, StatusPanel};
use crate::PovertyError;

/// One person's years in poverty among the years observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Exposure {
    /// Years poor.
    pub poor_years: u16,
    /// Years observed, in the population of multi-year rates.
    pub observed_years: u16,
    /// Years of the period within the panel, observed or not.
    pub years: u16,
}

impl Exposure {
    /// Share of the observed years that were poor; `None` when no year was observed.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.observed_years > 0).then(|| f64::from(self.poor_years) / f64::from(self.observed_years))
    }
}

/// Ages, in completed years, inclusive at both ends: 0 to 17 is childhood, 0 to 5 the early years.
///
/// A negative age is a year before birth: -1 the year before that of age 0. Nobody has a status of their own then;
/// panels of mothers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AgeBand {
    /// Youngest age.
    pub from: i16,
    /// Oldest age.
    pub to: i16,
}

/// The day of a year on which ages are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ReferenceDay {
    /// 1 January.
    FirstOfJanuary,
    /// 31 December: the age reached in that year.
    LastOfDecember,
}

/// When persons were born.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Births<'a> {
    /// Only the year is known; the age is the one reached in a year.
    Years(&'a [i16]),
    /// The date is known, and the age is taken on a day of each year.
    Dates {
        /// Dates of birth.
        dates: &'a [Date],
        /// The day.
        on: ReferenceDay,
    },
}

impl Births<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Years(years) => years.len(),
            Self::Dates { dates, .. } => dates.len(),
        }
    }

    /// The year in which a person has age 0 on the reference day.
    fn year_of_age_zero(&self, person: usize) -> i32 {
        match self {
            Self::Years(years) => i32::from(years[person]),
            Self::Dates { dates, on } => {
                let birth = dates[person];
                let on_first_day = (birth.month(), birth.day()) == (1, 1);
                i32::from(birth.year()) + i32::from(*on == ReferenceDay::FirstOfJanuary && !on_first_day)
            }
        }
    }
}

/// Years poor from one year to another, for everybody in the panel.
///
/// # Units
/// Calendar years.
///
/// # Errors
/// [`PovertyError::YearOutside`] when the panel does not have the first or the last year;
/// [`PovertyError::Years`] when the last comes before the first.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_core::Missing;
/// use erflijn_poverty::time::{StatusPanel, years_poor};
///
/// let panel = StatusPanel::from_rows(2010, 3, [[Ok(true), Ok(false), Err(Missing::NotObserved)]])?;
/// let exposure = years_poor(&panel, 2010..=2012)?[0];
/// assert_eq!((exposure.poor_years, exposure.observed_years, exposure.years), (1, 2, 3));
/// assert_eq!(exposure.share(), Some(0.5));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn years_poor(panel: &StatusPanel, years: RangeInclusive<i16>) -> Result<Vec<Exposure>, PovertyError> {
    let (first, last) = (panel.index_of(*years.start())?, panel.index_of(*years.end())?);
    if last < first {
        return Err(PovertyError::Years { name: "years of the period", found: 0, high: panel.years() });
    }
    Ok(collect(panel, |_| (first, last + 1)))
}

/// Years of childhood, or of another span of ages, in poverty, for everybody in the panel.
///
/// Only years of the band that lie within the panel can be observed: of a child of ten when the panel
/// starts, the years from ten on. [`Exposure::years`] says how many these are, [`Exposure::observed_years`]
/// how many have a status, which is the denominator.
///
/// # Units
/// Calendar years, each counted at the age on the reference day.
///
/// # Errors
/// [`CoreError::Length`] through [`PovertyError::Core`]; [`PovertyError::Years`] for a band without ages.
///
/// # Complexity
/// O(persons * years).
///
/// # Examples
/// ```
/// use erflijn_poverty::time::{AgeBand, Births, StatusPanel, childhood_exposure};
///
/// let panel = StatusPanel::from_rows(2010, 4, [[Ok(true), Ok(true), Ok(true), Ok(false)]])?;
/// // Born in 1994: 16 in 2010, 17 in 2011, no child after.
/// let exposure = childhood_exposure(&panel, Births::Years(&[1994]), AgeBand { from: 0, to: 17 })?[0];
/// assert_eq!((exposure.poor_years, exposure.observed_years), (2, 2));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn childhood_exposure(
    panel: &StatusPanel,
    births: Births<'_>,
    band: AgeBand,
) -> Result<Vec<Exposure>, PovertyError> {
    if births.len() != panel.persons() {
        let (found, expected) = (births.len(), panel.persons());
        return Err(CoreError::Length { name: "births", found, expected }.into());
    }
    if band.to < band.from {
        let high = usize::from(i16::MAX.unsigned_abs());
        return Err(PovertyError::Years { name: "ages of the band", found: 0, high });
    }
    let within = |year: i32| (year - i32::from(panel.first_year())).clamp(0, panel.years() as i32) as usize;
    Ok(collect(panel, |person| {
        let age_zero = births.year_of_age_zero(person);
        (within(age_zero + i32::from(band.from)), within(age_zero + i32::from(band.to) + 1))
    }))
}

fn collect(panel: &StatusPanel, period: impl Fn(usize) -> (usize, usize)) -> Vec<Exposure> {
    let mut exposures = Vec::with_capacity(panel.persons());
    panel.for_each_row(Horizon::MultiYear, |person, row| {
        let (start, end) = period(person);
        let mut exposure = Exposure::default();
        for status in &row[start..end] {
            exposure.years = exposure.years.saturating_add(1);
            exposure.observed_years = exposure.observed_years.saturating_add(u16::from(status.is_ok()));
            exposure.poor_years = exposure.poor_years.saturating_add(u16::from(*status == Ok(true)));
        }
        exposures.push(exposure);
    });
    exposures
}

/// How many persons were poor for how many years.
///
/// # Units
/// Weighted persons; shares in `0..=1`.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{Exposure, ExposureDistribution};
///
/// let of = |poor_years| Exposure { poor_years, observed_years: 4, years: 4 };
/// let spread = ExposureDistribution::tally(&[of(0), of(4), of(1), of(0)], Weights::Equal, 4)?;
/// assert_eq!(spread.by_poor_years, [2.0, 1.0, 0.0, 0.0, 1.0]);
/// assert_eq!(spread.ever.value(), Some(0.5));
/// assert_eq!(spread.always.value(), Some(0.25));
/// assert_eq!(spread.person_years.value(), Some(5.0 / 16.0));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExposureDistribution {
    /// Weight of persons with 0, 1, 2, ... poor years, up to the most found.
    pub by_poor_years: Vec<f64>,
    /// Persons with a poor year.
    pub ever: Share,
    /// Persons poor in all their observed years.
    pub always: Share,
    /// Poor years among all observed years of all persons; the error takes persons as clusters.
    pub person_years: Share,
    /// Weight of persons with too few observed years.
    pub left_out: f64,
}

impl ExposureDistribution {
    /// Counts persons with at least `observed` observed years; one at the least.
    ///
    /// Persons observed in different numbers of years have different chances of a poor one: ask for the
    /// whole band where the distribution matters.
    ///
    /// # Errors
    /// [`PovertyError::Core`] for weights that do not fit; [`PovertyError::Years`] when no year is asked for.
    ///
    /// # Complexity
    /// O(persons).
    pub fn tally(exposures: &[Exposure], weights: Weights<'_>, observed: u16) -> Result<Self, PovertyError> {
        weights.check(exposures.len())?;
        if observed == 0 {
            return Err(PovertyError::Years {
                name: "observed years",
                found: 0,
                high: usize::from(u16::MAX),
            });
        }
        let empty = Share::new(Sampling::of(weights));
        let mut found = Self {
            by_poor_years: Vec::new(),
            ever: empty,
            always: empty,
            person_years: empty,
            left_out: 0.0,
        };
        for (person, exposure) in exposures.iter().enumerate() {
            found.add(*exposure, weights.get(person), observed);
        }
        Ok(found)
    }

    /// Adds the distribution of other persons.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when only one of the two has probability weights; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        self.ever.merge(&other.ever)?;
        self.always.merge(&other.always)?;
        self.person_years.merge(&other.person_years)?;
        add_lists(&mut self.by_poor_years, &other.by_poor_years);
        self.left_out += other.left_out;
        Ok(())
    }

    fn add(&mut self, exposure: Exposure, weight: f64, observed: u16) {
        if exposure.observed_years < observed {
            self.left_out += weight;
            return;
        }
        let poor_years = usize::from(exposure.poor_years);
        if self.by_poor_years.len() <= poor_years {
            self.by_poor_years.resize(poor_years + 1, 0.0);
        }
        self.by_poor_years[poor_years] += weight;
        self.ever.add(u32::from(poor_years > 0), 1, weight);
        self.always.add(u32::from(exposure.poor_years >= exposure.observed_years), 1, weight);
        self.person_years.add(u32::from(exposure.poor_years), u32::from(exposure.observed_years), weight);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "counts are exact")]
    use super::*;
    use erflijn_core::{Missing, age_on};

    fn counts(exposure: Exposure) -> (u16, u16, u16) {
        (exposure.poor_years, exposure.observed_years, exposure.years)
    }

    #[test]
    fn bands_follow_birth_years_and_the_ends_of_the_panel() {
        let row = [Ok(true), Err(Missing::NotObserved), Ok(false), Ok(true)];
        let panel = StatusPanel::from_rows(2010, 4, [row; 5]).unwrap();
        let births = [2012, 2010, 2005, 1994, 1950];
        let early = AgeBand { from: 0, to: 1 };
        let of = |band| childhood_exposure(&panel, Births::Years(&births), band).unwrap();
        let seen: Vec<_> = of(early).into_iter().map(counts).collect();
        assert_eq!(seen, [(1, 2, 2), (1, 1, 2), (0, 0, 0), (0, 0, 0), (0, 0, 0)]);
        let seen: Vec<_> = of(AgeBand { from: 0, to: 17 }).into_iter().map(counts).collect();
        assert_eq!(seen, [(1, 2, 2), (2, 3, 4), (2, 3, 4), (1, 1, 2), (0, 0, 0)]);
        assert_eq!(of(early)[2].share(), None);
    }

    #[test]
    fn dates_follow_the_age_on_the_reference_day() {
        let dates = [Date::constant(2000, 1, 1), Date::constant(2000, 2, 29), Date::constant(2000, 12, 31)];
        let panel = StatusPanel::from_rows(2000, 8, [[Ok(true); 8]; 3]).unwrap();
        let band = AgeBand { from: 2, to: 3 };
        for (on, month, day) in [(ReferenceDay::FirstOfJanuary, 1, 1), (ReferenceDay::LastOfDecember, 12, 31)]
        {
            let seen = childhood_exposure(&panel, Births::Dates { dates: &dates, on }, band).unwrap();
            for (exposure, birth) in seen.iter().zip(dates) {
                let slow = (2000..2008)
                    .filter(|year| (2..=3).contains(&age_on(birth, Date::constant(*year, month, day))))
                    .count();
                assert_eq!(usize::from(exposure.poor_years), slow);
            }
        }
    }

    #[test]
    fn the_two_days_differ_by_a_year_but_for_who_is_born_on_new_year() {
        let dates = [Date::constant(2000, 1, 1), Date::constant(2000, 6, 1)];
        let panel = StatusPanel::from_rows(2003, 1, [[Ok(true)]; 2]).unwrap();
        let aged_three = |on| {
            let births = Births::Dates { dates: &dates, on };
            let seen = childhood_exposure(&panel, births, AgeBand { from: 3, to: 3 }).unwrap();
            seen.iter().map(|exposure| exposure.years).collect::<Vec<_>>()
        };
        assert_eq!(aged_three(ReferenceDay::FirstOfJanuary), [1, 0]);
        assert_eq!(aged_three(ReferenceDay::LastOfDecember), [1, 1]);
    }

    #[test]
    fn too_few_observed_years_are_left_out_with_their_weight() {
        let exposures = [
            Exposure { poor_years: 2, observed_years: 2, years: 4 },
            Exposure { poor_years: 0, observed_years: 0, years: 4 },
            Exposure { poor_years: 1, observed_years: 4, years: 4 },
        ];
        let of = |observed| {
            ExposureDistribution::tally(&exposures, Weights::Probability(&[2.0, 3.0, 1.0]), observed).unwrap()
        };
        assert_eq!((of(1).by_poor_years, of(1).left_out), (vec![0.0, 1.0, 2.0], 3.0));
        assert_eq!((of(3).by_poor_years, of(3).left_out), (vec![0.0, 1.0], 5.0));
        assert_eq!((of(5).by_poor_years, of(5).ever.value()), (vec![], None));
        assert_eq!(of(1).always.value(), Some(2.0 / 3.0));
    }

    #[test]
    fn impossible_periods_are_refused() {
        let panel = StatusPanel::from_rows(2010, 2, [[Ok(true); 2]]).unwrap();
        let outside = |found| Some(PovertyError::YearOutside { found, first: 2010, last: 2011 });
        assert_eq!(years_poor(&panel, 2009..=2010).err(), outside(2009));
        assert_eq!(years_poor(&panel, 2010..=2012).err(), outside(2012));
        #[allow(clippy::reversed_empty_ranges, reason = "the point of the test")]
        let backwards = years_poor(&panel, 2011..=2010);
        assert!(matches!(backwards, Err(PovertyError::Years { .. })));
        let births = Births::Years(&[]);
        assert!(matches!(
            childhood_exposure(&panel, births, AgeBand { from: 0, to: 17 }),
            Err(PovertyError::Core(CoreError::Length { name: "births", found: 0, expected: 1 }))
        ));
        let none = childhood_exposure(&panel, Births::Years(&[2000]), AgeBand { from: 5, to: 4 });
        assert!(matches!(none, Err(PovertyError::Years { name: "ages of the band", .. })));
        assert!(ExposureDistribution::tally(&[], Weights::Equal, 0).is_err());
    }
}
