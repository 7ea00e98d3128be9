//! The tables of design B.

use std::rc::Rc;

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::disclosure::{Outcome, Profile, Released};
use erflijn::linkage::Flow;
use erflijn::mobility::shorrocks_trace_estimate;
use erflijn::regions::Province;
use erflijn::report::{Cell, Table};
use erflijn_examples::{
    Basis, FlowRows, FlowStep, Gate, LEVEL, Results, Shares, Territory, municipality_cells,
};

use crate::groups::{CountedHeredity, Group, Heredity, Subject, Tabulation, Years, poverty_table};
use crate::heredity::Through;
use crate::incomes::{CountedIncomes, Incomes, Measure, Municipality, ProvinceMembers};
use crate::measure::Detail;
use crate::mobility::{Descendant, MobilityLoss};
use crate::monitor_tables::heredity_table;
use crate::ranked::Ranked;
use crate::study::Study;

/// The cohorts with what may be told of them.
pub(crate) struct Cohorts<'a> {
    pub heredity: Heredity<'a>,
    pub incomes: Incomes,
    pub ranked: Ranked<'a>,
    pub flow: FlowRows<MobilityLoss>,
    study: &'a Study,
}

/// Those whose poverty is known in both generations.
pub(crate) fn subjects(people: &[Descendant], study: &Study) -> Vec<Subject> {
    let subject = |person: &Descendant| {
        Some(Subject {
            heir: person.heir?,
            sex: None,
            with_parent: person.with_parent,
            municipality: person.municipality,
            in_area: study.region.has(person.municipality),
        })
    };
    people.iter().filter_map(subject).collect()
}

impl<'a> Cohorts<'a> {
    /// `subjects` are those of these people.
    pub(crate) fn new(
        people: &'a [Descendant],
        subjects: &'a [Subject],
        flow: &Flow<MobilityLoss>,
        study: &'a Study,
        profile: &Profile,
    ) -> Result<Self> {
        let ranked = Ranked::new(people, study)?;
        let flow = FlowRows::new(flow, profile);
        let tabulation = Tabulation {
            groups: &[Group::All, Group::BY_LIVING[0], Group::BY_LIVING[1]],
            detail: Detail::ByParents,
            years: Years::Different,
            provinces: &[],
        };
        let mut gate = Gate::new(profile);
        let incomes = CountedIncomes::new(&mut gate, &ranked, &flow, study)?;
        let heredity = CountedHeredity::new(&mut gate, subjects, &tabulation)?;
        incomes.told_of(&mut gate, &heredity)?;
        let opened = Rc::new(gate.open()?);
        Ok(Self {
            heredity: heredity.opened(Rc::clone(&opened)),
            incomes: incomes.opened(opened),
            ranked,
            flow,
            study,
        })
    }

    /// Who is in, and who was lost.
    pub(crate) fn flow_table(&self) -> Result<Results> {
        Ok(vec![self.flow.table("mobility_flow", "Children of the cohorts", |step| self.of_flow(step))?]
            .into())
    }

    /// A number of the flow that led to these children.
    pub(crate) fn of_flow(&self, step: FlowStep) -> Result<Cell> {
        self.incomes.of_flow(step)
    }

    pub(crate) fn results(&self) -> Result<Results> {
        let [first, last] = self.study.mobility.cohorts;
        let who = format!("children born {first} to {last}");
        Ok(Results {
            tables: vec![
                self.mobility_table(&who)?,
                self.class_table(&who, Territory::Country)?,
                self.class_table(&who, Territory::Area)?,
                heredity_table("mobility_heredity", &who, &self.heredity, self.study)?
                    .note(poverty_rule(self.study)),
                self.municipality_table(&who)?,
                self.province_table(&who)?,
            ],
            evidence: vec![self.incomes.evidence("mobility")],
        })
    }

    /// The headline statistics of the country with their errors. The errors of the shares take class limits as given.
    pub(crate) fn headlines(&self) -> Result<[(&'static str, Released<Estimate>); 4]> {
        let Self { ranked, incomes, .. } = self;
        let everybody = ranked.members(Territory::Country);
        let line = self.line(&everybody, incomes.basis(Territory::Country, &[Measure::Children])?.as_ref());
        let bottom = incomes.basis(Territory::Country, &incomes.bottom())?;
        let shares = Shares::new(&ranked.families)?;
        let share = |to: u8| -> Result<Released<Estimate>> {
            let Some(basis) = &bottom else { return Ok(Released::undefined()) };
            let of = |person: usize| ranked.children.assigned()[person] == to;
            let from = |person: usize| ranked.parents.assigned()[person] == 0;
            let estimate = basis.is_shown().then(|| shares.estimate(of, from)).transpose()?;
            Ok(basis.tell(estimate))
        };
        Ok([
            ("rank-rank slope", line.map(|(slope, _)| slope)),
            ("expected rank at p25", line.map(|(_, expected)| expected)),
            ("bottom if bottom", share(0)?),
            ("top if bottom", share(ranked.children.number() - 1)?),
        ])
    }

    /// Slope and expected rank at p25 of some children, on the ranks of the country; undefined where there is no line.
    fn line(&self, members: &[usize], basis: Option<&Basis<'_>>) -> Released<(Estimate, Estimate)> {
        let Some(basis) = basis.map(|basis| basis.clone().model(2)) else { return Released::undefined() };
        basis.tell(basis.is_shown().then(|| self.ranked.line(members, self.study)).flatten())
    }

    /// Slope, expected rank at p25 and their intervals of a region.
    pub(crate) fn line_cells(&self, region: Territory) -> Result<[Cell; 4]> {
        let basis = self.incomes.basis(region, &[Measure::Children])?;
        line_cells(self.line(&self.ranked.members(region), basis.as_ref()))
    }

    /// Slope and expected rank at p25 of a municipality.
    pub(crate) fn line_of(&self, municipality: &Municipality) -> Result<Released<(Estimate, Estimate)>> {
        let basis = self.incomes.basis_of(municipality, &[Measure::Children])?;
        Ok(self.line(&municipality.members, Some(&basis)))
    }

    /// Slope, expected rank at p25 and their intervals of a province; nothing where nobody is.
    pub(crate) fn line_cells_of(&self, province: Province) -> Result<[Cell; 4]> {
        let Some(people) = self.incomes.province(province) else {
            return Ok([Cell::Undefined, Cell::Undefined, Cell::Undefined, Cell::Undefined]);
        };
        let basis = self.incomes.basis_of_province(people, &[Measure::Children])?;
        line_cells(self.line(&people.members, Some(&basis)))
    }

    /// Of the children of the lowest class in a province, the share in the highest.
    pub(crate) fn risen_in(&self, province: Province) -> Result<Cell> {
        let Some(people) = self.incomes.province(province) else { return Ok(Cell::Undefined) };
        let [top, _] = self.bottom_cells_of(people)?;
        Ok(top)
    }

    fn bottom_cells_of(&self, people: &ProvinceMembers) -> Result<[Cell; 2]> {
        let basis = self.incomes.basis_of_province(people, &self.incomes.bottom())?;
        Ok(bottom_cells(&basis, &self.ranked.tally(&people.members)?.cells().row(0).to_vec()))
    }

    /// The provinces in which the area lies, whole.
    fn province_table(&self, who: &str) -> Result<Table> {
        let columns = [&["province", "children"][..], &LINE_COLUMNS, &BOTTOM_COLUMNS].concat();
        let mut table = Table::new("mobility_provinces", format!("By province: {who}"), &columns).note(
            "All municipalities of each province in which the area lies, those outside the area too. Ranks are those of the country.",
        );
        for people in &self.incomes.provinces {
            let basis = self.incomes.basis_of_province(people, &[Measure::Children])?;
            let mut row = vec![Cell::text(people.province.name()), basis.count(people.members.len() as u64)];
            row.extend(self.line_cells_of(people.province)?);
            row.extend(self.bottom_cells_of(people)?);
            table.rows.push(row);
        }
        Ok(table)
    }

    fn mobility_table(&self, who: &str) -> Result<Table> {
        let (ranked, incomes, study) = (&self.ranked, &self.incomes, self.study);
        let columns = [
            &["region", "children"][..],
            &LINE_COLUMNS,
            &["Shorrocks index", "index 95%"],
            &BOTTOM_COLUMNS,
            &["with a parent"],
        ]
        .concat();
        let mut table = Table::new("mobility", format!("Mobility of income: {who}"), &columns)
            .note(format!(
                "Income: {} household income in prices of {}, mean of {}; separated parents: {}; children at ages {}.",
                study.mobility.income, study.mobility.price_year,
                span_in_words(study.mobility.parent_years), study.mobility.separated_parents,
                span_in_words(study.mobility.child_ages),
            ))
            .note(format!(
                "Ranks and classes within birth year over the whole country; omega {}; errors by the influence function, clustered by family.",
                study.mobility.omega.get()
            ))
            .note("Shorrocks index: (k - trace) / (k - 1), 0 = everybody stays; its interval takes class limits as given and children as independent.")
            .note("Top, bottom: class of the child given that the parents are in the bottom class. With a parent: in a year of own income.");
        let classes = ranked.parents.number();
        let mut diagonal: Vec<Measure> = (0..classes).map(|class| Measure::Class(class, class)).collect();
        diagonal.push(Measure::Children);
        for region in Territory::ALL {
            let members = ranked.members(region);
            let mut row = vec![Cell::Text(region.name(&study.region))];
            let Some(people) = incomes.basis(region, &[Measure::Children])? else {
                row.resize(columns.len(), Cell::Undefined);
                table.rows.push(row);
                continue;
            };
            row.push(people.count(members.len() as u64));
            row.extend(line_cells(self.line(&members, Some(&people)))?);
            let counts = ranked.tally(&members)?;
            let index = shorrocks_trace_estimate(&counts).ok();
            let interval = index.map(|index| index.interval(LEVEL)).transpose()?;
            if let Some(basis) = incomes.basis(region, &diagonal)? {
                row.extend([basis.number(index.map(|index| index.value)), basis.interval(interval)]);
            }
            if let Some(basis) = incomes.basis(region, &incomes.bottom())? {
                row.extend(bottom_cells(&basis, &counts.cells().row(0).to_vec()));
            }
            if let Some(basis) = incomes.basis(region, &[Measure::WithParent, Measure::WithoutParent])? {
                let with = members.iter().filter(|index| ranked.people[**index].with_parent).count();
                row.push(basis.share(with as f64 / members.len() as f64));
            }
            table.rows.push(row);
        }
        Ok(table)
    }

    /// Counts of children by class of their parents (rows) and their own (columns), with class shares.
    fn class_table(&self, who: &str, region: Territory) -> Result<Table> {
        let incomes = &self.incomes;
        let classes = self.ranked.parents.number();
        let name = if region == Territory::Country { "classes_country" } else { "classes_area" };
        let title = format!("Income classes of {who}, {}: parents in rows", region.name(&self.study.region));
        let mut table = Table::new(name, title, &[])
            .note("Class 1 is the lowest. Counts of children; share: of all children.");
        table.columns = ["parents".to_owned()]
            .into_iter()
            .chain((1..=classes).map(|class| format!("child {class}")))
            .chain(["children".to_owned(), "share".into()])
            .collect();
        let counts = self.ranked.tally(&self.ranked.members(region)).ok();
        let share = |measure: Measure| -> Result<Cell> {
            let (Some(counts), Some(basis)) =
                (&counts, incomes.basis(region, &[measure, Measure::Children])?)
            else {
                return Ok(Cell::Undefined);
            };
            let part = match measure {
                Measure::Parents(class) => counts.cells().row(class.into()).sum(),
                Measure::Child(class) => counts.cells().column(class.into()).sum(),
                _ => counts.cells().sum(),
            };
            Ok(basis.share(part / counts.cells().sum()))
        };
        let children = Measure::Children;
        let line = |name: &str, cells: Vec<Cell>, last: [Cell; 2]| {
            [vec![Cell::text(name)], cells, last.to_vec()].concat()
        };
        for parents in 0..classes {
            let own = Measure::Parents(parents);
            let cells = (0..classes)
                .map(|child| incomes.count(region, Measure::Class(parents, child)))
                .collect::<Result<_>>()?;
            let last = [incomes.count(region, own)?, share(own)?];
            table.rows.push(line(&(parents + 1).to_string(), cells, last));
        }
        let counted = (0..classes).map(|class| incomes.count(region, Measure::Child(class)));
        let last = [incomes.count(region, children)?, share(children)?];
        table.rows.push(line("children", counted.collect::<Result<_>>()?, last));
        let shares = (0..classes).map(|class| share(Measure::Child(class)));
        let last = [share(children)?, Cell::Undefined];
        table.rows.push(line("share", shares.collect::<Result<_>>()?, last));
        Ok(table)
    }

    fn municipality_table(&self, who: &str) -> Result<Table> {
        let (ranked, incomes, study) = (&self.ranked, &self.incomes, self.study);
        let columns = [
            &["municipality", "code", "children"][..],
            &LINE_COLUMNS,
            &BOTTOM_COLUMNS,
            &["poor if either parent poor", "poor if not"],
        ]
        .concat();
        let title = format!("By municipality at age {}: {who}", study.region.age);
        let mut table = Table::new("mobility_municipalities", title, &columns).note(format!(
            "Municipal borders of {}. First the {}, then the others. Ranks are those of the country.",
            study.region.classification_year, study.region.area_name
        ));
        for municipality in &incomes.municipalities {
            let members = &municipality.members;
            let people = incomes.basis_of(municipality, &[Measure::Children])?;
            let mut row = municipality_cells(municipality.code).to_vec();
            row.push(people.count(members.len() as u64));
            row.extend(line_cells(self.line(members, Some(&people)))?);
            let bottom = incomes.basis_of(municipality, &incomes.bottom())?;
            row.extend(bottom_cells(&bottom, &ranked.tally(members)?.cells().row(0).to_vec()));
            let of_poverty = self.heredity.municipality(municipality.in_area, municipality.code);
            row.extend(match of_poverty {
                Some(of_poverty) => {
                    let basis = self.heredity.basis_of(of_poverty)?;
                    let table = poverty_table(&of_poverty.subjects, Through::Either)?;
                    table
                        .map_or([None; 2], |table| [table.persistence(), table.entry()])
                        .map(|risk| basis.share(risk))
                }
                None => [Cell::Undefined, Cell::Undefined],
            });
            table.rows.push(row);
        }
        Ok(table)
    }
}

fn span_in_words([first, last]: [i16; 2]) -> String {
    format!("{first} to {last}")
}

/// When a person is poor over several years, in words.
fn poverty_rule(study: &Study) -> String {
    let mobility = &study.mobility;
    let [first, last] = mobility.parent_years;
    let [youngest, oldest] = mobility.child_ages;
    format!(
        "Parents are poor in at least {} of {first} to {last}, of which at least {} known; children in at least {} of the \
         years of ages {youngest} to {oldest}, of which at least {} known.",
        mobility.parent_poor.poor,
        mobility.parent_poor.observed,
        mobility.child_poor.poor,
        mobility.child_poor.observed
    )
}

const LINE_COLUMNS: [&str; 4] = ["rank-rank slope", "slope 95%", "expected rank at p25", "expected rank 95%"];

fn line_cells(line: Released<(Estimate, Estimate)>) -> Result<[Cell; 4]> {
    let intervals = match line.outcome() {
        Outcome::Shown((slope, expected)) => Some((slope.interval(LEVEL)?, expected.interval(LEVEL)?)),
        Outcome::Withheld(_) | Outcome::Undefined => None,
    };
    let interval =
        |of: usize| line.map(|_| intervals.map(|(slope, expected)| [slope, expected][of])).flatten();
    Ok([
        Cell::Number(line.map(|(slope, _)| slope.value)),
        Cell::Interval(interval(0)),
        Cell::Number(line.map(|(_, expected)| expected.value)),
        Cell::Interval(interval(1)),
    ])
}

const BOTTOM_COLUMNS: [&str; 2] = ["top if bottom", "bottom if bottom"];

/// Of the children of the lowest class, the shares in the highest and in the lowest.
fn bottom_cells(basis: &Basis<'_>, row: &[f64]) -> [Cell; 2] {
    let all: f64 = row.iter().sum();
    let share = |part: Option<&f64>| part.filter(|_| all > 0.0).map(|part| part / all);
    [row.last(), row.first()].map(|part| basis.share(share(part)))
}
