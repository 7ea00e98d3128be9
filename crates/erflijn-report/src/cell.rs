use std::fmt;

use erflijn_core::Interval;
use erflijn_disclosure::{Outcome, Reason, Released};
use serde_json::{Value, json};

use crate::Language;
use crate::language::OfHundred;

/// One value of a table or figure. Withheld, undefined and zero look different everywhere.
///
/// Numbers come in as [`Released`]: nothing else can be printed. A released number that is not finite is undefined.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Persons or households.
    Count(Released<u64>),
    /// A share of 1, printed in percent.
    Share(Released<f64>),
    /// Anything else, with three decimals.
    Number(Released<f64>),
    /// A confidence interval.
    Interval(Released<Interval>),
    /// A confidence interval of a share of 1, printed in percent.
    ShareInterval(Released<Interval>),
    /// The first and the last rank that are not ruled out.
    Ranks(Released<(usize, usize)>),
    /// A number that is not here, and why.
    Withheld(Reason),
    /// Has no value: an empty denominator, a year that was not measured.
    Undefined,
    /// The column asks nothing of this row: the loss of a first step.
    Empty,
}

/// What a reader is to see at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Told,
    Zero,
    Withheld,
    Undefined,
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The cell for readers.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        match self.look() {
            Look::Withheld => return language.withheld().to_owned(),
            Look::Undefined => return language.undefined().to_owned(),
            Look::Empty => return String::new(),
            Look::Told | Look::Zero => {}
        }
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Count(count) => shown(count).map(|count| language.count(count)),
            Self::Share(share) => shown(share).map(|share| language.share(share)),
            Self::Number(number) => shown(number).map(|number| language.number(number)),
            Self::Interval(ends) => shown(ends).map(|ends| language.interval(ends)),
            Self::ShareInterval(ends) => shown(ends).map(|ends| language.share_interval(ends)),
            Self::Ranks(ranks) => {
                shown(ranks).map(|(first, last)| format!("{first} {} {last}", language.to()))
            }
            Self::Withheld(_) | Self::Undefined | Self::Empty => None,
        }
        .unwrap_or_default()
    }

    /// Why it is withheld, if it is.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Text(_) | Self::Undefined | Self::Empty => None,
            Self::Count(count) => reason(count),
            Self::Share(value) | Self::Number(value) => reason(value),
            Self::Interval(ends) | Self::ShareInterval(ends) => reason(ends),
            Self::Ranks(ranks) => reason(ranks),
            Self::Withheld(reason) => Some(*reason),
        }
    }

    pub(crate) fn look(&self) -> Look {
        if self.reason().is_some() {
            return Look::Withheld;
        }
        if *self == Self::Empty {
            return Look::Empty;
        }
        let is_there = match self {
            Self::Text(_) => true,
            Self::Ranks(ranks) => shown(ranks).is_some(),
            Self::Interval(_) | Self::ShareInterval(_) => self.ends().is_some(),
            _ => self.exact().is_some(),
        };
        match self.exact() {
            _ if !is_there => Look::Undefined,
            Some(0.0) => Look::Zero,
            _ => Look::Told,
        }
    }

    /// A single shown number as a place on an axis: to the digits that are printed, since a drawing can be measured.
    pub(crate) fn magnitude(&self) -> Option<f64> {
        self.exact().map(rounded)
    }

    fn exact(&self) -> Option<f64> {
        let value = match self {
            #[expect(clippy::cast_precision_loss, reason = "a place on paper needs no more")]
            Self::Count(count) => shown(count)? as f64,
            Self::Share(value) | Self::Number(value) => shown(value)?,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }

    /// Both ends of a shown interval, to the digits that are printed.
    pub(crate) fn ends(&self) -> Option<Interval> {
        match self {
            Self::Interval(ends) | Self::ShareInterval(ends) => {
                let finite = shown(ends).filter(|ends| ends.low.is_finite() && ends.high.is_finite())?;
                Some(Interval { low: rounded(finite.low), high: rounded(finite.high) })
            }
            _ => None,
        }
    }

    /// A shown share as people of every hundred.
    pub(crate) fn of_hundred(&self) -> Option<OfHundred> {
        match self {
            Self::Share(_) => self.exact().and_then(OfHundred::new),
            _ => None,
        }
    }

    /// A share as people of every hundred, everything else as it is told.
    pub(crate) fn in_people(&self, language: Language) -> String {
        match self.of_hundred() {
            Some(people) => language.told_of_hundred(people),
            None => self.told(language),
        }
    }

    /// For a sentence: numbers with so many decimals, at most those of a table, everything else as it is told.
    pub(crate) fn with_decimals(&self, decimals: usize, language: Language) -> String {
        let number = |value: f64| language.decimals(value, decimals.min(3));
        match (self, self.magnitude(), self.ends()) {
            (Self::Number(_), Some(value), _) => number(value),
            (Self::Interval(_), _, Some(Interval { low, high })) => {
                format!("{} {} {}", number(low), language.to(), number(high))
            }
            _ => self.told(language),
        }
    }

    pub(crate) fn fills_two_columns(&self) -> bool {
        matches!(self, Self::Interval(_) | Self::ShareInterval(_) | Self::Ranks(_))
    }

    /// What kind of number it is; none for words and for places without a number.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Text(_) => Some("words"),
            Self::Count(_) => Some("counts"),
            Self::Share(_) => Some("shares"),
            Self::Number(_) => Some("numbers"),
            Self::Interval(_) => Some("intervals"),
            Self::ShareInterval(_) => Some("intervals of shares"),
            Self::Ranks(_) => Some("ranks"),
            Self::Withheld(_) | Self::Undefined | Self::Empty => None,
        }
    }

    /// For a screen of letters: counts without marks between thousands, so that a column can be copied into another
    /// program.
    pub(crate) fn on_screen(&self, language: Language) -> String {
        match (self, self.look()) {
            (Self::Count(_), Look::Told | Look::Zero) => self.fields(1, Language::English).concat(),
            _ => self.told(language).replace('\u{a0}', " "),
        }
    }

    /// One field of a CSV file, or two.
    pub(crate) fn fields(&self, columns: usize, language: Language) -> Vec<String> {
        let number = |value: f64| format!("{value:.3}").replace('.', language.choose(",", "."));
        let one = match self.look() {
            Look::Withheld => "withheld".to_owned(),
            Look::Undefined => "undefined".to_owned(),
            Look::Empty => String::new(),
            Look::Told | Look::Zero => match self {
                Self::Text(text) => text.clone(),
                Self::Count(count) => shown(count).map(|count| count.to_string()).unwrap_or_default(),
                Self::Ranks(ranks) => {
                    let (first, last) = shown(ranks).unwrap_or_default();
                    return vec![first.to_string(), last.to_string()];
                }
                _ => match (self.ends(), self.magnitude()) {
                    (Some(Interval { low, high }), _) => return vec![number(low), number(high)],
                    (None, value) => value.map(number).unwrap_or_default(),
                },
            },
        };
        vec![one; columns]
    }

    pub(crate) fn json(&self) -> Value {
        match self.look() {
            Look::Withheld => return json!("withheld"),
            Look::Undefined | Look::Empty => return Value::Null,
            Look::Told | Look::Zero => {}
        }
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(shown(count)),
            Self::Ranks(ranks) => {
                let (low, high) = shown(ranks).unwrap_or_default();
                json!({ "low": low, "high": high })
            }
            _ => match (self.ends(), self.magnitude()) {
                (Some(Interval { low, high }), _) => json!({ "low": low, "high": high }),
                (None, value) => json!(value),
            },
        }
    }
}

/// In English, for a screen of letters.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.on_screen(Language::English))
    }
}

fn shown<T: Copy>(released: &Released<T>) -> Option<T> {
    match released.outcome() {
        Outcome::Shown(value) => Some(*value),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    }
}

fn reason<T>(released: &Released<T>) -> Option<Reason> {
    match released.outcome() {
        Outcome::Withheld(reason) => Some(*reason),
        Outcome::Shown(_) | Outcome::Undefined => None,
    }
}

/// To the three decimals that are printed.
fn rounded(value: f64) -> f64 {
    // By way of text, so that a value between two of them is rounded as it is there.
    format!("{value:.3}").parse().expect("a formatted number is a number")
}
