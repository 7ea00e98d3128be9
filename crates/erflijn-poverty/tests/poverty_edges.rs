//! Tables worked by hand, and the samples at the edge of what can be measured.

#![allow(clippy::unwrap_used, reason = "samples of these tests are sound")]
#![allow(clippy::float_cmp, reason = "small whole numbers, their halves and quarters are exact")]

use erflijn_core::{CoreError, Weights};
use erflijn_poverty::{
    Boundary, Centre, CommonLine, PovertyError, PovertyMeasure, PovertyTally, Sample, TipCurve, decompose,
};

const FGT: fn(f64) -> PovertyMeasure = |alpha| PovertyMeasure::FosterGreerThorbecke { alpha };

const MEASURES: [PovertyMeasure; 8] = [
    PovertyMeasure::Headcount,
    PovertyMeasure::PovertyGap,
    PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 },
    PovertyMeasure::Watts,
    PovertyMeasure::Sen,
    PovertyMeasure::SenShorrocksThon,
    PovertyMeasure::IncomeGapRatio,
    PovertyMeasure::RelativeMedianGap,
];

fn line(euros: f64, boundary: Boundary) -> CommonLine {
    CommonLine::fixed(euros, boundary).unwrap()
}

fn strict(euros: f64) -> CommonLine {
    line(euros, Boundary::StrictlyBelow)
}

fn value(measure: PovertyMeasure, incomes: &[f64], line: &CommonLine) -> Result<f64, PovertyError> {
    measure.value(&Sample::new(incomes, Weights::Equal).unwrap(), line)
}

#[test]
fn five_persons_worked_by_hand() {
    // Line 8. Poor: 2, 4 and 4, with gaps 3/4, 1/2 and 1/2; not poor: 8 and 10.
    // Over three poor, pairs of gaps differ by 1/4 in 4 of 9 ordered pairs: D_p = 1/9.
    // Over all five: 2 pairs of 1/4; 3/4 with two zeros, 1/2 twice with two zeros: ordered sum
    // 2 (2/4 + 6/4 + 4/2) = 8, so D = 8/25.
    let incomes = [10.0, 4.0, 2.0, 8.0, 4.0];
    let of = |measure| value(measure, &incomes, &strict(8.0)).unwrap();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    close(of(PovertyMeasure::Headcount), 0.6);
    close(of(PovertyMeasure::PovertyGap), 1.75 / 5.0);
    close(of(FGT(2.0)), (9.0 / 16.0 + 0.5) / 5.0);
    close(of(PovertyMeasure::Watts), 4.0 * std::f64::consts::LN_2 / 5.0); // ln 4 + 2 ln 2
    close(of(PovertyMeasure::IncomeGapRatio), 1.75 / 3.0);
    close(of(PovertyMeasure::RelativeMedianGap), 0.5); // the median poor has 4
    close(of(PovertyMeasure::Sen), 0.35 + 0.6 / 18.0);
    close(of(PovertyMeasure::SenShorrocksThon), 0.35 + 4.0 / 25.0);
    // Shorrocks (1995): sum (2n - 2i + 1) g_i / n^2 with gaps 3/4, 1/2, 1/2, 0, 0.
    close(of(PovertyMeasure::SenShorrocksThon), (9.0 * 0.75 + 7.0 * 0.5 + 5.0 * 0.5) / 25.0);
}

#[test]
fn variables_of_four_persons_worked_by_hand() {
    // Weights 1, 1, 2; line 8; gaps 3/4, 1/4, 0. W = 4, W_p = 2, PG = 1/4, I = 1/2.
    let sample = Sample::new(&[2.0, 6.0, 9.0], Weights::Frequency(&[1, 1, 2])).unwrap();
    let of = |measure: PovertyMeasure| measure.linearised(&sample, &strict(8.0)).unwrap().variable;
    assert_eq!(of(PovertyMeasure::PovertyGap), [0.125, 0.0, -0.0625]);
    assert_eq!(of(PovertyMeasure::IncomeGapRatio), [0.125, -0.125, 0.0]);
    // Sen: d_k = 1/4 for both poor, D_p / 2 = 1/8, S = 1/4 + 1/2 * 1/8 = 5/16.
    assert_eq!(of(PovertyMeasure::Sen), [0.140_625, 0.015_625, -0.078_125]);
}

#[test]
fn income_at_the_line_has_no_gap() {
    let incomes = [8.0, 4.0, 20.0, 8.0];
    let weak = line(8.0, Boundary::AtOrBelow);
    let both = |measure| {
        let of = |line: &CommonLine| value(measure, &incomes, line).unwrap();
        (of(&strict(8.0)), of(&weak))
    };
    assert_eq!(both(PovertyMeasure::Headcount), (0.25, 0.75));
    assert_eq!(both(FGT(0.0)), (0.25, 0.75));
    assert_eq!(both(PovertyMeasure::IncomeGapRatio), (0.5, 0.5 / 3.0));
    assert_eq!(both(PovertyMeasure::RelativeMedianGap), (0.5, 0.0));
    for measure in [
        PovertyMeasure::PovertyGap,
        FGT(0.5),
        FGT(2.0),
        PovertyMeasure::Watts,
        PovertyMeasure::SenShorrocksThon,
    ] {
        let (strict, weak) = both(measure);
        assert_eq!(strict, weak, "{measure:?}");
    }
}

#[test]
fn nobody_poor_is_no_poverty() {
    let sample = Sample::new(&[9.0, 10.0], Weights::Equal).unwrap();
    for measure in &MEASURES[..6] {
        let linearised = measure.linearised(&sample, &strict(8.0)).unwrap();
        assert_eq!(linearised.value, 0.0);
        assert!(linearised.variable.iter().all(|own| *own == 0.0), "{measure:?}");
    }
    for measure in &MEASURES[6..] {
        let refused =
            [measure.value(&sample, &strict(8.0)).err(), measure.linearised(&sample, &strict(8.0)).err()];
        for error in refused {
            assert!(matches!(error, Some(PovertyError::Undefined { .. })));
        }
    }
    assert_eq!(TipCurve::new(&sample, &strict(8.0)).unwrap().corners(), [(0.0, 0.0), (1.0, 0.0)]);
    let split = decompose(PovertyMeasure::Headcount, &sample, &strict(8.0), &[0, 0], 1).unwrap();
    assert_eq!((split.total, split.groups[0].value), (0.0, Some(0.0)));
    assert_eq!((split.groups[0].share_of_total, split.groups[0].relative_risk), (None, None));
}

#[test]
fn one_person_and_equal_persons() {
    for incomes in [&[4.0][..], &[4.0; 5]] {
        for (measure, expected) in MEASURES.iter().zip([1.0, 0.5, 0.25, 2.0_f64.ln(), 0.5, 0.5, 0.5, 0.5]) {
            assert_eq!(value(*measure, incomes, &strict(8.0)).unwrap(), expected, "{measure:?}");
        }
        let sample = Sample::new(incomes, Weights::Equal).unwrap();
        // Without spread there is no density: the error of a median has no value, all others are 0.
        for measure in &MEASURES[..7] {
            let variable = measure.linearised(&sample, &strict(8.0)).unwrap().variable;
            assert!(variable.iter().all(|own| own.abs() < 1e-16), "{measure:?}");
        }
        let of_median = PovertyMeasure::RelativeMedianGap.linearised(&sample, &strict(8.0));
        assert!(matches!(of_median, Err(PovertyError::Undefined { .. })));
        for centre in [Centre::Median, Centre::Mean] {
            let relative = CommonLine::relative(&sample, 0.6, centre, Boundary::StrictlyBelow).unwrap();
            assert_eq!(PovertyMeasure::Headcount.value(&sample, &relative).unwrap(), 0.0);
            let error = PovertyMeasure::Headcount.linearised(&sample, &relative);
            assert!(matches!(error, Err(PovertyError::Undefined { .. })));
        }
    }
}

#[test]
fn incomes_of_zero_and_below_have_gaps_of_one_and_above() {
    let of = |measure, incomes: &[f64]| value(measure, incomes, &strict(8.0));
    for measure in
        [PovertyMeasure::Headcount, FGT(2.0), PovertyMeasure::Sen, PovertyMeasure::SenShorrocksThon]
    {
        assert_eq!(of(measure, &[0.0; 3]).unwrap(), 1.0);
    }
    assert_eq!(of(PovertyMeasure::PovertyGap, &[-8.0, 8.0]).unwrap(), 1.0);
    assert_eq!(of(FGT(2.0), &[-8.0, 8.0]).unwrap(), 2.0);
    assert_eq!(of(PovertyMeasure::IncomeGapRatio, &[-8.0, 8.0]).unwrap(), 2.0);
    // Incomes of the poor sum to 0, so that their Gini coefficient does not exist; Sen's measure does:
    // gaps 2 and 0.5 and 0.5, D_p = 4/9 * 1.5 = 2/3, all poor: 1 + 1/3.
    let sen = of(PovertyMeasure::Sen, &[-8.0, 4.0, 4.0]).unwrap();
    assert!((sen - 4.0 / 3.0).abs() < 1e-15);
    for poor in [0.0, -1.0] {
        let refused = of(PovertyMeasure::Watts, &[20.0, poor]);
        assert_eq!(
            refused,
            Err(PovertyError::Income {
                index: 1,
                found: poor,
                measure: "the Watts measure",
                expected: "above 0 among the poor"
            })
        );
    }
    // Outside the domain nobody's income matters.
    let whole = Sample::new(&[4.0, -1.0], Weights::Equal).unwrap();
    let domain = whole.domain(&[true, false]).unwrap();
    assert_eq!(PovertyMeasure::Watts.value(&domain, &strict(8.0)).unwrap(), 2.0_f64.ln());
}

#[test]
fn alphas_outside_their_range_are_refused() {
    for alpha in [-0.5, f64::NAN, f64::INFINITY] {
        let refused = value(FGT(alpha), &[1.0], &strict(8.0));
        assert!(matches!(refused, Err(PovertyError::Parameter { name: "alpha", .. })));
    }
}

#[test]
fn a_line_belongs_to_the_sample_it_was_estimated_on() {
    let other = Sample::new(&[1.0, 2.0, 3.0], Weights::Equal).unwrap();
    let line = CommonLine::relative(&other, 0.6, Centre::Median, Boundary::StrictlyBelow).unwrap();
    let sample = Sample::new(&[1.0, 2.0], Weights::Equal).unwrap();
    let refused = PovertyMeasure::Headcount.linearised(&sample, &line);
    assert!(matches!(refused, Err(PovertyError::Core(CoreError::Length { found: 3, expected: 2, .. }))));
    assert!(PovertyMeasure::Headcount.value(&sample, &line).is_ok());
}

#[test]
fn everybody_outside_the_domain_counts_in_an_estimated_line() {
    let incomes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let whole = Sample::new(&incomes, Weights::Equal).unwrap();
    let domain = whole.domain(&[true, true, true, false, false, false]).unwrap();
    let estimated = CommonLine::relative(&whole, 0.6, Centre::Mean, Boundary::StrictlyBelow).unwrap();
    let gap = PovertyMeasure::PovertyGap;
    let known = gap.linearised(&domain, &strict(estimated.euros())).unwrap().variable;
    let counted = gap.linearised(&domain, &estimated).unwrap().variable;
    assert!(known[3..].iter().all(|own| *own == 0.0));
    // z = 2.1; dPG/dz = (1 + 2) / 2.1^2 / 3; the sixth person moves the line by 0.6 (6 - 3.5) / 6.
    let expected = 3.0 / (2.1 * 2.1) / 3.0 * 0.6 * 2.5 / 6.0;
    assert!((counted[5] - expected).abs() < 1e-15);
}

#[test]
fn groups_and_measures_that_do_not_decompose_are_refused() {
    let sample = Sample::new(&[1.0, 2.0], Weights::Equal).unwrap();
    for measure in [PovertyMeasure::Sen, PovertyMeasure::SenShorrocksThon, PovertyMeasure::RelativeMedianGap]
    {
        let refused = decompose(measure, &sample, &strict(8.0), &[0, 1], 2);
        assert!(matches!(refused, Err(PovertyError::NotAdditive { .. })));
    }
    let short = decompose(PovertyMeasure::Headcount, &sample, &strict(8.0), &[0], 2);
    assert!(matches!(short, Err(PovertyError::Core(CoreError::Length { name: "groups", .. }))));
    let unknown = decompose(PovertyMeasure::Headcount, &sample, &strict(8.0), &[0, 2], 2);
    assert!(matches!(unknown, Err(PovertyError::Group { .. })));
}

#[test]
fn a_tally_keeps_what_it_had_when_a_part_cannot_be_used() {
    let mut tally = PovertyTally::new(&strict(8.0));
    assert!(matches!(tally.finish(), Err(PovertyError::Core(CoreError::EmptySample))));
    tally.update(&[4.0, 8.0], Weights::Frequency(&[3, 0])).unwrap();
    let before = tally.clone();
    let mut incomes = vec![1.0; 3000];
    incomes[2500] = f64::NAN;
    let refused = tally.update(&incomes, Weights::Equal);
    assert!(matches!(refused, Err(PovertyError::Core(CoreError::NotFinite { index: 2500, .. }))));
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = tally.update(&[1.0, 1.0], Weights::Probability(&[1.0, weight]));
        assert!(matches!(refused, Err(PovertyError::Core(CoreError::Weight { index: 1, .. }))));
    }
    let short = tally.update(&[1.0], Weights::Frequency(&[1, 1]));
    assert!(matches!(short, Err(PovertyError::Core(CoreError::Length { .. }))));
    assert_eq!(tally, before);
    let result = tally.finish().unwrap();
    assert_eq!((result.observations, result.observations_poor, result.poor), (1, 1, 3.0));
    let others = [PovertyTally::new(&strict(9.0)), PovertyTally::new(&line(8.0, Boundary::AtOrBelow))];
    for other in others {
        assert!(matches!(tally.merge(&other), Err(PovertyError::DifferentLine { .. })));
    }
}

#[test]
fn tallies_of_whole_weights_are_exact_in_any_order() {
    let incomes: Vec<f64> = (0..5000).map(|k| f64::from(k % 16)).collect();
    let weights: Vec<u32> = (0..5000).map(|k| k % 4).collect();
    let line = line(8.0, Boundary::AtOrBelow);
    let part = |range: std::ops::Range<usize>| {
        let mut tally = PovertyTally::new(&line);
        tally.update(&incomes[range.clone()], Weights::Frequency(&weights[range])).unwrap();
        tally
    };
    let (mut forward, mut backward) = (part(0..1234), part(1234..5000));
    let whole = part(0..5000);
    forward.merge(&part(1234..5000)).unwrap();
    backward.merge(&part(0..1234)).unwrap();
    assert_eq!(forward, whole);
    assert_eq!(backward, whole);
}

#[test]
fn a_curve_is_asked_within_its_ends() {
    let sample = Sample::new(&[4.0, 8.0], Weights::Equal).unwrap();
    let curve = TipCurve::new(&sample, &strict(8.0)).unwrap();
    for (share, height) in [(0.0, 0.0), (0.25, 0.125), (0.5, 0.25), (0.75, 0.25), (1.0, 0.25)] {
        assert_eq!(curve.at(share).unwrap(), height);
    }
    for share in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(curve.at(share), Err(PovertyError::Core(CoreError::OutOfRange { .. }))));
    }
}

#[test]
fn messages_say_what_was_found_and_expected() {
    let told = [
        PovertyError::NotAdditive { measure: "the Sen measure" },
        PovertyError::Line { found: -1.0 },
        PovertyError::DifferentLine {
            found: 9.0,
            found_boundary: Boundary::AtOrBelow,
            expected: 8.0,
            expected_boundary: Boundary::StrictlyBelow,
        },
    ]
    .map(|error| error.to_string());
    assert_eq!(
        told,
        [
            "the Sen measure does not decompose into groups, expected a headcount, gap or Watts measure",
            "poverty line is -1, expected a finite number above 0",
            "tally is against the line 9 (AtOrBelow), expected 8 (StrictlyBelow)",
        ]
    );
}

#[test]
fn ten_million_equal_incomes_have_the_measure_of_one() {
    // Nine against a line of ten: a gap of 0.1, severity 0.01, ln(10/9) = 0.10536051565782628 (17 digits).
    let incomes = vec![9.0; 10_000_000];
    let weights = vec![0.1; incomes.len()];
    for weights in [Weights::Equal, Weights::Probability(&weights)] {
        let sample = Sample::new(&incomes, weights).unwrap();
        let measured = |measure: PovertyMeasure| measure.value(&sample, &strict(10.0)).unwrap();
        for (measure, expected) in [
            (PovertyMeasure::PovertyGap, 0.1),
            (FGT(2.0), 0.01),
            (PovertyMeasure::Watts, 0.105_360_515_657_826_28),
            (PovertyMeasure::SenShorrocksThon, 0.1),
        ] {
            let error: f64 = measured(measure) / expected - 1.0;
            assert!(error.abs() < 1e-15, "{measure:?}: {error:e}");
        }
        let split = decompose(PovertyMeasure::PovertyGap, &sample, &strict(10.0), &vec![0; incomes.len()], 1);
        assert!((split.unwrap().groups[0].contribution / 0.1 - 1.0).abs() < 1e-15);
        let mean = CommonLine::relative(&sample, 1.0, Centre::Mean, Boundary::StrictlyBelow).unwrap();
        assert_eq!(mean.euros(), 9.0);
    }
    // The weights are the number nearest to 0.1, ten million times: 1_000_000 + 5.6e-11.
    assert_eq!(Sample::new(&incomes, Weights::Probability(&weights)).unwrap().total(), 1e6);
}

#[test]
fn measures_never_answer_infinity() {
    let incomes = [-1e300, 1e-300, 5.0];
    let sample = Sample::new(&incomes, Weights::Equal).unwrap();
    let tiny = strict(1e-300);
    for measure in
        [PovertyMeasure::PovertyGap, FGT(2.0), PovertyMeasure::Sen, PovertyMeasure::SenShorrocksThon]
    {
        let (value, linearised) = (measure.value(&sample, &tiny), measure.linearised(&sample, &tiny));
        assert!(matches!(value, Err(PovertyError::Undefined { .. })), "{measure:?}: {value:?}");
        assert!(matches!(linearised, Err(PovertyError::Undefined { .. })), "{measure:?}");
    }
    assert!(matches!(TipCurve::new(&sample, &tiny), Err(PovertyError::Undefined { .. })));
    let split = decompose(PovertyMeasure::PovertyGap, &sample, &tiny, &[0, 1, 1], 2);
    assert!(matches!(split, Err(PovertyError::Undefined { .. })));
    let mut tally = PovertyTally::new(&tiny);
    tally.update(&incomes, Weights::Equal).unwrap();
    assert!(matches!(tally.finish(), Err(PovertyError::Undefined { .. })));
    // ln(1e300 / 1e-300) = 600 ln 10, where the ratio is infinite.
    let watts = value(PovertyMeasure::Watts, &[1e-300], &strict(1e300)).unwrap();
    assert!((watts / (600.0 * std::f64::consts::LN_10) - 1.0).abs() < 1e-15);
}

#[test]
fn a_tally_has_the_same_shares_in_any_unit() {
    // Half of the line, and above it: gap 1/4, severity 1/8. Squares of 1e-200 and 1e200 are 0 and infinite.
    for unit in [5e-324, 1e-310, 1e-200, 3.0, 1e155, 1e200, 8e307] {
        let line = strict(2.0 * unit);
        let mut tally = PovertyTally::new(&line);
        tally.update(&[unit, 2.0 * unit], Weights::Equal).unwrap();
        let found = tally.finish().unwrap();
        assert_eq!((found.headcount, found.poverty_gap, found.severity), (0.5, 0.25, 0.125), "{unit:e}");
    }
}

#[test]
fn nobody_can_be_divided_into_no_groups() {
    let sample = Sample::new(&[1.0, 2.0], Weights::Equal).unwrap();
    let refused = decompose(PovertyMeasure::Headcount, &sample, &strict(8.0), &[0, 0], 0).unwrap_err();
    assert_eq!(refused.to_string(), "number of groups is 0, expected at least 1");
    let entropy = erflijn_poverty::decompose_entropy(&sample, 1.0, &[0, 0], 0);
    assert_eq!(entropy.unwrap_err(), refused);
}

#[test]
fn a_weight_of_zero_has_the_derivative_that_a_little_weight_has() {
    // The third and fourth weigh nothing; the derivative is the limit of that of a small weight.
    let incomes = [2.0, 6.0, 4.0, 9.0, 20.0, -1.0];
    let weights = |own: f64| [1.0, 2.0, own, own, 3.0, 5.0];
    let members = [true, true, true, true, true, false];
    for measure in MEASURES {
        let of = |own: f64| {
            let weights = weights(own);
            let sample = Sample::new(&incomes, Weights::Probability(&weights)).unwrap();
            let domain = sample.domain(&members).unwrap();
            measure.linearised(&domain, &strict(8.0)).unwrap().variable
        };
        let (nothing, little) = (of(0.0), of(1e-9));
        if measure != PovertyMeasure::RelativeMedianGap {
            for (index, (found, expected)) in nothing.iter().zip(&little).enumerate() {
                assert!((found - expected).abs() < 1e-8, "{measure:?} {index}: {found} {expected}");
            }
        }
        assert!(nothing[2] != 0.0 && nothing[5] == 0.0, "{measure:?}");
    }
    // What Watts cannot say of an income is left at 0 when it weighs nothing.
    let sample = Sample::new(&[2.0, -3.0], Weights::Probability(&[1.0, 0.0])).unwrap();
    assert_eq!(PovertyMeasure::Watts.linearised(&sample, &strict(8.0)).unwrap().variable[1], 0.0);
    // Nobody who weighs is poor: (g - 0) / W for the measure of Sen, with g = 3/4 and W = 1.
    let sample = Sample::new(&[20.0, 2.0], Weights::Probability(&[1.0, 0.0])).unwrap();
    assert_eq!(PovertyMeasure::Sen.linearised(&sample, &strict(8.0)).unwrap().variable[1], 0.75);
}
