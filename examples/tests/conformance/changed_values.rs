//! One value, word or field of the shipped vectors at a time.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{changed, conformance, told};

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
