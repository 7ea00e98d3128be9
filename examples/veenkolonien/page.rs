//! The page for people: headline numbers, the questions of a regional study, and how sure we are.

use std::collections::BTreeSet;

use anyhow::Result;
use erflijn::core::Vintage;
use erflijn::disclosure::Reason;
use erflijn::report::{Caption, Cell, Certainty, Language, Page, Part, Section, Table, WithheldNote};
use erflijn_examples::{LEVEL, Territory, span};

use crate::figures::Figures;
use crate::groups::Group;
use crate::heredity::Through;
use crate::incomes::Measure;
use crate::mobility_tables::Cohorts;
use crate::monitor_tables::Monitor;
use crate::provinces;
use crate::series::Series;
use crate::study::Study;
use crate::words;

/// Everything that the page tells.
pub(crate) struct Told<'a> {
    pub study: &'a Study,
    pub monitor: &'a Monitor<'a>,
    pub series: &'a Series,
    pub cohorts: &'a Cohorts<'a>,
    /// All tables, for what is withheld in them.
    pub tables: &'a [Table],
    pub vintage: &'a Vintage,
    /// What the program noticed, in English.
    pub remarks: &'a [String],
    pub notice: Option<String>,
    pub language: Language,
}

impl Told<'_> {
    pub(crate) fn page(&self) -> Result<Page> {
        let (language, area) = (self.language, &self.study.region.area_name);
        let title = language.choose(
            format!("Armoede van ouders en kinderen: {area}"),
            format!("Poverty of parents and children: {area}"),
        );
        let mut page = Page::new(language, title);
        let nothing_withheld = self.study.disclosure.minimum_cell == 1;
        let notices =
            self.notice.iter().cloned().chain(nothing_withheld.then(|| words::nothing_withheld(language)));
        page.notice = Some(notices.collect::<Vec<String>>().join(" ")).filter(|notice| !notice.is_empty());
        page.lead = self.lead();
        page.areas = self.figures().municipality_names()?;
        page.sections = vec![
            self.in_short()?,
            self.who_is_poor()?,
            self.young_adults()?,
            self.young_adults_and_parents()?,
            self.mobility()?,
            self.places()?,
            self.certainty()?,
            self.withheld()?,
            self.who_is_in()?,
            self.definitions(),
            self.citation(),
        ];
        page.sections.retain(|section| !section.parts.is_empty());
        Ok(page)
    }

    fn lead(&self) -> Vec<String> {
        let [youngest, oldest] = self.study.monitor.ages;
        let [first, last] = self.study.mobility.cohorts;
        let (year, area) = (self.study.monitor.year, &self.study.region.area_name);
        let [dutch, english] = match provinces::of_area(self.study).len() {
            0 => ["de rest van het land", "the rest of the country"],
            1 => [
                "de provincie waarin het ligt en met de rest van het land",
                "the province in which it lies and with the rest of the country",
            ],
            _ => [
                "de provincies waarin het ligt en met de rest van het land",
                "the provinces in which it lies and with the rest of the country",
            ],
        };
        vec![self.language.choose(
            format!(
                "Worden kinderen die arm opgroeien arme volwassenen? Deze pagina vergelijkt het gebied {area} met {dutch}, voor \
                 jongvolwassenen van {youngest} tot en met {oldest} jaar in {year} en voor wie geboren is in {first} tot en met {last}."
            ),
            format!(
                "Do children who grow up poor become poor adults? This page compares the area {area} with {english}, for young \
                 adults of {youngest} to {oldest} in {year} and for those born in {first} to {last}."
            ),
        )]
    }

    fn who_is_poor(&self) -> Result<Section> {
        let title = self.language.choose("Wie is arm?", "Who is poor?");
        Ok(Section::new(title).with(self.figures().poor_by_group()?))
    }

    fn young_adults(&self) -> Result<Section> {
        let language = self.language;
        let title =
            language.choose("Jongvolwassenen: wordt het beter?", "Young adults: is it getting better?");
        let [all, with_poor_parent] = self.figures().trends(self.series)?;
        let section = Section::new(title).with(all).with(with_poor_parent);
        Ok(match self.study.poverty.departs_from_published(span(self.study.monitor.series)) {
            true => section.with(Part::Sentence(words::line_departs(language))),
            false => section,
        })
    }

    fn young_adults_and_parents(&self) -> Result<Section> {
        let title = self.language.choose("Jongvolwassenen en hun ouders", "Young adults and their parents");
        let figures = self.figures();
        Ok(Section::new(title)
            .with(figures.outflow_and_inflow()?)
            .with(Part::Table(figures.through_each_parent()?))
            .with(Part::Sentence(
                self.language
                    .choose(
                        "Wie in het jaar van de meting bij een ouder woont, deelt het huishoudinkomen met die ouder: dan zijn beiden arm of \
                         geen van beiden. Daarom staan jongvolwassenen die zelfstandig wonen apart.",
                        "Whoever lives with a parent in the year measured shares that parent's household income: then both are poor, or \
                         neither. Young adults who live independently are therefore told apart.",
                    )
                    .into(),
            )))
    }

    fn mobility(&self) -> Result<Section> {
        let title = self.language.choose("Inkomen van ouders en kinderen", "Income of parents and children");
        let figures = self.figures();
        let mut section = Section::new(title).with(figures.class_shares()?).with(figures.ribbons()?);
        section.parts.extend(figures.ranks()?);
        Ok(section)
    }

    fn places(&self) -> Result<Section> {
        let title = self.language.choose("Waar?", "Where?");
        let figures = self.figures();
        let mut section = Section::new(title);
        match figures.map()? {
            Some(map) => section.parts.push(map),
            None => section.parts.push(Part::Sentence(
                self.language
                    .choose(
                        "Er is geen kaart: de gemeentegrenzen van dit jaar zijn niet ingebouwd.",
                        "There is no map: the municipal boundaries of this year are not built in.",
                    )
                    .into(),
            )),
        }
        section.parts.push(figures.areas_in_order()?);
        section.parts.push(Part::Table(figures.by_municipality()?));
        Ok(section)
    }

    fn certainty(&self) -> Result<Section> {
        let language = self.language;
        let mut items = Vec::new();
        for (parent_poor, what) in [
            (
                true,
                language.choose(
                    "Deel van de jongvolwassenen met een arme ouder dat zelf arm is",
                    "Share of young adults with a poor parent who are poor themselves",
                ),
            ),
            (
                false,
                language.choose(
                    "Deel van de jongvolwassenen zonder arme ouder dat zelf arm is",
                    "Share of young adults without a poor parent who are poor themselves",
                ),
            ),
        ] {
            items.push(Certainty {
                what: what.into(),
                value: self.risk(Territory::Area, Group::All, parent_poor)?,
                interval: self.figures().interval_of_risk(Territory::Area, parent_poor)?,
                level: LEVEL,
                decimals: 1,
            });
        }
        for (through, dutch, english) in [
            (Through::Either, "met een arme ouder", "with a poor parent"),
            (Through::Mother, "met een arme moeder", "with a poor mother"),
            (Through::Father, "met een arme vader", "with a poor father"),
        ] {
            if let Some(stratum) = self.monitor.heredity.stratum(Territory::Area, Group::All) {
                let cells = self.monitor.heredity.cells(stratum, through)?;
                let [ratio, interval] =
                    [5, 6].map(|place| cells.get(place).cloned().unwrap_or(Cell::Undefined));
                let what = language.choose(
                    format!("Hoeveel keer zo vaak arm {dutch} als zonder"),
                    format!("How many times as often poor {english} as without"),
                );
                items.push(Certainty { what, value: ratio, interval, level: LEVEL, decimals: 1 });
            }
        }
        let [slope, of_slope, expected, of_expected] = self.cohorts.line_cells(Territory::Area)?;
        let what = language.choose(
            "Samenhang tussen de inkomensrang van ouders en kinderen (0: geen, 1: volledig)",
            "Link between the income ranks of parents and children (0: none, 1: complete)",
        );
        items.push(Certainty {
            what: what.into(),
            value: slope,
            interval: of_slope,
            level: LEVEL,
            decimals: 3,
        });
        let what = language.choose(
            "Verwachte rang van een kind van ouders op een kwart van de ladder (rang 0,25)",
            "Expected rank of a child of parents a quarter up the ladder (rank 0.25)",
        );
        items.push(Certainty {
            what: what.into(),
            value: expected,
            interval: of_expected,
            level: LEVEL,
            decimals: 3,
        });
        let title = language.choose("Hoe zeker is dit?", "How sure are we?");
        Ok(Section::new(title).with(Part::Certainty(items)).with(Part::Sentence(
            language
                .choose(
                    "De intervallen houden er rekening mee dat broers en zussen op elkaar lijken. Zij zeggen niets over fouten in de \
                     registers, over wie daarin ontbreekt, of over wat een andere armoedegrens zou geven.",
                    "The intervals allow for siblings being alike. They say nothing of errors in the registers, of who is not in them, or \
                     of what another poverty line would give.",
                )
                .into(),
        )))
    }

    fn withheld(&self) -> Result<Section> {
        let language = self.language;
        let mut notes = Vec::new();
        for table in self.tables {
            let numbers = |is: &dyn Fn(&Cell) -> bool| {
                table.rows.iter().flatten().filter(|cell| is(cell)).count() as u64
            };
            let is_number = |cell: &Cell| {
                !matches!(cell, Cell::Text(_) | Cell::Empty) && cell.told(language) != language.undefined()
            };
            let of = numbers(&is_number);
            for reason in [Reason::Primary, Reason::Complementary] {
                let numbers = numbers(&|cell| cell.reason() == Some(reason));
                if numbers > 0 {
                    let place = format!("{} ({}.csv)", words::place(&table.name, language), table.name);
                    notes.push(WithheldNote { place, reason, numbers, of });
                }
            }
        }
        let minimum = self.study.disclosure.minimum_cell;
        let title = if notes.is_empty() {
            language.choose("Is er iets weggelaten?", "Is anything left out?")
        } else {
            language.choose("Wat niet getoond wordt, en waarom", "What is not shown, and why")
        };
        if minimum == 1 {
            return Ok(Section::new(title).with(Part::Sentence(words::nothing_withheld(language))));
        }
        let follows = match self.study.told_by_both()? {
            Some(years) => format!(". {}", words::told_by_both(years, language)),
            None => language
                .choose(
                    ", en uit de getallen op deze pagina en in de bestanden ernaast volgt ook geen getal over zo weinig mensen.",
                    ", and no number about so few people follows from those on this page and in the files beside it.",
                )
                .into(),
        };
        Ok(Section::new(title)
            .with(Part::Sentence(language.choose(
                format!(
                    "Geen getal op deze pagina rust op minder dan {minimum} personen{follows} Wat is weggelaten en volgens welke regel, staat \
                     in disclosure.txt en disclosure.json."
                ),
                format!(
                    "No number on this page rests on fewer than {minimum} persons{follows} What is left out, and by which rule, stands in \
                     disclosure.txt and disclosure.json."
                ),
            )))
            .with(Part::Withheld(notes)))
    }

    fn who_is_in(&self) -> Result<Section> {
        let language = self.language;
        let description = language.choose(
            "Van boven naar beneden: wie overblijft na elke reden. Ieder telt bij de eerste reden die geldt.",
            "From top to bottom: who is left after each reason. Everybody counts under the first reason that applies.",
        );
        let caption = |name: &str, [dutch, english]: [&str; 2]| {
            Caption::new(name, language.choose(dutch, english), description)
        };
        let monitor = self.monitor.flow.losses(
            caption("young-adults-lost", ["Wie meedoet: jongvolwassenen", "Who is in: young adults"]),
            language,
            |reason| reason.told(language),
            |step| self.monitor.heredity.of_flow(step),
        )?;
        let mobility = self.cohorts.flow.losses(
            caption("children-lost", ["Wie meedoet: geboortejaren", "Who is in: birth years"]),
            language,
            |reason| reason.told(language),
            |step| self.cohorts.of_flow(step),
        )?;
        let title = language.choose("Wie doet mee?", "Who is in?");
        Ok(Section::new(title)
            .with(Part::Figure(Box::new(monitor.draw(language)?)))
            .with(Part::Figure(Box::new(mobility.draw(language)?))))
    }

    fn definitions(&self) -> Section {
        let language = self.language;
        let section = Section::new(language.choose("Begrippen en herkomst", "Definitions and vintage"))
            .with(Part::Definitions(words::definitions(self.study, &self.without_people(), language)))
            .with(Part::Vintage(Box::new(words::vintage(self.vintage, &self.study.poverty, language))));
        if self.remarks.is_empty() {
            return section;
        }
        match language {
            Language::Dutch => section.with(Part::Sentence(
                "Wat bij het lezen van de registers en de keuzes opviel, staat in results.json, in het Engels.".into(),
            )),
            Language::English => section
                .with(Part::Sentence("What was noticed in reading the registers and the choices:".into()))
                .with(Part::List(self.remarks.to_vec())),
        }
    }

    /// The municipalities of the area of which nobody is in the study.
    fn without_people(&self) -> Vec<&str> {
        let of_monitor = self.monitor.heredity.municipalities.iter().filter_map(|one| one.code);
        let of_cohorts = self.cohorts.incomes.municipalities.iter().filter_map(|one| one.code);
        let with_people: BTreeSet<String> =
            of_monitor.chain(of_cohorts).map(|code| code.to_string()).collect();
        let of_area = self.study.region.area.iter().map(String::as_str);
        of_area.filter(|code| !with_people.contains(*code)).collect()
    }

    fn citation(&self) -> Section {
        let language = self.language;
        let cite = words::citation(self.study, self.vintage, self.notice.is_some(), language);
        let title = language.choose("Aanhalen en herhalen", "How to cite and repeat");
        let how = language.choose(
            "Deze opdracht maakt de pagina opnieuw; alle keuzes van het onderzoek staan in results.json, naast deze pagina.",
            "This command makes the page again; all choices of the study stand in results.json, beside this page.",
        );
        Section::new(title)
            .with(Part::Sentence(language.choose("Zo haalt u deze pagina aan:", "Cite this page as:").into()))
            .with(Part::Verbatim(cite))
            .with(Part::Sentence(how.into()))
            .with(Part::Verbatim(words::command(std::env::args())))
    }

    pub(crate) fn figures(&self) -> Figures<'_> {
        Figures { study: self.study, monitor: self.monitor, cohorts: self.cohorts, language: self.language }
    }

    pub(crate) fn name(&self, territory: Territory) -> String {
        crate::figures::territory_name(territory, self.study, self.language)
    }

    /// The share of a group who are poor.
    pub(crate) fn poor(&self, territory: Territory, group: Group) -> Result<Cell> {
        self.figures().poor(territory, group)
    }

    /// The share poor of those with, or without, a poor parent.
    pub(crate) fn risk(&self, territory: Territory, group: Group, parent_poor: bool) -> Result<Cell> {
        self.figures().risk(territory, group, parent_poor)
    }
}

/// What a number of children of two classes rests on.
pub(crate) fn cell_of_row(parents: u8, child: u8) -> [Measure; 2] {
    [Measure::Class(parents, child), Measure::Parents(parents)]
}
