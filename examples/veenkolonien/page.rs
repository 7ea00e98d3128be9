//! The page for people: headline numbers, the questions of a regional study, and how sure we are.

use anyhow::Result;
use erflijn::core::Vintage;
use erflijn::disclosure::Reason;
use erflijn::mobility::PovertyTable;
use erflijn::report::{
    Caption, Cell, Certainty, Comparison, Headline, Language, Page, Part, Section, Table, WithheldNote,
};
use erflijn_examples::{LEVEL, Territory};

use crate::figures::Figures;
use crate::groups::{Group, ProvincePeople, poverty_table};
use crate::heredity::Through;
use crate::incomes::Measure;
use crate::mobility_tables::Cohorts;
use crate::monitor_tables::{Monitor, Series};
use crate::study::Study;

/// Everything that the page tells.
pub(crate) struct Told<'a> {
    pub study: &'a Study,
    pub monitor: &'a Monitor<'a>,
    pub series: &'a Series,
    pub cohorts: &'a Cohorts<'a>,
    /// All tables, for what is withheld in them.
    pub tables: &'a [Table],
    pub vintage: &'a Vintage,
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
        page.notice.clone_from(&self.notice);
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
            self.withheld(),
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
        vec![self.language.choose(
            format!(
                "Worden kinderen die arm opgroeien arme volwassenen? Deze pagina vergelijkt {area} met de rest van het land, voor \
                 jongvolwassenen van {youngest} tot en met {oldest} jaar in {year} en voor wie geboren is in {first} tot en met {last}."
            ),
            format!(
                "Do children who grow up poor become poor adults? This page compares {area} with the rest of the country, for young \
                 adults of {youngest} to {oldest} in {year} and for those born in {first} to {last}."
            ),
        )]
    }

    /// The numbers to remember.
    fn in_short(&self) -> Result<Section> {
        let language = self.language;
        let headline = |label: [&str; 2], value: &dyn Fn(Territory) -> Result<Cell>| -> Result<Headline> {
            let comparisons = [Territory::Elsewhere, Territory::Country]
                .into_iter()
                .map(|of| Ok(Comparison { name: self.name(of), value: value(of)? }))
                .collect::<Result<_>>()?;
            let [dutch, english] = label;
            Ok(Headline {
                value: value(Territory::Area)?,
                label: language.choose(dutch, english).into(),
                comparisons,
            })
        };
        let poor = headline(
            ["Hoeveel jongvolwassenen in dit gebied zijn arm?", "How many young adults in this area are poor?"],
            &|of| self.poor(of, Group::All),
        )?;
        let mut with = headline(
            [
                "Hoeveel jongvolwassenen met een arme ouder zijn zelf arm?",
                "How many young adults with a poor parent are poor themselves?",
            ],
            &|of| self.risk(of, Group::All, true),
        )?;
        with.comparisons.splice(0..0, self.provinces(&PovertyTable::persistence)?);
        let mut without = headline(
            [
                "Hoeveel jongvolwassenen zonder arme ouder zijn zelf arm?",
                "How many young adults without a poor parent are poor themselves?",
            ],
            &|of| self.risk(of, Group::All, false),
        )?;
        without.comparisons.splice(0..0, self.provinces(&PovertyTable::entry)?);
        let rise = headline(
            [
                "Hoeveel kinderen van ouders in de laagste inkomensgroep komen zelf in de hoogste?",
                "How many children of parents in the lowest income class reach the highest themselves?",
            ],
            &|of| self.risen_to_the_top(of),
        )?;
        let title = language.choose("In het kort", "In short");
        Ok(Section::new(title).with(Part::Headlines(vec![poor, with, without, rise])).with(Part::Sentence(
            language
                .choose(
                    "Dat kinderen van arme ouders vaker arm zijn, zegt niet dat het een door het ander komt: ouders en kinderen delen \
                     ook hun streek, opleiding en arbeidsmarkt.",
                    "That children of poor parents are poor more often does not say that one comes from the other: parents and children \
                     share their region, schooling and labour market too.",
                )
                .into(),
        )))
    }

    /// A share of the young adults with both parents' statuses known, in each province of the area.
    fn provinces(&self, share: &dyn Fn(&PovertyTable) -> Option<f64>) -> Result<Vec<Comparison>> {
        let comparison = |province: &ProvincePeople<'_>| {
            let basis = self.monitor.heredity.basis_of_province(province)?;
            let table = poverty_table(&province.subjects, Through::Either)?;
            let name = province.province.name();
            Ok(Comparison {
                name: self.language.choose(format!("provincie {name}"), format!("province of {name}")),
                value: basis.share(table.as_ref().and_then(share)),
            })
        };
        self.monitor.heredity.provinces.iter().map(comparison).collect()
    }

    fn who_is_poor(&self) -> Result<Section> {
        let title = self.language.choose("Wie is arm?", "Who is poor?");
        Ok(Section::new(title).with(self.figures().poor_by_group()?))
    }

    fn young_adults(&self) -> Result<Section> {
        let title =
            self.language.choose("Jongvolwassenen: wordt het beter?", "Young adults: is it getting better?");
        Ok(Section::new(title).with(self.figures().trends(self.series)?))
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
                        "Wie in het jaar van de meting bij een ouder woont, deelt diens inkomen: dan zijn beiden arm of beiden niet. \
                         Daarom staan zij die zelfstandig wonen apart.",
                        "Whoever lives with a parent in the year measured shares that parent's income: both are poor then, or neither. \
                         Those who live independently are therefore told apart.",
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
                        "Er is geen kaart bij: grenzen van dit jaar zijn niet ingebouwd.",
                        "There is no map: boundaries of this year are not built in.",
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
            "Samenhang tussen de rang van ouders en kinderen (0: geen, 1: volledig)",
            "Link between the ranks of parents and children (0: none, 1: complete)",
        );
        items.push(Certainty {
            what: what.into(),
            value: slope,
            interval: of_slope,
            level: LEVEL,
            decimals: 2,
        });
        let what = language.choose(
            "Verwachte rang van een kind van ouders op een kwart van de ladder",
            "Expected rank of a child of parents a quarter up the ladder",
        );
        items.push(Certainty {
            what: what.into(),
            value: expected,
            interval: of_expected,
            level: LEVEL,
            decimals: 2,
        });
        let title = language.choose("Hoe zeker is dit?", "How sure are we?");
        Ok(Section::new(title).with(Part::Certainty(items)).with(Part::Sentence(
            language
                .choose(
                    "De intervallen houden rekening met broers en zussen. Zij zeggen niets over fouten in de registers, over wie erin \
                     ontbreekt, of over een andere armoedegrens.",
                    "Intervals take siblings into account. They say nothing of errors in registers, of who is not in them, or of another \
                     poverty line.",
                )
                .into(),
        )))
    }

    fn withheld(&self) -> Section {
        let language = self.language;
        let mut notes = Vec::new();
        for table in self.tables {
            for reason in [Reason::Primary, Reason::Complementary] {
                let cells = table.rows.iter().flatten();
                let numbers = cells.filter(|cell| cell.reason() == Some(reason)).count() as u64;
                if numbers > 0 {
                    notes.push(WithheldNote { place: place(&table.name, language), reason, numbers });
                }
            }
        }
        let minimum = self.study.disclosure.minimum_cell;
        let title = if notes.is_empty() {
            language.choose("Is er iets weggelaten?", "Is anything withheld?")
        } else {
            language.choose("Wat niet getoond wordt, en waarom", "What is not shown, and why")
        };
        Section::new(title)
            .with(Part::Sentence(language.choose(
                format!(
                    "Geen getal rust op minder dan {minimum} personen, en geen zo'n getal volgt uit andere getallen op deze pagina of in de \
                     bestanden ernaast. Wat er is weggelaten en volgens welke regel, staat in disclosure.txt en disclosure.json."
                ),
                format!(
                    "No number rests on fewer than {minimum} persons, and no such number follows from others on this page or in the files \
                     beside it. What was left out by which rule stands in disclosure.txt and disclosure.json."
                ),
            )))
            .with(Part::Withheld(notes))
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
        let study = self.study;
        let [first, last] = study.mobility.parent_years;
        let [youngest, oldest] = study.mobility.child_ages;
        let words: Vec<(&str, String)> = language.choose(
            vec![
                ("Arm", "Het besteedbare inkomen van het huishouden ligt onder de armoedegrens van dat jaar.".into()),
                (
                    "Arme ouder",
                    format!(
                        "Ten minste één juridische ouder is arm in {}, elk volgens het eigen huishouden; van wie de status van \
                         beide ouders bekend is.",
                        study.monitor.parent_year
                    ),
                ),
                ("Inkomensgroep", "Een van de even grote groepen waarin alle kinderen van een geboortejaar op volgorde van inkomen verdeeld zijn; ouders apart.".into()),
                ("Rang", format!("De plaats op die volgorde, van 0 tot 1. Inkomen: van ouders het gemiddelde van {first} tot en met {last}, van kinderen op {youngest} tot en met {oldest} jaar.")),
                ("Niet getoond", "Het getal rust op te weinig personen, of zo'n getal zou eruit volgen.".into()),
            ],
            vec![
                ("Poor", "Disposable household income is below the poverty line of that year.".into()),
                (
                    "Poor parent",
                    format!(
                        "At least one legal parent is poor in {}, each by the own household; of those with both parents' statuses known.",
                        study.monitor.parent_year
                    ),
                ),
                ("Income class", "One of the equally large groups into which all children of a birth year are divided in the order of income; parents apart.".into()),
                ("Rank", format!("The place in that order, from 0 to 1. Income: of parents the mean of {first} to {last}, of children at ages {youngest} to {oldest}.")),
                ("Withheld", "The number rests on too few persons, or such a number would follow from it.".into()),
            ],
        );
        let words = words.into_iter().map(|(word, meaning)| (word.to_owned(), meaning)).collect();
        Section::new(language.choose("Begrippen en herkomst", "Definitions and vintage"))
            .with(Part::Definitions(words))
            .with(Part::Vintage(Box::new(self.vintage.clone())))
    }

    fn citation(&self) -> Section {
        let language = self.language;
        let version = &self.vintage.erflijn_version;
        let (area, year) = (&self.study.region.area_name, self.study.monitor.year);
        let cite = language.choose(
            format!("Armoede van ouders en kinderen: {area}, {year}. Gemaakt met erflijn {version}, programma veenkolonien."),
            format!("Poverty of parents and children: {area}, {year}. Made with erflijn {version}, program veenkolonien."),
        );
        let title = language.choose("Aanhalen en herhalen", "Cite and repeat");
        let how = language.choose(
            "Deze opdracht maakt de pagina opnieuw; alle keuzes staan in results.json ernaast.",
            "This command makes the page again; all choices stand in results.json beside it.",
        );
        Section::new(title)
            .with(Part::Verbatim(cite))
            .with(Part::Sentence(how.into()))
            .with(Part::Verbatim(command()))
    }

    fn figures(&self) -> Figures<'_> {
        Figures { study: self.study, monitor: self.monitor, cohorts: self.cohorts, language: self.language }
    }

    fn name(&self, territory: Territory) -> String {
        crate::figures::territory_name(territory, self.study, self.language)
    }

    /// The share of a group who are poor.
    fn poor(&self, territory: Territory, group: Group) -> Result<Cell> {
        self.figures().poor(territory, group)
    }

    /// The share poor of those with, or without, a poor parent.
    fn risk(&self, territory: Territory, group: Group, parent_poor: bool) -> Result<Cell> {
        self.figures().risk(territory, group, parent_poor)
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

/// What stands above all else when nobody on the page exists.
pub(crate) fn made_up_notice(language: Language) -> String {
    language
        .choose(
            "Deze mensen bestaan niet: het land is verzonnen, en geen getal op deze pagina zegt iets over echte gemeenten.",
            "These people do not exist: the country is made up, and no number on this page says anything of real municipalities.",
        )
        .into()
}

/// A table by the subject that its numbers are about.
fn place(table: &str, language: Language) -> String {
    match table {
        "monitor" => language.choose("Jongvolwassenen naar groep", "Young adults by group"),
        "monitor_heredity" => {
            language.choose("Jongvolwassenen en hun ouders", "Young adults and their parents")
        }
        "monitor_municipalities" => {
            language.choose("Jongvolwassenen naar gemeente", "Young adults by municipality")
        }
        "monitor_series" => language.choose("Jongvolwassenen per jaar", "Young adults by year"),
        "mobility" => language.choose("Inkomen van ouders en kinderen", "Income of parents and children"),
        "classes_country" => language.choose("Inkomensgroepen, hele land", "Income classes, whole country"),
        "classes_area" => language.choose("Inkomensgroepen, dit gebied", "Income classes, this area"),
        "mobility_heredity" => language.choose("Armoede van twee generaties", "Poverty of two generations"),
        "mobility_municipalities" => language.choose("Inkomen naar gemeente", "Income by municipality"),
        "agreement" => language.choose("Twee armoedegrenzen vergeleken", "Two poverty lines compared"),
        other => other,
    }
    .to_owned()
}

/// The command as it was given, without the folder of the program.
fn command() -> String {
    let mut words = std::env::args();
    let program = words.next().unwrap_or_default();
    let name = std::path::Path::new(&program).file_stem().map(|name| name.to_string_lossy().into_owned());
    let quoted = |word: String| if word.contains(' ') { format!("{word:?}") } else { word };
    name.into_iter().chain(words.map(quoted)).collect::<Vec<_>>().join(" ")
}

/// What a number of children of two classes rests on.
pub(crate) fn cell_of_row(parents: u8, child: u8) -> [Measure; 2] {
    [Measure::Class(parents, child), Measure::Parents(parents)]
}
