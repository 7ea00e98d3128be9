//! Figures of which all, some or nothing may be told.

use erflijn_report::Language::{Dutch, English};
use erflijn_report::{Boundaries, FrequencyBars, LossFlow, RankScatter, Trends};
use ndarray::Array2;
use roxmltree::Document;

use crate::checks::{check, check_no_text_on_text, says, texts};
use crate::common::*;

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
