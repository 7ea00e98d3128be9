//! Names with markup, and faulty figures.

use erflijn_report::Language::Dutch;
use erflijn_report::{AreaEstimate, Boundaries, Caption, HeatMap, ReportError, Ribbons, Series};
use ndarray::array;
use roxmltree::Document;

use crate::checks::check;
use crate::common::*;

const MARKUP: &str = "<b>&\"'</text>\u{1}<script>x</script>";

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
