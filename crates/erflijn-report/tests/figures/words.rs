//! Words and numbers of a drawing, and the room they have.

use erflijn_report::Language::{Dutch, English};
use erflijn_report::{
    Boundaries, Cell, DotPlot, FrequencyBars, HeatMap, LossFlow, RankScatter, Ribbons, Trends,
};
use ndarray::{Array2, array};

use crate::checks::{check, check_no_text_on_text, says, texts};
use crate::common::*;

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
