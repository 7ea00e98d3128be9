//! The numbers to remember, beside provinces and country.

use anyhow::Result;
use erflijn::regions::Province;
use erflijn::report::{Cell, Comparison, Headline, Part, Section};
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

impl Told<'_> {
    /// The numbers to remember.
    pub(crate) fn in_short(&self) -> Result<Section> {
        let language = self.language;
        let figures = self.figures();
        let poor = self.headline(
            [
                "Hoeveel jongvolwassenen in dit gebied zijn arm?",
                "How many young adults in this area are poor?",
            ],
            |place| match place {
                Place::Region(of) => self.poor(of, Group::All),
                Place::Province(of) => figures.poor_in(of),
            },
        )?;
        let risk = |place, parent_poor| match place {
            Place::Region(of) => self.risk(of, Group::All, parent_poor),
            Place::Province(of) => figures.risk_in(of, parent_poor),
        };
        let with = self.headline(
            [
                "Hoeveel jongvolwassenen met een arme ouder zijn zelf arm?",
                "How many young adults with a poor parent are poor themselves?",
            ],
            |place| risk(place, true),
        )?;
        let without = self.headline(
            [
                "Hoeveel jongvolwassenen zonder arme ouder zijn zelf arm?",
                "How many young adults without a poor parent are poor themselves?",
            ],
            |place| risk(place, false),
        )?;
        let rise = self.headline(
            [
                "Hoeveel kinderen van ouders in de laagste inkomensgroep komen zelf in de hoogste?",
                "How many children of parents in the lowest income class reach the highest themselves?",
            ],
            |place| match place {
                Place::Region(of) => self.risen_to_the_top(of),
                Place::Province(of) => self.cohorts.risen_in(of),
            },
        )?;
        let title = language.choose("In het kort", "In short");
        Ok(Section::new(title).with(Part::Headlines(vec![poor, with, without, rise])).with(Part::Sentence(
            language
                .choose(
                    "Dat kinderen van arme ouders vaker arm zijn, wil niet zeggen dat het een door het ander komt: ouders en kinderen delen \
                     ook hun streek, opleiding en arbeidsmarkt.",
                    "That children of poor parents are poor more often does not mean that one is caused by the other: parents and children \
                     also share their region, schooling and labour market.",
                )
                .into(),
        )))
    }

    /// A number of the area, held against its provinces, the rest of the country and the country.
    fn headline(
        &self,
        [dutch, english]: [&str; 2],
        value: impl Fn(Place) -> Result<Cell>,
    ) -> Result<Headline> {
        let language = self.language;
        let provinces = provinces::of_area(self.study).into_iter();
        let provinces = provinces.map(|of| (provinces::told(of, language), Place::Province(of)));
        let regions = [Territory::Elsewhere, Territory::Country].map(|of| (self.name(of), Place::Region(of)));
        let comparisons = provinces
            .chain(regions)
            .map(|(name, place)| Ok(Comparison { name, value: value(place)? }))
            .collect::<Result<_>>()?;
        Ok(Headline {
            value: value(Place::Region(Territory::Area))?,
            label: language.choose(dutch, english).into(),
            comparisons,
        })
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
