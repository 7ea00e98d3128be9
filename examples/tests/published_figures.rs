//! Runs the program `published-figures` as a reader would, on the shipped figures and on small ones
//! worked by hand.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first fault")]

#[path = "published_figures/classes.rs"]
mod classes;
#[path = "published_figures/tables.rs"]
mod tables;

use std::fs;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_published-figures")).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn shipped_figures() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/figures.toml")).unwrap()
}

/// A folder with figures and data of one's own.
struct Study {
    folder: tempfile::TempDir,
}

impl Study {
    fn new(figures: &str, data: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("figures.toml"), figures).unwrap();
        for (name, text) in data {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    fn run(&self) -> Output {
        let folder = self.folder.path().to_str().unwrap();
        run(&["--figures", &format!("{folder}/figures.toml"), "--data", folder])
    }
}

/// One figure on one file; `body` holds the statistic with its parameters, and what is expected.
fn figure(body: &str) -> String {
    format!("[[figure]]\nid = \"X1\"\ndata = \"t.csv\"\nevidence = \"CALC\"\nsource = \"by hand\"\n{body}\n")
}

fn judged(body: &str, data: &str) -> Output {
    Study::new(&figure(body), &[("t.csv", data)]).run()
}

fn assert_reproduced(body: &str, data: &str) {
    let output = judged(body, data);
    assert_eq!(output.status.code(), Some(0), "{body}\n{}{}", printed(&output), complaint(&output));
}

fn assert_refused(body: &str, data: &str, parts: &[&str]) {
    let output = judged(body, data);
    let complaint = complaint(&output);
    assert_eq!(output.status.code(), Some(2), "{body}\n{complaint}");
    assert_eq!(printed(&output), "", "nothing is printed of what could not be computed");
    for part in parts.iter().chain(&["X1"]) {
        assert!(complaint.contains(part), "{part:?} is not in {complaint}");
    }
}

#[test]
fn every_shipped_figure_is_reproduced() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0), "{}{}", printed(&output), complaint(&output));
    let figures = shipped_figures().matches("[[figure]]\nid").count();
    assert!(printed(&output).ends_with(&format!("published-figures: {figures} passed, 0 missed\n")));
    // The figures that the issue names, and no stub among them.
    for (section, last) in [('A', 20), ('B', 14), ('C', 5), ('D', 5), ('E', 4)] {
        for number in 1..=last {
            let id = format!("\n{section}{number} ");
            assert!(printed(&output).contains(&id), "{id} is absent");
        }
    }
}

#[test]
fn a_wrong_value_is_missed() {
    let figures = shipped_figures().replacen("expected = 0.827105", "expected = 0.827205", 1);
    let study = Study::new(&figures, &[]);
    let file = study.folder.path().join("figures.toml");
    let output = run(&["--figures", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("MISSED"));
    assert!(printed(&output).contains(" passed, 1 missed\n"));
}

#[test]
fn a_right_value_under_the_wrong_name_is_missed() {
    let body = "statistic = \"extremes\"\ncolumn = \"v\"\nlabel = \"n\"\nend = \"highest\"\nnumber = 2
        expected = [3, 2]\nexpected_labels = [\"c\", \"a\"]\ntolerance = 0";
    let output = judged(body, "n,v\na,1\nb,2\nc,3\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("MISSED, expected a"));
}

#[test]
fn only_takes_all_parts_of_one_figure_and_tells_the_source() {
    let output = run(&["--only", "A7"]);
    assert_eq!(output.status.code(), Some(0));
    let text = printed(&output);
    assert!(text.contains("A7 Prais/Shorrocks") && text.contains("A7 second eigenvalue"));
    assert!(text.contains("Glass 1954") && !text.contains("A5"));
    assert!(text.ends_with("published-figures: 2 passed, 0 missed\n"));

    let output = run(&["--only", "Z9"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("\"Z9\""));
}

#[test]
fn help_teaches_every_statistic() {
    let help = printed(&run(&["--help"]));
    let output = judged("statistic = \"none\"\nexpected = 1\ntolerance = 0", "a\n1\n");
    // The refusal lists all statistics in backticks.
    let refusal = complaint(&output);
    let (_, known) = refusal.split_once("expected one of").unwrap();
    let names: Vec<&str> = known.split(" in `").next().unwrap().split('`').skip(1).step_by(2).collect();
    assert!(names.len() >= 20, "{refusal}");
    for name in names {
        assert!(help.contains(&format!("  {name} ")), "{name} is not in --help");
    }
}

#[test]
fn faults_of_the_figures_file_are_named() {
    let data = "parent,child,n\n1,1,3\n";
    let table = "table = { layout = \"long\", parent = \"parent\", child = \"child\", value = \"n\" }";
    let rest = "expected = 1\ntolerance = 0";
    assert_refused(&format!("statistic = \"shorrocks\"\n{table}\n{rest}"), data, &["shorrocks"]);
    assert_refused(
        &format!("statistic = \"share_immobile\"\ntable_ = 1\n{table}\n{rest}"),
        data,
        &["table_"],
    );
    assert_refused(&format!("statistic = \"rows\"\n{table}\n{rest}"), data, &["unknown field `table`"]);
    assert_refused(
        &format!("statistic = \"share_immobile\"\n{}\n{rest}", table.replace("value", "cell")),
        data,
        &["cell"],
    );
    assert_refused(&format!("statistic = \"share_immobile\"\n{rest}"), data, &["table"]);
    assert_refused(rest, data, &["missing field `statistic`"]);
    assert_refused("statistic = \"rows\"\ntolerance = 0", data, &["expected"]);
    assert_refused("statistic = \"rows\"\nexpected = 1\ntolerance = -1", data, &["tolerance", "-1"]);
    assert_refused("statistic = \"rows\"\nexpected = [1, 2]\ntolerance = 0", data, &["1 values", "2"]);
    assert_refused(&format!("statistic = \"rows\"\nmissing = \"ignore\"\n{rest}"), data, &["ignore"]);
}

#[test]
fn two_figures_of_one_name_are_refused() {
    let twice = figure("statistic = \"rows\"\nexpected = 1\ntolerance = 0").repeat(2);
    let output = Study::new(&twice, &[("t.csv", "a\n1\n")]).run();
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("X1 twice"));
}

#[test]
fn unknown_keys_outside_figures_and_broken_files_are_named() {
    for (text, part) in
        [("figures = 1", "figures"), ("[[figure]", "figures.toml"), ("figure = []", "no figure")]
    {
        let output = Study::new(text, &[]).run();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(complaint(&output).contains(part), "{}", complaint(&output));
    }
    let output = run(&["--figures", "no-such-file.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("no-such-file.toml"));
}

#[test]
fn faults_of_the_data_are_named() {
    let sum = "statistic = \"sum\"\ncolumn = \"v\"\nexpected = 1\ntolerance = 0";
    assert_refused(sum, "w\n1\n", &["t.csv", "\"v\"", "it has w"]);
    assert_refused(sum, "v\n1\nx\n", &["t.csv", "line 3", "\"x\"", "a number"]);
    assert_refused(sum, "v,w\n1,1\n,2\n", &["line 3", "\"v\"", "empty"]);
    assert_refused(sum, "v,w\n1,1\n2\n", &["t.csv", "malformed", "line: 3"]);
    assert_refused(&format!("where = {{ u = 1 }}\n{sum}"), "v\n1\n", &["\"u\""]);
    let output = Study::new(&figure(sum), &[]).run();
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("t.csv"));
}

#[test]
fn faults_of_the_statistic_are_named() {
    let table = "table = { layout = \"long\", parent = \"p\", child = \"c\", value = \"n\" }";
    let trace = format!("statistic = \"shorrocks_trace\"\n{table}\nexpected = 1\ntolerance = 0");
    assert_refused(&trace, "p,c,n\na,a,1\na,b,1\n", &["parent class 2 (counted from 1) has no observations"]);
    assert_refused(&trace, "p,c,n\na,a,1\na,b,-1\n", &["parent class a and child class b is -1"]);
    let shares = trace.replace("\"n\"", "\"n\", holds = \"shares\"");
    assert_refused(&shares, "p,c,n\na,a,0.6\na,b,0.5\nb,b,1\n", &["class a", "1.1", "rounding"]);
    assert_refused(&shares, "p,c,n\na,a,0.5\na,a,0.5\nb,b,1\n", &["two lines for a and a"]);
    let joined = trace.replace("\"n\"", "\"n\", classes = [\"a\", \"b\"]");
    assert_refused(&joined, "p,c,n\na,a,1\nb,c,1\n", &["\"c\"", "none of the `classes`"]);
    assert_refused(
        "statistic = \"ratio\"\ncolumn = \"n\"\nnumerator = { p = \"a\" }\ndenominator = { p = \"b\" }
        expected = 1\ntolerance = 0",
        "p,n\na,1\na,2\nb,1\n",
        &["numerator selects 2 lines"],
    );
}

// Four families: parents 1, 1, 2, 2 with children 1, 2, 2, 2. Rows 1/2, 1/2 and 0, 1: trace 3/2,
// index (2 - 3/2) / 1 = 1/2. Each layout tells the same.

#[test]
fn every_layout_gives_the_same_table() {
    let trace = |table: &str| {
        format!("statistic = \"shorrocks_trace\"\ntable = {{ {table} }}\nexpected = 0.5\ntolerance = 1e-12")
    };
    let long = "layout = \"long\", parent = \"p\", child = \"c\", value = \"n\"";
    assert_reproduced(&trace(long), "p,c,n\n1,1,1\n1,2,1\n2,2,2\n");
    // Children in rows, and the classes of a fourfold table joined.
    let wide =
        "layout = \"wide\", rows = \"child\", columns = { prefix = \"parent_\" }, parents = \"columns\"";
    assert_reproduced(&trace(wide), "child,parent_1,parent_2\n1,1,0\n2,1,2\n");
    let transposed = wide.replace("parents = \"columns\"", "parents = \"rows\"");
    // As read the other way: rows 1, 0 and 1/3, 2/3: trace 5/3, index 1/3.
    assert_reproduced(
        &trace(&transposed).replace("expected = 0.5", "expected = 0.3333333333333333"),
        "child,parent_1,parent_2\n1,1,0\n2,1,2\n",
    );
    let joined = format!("{wide}, classes = [[\"I\", \"II\"], [\"III\"]]");
    assert_reproduced(&trace(&joined), "child,parent_I,parent_II,parent_III\nI,1,0,0\nII,0,0,0\nIII,0,1,2\n");
    let one_row = "layout = \"one_row\", cell = \"p{parent}{child}\", classes = [1, 2], holds = \"percent\"";
    let selected = format!("where = {{ area = \"here\" }}\n{}", trace(one_row));
    assert_reproduced(&selected, "area,p11,p12,p21,p22\nthere,9,9,9,9\nhere,50,50,0,100\n");
    let pairs = "layout = \"pairs\", parent = \"p\", child = \"c\", classes = 2, rule = \"inverse_ecdf\"";
    // Halves by rank: parents 10, 20 | 30, 40; children 1, 3 | 2, 4 cut after 2: one of each pair moves.
    assert_reproduced(
        &trace(pairs).replace("expected = 0.5", "expected = 1"),
        "p,c\n10,1\n20,3\n30,2\n40,4\n",
    );
    let panel = "layout = \"panel\", columns = [\"y1\", \"y2\"], classes = 2, rule = \"inverse_ecdf\"";
    assert_reproduced(
        &trace(panel).replace("expected = 0.5", "expected = 1"),
        "y1,y2\n10,1\n20,3\n30,2\n40,4\n",
    );
}

#[test]
fn numbers_of_a_chain_worked_by_hand() {
    // Rows 1/2, 1/2 and 1/4, 3/4: stationary 1/3, 2/3; second eigenvalue 1/2 + 3/4 - 1 = 1/4.
    let data = "p,c,n\nlow,low,2\nlow,high,2\nhigh,low,3\nhigh,high,9\n";
    let table = "table = { layout = \"long\", parent = \"p\", child = \"c\", value = \"n\" }";
    for (statistic, expected) in [
        ("determinant_index\"", "0.75"),
        ("second_eigenvalue_index\"", "0.75"),
        ("conditional_leaving\"", "[0.5, 0.25]"),
        ("sojourn_times\"", "[2, 4]"),
        ("stationary_distribution\"", "[0.3333333333333333, 0.6666666666666667]"),
        ("mean_first_passage\"", "[[3, 2], [4, 1.5]]"),
        ("transition_matrix\"", "[[0.5, 0.5], [0.25, 0.75]]"),
        ("transition_counts\"", "[[2, 2], [3, 9]]"),
        ("share_immobile\"", "0.6875"),
        // 2 (1 - 1/3 1/2 - 2/3 3/4) = 2/3; uniform 2 (1 - 5/8) = 3/4; parents are 1/4 and 3/4:
        // 2 (1 - 1/8 - 9/16) = 5/8. Distance: half of it, for two classes.
        ("bartholomew_immobility\"\norigin = \"stationary\"", "0.6666666666666667"),
        ("bartholomew_immobility\"\norigin = \"uniform\"", "0.75"),
        ("bartholomew_immobility\"\norigin = \"parents\"", "0.625"),
        ("bartholomew_distance\"\norigin = [0.25, 0.75]", "0.3125"),
        ("transition_probability\"\ncells = [{ parent = 2, child = 1 }]", "0.25"),
    ] {
        assert_reproduced(
            &format!("statistic = \"{statistic}\n{table}\nexpected = {expected}\ntolerance = 1e-12"),
            data,
        );
    }
}

#[test]
fn statistics_of_columns_worked_by_hand() {
    let data = "g,x,y,w\na,0,1,1\na,1,3,1\nb,2,5,2\nb,3,,1\nc,9,9,9\n";
    for (body, expected) in [
        ("statistic = \"rows\"", "5"),
        ("statistic = \"distinct\"\ncolumn = \"g\"", "3"),
        ("where = { g = [\"a\", \"b\"] }\nstatistic = \"sum\"\ncolumn = \"x\"", "6"),
        ("where = { x = { from = 1, to = 3 } }\nstatistic = \"rows\"", "3"),
        // Without c: y = 1 + 2x exactly, weights or none.
        (
            "except = { g = \"c\" }\nmissing = \"drop\"\nstatistic = \"linear_regression\"\noutcome = \"y\"
            regressors = [\"x\"]\nweights = { column = \"w\", kind = \"probability\" }
            report = [\"intercept\", \"slopes\", \"r_squared\", \"observations\"]",
            "[1, 2, 1, 3]",
        ),
        // (1 + 3 + 2 * 5) / 4
        (
            "except = { g = \"c\" }\nmissing = \"drop\"\nstatistic = \"mean\"\ncolumn = \"y\"
            weights = { column = \"w\", kind = \"frequency\" }",
            "3.5",
        ),
        ("statistic = \"mean\"\ncolumn = \"x\"\nby = \"g\"\ngroups = [\"b\", \"a\"]", "[2.5, 0.5]"),
        // Deviations -3/2, -1/2, 1/2, 3/2: squares 5; 5/4 and 5/3.
        (
            "except = { g = \"c\" }\nstatistic = \"standard_deviation\"\ncolumn = \"x\"\ndivisor = \"population\"",
            "1.118033988749895",
        ),
        (
            "except = { g = \"c\" }\nstatistic = \"standard_deviation\"\ncolumn = \"x\"\ndivisor = \"sample\"",
            "1.2909944487358056",
        ),
        // Pooled (2 * 2 + 1 * 3) / 3 over (0 + 1) / 2.
        (
            "statistic = \"ratio\"\ncolumn = \"x\"\nnumerator = { g = \"b\" }\ndenominator = { g = \"a\" }
            weights = { column = \"w\", kind = \"frequency\" }",
            "4.666666666666667",
        ),
        (
            "statistic = \"extremes\"\ncolumn = \"x\"\nlabel = \"g\"\nend = \"lowest\"\nnumber = 1
            among = { column = \"w\", end = \"highest\", number = 2 }\nexpected_labels = [\"b\"]",
            "[2]",
        ),
        (
            "except = { g = \"c\" }\nmissing = \"drop\"\nstatistic = \"correlation\"\nx = \"x\"\ny = \"y\"",
            "1",
        ),
    ] {
        assert_reproduced(&format!("{body}\nexpected = {expected}\ntolerance = 1e-12"), data);
    }
}

#[test]
fn ranks_worked_by_hand() {
    // Two swaps of neighbours among five: 1 - 6 (1 + 1 + 1 + 1) / (5 * 24) = 0.8; ranks with
    // omega 1 run from 1/5 to 1 and average 3/5: 3/5 - 0.8 * 3/5 = 0.12; mid-ranks 1/2 - 0.4.
    let data = "p,c\n12,15\n18,14\n25,30\n31,28\n60,45\n";
    for (omega, expected) in [("1", "[0.8, 0.12, 0.8, 5]"), ("0.5", "[0.8, 0.1, 0.8, 5]")] {
        assert_reproduced(
            &format!(
                "statistic = \"rank_rank\"\nparent = \"p\"\nchild = \"c\"\nomega = {omega}
                report = [\"slope\", \"intercept\", \"correlation\", \"observations\"]
                expected = {expected}\ntolerance = 1e-12"
            ),
            data,
        );
    }
    assert_refused(
        "statistic = \"rank_rank\"\nparent = \"p\"\nchild = \"c\"\nomega = 2\nreport = [\"slope\"]
        expected = 1\ntolerance = 0",
        data,
        &["omega"],
    );
}

#[test]
fn every_error_names_the_figure_and_its_data() {
    let ratio =
        "statistic = \"ratio\"\ncolumn = \"n\"\nnumerator = { p = \"a\" }\ndenominator = { p = \"b\" }
        expected = 1\ntolerance = 0";
    assert_refused(ratio, "p,n\na,1\nb,0\n", &["(data file t.csv)", "denominator is 0"]);
    let regression = "statistic = \"linear_regression\"\noutcome = \"n\"\nregressors = [\"x\"]
        report = [\"r_squared\"]\nexpected = 1\ntolerance = 0";
    assert_refused(regression, "x,n\n1,2\n2,2\n3,2\n", &["t.csv", "r_squared", "single distinct value"]);
    let collinear = regression.replace("[\"x\"]", "[\"x\", \"z\"]");
    assert_refused(&collinear, "x,z,n\n1,2,1\n2,4,2\n3,6,4\n4,8,5\n", &["regressor \"z\""]);
    for (statistic, rest) in [("rows", ""), ("sum", "column = \"n\""), ("distinct", "column = \"n\"")] {
        let body = format!(
            "where = {{ p = \"c\" }}\nstatistic = \"{statistic}\"\n{rest}\nexpected = 0\ntolerance = 0"
        );
        assert_refused(&body, "p,n\na,1\n", &["t.csv", "select none of its 1 lines"]);
    }
    let backwards = "where = { n = { from = 4, to = 1 } }\nstatistic = \"rows\"\nexpected = 0\ntolerance = 0";
    assert_refused(backwards, "p,n\na,1\n", &["from = 4, to = 1"]);
    let mean = "statistic = \"mean\"\ncolumn = \"n\"\nexpected = 1\ntolerance = 0";
    assert_refused(mean, "n,n\n1,2\n", &["two columns \"n\""]);
    assert_reproduced(mean, "p , n\n1, 1\n");
    let weights = format!("{mean}\nweights = {{ column = \"w\", kind = \"probability\" }}");
    assert_refused(&weights, "n,w\n1,1\n1,-2\n", &["line 3, column \"w\" is -2"]);
}

#[test]
fn errors_of_the_figures_file_take_one_line_without_types_of_rust() {
    for (body, part) in [
        ("statistic = \"sum\"\ncolumn = 3", "expected text"),
        ("statistic = \"shorrocks_trace\"\ntable = 3", "expected a table of keys with `layout`"),
        (
            "statistic = \"extremes\"\ncolumn = \"n\"\nlabel = \"n\"\nend = \"lowest\"\nnumber = -1",
            "expected a whole number of at least 0",
        ),
    ] {
        let output = judged(&format!("{body}\nexpected = 1\ntolerance = 0"), "n\n1\n");
        let complaint = complaint(&output);
        assert!(complaint.contains(part) && complaint.lines().count() == 1, "{complaint}");
        assert!(!complaint.contains("struct") && !complaint.contains("enum"), "{complaint}");
    }
}

#[test]
fn one_unusable_figure_leaves_the_others() {
    let body = "statistic = \"sum\"\ncolumn = \"v\"\ntolerance = 0\nexpected = ";
    let figures: String = ["1", "2", "\"x\""]
        .iter()
        .enumerate()
        .map(|(number, expected)| figure(&format!("{body}{expected}")).replace("X1", &format!("X{number}")))
        .collect();
    let unread =
        figure("statistic = \"sum\"\ncolumn = \"w\"\nexpected = 1\ntolerance = 0").replace("X1", "X3");
    let output = Study::new(&(figures + &unread), &[("t.csv", "v\n1\n")]).run();
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).ends_with("published-figures: 1 passed, 1 missed, 2 unusable\n"));
    let complaint = complaint(&output);
    assert_eq!(complaint.lines().count(), 2, "{complaint}");
    assert!(
        complaint.contains("figure X2") && complaint.contains("figure X3 (data file t.csv)"),
        "{complaint}"
    );
}

#[test]
fn a_reader_who_stops_reading_is_no_fault() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_published-figures"));
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), complaint(&output)), (Some(0), String::new()));
}
