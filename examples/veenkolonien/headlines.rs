//! The numbers to remember, in sentences beside provinces and country.

use anyhow::Result;
use erflijn::regions::Province;
use erflijn::report::{Cell, Comparison, Headline, Language, Part, Predicate, Section};
use erflijn_examples::Territory;

use crate::groups::Group;
use crate::page::Told;
use crate::provinces;

/// Where a number is asked for.
#[derive(Debug, Clone, Copy)]
enum Place {
    Region(Territory),
    Province(Province),
}

/// What is asked of each place.
#[derive(Debug, Clone, Copy)]
enum Question {
    Poor,
    PoorWithPoorParent,
    PoorWithoutPoorParent,
    /// From the lowest income class to the highest.
    Risen,
}

impl Question {
    const ALL: [Self; 4] = [Self::Poor, Self::PoorWithPoorParent, Self::PoorWithoutPoorParent, Self::Risen];

    /// Of whom: they grew up in a place, so they are from there and need not live there.
    fn whom(self, place: &str, language: Language) -> String {
        let [dutch, english] = match self {
            Self::Poor => [["jongvolwassenen", ""], ["young adults", ""]],
            Self::PoorWithPoorParent => {
                [["jongvolwassenen", " met een arme ouder"], ["young adults", " with a poor parent"]]
            }
            Self::PoorWithoutPoorParent => {
                [["jongvolwassenen", " zonder arme ouder"], ["young adults", " without a poor parent"]]
            }
            Self::Risen => [
                ["kinderen", " met ouders in de laagste inkomensgroep"],
                ["children", " with parents in the lowest income class"],
            ],
        };
        let [who, with] = language.choose(dutch, english);
        format!("{who} {} {place}{with}", language.choose("uit", "from"))
    }

    fn predicate(self, language: Language) -> Predicate {
        let [singular, plural, rest] = match self {
            Self::Poor => language.choose(["is", "zijn", "arm"], ["is", "are", "poor"]),
            Self::PoorWithPoorParent | Self::PoorWithoutPoorParent => {
                language.choose(["is", "zijn", "zelf arm"], ["is", "are", "poor"])
            }
            Self::Risen => language
                .choose(["komt", "komen", "zelf in de hoogste"], ["reaches", "reach", "the highest class"]),
        };
        Predicate { singular: singular.into(), plural: plural.into(), rest: rest.into() }
    }
}

impl Told<'_> {
    /// The numbers to remember.
    pub(crate) fn in_short(&self) -> Result<Section> {
        let language = self.language;
        let headlines = Question::ALL.into_iter().map(|question| self.headline(question));
        let title = language.choose("In het kort", "In short");
        let section = Section::new(title).with(Part::Headlines(headlines.collect::<Result<_>>()?));
        Ok(self.how_to_read().into_iter().fold(section, |section, words| section.with(Part::Sentence(words))))
    }

    /// What the sentences do not say.
    fn how_to_read(&self) -> [String; 2] {
        let age = self.study.region.age;
        [
            self.language.choose(
                format!(
                    "Iedereen hoort bij de gemeente waar hij of zij op de leeftijd van {age} jaar stond ingeschreven, ook wie later is verhuisd. De aantallen \
                     zijn afgerond op hele mensen, en een klein verschil tussen twee plaatsen kan toeval zijn: intervallen staan verderop."
                ),
                format!(
                    "Everybody belongs to the municipality where he or she was registered at age {age}, also after moving away. The numbers are rounded to whole \
                     people, and a small difference between two places can be chance: intervals stand further down."
                ),
            ),
            self.language
                .choose(
                    "Dat kinderen van arme ouders vaker arm zijn, wil niet zeggen dat het een door het ander komt: ouders en kinderen delen \
                     ook hun streek, opleiding en arbeidsmarkt.",
                    "That children of poor parents are poor more often does not mean that one is caused by the other: parents and children \
                     also share their region, schooling and labour market.",
                )
                .into(),
        ]
    }

    /// A number of the area, held against its provinces, the rest of the country and the country.
    fn headline(&self, question: Question) -> Result<Headline> {
        let language = self.language;
        let provinces = provinces::of_area(self.study).into_iter().map(Place::Province);
        let places = provinces.chain([Territory::Elsewhere, Territory::Country].map(Place::Region));
        let comparisons = places.map(|place| {
            Ok(Comparison { place: self.place_name(place), value: self.value(question, place)? })
        });
        Ok(Headline {
            value: self.value(question, Place::Region(Territory::Area))?,
            whom: question.whom(&self.place_name(Place::Region(Territory::Area)), language),
            predicate: question.predicate(language),
            comparisons: comparisons.collect::<Result<_>>()?,
        })
    }

    /// With its article.
    fn place_name(&self, place: Place) -> String {
        let (the, name) = match place {
            Place::Province(of) => (["de", "the"], provinces::told(of, self.language)),
            Place::Region(of @ Territory::Country) => (["het", "the"], self.name(of)),
            Place::Region(of @ Territory::Elsewhere) => (["de", "the"], self.name(of)),
            Place::Region(of @ Territory::Area) => (["het gebied", "the area"], self.name(of)),
        };
        let [dutch, english] = the;
        format!("{} {name}", self.language.choose(dutch, english))
    }

    fn value(&self, question: Question, place: Place) -> Result<Cell> {
        let risk = |parent_poor| match place {
            Place::Region(of) => self.risk(of, Group::All, parent_poor),
            Place::Province(of) => self.figures().risk_in(of, parent_poor),
        };
        match (question, place) {
            (Question::Poor, Place::Region(of)) => self.poor(of, Group::All),
            (Question::Poor, Place::Province(of)) => self.figures().poor_in(of),
            (Question::PoorWithPoorParent, _) => risk(true),
            (Question::PoorWithoutPoorParent, _) => risk(false),
            (Question::Risen, Place::Region(of)) => self.risen_to_the_top(of),
            (Question::Risen, Place::Province(of)) => self.cohorts.risen_in(of),
        }
    }

    fn risen_to_the_top(&self, territory: Territory) -> Result<Cell> {
        let (ranked, incomes) = (&self.cohorts.ranked, &self.cohorts.incomes);
        let Some(basis) = incomes.basis(territory, &incomes.bottom())? else { return Ok(Cell::Undefined) };
        let counts = ranked.tally(&ranked.members(territory))?;
        let row = counts.cells().row(0).to_owned();
        let all = row.sum();
        Ok(basis.share((all > 0.0).then(|| row[row.len() - 1] / all)))
    }
}
