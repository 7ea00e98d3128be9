//! A page about people who do not exist, with every figure, for tests of the whole.

// Each test file uses a part of it.
#![allow(dead_code)]

use erflijn_core::{Interval, SourceFile, Vintage};
use erflijn_disclosure::{Reason, Released};
use erflijn_report::{
    AreaEstimate, AreaMap, AreaValue, Boundaries, Caption, Cell, Certainty, Comparison, DotPlot, Figure,
    FittedLine, FrequencyBar, FrequencyBars, Headline, HeatMap, Language, LossFlow, LossStep, Page, Panel,
    Part, Predicate, RankBin, RankScatter, ReportError, Ribbons, Section, Series, Table, Trends,
    WithheldNote,
};
use ndarray::Array2;

pub(crate) const CODES: [(&str, &str); 22] = [
    ("GM0014", "Groningen"),
    ("GM0037", "Stadskanaal"),
    ("GM0047", "Veendam"),
    ("GM0106", "Assen"),
    ("GM0109", "Coevorden"),
    ("GM0114", "Emmen"),
    ("GM0118", "Hoogeveen"),
    ("GM0119", "Meppel"),
    ("GM0765", "Pekela"),
    ("GM1680", "Aa en Hunze"),
    ("GM1681", "Borger-Odoorn"),
    ("GM1690", "De Wolden"),
    ("GM1699", "Noordenveld"),
    ("GM1701", "Westerveld"),
    ("GM1730", "Tynaarlo"),
    ("GM1731", "Midden-Drenthe"),
    ("GM1895", "Oldambt"),
    ("GM1950", "Westerwolde"),
    ("GM1952", "Midden-Groningen"),
    ("GM1966", "Het Hogeland"),
    ("GM1969", "Westerkwartier"),
    ("GM1979", "Eemsdelta"),
];

pub(crate) fn share(value: f64) -> Cell {
    Cell::Share(Released::public(value))
}

pub(crate) fn number(value: f64) -> Cell {
    Cell::Number(Released::public(value))
}

pub(crate) fn count(value: u64) -> Cell {
    Cell::Count(Released::public(value))
}

pub(crate) fn share_interval(low: f64, high: f64) -> Cell {
    Cell::ShareInterval(Released::public(Interval { low, high }))
}

pub(crate) fn interval(low: f64, high: f64) -> Cell {
    Cell::Interval(Released::public(Interval { low, high }))
}

pub(crate) fn withheld() -> Cell {
    Cell::Withheld(Reason::Primary)
}

pub(crate) fn classes(k: usize, language: Language) -> Vec<String> {
    let word = language.choose("groep", "group");
    (1..=k).map(|class| if k == 5 { fifth(class, language) } else { format!("{word} {class}") }).collect()
}

fn fifth(class: usize, language: Language) -> String {
    match class {
        1 => language.choose("armste vijfde", "poorest fifth").into(),
        5 => language.choose("rijkste vijfde", "richest fifth").into(),
        _ => language.choose(format!("{class}e vijfde"), format!("fifth {class}")),
    }
}

/// Rows that add up to 1 and lean to the diagonal.
pub(crate) fn matrix(k: usize) -> Array2<Cell> {
    let weight = |i: usize, j: usize| 1.0 / (2.0 + i.abs_diff(j) as f64);
    Array2::from_shape_fn((k, k), |(i, j)| share(weight(i, j) / (0..k).map(|to| weight(i, to)).sum::<f64>()))
}

pub(crate) fn caption(name: &str, title: &str) -> Caption {
    Caption::new(
        name,
        title,
        "How to read it: of all children whose parents are in a row, the share in each column.",
    )
}

pub(crate) fn heat_map(cells: Array2<Cell>, language: Language) -> HeatMap {
    let (rows, columns) = cells.dim();
    HeatMap {
        caption: caption("matrix", "Income of parents and children"),
        row_axis: language.choose("inkomen van de ouders", "income of the parents").into(),
        column_axis: language.choose("inkomen van het kind", "income of the child").into(),
        rows: classes(rows, language),
        columns: classes(columns, language),
        cells,
    }
}

pub(crate) fn ribbons(shares: Array2<Cell>, language: Language) -> Ribbons {
    let (rows, columns) = shares.dim();
    Ribbons {
        caption: caption("ribbons", "From parents to children"),
        origin_axis: language.choose("inkomen van de ouders", "income of the parents").into(),
        destination_axis: language.choose("inkomen van het kind", "income of the child").into(),
        origins: classes(rows, language),
        destinations: classes(columns, language),
        shares,
    }
}

pub(crate) fn scatter() -> RankScatter {
    let bin = |place: u32| {
        let x = (f64::from(place) + 0.5) / 20.0;
        let y = 0.38 + 0.24 * x + 0.012 * (f64::from(place) * 2.3).sin();
        RankBin { parents: number(x), children: number(y), interval: interval(y - 0.02, y + 0.02) }
    };
    let mut bins: Vec<RankBin> = (0..20).map(bin).collect();
    bins[3] = RankBin { parents: withheld(), children: withheld(), interval: withheld() };
    let band = (0..=10).map(|tick| {
        let x = f64::from(tick) / 10.0;
        let margin = 0.006 + 0.02 * (x - 0.5).abs();
        (x, interval(0.38 + 0.24 * x - margin, 0.38 + 0.24 * x + margin))
    });
    RankScatter {
        caption: caption("ranks", "Mean rank of children by rank of their parents"),
        parents_axis: "rank of the parents".into(),
        children_axis: "mean rank of the children".into(),
        bins,
        fit: Some(FittedLine { intercept: number(0.38), slope: number(0.24), band: band.collect() }),
    }
}

fn level(place: usize) -> f64 {
    0.06 + 0.004 * ((place * 7) % 22) as f64
}

pub(crate) fn dot_plot(areas: usize) -> DotPlot {
    let area = |(place, (_, name)): (usize, &(&str, &str))| {
        let (value, margin) = (level(place), 0.006 + 0.001 * (place % 5) as f64);
        let ranks = Cell::Ranks(Released::public((1 + place % 7, 9 + place % 13)));
        let interval = share_interval(value - margin, value + margin);
        AreaEstimate { name: (*name).into(), value: share(value), interval, ranks }
    };
    let mut areas: Vec<AreaEstimate> = CODES.iter().take(areas).enumerate().map(area).collect();
    if areas.len() > 8 {
        areas[8] =
            AreaEstimate { value: withheld(), interval: withheld(), ranks: withheld(), ..areas[8].clone() };
        areas[4].name = "Samenwerkingsverband Zuidoost-Drenthe en omstreken".into();
    }
    DotPlot {
        caption: caption("areas", "Children who stay poor, by municipality"),
        measure: "share poor at 26 of those with poor parents".into(),
        areas,
        references: vec![
            ("province of Groningen".into(), share(0.102)),
            ("province of Drenthe".into(), share(0.094)),
            ("the Netherlands".into(), share(0.088)),
        ],
    }
}

pub(crate) fn trends(areas: usize) -> Trends {
    let years: Vec<i16> = (2014..=2022).collect();
    let line = |name: &str, from: f64| Series {
        name: name.into(),
        values: (0..9).map(|year| share(from - 0.003 * f64::from(year))).collect(),
        intervals: Vec::new(),
    };
    let panel = |(place, (_, name)): (usize, &(&str, &str))| {
        let mut area = line(name, level(place));
        if place == 2 {
            area.values[3] = withheld();
            area.values[0] = Cell::Undefined;
        }
        let province = if place % 2 == 0 { "Groningen (province)" } else { "Drenthe" };
        area.intervals = area
            .values
            .iter()
            .map(|cell| match cell {
                Cell::Share(_) => share_interval(level(place) - 0.04, level(place) + 0.01),
                other => other.clone(),
            })
            .collect();
        Panel {
            title: area.name.clone(),
            area,
            against: vec![line(province, 0.1), line("the Netherlands", 0.08)],
        }
    };
    Trends {
        caption: caption("trends", "Poor young adults, 2014 to 2022"),
        measure: "share of young adults who are poor".into(),
        years,
        panels: CODES.iter().take(areas).enumerate().map(panel).collect(),
    }
}

pub(crate) fn area_map(boundaries: Boundaries, name: &str) -> AreaMap {
    let value = |(place, (code, name)): (usize, &(&str, &str))| AreaValue {
        code: (*code).into(),
        name: (*name).into(),
        value: match place {
            8 => withheld(),
            11 => share(0.0),
            _ => share(level(place)),
        },
    };
    let mut values: Vec<AreaValue> = CODES.iter().enumerate().map(value).collect();
    values.remove(3);
    values.push(AreaValue { code: "GM9999".into(), name: "Nergenshuizen".into(), value: share(0.07) });
    AreaMap {
        caption: caption(name, "Poor children by municipality"),
        measure: "share of children in a poor household".into(),
        boundaries,
        values,
    }
}

pub(crate) fn bars(language: Language) -> FrequencyBars {
    let bar =
        |label: &str, cell: Cell, interval: Cell| FrequencyBar { label: label.into(), share: cell, interval };
    FrequencyBars {
        caption: caption("frequencies", "Inflow and outflow"),
        measure: language.choose("zoveel van elke 100", "so many of every 100").into(),
        bars: vec![
            bar(
                "outflow: young adults with a poor parent who are poor",
                share(0.12),
                share_interval(0.1, 0.145),
            ),
            bar(
                "outflow: young adults without a poor parent who are poor",
                share(0.031),
                share_interval(0.03, 0.033),
            ),
            bar("inflow: poor young adults who had a poor parent", share(1.0), Cell::Undefined),
            bar("inflow: poor young adults in student households", withheld(), withheld()),
            bar("inflow: nobody", share(f64::NAN), Cell::Undefined),
            bar("inflow: none of them", share(0.0), Cell::Undefined),
        ],
    }
}

pub(crate) fn losses() -> LossFlow {
    let step = |reason: &str, lost: Cell, left: Cell| LossStep { reason: reason.into(), lost, left };
    LossFlow {
        caption: caption("losses", "Who is in the study, and who was lost"),
        start: "children in the parent-child register".into(),
        people: count(852_898),
        steps: vec![
            step("outside the cohorts of the study", count(573_461), count(279_437)),
            step(
                "too few days in the population register in the year before the reference date",
                count(2385),
                count(277_052),
            ),
            step("income of the parents: not observed", withheld(), withheld()),
            step("own household income: unknown", count(0), count(276_778)),
        ],
    }
}

pub(crate) fn all_figures(language: Language) -> Result<Vec<Figure>, ReportError> {
    let mut cells = matrix(5);
    cells[(0, 4)] = withheld();
    cells[(0, 3)] = withheld();
    cells[(4, 0)] = share(0.0);
    cells.row_mut(2).fill(Cell::Undefined);
    Ok(vec![
        heat_map(cells.clone(), language).draw(language)?,
        ribbons(cells, language).draw(language)?,
        scatter().draw(language)?,
        dot_plot(22).draw(language)?,
        trends(22).draw(language)?,
        area_map(Boundaries::municipalities_2023()?, "map-2023").draw(language)?,
        area_map(Boundaries::municipalities_2017()?, "map-2017").draw(language)?,
        bars(language).draw(language)?,
        losses().draw(language)?,
    ])
}

fn vintage() -> Vintage {
    Vintage {
        definition: "CBS low-income line, 2022 amounts".into(),
        population: "private households with known income".into(),
        classification_year: 2023,
        price_year: 2022,
        sources: vec![SourceFile { name: "INHATAB2022TABV3.sav".into(), version: Some(3), rows: 8_100_000 }],
        erflijn_version: "0.1.0".into(),
    }
}

fn big_table() -> Table {
    let columns = ["municipality", "children", "share poor", "95%"];
    let mut table = Table::new("municipalities", "Young adults by municipality", &columns);
    for (place, (_, name)) in CODES.iter().enumerate() {
        let value = level(place);
        let row = vec![
            Cell::text(*name),
            count(300 + 917 * place as u64),
            share(value),
            share_interval(value - 0.01, value + 0.01),
        ];
        table.rows.push(row);
    }
    table.rows[8] = vec![Cell::text("Pekela"), withheld(), withheld(), withheld()];
    table.rows[9][2] = share(0.0);
    table.rows[9][3] = Cell::Undefined;
    table.note("Young adults of 22 to 26 outside student households.")
}

pub(crate) fn page(language: Language) -> Result<Page, ReportError> {
    let [is, are, poor] = language.choose(["is", "zijn", "arm"], ["is", "are", "poor"]);
    let headline = |value: Cell, whom: &str| Headline {
        value,
        whom: whom.into(),
        predicate: Predicate { singular: is.into(), plural: are.into(), rest: poor.into() },
        comparisons: vec![
            Comparison { place: "Groningen".into(), value: share(0.084) },
            Comparison { place: language.choose("Nederland", "the Netherlands").into(), value: share(0.071) },
        ],
    };
    let mut page =
        Page::new(language, language.choose("Armoede over generaties", "Poverty over generations"));
    page.notice = Some(language.choose("Deze mensen bestaan niet.", "These people do not exist.").into());
    page.lead = vec!["Young adults in the Veenkoloniën and their parents, 2022.".into()];
    page.areas = CODES.iter().map(|(_, name)| (*name).to_owned()).collect();
    let question = |number: usize| {
        ["Who is poor?", "Young adults", "Young adults and their parents", "Where?", "Mobility"][number]
            .to_owned()
    };
    let mut figures = all_figures(language)?.into_iter().map(|figure| Part::Figure(Box::new(figure)));
    let mut next = || figures.next().expect("there are nine figures");
    let mobility = [next(), next(), next()];
    let (areas, trend, map, old_map, bars, losses) = (next(), next(), next(), next(), next(), next());
    page.sections = vec![
        Section::new(question(0)).with(Part::Headlines(vec![
            headline(share(0.092), "children from Emmen"),
            headline(share(0.12), "young adults from Emmen with a poor parent"),
            headline(withheld(), "grandchildren of poor grandparents from Emmen"),
        ])),
        Section::new(question(1)).with(trend).with(Part::Table(big_table())),
        Section::new(question(2)).with(bars),
        Section::new(question(3)).with(map).with(old_map).with(areas),
        mobility.into_iter().fold(Section::new(question(4)), Section::with),
        Section::new("How sure are we?").with(Part::Certainty(vec![Certainty {
            what: "Rank-rank slope".into(),
            value: number(0.24),
            interval: interval(0.21, 0.27),
            level: 0.95,
            decimals: 2,
        }])),
        Section::new("What is not shown, and why").with(Part::Withheld(vec![
            WithheldNote { place: "Municipalities".into(), reason: Reason::Primary, numbers: 3, of: 8 },
            WithheldNote { place: "Municipalities".into(), reason: Reason::Complementary, numbers: 1, of: 8 },
        ])),
        Section::new("Who is in").with(losses),
        Section::new("Definitions and vintage")
            .with(Part::Definitions(vec![("Poor".into(), "Below the line of the year.".into())]))
            .with(Part::Vintage(Box::new(vintage()))),
        Section::new("How to cite").with(Part::Verbatim("erflijn (2026), Poverty over generations.".into())),
        Section::new("How it was made").with(Part::Verbatim("veenkolonien --language nl --out out".into())),
    ];
    Ok(page)
}
