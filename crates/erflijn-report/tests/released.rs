//! Numbers as a cleared publication gives them: what it withholds is withheld in every form.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use erflijn_core::Interval;
use erflijn_disclosure::{Profile, Publication};
use erflijn_report::{AreaEstimate, Caption, Cell, DotPlot, Language, Table};

#[test]
fn what_a_publication_withholds_is_not_told() {
    let mut publication = Publication::new();
    let poor = publication.count("poor", 4);
    let young = publication.count("young adults", 8_317);
    publication.share(poor, young).unwrap();
    let cleared = publication.clear(&Profile::european_rule_of_thumb()).unwrap();
    let interval = Interval { low: 0.000_131, high: 0.001_231 };
    let share = Cell::Share(cleared.share(poor, young).unwrap());
    let ends = Cell::ShareInterval(cleared.statistic(interval, &[poor], 500));
    let ranks = Cell::Ranks(cleared.statistic((7, 13), &[poor], 500));
    let mut table = Table::new("t", "Poor", &["area", "poor", "young adults", "share", "95%", "ranks"]);
    let counts = [Cell::Count(cleared.count(poor)), Cell::Count(cleared.count(young))];
    let [poor, young] = counts;
    assert!(poor.reason().is_some(), "{poor:?}");
    assert!(young.reason().is_none(), "{young:?}");
    table.rows.push(vec![Cell::text("Pekela"), poor, young, share.clone(), ends.clone(), ranks.clone()]);
    let csv = String::from_utf8(table.csv().unwrap()).unwrap();
    assert!(csv.ends_with("Pekela;withheld;8317;withheld;withheld;withheld;withheld;withheld\n"), "{csv}");
    let area = AreaEstimate { name: "Pekela".into(), value: share, interval: ends, ranks };
    let caption = Caption::new("plot", "Poor", "Share.");
    let plot = DotPlot { caption, measure: "poor".into(), areas: vec![area], references: Vec::new() };
    let figure = plot.draw(Language::Dutch).unwrap();
    assert!(
        figure.svg.contains("niet getoond")
            && figure.table.html(Language::Dutch).unwrap().contains("niet getoond")
    );
}
