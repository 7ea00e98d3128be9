use crate::cell::Look;
use crate::language::OfHundred;
use crate::{Cell, Language, ReportError};

/// A number to remember, told in running sentences beside the same number elsewhere.
///
/// All numbers are shares. The sentences carry no word such as "more": whether two places differ by more than chance and
/// rounding is not known from two numbers.
///
/// # Units
/// Shares of 1, told as people of every hundred.
///
/// # Examples
/// ```
/// use erflijn_disclosure::Released;
/// use erflijn_report::{Cell, Comparison, Headline, Language, Predicate};
///
/// let share = |share| Cell::Share(Released::public(share));
/// let there = |place: &str, value| Comparison { place: place.into(), value: share(value) };
/// let headline = Headline {
///     value: share(0.12),
///     whom: "young adults from Emmen".into(),
///     predicate: Predicate { singular: "is".into(), plural: "are".into(), rest: "poor".into() },
///     comparisons: vec![there("the province of Drenthe", 0.091), there("the whole country", 0.078)],
/// };
/// let [of_emmen, elsewhere] = &headline.sentences(Language::English)?[..] else { panic!("all is shown") };
/// assert_eq!(of_emmen, "Of every 100 young adults from Emmen, 12 are poor.");
/// assert_eq!(elsewhere, "In the province of Drenthe it is 9 and in the whole country 8.");
/// # Ok::<(), erflijn_report::ReportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// The share of these people of whom the predicate is true.
    pub value: Cell,
    /// Of whom, in the plural and with their place: "young adults from Emmen with a poor parent".
    pub whom: String,
    /// What is true of so many of them.
    pub predicate: Predicate,
    /// The same elsewhere, in the order in which it is told.
    pub comparisons: Vec<Comparison>,
}

/// What is true of people: of one "is poor", of several "are poor".
///
/// In Dutch the verb stands before its number, or last: *zijn er 12 zelf arm*, *hoeveel van elke 100 zelf arm zijn*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    /// The verb after one person: "is", "reaches".
    pub singular: String,
    /// The verb after several: "are", "reach".
    pub plural: String,
    /// What comes with the verb, the same for one and for several: "poor", "the highest class".
    pub rest: String,
}

/// What a headline is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Where, as it follows "in" and "for": "the province of Drenthe".
    pub place: String,
    /// The same number there.
    pub value: Cell,
}

/// What can be said of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    People(OfHundred),
    Nothing(Why),
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Withheld,
    /// Of nobody a share can be worked out.
    Undefined,
}

impl Headline {
    /// The number in a sentence, then what it is held against: where it is not shown either, where it is shown, and where
    /// it is not.
    ///
    /// # Errors
    /// [`ReportError::Kinds`] for what are no shares, [`ReportError::Share`] for one outside 0 to 1.
    pub fn sentences(&self, language: Language) -> Result<Vec<String>, ReportError> {
        let told = self.told(&self.value, &self.whom)?;
        let mut shown = Vec::new();
        let (mut withheld, mut undefined) = (Vec::new(), Vec::new());
        for Comparison { place, value } in &self.comparisons {
            match self.told(value, place)? {
                Told::People(people) => shown.push((place.as_str(), people)),
                Told::Nothing(Why::Withheld) => withheld.push(place.clone()),
                Told::Nothing(Why::Undefined) => undefined.push(place.clone()),
            }
        }
        let mut sentences = vec![match told {
            Told::People(people) => self.with_number(people, language),
            Told::Nothing(why) => self.without_number(why, language),
        }];
        let none = [(Why::Withheld, withheld), (Why::Undefined, undefined)];
        let (same, other): (Vec<_>, Vec<_>) = none.iter().partition(|(why, _)| told == Told::Nothing(*why));
        sentences
            .extend(same.into_iter().filter_map(|(why, places)| nothing_in(places, *why, true, language)));
        sentences.extend(shown_in(&shown, language));
        sentences
            .extend(other.into_iter().filter_map(|(why, places)| nothing_in(places, *why, false, language)));
        Ok(sentences)
    }

    fn told(&self, cell: &Cell, whose: &str) -> Result<Told, ReportError> {
        match (cell.look(), cell, cell.of_hundred()) {
            (Look::Withheld, ..) => Ok(Told::Nothing(Why::Withheld)),
            (Look::Undefined | Look::Empty, ..) => Ok(Told::Nothing(Why::Undefined)),
            (_, _, Some(people)) => Ok(Told::People(people)),
            (_, Cell::Share(_), None) => Err(ReportError::Share {
                what: format!("the share of {whose}"),
                value: cell.magnitude().unwrap_or(f64::NAN),
            }),
            _ => Err(ReportError::Kinds {
                figure: format!("the headline of {}", self.whom),
                expected: "shares",
                found: cell.kind().unwrap_or("words"),
            }),
        }
    }

    fn with_number(&self, people: OfHundred, language: Language) -> String {
        let Self { whom, predicate: Predicate { singular, plural, rest }, .. } = self;
        let verb = if people.is_singular() { singular } else { plural };
        let number = language.people(people);
        match language {
            Language::Dutch => {
                let these = format!("Van elke 100 {whom}");
                match people {
                    OfHundred::Nobody => sentence([&these, singular, "niemand", rest]),
                    OfHundred::All => sentence([&these, plural, "alle 100", rest]),
                    _ => sentence([&these, verb, &format!("er {number}"), rest]),
                }
            }
            Language::English => {
                let these = format!("Of every 100 {whom},");
                match people {
                    OfHundred::Nobody => sentence([&these, "none", plural, rest]),
                    OfHundred::All => sentence([&these, "all 100", plural, rest]),
                    _ => sentence([&these, &number, verb, rest]),
                }
            }
        }
    }

    fn without_number(&self, why: Why, language: Language) -> String {
        let Self { whom, predicate: Predicate { plural, rest, .. }, .. } = self;
        match language {
            Language::Dutch => {
                let plural = format!("{plural},");
                let why = match why {
                    Why::Withheld => "wordt niet getoond",
                    Why::Undefined => "is niet te berekenen",
                };
                sentence(["Hoeveel van elke 100", whom, rest, &plural, why])
            }
            Language::English => {
                let why = match why {
                    Why::Withheld => "is withheld",
                    Why::Undefined => "cannot be worked out",
                };
                sentence(["How many of every 100", whom, plural, rest, why])
            }
        }
    }
}

/// Words in their order; a predicate may be a verb only.
fn sentence<const N: usize>(words: [&str; N]) -> String {
    words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ") + "."
}

/// The numbers that are shown elsewhere.
fn shown_in(shown: &[(&str, OfHundred)], language: Language) -> Option<String> {
    let (_, first) = shown.first()?;
    let verb = match first.is_singular() {
        true => language.choose("is dat er", "it is"),
        false => language.choose("zijn dat er", "it is"),
    };
    let told = |(nth, (place, people)): (usize, &(&str, OfHundred))| {
        let number = language.people(*people);
        if nth == 0 { format!("In {place} {verb} {number}") } else { format!("in {place} {number}") }
    };
    Some(language.list(&shown.iter().enumerate().map(told).collect::<Vec<_>>()) + ".")
}

/// Where no number is shown for one reason; `too` if the headline has none for the same reason.
fn nothing_in(places: &[String], why: Why, too: bool, language: Language) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    let places = language.list(places);
    Some(match language {
        Language::Dutch => {
            let of = if too { "Ook voor" } else { "Voor" };
            match why {
                Why::Withheld => format!("{of} {places} wordt het niet getoond."),
                Why::Undefined => format!("{of} {places} is het niet te berekenen."),
            }
        }
        Language::English => match (why, too) {
            (Why::Withheld, false) => format!("For {places} it is withheld."),
            (Why::Withheld, true) => format!("For {places} it is withheld too."),
            (Why::Undefined, false) => format!("For {places} it cannot be worked out."),
            (Why::Undefined, true) => format!("For {places} it cannot be worked out either."),
        },
    })
}

#[cfg(test)]
mod tests {
    use erflijn_disclosure::{Reason, Released};

    use super::*;
    use Language::{Dutch, English};

    fn share(value: f64) -> Cell {
        Cell::Share(Released::public(value))
    }

    const WITHHELD: Cell = Cell::Withheld(Reason::Primary);

    fn headline(value: Cell, others: Vec<(&str, Cell)>, language: Language) -> Headline {
        let [whom, singular, plural, rest] = language.choose(
            ["kinderen uit Emmen", "komt", "komen", "in de hoogste groep"],
            ["children from Emmen", "reaches", "reach", "the highest class"],
        );
        let comparisons = others.into_iter().map(|(place, value)| Comparison { place: place.into(), value });
        Headline {
            value,
            whom: whom.into(),
            predicate: Predicate { singular: singular.into(), plural: plural.into(), rest: rest.into() },
            comparisons: comparisons.collect(),
        }
    }

    fn told(value: Cell, others: Vec<(&str, Cell)>, language: Language) -> String {
        headline(value, others, language).sentences(language).unwrap().join(" ")
    }

    #[test]
    fn verbs_agree_with_their_numbers() {
        for (value, dutch, english) in [
            (0.0, "komt niemand in", "none reach the"),
            (-0.0, "komt niemand in", "none reach the"),
            (1e-9, "komt er minder dan 1 in", "fewer than 1 reaches the"),
            // Half a person, which is printed without decimals as 0.
            (0.005, "komt er minder dan 1 in", "fewer than 1 reaches the"),
            (0.0051, "komt er 1 in", "1 reaches the"),
            (0.0149, "komt er 1 in", "1 reaches the"),
            (0.016, "komen er 2 in", "2 reach the"),
            (0.12, "komen er 12 in", "12 reach the"),
            (0.9949, "komen er 99 in", "99 reach the"),
            (0.995, "komen er meer dan 99 in", "more than 99 reach the"),
            (1.0 - 1e-9, "komen er meer dan 99 in", "more than 99 reach the"),
            (1.0, "komen alle 100 in", "all 100 reach the"),
        ] {
            let dutch = format!("Van elke 100 kinderen uit Emmen {dutch} de hoogste groep.");
            assert_eq!(told(share(value), Vec::new(), Dutch), dutch);
            let english = format!("Of every 100 children from Emmen, {english} highest class.");
            assert_eq!(told(share(value), Vec::new(), English), english);
        }
    }

    #[test]
    fn without_a_number_there_is_a_sentence_too() {
        for (value, dutch, english) in [
            (WITHHELD, "wordt niet getoond", "is withheld"),
            (Cell::Undefined, "is niet te berekenen", "cannot be worked out"),
            (share(f64::NAN), "is niet te berekenen", "cannot be worked out"),
        ] {
            let dutch =
                format!("Hoeveel van elke 100 kinderen uit Emmen in de hoogste groep komen, {dutch}.");
            assert_eq!(told(value.clone(), Vec::new(), Dutch), dutch);
            let english =
                format!("How many of every 100 children from Emmen reach the highest class {english}.");
            assert_eq!(told(value, Vec::new(), English), english);
        }
    }

    /// What stands after the first sentence.
    fn elsewhere(value: Cell, others: &[(&str, Cell)], language: Language) -> String {
        let sentences = headline(value, others.to_vec(), language).sentences(language).unwrap();
        sentences[1..].join(" ")
    }

    #[test]
    fn one_two_and_many_comparisons_stand_in_one_sentence() {
        let others = [("Drenthe", share(0.09)), ("Assen", share(0.0)), ("het land", share(1.0))];
        let dutch = |number| elsewhere(share(0.5), &others[..number], Dutch);
        assert_eq!(
            [0, 1, 2, 3].map(dutch),
            [
                "",
                "In Drenthe zijn dat er 9.",
                "In Drenthe zijn dat er 9 en in Assen 0.",
                "In Drenthe zijn dat er 9, in Assen 0 en in het land 100.",
            ]
        );
        let english = |number| elsewhere(share(0.5), &others[..number], English);
        assert_eq!(
            [1, 2, 3].map(english),
            [
                "In Drenthe it is 9.",
                "In Drenthe it is 9 and in Assen 0.",
                "In Drenthe it is 9, in Assen 0 and in het land 100.",
            ]
        );
        let few = [("Drenthe", share(0.01)), ("Assen", share(0.001)), ("Pekela", share(0.999))];
        let told = "In Drenthe is dat er 1, in Assen minder dan 1 en in Pekela meer dan 99.";
        assert_eq!(elsewhere(share(0.5), &few, Dutch), told);
        assert_eq!(elsewhere(share(0.5), &few[1..2], Dutch), "In Assen is dat er minder dan 1.");
        assert_eq!(elsewhere(share(0.5), &few[1..2], English), "In Assen it is fewer than 1.");
    }

    #[test]
    fn places_without_a_number_are_named() {
        let others = [
            ("Drenthe", WITHHELD),
            ("Assen", share(0.2)),
            ("Pekela", Cell::Undefined),
            ("Borger", WITHHELD),
            ("Emmen", WITHHELD),
        ];
        for (value, language, told) in [
            (
                share(0.5),
                Dutch,
                "In Assen zijn dat er 20. Voor Drenthe, Borger en Emmen wordt het niet getoond. \
                 Voor Pekela is het niet te berekenen.",
            ),
            (
                WITHHELD,
                Dutch,
                "Ook voor Drenthe, Borger en Emmen wordt het niet getoond. In Assen zijn dat er 20. \
                 Voor Pekela is het niet te berekenen.",
            ),
            (
                Cell::Undefined,
                Dutch,
                "Ook voor Pekela is het niet te berekenen. In Assen zijn dat er 20. \
                 Voor Drenthe, Borger en Emmen wordt het niet getoond.",
            ),
            (
                share(0.5),
                English,
                "In Assen it is 20. For Drenthe, Borger and Emmen it is withheld. For Pekela it cannot be worked out.",
            ),
            (
                WITHHELD,
                English,
                "For Drenthe, Borger and Emmen it is withheld too. In Assen it is 20. For Pekela it cannot be worked out.",
            ),
            (
                Cell::Undefined,
                English,
                "For Pekela it cannot be worked out either. In Assen it is 20. For Drenthe, Borger and Emmen it is withheld.",
            ),
        ] {
            assert_eq!(elsewhere(value, &others, language), told);
        }
        let all = [("Drenthe", WITHHELD), ("Assen", WITHHELD)];
        assert_eq!(elsewhere(WITHHELD, &all, Dutch), "Ook voor Drenthe en Assen wordt het niet getoond.");
        assert_eq!(elsewhere(WITHHELD, &all[..1], English), "For Drenthe it is withheld too.");
    }

    #[test]
    fn a_verb_may_stand_alone() {
        let mut headline = headline(share(0.5), Vec::new(), Dutch);
        headline.predicate =
            Predicate { singular: "werkt".into(), plural: "werken".into(), rest: String::new() };
        assert_eq!(headline.sentences(Dutch).unwrap(), ["Van elke 100 kinderen uit Emmen werken er 50."]);
        headline.value = WITHHELD;
        let told = "Hoeveel van elke 100 kinderen uit Emmen werken, wordt niet getoond.";
        assert_eq!(headline.sentences(Dutch).unwrap(), [told]);
    }

    #[test]
    fn what_is_no_share_is_refused() {
        let refused = |value, others| headline(value, others, English).sentences(English).unwrap_err();
        let count = Cell::Count(Released::public(12));
        let error = refused(share(0.5), vec![("Drenthe", count)]);
        let told = "the headline of children from Emmen holds counts and shares, expected one kind of number";
        assert_eq!(error.to_string(), told);
        let error = refused(share(1.5), Vec::new());
        assert_eq!(
            error.to_string(),
            "the share of children from Emmen is 1.5, expected a share from 0 to 1"
        );
        assert!(matches!(refused(Cell::text("many"), Vec::new()), ReportError::Kinds { found: "words", .. }));
    }
}
