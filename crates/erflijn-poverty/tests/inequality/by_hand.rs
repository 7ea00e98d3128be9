//! Tables worked by hand.

use erflijn_core::Weights;
use erflijn_poverty::{GiniPairs, QuintileLimits, Sample, atkinson, decompose_entropy, generalised_entropy};

use crate::measures::{gini_of, ratio_of};
use crate::people::assert_close;

#[test]
fn tables_worked_by_hand() {
    // Weights 2 and 1 on incomes 1 and 4: mean 2. Differences: 2 * 2 * 1 * 3 = 12 over all 9 pairs;
    // 12 / (2 * 9 * 2) = 1/3. Among the 6 pairs of different people: 12 / (2 * 6 * 2) = 1/2.
    let sample = Sample::new(&[4.0, 1.0], Weights::Frequency(&[1, 2])).unwrap();
    assert_close(gini_of(&sample, GiniPairs::All).unwrap(), 1.0 / 3.0, 1e-15, "all pairs");
    assert_close(gini_of(&sample, GiniPairs::Distinct).unwrap(), 0.5, 1e-15, "distinct pairs");
    // Variance (2 * 1 + 4) / 3 = 2, over mean squared 1/2, halved 1/4.
    assert_close(generalised_entropy(&sample, 2.0).unwrap(), 0.25, 1e-15, "half squared variation");
    // (2/3) ln 2 - (1/3) ln 2 = ln 2 / 3; and (2/3)(1/2)(-ln 2) + (1/3) 2 ln 2 = ln 2 / 3 as well.
    let third_of_log = std::f64::consts::LN_2 / 3.0;
    assert_close(generalised_entropy(&sample, 0.0).unwrap(), third_of_log, 1e-15, "order 0");
    assert_close(generalised_entropy(&sample, 1.0).unwrap(), third_of_log, 1e-15, "order 1");
    // Geometric mean 4^(1/3), harmonic mean 3 / (2 + 1/4) = 4/3, mean of roots 4/3 squared 16/9.
    assert_close(atkinson(&sample, 1.0).unwrap(), 1.0 - 4.0_f64.cbrt() / 2.0, 1e-15, "geometric");
    assert_close(atkinson(&sample, 2.0).unwrap(), 1.0 / 3.0, 1e-15, "harmonic");
    assert_close(atkinson(&sample, 0.5).unwrap(), 1.0 / 9.0, 1e-15, "roots");
    // A fifth of 3 people is 0.6: (0.6 * 4) / (0.6 * 1).
    assert_close(ratio_of(&sample, QuintileLimits::Fractional).unwrap(), 4.0, 1e-15, "fractional");
}

#[test]
fn ties_at_the_limit_stay_together_when_people_are_whole() {
    // Incomes 1, 1, 1, 2, 9: the first limit is 1, and all three at it are in the poorest "fifth".
    let sample = Sample::new(&[1.0, 1.0, 1.0, 2.0, 9.0], Weights::Equal).unwrap();
    assert_close(ratio_of(&sample, QuintileLimits::Whole).unwrap(), 3.0, 1e-15, "whole");
    assert_close(ratio_of(&sample, QuintileLimits::Fractional).unwrap(), 9.0, 1e-14, "fractional");
}

#[test]
fn a_decomposition_worked_by_hand() {
    // Groups {1, 3} and {6}: shares 2/3 and 1/3, means 2 and 6, overall 10/3, relative 3/5 and 9/5.
    // Order 2: inside the first 1/8, within 2/3 * 9/25 / 8 = 0.03; between (2/3 * 4/25 + 1/3 * 16/25) / 2 = 0.16.
    let sample = Sample::new(&[1.0, 6.0, 3.0], Weights::Equal).unwrap();
    let split = decompose_entropy(&sample, 2.0, &[0, 2, 0], 3).unwrap();
    assert_close(split.within, 0.03, 1e-14, "within");
    assert_close(split.between, 0.16, 1e-14, "between");
    let first = split.groups[0].unwrap();
    assert_close(first.income_share, 0.4, 1e-15, "income share");
    assert_close(first.mean, 2.0, 1e-15, "mean");
    assert!(split.groups[1].is_none());
    assert_eq!(split.groups[2].unwrap().inequality, 0.0);
}
