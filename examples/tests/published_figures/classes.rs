//! Models of class tables, worked by hand.

use super::{assert_refused, assert_reproduced};

const CELLS: &str = "table = { origin = \"o\", destination = \"d\", value = \"n\" }";
const FOURFOLD: &str = "o,d,n\nlow,low,20\nlow,high,10\nhigh,low,10\nhigh,high,20\n";

#[test]
fn a_fourfold_table_is_as_by_hand() {
    // All cells expected 15: X^2 = 4 * 25 / 15 = 20/3; the slope of scores -1/2, 1/2 is the log odds ratio, ln 4.
    let independent = format!(
        "statistic = \"association\"\n{CELLS}\nmodel = \"independence\"
        report = [\"pearson\", \"degrees_of_freedom\", \"dissimilarity\", \"persons\"]
        expected = [6.666666666667, 1, 0.166666666667, 60]\ntolerance = 1e-9"
    );
    assert_reproduced(&independent, FOURFOLD);
    // The variance of a log odds ratio is 1/20 + 1/10 + 1/10 + 1/20 = 0.3.
    let uniform = format!(
        "statistic = \"association\"\n{CELLS}\nmodel = \"uniform\"\nreport = [\"slope\", \"slope_standard_error\"]
        expected = [1.3862943611199, 0.5477225575052]\ntolerance = 1e-9"
    );
    assert_reproduced(&uniform, FOURFOLD);
    let altham =
        format!("statistic = \"altham_distance\"\n{CELLS}\nexpected = 2.7725887222398\ntolerance = 1e-9");
    assert_reproduced(&altham, FOURFOLD);
}

#[test]
fn layers_are_compared() {
    // Odds ratios 4 and 16: the second is twice as strong on the log scale.
    let data = "k,o,d,n\nx,1,1,20\nx,1,2,10\nx,2,1,10\nx,2,2,20\ny,1,1,40\ny,1,2,10\ny,2,1,10\ny,2,2,40\n";
    let table = "table = { origin = \"o\", destination = \"d\", layer = \"k\", value = \"n\" }";
    let unidiff = format!(
        "statistic = \"association\"\n{table}\nmodel = \"unidiff\"\nreport = [\"log_multipliers\", \"deviance\"]
        expected = [0, 0.69314718056, 0]\ntolerance = 1e-8"
    );
    assert_reproduced(&unidiff, data);
    // 2 (ln 16 - ln 4).
    let between = format!(
        "statistic = \"altham_distance\"\n{table}\nbetween = [\"x\", \"y\"]\nexpected = 2.7725887222398\ntolerance = 1e-9"
    );
    assert_reproduced(&between, data);
    assert_refused(&between.replace("\"y\"", "\"z\""), data, &["no layer \"z\""]);
    assert_refused(&between.replace("between = [\"x\", \"y\"]", ""), data, &["2 layers", "between"]);
    let flat = unidiff.replace(", layer = \"k\"", "");
    assert_refused(&flat, data, &["two lines for one cell"]);
}

#[test]
fn faults_of_models_are_named() {
    let model =
        |rest: &str| format!("statistic = \"association\"\n{CELLS}\n{rest}\nexpected = 1\ntolerance = 0");
    let deviance = "report = [\"deviance\"]";
    assert_refused(&model(&format!("model = \"magic\"\n{deviance}")), FOURFOLD, &["magic"]);
    assert_refused(&model(&format!("model = \"levels\"\n{deviance}")), FOURFOLD, &["`levels`"]);
    assert_refused(&model(&format!("model = \"unidiff\"\n{deviance}")), FOURFOLD, &["1 layers"]);
    assert_refused(
        &model(&format!("model = \"rc\"\npattern = \"uniform\"\n{deviance}")),
        FOURFOLD,
        &["`pattern`"],
    );
    assert_refused(&model("model = \"rc\"\nreport = [\"slope\"]"), FOURFOLD, &["slope", "uniform"]);
    let zero = FOURFOLD.replace("low,high,10", "low,high,0");
    let altham = format!("statistic = \"altham_distance\"\n{CELLS}\nexpected = 1\ntolerance = 0");
    assert_refused(&altham, &zero, &["origin 0 and destination 1 is 0"]);
    assert_reproduced(
        &format!(
            "statistic = \"altham_distance\"\n{CELLS}\nzero_cells = \"add_half\"\nexpected = {}\ntolerance = 1e-9",
            2.0 * (20.5_f64 * 20.5 / (0.5 * 10.5)).ln()
        ),
        &zero,
    );
}

#[test]
fn movers_in_the_middle_are_half_of_each() {
    let body = "statistic = \"diagonal_reference\"\norigin = \"o\"\ndestination = \"d\"\npercent = \"share\"
        persons = \"n\"\nreport = [\"origin_weight\", \"destination_weight\", \"deviance\", \"degrees_of_freedom\"]
        expected = [0.5, 0.5, 0, 1]\ntolerance = 1e-7";
    assert_reproduced(body, "o,d,share,n\n1,1,20,100\n1,2,50,80\n2,1,50,120\n2,2,80,100\n");
    assert_refused(body, "o,d,share,n\n1,1,120,100\n1,2,50,80\n2,1,50,120\n2,2,80,100\n", &["120 of 100"]);
}

#[test]
fn shares_by_quantile_and_theta_are_as_by_hand() {
    let share = "statistic = \"share_by_quantile\"\ncolumn = \"v\"\nclasses = 2\nrule = \"type7_linear\"
        ties = \"order_of_appearance\"\nwith = { w = \"a\" }\nexpected = [0.5, 1]\ntolerance = 0";
    // Ties of 1 in order: the first two lines are the lower half.
    assert_reproduced(share, "v,w\n1,a\n1,b\n1,a\n5,a\n");
    let theta = "statistic = \"theta\"\ncolumns = { from = 2000, to = 2001 }\ngroups = \"g\"\nexpected = 1\ntolerance = 0";
    // Places 1 and 2 change with 3 and 4, group by group.
    assert_reproduced(theta, "2000,2001,g\n1,3,x\n2,4,x\n3,1,y\n4,2,y\n");
}
