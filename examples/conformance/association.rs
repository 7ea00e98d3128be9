//! Topic `association_models`: log-linear and log-multiplicative models, Altham's distance, intrinsic association.

use anyhow::{Context, Result, anyhow, ensure};
use erflijn::core::Estimate;
use erflijn::mobility::MobilityError;
use erflijn::mobility::class_tables::{
    AssociationFit, AssociationModel, AssociationWeights, ClassTable, ParameterName, ZeroCells,
    altham_distance, altham_from_independence, fit_association, intrinsic_association,
    mean_absolute_odds_ratio, normalised_association,
};
use ndarray::{Array2, Axis, stack};
use serde_json::Value;

use crate::case::Case;
use crate::compare::{COUNT, Computed, LINEAR_ALGEBRA, REGRESSION, SEARCHED, Tolerance, number, undefined};
use crate::inputs::rectangle;
use crate::verdict::Verdict;

pub(crate) fn check(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    case.expect_no_weights(verdict);
    if case.fields.contains_key("layers") {
        return check_layers(case, verdict);
    }
    if case.fields.contains_key("p") {
        return check_two_tables(case, verdict);
    }
    let cells = rectangle("table", case.required("table")?)?;
    let table = ClassTable::two_way(cells.clone())?;
    for (field, expected) in case.statements() {
        match field {
            "table" => {}
            "dim" => check_dimensions(expected, &[cells.nrows(), cells.ncols()], verdict),
            "models" => check_models(field, &table, expected, verdict),
            _ => check_measure(field, &cells, expected, verdict),
        }
    }
    Ok(())
}

fn check_dimensions(expected: &Value, found: &[usize], verdict: &mut Verdict) {
    let found: Vec<f64> = found.iter().map(|&size| size as f64).collect();
    verdict.compare("dim", found, expected, COUNT);
}

fn check_models(field: &str, table: &ClassTable, expected: &Value, verdict: &mut Verdict) {
    let (_, origins, destinations) = table.cells().dim();
    verdict.for_each(field, expected, |name, full_name, expected, verdict| {
        let Some(model) = named_model(name, origins, destinations) else {
            return verdict.unknown(full_name);
        };
        if let Some(total) = no_maximum(table, expected) {
            return verdict.remark(format!(
                "field {full_name}.fitted adds up to {total}, the table to {}: that is no fit by maximum likelihood, \
                and {full_name} was held against itself only",
                table.total()
            ));
        }
        let tolerance = if model.product.is_some() { SEARCHED } else { REGRESSION };
        let fit = fit_association(table, &model);
        verdict.for_each(full_name, expected, |name, full_name, expected, verdict| {
            check_fit(name, full_name, fit.as_ref(), tolerance, expected, verdict);
        });
    });
}

/// The sum of fitted values that do not add up to the table, of a search that was lost.
///
/// Every model has a level, and a maximum of the likelihood then reproduces the total. A lost search is told from a wrong
/// number by what it says of itself: its deviance and Pearson statistic are those of the values it stopped at.
fn no_maximum(table: &ClassTable, expected: &Value) -> Option<f64> {
    const LOST: f64 = 1e-4;
    const ITS_OWN: f64 = 1e-9;
    let fitted = expected.get("fitted")?.as_array()?;
    let fitted: Vec<f64> = fitted.iter().map(number).collect::<Option<_>>()?;
    let sum: f64 = fitted.iter().sum();
    let observed = table.cells().index_axis(Axis(0), 0);
    if fitted.len() != observed.len() || (sum - table.total()).abs() <= LOST * table.total() {
        return None;
    }
    let cells = || observed.t().into_iter().zip(&fitted);
    let gain = |(n, m): (&f64, &f64)| if *n > 0.0 { n * (n / m).ln() } else { 0.0 } - (n - m);
    let deviance = 2.0 * cells().map(gain).sum::<f64>();
    let pearson = cells().map(|(n, m)| (n - m).powi(2) / m).sum::<f64>();
    let told = |field: &str, own: f64| {
        let stated = expected.get(field).and_then(number);
        stated.map(|stated| (stated - own).abs() <= ITS_OWN * own)
    };
    let statements = [told("deviance", deviance), told("pearson", pearson)];
    let coherent = statements.contains(&Some(true)) && !statements.contains(&Some(false));
    coherent.then_some(sum)
}

/// Models of one table by the names of the vectors.
fn named_model(name: &str, origins: usize, destinations: usize) -> Option<AssociationModel> {
    let uniform = || AssociationModel::uniform(origins, destinations);
    Some(match name {
        "independence" => AssociationModel::independence(),
        "quasi_independence" => AssociationModel::quasi_independence(),
        "symmetry" => AssociationModel::symmetry(),
        "quasi_symmetry" => AssociationModel::quasi_symmetry(),
        "uniform_association" | "uniform" => uniform(),
        "quasi_uniform" | "quasi_uniform_association" => uniform().with_diagonal(),
        "row_effects" => AssociationModel::row_effects(destinations),
        "quasi_row_effects" => AssociationModel::row_effects(destinations).with_diagonal(),
        "column_effects" => AssociationModel::column_effects(origins),
        "quasi_column_effects" => AssociationModel::column_effects(origins).with_diagonal(),
        "row_column_effects" | "row_and_column_effects" | "r_plus_c" => {
            AssociationModel::row_and_column_effects(origins, destinations)
        }
        "rc1" | "rc" => AssociationModel::rc(),
        "quasi_rc" | "quasi_rc1" => AssociationModel::rc().with_diagonal(),
        "rc_homogeneous" | "rc1_homogeneous" => AssociationModel::equal_scores_rc(),
        "quasi_rc_homogeneous" => AssociationModel::equal_scores_rc().with_diagonal(),
        _ => return None,
    })
}

fn check_fit(
    name: &str,
    field: &str,
    fit: Result<&AssociationFit, &MobilityError>,
    tolerance: Tolerance,
    expected: &Value,
    verdict: &mut Verdict,
) {
    let mut compare = |of: &dyn Fn(&AssociationFit) -> Computed, tolerance| {
        verdict.compare_result(field, fit.map(of), expected, tolerance);
    };
    let slope = |fit: &AssociationFit| fit.parameter(ParameterName::Uniform { layer: None });
    match name {
        "deviance" | "G2" => compare(&|fit| fit.deviance().into(), tolerance),
        "df" => compare(&|fit| (fit.degrees_of_freedom() as f64).into(), COUNT),
        "pearson" | "X2" => compare(&|fit| fit.pearson().into(), tolerance),
        "aic" => compare(&|fit| fit.aic().into(), tolerance),
        "dissimilarity" => compare(&|fit| fit.dissimilarity().into(), tolerance),
        // Origins run fastest, as R prints.
        "fitted" => compare(
            &|fit| fit.fitted().index_axis(Axis(0), 0).t().iter().copied().collect::<Vec<f64>>().into(),
            tolerance,
        ),
        "phi" => compare(&|fit| slope(fit).map(|slope| slope.value).into(), tolerance),
        "se" => compare(&|fit| slope(fit).map(|slope| slope.standard_error).into(), tolerance),
        _ => verdict.unknown(field),
    }
}

/// A zero cell is refused, unless the vectors have a value: the package that gave it then adds one half.
fn zeros(expected: &Value) -> ZeroCells {
    if undefined(expected) { ZeroCells::Refuse } else { ZeroCells::AddHalf }
}

fn check_measure(field: &str, cells: &Array2<f64>, expected: &Value, verdict: &mut Verdict) {
    let zeros = zeros(expected);
    let association = |weights| intrinsic_association(cells, weights, zeros).map(|estimate| estimate.value);
    let computed = match field {
        "iac_uniform" => association(AssociationWeights::Uniform),
        "iac_marginal" => association(AssociationWeights::Marginal),
        // Squares summed, not averaged.
        "iac_none" => association(AssociationWeights::Uniform).map(|phi| phi * (cells.len() as f64).sqrt()),
        "iac_uniform_normalised" => association(AssociationWeights::Uniform).and_then(normalised_association),
        "iac_marginal_normalised" => {
            association(AssociationWeights::Marginal).and_then(normalised_association)
        }
        "altham" | "altham_from_uniform" => {
            altham_from_independence(cells, zeros).map(|estimate| estimate.value)
        }
        "maor" => mean_absolute_odds_ratio(cells, AssociationWeights::Marginal, zeros),
        _ => return verdict.unknown(field),
    };
    verdict.compare_result(field, computed, expected, LINEAR_ALGEBRA);
}

fn check_two_tables(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let (p, q) = (rectangle("p", case.required("p")?)?, rectangle("q", case.required("q")?)?);
    for (field, expected) in case.statements() {
        match field {
            "p" | "q" => {}
            "value" | "altham" => {
                let distance = altham_distance(&p, &q, zeros(expected)).map(|estimate| estimate.value);
                verdict.compare_result(field, distance, expected, LINEAR_ALGEBRA);
            }
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn layers(case: &Case<'_>) -> Result<ClassTable> {
    let list = case.required("layers")?.as_array().context("field \"layers\" is no list of tables")?;
    let tables = list.iter().map(|layer| rectangle("layers", layer)).collect::<Result<Vec<_>>>()?;
    ensure!(!tables.is_empty(), "field \"layers\" is empty, expected at least one table");
    let views: Vec<_> = tables.iter().map(|table| table.view()).collect();
    let cells = stack(Axis(0), &views).map_err(|_| anyhow!("layers are of different sizes"))?;
    Ok(ClassTable::by_layer(cells)?)
}

fn check_layers(case: &Case<'_>, verdict: &mut Verdict) -> Result<()> {
    let table = layers(case)?;
    let fit = fit_association(&table, &AssociationModel::unidiff());
    let fit = fit.as_ref();
    for (field, expected) in case.statements() {
        let mut compare = |of: &dyn Fn(&AssociationFit) -> Computed, tolerance| {
            verdict.compare_result(field, fit.map(of), expected, tolerance);
        };
        match field {
            "layers" | "layer_names" => {}
            "dim" => {
                let (layers, origins, destinations) = table.cells().dim();
                check_dimensions(expected, &[origins, destinations, layers], verdict);
            }
            "deviance" => compare(&|fit| fit.deviance().into(), SEARCHED),
            "df" => compare(&|fit| (fit.degrees_of_freedom() as f64).into(), COUNT),
            "phi" => compare(&|fit| of_each(fit.multipliers(), |phi| phi.value), SEARCHED),
            "log_phi" => compare(&|fit| of_each(fit.log_multipliers(), |phi| phi.value), SEARCHED),
            "log_phi_se" => {
                compare(&|fit| of_each(fit.log_multipliers(), |phi| phi.standard_error), SEARCHED)
            }
            "cond_indep_deviance" | "constant_deviance" | "cond_indep_df" | "constant_df" => {
                let model = if field.starts_with("cond") {
                    AssociationModel::independence()
                } else {
                    AssociationModel::common_association()
                };
                let fit = fit_association(&table, &model);
                let (part, tolerance): (fn(AssociationFit) -> f64, _) = if field.ends_with("df") {
                    (|fit| fit.degrees_of_freedom() as f64, COUNT)
                } else {
                    (|fit| fit.deviance(), REGRESSION)
                };
                verdict.compare_result(field, fit.map(part), expected, tolerance);
            }
            other => verdict.unknown(other),
        }
    }
    Ok(())
}

fn of_each(estimates: Option<Vec<Option<Estimate>>>, part: fn(&Estimate) -> f64) -> Computed {
    let estimates = estimates.unwrap_or_default();
    let parts = estimates.iter().map(|estimate| Computed::from(estimate.as_ref().map(part)));
    parts.collect::<Vec<_>>().into()
}
