//! Lines through years.

use erflijn_report::Language::{Dutch, English};
use erflijn_report::{Figure, Trends};
use roxmltree::Document;

use crate::checks::says;
use crate::common::*;

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

#[test]
fn names_of_trends_tell_that_years_of_what_an_area_is_held_against_are_withheld() {
    let svg = |years: &[usize]| {
        let mut trends = trends(1);
        let country = &mut trends.panels[0].against[0];
        years.iter().for_each(|year| country.values[*year] = withheld());
        trends.draw(English).unwrap().svg
    };
    let name = &trends(1).panels[0].against[0].name;
    let every: Vec<usize> = (0..trends(1).years.len()).collect();
    assert!(!svg(&[]).contains("withheld)"));
    assert!(svg(&[1]).contains(&format!("{name} (partly withheld)")));
    assert!(svg(&every).contains(&format!("{name} (withheld)")));
}
