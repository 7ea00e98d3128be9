//! The drawings of the page.

use anyhow::Result;
use erflijn::mobility::PovertyTable;
use erflijn::regions::Province;
use erflijn::report::{
    Caption, Cell, Figure, FittedLine, FrequencyBar, FrequencyBars, HeatMap, Language, Part, RankBin,
    RankScatter, Ribbons, Table,
};
use erflijn_examples::{LEVEL, Territory};
use ndarray::Array2;

use crate::groups::{Group, poverty_table};
use crate::heredity::{Heir, Through};
use crate::incomes::Measure;
use crate::intervals::interval_of_share;
use crate::mobility_tables::Cohorts;
use crate::monitor_tables::Monitor;
use crate::study::Study;

/// What is drawn.
pub(crate) struct Figures<'a> {
    pub study: &'a Study,
    pub monitor: &'a Monitor<'a>,
    pub cohorts: &'a Cohorts<'a>,
    pub language: Language,
}

/// A region, for readers.
pub(crate) fn territory_name(territory: Territory, study: &Study, language: Language) -> String {
    match territory {
        Territory::Country => language.choose("hele land", "whole country").into(),
        Territory::Area => study.region.area_name.clone(),
        Territory::Elsewhere => language.choose("rest van het land", "rest of the country").into(),
    }
}

fn group_name(group: Group, language: Language) -> &'static str {
    match group {
        Group::All => language.choose("allen", "all"),
        Group::Men => language.choose("mannen", "men"),
        Group::Women => language.choose("vrouwen", "women"),
        Group::SexUnknown => language.choose("geslacht onbekend", "sex unknown"),
        Group::WithParent => language.choose("bij een ouder", "with a parent"),
        Group::Independent => language.choose("zelfstandig", "independent"),
    }
}

fn through_name(through: Through, language: Language) -> &'static str {
    match through {
        Through::Father => language.choose("vader", "father"),
        Through::Mother => language.choose("moeder", "mother"),
        Through::Either => language.choose("een van beiden", "either"),
        Through::Both => language.choose("beiden", "both"),
    }
}

impl Figures<'_> {
    pub(crate) fn poor(&self, territory: Territory, group: Group) -> Result<Cell> {
        let Some(stratum) = self.monitor.heredity.stratum(territory, group) else {
            return Ok(Cell::Undefined);
        };
        let poor = stratum.subjects.iter().filter(|subject| subject.heir.poor).count();
        let share = poor as f64 / stratum.subjects.len() as f64;
        Ok(self.monitor.heredity.own_basis(stratum)?.share(share))
    }

    pub(crate) fn risk(&self, territory: Territory, group: Group, parent_poor: bool) -> Result<Cell> {
        self.of_table(territory, group, |table| if parent_poor { table.persistence() } else { table.entry() })
    }

    /// A share of the table of poor parents, of whom either will do, by poor children.
    fn of_table(
        &self,
        territory: Territory,
        group: Group,
        share: impl Fn(&PovertyTable) -> Option<f64>,
    ) -> Result<Cell> {
        let Some(stratum) = self.monitor.heredity.stratum(territory, group) else {
            return Ok(Cell::Undefined);
        };
        let table = poverty_table(&stratum.subjects, Through::Either)?;
        let basis = self.monitor.heredity.basis(stratum, Through::Either)?;
        Ok(basis.share(table.as_ref().and_then(share)))
    }

    /// The share poor in a province.
    pub(crate) fn poor_in(&self, province: Province) -> Result<Cell> {
        let heredity = &self.monitor.heredity;
        let Some(people) = heredity.province(province) else { return Ok(Cell::Undefined) };
        let poor = people.subjects.iter().filter(|subject| subject.heir.poor).count();
        Ok(heredity.own_basis_of_province(people)?.share(poor as f64 / people.subjects.len() as f64))
    }

    /// The share poor in a province of those with, or without, a poor parent.
    pub(crate) fn risk_in(&self, province: Province, parent_poor: bool) -> Result<Cell> {
        let heredity = &self.monitor.heredity;
        let Some(people) = heredity.province(province) else { return Ok(Cell::Undefined) };
        let share = |table: PovertyTable| if parent_poor { table.persistence() } else { table.entry() };
        let table = poverty_table(&people.subjects, Through::Either)?;
        Ok(heredity.basis_of_province(people)?.share(table.and_then(share)))
    }

    /// The interval of a risk, of all young adults.
    pub(crate) fn interval_of_risk(&self, territory: Territory, parent_poor: bool) -> Result<Cell> {
        let Some(stratum) = self.monitor.heredity.stratum(territory, Group::All) else {
            return Ok(Cell::Undefined);
        };
        let basis = self.monitor.heredity.basis(stratum, Through::Either)?;
        let among = |heir: &Heir| heir.parent_poor(Through::Either) == Some(parent_poor);
        interval_of_share(&basis, &stratum.subjects, among, |heir| heir.poor)
    }

    pub(crate) fn part(figure: Figure) -> Part {
        Part::Figure(Box::new(figure))
    }

    pub(crate) fn caption(&self, name: &str, title: [String; 2], description: [&str; 2]) -> Caption {
        let ([dutch, english], [how, how_in_english]) = (title, description);
        Caption::new(name, self.language.choose(dutch, english), self.language.choose(how, how_in_english))
    }

    pub(crate) fn name(&self, territory: Territory) -> String {
        territory_name(territory, self.study, self.language)
    }

    pub(crate) fn poor_by_group(&self) -> Result<Part> {
        let language = self.language;
        let [youngest, oldest] = self.study.monitor.ages;
        let year = self.study.monitor.year;
        let mut bars = Vec::new();
        for group in [Group::All, Group::Men, Group::Women, Group::WithParent, Group::Independent] {
            for territory in [Territory::Area, Territory::Elsewhere] {
                let label = format!("{}, {}", group_name(group, language), self.name(territory));
                let interval = match self.monitor.heredity.stratum(territory, group) {
                    Some(stratum) => {
                        let basis = self.monitor.heredity.own_basis(stratum)?;
                        interval_of_share(&basis, &stratum.subjects, |_| true, |heir| heir.poor)?
                    }
                    None => Cell::Undefined,
                };
                bars.push(FrequencyBar { label, share: self.poor(territory, group)?, interval });
            }
        }
        let caption = self.caption(
            "poor-by-group",
            [
                format!("Arme jongvolwassenen van {youngest} tot en met {oldest} jaar, {year}"),
                format!("Poor young adults of {youngest} to {oldest}, {year}"),
            ],
            [
                "Van elke 100 jongvolwassenen zoveel arm, gemeten aan het huishouden waarin zij zelf wonen. Bij een ouder: in één \
                 huishouden met een juridische ouder.",
                "Of every 100 young adults so many poor, by the household in which they live themselves. With a parent: in one household \
                 with a legal parent.",
            ],
        );
        let measure = language.choose("zelf arm", "poor themselves").into();
        Ok(Self::part(FrequencyBars { caption, measure, bars }.draw(language)?))
    }

    pub(crate) fn outflow_and_inflow(&self) -> Result<Part> {
        let language = self.language;
        let mut bars = Vec::new();
        let parent_poor = |heir: &Heir| heir.parent_poor(Through::Either);
        let mut add = |label: [&str; 2],
                       share: &dyn Fn(&PovertyTable) -> Option<f64>,
                       among: &dyn Fn(&Heir) -> bool,
                       of: &dyn Fn(&Heir) -> bool|
         -> Result<()> {
            for territory in [Territory::Area, Territory::Elsewhere] {
                let [dutch, english] = label;
                let label = format!("{}, {}", language.choose(dutch, english), self.name(territory));
                let share = self.of_table(territory, Group::All, share)?;
                let interval = match self.monitor.heredity.stratum(territory, Group::All) {
                    Some(stratum) => {
                        let basis = self.monitor.heredity.basis(stratum, Through::Either)?;
                        interval_of_share(&basis, &stratum.subjects, among, of)?
                    }
                    None => Cell::Undefined,
                };
                bars.push(FrequencyBar { label, share, interval });
            }
            Ok(())
        };
        add(
            ["van wie een arme ouder heeft: zelf arm", "with a poor parent: poor themselves"],
            &PovertyTable::persistence,
            &|heir| parent_poor(heir) == Some(true),
            &|heir| heir.poor,
        )?;
        add(
            ["van wie geen arme ouder heeft: zelf arm", "without a poor parent: poor themselves"],
            &PovertyTable::entry,
            &|heir| parent_poor(heir) == Some(false),
            &|heir| heir.poor,
        )?;
        add(
            ["van wie arm is: met een arme ouder", "of the poor: with a poor parent"],
            &PovertyTable::retrospective_share,
            &|heir| heir.poor && parent_poor(heir).is_some(),
            &|heir| parent_poor(heir) == Some(true),
        )?;
        let caption = self.caption(
            "outflow-and-inflow",
            ["Vooruit en terug gekeken".into(), "Looking forward and looking back".into()],
            [
                "Vooruit: van elke 100 jongvolwassenen met (of zonder) een arme ouder zijn er zoveel arm. Terug: van elke 100 arme \
                 jongvolwassenen hebben er zoveel een arme ouder. Zijn er weinig arme ouders, dan kan het eerste getal groot zijn en het \
                 laatste klein.",
                "Forward: of every 100 young adults with (or without) a poor parent so many are poor. Back: of every 100 poor young adults \
                 so many have a poor parent. Where few parents are poor, the first can be large and the last small.",
            ],
        );
        let measure = language.choose("aandeel", "share").into();
        Ok(Self::part(FrequencyBars { caption, measure, bars }.draw(language)?))
    }

    /// Outflow and its ratio through each parent, all and independent, for the area and the country.
    pub(crate) fn through_each_parent(&self) -> Result<Table> {
        let language = self.language;
        let columns = language.choose(
            [
                "gebied",
                "wonen",
                "ouder",
                "personen",
                "arm, ouder arm",
                "arm, ouder niet arm",
                "verhouding",
                "interval (95%)",
            ],
            [
                "region",
                "living",
                "parent",
                "persons",
                "poor, parent poor",
                "poor, parent not poor",
                "ratio",
                "interval (95%)",
            ],
        );
        let title = language.choose(
            "Arm en wie van de ouders arm is: vader, moeder, een van beiden, beiden",
            "Poor by which parent is poor: father, mother, either, both",
        );
        let mut table = Table::new("through-each-parent", title, &columns).note(language.choose(
            "Verhouding: hoeveel keer zo vaak arm met zo'n arme ouder als zonder, met het interval ervan. Vader, moeder: van wie bekend is of \
             die ouder arm is; een van beiden, beiden: van wie het van beide ouders bekend is.",
            "Ratio: how many times as often poor with such a poor parent as without, with its interval. Father, mother: of those of whom it \
             is known whether that parent is poor; either, both: of those of whom it is known of both.",
        ));
        for territory in Territory::ALL {
            for group in [Group::All, Group::Independent] {
                let Some(stratum) = self.monitor.heredity.stratum(territory, group) else { continue };
                for through in Through::ALL {
                    let cells = self.monitor.heredity.cells(stratum, through)?;
                    let names = [
                        self.name(territory),
                        group_name(group, language).to_owned(),
                        through_name(through, language).to_owned(),
                    ];
                    let told = [0, 1, 2, 5, 6].map(|place: usize| cells[place].clone());
                    table.rows.push(names.into_iter().map(Cell::Text).chain(told).collect());
                }
            }
        }
        Ok(table)
    }

    pub(crate) fn class_shares(&self) -> Result<Part> {
        let caption = self.caption(
            "income-classes",
            [
                format!("Waar kinderen terechtkomen naar het inkomen van hun ouders, {}", self.study.region.area_name),
                format!("Where children arrive by the income of their parents, {}", self.study.region.area_name),
            ],
            [
                "Elke rij: van de kinderen van ouders in deze inkomensgroep, het deel dat zelf in elke groep terechtkomt. De groepen zijn die \
                 van het hele land.",
                "Each row: of the children of parents in this income class, the share that arrives in each class. Classes are those of the \
                 whole country.",
            ],
        );
        let [row_axis, column_axis] = self.axes();
        let (rows, columns) = (self.classes(), self.classes());
        let map = HeatMap { caption, row_axis, column_axis, rows, columns, cells: self.shares()? };
        Ok(Self::part(map.draw(self.language)?))
    }

    pub(crate) fn ribbons(&self) -> Result<Part> {
        let shares = self.shares()?;
        let withheld = if shares.iter().any(|share| share.reason().is_some()) {
            [
                " Wie niet getoond wordt, komt in de tekening nergens aan: de balken rechts zijn dan te kort.",
                " Who is withheld arrives nowhere in the drawing: bars on the right are then too short.",
            ]
        } else {
            ["", ""]
        };
        let [dutch, english] = [
            "Dezelfde getallen: links elke groep ouders even groot, rechts waar hun kinderen terechtkomen.",
            "The same numbers: on the left each class of parents equally large, on the right where their children arrive.",
        ];
        let caption = self.caption(
            "from-parents-to-children",
            [
                format!("Van ouders naar kinderen, {}", self.study.region.area_name),
                format!("From parents to children, {}", self.study.region.area_name),
            ],
            [&format!("{dutch}{}", withheld[0]), &format!("{english}{}", withheld[1])],
        );
        let [origin_axis, destination_axis] = self.axes();
        let (origins, destinations) = (self.classes(), self.classes());
        let ribbons = Ribbons { caption, origin_axis, destination_axis, origins, destinations, shares };
        Ok(Self::part(ribbons.draw(self.language)?))
    }

    fn axes(&self) -> [String; 2] {
        let words = self.language.choose(
            ["inkomen van de ouders", "inkomen van het kind"],
            ["income of the parents", "income of the child"],
        );
        words.map(str::to_owned)
    }

    fn classes(&self) -> Vec<String> {
        let language = self.language;
        let number = self.cohorts.ranked.parents.number();
        let name = |class: u8| match class {
            1 => language.choose("1 (laagste)".to_owned(), "1 (lowest)".to_owned()),
            class if class == number => {
                language.choose(format!("{class} (hoogste)"), format!("{class} (highest)"))
            }
            class => class.to_string(),
        };
        (1..=number).map(name).collect()
    }

    /// Shares of the rows of the area's table of classes.
    fn shares(&self) -> Result<Array2<Cell>> {
        let (ranked, incomes) = (&self.cohorts.ranked, &self.cohorts.incomes);
        let number = ranked.parents.number();
        let mut cells = Array2::from_elem((number.into(), number.into()), Cell::Undefined);
        let Ok(counts) = ranked.tally(&ranked.members(Territory::Area)) else { return Ok(cells) };
        for parents in 0..number {
            let all = counts.cells().row(parents.into()).sum();
            for child in 0..number {
                let at = (usize::from(parents), usize::from(child));
                if let Some(basis) =
                    incomes.basis(Territory::Area, &crate::page::cell_of_row(parents, child))?
                {
                    cells[at] = basis.share((all > 0.0).then(|| counts.cells()[at] / all));
                }
            }
        }
        Ok(cells)
    }

    /// Mean ranks of children by rank of their parents, with the line.
    pub(crate) fn ranks(&self) -> Result<Option<Part>> {
        let (language, incomes) = (self.language, &self.cohorts.incomes);
        let mut bins = Vec::new();
        for dot in &incomes.dots {
            let Some(basis) = incomes.basis(Territory::Area, &[Measure::Dot(dot.number)])? else { continue };
            let interval = dot.estimate().map(|mean| mean.interval(LEVEL)).transpose()?;
            bins.push(RankBin {
                parents: basis.number(dot.mean_x),
                children: basis.number(dot.mean_y),
                interval: basis.interval(interval),
            });
        }
        if bins.is_empty() {
            return Ok(None);
        }
        let caption = self.caption(
            "ranks",
            [
                format!("Rang van kinderen naar rang van hun ouders, {}", self.study.region.area_name),
                format!("Ranks of children by rank of their parents, {}", self.study.region.area_name),
            ],
            [
                "Elke stip: even veel kinderen, van ouders met ongeveer dezelfde rang. Hoe steiler de lijn, hoe meer de rang van \
                 ouders uitmaakt. Rang 0 is het laagste inkomen van het land, 1 het hoogste.",
                "Each dot: equally many children, of parents of about the same rank. The steeper the line, the more the rank of the parents \
                 matters. Rank 0 is the lowest income of the country, 1 the highest.",
            ],
        );
        let [parents_axis, children_axis] = language
            .choose(
                ["rang van de ouders", "gemiddelde rang van de kinderen"],
                ["rank of the parents", "mean rank of the children"],
            )
            .map(str::to_owned);
        let scatter = RankScatter { caption, parents_axis, children_axis, bins, fit: self.line()? };
        Ok(Some(Self::part(scatter.draw(language)?)))
    }

    fn line(&self) -> Result<Option<FittedLine>> {
        let ranks: Vec<f64> = (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
        let members = self.cohorts.ranked.members(Territory::Area);
        let basis = self.cohorts.incomes.basis(Territory::Area, &[Measure::Children])?;
        let line = self.cohorts.ranked.drawn_line(&members, self.study, &ranks);
        let (Some(basis), Some(([intercept, slope], expected))) = (basis, line) else { return Ok(None) };
        let basis = basis.model(2);
        let band = ranks
            .into_iter()
            .zip(expected)
            .map(|(rank, expected)| Ok((rank, basis.interval(expected.interval(LEVEL)?))))
            .collect::<Result<_>>()?;
        Ok(Some(FittedLine { intercept: basis.number(intercept), slope: basis.number(slope), band }))
    }
}
