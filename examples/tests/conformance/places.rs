//! Panels of places and years.

use serde_json::{Value, json};

use crate::judged;

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
