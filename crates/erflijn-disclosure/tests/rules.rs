//! The primary rules at their bounds. Every expectation is arithmetic on whole numbers, written beside it.

use erflijn_disclosure::rules::{
    Extreme, all_values_equal, contributions, counts_behind_percentage, degrees_of_freedom, differencing,
    extreme_value, group_disclosure, minimum_units, nk_dominance, p_percent, percentage, pq,
    proportion_both_sides, quantile_support,
};
use erflijn_disclosure::{Comparison, Dominance, Finding, PriorPosterior, Rule, Verdict, ZeroCells};
use proptest::prelude::*;

use Finding::{NeedsReview, Safe, Sensitive};

fn of(verdict: Verdict) -> (Finding, Option<f64>) {
    (verdict.finding, verdict.margin)
}

#[test]
fn units_are_enough_from_the_bound_on() {
    assert_eq!(of(minimum_units(10, 10, ZeroCells::Safe)), (Safe, Some(0.0)));
    assert_eq!(of(minimum_units(9, 10, ZeroCells::Safe)), (Sensitive, Some(-1.0)));
    assert_eq!(of(minimum_units(1, 10, ZeroCells::Safe)), (Sensitive, Some(-9.0)));
    assert_eq!(of(minimum_units(0, 10, ZeroCells::Safe)), (Safe, None));
    let zero = minimum_units(0, 10, ZeroCells::Sensitive);
    assert_eq!((zero.rule, zero.finding), (Rule::ZeroCell, Sensitive));
    assert_eq!(of(minimum_units(u64::MAX, 1, ZeroCells::Safe)).0, Safe);
}

#[test]
fn both_sides_of_a_share_are_counted() {
    for (units, events, expected) in [
        (100, 9, (Sensitive, Some(-1.0))),
        (100, 10, (Safe, Some(0.0))),
        (100, 90, (Safe, Some(0.0))),
        (100, 91, (Sensitive, Some(-1.0))),
        (19, 10, (Sensitive, Some(-1.0))),
        (20, 10, (Safe, Some(0.0))),
        (100, 0, (Sensitive, Some(-10.0))),
        (100, 100, (Sensitive, Some(-10.0))),
        (0, 0, (Sensitive, Some(-10.0))),
        (5, 6, (NeedsReview, None)),
    ] {
        assert_eq!(of(proportion_both_sides(units, events, 10)), expected, "{events} of {units}");
    }
    assert_eq!(percentage(9, 4, 10).rule, Rule::MinimumUnits);
    assert_eq!(percentage(100, 4, 10).rule, Rule::BothSides);
    assert_eq!(percentage(100, 40, 10).finding, Safe);
}

#[test]
fn nine_of_ten_in_one_cell_is_too_much() {
    assert_eq!(of(group_disclosure(&[90, 5, 5], 0.9)), (Sensitive, Some(0.0)));
    // 899 of 1000.
    assert_eq!(group_disclosure(&[899, 50, 51], 0.9).finding, Safe);
    assert_eq!(group_disclosure(&[0, 0, 40], 0.9).finding, Sensitive);
    assert_eq!(group_disclosure(&[40], 0.9).finding, Sensitive);
    assert_eq!(of(group_disclosure(&[0, 0, 0], 0.9)), (Safe, None));
    assert_eq!(of(group_disclosure(&[], 0.9)), (Safe, None));
    // Exactly the bound for every whole total: 9 t of 10 t.
    assert!((1..5_000).all(|t| group_disclosure(&[9 * t, t], 0.9).finding == Sensitive));
    assert!((1..5_000).all(|t| group_disclosure(&[9 * t - 1, t + 1], 0.9).finding == Safe));
}

#[test]
fn dominance_has_a_bound_on_either_side() {
    let rule = |largest, share, comparison| Dominance { largest, share, comparison };
    let half = [50.0, 20.0, 20.0, 10.0];
    assert_eq!(of(nk_dominance(&half, rule(1, 0.5, Comparison::Above))), (Safe, Some(0.0)));
    assert_eq!(of(nk_dominance(&half, rule(1, 0.5, Comparison::AtLeast))), (Sensitive, Some(0.0)));
    // 60 + 26 of 100.
    assert_eq!(nk_dominance(&[8.0, 60.0, 6.0, 26.0], rule(2, 0.85, Comparison::Above)).finding, Sensitive);
    assert_eq!(nk_dominance(&[8.0, 60.0, 7.0, 25.0], rule(2, 0.85, Comparison::Above)).finding, Safe);
    // One contributor holds all, whatever n is.
    assert_eq!(nk_dominance(&[3.0], rule(2, 0.9, Comparison::AtLeast)).finding, Sensitive);
    assert_eq!(of(nk_dominance(&[0.0; 12], rule(2, 0.9, Comparison::AtLeast))), (Safe, None));
    assert_eq!(of(nk_dominance(&[], rule(2, 0.9, Comparison::AtLeast))), (Safe, None));
    for bad in [-5.0, f64::NAN, f64::INFINITY] {
        assert_eq!(nk_dominance(&[1.0, bad], rule(1, 0.5, Comparison::Above)).finding, NeedsReview);
        assert_eq!(p_percent(&[1.0, bad], 10.0).finding, NeedsReview);
        assert_eq!(contributions(&[1.0, bad]).finding, NeedsReview);
    }
    assert_eq!(contributions(&[0.0, 2.0]).finding, Safe);
}

#[test]
fn the_second_largest_is_kept_from_the_largest() {
    assert_eq!(p_percent(&[100.0, 50.0, 9.0], 10.0).finding, Sensitive);
    assert_eq!(of(p_percent(&[100.0, 50.0, 10.0], 10.0)), (Safe, Some(0.0)));
    assert_eq!(of(p_percent(&[100.0, 50.0], 10.0)), (Sensitive, Some(-0.1)));
    assert_eq!(p_percent(&[0.0; 12], 10.0).finding, Safe);
    // The bound itself for every whole percentage: the rest is p, the largest 100.
    assert!((1..=100).all(|p| p_percent(&[100.0, 100.0, f64::from(p)], f64::from(p)).finding == Safe));
    let rule = PriorPosterior { p: 10.0, q: 50.0 };
    assert_eq!(pq(&[100.0, 50.0, 20.0], rule).finding, Safe); // 20 * 50 = 10 * 100
    assert_eq!(pq(&[100.0, 50.0, 19.0], rule).finding, Sensitive);
}

#[test]
fn statistics_need_units_around_them() {
    assert_eq!(of(degrees_of_freedom(20, 11, 10)), (Sensitive, Some(-1.0)));
    assert_eq!(of(degrees_of_freedom(20, 10, 10)), (Safe, Some(0.0)));
    assert_eq!(of(degrees_of_freedom(3, 5, 10)), (Sensitive, Some(-12.0)));
    for (units, quantile, finding) in [
        (100, 0.25, Safe),
        (39, 0.25, Sensitive), // 9 below
        (40, 0.25, Safe),
        (100, 0.9, Safe),     // 10 above
        (99, 0.9, Sensitive), // floor(9.9) above
        (100, 0.01, Sensitive),
        (1_000, 0.0, Sensitive),
        (0, 0.5, Sensitive),
        (100, 1.5, NeedsReview),
        (100, f64::NAN, NeedsReview),
    ] {
        assert_eq!(quantile_support(units, quantile, 10).finding, finding, "{quantile} of {units}");
    }
    // Percentiles of 1000 units: 10 k / 1000 below and 1000 - 10 k above, without rounding.
    for k in 0..=100_u64 {
        let verdict = quantile_support(1_000, k as f64 / 100.0, 10);
        assert_eq!(verdict.margin, Some((10 * k).min(1_000 - 10 * k) as f64 - 10.0), "percentile {k}");
    }
    assert_eq!(extreme_value(Extreme::OfUnits(1), 10).finding, Sensitive);
    assert_eq!(extreme_value(Extreme::OfUnits(10), 10).finding, Safe);
    assert_eq!(extreme_value(Extreme::ClassBound, 10).finding, Safe);
    assert_eq!(all_values_equal(&[3.0, 3.0, 3.0]).finding, NeedsReview);
    assert_eq!(all_values_equal(&[3.0, 3.0, 3.1]).finding, Safe);
    assert_eq!(all_values_equal(&[3.0]).finding, NeedsReview);
}

#[test]
fn nested_populations_may_not_differ_by_few() {
    assert_eq!(of(differencing(109, 100, 10)), (Sensitive, Some(-1.0)));
    assert_eq!(of(differencing(110, 100, 10)), (Safe, Some(0.0)));
    assert_eq!(differencing(100, 100, 10).finding, Safe);
    assert_eq!(differencing(99, 100, 10).finding, NeedsReview);
}

#[test]
fn the_most_serious_verdict_comes_first() {
    let safe = minimum_units(11, 10, ZeroCells::Safe);
    let review = differencing(1, 2, 10);
    let sensitive = minimum_units(9, 10, ZeroCells::Safe);
    let worse = minimum_units(2, 10, ZeroCells::Safe);
    assert_eq!(Verdict::worst([safe, review]), Some(review));
    assert_eq!(Verdict::worst([sensitive, review, worse, safe]), Some(worse));
    assert_eq!(Verdict::worst([]), None);
}

#[test]
fn a_percentage_of_a_known_base_tells_counts() {
    // One in 200 is half a per cent: with no decimals that is 1 %, as 2 of 200 is.
    assert_eq!(counts_behind_percentage(200, 2, 0), Some([1, 2]));
    assert_eq!(counts_behind_percentage(200, 0, 0), Some([0, 0]));
    assert_eq!(counts_behind_percentage(200, 200, 0), Some([199, 200]));
    assert_eq!(counts_behind_percentage(0, 0, 1), None);
    assert_eq!(counts_behind_percentage(3, 4, 1), None);
    assert_eq!(counts_behind_percentage(u64::MAX, u64::MAX - 1, u32::MAX), Some([u64::MAX - 1; 2]));
    // A hundredth of a per cent of 2^64 - 1, halved: 922337203685477.58 people on either side of all.
    assert_eq!(
        counts_behind_percentage(u64::MAX, u64::MAX, 2).map(|[least, _]| u64::MAX - least),
        Some(922_337_203_685_477)
    );
}

proptest! {
    #[test]
    fn counts_behind_a_percentage_are_those_that_round_to_it(units in 1_u64..1_500, events in 0_u64..1_500, decimals in 0_u32..4) {
        let events = events % (units + 1);
        // Twice the percentage in steps, and half a step more: whole division rounds halves upwards.
        let shown = |count: u64| (2 * count * 10_u64.pow(decimals + 2) + units) / (2 * units);
        let alike: Vec<u64> = (0..=units).filter(|count| shown(*count) == shown(events)).collect();
        prop_assert_eq!(counts_behind_percentage(units, events, decimals), Some([alike[0], alike[alike.len() - 1]]));
    }

    #[test]
    fn a_higher_bound_never_makes_a_number_safe(units in 0_u64..200, events in 0_u64..200, least in 1_u64..50, more in 0_u64..50) {
        let both = [
            (minimum_units(units, least, ZeroCells::Safe), minimum_units(units, least + more, ZeroCells::Safe)),
            (proportion_both_sides(units, events, least), proportion_both_sides(units, events, least + more)),
            (differencing(units, events, least), differencing(units, events, least + more)),
            (quantile_support(units, 0.3, least), quantile_support(units, 0.3, least + more)),
        ];
        for (lower, higher) in both {
            prop_assert!(lower.finding <= higher.finding);
        }
    }

    #[test]
    fn the_order_and_the_unit_of_contributions_do_not_matter(
        mut values in prop::collection::vec(0_u32..1_000, 1..20), p in 1_u32..100, cut in 0_usize..20
    ) {
        let judge = |values: &[u32], unit: f64| {
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value) * unit).collect();
            let rule = Dominance { largest: 2, share: 0.85, comparison: Comparison::Above };
            (p_percent(&values, f64::from(p)).finding, nk_dominance(&values, rule).finding)
        };
        let before = judge(&values, 1.0);
        let middle = cut % values.len();
        values.rotate_left(middle);
        prop_assert_eq!(before, judge(&values, 1.0));
        prop_assert_eq!(before, judge(&values, 64.0));
    }
}
