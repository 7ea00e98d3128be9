//! Every figure on whole, empty, withheld and hostile input; each drawing is parsed as XML.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::*;
use erflijn_disclosure::Released;
use erflijn_report::Language::{Dutch, English};
use erflijn_report::{
    AreaEstimate, Boundaries, Caption, Cell, DotPlot, Figure, FrequencyBars, HeatMap, LossFlow, RankScatter,
    ReportError, Ribbons, Series, Trends,
};
use ndarray::{Array2, array};
use proptest::prelude::*;
use roxmltree::Document;

const MARKUP: &str = "<b>&\"'</text>\u{1}<script>x</script>";

/// What a reader sees in the drawing, piece by piece.
fn texts(figure: &Figure) -> Vec<String> {
    let tree = Document::parse(&figure.svg).unwrap();
    let texts = tree.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

fn says(figure: &Figure, words: &str) -> bool {
    texts(figure).iter().any(|text| text == words)
}

/// The same figure as it is drawn for a phone, if it is.
fn on_a_phone(figure: &Figure) -> Option<Figure> {
    Some(Figure { svg: figure.narrow.clone()?, narrow: None, ..figure.clone() })
}

/// Well-formed, named and described, with no colour as the only sign of a hatch; on a phone too.
fn check(figure: &Figure) {
    check_drawing(figure, "");
    if let Some(narrow) = on_a_phone(figure) {
        check_drawing(&narrow, ".narrow");
    }
}

fn check_drawing(figure: &Figure, suffix: &str) {
    let tree = Document::parse(&figure.svg).unwrap();
    let root = tree.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let ids: Vec<&str> = tree.descendants().filter_map(|node| node.attribute("id")).collect();
    for id in root.attribute("aria-labelledby").unwrap().split(' ') {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
    assert!(ids.iter().all(|id| id.starts_with(&format!("{}{suffix}-", figure.table.name))));
    let first = |name: &str| {
        let node = root.children().find(|node| node.tag_name().name() == name).unwrap();
        node.text().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(first("title"), figure.title.replace('\u{1}', " "));
    assert_eq!(first("desc"), figure.description.replace('\u{1}', " "));
    assert!(!figure.svg.contains("NaN") && !figure.svg.contains("=\"inf"), "{}", figure.svg);
    figure.table.csv().unwrap();
    for reference in figure.svg.split("url(#").skip(1) {
        let id = reference.split(')').next().unwrap();
        assert!(ids.contains(&id), "{id}");
    }
}

/// Boxes of all pieces of text that are not turned, by a width of 0.5 of a letter's size, which no letter type in use undercuts.
fn boxes(figure: &Figure) -> Vec<(String, [f64; 4])> {
    let tree = Document::parse(&figure.svg).unwrap();
    let number =
        |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
    tree.descendants()
        .filter(|node| node.tag_name().name() == "text" && node.attribute("transform").is_none())
        .map(|node| {
            let words = node.text().unwrap_or_default().trim().to_owned();
            let (x, y, size) = (number(&node, "x"), number(&node, "y"), number(&node, "font-size"));
            let width = 0.5 * size * words.chars().count() as f64;
            let left = match node.attribute("text-anchor").unwrap() {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            (words, [left, y - 0.7 * size, left + width, y])
        })
        .collect()
}

fn check_no_text_on_text(figure: &Figure) {
    check_boxes(figure, 761.0);
    if let Some(narrow) = on_a_phone(figure) {
        check_boxes(&narrow, 341.0);
    }
}

fn check_boxes(figure: &Figure, right: f64) {
    let boxes = boxes(figure);
    for (place, (words, one)) in boxes.iter().enumerate() {
        assert!(one[0] >= -1.0 && one[2] <= right, "{words:?} leaves the paper of {}", figure.title);
        for (others, other) in &boxes[place + 1..] {
            let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
            assert!(apart, "{words:?} on {others:?} in {}", figure.title);
        }
    }
}

#[test]
fn all_figures_are_well_formed_in_both_languages() {
    for language in [Dutch, English] {
        let figures = all_figures(language).unwrap();
        assert_eq!(figures.len(), 9);
        for figure in &figures {
            check(figure);
            check_no_text_on_text(figure);
        }
    }
}

#[test]
fn numbers_stand_in_the_drawing_as_in_each_language() {
    let cells = array![[share(0.345), share(0.655)], [share(0.0), share(1.0)]];
    let dutch = heat_map(cells.clone(), Dutch).draw(Dutch).unwrap();
    let english = heat_map(cells, English).draw(English).unwrap();
    for (figure, words) in
        [(&dutch, "34,5\u{a0}%"), (&english, "34.5\u{a0}%"), (&dutch, "0"), (&dutch, "100,0\u{a0}%")]
    {
        assert!(says(figure, words), "{words} in {:?}", texts(figure));
    }
    let bars_of = bars(Dutch).draw(Dutch).unwrap();
    for words in ["12 van de 100", "3 van de 100", "100 van de 100", "0 van de 100", "niet getoond"] {
        assert!(says(&bars_of, words), "{words}");
    }
    let losses = losses().draw(Dutch).unwrap();
    assert!(says(&losses, "852.898") && says(&losses, "2.385"));
    let scatter = scatter().draw(Dutch).unwrap();
    assert!(says(&scatter, "helling 0,240"));
}

#[test]
fn the_legend_names_only_marks_in_use() {
    let legend = |cells: Array2<Cell>| {
        let figure = heat_map(cells, English).draw(English).unwrap();
        ["withheld", "no value", "exactly zero"].map(|words| says(&figure, words))
    };
    assert_eq!(legend(array![[share(0.4), share(0.6)], [share(0.5), share(0.5)]]), [false, false, false]);
    assert_eq!(legend(array![[withheld(), withheld()], [share(0.5), share(0.5)]]), [true, false, false]);
    assert_eq!(
        legend(array![[Cell::Undefined, share(f64::NAN)], [share(0.0), share(1.0)]]),
        [false, true, true]
    );
}

#[test]
fn two_and_ten_classes_fit() {
    let narrow = heat_map(matrix(10), Dutch).draw(Dutch).unwrap();
    assert!(says(&narrow, "inkomen van het kind (%)") && says(&narrow, "24,8"), "{:?}", texts(&narrow));
    for k in [2, 5, 10] {
        for figure in [heat_map(matrix(k), Dutch).draw(Dutch), ribbons(matrix(k), Dutch).draw(Dutch)] {
            let figure = figure.unwrap();
            check(&figure);
            check_no_text_on_text(&figure);
            assert_eq!(figure.table.rows.len(), k);
        }
    }
}

#[test]
fn everything_withheld_is_a_drawing_that_says_so() {
    let all = || Array2::from_elem((5, 5), withheld());
    let mut points = scatter();
    for bin in &mut points.bins {
        (bin.parents, bin.children, bin.interval) = (withheld(), withheld(), withheld());
    }
    let fit = points.fit.as_mut().unwrap();
    (fit.intercept, fit.slope) = (withheld(), withheld());
    fit.band.clear();
    let mut areas = dot_plot(22);
    for area in &mut areas.areas {
        (area.value, area.interval, area.ranks) = (withheld(), withheld(), withheld());
    }
    areas.references.iter_mut().for_each(|(_, cell)| *cell = withheld());
    let mut years = trends(3);
    for panel in &mut years.panels {
        panel.area.values.fill(withheld());
        panel.area.intervals.fill(withheld());
        panel.against.iter_mut().for_each(|series| series.values.fill(withheld()));
    }
    let mut map = area_map(Boundaries::municipalities_2023().unwrap(), "map");
    map.values.iter_mut().for_each(|area| area.value = withheld());
    let mut people = bars(Dutch);
    people.bars.iter_mut().for_each(|bar| (bar.share, bar.interval) = (withheld(), withheld()));
    let mut lost = losses();
    lost.people = withheld();
    lost.steps.iter_mut().for_each(|step| (step.lost, step.left) = (withheld(), withheld()));
    for figure in [
        heat_map(all(), Dutch).draw(Dutch),
        ribbons(all(), Dutch).draw(Dutch),
        areas.draw(Dutch),
        years.draw(Dutch),
        map.draw(Dutch),
        people.draw(Dutch),
        lost.draw(Dutch),
    ] {
        let figure = figure.unwrap();
        check(&figure);
        check_no_text_on_text(&figure);
        assert!(says(&figure, "niet getoond"), "{}", figure.title);
        assert!(figure.table.text(Dutch).contains("niet getoond"));
    }
    let figure = points.draw(Dutch).unwrap();
    check(&figure);
    assert!(says(&figure, "groepen zonder punt, zie de tabel: 20"), "{:?}", texts(&figure));
}

#[test]
fn nothing_at_all_is_an_empty_drawing() {
    let nothing = Array2::from_elem((0, 0), withheld());
    let empty_trends = Trends { years: Vec::new(), panels: Vec::new(), ..trends(0) };
    let empty_bars = FrequencyBars { bars: Vec::new(), ..bars(English) };
    let empty_losses = LossFlow { steps: Vec::new(), people: count(0), ..losses() };
    let empty_scatter = RankScatter { bins: Vec::new(), fit: None, ..scatter() };
    for figure in [
        heat_map(nothing.clone(), English).draw(English),
        ribbons(nothing, English).draw(English),
        dot_plot(0).draw(English),
        trends(0).draw(English),
        empty_trends.draw(English),
        empty_bars.draw(English),
        empty_losses.draw(English),
        empty_scatter.draw(English),
    ] {
        check(&figure.unwrap());
    }
    let mut map = area_map(Boundaries::municipalities_2017().unwrap(), "map");
    map.values.clear();
    let figure = map.draw(English).unwrap();
    check(&figure);
    assert_eq!(figure.table.rows.len(), 35);
    let world = Boundaries::from_geojson(r#"{"type":"FeatureCollection","features":[]}"#, "nobody").unwrap();
    assert!(world.is_empty());
    check(&area_map(world, "map").draw(English).unwrap());
}

#[test]
fn one_area_and_one_year_fit() {
    let mut one = trends(1);
    one.years.truncate(1);
    one.panels[0].area.values.truncate(1);
    one.panels[0].area.intervals.truncate(1);
    one.panels[0].against.iter_mut().for_each(|series| series.values.truncate(1));
    for figure in [dot_plot(1).draw(Dutch), trends(1).draw(Dutch), one.draw(Dutch)] {
        let figure = figure.unwrap();
        check(&figure);
        check_no_text_on_text(&figure);
        assert!(texts(&figure).iter().any(|text| text == "Groningen"));
    }
    let equal = DotPlot { areas: vec![dot_plot(1).areas[0].clone(); 2], ..dot_plot(0) };
    check(&equal.draw(Dutch).unwrap());
}

#[test]
fn long_words_stay_on_the_paper() {
    let long = || {
        "aandeel jongvolwassenen van 22 tot en met 26 jaar buiten studentenhuishoudens met ouders ".repeat(3)
    };
    let heat = HeatMap {
        row_axis: long(),
        column_axis: long(),
        rows: vec![long(); 2],
        columns: vec![long(); 2],
        ..heat_map(matrix(2), Dutch)
    };
    let flow = Ribbons {
        origin_axis: long(),
        destination_axis: long(),
        origins: vec![long(); 2],
        destinations: vec![long(); 2],
        ..ribbons(matrix(2), Dutch)
    };
    let points = RankScatter { parents_axis: long(), children_axis: long(), ..scatter() };
    let mut plot = DotPlot { measure: long(), ..dot_plot(22) };
    plot.areas.iter_mut().for_each(|area| area.name = long());
    plot.references.iter_mut().for_each(|(name, _)| *name = long());
    let mut years = Trends { measure: long(), ..trends(4) };
    for panel in &mut years.panels {
        panel.title = long();
        panel.area.name = long();
        panel.against.iter_mut().for_each(|series| series.name = long());
    }
    let mut map = area_map(Boundaries::municipalities_2017().unwrap(), "map");
    map.measure = long();
    map.values.iter_mut().for_each(|area| area.name = long());
    let mut people = FrequencyBars { measure: long(), ..bars(Dutch) };
    people.bars.iter_mut().for_each(|bar| bar.label = long());
    let mut lost = LossFlow { start: long(), ..losses() };
    lost.steps.iter_mut().for_each(|step| step.reason = long());
    for figure in [
        heat.draw(Dutch),
        flow.draw(Dutch),
        points.draw(Dutch),
        plot.draw(Dutch),
        years.draw(Dutch),
        map.draw(Dutch),
        people.draw(Dutch),
        lost.draw(Dutch),
    ] {
        let figure = figure.unwrap();
        check(&figure);
        check_no_text_on_text(&figure);
    }
}

#[test]
fn names_with_markup_stay_names() {
    let caption = || Caption::new("hostile", MARKUP, MARKUP);
    let name = || MARKUP.to_owned();
    let heat =
        HeatMap { caption: caption(), row_axis: name(), rows: vec![name(); 2], ..heat_map(matrix(2), Dutch) };
    let flow = Ribbons { caption: caption(), origins: vec![name(); 2], ..ribbons(matrix(2), Dutch) };
    let mut plot = dot_plot(3);
    plot.caption = caption();
    plot.references[0].0 = name();
    plot.areas.iter_mut().for_each(|area: &mut AreaEstimate| area.name = name());
    let mut years = trends(2);
    years.caption = caption();
    years.panels[0].title = name();
    years.panels[0].area.name = name();
    let mut map = area_map(Boundaries::municipalities_2023().unwrap(), "map");
    map.caption = caption();
    map.values[0].name = name();
    let mut people = bars(Dutch);
    people.caption = caption();
    people.bars[0].label = name();
    let mut lost = losses();
    lost.caption = caption();
    lost.steps[0].reason = name();
    for figure in [
        heat.draw(Dutch),
        flow.draw(Dutch),
        plot.draw(Dutch),
        years.draw(Dutch),
        map.draw(Dutch),
        people.draw(Dutch),
        lost.draw(Dutch),
    ] {
        let figure = figure.unwrap();
        check(&figure);
        let tree = Document::parse(&figure.svg).unwrap();
        assert!(tree.descendants().all(|node| !matches!(node.tag_name().name(), "script" | "b")));
        let html = figure.table.html(Dutch).unwrap();
        assert!(!html.contains("<script") && !html.contains("<b>"));
        assert_eq!(figure.table.json()["title"], MARKUP);
    }
}

#[test]
fn maps_list_what_has_no_boundaries_and_what_has_no_value() {
    let figure = area_map(Boundaries::municipalities_2023().unwrap(), "map").draw(English).unwrap();
    assert!(says(&figure, "© CBS / Kadaster"));
    assert!(says(&figure, "Nergenshuizen") && says(&figure, "without a number: no boundaries known"));
    let told = figure.table.text(English);
    assert!(told.contains("On the map without a value: Assen."), "{told}");
    assert!(told.contains("Not on the map, no boundaries known: Nergenshuizen."));
    let tree = Document::parse(&figure.svg).unwrap();
    let fills: Vec<&str> = tree
        .descendants()
        .filter(|node| node.attribute("fill-rule").is_some())
        .filter_map(|node| node.attribute("fill"))
        .collect();
    assert_eq!(fills.len(), 22);
    let filled = |fill: &str| fills.iter().filter(|own| **own == fill).count();
    assert_eq!((filled("url(#map-hatch)"), filled("url(#map-blank)"), filled("#ffffff")), (1, 1, 1));
}

#[test]
fn faulty_figures_are_refused() {
    let mut short = heat_map(matrix(3), Dutch);
    short.rows.pop();
    assert!(matches!(short.draw(Dutch).unwrap_err(), ReportError::Length { found: 3, expected: 2, .. }));

    let mut mixed = matrix(2);
    mixed[(1, 1)] = count(5);
    let error = heat_map(mixed.clone(), Dutch).draw(Dutch).unwrap_err();
    assert_eq!(error.to_string(), "matrix holds counts and shares, expected one kind of number");
    assert!(matches!(
        ribbons(mixed, Dutch).draw(Dutch).unwrap_err(),
        ReportError::Kinds { found: "counts", .. }
    ));

    let error = ribbons(array![[share(0.6), share(0.6)]], Dutch).draw(Dutch).unwrap_err();
    assert!(matches!(error, ReportError::Share { value, .. } if (value - 1.2).abs() < 1e-12));
    let mut beyond = bars(Dutch);
    beyond.bars[0].share = share(1.5);
    assert!(matches!(beyond.draw(Dutch).unwrap_err(), ReportError::Share { .. }));

    let mut uneven = trends(2);
    uneven.panels[1].against[0] =
        Series { name: "short".into(), values: vec![share(0.1)], intervals: Vec::new() };
    assert!(matches!(uneven.draw(Dutch).unwrap_err(), ReportError::Length { found: 1, expected: 9, .. }));
    let mut uneven = trends(2);
    uneven.panels[1].area.intervals.truncate(8);
    assert!(matches!(uneven.draw(Dutch).unwrap_err(), ReportError::Length { found: 8, expected: 9, .. }));

    let mut twice = area_map(Boundaries::municipalities_2023().unwrap(), "map");
    twice.values.push(twice.values[0].clone());
    assert!(matches!(twice.draw(Dutch).unwrap_err(), ReportError::NameTwice { name } if name == "GM0014"));

    let named = HeatMap { caption: Caption::new("a b", "", ""), ..heat_map(matrix(2), Dutch) };
    let error = named.draw(Dutch).unwrap_err();
    let told = "name \"a b\" is not made of ASCII letters, digits, - and _, beginning with a letter";
    assert_eq!(error.to_string(), told);
}

#[test]
fn large_and_negative_numbers_have_an_axis() {
    let mut plot = dot_plot(3);
    plot.references.clear();
    for (area, value) in plot.areas.iter_mut().zip([-1.5e6, 0.0, 2.5e9]) {
        (area.value, area.interval) = (Cell::Number(Released::public(value)), Cell::Undefined);
    }
    check(&plot.draw(English).unwrap());
    for area in &mut plot.areas {
        area.value = Cell::Number(Released::public(1e-9));
    }
    check(&plot.draw(English).unwrap());
}

#[test]
fn drawings_cannot_be_measured_beyond_the_printed_digits() {
    let draw = |shift: f64| {
        let mut plot = dot_plot(2);
        (plot.areas[0].value, plot.areas[1].value) = (share(0.061 + shift), share(0.144 + shift));
        plot.areas[0].interval = share_interval(0.05 + shift, 0.07 + shift);
        plot.references[0].1 = share(0.102 + shift);
        let mut years = trends(1);
        years.panels[0].area.values[4] = share(0.083 + shift);
        years.panels[0].area.intervals[4] = share_interval(0.072 + shift, 0.095 + shift);
        let mut points = scatter();
        points.bins[0].children = number(0.377 + shift);
        points.fit.as_mut().unwrap().slope = number(0.24 + shift);
        let mut people = bars(Dutch);
        people.bars[0].share = share(0.123 + shift);
        let flow = array![[share(0.345 + shift), share(0.655)], [share(0.5), share(0.5)]];
        let figures = [plot.draw(Dutch), years.draw(Dutch), points.draw(Dutch), people.draw(Dutch)];
        let flows = [ribbons(flow.clone(), Dutch).draw(Dutch), heat_map(flow, Dutch).draw(Dutch)];
        let drawings = figures.into_iter().chain(flows).map(|figure| figure.unwrap());
        drawings.flat_map(|figure| [Some(figure.svg), figure.narrow]).collect::<Vec<_>>()
    };
    // Both round to the three decimals, and to the one of percent, of the number itself.
    assert_eq!(draw(0.0), draw(0.0004));
    assert_ne!(draw(0.0), draw(0.002));
}

#[test]
fn an_axis_ends_at_the_largest_numbers() {
    for [low, high] in [[-1.73e308, 0.0], [0.0, 1.73e308], [1.7e308; 2], [f64::MIN, f64::MAX]] {
        let mut plot = dot_plot(3);
        plot.references.clear();
        for area in &mut plot.areas {
            area.value = Cell::Number(Released::public(high));
            area.interval = interval(low, high);
        }
        check(&plot.draw(Dutch).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No number, however large, small or strange, breaks a drawing.
    #[test]
    fn any_number_can_be_drawn(values in prop::collection::vec(prop::num::f64::ANY, 9)) {
        let cell = |place: usize| Cell::Number(Released::public(values[place]));
        let cells = Array2::from_shape_fn((3, 3), |(i, j)| cell(3 * i + j));
        check(&heat_map(cells, Dutch).draw(Dutch).unwrap());
        let mut plot = dot_plot(3);
        plot.references.clear();
        let mut years = trends(1);
        years.panels[0].against.clear();
        let mut points = scatter();
        points.bins.truncate(3);
        let mut map = area_map(Boundaries::municipalities_2023().unwrap(), "map");
        map.values.truncate(3);
        for place in 0..3 {
            (plot.areas[place].value, map.values[place].value) = (cell(place), cell(place));
            plot.areas[place].interval = interval(values[3 + place], values[6 + place]);
            (points.bins[place].children, points.bins[place].interval) = (cell(place), Cell::Undefined);
        }
        years.panels[0].area.values = (0..9).map(cell).collect();
        check(&plot.draw(Dutch).unwrap());
        check(&years.draw(Dutch).unwrap());
        check(&points.draw(Dutch).unwrap());
        check(&map.draw(Dutch).unwrap());
    }
}

/// A class of parents whose children nearly all arrive in one place: four ribbons are thinner than a number is tall.
#[test]
fn numbers_of_narrow_ribbons_keep_apart() {
    let row = [0.04, 0.03, 0.02, 0.01, 0.9];
    let forward = Array2::from_shape_fn((5, 5), |(_, to)| share(row[to]));
    let back = Array2::from_shape_fn((5, 5), |(_, to)| share(row[4 - to]));
    for shares in [forward, back] {
        let figure = ribbons(shares, English).draw(English).unwrap();
        for told in ["4.0", "3.0", "2.0", "1.0", "90.0"] {
            let number = format!("{told}\u{a0}%");
            assert_eq!(texts(&figure).iter().filter(|text| **text == number).count(), 5, "{number}");
        }
        check_no_text_on_text(&figure);
    }
}

/// With twenty classes there is no room, and narrow ribbons go without.
#[test]
fn numbers_without_room_are_left_to_the_table() {
    let even = Array2::from_shape_fn((20, 20), |_| share(0.05));
    let figure = ribbons(even, English).draw(English).unwrap();
    assert!(!says(&figure, "5.0\u{a0}%"));
    check_no_text_on_text(&figure);
}

#[test]
fn long_reasons_are_told_whole() {
    let mut flow = losses();
    let reason = "rare reasons: no legal parent known; income of the parents: unknown; income of the own household: not in the \
                  target population; own household: institutional household; too few days in the population register";
    flow.steps[1].reason = reason.into();
    let figure = flow.draw(English).unwrap();
    assert!(texts(&figure).join(" ").contains(reason));
    check_no_text_on_text(&figure);
}

/// A comparison of which one year is told is seen.
#[test]
fn a_single_year_of_a_comparison_is_drawn() {
    let mut trend = trends(1);
    let lines = |figure: &Figure| {
        let document = Document::parse(&figure.svg).unwrap();
        let lines = document.descendants().filter_map(|node| node.attribute("points"));
        // One point alone would not be seen.
        lines.filter(|points| points.split_whitespace().count() > 1).count()
    };
    let all = lines(&trend.draw(English).unwrap());
    for (place, cell) in trend.panels[0].against[0].values.iter_mut().enumerate() {
        if place != 4 {
            *cell = withheld();
        }
    }
    assert_eq!(lines(&trend.draw(English).unwrap()), all);
}

#[test]
fn trends_tell_each_year_of_each_line_with_its_interval() {
    let mut trend = trends(2);
    trend.panels[1].against[0].intervals = vec![share_interval(0.08, 0.12); 9];
    let table = trend.draw(Dutch).unwrap().table;
    let measure = "share of young adults who are poor";
    assert_eq!(table.columns, ["plaatje", "lijn", "jaar", measure, "interval"]);
    // Two pictures of an area and its province over nine years, and the country, which is the same in both.
    assert_eq!(table.rows.len(), 45);
    let told = |row: usize| table.rows[row].iter().map(|cell| cell.told(Dutch)).collect::<Vec<_>>();
    assert_eq!(told(0), ["Groningen", "Groningen", "2014", "6,0\u{a0}%", "2,0 tot 7,0\u{a0}%"]);
    assert_eq!(told(27), ["Stadskanaal", "Drenthe", "2014", "10,0\u{a0}%", "8,0 tot 12,0\u{a0}%"]);
    assert_eq!(told(44), ["alle plaatjes", "the Netherlands", "2022", "5,6\u{a0}%", "–"]);
    let without = Trends {
        panels: trends(1)
            .panels
            .into_iter()
            .map(|mut panel| {
                panel.area.intervals.clear();
                panel
            })
            .collect(),
        ..trends(1)
    };
    let figure = without.draw(Dutch).unwrap();
    assert_eq!(figure.table.columns.len(), 4);
    assert!(!says(&figure, "betrouwbaarheidsinterval"));
    assert!(says(&trends(1).draw(Dutch).unwrap(), "betrouwbaarheidsinterval"));
}

/// The scale of trends has room for the intervals that are drawn: upright lines between the two rules of a picture.
#[test]
fn intervals_of_trends_stay_in_their_picture() {
    let mut trend = trends(1);
    trend.panels[0].area.intervals = vec![share_interval(0.0, 0.9); 9];
    let figure = trend.draw(English).unwrap();
    for svg in [figure.svg, figure.narrow.unwrap()] {
        let tree = Document::parse(&svg).unwrap();
        let mut upright = 0;
        for node in tree.descendants().filter(|node| node.tag_name().name() == "line") {
            let [left, right, top, bottom] =
                ["x1", "x2", "y1", "y2"].map(|name| node.attribute(name).unwrap());
            assert!([top, bottom].iter().all(|y| y.parse::<f64>().unwrap() > 0.0), "{top} {bottom}");
            upright += usize::from(left == right && top != bottom);
        }
        assert_eq!(upright, 9);
    }
}

/// Every figure of few classes is drawn for a phone as well, 340 units wide: as wide as its screen, so that letters are as large.
#[test]
fn figures_are_drawn_for_a_phone() {
    for figure in all_figures(Dutch).unwrap() {
        let narrow = on_a_phone(&figure).expect("all of these fit");
        for (drawing, width) in [(&figure, "760"), (&narrow, "340")] {
            let tree = Document::parse(&drawing.svg).unwrap();
            let sides: Vec<&str> = tree.root_element().attribute("viewBox").unwrap().split(' ').collect();
            assert_eq!(sides[2], width);
            let smallest =
                tree.descendants().filter_map(|node| node.attribute("font-size")?.parse::<f64>().ok());
            assert!(smallest.fold(f64::MAX, f64::min) >= 11.0);
        }
        // No number is lost on the way to a phone.
        let is_number = |text: &String| text.chars().any(|letter| letter.is_ascii_digit());
        let told = texts(&figure).into_iter().filter(is_number).filter(|text| text.contains(','));
        let on_phone = texts(&narrow).join(" ");
        for number in told {
            let digits = number.trim_end_matches("\u{a0}%");
            assert!(on_phone.contains(digits) || is_tick(&figure, digits), "{number} in {}", figure.title);
        }
    }
    // Ten numbers in a row would be too small to read there.
    let ten = [heat_map(matrix(10), Dutch).draw(Dutch), ribbons(matrix(10), Dutch).draw(Dutch)];
    assert!(ten.into_iter().all(|figure| figure.unwrap().narrow.is_none()));
}

/// Axes have fewer steps on a phone.
fn is_tick(figure: &Figure, digits: &str) -> bool {
    let told = figure.table.text(Dutch).replace('\u{a0}', " ");
    !told.contains(digits)
}

#[test]
fn names_of_trends_tell_that_years_of_what_an_area_is_held_against_are_withheld() {
    let svg = |years: &[usize]| {
        let mut trends = trends(1);
        let country = &mut trends.panels[0].against[0];
        years.iter().for_each(|year| country.values[*year] = common::withheld());
        trends.draw(English).unwrap().svg
    };
    let name = &trends(1).panels[0].against[0].name;
    let every: Vec<usize> = (0..trends(1).years.len()).collect();
    assert!(!svg(&[]).contains("withheld)"));
    assert!(svg(&[1]).contains(&format!("{name} (partly withheld)")));
    assert!(svg(&every).contains(&format!("{name} (withheld)")));
}
