//! Association models of random tables against R `glm` and the best of ten starts of `gnm`
//! (`reference/random_class_tables.R`), in any unit, and at the edge of what is a table.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod common;

use common::Lcg;
use erflijn_mobility::MobilityError;
use erflijn_mobility::class_tables::{
    AssociationFit, AssociationModel, ClassTable, Pattern, Product, ScoreWeights, fit_association,
    integer_scores,
};
use ndarray::{Array2, Array3, ArrayView1, Axis, array};

/// R stops where a deviance moves by a share of 1e-10 (glm) or scores are below 1e-8 of their spread (gnm).
const DEVIANCE: f64 = 1e-7;
/// What rounding leaves of a deviance, as a share of the total.
const ROUNDING: f64 = 1e-13;

/// What a fit that stands still to 1e-10 leaves of a likelihood equation, as a share of the total.
const EQUATION: f64 = 1e-9;

struct Reference {
    line: &'static str,
    model: AssociationModel,
    product: bool,
    deviance: f64,
    freedom: usize,
    cells: Array3<f64>,
}

fn references() -> impl Iterator<Item = Reference> {
    include_str!("reference/random_class_tables.txt").lines().map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [r, s, layers] = [2, 3, 4].map(|place| words[place].parse().unwrap());
        let model = match words[0] {
            "rc" | "rc_without_end" => AssociationModel::rc(),
            "quasi_rc" => AssociationModel::rc().with_diagonal(),
            "uniform" => AssociationModel::uniform(r, s),
            "row_effects" => AssociationModel::row_effects(s),
            "column_effects" => AssociationModel::column_effects(r),
            "quasi_symmetry" => AssociationModel::quasi_symmetry(),
            "unidiff" => AssociationModel::unidiff(),
            other => panic!("{other}"),
        };
        let cells = words[7..].iter().map(|cell| cell.parse().unwrap()).collect();
        Reference {
            line,
            product: model.product.is_some(),
            model,
            deviance: words[5].parse().unwrap(),
            freedom: words[6].parse().unwrap(),
            cells: Array3::from_shape_vec((layers, r, s), cells).unwrap(),
        }
    })
}

/// Deviance from the fitted values, and the largest distance between fitted and found margins.
fn from_fitted(cells: &Array3<f64>, fit: &AssociationFit) -> (f64, f64) {
    let fitted = fit.fitted();
    let term = |(count, fitted): (&f64, &f64)| {
        let log = if *count > 0.0 { count * (count / fitted).ln() } else { 0.0 };
        2.0 * (log - count + fitted)
    };
    let away = [1, 2].map(|axis| {
        let distance = cells.sum_axis(Axis(axis)) - fitted.sum_axis(Axis(axis));
        distance.iter().fold(0.0, |most: f64, distance| most.max(distance.abs()))
    });
    (cells.iter().zip(fitted).map(term).sum(), away[0].max(away[1]))
}

/// What the association of a fitted table has besides one product: the largest determinant of two by two of its
/// logarithms around their means, over their largest square.
fn second_dimension(fit: &AssociationFit) -> f64 {
    let logs = fit.fitted().index_axis(Axis(0), 0).mapv(f64::ln);
    let (rows, columns) = (logs.mean_axis(Axis(1)).unwrap(), logs.mean_axis(Axis(0)).unwrap());
    let mean = logs.mean().unwrap();
    let around = Array2::from_shape_fn(logs.dim(), |(i, j)| logs[[i, j]] - rows[i] - columns[j] + mean);
    let largest = around.iter().fold(0.0, |most: f64, value| most.max(value * value));
    let determinant = |((i, j), a): ((usize, usize), &f64)| {
        let others = around.indexed_iter();
        let size = |((k, l), d): ((usize, usize), &f64)| (a * d - around[[i, l]] * around[[k, j]]).abs();
        others.map(size).fold(0.0, f64::max)
    };
    around.indexed_iter().map(determinant).fold(0.0, f64::max) / largest
}

#[test]
fn no_start_of_gnm_is_better() {
    let (mut products, mut without_end) = (0, 0);
    for reference in references() {
        let Reference { line, model, product, deviance, freedom, cells } = reference;
        let total = cells.sum();
        let fit = fit_association(&ClassTable::by_layer(cells.clone()).unwrap(), &model);
        if line.starts_with("rc_without_end ") {
            assert!(matches!(fit, Err(MobilityError::UnboundedAssociation { .. })), "{line}");
            without_end += 1;
            continue;
        }
        let fit = fit.unwrap_or_else(|error| panic!("{error}: {line}"));
        let room = DEVIANCE * deviance + ROUNDING * total;
        assert!(fit.deviance() <= deviance + room, "{}: {line}", fit.deviance());
        // An additive model has one maximum; of a product, ten random starts may have missed the largest.
        assert!(product || fit.deviance() >= deviance - room, "{}: {line}", fit.deviance());
        if line.starts_with("rc ") {
            assert!(second_dimension(&fit) < 1e-9, "{line}");
        }
        assert_eq!(fit.degrees_of_freedom(), freedom, "{line}");
        let (from_fitted, away) = from_fitted(&cells, &fit);
        assert!((from_fitted - fit.deviance()).abs() <= 1e-12 * total, "{from_fitted}: {line}");
        assert!(away <= 1e-9 * total, "{away}: {line}");
        products += usize::from(product);
    }
    assert!(products >= 40 && without_end >= 2, "{products}, {without_end}");
}

#[test]
fn the_unit_of_counts_changes_nothing() {
    for reference in references()
        .filter(|reference| !reference.line.starts_with("rc_without_end"))
        .filter(|reference| reference.product)
        .step_by(5)
    {
        let Reference { line, model, cells, .. } = reference;
        let fit = |unit: f64| {
            let table = ClassTable::by_layer(cells.mapv(|cell| cell * unit)).unwrap();
            fit_association(&table, &model).unwrap()
        };
        let own = fit(1.0);
        // Powers of two leave every step as it was.
        for unit in [2.0_f64.powi(-300), 2.0_f64.powi(200)] {
            let other = fit(unit);
            assert_eq!(own.starts(), other.starts(), "{line}");
            assert!((other.deviance() / unit - own.deviance()).abs() <= 0.0, "{line}");
        }
        let other = fit(1e-7);
        let distance = (other.fitted() / 1e-7 - own.fitted()).mapv(f64::abs).sum();
        assert!(distance <= 1e-9 * cells.sum(), "{distance}: {line}");
        let error = |fit: &AssociationFit| Some(fit.rc_scores(ScoreWeights::Uniform)?.phi.standard_error);
        if let (Some(own), Some(other)) = (error(&own), error(&other)) {
            // Errors grow as one over the root of the counts.
            assert!((other * 1e-7_f64.sqrt() / own - 1.0).abs() < 1e-5, "{own} {other}: {line}");
        }
    }
}

/// Deviances of `reference/extreme_layers.R`: patterns to start from must be those of the layers, as strong as they are.
#[test]
fn layer_effects_of_counts_of_many_sizes_are_no_worse_than_those_of_gnm() {
    for line in include_str!("reference/extreme_layers.txt").lines() {
        let words: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let (classes, layers) = (words[0] as usize, words[1] as usize);
        let cells = Array3::from_shape_vec((layers, classes, classes), words[3..].to_vec()).unwrap();
        let table = ClassTable::by_layer(cells).unwrap();
        let fit = fit_association(&table, &AssociationModel::unidiff())
            .unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(fit.deviance() <= words[2] * (1.0 + DEVIANCE), "{}: {line}", fit.deviance());
    }
}

/// Counts from 0 to a hundred million in one table. The likelihood of an additive model is concave: a fit is its maximum where
/// what a column of the model adds up to is the same in the table and the fit.
#[test]
fn additive_models_of_counts_of_many_sizes_have_their_maximum() {
    let mut random = Lcg(2026);
    for number in 0..120 {
        let classes = 3 + number % 5;
        let (orders, zeros) = (1.0 + 7.0 * random.uniform(), 0.4 * random.uniform());
        let cells = Array2::from_shape_fn((classes, classes), |_| {
            let (empty, size) = (random.uniform() < zeros, random.uniform());
            if empty { 0.0 } else { 10.0_f64.powf(orders * size).floor() }
        });
        let scores = integer_scores(classes);
        let fit = |model: &AssociationModel| {
            let table = ClassTable::two_way(cells.clone()).unwrap();
            let fit = fit_association(&table, model).unwrap_or_else(|error| panic!("{error}: {cells}"));
            &cells - &fit.fitted().index_axis(Axis(0), 0)
        };
        let effects = AssociationModel::row_and_column_effects(classes, classes);
        for (model, effects) in [
            (AssociationModel::row_effects(classes), false),
            (effects.clone(), true),
            (effects.with_diagonal(), true),
        ] {
            let rest = fit(&model);
            for class in 0..classes {
                let (row, column) = (rest.row(class), rest.column(class));
                let slope =
                    |line: ArrayView1<'_, f64>| line.iter().zip(&scores).map(|(a, b)| a * b).sum::<f64>();
                let of_column = if effects { slope(column) } else { 0.0 };
                let away = [row.sum(), column.sum(), slope(row), of_column];
                assert!(away.iter().all(|away| away.abs() <= EQUATION * cells.sum()), "{away:?}: {cells}");
            }
        }
    }
}

/// Models of two-way tables and of layers, for tables with as many origins as destinations.
fn models(classes: usize) -> Vec<AssociationModel> {
    let unidiff = |pattern| AssociationModel {
        product: Some(Product::LayerEffect(pattern)),
        ..AssociationModel::independence()
    };
    vec![
        AssociationModel::independence(),
        AssociationModel::quasi_independence(),
        AssociationModel::symmetry(),
        AssociationModel::quasi_symmetry(),
        AssociationModel::uniform(classes, classes),
        AssociationModel::row_effects(classes).differing_by_layer(),
        AssociationModel::row_and_column_effects(classes, classes).with_diagonal(),
        AssociationModel::levels(Array2::from_shape_fn((classes, classes), |(i, j)| i.abs_diff(j) as u32)),
        AssociationModel::common_association(),
        AssociationModel::rc(),
        AssociationModel::rc().with_diagonal(),
        AssociationModel::equal_scores_rc(),
        AssociationModel::unidiff(),
        unidiff(Pattern::Diagonal),
        unidiff(Pattern::Symmetric),
    ]
}

/// Every number of a result is one, but for what has no value and is told as `None`.
fn require_numbers(fit: &AssociationFit, about: &str) {
    let test = fit.test();
    let numbers = [
        fit.deviance(),
        fit.pearson(),
        fit.aic(),
        fit.bic(),
        fit.bic_by_cells(),
        fit.dissimilarity(),
        test.statistic,
        test.p_value,
    ];
    assert!(numbers.iter().all(|number| number.is_finite()), "{numbers:?}: {about}");
    assert!(fit.fitted().iter().all(|fitted| fitted.is_finite() && *fitted >= 0.0), "{about}");
    let mut estimates: Vec<_> = fit.parameters().filter_map(|parameter| parameter.estimate).collect();
    for weights in [ScoreWeights::Uniform, ScoreWeights::Marginal] {
        if let Some(scores) = fit.rc_scores(weights) {
            estimates.extend([vec![scores.phi], scores.origin, scores.destination].concat());
        }
    }
    estimates.extend(fit.log_multipliers().into_iter().flatten().flatten());
    for estimate in estimates {
        assert!(estimate.value.is_finite() && !estimate.standard_error.is_nan(), "{estimate:?}: {about}");
    }
}

#[test]
fn tables_at_the_edge_give_numbers_or_a_reason() {
    let plain = array![[30.0, 12.0, 5.0], [10.0, 40.0, 14.0], [8.0, 20.0, 55.0]];
    let with = |changes: &[(usize, usize, f64)]| {
        let mut table = plain.clone();
        changes.iter().for_each(|&(i, j, count)| table[[i, j]] = count);
        table
    };
    let two_way = [
        Array2::ones((2, 2)),
        array![[3.0, 0.0], [0.0, 5.0]],
        Array2::ones((3, 3)),
        plain.clone(),
        with(&[(0, 0, 0.0), (0, 1, 0.0), (0, 2, 0.0)]),
        with(&[(0, 1, 0.0), (1, 1, 0.0), (2, 1, 0.0)]),
        with(&[(0, 0, 0.0), (1, 1, 0.0), (2, 2, 0.0)]),
        with(&[(0, 2, 0.0), (2, 0, 0.0)]),
        Array2::from_diag(&array![4.0, 5.0, 6.0]),
        {
            let mut single = Array2::zeros((3, 3));
            single[[1, 2]] = 7.0;
            single
        },
        with(&[(1, 1, 1e300)]),
        with(&[(1, 1, 1e-300)]),
        plain.mapv(|count| count * 1e300),
        plain.mapv(|count| count * 1e-300),
        plain.mapv(|count| count * 1e-320),
        with(&[(0, 0, 1e12), (2, 2, 1e-12)]),
    ];
    for cells in two_way {
        let table = ClassTable::two_way(cells.clone()).unwrap();
        give_numbers_or(&table, cells.nrows(), |reason| {
            matches!(reason, MobilityError::TooFewLayers { found: 1 })
        });
    }
}

/// Every model gives numbers, has no maximum that is found, or is refused for this reason.
fn give_numbers_or(table: &ClassTable, classes: usize, is_reason: impl Fn(&MobilityError) -> bool) {
    for model in models(classes) {
        let about = format!("{table:?} {model:?}");
        match fit_association(table, &model) {
            Ok(fit) => require_numbers(&fit, &about),
            Err(MobilityError::UnboundedAssociation { .. } | MobilityError::NoStartConverged { .. }) => {}
            Err(other) => assert!(is_reason(&other), "{other}: {about}"),
        }
    }
}

#[test]
fn layers_at_the_edge_give_numbers_or_a_reason() {
    let plain = array![[30.0, 12.0, 5.0], [10.0, 40.0, 14.0], [8.0, 20.0, 55.0]];
    let flat = Array2::from_shape_fn((3, 3), |(i, j)| ((i + 1) * (j + 2)) as f64);
    let mut margin = plain.clone();
    margin.row_mut(1).fill(0.0);
    let none = Array2::zeros((3, 3));
    for layers in [
        [&plain, &plain, &plain],
        [&none, &plain, &plain],
        [&plain, &none, &margin],
        [&margin, &plain, &margin],
        [&flat, &plain, &plain],
        [&flat, &flat, &flat],
        [&plain, &flat, &none],
    ] {
        let views = layers.map(|layer| layer.view());
        let cells = ndarray::stack(Axis(0), &views).unwrap();
        let table = ClassTable::by_layer(cells.clone()).unwrap();
        give_numbers_or(&table, 3, |reason| matches!(reason, MobilityError::NoAssociation { layer: 0 }));
    }
    // Layer 0 is independent to the last digit: there is nothing to compare the other layer with.
    let cells = ndarray::stack(Axis(0), &[flat.view(), plain.view()]).unwrap();
    let refused = fit_association(&ClassTable::by_layer(cells).unwrap(), &AssociationModel::unidiff());
    assert_eq!(refused.err(), Some(MobilityError::NoAssociation { layer: 0 }));
}

#[test]
fn a_limit_that_no_scores_have_is_no_maximum() {
    // Origin 0 and destination 0 have any association, the others none off the diagonal. With the diagonal apart RC(1)
    // comes as near as one likes, with n and x_i / n as scores of origins, n and y_j / n of destinations; it is never there,
    // since x_i y_j over all others would have to be a sum of rows and columns, so that x or y would be constant.
    let (x, y) = ([0.0, 0.7, -0.4, 0.3, 0.1], [0.0, -0.5, 0.6, 0.2, -0.1]);
    let cells = Array2::from_shape_fn((5, 5), |(i, j)| match (i, j) {
        (0, j) => 100.0 * f64::exp(y[j]),
        (i, 0) => 100.0 * f64::exp(x[i]),
        _ => 100.0,
    });
    let table = ClassTable::two_way(cells).unwrap();
    let found = fit_association(&table, &AssociationModel::rc().with_diagonal()).map(|fit| fit.deviance());
    assert!(matches!(found, Err(MobilityError::UnboundedAssociation { class: 0, .. })), "{found:?}");
}
