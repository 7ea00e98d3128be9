//! The program `conformance` on the vectors under version control, and on folders made from them.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "ties are equal numbers")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data").join("vectors")
}

fn conformance(folder: Option<&Path>, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(folder).args(options).output().unwrap()
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with these files of the shipped vectors, after `change` to the first of them.
fn changed(files: &[&str], change: impl FnOnce(&mut Value)) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in files {
        fs::copy(vectors().join(file), folder.path().join(file)).unwrap();
    }
    let file = folder.path().join(files[0]);
    let mut content: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    change(&mut content);
    fs::write(&file, content.to_string()).unwrap();
    folder
}

#[test]
fn everything_shipped_passes() {
    let output = conformance(None, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output.stderr));
    // The numbers of cases in the files.
    assert_eq!(
        told(&output.stdout),
        "association_models: 4 passed, 0 failed, 0 unsupported\n\
         bounds_shrinkage_copula: 5 passed, 0 failed, 0 unsupported\n\
         disclosure_acro_frequency: 8 passed, 0 failed, 0 unsupported\n\
         disclosure_acro_magnitude: 15 passed, 0 failed, 0 unsupported\n\
         disclosure_audit: 7 passed, 0 failed, 0 unsupported\n\
         disclosure_noise: 1 passed, 0 failed, 0 unsupported\n\
         disclosure_rules: 14 passed, 0 failed, 0 unsupported\n\
         disclosure_suppression: 8 passed, 0 failed, 0 unsupported\n\
         empty_row_policies: 2 passed, 0 failed, 0 unsupported\n\
         homogeneity: 2 passed, 0 failed, 0 unsupported\n\
         ige_regression: 5 passed, 0 failed, 0 unsupported\n\
         income_mobility_indices: 4 passed, 0 failed, 0 unsupported\n\
         lisa_rank_markov: 2 passed, 0 failed, 0 unsupported\n\
         markov_classic: 2 passed, 0 failed, 0 unsupported\n\
         markov_edge_cases: 6 passed, 0 failed, 0 unsupported\n\
         mobility_inference: 2 passed, 0 failed, 0 unsupported\n\
         multigenerational: 1 passed, 0 failed, 0 unsupported\n\
         poverty_persistence: 4 passed, 0 failed, 0 unsupported\n\
         poverty_spells: 1 passed, 0 failed, 0 unsupported\n\
         quantile_transition: 28 passed, 0 failed, 0 unsupported\n\
         rank_mobility: 1 passed, 0 failed, 0 unsupported\n\
         rank_rank_inference: 12 passed, 0 failed, 0 unsupported\n\
         rank_rank_inference_weighted: 8 passed, 0 failed, 0 unsupported\n\
         rank_rank_points: 12 passed, 0 failed, 0 unsupported\n\
         sibling_correlation: 1 passed, 0 failed, 0 unsupported\n\
         spatial_markov: 1 passed, 0 failed, 0 unsupported\n\
         upward_mobility: 4 passed, 0 failed, 0 unsupported\n"
    );
    // The fitted values of one model add up to 3566 persons where the table has 3498: R glm, run anew, has 3498 and
    // a deviance of 130.08 on 42 degrees of freedom, as this program.
    let notes = told(&output.stderr);
    let noted: Vec<&str> = notes.lines().collect();
    assert_eq!(noted.len(), 4, "{notes}");
    assert!(
        noted[0]
            .starts_with("note: association_models.json, case occupationalStatus, field models.row_effects")
    );
    // Where acro judges tables and these crates cells.
    for (note, told) in noted[1..].iter().zip([
        "note: disclosure_acro_frequency_differences.json, case 0 (zero harmless), ",
        "note: disclosure_acro_magnitude_differences.json, case 0 (zeros), ",
        "note: disclosure_acro_magnitude_differences.json, case 1 (beside negative), ",
    ]) {
        assert!(note.starts_with(told), "{note}");
    }
    let one = conformance(Some(&vectors()), &["--topic", "upward_mobility"]);
    assert_eq!(told(&one.stdout), "upward_mobility: 4 passed, 0 failed, 0 unsupported\n");
}

const BOUNDS: &str = "bounds_shrinkage_copula.json";
const PANEL: &str = "us_income_panel.json";
const PAIRS: &str = "pairs.json";

/// Files, their inputs, the places of values in them, and the names of the fields.
const MUTATIONS: [(&str, &str, &str, &str); 64] = [
    (BOUNDS, PANEL, "/cef_bounds/expected/4/lower", "expected[4].lower"),
    (BOUNDS, PANEL, "/manski/0/complete_case", "complete_case"),
    (BOUNDS, PANEL, "/shrinkage/0/posterior_sd_plugin/7", "posterior_sd_plugin[7]"),
    ("ige_regression.json", PAIRS, "/cases/0/se_HC2/1", "se_HC2[1]"),
    ("ige_regression.json", PAIRS, "/cases/1/se_cluster_CR0/0", "se_cluster_CR0[0]"),
    ("ige_regression.json", PAIRS, "/cases/1/n_clusters", "n_clusters"),
    ("ige_regression.json", PAIRS, "/cases/4/params/1", "params[1]"),
    ("ige_regression.json", PAIRS, "/cases/4/n_zero_child", "n_zero_child"),
    (
        "income_mobility_indices.json",
        PAIRS,
        "/cases/1/expected/yitzhaki_wodon_S",
        "expected.yitzhaki_wodon_S",
    ),
    ("income_mobility_indices.json", PAIRS, "/cases/0/expected/king_gamma_2.0", "expected.king_gamma_2.0"),
    (
        "income_mobility_indices.json",
        PAIRS,
        "/cases/2/expected/maasoumi_zandvakili_geometric_mld",
        "expected.maasoumi_zandvakili_geometric_mld",
    ),
    ("income_mobility_indices.json", PAIRS, "/cases/3/expected/n", "expected.n"),
    (
        "association_models.json",
        PANEL,
        "/cases/occupationalStatus/models/quasi_uniform/phi",
        "models.quasi_uniform.phi",
    ),
    (
        "association_models.json",
        PANEL,
        "/cases/occupationalStatus/models/symmetry/fitted/8",
        "models.symmetry.fitted[8]",
    ),
    (
        "association_models.json",
        PANEL,
        "/cases/occupationalStatus/models/row_effects/deviance",
        "models.row_effects.deviance",
    ),
    ("association_models.json", PANEL, "/cases/erikson_unidiff/df", "df"),
    ("association_models.json", PANEL, "/cases/altham_ferrie_table/maor", "maor"),
    ("association_models.json", PANEL, "/altham_distance_between/value", "value"),
    (
        "multigenerational.json",
        PANEL,
        "/cases/0/parent_and_grandparent_HC1/2",
        "parent_and_grandparent_HC1[2]",
    ),
    ("multigenerational.json", PANEL, "/cases/0/latent_factor/rho", "latent_factor.rho"),
    (
        "multigenerational.json",
        PANEL,
        "/cases/0/poverty_cells_grand_parent/10/1",
        "poverty_cells_grand_parent.10[1]",
    ),
    ("sibling_correlation.json", PANEL, "/cases/0/anova/n0", "anova.n0"),
    ("sibling_correlation.json", PANEL, "/cases/0/pairwise/n_pairs", "pairwise.n_pairs"),
    ("empty_row_policies.json", PANEL, "/cases/0/policies/uniform/p/2/1", "policies.uniform.p[2][1]"),
    ("empty_row_policies.json", PANEL, "/cases/1/policies/drop_state/kept/1", "policies.drop_state.kept[1]"),
    ("homogeneity.json", PANEL, "/cases/0/kullback/p", "kullback.p"),
    ("homogeneity.json", PANEL, "/cases/1/dof", "dof"),
    ("homogeneity.json", PANEL, "/cases/1/p_h1/1/0/1", "p_h1[1][0][1]"),
    ("lisa_rank_markov.json", PANEL, "/lisa/0/chi2_p", "chi2_p"),
    ("lisa_rank_markov.json", PANEL, "/lisa/0/quadrants_first_period/7", "quadrants_first_period[7]"),
    ("lisa_rank_markov.json", PANEL, "/full_rank/0/counts/3/1", "counts[3][1]"),
    ("markov_edge_cases.json", PANEL, "/cases/0/recurrent_classes/1/0", "recurrent_classes[1][0]"),
    ("markov_edge_cases.json", PANEL, "/cases/1/mfpt/0/1", "mfpt[0][1]"),
    ("mobility_inference.json", PANEL, "/cases/0/se_M_D", "se_M_D"),
    ("mobility_inference.json", PANEL, "/cases/1/lambda2/0", "lambda2"),
    ("mobility_inference.json", PANEL, "/cases/0/perfect_mobility_test/p_G2", "perfect_mobility_test.p_G2"),
    ("rank_mobility.json", PANEL, "/cases/0/expected/extraY", "expected.extraY"),
    ("rank_mobility.json", PANEL, "/cases/0/expected/theta/3", "expected.theta[3]"),
    ("rank_rank_inference_weighted.json", PAIRS, "/cases/3/se_iid/0", "se_iid[0]"),
    ("rank_rank_inference_weighted.json", PAIRS, "/cases/6/n_clusters", "n_clusters"),
    (
        "rank_rank_inference_weighted.json",
        PAIRS,
        "/cases/7/se_cluster_no_factor/1",
        "se_cluster_no_factor[1]",
    ),
    ("spatial_markov.json", PANEL, "/cases/0/T/2/1/0", "T[2][1][0]"),
    ("spatial_markov.json", PANEL, "/cases/0/shtest/1/p", "shtest[1].p"),
    ("spatial_markov.json", PANEL, "/cases/0/mfpt_by_lag/4/0/3", "mfpt_by_lag[4][0][3]"),
    ("markov_classic.json", PANEL, "/cases/0/mfpt/1/2", "mfpt[1][2]"),
    ("markov_classic.json", PANEL, "/cases/1/counts/0/0", "counts[0][0]"),
    ("markov_classic.json", PANEL, "/cases/0/mobility/B2_ramp", "mobility.B2_ramp"),
    ("disclosure_audit.json", PAIRS, "/cases/1/lp_interval/0|0/1", "lp_interval.0|0[1]"),
    ("disclosure_audit.json", PAIRS, "/cases/6/integer_interval/00|0/0", "integer_interval.00|0[0]"),
    ("disclosure_suppression.json", PAIRS, "/cases/0/optimum", "optimum"),
    (
        "disclosure_suppression.json",
        PAIRS,
        "/cases/0/audit_of_that_pattern/1|0/1",
        "audit_of_that_pattern.1|0[1]",
    ),
    ("disclosure_noise.json", PAIRS, "/cases/0/cells/1/local_sensitivity", "cells[1].local_sensitivity"),
    ("disclosure_noise.json", PAIRS, "/cases/0/se_released/2", "se_released[2]"),
    ("disclosure_acro_magnitude.json", PAIRS, "/cases/0/acro/table/1/0", "acro.table[1][0]"),
    ("poverty_persistence.json", PAIRS, "/cases/2/pearson_p", "pearson_p"),
    ("poverty_persistence.json", PAIRS, "/cases/2/lpm_cluster/se_CR1/1", "lpm_cluster.se_CR1[1]"),
    ("poverty_spells.json", PAIRS, "/cases/0/n", "n"),
    ("poverty_spells.json", PAIRS, "/cases/0/T", "T"),
    ("poverty_spells.json", PAIRS, "/cases/0/hazard_table/1/survival", "hazard_table[1].survival"),
    ("poverty_spells.json", PAIRS, "/cases/0/exposure_regression/se_HC1/1", "exposure_regression.se_HC1[1]"),
    ("quantile_transition.json", PAIRS, "/cases/9/counts/2/3", "counts[2][3]"),
    ("rank_rank_inference.json", PAIRS, "/cases/4/vcov/0/5", "vcov[0][5]"),
    ("rank_rank_points.json", PAIRS, "/cases/11/p25", "p25"),
    ("upward_mobility.json", PAIRS, "/cases/1/bhattacharya_mazumder/2/n", "bhattacharya_mazumder[2].n"),
];

#[test]
fn a_changed_value_fails_and_is_named() {
    for (file, inputs, pointer, field) in MUTATIONS {
        let folder = changed(&[file, inputs], |content| {
            let value = content.pointer_mut(pointer).unwrap();
            let number = value.as_f64().unwrap();
            // A tenth of a millionth of a share; one person more of a count.
            *value = if number.fract() == 0.0 { json!(number + 1.0) } else { json!(number * 1.0000001) };
        });
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(output.status.code(), Some(1), "{file} {pointer}");
        assert!(told(&output.stdout).contains(" passed, 1 failed, 0 unsupported\n"), "{file} {pointer}");
        assert!(
            told(&output.stderr).contains(&format!("field {field}: computed ")),
            "{}",
            told(&output.stderr)
        );
    }
}

#[test]
fn a_changed_word_or_flag_fails_and_is_named() {
    for (file, pointer, value, field) in [
        ("disclosure_rules.json", "/cases/0/sensitive", json!(true), "sensitive"),
        ("disclosure_rules.json", "/cases/0/params/n", json!(11), "sensitive"),
        ("disclosure_acro_frequency.json", "/cases/1/acro/status", json!("pass"), "acro.status"),
        (
            "disclosure_acro_frequency.json",
            "/cases/1/acro/cell_flags/0/1",
            json!([]),
            "acro.cell_flags[0][1]",
        ),
        (
            "disclosure_acro_frequency.json",
            "/cases/3/config/safe_threshold",
            json!(11),
            "acro.cell_flags[2][1]",
        ),
        (
            "disclosure_acro_magnitude.json",
            "/cases/2/acro/cell_flags/1/0",
            json!(["NKCheck"]),
            "acro.cell_flags[1][0]",
        ),
        ("disclosure_acro_magnitude.json", "/cases/5/config/safe_nk_k", json!(0.9), "acro.cell_flags[0][0]"),
        ("disclosure_acro_magnitude.json", "/cases/4/acro/status", json!("fail"), "acro.status"),
    ] {
        let folder = changed(&[file], |content| *content.pointer_mut(pointer).unwrap() = value);
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(output.status.code(), Some(1), "{file} {pointer}");
        assert!(told(&output.stdout).contains(" passed, 1 failed, 0 unsupported\n"), "{file} {pointer}");
        assert!(
            told(&output.stderr).contains(&format!("field {field}: computed ")),
            "{}",
            told(&output.stderr)
        );
    }
}

/// Files, places in them, fields to write there with their values, and how they are named.
fn unknown_words() -> Vec<(&'static str, &'static str, &'static str, Value, &'static str)> {
    vec![
        ("disclosure_acro_frequency.json", "/cases/0", "curve", json!(1), "curve"),
        ("disclosure_acro_magnitude.json", "/cases/0/config", "curve", json!(1), "config.curve"),
        ("disclosure_acro_magnitude.json", "/cases/0", "aggfunc", json!("mad"), "aggfunc \"mad\""),
        ("disclosure_noise.json", "/cases/0", "statistic", json!("mean"), "statistic \"mean\""),
        ("disclosure_rules.json", "/cases/0", "rule", json!("by_lot"), "rule \"by_lot\""),
        ("disclosure_rules.json", "/cases/0/params", "k", json!(1), "params.k"),
        ("upward_mobility.json", "/cases/0", "curve", json!(0.5), "curve"),
        ("ige_regression.json", "/cases/0", "se_HC4", json!(0.5), "se_HC4"),
        ("ige_regression.json", "/cases/0", "label", json!("lad_log_log"), "label \"lad_log_log\""),
        (
            "income_mobility_indices.json",
            "/cases/0/expected",
            "chakravarty",
            json!(1),
            "expected.chakravarty",
        ),
        ("income_mobility_indices.json", "/cases/0", "curve", json!(1), "curve"),
        (
            "rank_rank_inference.json",
            "/cases/0",
            "model",
            json!("r(child) ~ magic"),
            "model \"r(child) ~ magic\"",
        ),
        ("association_models.json", "/cases/occupationalStatus/models", "by_lot", json!({}), "models.by_lot"),
        ("association_models.json", "/cases/erikson_unidiff", "curve", json!(1), "curve"),
        ("multigenerational.json", "/cases/0", "generator", json!("by lot"), "generator \"by lot\""),
        ("sibling_correlation.json", "/cases/0/reml_statsmodels", "aic", json!(1), "reml_statsmodels.aic"),
        ("quantile_transition.json", "/cases/0", "rule", json!("by_lot"), "rule \"by_lot\""),
        ("lisa_rank_markov.json", "/full_rank/0", "rule", json!("every place"), "rule \"every place\""),
        ("spatial_markov.json", "/cases/0", "rule", json!("over the median"), "rule \"over the median\""),
        ("spatial_markov.json", "/cases/0/chi2_by_lag/0", "z", json!(1), "chi2_by_lag[0].z"),
        ("rank_mobility.json", "/cases/0/expected", "gamma", json!(1), "expected.gamma"),
        ("rank_mobility.json", "/cases/0", "regimes", json!("by lot"), "regimes \"by lot\""),
        ("empty_row_policies.json", "/cases/0/policies", "by_lot", json!({}), "policies.by_lot"),
        ("markov_edge_cases.json", "/cases/0", "curve", json!(1), "curve"),
        ("homogeneity.json", "/cases/0", "curve", json!(1), "curve"),
        (
            "homogeneity.json",
            "/cases/0",
            "weights",
            json!("by size"),
            "weights \"by size\" (counts and panels have none)",
        ),
        ("mobility_inference.json", "/cases/0", "se_share_immobile", json!(1), "se_share_immobile"),
        ("rank_rank_inference_weighted.json", "/cases/0", "se_bootstrap", json!(1), "se_bootstrap"),
        (
            "poverty_persistence.json",
            "/cases/0/logit",
            "marginal_effect",
            json!(1.0),
            "logit.marginal_effect",
        ),
    ]
}

#[test]
fn unknown_fields_rules_and_models_are_unsupported_and_named() {
    for (file, pointer, field, value, name) in unknown_words() {
        let folder = changed(&[file, "pairs.json", "us_income_panel.json"], |content| {
            content.pointer_mut(pointer).unwrap()[field] = value;
        });
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            told(&output.stdout).contains(" passed, 0 failed, 1 unsupported\n"),
            "{}",
            told(&output.stdout)
        );
        assert!(
            told(&output.stderr).contains(&format!("field {name} is not known")),
            "{}",
            told(&output.stderr)
        );
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("later.json"), r#"{"id": "later", "cases": [{}, {}]}"#).unwrap();
    let output = conformance(Some(folder.path()), &[]);
    assert_eq!(told(&output.stdout), "later: 0 passed, 0 failed, 2 unsupported\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn names_of_sets_and_labels_mean_nothing() {
    let folder = changed(&["pairs.json", "us_income_panel.json"], |pairs| {
        let sets = pairs["sets"].as_object_mut().unwrap();
        for (old, new) in [("smooth", "tied"), ("tied", "heaped")] {
            let set = sets.remove(old).unwrap();
            sets.insert(format!("new {new}"), set);
        }
    });
    for entry in fs::read_dir(vectors()).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.ends_with(".json") && name != "pairs.json" && name != "us_income_panel.json" {
            let text = fs::read_to_string(&file).unwrap();
            // The old name of one set is part of the new name of the other.
            let text = text.replace("\"tied\"", "\"new heaped\"").replace("\"smooth\"", "\"new tied\"");
            // Where a label or a convention names a set, it is the set's name.
            let text = text.replace("'smooth'", "'new tied'").replace("kept_tied", "kept, new heaped");
            let text = text.replace("quintiles_per_year", "a").replace("pooled_relative_5", "b");
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let output = conformance(Some(folder.path()), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output.stderr));
    assert_eq!(told(&output.stdout), told(&conformance(None, &[]).stdout));
}

/// Ranks of the values by their definition, as tenths of whole numbers allow.
fn ranks(values: &[f64], weights: &[f64], omega: f64) -> Vec<f64> {
    let sum = |keep: &dyn Fn(f64) -> bool| -> f64 {
        values.iter().zip(weights).filter(|(v, _)| keep(**v)).map(|(_, w)| w).sum()
    };
    let total = sum(&|_| true);
    values.iter().map(|&own| (sum(&|v| v < own) + omega * sum(&|v| v == own)) / total).collect()
}

#[test]
fn other_data_weights_and_tie_rules_are_computed_anew() {
    // Incomes from a generator, heaped; weights listed in the case, no whole numbers; omega 0.3.
    let mut state = 4_u64;
    let mut draw = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / 9007199254740992.0
    };
    let parent: Vec<f64> = (0..60).map(|_| (draw() * 12.0).floor()).collect();
    let child: Vec<f64> = parent.iter().map(|x| (x * 0.5 + draw() * 9.0).floor()).collect();
    let weights: Vec<f64> = (0..60).map(|_| 0.25 + draw()).collect();
    // Expected values by the definitions: ranks, then the two moments of least squares.
    let (x, y) = (ranks(&parent, &weights, 0.3), ranks(&child, &weights, 0.3));
    let total: f64 = weights.iter().sum();
    let mean = |f: &dyn Fn(usize) -> f64| (0..60).map(|i| weights[i] * f(i)).sum::<f64>() / total;
    let (mx, my) = (mean(&|i| x[i]), mean(&|i| y[i]));
    let slope = mean(&|i| (x[i] - mx) * (y[i] - my)) / mean(&|i| (x[i] - mx).powi(2));
    let case = json!({
        "label": "of our own", "data": "lot", "weights": weights, "omega": 0.3, "slope": slope,
        "intercept": my - slope * mx, "p10": my + slope * (0.1 - mx), "rank_parent_first3": x[..3],
        "rank_child_weighted_mean": my
    });
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, content: Value| fs::write(folder.path().join(name), content.to_string()).unwrap();
    write("couples.json", json!({"sets": {"lot": {"parent": parent, "child": child}}}));
    write("points.json", json!({"id": "rank_rank_points", "data": "couples.json", "cases": [case]}));
    let output = conformance(Some(folder.path()), &[]);
    let told = (told(&output.stdout), told(&output.stderr));
    assert_eq!(told, ("rank_rank_points: 1 passed, 0 failed, 0 unsupported\n".to_owned(), String::new()));
}

#[test]
fn elasticities_of_other_data_take_the_cases_own_set_and_weights() {
    let (parent, child) =
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0_f64], [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0_f64]);
    let weights = [1.0, 2.5, 1.0, 0.5, 3.0, 1.0, 1.0, 2.0];
    // By the two moments of least squares on logarithms.
    let line = |weights: &[f64]| {
        let total: f64 = weights.iter().sum();
        let mean = |f: &dyn Fn(usize) -> f64| (0..8).map(|i| weights[i] * f(i)).sum::<f64>() / total;
        let (mx, my) = (mean(&|i| parent[i].ln()), mean(&|i| child[i].ln()));
        let slope = mean(&|i| (parent[i].ln() - mx) * (child[i].ln() - my))
            / mean(&|i| (parent[i].ln() - mx).powi(2));
        [my - slope * mx, slope]
    };
    let plain = json!({"label": "ols", "data": "plain", "params": line(&[1.0; 8]), "n": 8});
    let good = json!({"label": "wls", "data": "plain", "weights": weights, "params": line(&weights)});
    assert_counted("ige_regression", &plain, &good, "passed", "");
    let wrong = json!({"label": "ols", "data": "plain", "weights": weights, "params": line(&[1.0; 8])});
    assert_counted("ige_regression", &plain, &wrong, "failed", "field params[0]: computed ");
    let few = json!({"label": "ppml", "data": "two", "params": null});
    assert_counted("ige_regression", &plain, &few, "passed", "");
    let nameless = json!({"label": "ols", "n": 8});
    assert_counted("ige_regression", &plain, &nameless, "failed", "name a set of pairs");
}

#[test]
fn bounds_and_areas_of_other_files() {
    let topic = "bounds_shrinkage_copula";
    let good = json!({"poor_child": 1, "nonpoor_child": 2, "missing_child": 1, "lower": 0.25, "upper": 0.5});
    let judge =
        |case: Value, counted: &str, reason: &str| assert_counted(topic, &good, &case, counted, reason);
    judge(
        json!({"poor_child": 0, "nonpoor_child": 0, "missing_child": 4, "lower": 0, "upper": 1, "complete_case": null}),
        "passed",
        "",
    );
    judge(json!({"missing_child": 4, "lower": 0}), "failed", "\"poor_child\" is missing");
    judge(json!({"poor_child": 1, "nonpoor_child": -2, "missing_child": 1, "lower": 0}), "failed", "-2");
    // Halves of 0.4 and 0.6: at least (0.2 - 0.15) / 0.25 at a quarter, at most 0.6; in the upper half the mirror image.
    let bins = |means: Value, point: Value| json!({"edges": [0, 0.5, 1], "means": means, "ymin": 0, "ymax": 1, "expected": [point]});
    judge(bins(json!([0.4, 0.6]), json!({"x": 0.25, "lower": 0.2, "upper": 0.6})), "passed", "");
    judge(bins(json!([0.4, 0.6]), json!({"x": 0.75, "lower": 0.4, "upper": 0.8})), "passed", "");
    judge(
        bins(json!([0.4, 0.6]), json!({"x": 0.25, "lower": 0.3})),
        "failed",
        "field expected[0].lower: computed ",
    );
    judge(bins(json!([0.4, 0.6]), json!({"x": 1.25, "lower": 0.3})), "failed", "rank is 1.25");
    judge(bins(json!([0.4, 0.6]), json!({"x": 0.25, "middle": 0.3})), "unsupported", "expected[0].middle");
    judge(bins(json!([0.6, 0.4]), json!({"x": 0.25, "lower": 0.3})), "failed", "expected no fall");
    // Two areas of one value: nothing between them. Weights 1 and 1/4.
    let areas = json!({
        "estimates": [0.5, 0.5], "se": [1, 2], "Q": 0, "tau2_DL": 0, "random_mean": 0.5, "fixed_mean": 0.5,
        "random_mean_se": 0.8_f64.sqrt(), "reliability": [0, 0], "shrunk": [0.5, 0.5], "posterior_sd_plugin": [0, 0]
    });
    judge(areas.clone(), "passed", "");
    // 0 and 3 with error 1: Q = 4.5, c = 2 - 2/2 = 1, t = 3.5, reliability 3.5 / 4.5.
    let apart = json!({
        "estimates": [0, 3], "se": [1, 1], "Q": 4.5, "tau2_DL": 3.5, "reliability": [7.0 / 9.0, 7.0 / 9.0],
        "shrunk": [1.0 / 3.0, 8.0 / 3.0]
    });
    judge(apart, "passed", "");
    let mut wrong = areas.clone();
    wrong["se"] = json!([1, 0]);
    judge(wrong, "failed", "standard error is 0");
    let mut unknown = areas;
    unknown["tau2_HS"] = json!(0);
    judge(unknown, "unsupported", "tau2_HS");
}

#[test]
fn parts_of_one_file_are_cases_each() {
    let folder = changed(&["bounds_shrinkage_copula.json"], |content| {
        content["gaussian_copula"][1]["p"][0][3] = json!(0.07210282);
        content["gaussian_copula"][0]["tail"] = json!(1);
        content["gaussian_copula"]
            .as_array_mut()
            .unwrap()
            .push(json!({"rho": 1.0, "k": 2, "rank_slope": 1.0}));
    });
    let output = conformance(Some(folder.path()), &[]);
    assert_eq!(told(&output.stdout), "bounds_shrinkage_copula: 4 passed, 1 failed, 1 unsupported\n");
    let complaints = told(&output.stderr);
    assert!(complaints.contains("case gaussian_copula 1, field p[0][3]: computed "), "{complaints}");
    assert!(complaints.contains("case gaussian_copula 0, field tail is not known"), "{complaints}");
}

#[test]
fn class_tables_and_families_of_other_data_are_computed_anew() {
    // Independence of [[1, 2], [3, 6]] is exact; one odds ratio of 4 is 2 ln 4 from none, over four cells.
    let tables = json!({"id": "association_models", "cases": {
        "exact": {"table": [[1, 2], [3, 6]], "models": {"independence": {"deviance": 0, "df": 1, "fitted": [1, 3, 2, 6]}}},
        "fourfold": {"table": [[20, 10], [10, 20]], "altham": 2.0 * 4.0_f64.ln(), "iac_uniform": 4.0_f64.ln() / 4.0},
        "empty": {"table": [[20, 0], [10, 20]], "altham": null},
        "layers": {"layers": [[[20, 10], [10, 20]], [[40, 20], [20, 40]]], "phi": [1, 1], "deviance": 0, "df": 0},
    }});
    // Three pairs of brothers: MSB 18, MSW 1/2. Lines of six: products 14.5, 15.5 and 12.5 of 17.5 at most.
    let siblings = json!({"id": "sibling_correlation", "cases": [{
        "y": [1.5, 2.5, 4.5, 5.5, 7.5, 8.5], "family": [7, 7, 1, 1, 4, 4], "n": 6, "families": 3,
        "anova": {"MSB": 18, "MSW": 0.5, "n0": 2, "sibling_correlation": 17.5 / 18.5},
        "reml": {"sigma2_within": 0.5, "sigma2_family": 8.75, "mean": 5.0},
    }]});
    let lines = json!({"id": "multigenerational", "cases": [{
        "grandparent": [1, 2, 3, 4, 5, 6], "parent": [2, 1, 4, 3, 6, 5], "child": [1, 2, 5, 3, 6, 4],
        "corr_g_p": 14.5 / 17.5, "corr_p_c": 15.5 / 17.5, "corr_g_c": 12.5 / 17.5,
        "excess_persistence": 12.5 / 17.5 - 14.5 * 15.5 / 17.5 / 17.5,
    }]});
    let files =
        [("a.json", tables.to_string()), ("b.json", siblings.to_string()), ("c.json", lines.to_string())];
    let (code, report, complaints) = judged(&files, &[]);
    assert_eq!(complaints, "");
    assert_eq!(code, Some(0));
    assert!(
        report.starts_with("association_models: 4 passed, 0 failed")
            && report.matches(": 1 passed").count() == 2
    );
}

#[test]
fn nothing_to_run_is_told_with_exit_code_2() {
    let says = |folder: &Path, options: &[&str], message: &str| {
        let output = conformance(Some(folder), options);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(told(&output.stderr).contains(message), "{}", told(&output.stderr));
    };
    says(Path::new("no such folder"), &[], "is not a folder");
    says(&vectors(), &["--topic", "magic"], "has no file with cases of topic \"magic\"");
    let folder = TempDir::new().unwrap();
    says(folder.path(), &[], "has no file with cases");
    fs::write(folder.path().join("broken.json"), "{\"cases\": [").unwrap();
    says(folder.path(), &[], "broken.json is not readable as JSON");
}

/// A folder of small files by hand, and what the program makes of it.
fn judged(files: &[(&str, String)], options: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let output = conformance(Some(folder.path()), options);
    (output.status.code(), told(&output.stdout), told(&output.stderr))
}

/// Eight families with neither weights nor usable clusters, and a set for each way to be unusable.
fn couples() -> String {
    let parent = [1, 2, 3, 4, 5, 6, 7, 8];
    let child = [2, 1, 4, 3, 6, 5, 8, 7];
    json!({"sets": {
        "plain": {"parent": parent, "child": child, "cluster": ["a", "b", "c", "d", "e", "f", "g", "h"]},
        "gap": {"parent": [1, null], "child": [1, 2]},
        "uneven": {"parent": [1, 2], "child": [1]},
        "none": {"parent": [], "child": []},
        "alike": {"parent": [3, 3], "child": [1, 2]},
        "two": {"parent": [1, 2], "child": [5, 4]},
    }})
    .to_string()
}

fn file_of(topic: &str, cases: &[Value]) -> String {
    json!({"id": topic, "data": "couples.json (by hand)", "cases": cases}).to_string()
}

/// One case among a good one: what it counts as, and why.
fn assert_counted(topic: &str, good: &Value, case: &Value, counted: &str, reason: &str) {
    let files = [("couples.json", couples()), ("cases.json", file_of(topic, &[case.clone(), good.clone()]))];
    let (code, lines, complaints) = judged(&files, &[]);
    let expected = match counted {
        "passed" => "2 passed, 0 failed, 0 unsupported",
        "failed" => "1 passed, 1 failed, 0 unsupported",
        _ => "1 passed, 0 failed, 1 unsupported",
    };
    assert_eq!(lines, format!("{topic}: {expected}\n"), "{case}\n{complaints}");
    assert_eq!(code, Some(i32::from(counted == "failed")), "{case}");
    assert!(complaints.contains(reason), "{case}\n{complaints}");
    if counted != "passed" {
        assert!(complaints.contains("cases.json, case 0"), "{complaints}");
    }
}

#[test]
fn a_case_that_cannot_be_used_fails_and_the_others_go_on() {
    let good = json!({"data": "plain", "omega": 0.5, "rank_parent_first1": [0.0625]});
    for (field, value, counted, reason) in [
        ("omega", json!(1.5), "failed", "omega is 1.5"),
        ("omega", json!("0.5"), "failed", "expected a number"),
        ("data", json!("gap"), "failed", "set \"gap\" of data file couples.json: parent[1] is null"),
        ("data", json!("uneven"), "failed", "2 parents and 1 children"),
        ("data", json!("none"), "failed", "no pairs"),
        ("data", json!("lost"), "failed", "data file couples.json has no set \"lost\""),
        ("weights", json!("weighted"), "failed", "column \"weight\" is missing"),
        ("weights", json!([1, -1]), "failed", "weight"),
        ("weights", json!("by size"), "unsupported", "weights \"by size\" is not known"),
        ("curve", json!(1), "unsupported", "field curve is not known"),
        ("case", json!("a name"), "passed", ""),
    ] {
        let mut case = good.clone();
        case[field] = value;
        assert_counted("rank_rank_points", &good, &case, counted, reason);
    }
    let mut case = good.clone();
    case.as_object_mut().unwrap().remove("omega");
    assert_counted("rank_rank_points", &good, &case, "failed", "field \"omega\" is missing");
    assert_counted("rank_rank_points", &good, &json!([1]), "failed", "expected an object");
    let good = json!({"data": "plain", "k": 2, "rule": "midrank", "counts": [[4, 0], [0, 4]]});
    let mut case = good.clone();
    case["k"] = json!(300);
    assert_counted("quantile_transition", &good, &case, "failed", "\"k\" is 300");
    let clusters =
        json!({"data": "plain", "omega": 1, "model": "by group (cluster), pooled ranks", "coef": [1]});
    let good =
        json!({"data": "plain", "omega": 1, "model": "r(child) ~ r(parent)", "rank_parent_first1": [0.125]});
    assert_counted("rank_rank_inference", &good, &clusters, "failed", "cluster[0] is \"a\"");
    let (code, lines, complaints) =
        judged(&[("cases.json", file_of("rank_rank_points", &[json!({"data": "plain", "omega": 1})]))], &[]);
    assert_eq!((code, lines.as_str()), (Some(1), "rank_rank_points: 0 passed, 1 failed, 0 unsupported\n"));
    assert!(complaints.contains("couples.json"), "{complaints}");
}

#[test]
fn null_means_undefined() {
    // Nobody poor has a child that is not: the table is [[2, 0], [0, 6]] with lines 3 and 3, and [[0, 0], [1, 7]]
    // with lines 1 and 2.
    let good = json!({"data": "plain", "parent_line": 3, "child_line": 3, "table": [[2, 0], [0, 6]]});
    let measures = json!({
        "data": "plain", "parent_line": 3, "child_line": 3, "risk_ratio_ci95": [null, null],
        "odds_ratio": null, "logit": {"params": [null, null], "se": null}
    });
    assert_counted("poverty_persistence", &good, &measures, "passed", "");
    let nobody = json!({
        "data": "plain", "parent_line": 1, "child_line": 2, "table": [[0, 0], [1, 7]], "persistence": null,
        "paf": null, "logit": null, "lpm_HC1": {"params": [null, null]}
    });
    assert_counted("poverty_persistence", &good, &nobody, "passed", "");
    let defined = json!({"data": "plain", "parent_line": 4, "child_line": 4, "logit": null});
    assert_counted("poverty_persistence", &good, &defined, "failed", "field logit: computed");

    let good = json!({"data": "plain", "omega": 0.5, "rank_parent_first1": [0.0625]});
    let alike =
        json!({"data": "alike", "omega": 0.5, "slope": null, "p25": null, "rank_parent_first2": [0.5, 0.5]});
    assert_counted("rank_rank_points", &good, &alike, "passed", "");
    let alike = json!({"data": "alike", "omega": 0.5, "slope": 0.5});
    assert_counted("rank_rank_points", &good, &alike, "failed", "field slope: refused");
    // Mid-ranks 1/4, 3/4 on 3/4, 1/4.
    let two =
        json!({"data": "two", "omega": 0.5, "slope": -1, "intercept": 1, "correlation": -1, "p25": 0.75});
    assert_counted("rank_rank_points", &good, &two, "passed", "");
}

#[test]
fn chains_of_counts_need_no_panel() {
    let chain = |fields: Value| {
        let mut case = json!({"counts": [[1, 1, 0, 0], [1, 4, 0, 0], [0, 0, 4, 6], [0, 0, 7, 3]]});
        case.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        case
    };
    // Two pairs of classes: trace 0.5 + 0.8 + 0.4 + 0.3 = 2, index (4 - 2) / 3.
    let good = chain(json!({"mobility": {"P": 2.0 / 3.0, "B1_steady": null}, "n_recurrent_classes": 2}));
    let good = &good;
    let topic = "markov_classic";
    assert_counted(topic, good, &chain(json!({"rule": "drawn", "data": "seed 7", "k": 4})), "passed", "");
    let steady = chain(json!({"mobility": {"B1_steady": 0.5}}));
    assert_counted(topic, good, &steady, "unsupported", "mobility.B1_steady (of several");
    let rule = chain(
        json!({"rule": "income divided by that year's median, pooled, type 7", "data": "couples.json"}),
    );
    assert_counted(topic, good, &rule, "unsupported", "median");
    // An empty class leaves its row undefined, and the indices.
    let empty =
        json!({"counts": [[3, 1], [0, 0]], "p": [[0.75, 0.25], null], "mobility": {"P": null}, "mfpt": null});
    assert_counted(topic, good, &empty, "passed", "");
    assert_counted(topic, good, &json!({"counts": [[1, -2], [3, 4]], "k": 2}), "failed", "is -2");
    assert_counted(topic, good, &json!({"p": [[1]]}), "failed", "\"counts\" is missing");
}

#[test]
fn undefined_rows_are_null_or_zeros_and_remarks_are_not_compared() {
    // Nobody starts in class 1; the tables agree in row 0. Column totals 4 2, row totals 6 0, of each table: giddy's
    // Kullback is 2 (2 (4 ln 4 + 2 ln 2) - 2 (4 ln 4 + 2 ln 2) - 8 ln 8 - 4 ln 4 + 12 ln 12).
    let ln = |n: f64| n * n.ln();
    let kullback = 2.0 * (ln(12.0) - ln(8.0) - ln(4.0));
    let third = 1.0 / 3.0;
    let good = json!({
        "regime_counts": [[[4, 2], [0, 0]], [[4, 2], [0, 0]]], "Q": 0, "dof": 1, "Q_p_value": 1, "giddy_dof": 2,
        "LR_p_value_giddy_form": 0.5, "p_h0": [[2.0 * third, third], [0.0, 0.0]],
        "p_h1": [[[2.0 * third, third], null], [[2.0 * third, third], [0.0, 0.0]]],
        "kullback": {"stat": kullback, "dof": 2}
    });
    let topic = "homogeneity";
    assert_counted(topic, &good, &good, "passed", "");
    for (field, value, counted, reason) in [
        ("p_h0", json!([[2.0 * third, third], [0.0, 1.0]]), "failed", "field p_h0[1]: computed nothing"),
        ("regime_counts", json!([[1, 2]]), "failed", "regime_counts[0]"),
        ("regime_counts", json!([]), "failed", ""),
        ("giddy_chi2", json!(1), "unsupported", "giddy_chi2"),
    ] {
        let mut case = good.clone();
        case[field] = value;
        assert_counted(topic, &good, &case, counted, reason);
    }
    // A row without data leaves no errors of indices.
    let good = json!({"counts": [[3, 1], [1, 3]], "M_P": 0.5, "share_immobile": 0.75});
    let empty = json!({"counts": [[3, 1], [0, 0]], "M_P": null, "se_M_P": null, "se_p": null, "share_immobile": 0.75});
    assert_counted("mobility_inference", &good, &empty, "passed", "");
    let defined = json!({"counts": [[3, 1], [1, 3]], "M_P": null});
    assert_counted("mobility_inference", &good, &defined, "failed", "field M_P: computed");
    let good = json!({"p": [[0.5, 0.5], [1, 0]], "stationary_rows": [[2.0 * third, third]]});
    let rows = json!({"p": [[0.5, 0.4], [1, 0]], "sojourn": [2, 1]});
    assert_counted("markov_edge_cases", &good, &rows, "failed", "field \"p\"");
}

/// A folder with one case on four places in a row and three years; their order turns round between the last two.
fn judge(topic: &str, list: &str, case: Value, conventions: Value) -> (Option<i32>, String, String) {
    let panel = json!({
        "years": [1, 3, 7], "income": [[1, 1, 4], [2, 2, 3], [3, 3, 2], [4, 4, 1]],
        "neighbours": [[1], [0, 2], [1, 3], [2]]
    });
    let content = json!({"id": topic, "data": "row.json", list: [case], "conventions": conventions});
    judged(&[("row.json", panel.to_string()), ("cases.json", content.to_string())], &[])
}

#[test]
fn panels_of_other_places_and_years_are_told_by_their_fields() {
    let expected = json!({
        "tau": -1, "concordant": 0, "discordant": 6, "spatial_tau": -1, "spatial_discordant": 3,
        "theta": [null, 1], "theta_total": [0, 8], "theta_max_total": 8, "scipy_spearman": -1,
        "tau_local": [-1, -1, -1, -1]
    });
    let change = json!({"x_year": 1, "y_year": 7, "theta_years": [1, 3, 7], "expected": expected});
    let regimes = json!({"regimes": "villages 0-1 -> 5, 2-3 -> 9"});
    let (_, lines, complaints) = judge("rank_mobility", "cases", change.clone(), regimes);
    assert_eq!(lines, "rank_mobility: 1 passed, 0 failed, 0 unsupported\n", "{complaints}");
    for (regimes, reason) in [
        (json!({"regimes": "villages 0-1 -> 5"}), "each of 4 places"),
        (json!({"regimes": [1, 1, 2]}), "each of 4 places"),
        (json!({}), "neither the case nor the conventions"),
    ] {
        let (_, lines, complaints) = judge("rank_mobility", "cases", change.clone(), regimes);
        assert_eq!(lines, "rank_mobility: 0 passed, 1 failed, 0 unsupported\n");
        assert!(complaints.contains(reason), "{complaints}");
    }
}

#[test]
fn places_and_years_are_told_by_words() {
    let moves = json!({"k": 2, "rule": "villages with index 0, 3; every year from 1 to 1; rank 1 = highest"});
    let (_, lines, complaints) = judge("lisa_rank_markov", "full_rank", moves, json!({}));
    assert_eq!(lines, "lisa_rank_markov: 0 passed, 1 failed, 0 unsupported\n", "one year is no move");
    assert!(complaints.contains("full_rank 0"), "{complaints}");
    for (rule, counts) in [
        ("villages with index 0,3; years 1,7; rank 1 = highest", json!([[0, 1], [1, 0]])),
        (
            "villages with index 0-3; every fourth year from 3",
            json!([[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]),
        ),
        ("all villages; all years", json!([[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]])),
    ] {
        let case = json!({"rule": rule, "counts": counts});
        let (_, lines, complaints) = judge("lisa_rank_markov", "full_rank", case, json!({}));
        assert_eq!(lines, "lisa_rank_markov: 1 passed, 0 failed, 0 unsupported\n", "{rule} {complaints}");
    }
    let case = json!({"rule": "villages with index 0-99999999999; all years", "k": 4});
    let (_, _, complaints) = judge("lisa_rank_markov", "full_rank", case, json!({}));
    assert!(complaints.contains("the panel has no place 4"), "{complaints}");
    for years in [json!([1, 2]), json!([7, 1]), json!([1]), json!("all")] {
        let case = json!({"years": years, "classes": [1, 2, 3, 4]});
        let (_, lines, _) = judge("lisa_rank_markov", "lisa", case, json!({}));
        assert_eq!(lines, "lisa_rank_markov: 0 passed, 1 failed, 0 unsupported\n", "{years}");
    }
}

#[test]
fn rules_are_told_by_what_they_say_and_not_guessed() {
    for (rule, counted) in [
        ("Per-Year percentiles", "2 passed, 0 failed, 0"),
        ("quintiles cut afresh each year, R type 7", "2 passed, 0 failed, 0"),
        ("per-year: R type 6 percentiles", "1 passed, 0 failed, 1"),
        ("per-year: type 7; class = number of cutpoints at or below the value", "1 passed, 0 failed, 1"),
        ("per-year quantiles by inverse ecdf, not type 7", "1 passed, 0 failed, 1"),
        ("by area", "1 passed, 0 failed, 1"),
    ] {
        let folder = changed(&["markov_classic.json", "us_income_panel.json"], |content| {
            content["cases"][0]["rule"] = json!(rule);
        });
        let output = conformance(Some(folder.path()), &[]);
        assert_eq!(told(&output.stdout), format!("markov_classic: {counted} unsupported\n"), "{rule}");
    }
}

#[test]
fn garbage_in_nested_values_is_not_passed_over() {
    let good = json!({"data": "plain", "absolute_mobility_share": 0.5});
    for (value, counted, reason) in [
        (json!("x"), "failed", "found \"x\", expected a list of intervals"),
        (json!({"a": 1}), "failed", "expected a list of intervals"),
        (json!([1]), "failed", "bhattacharya_mazumder[0]"),
        (json!([{"parent_rank_in": [0, 1], "n": 8}]), "failed", "\"tau\" is no number"),
        (json!([{"parent_rank_in": [0, 1], "tau": 0}]), "unsupported", "carries no expected value"),
        (json!([{"parent_rank_in": [0, 1], "tau": 0, "n": 8}]), "passed", ""),
    ] {
        let mut case = good.clone();
        case["bhattacharya_mazumder"] = value;
        assert_counted("upward_mobility", &good, &case, counted, reason);
    }
    let good = json!({"data": "plain", "parent_line": 3, "child_line": 3, "table": [[2, 0], [0, 6]]});
    for (field, value, counted, reason) in [
        ("lpm_HC1", json!({}), "unsupported", "field lpm_HC1 carries no expected value"),
        ("logit", json!("x"), "failed", "expected an object"),
        ("weighted", json!({"phi": 1}), "failed", "column \"weight\" is missing"),
        ("table", json!([]), "failed", "computed 2 elements, expected 0 elements"),
    ] {
        let mut case = good.clone();
        case[field] = value;
        assert_counted("poverty_persistence", &good, &case, counted, reason);
    }
}

#[test]
fn files_are_counted_by_topic_and_broken_ones_told() {
    let case = json!({"counts": [[1, 1], [1, 1]], "k": 2});
    let one = |id: &str| json!({"id": id, "cases": [case]}).to_string();
    let files = [
        ("a.json", one("markov_classic")),
        ("b.json", "{".to_owned()),
        ("c.json", format!("\u{feff}{}", one("markov_classic"))),
        ("d.json", String::new()),
        ("markov_classic.json", json!({"cases": {"by name": case}}).to_string()),
        ("z.json", one("later")),
    ];
    let (code, lines, complaints) = judged(&files, &[]);
    let counted = "markov_classic: 3 passed, 0 failed, 0 unsupported\n";
    assert_eq!(lines, format!("{counted}later: 0 passed, 0 failed, 1 unsupported\n"));
    assert_eq!(code, Some(1));
    assert!(complaints.contains("b.json is not readable") && complaints.contains("d.json is not readable"));
    let (code, lines, complaints) = judged(&files, &["--topic", "markov_classic"]);
    assert_eq!((code, lines.as_str()), (Some(0), counted));
    assert!(complaints.contains("b.json is not readable"), "{complaints}");
    let folder = changed(&["markov_classic.json", "us_income_panel.json"], |_| {});
    fs::create_dir(folder.path().join("x.json")).unwrap();
    assert_eq!(conformance(Some(folder.path()), &[]).status.code(), Some(0));
}

#[test]
fn a_reader_who_stops_reading_is_no_fault() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    // A topic that has nothing to note.
    command.args(["--topic", "markov_classic"]);
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), told(&output.stderr)), (Some(0), String::new()));
}
