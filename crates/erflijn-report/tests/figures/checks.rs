//! What every drawing must be, and what a reader sees in it.

use erflijn_report::Figure;
use roxmltree::Document;

/// What a reader sees in the drawing, piece by piece.
pub(crate) fn texts(figure: &Figure) -> Vec<String> {
    let tree = Document::parse(&figure.svg).unwrap();
    let texts = tree.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

pub(crate) fn says(figure: &Figure, words: &str) -> bool {
    texts(figure).iter().any(|text| text == words)
}

/// The same figure as it is drawn for a phone, if it is.
pub(crate) fn on_a_phone(figure: &Figure) -> Option<Figure> {
    Some(Figure { svg: figure.narrow.clone()?, narrow: None, ..figure.clone() })
}

/// Well-formed, named and described, with no colour as the only sign of a hatch; on a phone too.
pub(crate) fn check(figure: &Figure) {
    check_drawing(figure, "");
    if let Some(narrow) = on_a_phone(figure) {
        check_drawing(&narrow, ".narrow");
    }
}

pub(crate) fn check_drawing(figure: &Figure, suffix: &str) {
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
pub(crate) fn boxes(figure: &Figure) -> Vec<(String, [f64; 4])> {
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

pub(crate) fn check_no_text_on_text(figure: &Figure) {
    check_boxes(figure, 761.0);
    if let Some(narrow) = on_a_phone(figure) {
        check_boxes(&narrow, 341.0);
    }
}

pub(crate) fn check_boxes(figure: &Figure, right: f64) {
    let boxes = boxes(figure);
    for (place, (words, one)) in boxes.iter().enumerate() {
        assert!(one[0] >= -1.0 && one[2] <= right, "{words:?} leaves the paper of {}", figure.title);
        for (others, other) in &boxes[place + 1..] {
            let apart = one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1];
            assert!(apart, "{words:?} on {others:?} in {}", figure.title);
        }
    }
}
