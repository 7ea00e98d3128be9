//! Indices as values: their errors against the reference vectors and against differences, the partial order.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are values that are exact")]

mod common;

use common::{Lcg, close};
use erflijn_core::{Clusters, CoreError, SamplingPlan, SurveyDesign, Weights};
use erflijn_mobility::matrix::*;
use erflijn_mobility::{MobilityError, shorrocks_trace_estimate};
use erflijn_transition::{
    CellCovariance, DIFFERENCE_STEP, EmptyRows, SamplingUnits, TableBootstrap, TransitionCounts,
};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Gradients of the vectors agree with differences to about 1e-9.
const VECTOR: f64 = 1e-9;
/// Richardson's differences with a step of a thousandth.
const DIFFERENCES: f64 = 1e-6;

/// British occupational status, R `datasets::occupationalStatus`.
fn occupations() -> TransitionCounts {
    let cells = array![
        [50.0, 19.0, 26.0, 8.0, 7.0, 11.0, 6.0, 2.0],
        [16.0, 40.0, 34.0, 18.0, 11.0, 20.0, 8.0, 3.0],
        [12.0, 35.0, 65.0, 66.0, 35.0, 88.0, 23.0, 21.0],
        [11.0, 20.0, 58.0, 110.0, 40.0, 183.0, 64.0, 32.0],
        [2.0, 8.0, 12.0, 23.0, 25.0, 46.0, 28.0, 12.0],
        [12.0, 28.0, 102.0, 162.0, 90.0, 554.0, 230.0, 177.0],
        [0.0, 6.0, 19.0, 40.0, 21.0, 158.0, 143.0, 71.0],
        [0.0, 3.0, 14.0, 32.0, 15.0, 126.0, 91.0, 106.0],
    ];
    TransitionCounts::from_cells(cells).unwrap()
}

fn index(text: &str) -> MatrixIndex {
    text.parse().unwrap()
}

#[test]
fn errors_equal_the_reference_vectors() {
    // vectors/mobility_inference.json, first case: independent multinomial rows; the last two joint multinomial.
    let cells = CellCovariance::multinomial(&occupations()).unwrap();
    for (name, value, error) in [
        ("shorrocks_trace", 0.8271048632590332, 0.011004315573968922),
        ("determinant", 0.9999995585895285, 3.927953364703787e-07),
        ("second_eigenvalue", 0.49516742685187043, 0.023245307629246446),
        ("bartholomew_immobility(uniform)", 0.8271048632590331, 0.011004315573968922),
        ("bartholomew_distance(uniform)", 0.21719402696884513, 0.0047564028617332705),
        ("bartholomew_distance(observed)", 0.1957036674017806, 0.003126653318264963),
        ("share_immobile", 0.3124642652944539, 0.00783678466493972),
    ] {
        let found = index(name).estimate(&cells).unwrap();
        close(found.value, value, VECTOR);
        close(found.standard_error, error, VECTOR);
    }
}

const ALL: [&str; 20] = [
    "shorrocks_trace",
    "determinant",
    "determinant_root",
    "second_eigenvalue",
    "bartholomew_immobility(observed)",
    "bartholomew_immobility(uniform)",
    "bartholomew_distance(observed)",
    "bartholomew_distance(steady_state)",
    "bartholomew_immobility(steady_state)",
    "bartholomew_distance(0.2, 0.3, 0.5)",
    "conditional_leaving(1)",
    "weighted_group_mobility",
    "average_jump",
    "share_moving",
    "upward_share",
    "downward_share",
    "bottom_persistence",
    "top_persistence",
    "top_given_bottom",
    "bottom_given_top",
];

#[test]
fn gradients_equal_differences_whatever_the_design() {
    let parent = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 1, 2, 1_u8];
    let child = [0, 0, 1, 2, 0, 1, 1, 2, 2, 2, 1, 0, 0, 1, 2, 1_u8];
    let family = [1, 1, 2, 3, 4, 4, 5, 2, 6, 6, 7, 8, 8, 3, 1, 5];
    let weight = [1.0, 2.0, 1.5, 1.0, 3.0, 1.0, 1.0, 2.5, 1.0, 0.5, 2.0, 1.0, 0.0, 1.0, 1.0, 2.0];
    let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
    let design = SurveyDesign::new(16, Weights::Probability(&weight), plan).unwrap();
    let cells = CellCovariance::of_design(&parent, &child, 3, &design).unwrap();
    for name in ALL {
        let (index, text) = (index(name), name);
        assert_eq!(index.to_string(), text);
        let found = index.estimate(&cells).unwrap();
        let twin = cells.delta_by_differences(DIFFERENCE_STEP, |table| index.value(table)).unwrap();
        close(found.value, twin.value, 1e-12);
        close(found.standard_error, twin.standard_error, DIFFERENCES);
        let (low, high) = index.range(3);
        assert!((low..=high).contains(&found.value) && found.standard_error > 0.0, "{name}");
    }
}

#[test]
fn known_rows_or_drawn_rows_make_no_difference_to_a_function_of_the_matrix() {
    let counts = occupations();
    let drawn = index("shorrocks_trace").estimate(&CellCovariance::multinomial(&counts).unwrap()).unwrap();
    let known = shorrocks_trace_estimate(&counts).unwrap();
    close(drawn.standard_error, known.standard_error, 1e-11);
}

#[test]
fn extremes_have_the_stated_values() {
    let nobody = TransitionCounts::from_cells(Array2::from_diag(&array![5.0, 7.0, 9.0])).unwrap();
    let equal =
        TransitionCounts::from_cells(array![[2.0, 3.0, 5.0], [4.0, 6.0, 10.0], [2.0, 3.0, 5.0]]).unwrap();
    for (name, still, forgotten) in [
        ("shorrocks_trace", 0.0, Some(1.0)),
        ("determinant", 0.0, Some(1.0)),
        ("determinant_root", 0.0, None),
        ("second_eigenvalue", 0.0, Some(1.0)),
        ("bartholomew_immobility(uniform)", 0.0, Some(1.0)),
        ("bartholomew_distance(observed)", 0.0, None),
        ("weighted_group_mobility", 0.0, Some(1.0)),
        ("average_jump", 0.0, None),
        ("share_moving", 0.0, None),
        ("share_immobile", 1.0, None),
        ("bottom_persistence", 1.0, Some(0.2)),
        ("top_given_bottom", 0.0, Some(0.5)),
        ("bottom_given_top", 0.0, Some(0.2)),
    ] {
        assert!((index(name).value(&nobody).unwrap() - still).abs() < 1e-12, "{name}");
        if let Some(forgotten) = forgotten {
            let found = index(name).value(&equal).unwrap();
            assert!((found - forgotten).abs() < 1e-7, "{name}: {found}");
        }
    }
    // Where the derivative does not exist the error is refused, not invented.
    for name in ["determinant", "determinant_root", "second_eigenvalue"] {
        assert!(
            matches!(index(name).gradient(&equal), Err(MobilityError::NotDifferentiable { .. })),
            "{name}"
        );
    }
}

#[test]
fn unknown_names_are_told_with_those_that_are_known() {
    for text in [
        "",
        "magic",
        "shorrocks_trace(1)",
        "bartholomew_distance",
        "bartholomew_distance(far)",
        "conditional_leaving",
        "conditional_leaving(-1)",
        "bartholomew_distance(uniform",
    ] {
        let refused = text.parse::<MatrixIndex>();
        let Err(MobilityError::UnknownIndex { found, .. }) = &refused else { panic!("{text}: {refused:?}") };
        assert_eq!(found, text);
    }
    let two = TransitionCounts::from_cells(array![[1.0, 1.0], [1.0, 1.0]]).unwrap();
    assert!(matches!(
        index("conditional_leaving(2)").value(&two),
        Err(MobilityError::NoSuchClass { found: 2, classes: 2 })
    ));
    let wrong = index("bartholomew_distance(0.5, 0.6)").value(&two);
    assert!(matches!(wrong, Err(MobilityError::OriginSum { .. })));
    let apart = TransitionCounts::from_cells(array![[1.0, 0.0], [0.0, 1.0]]).unwrap();
    let several = index("bartholomew_distance(steady_state)").value(&apart);
    assert!(matches!(several, Err(MobilityError::Core(CoreError::NotDefinedFor { .. }))));
    let all_low = TransitionCounts::from_cells(array![[1.0, 0.0], [1.0, 0.0]]).unwrap();
    assert!(index("weighted_group_mobility").value(&all_low).is_err());
    let empty = TransitionCounts::from_cells(array![[1.0, 0.0], [0.0, 0.0]]).unwrap();
    assert!(index("shorrocks_trace").gradient(&empty).is_err());
    assert!(index("bottom_persistence").gradient(&empty).is_ok());
}

#[test]
fn one_class_has_no_mobility() {
    let one = TransitionCounts::from_cells(array![[7.0]]).unwrap();
    let cells = CellCovariance::multinomial(&one).unwrap();
    let names = ALL.iter().filter(|name| !name.contains(['(', ',']));
    for name in
        names.chain(["bartholomew_distance(observed)", "conditional_leaving(0)", "share_immobile"].iter())
    {
        let refused = [index(name).value(&one), index(name).estimate(&cells).map(|estimate| estimate.value)];
        for refused in refused {
            assert_eq!(refused, Err(MobilityError::TooFewClasses { found: 1 }), "{name}");
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn a_configuration_file_names_indices() {
    let list: Vec<MatrixIndex> =
        serde_json::from_str(r#"["shorrocks_trace", "bartholomew_distance( uniform )"]"#).unwrap();
    assert_eq!(list[1], MatrixIndex::BartholomewDistance(Origin::Uniform));
    assert_eq!(serde_json::to_string(&list[1]).unwrap(), r#""bartholomew_distance(uniform)""#);
    let refused = serde_json::from_str::<MatrixIndex>(r#""gini""#).unwrap_err().to_string();
    assert!(refused.contains("index is \"gini\", expected one of shorrocks_trace"), "{refused}");
}

#[test]
fn flows_worked_by_hand_and_their_order() {
    let rigid =
        TransitionCounts::from_cells(array![[8.0, 2.0, 0.0], [2.0, 6.0, 2.0], [0.0, 2.0, 8.0]]).unwrap();
    let loose =
        TransitionCounts::from_cells(array![[4.0, 3.0, 3.0], [3.0, 4.0, 3.0], [3.0, 3.0, 4.0]]).unwrap();
    let flows = cumulative_flows(&rigid, &Origin::Uniform).unwrap() * 30.0;
    let expected = array![[8.0, 10.0, 10.0], [10.0, 18.0, 20.0], [10.0, 20.0, 30.0]];
    assert!(flows.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12));
    let compare =
        |a: &TransitionCounts, b: &TransitionCounts| dardanoni_order(a, b, &Origin::Uniform).unwrap();
    assert_eq!(compare(&rigid, &loose), MobilityOrder::SecondMoreMobile);
    assert_eq!(compare(&loose, &rigid), MobilityOrder::FirstMoreMobile);
    assert_eq!(compare(&rigid, &rigid), MobilityOrder::Same);
    // Less persistence at the bottom, more at the top: neither.
    let mixed =
        TransitionCounts::from_cells(array![[6.0, 4.0, 0.0], [4.0, 5.0, 1.0], [0.0, 1.0, 9.0]]).unwrap();
    assert_eq!(compare(&rigid, &mixed), MobilityOrder::Incomparable);
}

#[test]
fn the_test_of_the_order_keeps_its_level_and_finds_what_is_there() {
    let bootstrap = |seed| TableBootstrap::new(199, seed);
    let draw = |cells: Array2<f64>, seed| {
        // One sample of the table's own size.
        let whole = TransitionCounts::from_cells(cells).unwrap();
        let sample = TableBootstrap::new(2, seed).tables(&whole).unwrap().tables()[0].clone();
        bootstrap(seed + 1).tables(&sample).unwrap()
    };
    let rigid = array![[160.0, 40.0], [40.0, 160.0]];
    let loose = array![[120.0, 80.0], [80.0, 120.0]];
    let test = dardanoni_test(&draw(rigid.clone(), 1), &draw(loose, 5), &Origin::Uniform).unwrap();
    assert_eq!(test.verdict(0.05), MobilityOrder::SecondMoreMobile);
    assert!(test.p_first_above <= 0.01 && test.p_second_above > 0.5, "{test:?}");
    // Two samples of one table: a rejection at 5 percent in about 5 of 100.
    let rejections = (0..200)
        .filter(|run| {
            let (first, second) = (draw(rigid.clone(), 100 + 4 * run), draw(rigid.clone(), 5_000 + 4 * run));
            dardanoni_test(&first, &second, &Origin::Uniform).unwrap().verdict(0.1) != MobilityOrder::Same
        })
        .count();
    // Binomial of 200 at 0.1: three standard errors are 12.7.
    assert!((7..=33).contains(&rejections), "{rejections}");
    let short = TableBootstrap::new(3, 1).tables(&occupations()).unwrap();
    assert!(matches!(
        dardanoni_test(&short, &draw(rigid, 9), &Origin::Uniform),
        Err(MobilityError::Number { name: "replicates", .. })
    ));
}

#[test]
fn intervals_of_weighted_families_cover_the_truth() {
    // Families of three who share the chance of a class: parents' class c, children draw class c with 0.55.
    let (families, runs) = (250, 300);
    let mut covered = [0, 0];
    for run in 0..runs {
        let mut random = Lcg(7_919 * (run + 1));
        let (mut parent, mut child, mut family, mut weight) = (vec![], vec![], vec![], vec![]);
        for number in 0..families {
            let class = (random.uniform() * 3.0) as u8;
            let mood = random.uniform();
            for _ in 0..3 {
                // Half the time the family's own draw decides, so that brothers resemble each other.
                let draw = if random.uniform() < 0.5 { mood } else { random.uniform() };
                let steps = if draw < 0.55 { 0 } else { 1 + u8::from(draw >= 0.775) };
                parent.push(class);
                child.push((class + steps) % 3);
                family.push(number);
                weight.push(0.5 + random.uniform());
            }
        }
        let plan = SamplingPlan { clusters: Clusters::Unique(&family), ..SamplingPlan::default() };
        for (covered, plan) in covered.iter_mut().zip([plan, SamplingPlan::default()]) {
            let design = SurveyDesign::new(parent.len(), Weights::Probability(&weight), plan).unwrap();
            let cells = CellCovariance::of_design(&parent, &child, 3, &design).unwrap();
            let interval = index("shorrocks_trace").estimate(&cells).unwrap().interval(0.95).unwrap();
            *covered += usize::from(interval.low <= 0.675 && 0.675 <= interval.high);
        }
    }
    // 300 runs at 95 percent: standard error 1.26 points; children taken as independent miss too often.
    assert!((274..=296).contains(&covered[0]), "{covered:?}");
    assert!(covered[1] < covered[0] - 10, "{covered:?}");
}

proptest! {
    #[test]
    fn swapping_generations_swaps_directions(cells in prop::collection::vec(1u8..20, 9)) {
        let cells = Array2::from_shape_fn((3, 3), |(i, j)| f64::from(cells[3 * i + j]));
        let counts = TransitionCounts::from_cells(cells.clone()).unwrap();
        let swapped = TransitionCounts::from_cells(cells.t().to_owned()).unwrap();
        let value = |name: &str, of: &TransitionCounts| index(name).value(of).unwrap();
        prop_assert_eq!(value("upward_share", &counts), value("downward_share", &swapped));
        prop_assert_eq!(value("share_moving", &counts), value("share_moving", &swapped));
        prop_assert!((value("average_jump", &counts) - value("average_jump", &swapped)).abs() < 1e-12);
        let sum = value("upward_share", &counts) + value("downward_share", &counts) + value("share_immobile", &counts);
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }
}

#[test]
fn families_can_be_drawn_whole() {
    let units = SamplingUnits::clusters(&[1, 1, 2, 2], &[0, 0, 1, 1_u8], &[0, 1, 1, 1_u8], Weights::Equal, 2)
        .unwrap();
    let drawn = TableBootstrap::new(50, 3).tables_of_units(&units).unwrap();
    // A replicate without one of the two families has an empty class of parents, and says so.
    assert!(dardanoni_test(&drawn, &drawn, &Origin::Observed).is_err());
    assert!(units.table().unwrap().matrix(EmptyRows::Refuse).is_ok());
}
