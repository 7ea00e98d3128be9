//! Where: the map, the municipalities in order, and their numbers.

use std::collections::BTreeMap;

use anyhow::Result;
use erflijn::core::{Estimate, MunicipalityCode};
use erflijn::disclosure::{Outcome, Released};
use erflijn::mobility::areas::{AreaErrors, RankOptions, rank_confidence_sets};
use erflijn::regions::BorderHistory;
use erflijn::report::{AreaEstimate, AreaMap, AreaValue, Boundaries, Cell, DotPlot, Part, Table};
use erflijn_examples::{LEVEL, Territory};

use crate::figures::Figures;
use crate::incomes::Municipality;
use crate::provinces;

impl Figures<'_> {
    pub(crate) fn map(&self) -> Result<Option<Part>> {
        let boundaries = match self.study.region.classification_year {
            2017 => Boundaries::municipalities_2017()?,
            2021..=2025 => Boundaries::municipalities_2023()?,
            _ => return Ok(None),
        };
        let values = self.municipalities()?.into_iter().map(|(municipality, expected)| AreaValue {
            code: municipality.code.map_or_else(String::new, |code| format!("GM{code}")),
            name: self.municipality_name(municipality),
            value: Cell::Number(expected.map(|expected| expected.value)),
        });
        let map = AreaMap {
            caption: self.caption(
                "map",
                [
                    "Verwachte rang van kinderen van ouders op een kwart van de ladder, per gemeente".into(),
                    "Expected rank of children of parents a quarter up the ladder, by municipality".into(),
                ],
                [
                    "Hoe donkerder, hoe hoger kinderen van ouders met een laag inkomen terechtkomen: een kwart van de ladder is rang 0,25. De \
                     gemeente is die waar het kind opgroeide.",
                    "The darker, the higher children of parents with a low income arrive: a quarter up the ladder is rank 0.25. The \
                     municipality is that where the child grew up.",
                ],
            ),
            measure: self.language.choose("verwachte rang", "expected rank").into(),
            boundaries,
            values: values.collect(),
        };
        Ok(Some(Self::part(map.draw(self.language)?)))
    }

    pub(crate) fn areas_in_order(&self) -> Result<Part> {
        let municipalities = self.municipalities()?;
        let shown: Vec<Estimate> = municipalities.iter().filter_map(|(_, expected)| told(expected)).collect();
        let values: Vec<f64> = shown.iter().map(|expected| expected.value).collect();
        let errors: Vec<f64> = shown.iter().map(|expected| expected.standard_error).collect();
        let sets = match shown.len() {
            0 | 1 => Vec::new(),
            _ => rank_confidence_sets(&values, AreaErrors::Independent(&errors), &RankOptions::default())?,
        };
        let mut sets = sets.iter();
        let mut areas = Vec::new();
        for (municipality, expected) in &municipalities {
            let interval = told(expected).map(|expected| expected.interval(LEVEL)).transpose()?;
            // Ranks are made of released numbers only.
            let set = told(expected).and_then(|_| sets.next());
            areas.push(AreaEstimate {
                name: self.municipality_name(municipality),
                value: Cell::Number(expected.map(|expected| expected.value)),
                interval: Cell::Interval(expected.map(|_| interval).flatten()),
                ranks: Cell::Ranks(
                    expected.map(|_| set.map(|set| (set.low as usize, set.high as usize))).flatten(),
                ),
            });
        }
        let mut references = Vec::new();
        for of in provinces::of_area(self.study) {
            let [_, _, expected, _] = self.cohorts.line_cells_of(of)?;
            references.push((provinces::told(of, self.language), expected));
        }
        let [_, _, expected, _] = self.cohorts.line_cells(Territory::Country)?;
        references.push((self.name(Territory::Country), expected));
        let plot = DotPlot {
            caption: self.caption(
                "areas-in-order",
                [
                    "Gemeenten op volgorde van verwachte rang".into(),
                    "Municipalities in the order of expected rank".into(),
                ],
                [
                    "Stip: verwachte rang van een kind van ouders op een kwart van de ladder. Streep: interval. Rangen: de plaatsen in deze \
                     volgorde die niet uit te sluiten zijn, voor alle gemeenten tegelijk; waar zij overlappen, is niet te zeggen welke \
                     gemeente hoger staat.",
                    "Dot: expected rank of a child of parents a quarter up the ladder. Bar: interval. Ranks: places in this order that are \
                     not ruled out, for all municipalities at once; where they overlap, nobody can say which municipality stands higher.",
                ],
            ),
            measure: self.language.choose("verwachte rang", "expected rank").into(),
            areas,
            references,
        };
        Ok(Self::part(plot.draw(self.language)?))
    }

    /// Poverty and expected ranks of the same municipalities, by name.
    pub(crate) fn by_municipality(&self) -> Result<Table> {
        let language = self.language;
        let columns = language.choose(
            [
                "gemeente",
                "personen",
                "arm, ouder arm",
                "arm, ouder niet arm",
                "verhouding",
                "verhouding: interval (95%)",
                "verwachte rang",
                "rang: interval (95%)",
            ],
            [
                "municipality",
                "persons",
                "poor, parent poor",
                "poor, parent not poor",
                "ratio",
                "ratio: interval (95%)",
                "expected rank",
                "rank: interval (95%)",
            ],
        );
        let title = language.choose("Gemeenten in getallen", "Municipalities in numbers");
        let mut table = Table::new("municipalities", title, &columns)
            .note(language.choose(
                "De gemeente is die waar iemand opgroeide. Personen en armoede: van jongvolwassenen van wie van beide ouders bekend is of zij \
                 arm zijn. Verhouding: hoeveel keer zo vaak arm met een arme ouder als zonder. Verwachte rang: van een kind van ouders op \
                 een kwart van de ladder.",
                "The municipality is that where somebody grew up. Persons and poverty: of young adults of whom it is known of both parents \
                 whether they are poor. Ratio: how many times as often poor with a poor parent as without. Expected rank: of a child of \
                 parents a quarter up the ladder.",
            ))
            .note(language.choose(
                "Een streepje: er is niets te berekenen, omdat daar niemand in het onderzoek is of niemand een arme ouder heeft. Niet getoond: \
                 er zijn te weinig mensen, of zo'n getal zou uit dit getal volgen.",
                "A dash: there is nothing to work out, since nobody there is in the study or nobody has a poor parent. Withheld: there are too \
                 few people, or such a number would follow from this one.",
            ));
        let (known, heredity) = (self.municipalities()?, &self.monitor.heredity);
        let mut rows = BTreeMap::new();
        for code in heredity.municipalities.iter().filter_map(|one| one.code) {
            if let Some(people) = heredity.municipality(true, Some(code)) {
                rows.insert(self.name_of(Some(code)), (heredity.cells_of(people)?, None));
            }
        }
        for (municipality, expected) in known {
            let poverty = match heredity.municipality(municipality.in_area, municipality.code) {
                Some(people) => heredity.cells_of(people)?,
                None => Vec::new(),
            };
            rows.insert(self.municipality_name(municipality), (poverty, Some(expected)));
        }
        for (name, (poverty, expected)) in rows {
            let of_poverty = |place: usize| poverty.get(place).cloned().unwrap_or(Cell::Undefined);
            let mut row = vec![Cell::Text(name)];
            row.extend([0, 1, 2, 5, 6].map(of_poverty));
            match expected {
                Some(expected) => {
                    let interval = told(&expected).map(|expected| expected.interval(LEVEL)).transpose()?;
                    row.push(Cell::Number(expected.map(|expected| expected.value)));
                    row.push(Cell::Interval(expected.map(|_| interval).flatten()));
                }
                None => row.extend([Cell::Undefined, Cell::Undefined]),
            }
            table.rows.push(row);
        }
        Ok(table)
    }

    /// Names for the picker of areas.
    pub(crate) fn municipality_names(&self) -> Result<Vec<String>> {
        let of_area = self.monitor.heredity.municipality_names();
        let municipalities = self.municipalities()?;
        let others = municipalities.iter().map(|(one, _)| self.municipality_name(one));
        let mut names: Vec<String> = of_area.into_iter().chain(others).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Municipalities with the expected rank at a quarter: all of them, or those of the area where they are too many to read.
    fn municipalities(&self) -> Result<Vec<(&Municipality, Released<Estimate>)>> {
        const READABLE: usize = 40;
        let known = || self.cohorts.incomes.municipalities.iter().filter(|one| one.code.is_some());
        let all = known().count() <= READABLE;
        known()
            .filter(|one| all || one.in_area)
            .map(|one| Ok((one, self.cohorts.line_of(one)?.map(|(_, expected)| expected))))
            .collect()
    }

    fn municipality_name(&self, municipality: &Municipality) -> String {
        self.name_of(municipality.code)
    }

    fn name_of(&self, code: Option<MunicipalityCode>) -> String {
        let name = code.and_then(|code| BorderHistory::netherlands().name(code));
        name.map_or_else(|| self.language.choose("onbekend", "unknown").to_owned(), str::to_owned)
    }
}

fn told<T: Copy>(released: &Released<T>) -> Option<T> {
    match released.outcome() {
        Outcome::Shown(value) => Some(*value),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    }
}
