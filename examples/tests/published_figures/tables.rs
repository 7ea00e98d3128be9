//! Tables of parents by children: their order, their labels, and shares that were rounded for print.

use super::{assert_refused, assert_reproduced};

#[test]
fn a_panel_runs_in_time_whatever_the_order_of_its_columns() {
    // Families a to d; lower halves: a b in 2001, b c in 2002, c d in 2003.
    let panel = |columns: &str, expected: &str| {
        format!(
            "statistic = \"transition_counts\"\ntable = {{ layout = \"panel\", columns = {columns}, classes = 2,
            rule = \"type7_linear\" }}\nexpected = {expected}\ntolerance = 0"
        )
    };
    // 2001 to 2002: a up, b low, c down, d high; 2002 to 2003: b up, c low, a high, d down.
    let data = "2003,2001,2002\n30,10,30\n40,20,10\n10,30,20\n20,40,40\n";
    assert_reproduced(&panel("{ from = 2001, to = 2003 }", "[[2, 2], [2, 2]]"), data);
    // As listed: 2003 to 2001 and on. a down, b down, c up, d up; a up, b low, c down, d high.
    assert_reproduced(&panel("[\"2003\", \"2001\", \"2002\"]", "[[1, 3], [3, 1]]"), data);
    assert_reproduced(
        &panel("{ prefix = \"y\" }", "[[2, 2], [2, 2]]"),
        &data.replace("2003,2001,2002", "y10,y8,y9"),
    );
    let gap = data.replace("2003", "2010");
    let columns = "{ from = 2001, to = 2010 }";
    assert_refused(&panel(columns, "1"), &gap, &["nothing between 2002 and 2010", "gaps"]);
    assert_refused(&panel("{ from = 2010, to = 2001 }", "1"), &gap, &["from = 2010, to = 2001"]);
    let allowed = panel(columns, "[[2, 2], [2, 2]]").replace("classes", "gaps = \"allow\", classes");
    assert_reproduced(&allowed, &gap);
    // Decades follow one another.
    let decades = data.replace("2003,2001,2002", "2020,2000,2010");
    assert_reproduced(&panel("{ from = 2000, to = 2020 }", "[[2, 2], [2, 2]]"), &decades);
}

#[test]
fn labels_that_are_equal_numbers_are_one_class() {
    let immobile = "statistic = \"share_immobile\"
        table = { layout = \"long\", parent = \"p\", child = \"c\", value = \"n\" }\nexpected = 0.75\ntolerance = 1e-12";
    assert_reproduced(immobile, "p,c,n\n1,1.0,2\n01,2.0,1\n2,1,0\n2.0,02,1\n");
    let named = immobile.replace("\"n\" }", "\"n\", classes = [\"01\", 2] }");
    assert_reproduced(&named, "p,c,n\n1,1.0,2\n01,2.0,1\n2,1,0\n2.0,02,1\n");
}

#[test]
fn a_table_of_counts_is_regressed_as_its_pairs() {
    // Pairs (0, 0), (0, 1), (1, 1), (1, 1): slope 1/2, intercept 1/2, residuals -1/2, 1/2, 0, 0. Classical:
    // s^2 = 1/2 / (4 - 2) = 1/4, squares of x about the mean 1: error 1/2, of the intercept
    // 1/2 sqrt(1/4 + 1/4) = 0.353553390593.
    let body = "statistic = \"table_regression\"
        table = { layout = \"long\", parent = \"p\", child = \"c\", value = \"n\" }
        report = [\"intercept\", \"slopes\", \"classical_standard_errors\", \"observations\"]
        expected = [0.5, 0.5, 0.35355339059327373, 0.5, 4]\ntolerance = 1e-12";
    assert_reproduced(body, "p,c,n\n0,0,1\n0,1,1\n1,0,0\n1,1,2\n");
    for (key, name) in [("classes = [0, 1]", "`classes`"), ("repair = \"rescale\"", "`repair`")] {
        let given = body.replace("value = \"n\"", &format!("value = \"n\", {key}"));
        assert_refused(&given, "p,c,n\n0,0,1\n0,1,1\n1,0,0\n1,1,2\n", &[name, "table_regression"]);
    }
}

// Rows 0.5, 0.2, 0.29 (sum 0.99), 0.2, 0.6, 0.21 (1.01), 0.3, 0, 0.7 (1).
const ROUNDED: &str = "p,c,n\n1,1,0.5\n1,2,0.2\n1,3,0.29\n2,1,0.2\n2,2,0.6\n2,3,0.21\n3,1,0.3\n3,3,0.7\n";

fn of_shares(statistic: &str, keys: &str, expected: &str) -> String {
    format!(
        "statistic = \"{statistic}\"\nexpected = {expected}\ntolerance = 1e-12\ntable = {{ layout = \"long\",
        parent = \"p\", child = \"c\", value = \"n\", holds = \"shares\", rounding = 0.011{keys} }}"
    )
}

#[test]
fn rounded_shares_are_rescaled_in_every_statistic() {
    let equal = ", equal_parent_classes = true";
    // (0.5 / 0.99 + 0.6 / 1.01 + 0.7) / 3
    let immobile = of_shares("share_immobile", equal, "0.5997033036637");
    assert_reproduced(&immobile, ROUNDED);
    let trace = of_shares("shorrocks_trace", "", "0.6004450445045");
    assert_reproduced(&trace, ROUNDED);
    // Classes 1 and 2 joined: (0.7 / 0.99 + 0.8 / 1.01) / 2 stay.
    let joined = ", classes = [[1, 2], 3], equal_parent_classes = true";
    assert_reproduced(
        &of_shares("transition_matrix", joined, "[[0.749574957495750, 0.250425042504250], [0.3, 0.7]]"),
        ROUNDED,
    );
    // Mean children 1.7878.., 2.0099.., 2.4: half the last less the first.
    let slope = of_shares("table_regression", equal, "0.306060606060606");
    assert_reproduced(&format!("report = [\"slopes\"]\n{slope}"), ROUNDED);
}

#[test]
fn shares_do_not_tell_how_large_parent_classes_are() {
    for (statistic, options, keys) in [
        ("share_immobile", "", ""),
        ("transition_counts", "", ""),
        ("table_regression", "report = [\"slopes\"]", ""),
        ("bartholomew_distance", "origin = \"parents\"", ""),
        ("shorrocks_trace", "", ", classes = [[1, 2], 3]"),
    ] {
        let body = format!("{options}\n{}", of_shares(statistic, keys, "1"));
        assert_refused(&body, ROUNDED, &["equal_parent_classes"]);
    }
    let counts = "statistic = \"share_immobile\"\nexpected = 1\ntolerance = 0\ntable = { layout = \"long\",
        parent = \"p\", child = \"c\", value = \"n\", equal_parent_classes = true }";
    assert_refused(counts, "p,c,n\n1,1,2\n", &["`equal_parent_classes` applies to shares"]);
}

#[test]
fn a_kept_diagonal_is_kept_or_refused() {
    let keep = ", repair = \"keep_diagonal\"";
    // 0.5, 0.6 and 0.7 as printed.
    assert_reproduced(&of_shares("shorrocks_trace", keep, "0.6"), ROUNDED);
    let immobile = of_shares("share_immobile", &format!("{keep}, equal_parent_classes = true"), "0.6");
    assert_reproduced(&immobile, ROUNDED);
    let joined = format!("{keep}, classes = [[1, 2], 3]");
    assert_refused(&of_shares("shorrocks_trace", &joined, "1"), ROUNDED, &["`repair`", "joined"]);
    let empty = format!("empty_rows = \"uniform\"\n{}", of_shares("shorrocks_trace", keep, "1"));
    assert_refused(&empty, ROUNDED, &["`empty_rows`", "`repair`"]);
    let counts =
        of_shares("shorrocks_trace", keep, "1").replace("\"shares\", rounding = 0.011", "\"counts\"");
    assert_refused(&counts, ROUNDED, &["`repair` applies to shares"]);
}

#[test]
fn a_table_of_ranks_gives_the_slope_of_its_pairs() {
    // Parents 1, 2 with mean children 1.5 and 2: slope 1/2, intercept 1.
    assert_reproduced(
        "statistic = \"table_regression\"
        table = { layout = \"long\", parent = \"p\", child = \"c\", value = \"s\", holds = \"shares\",
            equal_parent_classes = true }
        report = [\"slopes\", \"intercept\"]\nexpected = [0.5, 1]\ntolerance = 1e-12",
        "p,c,s\n1,1,0.5\n1,2,0.5\n2,2,1\n",
    );
}
