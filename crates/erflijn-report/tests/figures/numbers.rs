//! Any number can be drawn, and none can be measured beyond its printed digits.

use erflijn_disclosure::Released;
use erflijn_report::Language::{Dutch, English};
use erflijn_report::{Boundaries, Cell};
use ndarray::{Array2, array};
use proptest::prelude::*;

use crate::checks::check;
use crate::common::*;

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
