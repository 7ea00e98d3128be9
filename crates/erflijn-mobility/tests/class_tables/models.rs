//! Deviances, parameters and errors of other packages.

use erflijn_core::StandardError;
use erflijn_mobility::class_tables::{
    AcrossLayers, AssociationModel, AssociationWeights, ClassTable, DiagonalReference, ParameterName,
    Pattern, Product, ScoreWeights, ZeroCells, fit_association, integer_scores, intrinsic_association,
};
use ndarray::{Array2, array};

use crate::inputs::{LIKELIHOOD, PRODUCT, close, five, reference, same_fit, three_layers};

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
