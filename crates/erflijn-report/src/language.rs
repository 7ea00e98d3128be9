use std::fmt;
use std::str::FromStr;

use erflijn_core::Interval;
use erflijn_disclosure::Reason;

use crate::ReportError;

/// The language of words and numbers.
///
/// # Examples
/// ```
/// use erflijn_report::Language;
///
/// assert_eq!(Language::Dutch.number(1234.5678), "1.234,568");
/// assert_eq!(Language::Dutch.natural_frequency(0.12), "12 van de 100");
/// assert_eq!(Language::English.natural_frequency(0.12), "12 of every 100");
/// assert_eq!("nl".parse::<Language>()?, Language::Dutch);
/// # Ok::<(), erflijn_report::ReportError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Decimal comma, points between thousands.
    #[default]
    Dutch,
    /// Decimal point, commas between thousands.
    English,
}

/// A share as people of every hundred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OfHundred {
    /// Not one of all.
    Nobody,
    /// Somebody, who would round to nobody.
    FewerThanOne,
    /// A whole number from 1 to 99.
    Number(f64),
    /// Not all, who would round to all.
    MoreThan99,
    All,
}

impl OfHundred {
    /// None for what is no share.
    pub(crate) fn new(share: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&share) {
            return None;
        }
        // As a number without decimals is printed.
        let rounded = (100.0 * share).round_ties_even();
        Some(if share <= 0.0 {
            Self::Nobody
        } else if share >= 1.0 {
            Self::All
        } else if rounded < 1.0 {
            Self::FewerThanOne
        } else if rounded > 99.0 {
            Self::MoreThan99
        } else {
            Self::Number(rounded)
        })
    }

    /// Whether a verb after it is that of one person.
    pub(crate) fn is_singular(self) -> bool {
        matches!(self, Self::FewerThanOne) || self == Self::Number(1.0)
    }
}

impl FromStr for Language {
    type Err = ReportError;

    fn from_str(found: &str) -> Result<Self, ReportError> {
        match found {
            "nl" => Ok(Self::Dutch),
            "en" => Ok(Self::English),
            _ => Err(ReportError::Language { found: found.to_owned() }),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Language {
    /// Its code in BCP 47: `nl` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// The first text in Dutch, the second in English.
    #[must_use]
    pub fn choose<T>(self, dutch: T, english: T) -> T {
        match self {
            Self::Dutch => dutch,
            Self::English => english,
        }
    }

    /// A count, its thousands apart: 12.345 or 12,345.
    #[must_use]
    pub fn count(self, count: u64) -> String {
        self.grouped(&count.to_string())
    }

    /// Three decimals; what is no number is told as [`Language::undefined`].
    #[must_use]
    pub fn number(self, value: f64) -> String {
        self.decimals(value, 3)
    }

    /// A share of 1 in percent, with one decimal.
    ///
    /// # Units
    /// `share` is a share of 1; the result is in percent.
    #[must_use]
    pub fn share(self, share: f64) -> String {
        if share.is_finite() {
            format!("{}\u{a0}%", self.decimals(100.0 * share, 1))
        } else {
            self.undefined().to_owned()
        }
    }

    /// Both ends, with three decimals: "0,1 tot 0,3" or "0.1 to 0.3".
    #[must_use]
    pub fn interval(self, interval: Interval) -> String {
        let Interval { low, high } = interval;
        format!("{} {} {}", self.number(low), self.to(), self.number(high))
    }

    /// Both ends of an interval of a share of 1, in percent.
    #[must_use]
    pub fn share_interval(self, interval: Interval) -> String {
        let Interval { low, high } = interval;
        format!("{} {} {}", self.decimals(100.0 * low, 1), self.to(), self.share(high))
    }

    /// A share as persons of every hundred. What would round to nobody, or to all, says so.
    #[must_use]
    pub fn natural_frequency(self, share: f64) -> String {
        if !share.is_finite() {
            return self.undefined().to_owned();
        }
        // What is no share is told as it is.
        self.told_of_hundred(OfHundred::new(share).unwrap_or(OfHundred::Number(100.0 * share)))
    }

    pub(crate) fn told_of_hundred(self, people: OfHundred) -> String {
        format!("{} {}", self.people(people), self.choose("van de 100", "of every 100"))
    }

    /// So many people, without the hundred.
    pub(crate) fn people(self, people: OfHundred) -> String {
        match people {
            OfHundred::Nobody => "0".into(),
            OfHundred::FewerThanOne => format!("{} 1", self.choose("minder dan", "fewer than")),
            OfHundred::Number(number) => self.decimals(number, 0),
            OfHundred::MoreThan99 => format!("{} 99", self.choose("meer dan", "more than")),
            OfHundred::All => "100".into(),
        }
    }

    /// In a row: "a, b en c" or "a, b and c".
    pub(crate) fn list(self, items: &[String]) -> String {
        match items {
            [before @ .., last] if !before.is_empty() => {
                format!("{} {} {last}", before.join(", "), self.choose("en", "and"))
            }
            _ => items.concat(),
        }
    }

    /// The word for a number that may not be shown.
    #[must_use]
    pub fn withheld(self) -> &'static str {
        self.choose("niet getoond", "withheld")
    }

    /// The sign for a place without a number.
    #[must_use]
    pub fn undefined(self) -> &'static str {
        "–"
    }

    /// Why a number is withheld, as a clause.
    #[must_use]
    pub fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::Primary => self.choose(
                "zo'n getal rust op te weinig personen of huishoudens, of zegt iets over een hele groep",
                "such a number rests on too few persons or households, or tells of a whole group",
            ),
            Reason::Complementary => self.choose(
                "uit zo'n getal zou een ander volgen dat niet getoond mag worden",
                "another number, which may not be shown, would follow from it",
            ),
            _ => self.choose("een regel verbiedt zo'n getal", "a rule forbids such a number"),
        }
    }

    pub(crate) fn to(self) -> &'static str {
        self.choose("tot", "to")
    }

    /// A number with so many decimals, never a zero with a sign.
    pub(crate) fn decimals(self, value: f64, places: usize) -> String {
        if !value.is_finite() {
            return self.undefined().to_owned();
        }
        let digits = format!("{:.places$}", value.abs());
        let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        let sign = if value < 0.0 && !is_zero { "-" } else { "" };
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let mark = if fraction.is_empty() { "" } else { self.choose(",", ".") };
        format!("{sign}{}{mark}{fraction}", self.grouped(whole))
    }

    fn grouped(self, digits: &str) -> String {
        let mut told = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                told.push(self.choose('.', ','));
            }
            told.push(digit);
        }
        told
    }
}
