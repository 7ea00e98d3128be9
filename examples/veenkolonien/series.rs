//! Young adults year by year.

use std::collections::BTreeSet;

use anyhow::Result;
use erflijn::disclosure::{DisclosureReport, Profile, Reason};
use erflijn::regions::Province;
use erflijn::report::{Cell, Table};
use erflijn_examples::{Basis, Country, HEREDITY_COLUMNS, Results, Territory, span};

use crate::groups::{Group, Heredity, Subject};
use crate::heredity::{Heir, Through};
use crate::intervals::interval_of_share;
use crate::monitor::young_adults;
use crate::monitor_tables::{Monitor, subjects, years as years_of};
use crate::provinces;
use crate::study::Study;

/// The heredity of poverty year by year, through either parent: all, and those who live on their own.
pub(crate) struct Series {
    years: Vec<i16>,
    rows: Vec<SeriesRow>,
    points: Vec<Point>,
    too_few: Vec<i16>,
    evidence: Vec<(String, DisclosureReport)>,
}

struct SeriesRow {
    territory: Territory,
    group: Group,
    year: i16,
    /// As of [`HEREDITY_COLUMNS`].
    cells: Vec<Cell>,
}

/// A share poor in one year.
struct Point {
    whose: Whose,
    share: Share,
    year: i16,
    value: Cell,
    interval: Cell,
}

/// A place in which people are poor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    Region(Territory),
    Province(Province),
}

/// Of whom the share poor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    WithPoorParent,
    WithoutPoorParent,
    /// Who does not share a household with a parent.
    IndependentWithPoorParent,
}

impl Share {
    const ALL: [Self; 4] =
        [Self::All, Self::WithPoorParent, Self::WithoutPoorParent, Self::IndependentWithPoorParent];

    fn has(self, heir: &Heir) -> bool {
        match self {
            Self::All => true,
            Self::WithPoorParent | Self::IndependentWithPoorParent => {
                heir.parent_poor(Through::Either) == Some(true)
            }
            Self::WithoutPoorParent => heir.parent_poor(Through::Either) == Some(false),
        }
    }
}

impl Series {
    /// `main` is the year of which more is told: that year is cleared once.
    pub(crate) fn new(
        country: &Country,
        study: &Study,
        profile: &Profile,
        main: &Monitor<'_>,
    ) -> Result<Self> {
        let years: Vec<i16> = span(study.monitor.series).collect();
        let mut series =
            Self { years, rows: Vec::new(), points: Vec::new(), too_few: Vec::new(), evidence: Vec::new() };
        for year in span(study.monitor.series) {
            if year == study.monitor.year {
                series.add(&main.heredity, year)?;
                continue;
            }
            let (young_adults, _) = young_adults(country, study, year)?;
            let subjects = subjects(&young_adults, study);
            if (subjects.len() as u64) < study.disclosure.minimum_cell {
                series.too_few.push(year);
                continue;
            }
            let heredity =
                Heredity::through_either(&subjects, years_of(study), &provinces::of_area(study), profile)?;
            series.add(&heredity, year)?;
            series.evidence.push(heredity.evidence(format!("monitor_series, {year}")));
        }
        // Years of one group stand together: the sort keeps their order.
        series.rows.sort_by_key(|row| (row.territory, row.group));
        Ok(series)
    }

    fn add(&mut self, heredity: &Heredity<'_>, year: i16) -> Result<()> {
        for stratum in &heredity.strata {
            let (territory, group) = (stratum.territory, stratum.group);
            if matches!(group, Group::All | Group::Independent) {
                let cells = heredity.cells(stratum, Through::Either)?;
                self.rows.push(SeriesRow { territory, group, year, cells });
            }
        }
        self.points.extend(points(heredity, year)?);
        Ok(())
    }

    pub(crate) fn results(&self, study: &Study) -> Results {
        let tables = vec![self.heredity_table(study), self.trends_table(study)];
        Results { tables, evidence: self.evidence.clone() }
    }

    fn heredity_table(&self, study: &Study) -> Table {
        let [youngest, oldest] = study.monitor.ages;
        let columns = [&["region", "living", "year"][..], &HEREDITY_COLUMNS].concat();
        let title = format!("Year by year: young adults of {youngest} to {oldest}, either parent");
        let mut table = Table::new("monitor_series", title, &columns)
            .note("Of those with both parents' statuses known. Each year has other people: who leaves the ages is out, who reaches them is in.")
            .note("Intervals are clustered by family (CR1) within the year; years are not independent, since most people are in several.");
        for SeriesRow { territory, group, year, cells } in &self.rows {
            let names = [territory.name(&study.region), group.to_string(), year.to_string()].map(Cell::Text);
            table.rows.push([&names[..], cells].concat());
        }
        table.notes.extend(self.years_left_out());
        table
    }

    /// Shares poor with their intervals, of provinces too.
    fn trends_table(&self, study: &Study) -> Table {
        let [youngest, oldest] = study.monitor.ages;
        let columns = [
            "region",
            "year",
            "poor",
            "poor 95%",
            "poor if parent poor",
            "poor if parent poor 95%",
            "poor if not",
            "poor if not 95%",
        ];
        let title = format!("Year by year: poor young adults of {youngest} to {oldest}, either parent");
        let mut table = Table::new("monitor_trends", title, &columns)
            .note("A province: all its municipalities, those outside the area too. Poor: of all; the rest: of those with both parents' statuses known.")
            .note("Intervals are clustered by family and cut at 0 and 1; there is none where all are alike. Each year has other people.");
        let places: BTreeSet<_> = self.points.iter().map(|point| (point.whose, point.year)).collect();
        for (whose, year) in places {
            let name = match whose {
                Whose::Region(territory) => territory.name(&study.region),
                Whose::Province(province) => format!("province of {}", province.name()),
            };
            let mut row = vec![Cell::Text(name), Cell::text(year.to_string())];
            for share in [Share::All, Share::WithPoorParent, Share::WithoutPoorParent] {
                let (value, interval) = self.told(whose, share, year);
                row.extend([value, interval]);
            }
            table.rows.push(row);
        }
        table.notes.extend(self.years_left_out());
        table
    }

    fn years_left_out(&self) -> Option<String> {
        let some = !self.too_few.is_empty();
        let years: Vec<String> = self.too_few.iter().map(i16::to_string).collect();
        some.then(|| format!("Too few young adults to tell of: {}.", years.join(", ")))
    }

    pub(crate) fn years(&self) -> &[i16] {
        &self.years
    }

    /// A share poor in every year, with its interval.
    pub(crate) fn line(&self, whose: Whose, share: Share) -> Vec<(Cell, Cell)> {
        self.years.iter().map(|year| self.told(whose, share, *year)).collect()
    }

    /// A share poor in one year, with its interval.
    fn told(&self, whose: Whose, share: Share, year: i16) -> (Cell, Cell) {
        if self.too_few.contains(&year) {
            return (Cell::Withheld(Reason::Primary), Cell::Withheld(Reason::Primary));
        }
        let is_it = |point: &&Point| (point.whose, point.share, point.year) == (whose, share, year);
        let point = self.points.iter().find(is_it);
        point
            .map_or((Cell::Undefined, Cell::Undefined), |point| (point.value.clone(), point.interval.clone()))
    }
}

/// The shares poor of area, country and provinces in one year.
fn points(heredity: &Heredity<'_>, year: i16) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    for share in Share::ALL {
        let group = if share == Share::IndependentWithPoorParent { Group::Independent } else { Group::All };
        for territory in [Territory::Area, Territory::Country] {
            let Some(stratum) = heredity.stratum(territory, group) else { continue };
            let basis = match share {
                Share::All => heredity.own_basis(stratum)?,
                _ => heredity.basis(stratum, Through::Either)?,
            };
            points.push(point((Whose::Region(territory), share, year), &basis, &stratum.subjects)?);
        }
        for province in heredity.provinces.iter().filter(|_| group == Group::All) {
            let basis = match share {
                Share::All => heredity.own_basis_of_province(province)?,
                _ => heredity.basis_of_province(province)?,
            };
            points.push(point(
                (Whose::Province(province.province), share, year),
                &basis,
                &province.subjects,
            )?);
        }
    }
    Ok(points)
}

fn point(
    (whose, share, year): (Whose, Share, i16),
    basis: &Basis<'_>,
    subjects: &[&Subject],
) -> Result<Point> {
    let heirs = || subjects.iter().map(|subject| &subject.heir).filter(|heir| share.has(heir));
    let (all, poor) = (heirs().count(), heirs().filter(|heir| heir.poor).count());
    let value = basis.share((all > 0).then(|| poor as f64 / all as f64));
    let interval = interval_of_share(basis, subjects, |heir| share.has(heir), |heir| heir.poor)?;
    Ok(Point { whose, share, year, value, interval })
}
