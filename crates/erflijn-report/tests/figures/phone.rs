//! Drawings for a phone.

use erflijn_report::Figure;
use erflijn_report::Language::Dutch;
use roxmltree::Document;

use crate::checks::{on_a_phone, texts};
use crate::common::*;

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
