//! Association models against R `glm`, `gnm` and `survey` (`reference/class_tables.R`), by hand, and where they must refuse.
#![allow(clippy::float_cmp, reason = "counts, zeros and whole degrees of freedom are exact")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::MobilityError;
use erflijn_mobility::class_tables::{
    AcrossLayers, AssociationFit, AssociationModel, AssociationWeights, ClassTable, DiagonalReference,
    ParameterName, Pattern, Product, ScoreWeights, ZeroCells, altham_distance, altham_from_independence,
    fit_association, integer_scores, intrinsic_association, mean_absolute_odds_ratio, normalised_association,
};
use ndarray::{Array2, Array3, array, stack};
use proptest::prelude::*;

/// R iterates until the deviance changes by a share of 1e-10; quadratic convergence leaves less than this.
const LIKELIHOOD: f64 = 1e-9;
/// gnm stops where scores are below 1e-12 of their spread; products are flat around their maximum.
const PRODUCT: f64 = 1e-6;

/// The numbers that R wrote under a name.
fn reference(name: &str) -> Vec<f64> {
    let text = include_str!("reference/class_tables.txt");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

fn close(found: f64, expected: f64, share: f64) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-3), "{found} is not {expected}");
}

fn five() -> ClassTable {
    ClassTable::two_way(array![
        [48.0, 31.0, 17.0, 9.0, 0.0],
        [30.0, 95.0, 60.0, 41.0, 12.0],
        [19.0, 66.0, 120.0, 88.0, 31.0],
        [7.0, 37.0, 101.0, 160.0, 77.0],
        [4.0, 15.0, 36.0, 90.0, 104.0],
    ])
    .unwrap()
}

fn three_layers() -> ClassTable {
    let layers = [
        array![
            [60.0, 30.0, 12.0, 6.0],
            [28.0, 70.0, 35.0, 15.0],
            [14.0, 40.0, 80.0, 33.0],
            [5.0, 16.0, 36.0, 64.0]
        ],
        array![
            [31.0, 20.0, 11.0, 0.0],
            [18.0, 30.0, 22.0, 0.0],
            [9.0, 21.0, 33.0, 0.0],
            [6.0, 12.0, 20.0, 0.0]
        ],
        array![
            [90.0, 30.0, 8.0, 3.0],
            [33.0, 101.0, 29.0, 10.0],
            [10.0, 35.0, 120.0, 28.0],
            [2.0, 9.0, 30.0, 99.0]
        ],
    ];
    ClassTable::by_layer(stack(ndarray::Axis(0), &layers.each_ref().map(|layer| layer.view())).unwrap())
        .unwrap()
}

/// Deviance, degrees of freedom, Pearson, AIC and BIC as R has them.
fn same_fit(fit: &AssociationFit, name: &str, share: f64) {
    let [deviance, freedom, pearson, aic, bic] = reference(name).try_into().unwrap();
    close(fit.deviance(), deviance, share);
    assert_eq!(fit.degrees_of_freedom() as f64, freedom, "{name}");
    close(fit.pearson(), pearson, share);
    close(fit.aic(), aic, share);
    close(fit.bic_by_cells(), bic, share);
}

#[test]
fn log_linear_models_are_those_of_glm() {
    let table = five();
    let levels =
        array![[1, 2, 3, 4, 4], [2, 1, 2, 3, 4], [3, 2, 2, 2, 3], [4, 3, 2, 1, 2], [4, 4, 3, 2, 1_u32]];
    let models = [
        ("independence", AssociationModel::independence()),
        ("quasi_independence", AssociationModel::quasi_independence()),
        ("symmetry", AssociationModel::symmetry()),
        ("quasi_symmetry", AssociationModel::quasi_symmetry()),
        ("uniform", AssociationModel::uniform(5, 5)),
        ("quasi_uniform", AssociationModel::uniform(5, 5).with_diagonal()),
        ("row_effects", AssociationModel::row_effects(5)),
        ("column_effects", AssociationModel::column_effects(5)),
        ("row_and_column_effects", AssociationModel::row_and_column_effects(5, 5)),
        ("levels", AssociationModel::levels(levels.clone())),
    ];
    for (name, model) in models {
        same_fit(&fit_association(&table, &model).unwrap(), name, LIKELIHOOD);
    }
    for (name, model) in [
        ("uniform", AssociationModel::uniform(5, 5)),
        ("quasi_uniform", AssociationModel::uniform(5, 5).with_diagonal()),
    ] {
        let slope = fit_association(&table, &model)
            .unwrap()
            .parameter(ParameterName::Uniform { layer: None })
            .unwrap();
        let [value, error] = reference(&format!("{name}_slope")).try_into().unwrap();
        close(slope.value, value, LIKELIHOOD);
        close(slope.standard_error, error, LIKELIHOOD);
        assert_eq!(slope.method, StandardError::Information);
    }
    let fit = fit_association(&table, &AssociationModel::levels(levels)).unwrap();
    for (level, (value, error)) in
        (2..).zip(reference("level_values").into_iter().zip(reference("level_errors")))
    {
        let found = fit.parameter(ParameterName::Level { level, layer: None }).unwrap();
        close(found.value, value, LIKELIHOOD);
        close(found.standard_error, error, LIKELIHOOD);
    }
}

#[test]
fn products_are_those_of_gnm() {
    let table = five();
    let models = [
        ("rc", AssociationModel::rc()),
        ("quasi_rc", AssociationModel::rc().with_diagonal()),
        ("equal_scores_rc", AssociationModel::equal_scores_rc()),
        ("quasi_equal_scores_rc", AssociationModel::equal_scores_rc().with_diagonal()),
    ];
    for (name, model) in models {
        same_fit(&fit_association(&table, &model).unwrap(), name, PRODUCT);
    }
    let fit = fit_association(&table, &AssociationModel::rc()).unwrap();
    let scores = fit.rc_scores(ScoreWeights::Uniform).unwrap();
    let expected = reference("rc_origin").into_iter().zip(reference("rc_origin_errors"));
    for (score, (value, error)) in scores.origin.iter().zip(expected) {
        close(score.value, value, 1e-5);
        close(score.standard_error, error, 1e-4);
    }
    // Scores with mean square 1 leave the intrinsic association of the fitted table.
    for (weights, how) in [
        (ScoreWeights::Uniform, AssociationWeights::Uniform),
        (ScoreWeights::Marginal, AssociationWeights::Marginal),
    ] {
        let fitted = fit.fitted().index_axis(ndarray::Axis(0), 0).to_owned();
        let phi = intrinsic_association(&fitted, how, ZeroCells::Refuse).unwrap().value;
        close(fit.rc_scores(weights).unwrap().phi.value, phi, 1e-10);
    }
    assert!(fit.starts().unwrap().agreeing >= 2);
    let flat = array![[40.0, 22.0, 9.0], [35.0, 50.0, 31.0], [12.0, 44.0, 60.0], [5.0, 20.0, 71.0]];
    let flat = ClassTable::two_way(flat).unwrap();
    same_fit(&fit_association(&flat, &AssociationModel::rc()).unwrap(), "flat_rc", PRODUCT);
    same_fit(
        &fit_association(&flat, &AssociationModel::row_effects(3)).unwrap(),
        "flat_row_effects",
        LIKELIHOOD,
    );
}

#[test]
fn layers_with_an_empty_margin_are_those_of_glm_and_gnm_without_it() {
    let table = three_layers();
    let independence = fit_association(&table, &AssociationModel::independence()).unwrap();
    assert_eq!(independence.fitted_zeros(), 4);
    same_fit(&independence, "layers_independence", LIKELIHOOD);
    assert_eq!(independence.parameter(ParameterName::Destination { class: 3, layer: 1 }), None);
    let common = fit_association(&table, &AssociationModel::common_association()).unwrap();
    same_fit(&common, "layers_common", LIKELIHOOD);
    let uniform = AssociationModel::uniform(4, 4).differing_by_layer();
    same_fit(&fit_association(&table, &uniform).unwrap(), "layers_uniform_separate", LIKELIHOOD);
    let diagonal = AssociationModel::quasi_independence();
    same_fit(&fit_association(&table, &diagonal).unwrap(), "layers_diagonal_separate", LIKELIHOOD);
    let unidiff = fit_association(&table, &AssociationModel::unidiff()).unwrap();
    same_fit(&unidiff, "unidiff", PRODUCT);
    let multipliers = unidiff.log_multipliers().unwrap();
    let expected = reference("unidiff_log_phi").into_iter().zip(reference("unidiff_log_phi_errors"));
    for (found, (value, error)) in multipliers.iter().zip(expected) {
        close(found.unwrap().value, value, PRODUCT);
        close(found.unwrap().standard_error, error, PRODUCT);
    }
    let test = unidiff.against_nested(&common);
    assert_eq!(test.degrees_of_freedom, 2.0);
    close(test.statistic, reference("layers_common")[0] - reference("unidiff")[0], PRODUCT);
    let levels = Array2::from_shape_fn((4, 4), |(i, j)| i.abs_diff(j) as u32);
    for (name, pattern, diagonal) in [
        ("unidiff_levels", Pattern::Levels(levels), false),
        ("unidiff_row_effects_diagonal", Pattern::RowEffects { destination: integer_scores(4) }, true),
    ] {
        let product = Some(Product::LayerEffect(pattern));
        let model = AssociationModel { product, ..AssociationModel::independence() };
        let model = if diagonal { model.with_diagonal() } else { model };
        assert!(model.terms.iter().all(|term| term.layers == AcrossLayers::Separate));
        same_fit(&fit_association(&table, &model).unwrap(), name, PRODUCT);
    }
}

/// The persons of the R script: three to a family, the origin that of the first.
fn persons() -> (Vec<u32>, Vec<u32>, Vec<u32>, Vec<f64>) {
    let mut state = 1_u64;
    let mut draw = || {
        state = state * 16_807 % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    };
    let (mut family, mut origin, mut destination, mut weight) = (vec![], vec![], vec![], vec![]);
    for i in 0..600_u32 {
        family.push(i / 3);
        let own = if i % 3 == 0 { (3.0 * draw()) as u32 } else { origin[i as usize - 1] };
        origin.push(own);
        destination.push(if draw() < 0.4 { own } else { (3.0 * draw()) as u32 });
        weight.push(0.5 + 2.0 * draw());
    }
    (family, origin, destination, weight)
}

#[test]
fn weights_and_families_are_those_of_survey() {
    let (family, origin, destination, weight) = persons();
    for (kind, families) in [("weights", None), ("families", Some(family.as_slice()))] {
        let weights = Weights::Probability(&weight);
        let table = ClassTable::tally(&origin, &destination, None, [1, 3, 3], weights, families).unwrap();
        let fit = fit_association(&table, &AssociationModel::independence()).unwrap();
        let [deviance, effect] = reference(&format!("{kind}_independence")).try_into().unwrap();
        close(fit.deviance(), deviance, LIKELIHOOD);
        close(fit.adjusted_test().unwrap().statistic, deviance / effect, LIKELIHOOD);
        let fit = fit_association(&table, &AssociationModel::uniform(3, 3)).unwrap();
        let [deviance, effect, value, error] = reference(&format!("{kind}_uniform")).try_into().unwrap();
        close(fit.adjusted_test().unwrap().statistic, deviance / effect, LIKELIHOOD);
        let slope = fit.parameter(ParameterName::Uniform { layer: None }).unwrap();
        close(slope.value, value, LIKELIHOOD);
        close(slope.standard_error, error, LIKELIHOOD);
        assert_eq!(slope.method, StandardError::Linearised);
    }
    let counted = ClassTable::tally(&origin, &destination, None, [1, 3, 3], Weights::Equal, None).unwrap();
    let fit = fit_association(&counted, &AssociationModel::independence()).unwrap();
    assert_eq!(fit.adjusted_test(), None);
}

#[test]
fn whole_weights_are_replicated_persons() {
    let (_, origin, destination, _) = persons();
    let counts: Vec<u32> = (0..600).map(|i| i % 3).collect();
    let replicate = |values: &[u32]| -> Vec<u32> {
        values
            .iter()
            .zip(&counts)
            .flat_map(|(&value, &count)| std::iter::repeat_n(value, count as usize))
            .collect()
    };
    let weights = Weights::Frequency(&counts);
    let weighted = ClassTable::tally(&origin, &destination, None, [1, 3, 3], weights, None).unwrap();
    let (origin, destination) = (replicate(&origin), replicate(&destination));
    let replicated = ClassTable::tally(&origin, &destination, None, [1, 3, 3], Weights::Equal, None).unwrap();
    assert_eq!(weighted, replicated);
}

#[test]
fn the_diagonal_reference_model_is_that_of_gnm() {
    let with = array![
        [60.0, 20.0, 12.0, 5.0],
        [25.0, 50.0, 22.0, 11.0],
        [18.0, 30.0, 70.0, 31.0],
        [9.0, 14.0, 40.0, 90.0]
    ];
    let all = array![
        [80.0, 45.0, 40.0, 30.0],
        [50.0, 90.0, 60.0, 40.0],
        [45.0, 70.0, 150.0, 90.0],
        [25.0, 45.0, 100.0, 260.0]
    ];
    // The R script fills the factors as the rows here.
    let fit = DiagonalReference::fit(&with, &all).unwrap();
    let expected = reference("diagonal_reference");
    close(fit.deviance(), expected[0], LIKELIHOOD);
    assert_eq!(fit.degrees_of_freedom() as f64, expected[1]);
    close(fit.origin_weight().value, expected[2], PRODUCT);
    close(fit.origin_weight().standard_error, expected[3], PRODUCT);
    for (class, value) in fit.class_log_odds().iter().zip(&expected[4..]) {
        close(class.value, *value, PRODUCT);
    }
}

#[test]
fn altham_distances_are_sums_over_all_odds_ratios() {
    let p = array![[12.0, 5.0, 3.0], [4.0, 20.0, 6.0], [2.0, 7.0, 30.0], [1.0, 1.0, 9.0]];
    let q = array![[10.0, 8.0, 3.0], [9.0, 9.0, 6.0], [5.0, 7.0, 11.0], [2.0, 4.0, 9.0]];
    let none = Array2::from_elem((4, 3), 1.0);
    let slow = |q: &Array2<f64>| {
        let mut sum = 0.0;
        let log = |t: &Array2<f64>, i: usize, j: usize, l: usize, m: usize| {
            (t[[i, j]] * t[[l, m]] / t[[i, m]] / t[[l, j]]).ln()
        };
        for (i, l) in (0..4).flat_map(|i| (0..4).map(move |l| (i, l))) {
            for (j, m) in (0..3).flat_map(|j| (0..3).map(move |m| (j, m))) {
                sum += (log(&p, i, j, l, m) - log(q, i, j, l, m)).powi(2);
            }
        }
        sum.sqrt()
    };
    close(altham_distance(&p, &q, ZeroCells::Refuse).unwrap().value, slow(&q), 1e-12);
    close(altham_from_independence(&p, ZeroCells::Refuse).unwrap().value, slow(&none), 1e-12);
    assert_eq!(altham_distance(&p, &p, ZeroCells::Refuse).unwrap().value, 0.0);
    // One odds ratio: d = 2 |ln OR|, of which the error is twice that of a log odds ratio.
    let fourfold = array![[20.0, 10.0], [10.0, 20.0]];
    let d = altham_from_independence(&fourfold, ZeroCells::Refuse).unwrap();
    close(d.standard_error, 2.0 * 0.3_f64.sqrt(), 1e-12);
    // exp of 2 phi over sqrt(1/4 + 1/4) squared: for one odds ratio, that ratio itself.
    close(
        mean_absolute_odds_ratio(&fourfold, AssociationWeights::Uniform, ZeroCells::Refuse).unwrap(),
        4.0,
        1e-12,
    );
    // sqrt(1 + 1/4) - 1/2 at phi = 1.
    close(normalised_association(1.0).unwrap(), 1.25_f64.sqrt() - 0.5, 1e-14);
    assert_eq!(normalised_association(0.0).unwrap(), 0.0);
    assert!(normalised_association(-0.1).is_err());
}

/// The delta method for independent counts, slopes by differences of fourth order with a step of a thousandth of a person.
fn delta_by_differences(tables: &[&Array2<f64>], of: impl Fn(&[Array2<f64>]) -> f64) -> f64 {
    const STEP: f64 = 1e-3;
    let mut variance = 0.0;
    for (which, table) in tables.iter().enumerate() {
        for (cell, count) in table.indexed_iter() {
            let at = |steps: f64| {
                let mut moved: Vec<Array2<f64>> = tables.iter().map(|table| (*table).clone()).collect();
                moved[which][cell] += steps * STEP;
                of(&moved)
            };
            let slope = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * STEP);
            variance += count * slope * slope;
        }
    }
    variance.sqrt()
}

#[test]
fn errors_of_distances_and_associations_are_by_the_delta_method() {
    // Rounding of the differences, over their step.
    const DIFFERENCES: f64 = 1e-8;
    let p = array![[50.0, 19.0, 26.0, 8.0], [16.0, 40.0, 34.0, 18.0], [12.0, 35.0, 65.0, 66.0]];
    let q = array![[30.0, 29.0, 16.0, 18.0], [26.0, 30.0, 24.0, 28.0], [22.0, 15.0, 55.0, 36.0]];
    let distance = |p: &Array2<f64>, q: &Array2<f64>| altham_distance(p, q, ZeroCells::Refuse).unwrap();
    let twin = delta_by_differences(&[&p, &q], |tables| distance(&tables[0], &tables[1]).value);
    close(distance(&p, &q).standard_error, twin, DIFFERENCES);
    let alone = |p: &Array2<f64>| altham_from_independence(p, ZeroCells::Refuse).unwrap();
    close(
        alone(&p).standard_error,
        delta_by_differences(&[&p], |tables| alone(&tables[0]).value),
        DIFFERENCES,
    );
    for weights in [AssociationWeights::Uniform, AssociationWeights::Marginal] {
        let phi = |p: &Array2<f64>| intrinsic_association(p, weights, ZeroCells::Refuse).unwrap();
        close(
            phi(&p).standard_error,
            delta_by_differences(&[&p], |tables| phi(&tables[0]).value),
            DIFFERENCES,
        );
    }
}

#[test]
fn zero_cells_of_distances_are_refused_unless_one_half_is_asked_for() {
    let zero = array![[20.0, 0.0], [10.0, 20.0]];
    let refused = altham_from_independence(&zero, ZeroCells::Refuse);
    assert_eq!(refused, Err(MobilityError::EmptyCell { origin: 0, destination: 1 }));
    let half = altham_from_independence(&zero, ZeroCells::AddHalf).unwrap();
    close(half.value, 2.0 * (20.5_f64 * 20.5 / 0.5 / 10.5).ln(), 1e-12);
    // A table without zeros is left as it is.
    let whole = array![[20.0, 10.0], [10.0, 20.0]];
    assert_eq!(
        altham_from_independence(&whole, ZeroCells::AddHalf),
        altham_from_independence(&whole, ZeroCells::Refuse)
    );
    let shape = altham_distance(&whole, &array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], ZeroCells::Refuse);
    assert!(matches!(shape, Err(MobilityError::Core(CoreError::Length { .. }))));
}

#[test]
fn fitted_zeros_count_neither_as_cells_nor_as_parameters() {
    // The empty diagonal cell has a parameter of its own, which falls without end: 9 cells, 1 fitted zero, 5 + 2 parameters
    // left, so that one degree is left, as with any diagonal.
    let table = array![[10.0, 4.0, 3.0], [5.0, 0.0, 6.0], [2.0, 8.0, 9.0]];
    let fit = fit_association(
        &ClassTable::two_way(table.clone()).unwrap(),
        &AssociationModel::quasi_independence(),
    )
    .unwrap();
    assert_eq!((fit.fitted_zeros(), fit.degrees_of_freedom()), (1, 1));
    assert_eq!(fit.fitted()[[0, 1, 1]], 0.0);
    assert_eq!(fit.parameter(ParameterName::Diagonal { class: 1, layer: Some(0) }), None);
    // An empty class of origin.
    let table = array![[10.0, 4.0, 3.0], [0.0, 0.0, 0.0], [2.0, 8.0, 9.0]];
    let fit =
        fit_association(&ClassTable::two_way(table).unwrap(), &AssociationModel::independence()).unwrap();
    let without = ClassTable::two_way(array![[10.0, 4.0, 3.0], [2.0, 8.0, 9.0]]).unwrap();
    let smaller = fit_association(&without, &AssociationModel::independence()).unwrap();
    assert_eq!((fit.fitted_zeros(), fit.degrees_of_freedom()), (3, smaller.degrees_of_freedom()));
    close(fit.deviance(), smaller.deviance(), 1e-12);
}

#[test]
fn a_product_that_grows_without_end_names_the_class() {
    // Destination 2 has persons of origin 0 in layer 0 and of origin 1 in layer 1 only: no multiplier holds both.
    let table = array![
        [[30.0, 12.0, 2.0], [10.0, 40.0, 0.0], [8.0, 20.0, 0.0]],
        [[50.0, 20.0, 0.0], [18.0, 60.0, 0.0], [9.0, 30.0, 0.0]],
        [[25.0, 14.0, 1.0], [16.0, 35.0, 0.0], [9.0, 24.0, 0.0]],
    ];
    let table = ClassTable::by_layer(table).unwrap();
    let refused = fit_association(&table, &AssociationModel::unidiff());
    let Err(MobilityError::UnboundedAssociation { side, class, persons }) = refused else {
        panic!("{:?}", refused.map(|fit| (fit.deviance(), fit.multipliers())));
    };
    assert_eq!((side, class, persons), ("destination", 2, 3.0));
    // The additive model has a maximum, at the edge: four of the cells are fitted zeros.
    let common = fit_association(&table, &AssociationModel::common_association()).unwrap();
    assert!(common.fitted_zeros() > 0);
}

#[test]
fn a_cell_below_the_smallest_number_is_no_maximum() {
    // A start of RC(1) stands still with cells at exp(-750), a double of 0: X^2 has no value there.
    let sparse = array![
        [0.0, 0.0, 0.0, 2.0],
        [0.0, 0.0, 1.0, 0.0],
        [1.0, 3.0, 3.0, 1.0],
        [5.0, 3.0, 3.0, 0.0],
        [7.0, 3.0, 0.0, 1.0],
        [2.0, 1.0, 0.0, 1.0],
    ];
    let found = fit_association(&ClassTable::two_way(sparse).unwrap(), &AssociationModel::rc());
    assert!(matches!(found, Err(MobilityError::UnboundedAssociation { .. })), "{found:?}");
}

#[test]
fn a_normalised_association_goes_to_one() {
    // sqrt(1 + (2 / 3)^2) - 2 / 3 at phi = 3 / 4.
    close(normalised_association(0.75).unwrap(), (13.0_f64.sqrt() - 2.0) / 3.0, 1e-14);
    for phi in [1e200, f64::MAX, f64::INFINITY] {
        assert_eq!(normalised_association(phi).unwrap(), 1.0, "{phi}");
    }
}

#[test]
fn room_is_asked_for_every_level() {
    // 2 x 2,600 cells, each a level of its own: 2,601 margins and 5,199 levels over 5,200 cells.
    let levels = Array2::from_shape_fn((2, 2_600), |(i, j)| (2_600 * i + j) as u32);
    let table = ClassTable::two_way(Array2::ones((2, 2_600))).unwrap();
    let refused = fit_association(&table, &AssociationModel::levels(levels)).err();
    let found = 5_200.0 * 7_800.0;
    let (low, high) = (1.0, 33_554_432.0);
    let expected = CoreError::OutOfRange { name: "cells times parameters", found, low, high };
    assert_eq!(refused, Some(expected.into()));
    let needed = |table: &ClassTable, levels: Array2<u32>| {
        let model = AssociationModel::levels(levels).differing_by_layer();
        match fit_association(table, &model) {
            Err(MobilityError::Core(CoreError::OutOfRange { found, .. })) => found,
            other => panic!("{other:?}"),
        }
    };
    // 1000 classes, 2 levels: 1999 columns of margins and 1 of levels, 10^6 cells.
    let square = ClassTable::two_way(Array2::ones((1000, 1000))).unwrap();
    assert_eq!(needed(&square, Array2::from_shape_fn((1000, 1000), |(i, j)| u32::from(i == j))), 2.0e9);
    // 2 x 2 in 2600 layers, each cell a level: in each layer 3 columns of margins and 3 of levels, 4 cells.
    let many = ClassTable::by_layer(Array3::ones((2600, 2, 2))).unwrap();
    assert_eq!(needed(&many, array![[0, 1], [2, 3]]), f64::from(2600 * 6 * 2600 * 4));
}

#[test]
fn tables_without_a_finite_total_have_no_distance() {
    let huge = array![[f64::MAX, 1.0], [1.0, f64::MAX]];
    let found = intrinsic_association(&huge, AssociationWeights::Marginal, ZeroCells::Refuse);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))), "{found:?}");
    // Shares of 1 and 0 to the last digit: there are no pairs of different classes.
    let one = array![[1e300, 1.0], [1.0, 1.0]];
    let found = mean_absolute_odds_ratio(&one, AssociationWeights::Marginal, ZeroCells::Refuse);
    assert!(matches!(found, Err(MobilityError::Core(CoreError::ResultNotFinite { .. }))), "{found:?}");
}

#[test]
fn what_is_no_table_is_refused() {
    let two_way = |cells: Array2<f64>| ClassTable::two_way(cells).err();
    assert_eq!(two_way(array![[1.0, 2.0]]), Some(MobilityError::TooFewClasses { found: 1 }));
    assert_eq!(two_way(array![[1.0], [2.0]]), Some(MobilityError::TooFewClasses { found: 1 }));
    assert_eq!(two_way(Array2::zeros((3, 3))), Some(CoreError::EmptySample.into()));
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        let found = two_way(array![[1.0, 2.0], [wrong, 3.0]]);
        assert!(
            matches!(found, Some(MobilityError::TableCell { layer: 0, origin: 1, destination: 0, .. })),
            "{found:?}"
        );
    }
    assert_eq!(ClassTable::by_layer(Array3::zeros((0, 2, 2))).err(), Some(CoreError::EmptySample.into()));
    let tally = |origin: &[u32], families| {
        ClassTable::tally(origin, &[0, 1], None, [1, 2, 2], Weights::Equal, families).err()
    };
    assert_eq!(
        tally(&[0, 2], None),
        Some(MobilityError::ClassOutOfRange { name: "origin", index: 1, found: 2, classes: 2 })
    );
    assert_eq!(tally(&[0, 1], Some(&[4, 4])), Some(MobilityError::TooFewClusters { found: 1 }));
    assert!(matches!(tally(&[0], None), Some(MobilityError::Core(CoreError::Length { .. }))));
    for shape in [[1, usize::MAX, 2], [100_000, 100_000, 100_000]] {
        let huge = ClassTable::tally(&[0], &[0], None, shape, Weights::Equal, None).err();
        assert!(matches!(huge, Some(MobilityError::Core(CoreError::OutOfRange { .. }))), "{huge:?}");
    }
    let centiles = ClassTable::two_way(Array2::from_elem((100, 100), 1.0)).unwrap();
    let full = fit_association(&centiles, &AssociationModel::common_association()).err();
    assert!(matches!(full, Some(MobilityError::Core(CoreError::OutOfRange { .. }))), "{full:?}");
    let flat = ClassTable::two_way(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
    let refused = |model: &AssociationModel| fit_association(&flat, model).err();
    for model in [
        AssociationModel::symmetry(),
        AssociationModel::quasi_independence(),
        AssociationModel::equal_scores_rc(),
    ] {
        assert_eq!(refused(&model), Some(MobilityError::TableNotSquare { origins: 2, destinations: 3 }));
    }
    assert_eq!(refused(&AssociationModel::unidiff()), Some(MobilityError::TooFewLayers { found: 1 }));
    assert!(matches!(
        refused(&AssociationModel::uniform(3, 3)),
        Some(MobilityError::Core(CoreError::Length { .. }))
    ));
    let tied = Pattern::RowEffects { destination: vec![1.0; 3] };
    let mut model = AssociationModel::row_effects(3);
    model.terms[0].pattern = tied;
    assert_eq!(refused(&model), Some(MobilityError::AllTied { name: "destination scores" }));
    let no_share =
        DiagonalReference::fit(&array![[3.0, 1.0], [1.0, 1.0]], &array![[2.0, 2.0], [2.0, 2.0]]).err();
    assert_eq!(no_share, Some(MobilityError::NoShare { origin: 0, destination: 0, found: 3.0, total: 2.0 }));
    // Nobody moves: the weight of origin is not told.
    let stayers =
        DiagonalReference::fit(&array![[1.0, 0.0], [0.0, 2.0]], &array![[4.0, 0.0], [0.0, 4.0]]).err();
    assert_eq!(stayers, Some(MobilityError::Collinear { column: 2 }));
}

/// Poisson numbers by counting exponential steps, from a linear congruential generator.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut number, mut passed) = (0.0, -self.uniform().ln());
        while passed < mean {
            number += 1.0;
            passed -= self.uniform().ln();
        }
        number
    }
}

#[test]
fn intervals_of_multipliers_cover_the_truth() {
    // A second layer with associations 0.7 times as strong; 300 tables of about 1 600 persons.
    let truth = 0.7_f64.ln();
    let psi = [[0.9, 0.1, -1.0], [0.1, 0.2, -0.3], [-1.0, -0.3, 1.3]];
    let mut draws = Draws(77);
    let (mut covered, tables) = (0, 300);
    for _ in 0..tables {
        let cells = Array3::from_shape_fn((2, 3, 3), |(l, i, j)| {
            let phi = if l == 0 { 1.0 } else { 0.7 };
            draws.poisson(70.0 * (phi * psi[i][j] + 0.2 * (i as f64 - j as f64)).exp())
        });
        let fit =
            fit_association(&ClassTable::by_layer(cells).unwrap(), &AssociationModel::unidiff()).unwrap();
        let phi = fit.log_multipliers().unwrap()[1].unwrap();
        let interval = phi.interval(0.95).unwrap();
        covered += usize::from(interval.low <= truth && truth <= interval.high);
    }
    // 285 expected, standard error 3.8: four of them on either side.
    assert!((270..=299).contains(&covered), "{covered} of {tables}");
}

fn tables() -> impl Strategy<Value = Array2<f64>> {
    (2_usize..5, 2_usize..5).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(1_u32..60, rows * columns).prop_map(move |cells| {
            Array2::from_shape_vec((rows, columns), cells.into_iter().map(f64::from).collect()).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn fits_reproduce_their_margins_and_turn_with_the_table(cells in tables()) {
        let (rows, columns) = cells.dim();
        let table = ClassTable::two_way(cells.clone()).unwrap();
        let turned = ClassTable::two_way(cells.t().to_owned()).unwrap();
        let pairs = [
            (AssociationModel::uniform(rows, columns), AssociationModel::uniform(columns, rows)),
            (AssociationModel::row_effects(columns), AssociationModel::column_effects(columns)),
            (AssociationModel::independence(), AssociationModel::independence()),
        ];
        for (model, mirrored) in pairs {
            let fit = fit_association(&table, &model).unwrap();
            let fitted = fit.fitted().index_axis(ndarray::Axis(0), 0).to_owned();
            for axis in [0, 1].map(ndarray::Axis) {
                for (found, expected) in fitted.sum_axis(axis).iter().zip(&cells.sum_axis(axis)) {
                    prop_assert!((found - expected).abs() <= 1e-8 * expected);
                }
            }
            let other = fit_association(&turned, &mirrored).unwrap();
            prop_assert!((fit.deviance() - other.deviance()).abs() <= 1e-8 * fit.deviance().max(1.0));
            prop_assert_eq!(fit.degrees_of_freedom(), other.degrees_of_freedom());
        }
    }

    #[test]
    fn altham_and_the_intrinsic_association_do_not_see_the_margins(cells in tables(), factor in 0.1_f64..10.0) {
        let mut scaled = cells.clone();
        scaled.row_mut(0).mapv_inplace(|cell| cell * factor);
        scaled.column_mut(1).mapv_inplace(|cell| cell / factor / 2.0);
        for measure in [
            |t: &Array2<f64>| altham_from_independence(t, ZeroCells::Refuse).unwrap().value,
            |t: &Array2<f64>| intrinsic_association(t, AssociationWeights::Uniform, ZeroCells::Refuse).unwrap().value,
        ] {
            prop_assert!((measure(&cells) - measure(&scaled)).abs() < 1e-9);
        }
    }
}
