//! Every value of the reference files of tests, space and uncertainty.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "counts and degrees of freedom are exact")]

mod common;

use common::{all_close, cases, close, income_panel, matrix, number, read, vector};
use erflijn_transition::space::{
    ClassLimits, LisaMarkov, Neighbours, SpatialMarkov, Standardisation, Theta, full_rank_counts, local_tau,
    spatial_tau, tau, theta,
};
use erflijn_transition::{
    CellCovariance, ChiSquare, DIFFERENCE_STEP, EmptyRows, MatrixCovariance, TransitionCounts,
    TransitionError, TransitionMatrix, homogeneity, perfect_mobility_test,
};
use ndarray::{Array1, Array2, Axis};
use serde_json::Value;

/// Linear algebra, of the files' own README.
const LINEAR: f64 = 1e-10;
/// Probabilities, very small ones included.
const PROBABILITY: f64 = 1e-8;

fn counts(value: &Value) -> TransitionCounts {
    TransitionCounts::from_cells(matrix(value)).unwrap()
}

#[track_caller]
fn test_is(found: ChiSquare, statistic: f64, degrees_of_freedom: f64, p: f64, what: &str) {
    close(found.statistic, statistic, LINEAR, what);
    assert_eq!(found.degrees_of_freedom, degrees_of_freedom, "{what}");
    if p == 0.0 {
        // Below the smallest double in the reference.
        assert!(found.p_value < 1e-300, "{what}: {}", found.p_value);
    } else {
        close(found.p_value, p, PROBABILITY, what);
    }
}

#[test]
fn homogeneity_of_regimes() {
    for case in cases(&read("homogeneity.json")) {
        let tables: Vec<TransitionCounts> =
            case["regime_counts"].as_array().unwrap().iter().map(counts).collect();
        let found = homogeneity(&tables).unwrap();
        let dof = number(&case["dof"]);
        test_is(found.test.pearson, number(&case["Q"]), dof, number(&case["Q_p_value"]), "Q");
        test_is(found.test.likelihood_ratio, number(&case["LR"]), dof, number(&case["LR_p_value"]), "LR");
        // DIFFERENCE: the file has giddy's form of Kullback's statistic, with column totals of the tables.
        let kullback = &case["kullback"];
        let [statistic, dof, p] = ["stat", "dof", "p"].map(|key| number(&kullback[key]));
        test_is(found.kullback_of_giddy, statistic, dof, p, "Kullback");
        assert_eq!(found.kullback.degrees_of_freedom, dof);
        // Undefined rows are rows of zeros in the file.
        let rows = |table: &TransitionCounts| -> Vec<f64> {
            let k = table.classes();
            table.row_shares().into_iter().flat_map(|row| row.unwrap_or(vec![0.0; k])).collect()
        };
        all_close(&rows(&found.pooled), &matrix(&case["p_h0"]), LINEAR, "pooled");
        for (table, expected) in tables.iter().zip(case["p_h1"].as_array().unwrap()) {
            all_close(&rows(table), &matrix(expected), LINEAR, "table");
        }
    }
}

#[test]
fn spatial_markov_of_us_states() {
    let (_, incomes, lists) = income_panel();
    let neighbours = Neighbours::new(&lists, Standardisation::Rows).unwrap();
    let relative = &incomes / &incomes.mean_axis(Axis(0)).unwrap();
    for case in cases(&read("spatial_markov.json")) {
        let [k, m] = ["k", "m"].map(|key| number(&case[key]) as usize);
        let pooled = case["fixed"].as_bool().unwrap();
        let limits = if pooled { ClassLimits::Pooled } else { ClassLimits::EachPeriod };
        let found = SpatialMarkov::by_quantile(&relative, &neighbours, k, m, limits).unwrap();
        all_close(found.cut_points.as_ref().unwrap(), &vector(&case["cutoffs"]), LINEAR, "limits");
        let lag_cut_points = found.lag_cut_points.as_ref().unwrap();
        all_close(lag_cut_points, &vector(&case["lag_cutoffs"]), LINEAR, "limits of lags");
        assert_eq!(found.pooled.cells(), matrix(&case["counts"]));
        let p = found.pooled.matrix(EmptyRows::Refuse).unwrap();
        all_close(p.probabilities(), &matrix(&case["p"]), LINEAR, "pooled");
        for (lag, table) in found.by_lag.iter().enumerate() {
            assert_eq!(table.cells(), matrix(&case["T"][lag]));
            let p = table.matrix(EmptyRows::Refuse).unwrap();
            all_close(p.probabilities(), &matrix(&case["P"][lag]), LINEAR, "matrix");
            let steady = p.stationary_distributions();
            all_close(steady.row(0), &vector(&case["steady_by_lag"][lag]), LINEAR, "long run");
            all_close(&p.mean_first_passage(), &matrix(&case["mfpt_by_lag"][lag]), LINEAR, "first passage");
        }
        let test = found.homogeneity().unwrap().test;
        let dof = number(&case["dof_hom"]);
        test_is(test.pearson, number(&case["Q"]), dof, number(&case["Q_p"]), "Q");
        test_is(test.likelihood_ratio, number(&case["LR"]), dof, number(&case["LR_p"]), "LR");
        let [x2, dof, p] = ["x2", "x2_dof", "x2_pvalue"].map(|key| number(&case[key]));
        test_is(found.distance_in_giddy_form().unwrap(), x2, dof, p, "x2");
        let distances = found.distance_to_pooled().unwrap();
        let long_run = found.long_run_distance().unwrap();
        for lag in 0..m {
            let parts = |value: &Value| ["chi2", "dof", "p"].map(|key| number(&value[key]));
            let [chi2, dof, p] = parts(&case["chi2_by_lag"][lag]);
            test_is(distances[lag], chi2, dof, p, "distance to pooled");
            let [chi2, dof, p] = parts(&case["shtest"][lag]);
            test_is(long_run[lag].unwrap(), chi2, dof, p, "long run");
        }
    }
}

#[test]
fn lisa_markov_of_us_states() {
    let (all_years, incomes, lists) = income_panel();
    let neighbours = Neighbours::new(&lists, Standardisation::Rows).unwrap();
    for case in read("lisa_rank_markov.json")["lisa"].as_array().unwrap() {
        let span = vector(&case["years"]);
        let column = |year: f64| all_years.iter().position(|y| *y == year as i64).unwrap();
        let columns: Vec<usize> = (column(span[0])..=column(span[1])).collect();
        let found = LisaMarkov::new(&incomes.select(Axis(1), &columns), &neighbours).unwrap();
        assert_eq!(found.counts.cells(), matrix(&case["counts"]));
        assert_eq!(found.own.cells(), matrix(&case["own_two_state_counts"]));
        assert_eq!(found.lag.cells(), matrix(&case["lag_two_state_counts"]));
        let first: Vec<f64> =
            found.quadrants.column(0).iter().map(|quadrant| quadrant.state() as f64 + 1.0).collect();
        assert_eq!(first, vector(&case["quadrants_first_period"]));
        let p = found.counts.matrix(EmptyRows::Refuse).unwrap();
        all_close(p.probabilities(), &matrix(&case["p"]), LINEAR, "matrix");
        all_close(&found.long_run().unwrap(), &vector(&case["steady_state"]), LINEAR, "long run");
        all_close(&found.expected(), &matrix(&case["expected_under_independence"]), LINEAR, "expected");
        let [chi2, dof, p] = ["chi2", "chi2_dof", "chi2_p"].map(|key| number(&case[key]));
        test_is(found.independence().unwrap(), chi2, dof, p, "independence");
    }
}

#[test]
fn full_rank_markov_of_ten_states() {
    let (_, incomes, _) = income_panel();
    let places: Vec<usize> = (0..48).step_by(5).collect();
    let years: Vec<usize> = (0..81).step_by(4).collect();
    let counts = full_rank_counts(&incomes.select(Axis(0), &places).select(Axis(1), &years)).unwrap();
    let case = &read("lisa_rank_markov.json")["full_rank"][0];
    assert_eq!(counts.cells(), matrix(&case["counts"]));
    let p = counts.matrix(EmptyRows::Refuse).unwrap();
    all_close(p.probabilities(), &matrix(&case["p"]), LINEAR, "matrix");
}

#[test]
fn rank_mobility_of_us_states() {
    let (all_years, incomes, lists) = income_panel();
    let neighbours = Neighbours::new(&lists, Standardisation::Rows).unwrap();
    let column = |year: f64| all_years.iter().position(|y| *y == year as i64).unwrap();
    for case in cases(&read("rank_mobility.json")) {
        let [x, y] = ["x_year", "y_year"].map(|key| incomes.column(column(number(&case[key]))).to_vec());
        let expected = &case["expected"];
        let value = |key: &str| number(&expected[key]);
        let found = tau(&x, &y).unwrap();
        close(found.tau_b().unwrap(), value("tau"), LINEAR, "tau");
        close(found.tau_b().unwrap(), value("scipy_kendall_tau_b"), LINEAR, "tau");
        close(found.p_value_of_giddy().unwrap(), value("tau_p_giddy"), PROBABILITY, "p of tau");
        let pairs =
            [found.concordant, found.discordant, found.tied_second, found.tied_first].map(|n| n as f64);
        assert_eq!(pairs, ["concordant", "discordant", "extraX", "extraY"].map(value));
        let spatial = spatial_tau(&x, &y, &neighbours).unwrap();
        close(spatial.tau_b().unwrap(), value("spatial_tau"), LINEAR, "spatial tau");
        assert_eq!(
            [spatial.concordant, spatial.discordant].map(|n| n as f64),
            ["spatial_concordant", "spatial_discordant"].map(value)
        );
        all_close(&local_tau(&x, &y).unwrap(), &vector(&expected["tau_local"]), LINEAR, "local tau");
        let years: Vec<usize> = vector(&case["theta_years"]).into_iter().map(column).collect();
        let regimes: Vec<u32> = (0..48).map(|state| state / 16).collect();
        let thetas = theta(&incomes.select(Axis(1), &years), &regimes).unwrap();
        let shares: Vec<f64> = thetas.iter().map(|found| found.theta.unwrap()).collect();
        all_close(&shares, &vector(&expected["theta"]), LINEAR, "theta");
        let totals: Vec<f64> = thetas.iter().map(|found| found.total).collect();
        assert_eq!(totals, vector(&expected["theta_total"]));
        assert_eq!(Theta::largest_total(48), value("theta_max_total"));
    }
}

/// Determinant by elimination with row exchanges: a function of a matrix as a user would bring it.
fn determinant(p: &Array2<f64>) -> f64 {
    let (mut a, mut product) = (p.clone(), 1.0);
    for step in 0..a.nrows() {
        let pivot =
            (step..a.nrows()).max_by(|i, j| a[[*i, step]].abs().total_cmp(&a[[*j, step]].abs())).unwrap();
        if pivot != step {
            for column in 0..a.ncols() {
                a.swap([pivot, column], [step, column]);
            }
            product = -product;
        }
        product *= a[[step, step]];
        for row in step + 1..a.nrows() {
            let factor = a[[row, step]] / a[[step, step]];
            for column in step..a.ncols() {
                a[[row, column]] -= factor * a[[step, column]];
            }
        }
    }
    product
}

fn distance(table: &Array2<f64>, origin: &Array1<f64>) -> f64 {
    let k = table.nrows() as f64;
    table.indexed_iter().map(|((i, j), p)| origin[i] * p * i.abs_diff(j) as f64).sum::<f64>() / (k - 1.0)
}

#[test]
fn errors_of_indices_by_the_delta_method() {
    type Function = Box<dyn Fn(&TransitionMatrix) -> Result<f64, TransitionError>>;
    for case in cases(&read("mobility_inference.json")) {
        let counts = counts(&case["counts"]);
        let k = counts.classes() as f64;
        let uncertain = MatrixCovariance::multinomial(&counts).unwrap();
        all_close(&uncertain.standard_errors(), &matrix(&case["se_p"]), LINEAR, "cells");
        let uniform = Array1::from_elem(counts.classes(), 1.0 / k);
        let functions: [(&str, Function); 5] = [
            ("M_P", Box::new(move |m| Ok((k - m.probabilities().diag().sum()) / (k - 1.0)))),
            // 1 - |det|, of which the 1 would cost the difference its digits where the determinant is 4e-7.
            ("M_D", Box::new(|m| Ok(-determinant(m.probabilities()).abs()))),
            ("M_L2", Box::new(|m| Ok(1.0 - m.eigenvalue_moduli()?[1]))),
            (
                "M_B1_uniform",
                Box::new(move |m| Ok(k / (k - 1.0) * (1.0 - m.probabilities().diag().sum() / k))),
            ),
            ("M_B2_uniform", Box::new(move |m| Ok(distance(m.probabilities(), &uniform)))),
        ];
        for (name, function) in functions {
            let found = uncertain.delta_by_differences(DIFFERENCE_STEP, function).unwrap();
            let value = if name == "M_D" { 1.0 + found.value } else { found.value };
            close(value, number(&case[name]), LINEAR, name);
            close(found.standard_error, number(&case[format!("se_{name}")]), LINEAR, name);
        }
        let long_run = uncertain.stationary().unwrap();
        let (values, errors): (Vec<f64>, Vec<f64>) =
            long_run.iter().map(|e| (e.value, e.standard_error)).unzip();
        all_close(&values, &vector(&case["steady_state"]), LINEAR, "long run");
        all_close(&errors, &vector(&case["se_steady_state"]), LINEAR, "errors of the long run");

        let cells = CellCovariance::multinomial(&counts).unwrap();
        let jumps = cells.delta_by_differences(DIFFERENCE_STEP, |table| {
            Ok::<_, TransitionError>(distance(table.cells(), &Array1::ones(table.classes())) / table.total())
        });
        let jumps = jumps.unwrap();
        close(jumps.value, number(&case["M_B2_rowshare"]), LINEAR, "B2");
        let error = number(&case["se_M_B2_rowshare_joint_multinomial"]);
        close(jumps.standard_error, error, LINEAR, "error of B2");
        let staying = cells.delta_by_differences(DIFFERENCE_STEP, |table| {
            Ok::<_, TransitionError>(table.cells().diag().sum() / table.total())
        });
        let staying = staying.unwrap();
        close(staying.value, number(&case["share_immobile"]), LINEAR, "share immobile");
        let error = number(&case["se_share_immobile_joint_multinomial"]);
        close(staying.standard_error, error, LINEAR, "error of the share immobile");

        let test = perfect_mobility_test(&counts).unwrap();
        let expected = &case["perfect_mobility_test"];
        let value = |key: &str| number(&expected[key]);
        test_is(test.pearson, value("X2"), value("dof"), value("p_X2"), "X2");
        test_is(test.likelihood_ratio, value("G2"), value("dof"), value("p_G2"), "G2");
    }
}
