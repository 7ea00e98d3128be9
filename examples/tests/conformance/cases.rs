//! Single cases that cannot be used, that leave things undefined, or that say what is not known.

use serde_json::{Value, json};

use crate::{assert_counted, changed, conformance, file_of, judged, told};

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
