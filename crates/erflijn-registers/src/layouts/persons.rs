use erflijn_core::{Date, PersonKey};

use crate::keys::{self, RowsKept};
use crate::scan::{self, Row, Source};
use crate::{Keep, Progress, RegisterError, RegisterFile, Want, cell};

/// Sex as the population register has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// Code 1.
    Man,
    /// Code 2.
    Woman,
}

/// A birth date of which parts may be unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate {
    /// Year.
    pub year: Option<i16>,
    /// Month, 1 to 12.
    pub month: Option<i8>,
    /// Day of the month, 1 to 31.
    pub day: Option<i8>,
}

impl BirthDate {
    /// The date, when all three parts are known.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        Date::new(self.year?, self.month?, self.day?).ok()
    }

    /// Whether the known parts can belong to one day of the calendar.
    fn is_possible(self) -> bool {
        let (year, month) = (self.year.unwrap_or(2000), self.month.unwrap_or(1));
        Date::new(year, month, self.day.unwrap_or(1)).is_ok()
    }
}

/// `GBAPERSOON`: sex and birth of every person ever registered since 1995. Columns are parallel.
#[derive(Debug, Clone, Default)]
pub struct PersonRegister {
    /// The person; each occurs once.
    pub person: Vec<PersonKey>,
    /// Sex; `None` where the register has a dash.
    pub sex: Vec<Option<Sex>>,
    /// Birth date; dashes are unknown parts. The month of many first-generation migrants is imputed.
    pub birth: Vec<BirthDate>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their key identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
}

const CLASS: usize = 0;
const SEX: usize = 2;
const YEAR: usize = 3;
const MONTH: usize = 4;
const DAY: usize = 5;

impl PersonRegister {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::Cell`] for a birth date that is not in the
    /// calendar and [`RegisterError::DuplicateKey`] for a person who occurs twice. The same number
    /// under two classes is two persons.
    ///
    /// # Complexity
    /// One pass and one sort; 13 bytes per person.
    pub fn read(file: &RegisterFile) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], progress)
    }

    /// [`Self::read_with`] that keeps only the rows that meet all conditions; the others are counted in
    /// `not_wanted`.
    ///
    /// # Errors
    /// As [`Self::read`], for the rows kept; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a
    /// cell of which it cannot be said whether it meets a condition.
    pub fn read_where(
        file: &RegisterFile,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), keep, progress)
    }

    pub(super) fn scan(
        source: Source<'_>,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let path = source.path();
        let wants = [
            Want::text("RINPERSOONS"),
            Want::text("RINPERSOON"),
            Want::text("GBAGESLACHT"),
            Want::text("GBAGEBOORTEJAAR"),
            Want::text("GBAGEBOORTEMAAND"),
            Want::text("GBAGEBOORTEDAG"),
        ];
        let (mut register, mut rows) = (Self::default(), RowsKept::default());
        let counts = scan::rows(source, &wants, keep, progress, |row| {
            match row.key(CLASS)? {
                None => register.without_key += 1,
                Some(person) => {
                    rows.push(row.number_of_row());
                    register.push(person, &row)?;
                }
            }
            Ok(())
        })?;
        (register.rows, register.not_wanted) = (counts.rows, counts.rows - counts.kept);
        keys::check_unique(path, "RINPERSOON", register.person.iter().copied(), &rows)?;
        Ok(register)
    }

    fn push(&mut self, person: PersonKey, row: &Row<'_>) -> Result<(), RegisterError> {
        self.person.push(person);
        self.sex.push(sex(row)?);
        self.birth.push(birth(row)?);
        Ok(())
    }

    /// Number of persons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are no persons.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
}

fn sex(row: &Row<'_>) -> Result<Option<Sex>, RegisterError> {
    match row.text(SEX).trim() {
        "1" => Ok(Some(Sex::Man)),
        "2" => Ok(Some(Sex::Woman)),
        "-" | "" => Ok(None),
        _ => Err(row.fault(SEX, "1 (man), 2 (woman), a dash or nothing")),
    }
}

fn birth(row: &Row<'_>) -> Result<BirthDate, RegisterError> {
    let year = part(row, YEAR, 4, 1, "a year of four digits, dashes or nothing")?;
    let month = part(row, MONTH, 2, 1, "a month of two digits from 01 to 12, dashes or nothing")?;
    let day = part(row, DAY, 2, 1, "a day of two digits from 01 to 31, dashes or nothing")?;
    let month = month.map(|month| i8::try_from(month).expect("two digits fit in eight bits"));
    let day = day.map(|day| i8::try_from(day).expect("two digits fit in eight bits"));
    if month.is_some_and(|month| month > 12) {
        return Err(row.fault(MONTH, "a month of two digits from 01 to 12, dashes or nothing"));
    }
    let birth = BirthDate { year, month, day };
    if birth.is_possible() {
        Ok(birth)
    } else {
        Err(row.fault(DAY, "a day that is in the calendar of its month"))
    }
}

/// One part of a birth date: so many digits, or unknown.
fn part(
    row: &Row<'_>,
    column: usize,
    width: usize,
    lowest: i16,
    expected: &'static str,
) -> Result<Option<i16>, RegisterError> {
    let text = row.text(column);
    if cell::is_missing(text) {
        return Ok(None);
    }
    match cell::digits(text) {
        Some(number) if text.len() == width && number >= lowest => Ok(Some(number)),
        _ => Err(row.fault(column, expected)),
    }
}
