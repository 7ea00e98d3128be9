//! The parts of a page, on paper and on a phone.

use scraper::ElementRef;

use crate::rules::{columns_of, rows_of};
use crate::runs::{DUTCH, ENGLISH, MADE_UP, page, write};

/// On a phone each drawing has a form of its own width, and with many classes it says that it is wider.
#[test]
fn drawings_fit_a_phone() {
    let page = page(&DUTCH, "nl");
    let width = |svg: ElementRef<'_>| svg.attr("viewBox").unwrap().split(' ').nth(2).unwrap().to_owned();
    let widths = |of: &str| page.all(&format!("figure > .{of} > svg")).map(width).collect::<Vec<_>>();
    assert_eq!(widths("wide"), ["760"; 11]);
    assert_eq!(widths("narrow"), ["340"; 11]);
    assert_eq!(page.all("figure > .hint").count(), 0);
    let style = page.text("style");
    let (on_screen, in_print) = style.split_once("@media print").unwrap();
    let phone = on_screen.split_once("@media (max-width: 40rem)").unwrap().1;
    assert!(phone.contains(".wide { display: none; }") && phone.contains(".narrow { display: block; }"));
    assert!(
        in_print.contains(".wide { display: block; }") && in_print.contains(".narrow { display: none; }")
    );
    let many = write("nl", MADE_UP, &[("\nclasses = 5", "\nclasses = 10")]);
    let hints = many.texts("figure > .hint");
    assert_eq!(hints, ["Schuif opzij voor de hele figuur."; 2]);
}

#[test]
fn every_part_of_a_study_has_its_place() {
    for (page, headings) in [
        (
            page(&DUTCH, "nl"),
            [
                "In het kort",
                "Wie is arm?",
                "Jongvolwassenen: wordt het beter?",
                "Jongvolwassenen en hun ouders",
                "Inkomen van ouders en kinderen",
                "Waar?",
                "Hoe zeker is dit?",
                "Wat niet getoond wordt, en waarom",
                "Wie doet mee?",
                "Begrippen en herkomst",
                "Aanhalen en herhalen",
            ],
        ),
        (
            page(&ENGLISH, "en"),
            [
                "In short",
                "Who is poor?",
                "Young adults: is it getting better?",
                "Young adults and their parents",
                "Income of parents and children",
                "Where?",
                "How sure are we?",
                "What is not shown, and why",
                "Who is in?",
                "Definitions and vintage",
                "How to cite and repeat",
            ],
        ),
    ] {
        assert_eq!(page.texts("section > h2"), headings);
        assert_eq!(page.texts("nav li"), headings);
        let verbatim = page.texts("pre");
        assert!(verbatim[0].contains("Veenkoloniën") && verbatim[0].contains("erflijn"), "{verbatim:?}");
        assert!(verbatim[1].starts_with("veenkolonien --inhabitants 50000 --language"), "{verbatim:?}");
        assert_eq!(page.texts(".notice").len(), 1, "these people are made up");
    }
}

#[test]
fn areas_that_can_be_picked_are_rows_of_tables() {
    let written = page(&DUTCH, "nl");
    let tools = written.all(".tools").next().unwrap();
    let areas: Vec<String> = serde_json::from_str(tools.attr("data-areas").unwrap()).unwrap();
    assert_eq!(areas.len(), 22);
    let marked = |row: &ElementRef<'_>| row.attr("data-area").map(str::to_owned);
    let rows: Vec<String> = written.all("tr[data-area]").filter_map(|row| marked(&row)).collect();
    for area in &areas {
        // In the table of municipalities, the map's and the plot's.
        assert_eq!(rows.iter().filter(|row| *row == area).count(), 3, "{area}");
    }
    // Without the script everything is there, and nothing asks for it.
    assert!(tools.attr("hidden").is_some());
    assert_eq!(written.all("section[hidden], tr[hidden], table[hidden]").count(), 0);
    let table = written.all("#municipalities-table").next().unwrap();
    assert_eq!((columns_of(table), rows_of(table)), (8, 22));
}
