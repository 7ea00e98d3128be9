use std::ops::RangeInclusive;
use std::sync::Arc;

use erflijn_core::{CoreError, Date, PersonKey};

use crate::cell;
use crate::keys::PersonSet;
use crate::scan::CellFault;

/// Which rows of a file to keep while reading it.
///
/// A row that is not kept never takes memory, and its other cells are not judged. Of several
/// conditions all must hold. A cell that is missing (nothing, dashes, null, system-missing) meets no
/// condition. The column need not be among those that are read, but it must be in the file.
///
/// Every result counts the rows that were left out for a condition. Cloning is cheap: the persons of
/// a condition are shared, so that one condition serves twenty yearly files.
///
/// # Complexity
/// A person is looked up in a few steps whatever the number of persons; four bytes per person.
///
/// # Examples
/// ```
/// use erflijn_registers::{Keep, PersonRegister, RegisterFile};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("GBAPERSOON2022TABV1.csv");
/// let header = "RINPERSOONS;RINPERSOON;GBAGESLACHT;GBAGEBOORTEJAAR;GBAGEBOORTEMAAND;GBAGEBOORTEDAG";
/// let rows = "R;000000012;1;1984;02;29\nR;000000013;2;1969;01;01\nR;000000014;2;----;--;--";
/// std::fs::write(&path, format!("{header}\n{rows}\n"))?;
///
/// let cohorts = Keep::numbers("GBAGEBOORTEJAAR", 1981.0..=1987.0);
/// let persons = PersonRegister::read_where(&RegisterFile::from_path(path)?, &[cohorts], &mut |_, _| {})?;
/// assert_eq!((persons.rows, persons.len(), persons.not_wanted), (3, 1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Keep {
    /// The columns that the condition looks at: one, or class and number of a key.
    pub(crate) columns: Vec<String>,
    pub(crate) test: Test,
}

/// What is asked of the cells.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Persons(Arc<PersonSet>),
    Texts(Arc<[String]>),
    Numbers(RangeInclusive<f64>),
    Codes([bool; 100]),
    Dates(RangeInclusive<Date>),
}

impl Keep {
    /// Rows whose key is one of `persons`; the key stands in the columns `class` and `number`, such as
    /// `RINPERSOONS` and `RINPERSOON`.
    ///
    /// For a household of a year, give the main earners and the columns [`crate::Era::household_columns`].
    #[must_use]
    pub fn persons(
        class: impl Into<String>,
        number: impl Into<String>,
        persons: impl IntoIterator<Item = PersonKey>,
    ) -> Self {
        let persons = PersonSet::new(persons);
        Self { columns: vec![class.into(), number.into()], test: Test::Persons(Arc::new(persons)) }
    }

    /// Rows whose text in `column` is one of `texts`, such as municipalities of four digits. Trailing
    /// blanks in the file do not count. The empty text, and it alone, finds cells that are empty or null.
    #[must_use]
    pub fn texts<T: Into<String>>(column: impl Into<String>, texts: impl IntoIterator<Item = T>) -> Self {
        let mut texts: Vec<String> =
            texts.into_iter().map(|text| text.into().trim_end_matches([' ', '\0']).to_owned()).collect();
        texts.sort_unstable();
        texts.dedup();
        Self { columns: vec![column.into()], test: Test::Texts(texts.into()) }
    }

    /// Rows whose number in `column` lies in `range`, both ends included; the column is stored as
    /// numbers, or as text that reads as a number, such as a birth year.
    #[must_use]
    pub fn numbers(column: impl Into<String>, range: RangeInclusive<f64>) -> Self {
        Self { columns: vec![column.into()], test: Test::Numbers(range) }
    }

    /// Rows whose code in `column` is one of `codes`; the column is stored as text or as numbers. A
    /// code above 99 meets no row.
    #[must_use]
    pub fn codes(column: impl Into<String>, codes: impl IntoIterator<Item = u8>) -> Self {
        let mut wanted = [false; 100];
        for code in codes {
            if let Some(place) = wanted.get_mut(usize::from(code)) {
                *place = true;
            }
        }
        Self { columns: vec![column.into()], test: Test::Codes(wanted) }
    }

    /// Rows whose date in `column` lies in `range`, both ends included.
    ///
    /// Spells that hold on a day are those that start on it or before, and end on it or after.
    ///
    /// ```
    /// use erflijn_core::Date;
    /// use erflijn_registers::Keep;
    /// let day = Date::constant(2022, 1, 1);
    /// let on_the_day =
    ///     [Keep::dates("DATUMAANVANGHH", Date::MIN..=day), Keep::dates("DATUMEINDEHH", day..=Date::MAX)];
    /// # let _ = on_the_day;
    /// ```
    #[must_use]
    pub fn dates(column: impl Into<String>, range: RangeInclusive<Date>) -> Self {
        Self { columns: vec![column.into()], test: Test::Dates(range) }
    }
}

impl Test {
    /// Whether a key meets the condition; a fault comes with 0 for its class, 1 for its number.
    pub(crate) fn meets_key(&self, class: &str, number: &str) -> Result<bool, (usize, CellFault)> {
        let Self::Persons(persons) = self else { unreachable!("only this test looks at two columns") };
        match PersonKey::parse(class, number) {
            Ok(person) => Ok(person.is_some_and(|person| persons.contains(person))),
            Err(source) => {
                let column = usize::from(!matches!(source, CoreError::KeyClass { .. }));
                Err((column, CellFault::Key(source)))
            }
        }
    }

    /// Whether a text cell meets the condition, or what was expected of it.
    pub(crate) fn meets_text(&self, cell: &str) -> Result<bool, &'static str> {
        let text = cell.trim_end_matches([' ', '\0']);
        match self {
            Self::Persons(_) => unreachable!("a key stands in two columns"),
            Self::Texts(texts) => Ok(texts.binary_search_by(|wanted| wanted.as_str().cmp(text)).is_ok()),
            Self::Codes(wanted) => {
                Ok(cell::code(text.as_bytes())?.is_some_and(|code| wanted[usize::from(code)]))
            }
            _ if cell::is_missing(text) => Ok(false),
            Self::Numbers(range) => {
                Ok(cell::number(text.as_bytes())?.is_some_and(|number| range.contains(&number)))
            }
            Self::Dates(range) => Ok(range.contains(&cell::date(text).ok_or(cell::EXPECTED_DATE)?)),
        }
    }

    /// Whether a number meets the condition, or what was expected of it.
    #[cfg(any(feature = "sav", feature = "parquet", feature = "arrow"))]
    pub(crate) fn meets_number(&self, number: f64) -> Result<bool, &'static str> {
        match self {
            Self::Codes(wanted) => Ok(wanted[usize::from(cell::code_of_number(number)?)]),
            Self::Numbers(range) => Ok(range.contains(&number)),
            _ => unreachable!("the kinds of columns were checked on opening"),
        }
    }

    /// Whether the range of a row group's cells holds nothing that meets the condition: texts.
    #[cfg(feature = "parquet")]
    pub(crate) fn excludes_texts(&self, least: &[u8], most: &[u8]) -> bool {
        match self {
            Self::Persons(persons) => match (nine_digits(least), nine_digits(most)) {
                (Some(least), Some(most)) => !persons.any_between(least, most),
                _ => false,
            },
            // A cell may carry trailing blanks or zero bytes: it sorts from its text on, and before its
            // text with any printed character behind it.
            // An empty text finds nulls too, and these are outside the range.
            Self::Texts(texts) => !texts.iter().any(|text| {
                let last = [text.as_bytes(), b"!"].concat();
                text.is_empty() || (text.as_bytes() <= most && last.as_slice() > least)
            }),
            _ => false,
        }
    }

    /// As [`Self::excludes_texts`], for numbers.
    #[cfg(feature = "parquet")]
    pub(crate) fn excludes_numbers(&self, least: f64, most: f64) -> bool {
        match self {
            Self::Numbers(range) => *range.start() > most || *range.end() < least,
            Self::Codes(wanted) => !(0_u8..)
                .zip(wanted)
                .any(|(code, wanted)| *wanted && (least..=most).contains(&f64::from(code))),
            _ => false,
        }
    }

    /// As [`Self::excludes_texts`], for dates.
    #[cfg(feature = "parquet")]
    pub(crate) fn excludes_dates(&self, least: Date, most: Date) -> bool {
        matches!(self, Self::Dates(range) if *range.start() > most || *range.end() < least)
    }
}

#[cfg(feature = "parquet")]
fn nine_digits(text: &[u8]) -> Option<u32> {
    let digits = text.len() == 9 && text.iter().all(u8::is_ascii_digit);
    digits.then(|| text.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}
