use erflijn_core::Missing;

use crate::PovertyError;

/// Poverty statuses of persons in consecutive years, one byte each.
///
/// Every cell is poor, not poor, or missing for a reason. Beside it the panel holds two populations:
/// that of one-year rates and that of everything that looks at several years. CBS, for instance,
/// publishes one-year rates of one population and four-year rates of another. To begin with both hold
/// everybody; [`Self::restrict`] narrows one of them.
///
/// Persons are numbered from 0 in the order given; weights, birth years and families follow that order.
///
/// # Complexity
/// One byte per person and year: ten million persons over twenty years take 200 megabytes.
///
/// # Examples
/// ```
/// use erflijn_core::Missing;
/// use erflijn_poverty::time::{Horizon, StatusPanel};
///
/// let mut panel = StatusPanel::from_records(2, 2019, 2, [(0, 2019, Ok(true)), (1, 2020, Ok(false))])?;
/// assert_eq!(panel.get(0, 2020, Horizon::OneYear), Some(Err(Missing::NotObserved)));
/// panel.restrict(Horizon::MultiYear, |person, _year| person != 1);
/// assert_eq!(panel.get(1, 2020, Horizon::OneYear), Some(Ok(false)));
/// assert_eq!(panel.get(1, 2020, Horizon::MultiYear), Some(Err(Missing::NotInTargetPopulation)));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPanel {
    first_year: i16,
    years: usize,
    persons: usize,
    /// Person by person, year by year: status in the low three bits, then one bit per population.
    cells: Vec<u8>,
}

/// Which of the two populations of a panel is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Horizon {
    /// The population of rates of a single year: [`super::poverty_by_year`].
    OneYear,
    /// The population of everything that looks at several years: spells, flows, long-term rates, exposure.
    MultiYear,
}

/// What the panel says of one person in one year.
pub(super) type Status = Result<bool, Missing>;

const STATUS_BITS: u8 = 0b0000_0111;
const OUTSIDE_ONE_YEAR: u8 = 0b0000_1000;
const OUTSIDE_MULTI_YEAR: u8 = 0b0001_0000;
const RECORDED: u8 = 0b0010_0000;
const CODES: usize = 0b0010_0000;

impl Horizon {
    fn outside(self) -> u8 {
        match self {
            Self::OneYear => OUTSIDE_ONE_YEAR,
            Self::MultiYear => OUTSIDE_MULTI_YEAR,
        }
    }

    /// What every byte means for this population.
    fn meanings(self) -> [Status; CODES] {
        std::array::from_fn(|code| {
            let status = decode(code as u8);
            let outside = code as u8 & self.outside() != 0;
            if outside && status.is_ok() { Err(Missing::NotInTargetPopulation) } else { status }
        })
    }
}

impl StatusPanel {
    /// A panel in which nobody is observed yet.
    ///
    /// # Errors
    /// [`PovertyError::Years`] without years or with years beyond the calendar,
    /// [`PovertyError::PanelTooLarge`].
    pub fn not_observed(persons: usize, first_year: i16, years: usize) -> Result<Self, PovertyError> {
        let high = usize::from(i16::MAX.abs_diff(first_year)) + 1;
        if !(1..=high).contains(&years) {
            return Err(PovertyError::Years { name: "years of the panel", found: years, high });
        }
        let too_large = PovertyError::PanelTooLarge { persons, years };
        let Some(size) = persons.checked_mul(years) else { return Err(too_large) };
        let mut cells = Vec::new();
        cells.try_reserve_exact(size).map_err(|_| too_large)?;
        cells.resize(size, encode(Err(Missing::NotObserved)));
        Ok(Self { first_year, years, persons, cells })
    }

    /// A panel from one row of statuses per person.
    ///
    /// # Errors
    /// Those of [`Self::not_observed`]; [`erflijn_core::CoreError::Length`] for a row of another length.
    pub fn from_rows<R: AsRef<[Result<bool, Missing>]>>(
        first_year: i16,
        years: usize,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, PovertyError> {
        let mut panel = Self::not_observed(0, first_year, years)?;
        for row in rows {
            let row = row.as_ref();
            if row.len() != years {
                let (found, expected) = (row.len(), years);
                return Err(erflijn_core::CoreError::Length { name: "row", found, expected }.into());
            }
            panel.cells.extend(row.iter().map(|status| encode(*status)));
            panel.persons += 1;
        }
        Ok(panel)
    }

    /// A panel from records (person, year, status) in any order; cells without a record are not observed.
    ///
    /// # Errors
    /// Those of [`Self::not_observed`] and [`Self::set`]; [`PovertyError::StatusTwice`].
    pub fn from_records(
        persons: usize,
        first_year: i16,
        years: usize,
        records: impl IntoIterator<Item = (usize, i16, Result<bool, Missing>)>,
    ) -> Result<Self, PovertyError> {
        let mut panel = Self::not_observed(persons, first_year, years)?;
        for (person, year, status) in records {
            let position = panel.position(person, year)?;
            if panel.cells[position] & RECORDED != 0 {
                return Err(PovertyError::StatusTwice { person, year });
            }
            panel.cells[position] = encode(status) | RECORDED;
        }
        panel.cells.iter_mut().for_each(|cell| *cell &= !RECORDED);
        Ok(panel)
    }

    /// Puts a status in place of what was there.
    ///
    /// # Errors
    /// [`PovertyError::PersonOutside`], [`PovertyError::YearOutside`].
    pub fn set(
        &mut self,
        person: usize,
        year: i16,
        status: Result<bool, Missing>,
    ) -> Result<(), PovertyError> {
        let position = self.position(person, year)?;
        let cell = &mut self.cells[position];
        *cell = (*cell & !STATUS_BITS) | encode(status);
        Ok(())
    }

    /// Narrows a population to those for whom `member(person, year)` is true.
    ///
    /// Who was outside already stays outside. A status that is missing keeps its own reason.
    ///
    /// # Complexity
    /// One call of `member` per cell.
    pub fn restrict(&mut self, horizon: Horizon, mut member: impl FnMut(usize, i16) -> bool) {
        for (person, row) in self.cells.chunks_exact_mut(self.years).enumerate() {
            for (year, cell) in (self.first_year..).zip(row) {
                if !member(person, year) {
                    *cell |= horizon.outside();
                }
            }
        }
    }

    /// The status of a person in a year, `None` outside the panel.
    #[must_use]
    pub fn get(&self, person: usize, year: i16, horizon: Horizon) -> Option<Result<bool, Missing>> {
        let position = self.position(person, year).ok()?;
        Some(horizon.meanings()[usize::from(self.cells[position])])
    }

    /// Number of persons.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.persons
    }

    /// Number of years.
    #[must_use]
    pub fn years(&self) -> usize {
        self.years
    }

    /// The first year.
    #[must_use]
    pub fn first_year(&self) -> i16 {
        self.first_year
    }

    /// The last year.
    #[must_use]
    pub fn last_year(&self) -> i16 {
        self.year_at(self.years - 1)
    }

    /// The year at a position of a row, which lies within the panel.
    pub(super) fn year_at(&self, index: usize) -> i16 {
        // The constructor made sure that the last year is an i16; a sum in i32 cannot overflow.
        i16::try_from(i32::from(self.first_year) + index as i32).unwrap_or(i16::MAX)
    }

    /// The position of a year in a row.
    pub(super) fn index_of(&self, year: i16) -> Result<usize, PovertyError> {
        usize::try_from(i32::from(year) - i32::from(self.first_year))
            .ok()
            .filter(|index| *index < self.years)
            .ok_or_else(|| PovertyError::YearOutside {
                found: year,
                first: self.first_year,
                last: self.last_year(),
            })
    }

    /// Every person's statuses, one after another.
    pub(super) fn for_each_row(&self, horizon: Horizon, mut visit: impl FnMut(usize, &[Status])) {
        let meanings = horizon.meanings();
        let mut row = vec![Err(Missing::NotObserved); self.years];
        for (person, cells) in self.cells.chunks_exact(self.years).enumerate() {
            for (status, cell) in row.iter_mut().zip(cells) {
                *status = meanings[usize::from(*cell)];
            }
            visit(person, &row);
        }
    }

    /// One person's statuses.
    pub(super) fn row(&self, person: usize, horizon: Horizon) -> Vec<Status> {
        let meanings = horizon.meanings();
        let cells = &self.cells[person * self.years..(person + 1) * self.years];
        cells.iter().map(|cell| meanings[usize::from(*cell)]).collect()
    }

    fn position(&self, person: usize, year: i16) -> Result<usize, PovertyError> {
        if person >= self.persons {
            return Err(PovertyError::PersonOutside { found: person, persons: self.persons });
        }
        Ok(person * self.years + self.index_of(year)?)
    }
}

fn encode(status: Status) -> u8 {
    match status {
        Ok(false) => 0,
        Ok(true) => 1,
        Err(Missing::Unknown) => 2,
        Err(Missing::Institution) => 3,
        Err(Missing::NotInTargetPopulation) => 4,
        Err(Missing::NotObserved) => 5,
    }
}

fn decode(cell: u8) -> Status {
    match cell & STATUS_BITS {
        0 => Ok(false),
        1 => Ok(true),
        2 => Err(Missing::Unknown),
        3 => Err(Missing::Institution),
        4 => Err(Missing::NotInTargetPopulation),
        _ => Err(Missing::NotObserved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::CoreError;

    const ALL: [Status; 6] = [
        Ok(false),
        Ok(true),
        Err(Missing::Unknown),
        Err(Missing::Institution),
        Err(Missing::NotInTargetPopulation),
        Err(Missing::NotObserved),
    ];

    #[test]
    fn every_status_survives_storage() {
        let panel = StatusPanel::from_rows(2000, 6, [ALL]).unwrap();
        assert_eq!(panel.row(0, Horizon::OneYear), ALL);
        assert_eq!((panel.persons(), panel.years(), panel.last_year()), (1, 6, 2005));
        let mut seen = Vec::new();
        panel.for_each_row(Horizon::MultiYear, |person, row| seen.push((person, row.to_vec())));
        assert_eq!(seen, [(0, ALL.to_vec())]);
    }

    #[test]
    fn the_two_populations_are_apart_and_keep_the_reason_of_the_status() {
        let mut panel = StatusPanel::from_rows(2000, 6, [ALL]).unwrap();
        panel.restrict(Horizon::OneYear, |_, year| year != 2001 && year != 2002);
        assert_eq!(panel.get(0, 2001, Horizon::OneYear), Some(Err(Missing::NotInTargetPopulation)));
        assert_eq!(panel.get(0, 2002, Horizon::OneYear), Some(Err(Missing::Unknown)));
        assert_eq!(panel.row(0, Horizon::MultiYear), ALL);
        panel.set(0, 2001, Ok(false)).unwrap();
        assert_eq!(panel.get(0, 2001, Horizon::MultiYear), Some(Ok(false)));
        assert_eq!(panel.get(0, 2001, Horizon::OneYear), Some(Err(Missing::NotInTargetPopulation)));
    }

    #[test]
    fn records_equal_rows() {
        let rows = StatusPanel::from_rows(2000, 2, [[ALL[0], ALL[5]], [ALL[3], ALL[1]]]).unwrap();
        let records = [(1, 2001, Ok(true)), (0, 2000, Ok(false)), (1, 2000, Err(Missing::Institution))];
        assert_eq!(StatusPanel::from_records(2, 2000, 2, records), Ok(rows));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |persons, first, years| StatusPanel::not_observed(persons, first, years).err();
        assert!(matches!(refused(1, 2000, 0), Some(PovertyError::Years { found: 0, .. })));
        assert!(matches!(refused(1, i16::MAX, 2), Some(PovertyError::Years { high: 1, .. })));
        assert!(matches!(refused(usize::MAX, 2000, 2), Some(PovertyError::PanelTooLarge { .. })));
        assert!(matches!(refused(usize::MAX, 2000, 1), Some(PovertyError::PanelTooLarge { .. })));
        let twice = StatusPanel::from_records(1, 2000, 1, [(0, 2000, Ok(true)), (0, 2000, Ok(true))]);
        assert_eq!(twice, Err(PovertyError::StatusTwice { person: 0, year: 2000 }));
        let nobody = StatusPanel::from_records(1, 2000, 1, [(1, 2000, Ok(true))]);
        assert_eq!(nobody, Err(PovertyError::PersonOutside { found: 1, persons: 1 }));
        let never = StatusPanel::from_records(1, 2000, 1, [(0, 1999, Ok(true))]);
        let outside = PovertyError::YearOutside { found: 1999, first: 2000, last: 2000 };
        assert_eq!(outside.to_string(), "year is 1999, the panel has 2000 to 2000");
        assert_eq!(never, Err(outside));
        assert!(matches!(
            StatusPanel::from_rows(2000, 2, [[Ok(true)]]),
            Err(PovertyError::Core(CoreError::Length { found: 1, expected: 2, .. }))
        ));
        assert!(StatusPanel::not_observed(0, 2000, 1).is_ok());
    }

    #[test]
    fn the_widest_calendar_works() {
        let panel = StatusPanel::not_observed(1, i16::MIN, 65_536).unwrap();
        assert_eq!(panel.last_year(), i16::MAX);
        assert!(panel.get(0, i16::MAX, Horizon::OneYear).is_some());
    }
}
