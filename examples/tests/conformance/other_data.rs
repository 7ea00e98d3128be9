//! Cases on data that no shipped file has.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{assert_counted, changed, conformance, judged, told, vectors};

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
