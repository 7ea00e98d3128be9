//! Every estimator with incomes or weights near the ends of the range of numbers: what it gives is finite, or a typed
//! error tells what is not.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod areas;
mod families;
mod heredity;
mod imperfect;
mod incomes;
mod regressions;
mod sample;
mod tables;
mod units;

use crate::sample::{Sample, Shown, scaled};

type Estimator = (&'static str, fn(&Sample) -> Shown);

const ESTIMATORS: [Estimator; 36] = [
    ("linear model", regressions::linear),
    ("rank regression", regressions::rank_regression),
    ("rank-rank", regressions::rank_rank),
    ("moments", incomes::moments),
    ("upward", incomes::upward),
    ("bins", regressions::bins),
    ("instrumental model", regressions::instrumental),
    ("bracket", regressions::bracket),
    ("life cycle", regressions::life_cycle),
    ("two samples", regressions::two_sample),
    ("panel", regressions::panel),
    ("corrections", imperfect::corrections),
    ("false links", imperfect::false_links),
    ("elasticities", regressions::elasticities),
    ("Poisson", regressions::poisson),
    ("income pairs", incomes::income_pairs),
    ("Fields-Ok", incomes::fields_ok),
    ("King", incomes::king),
    ("siblings", families::siblings),
    ("nested", families::nested),
    ("REML", families::reml),
    ("generations", families::generations),
    ("dynasties", families::dynasties),
    ("heredity", heredity::heredity),
    ("exposure", heredity::exposure),
    ("binary", heredity::binary),
    ("poverty", heredity::poverty),
    ("incomplete", imperfect::incomplete),
    ("coarse", imperfect::coarse),
    ("matrices", tables::matrices),
    ("indices", tables::indices),
    ("class tables", tables::class_tables),
    ("shrinkage", areas::shrinkage),
    ("spatial", areas::spatial),
    ("rank sets", areas::rank_sets),
    ("atlas", areas::atlas),
];

/// What is wrong with a result: a number that is none, or an error of a sample that has errors.
fn fault(text: &str) -> bool {
    let whole = |word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word);
    whole("NaN") || whole("inf") || text.contains("standard_error: 0.0,")
}

#[test]
fn results_are_finite_or_refused() {
    let mut faults = Vec::new();
    for (name, estimator) in ESTIMATORS {
        let usual = estimator(&Sample::new()).unwrap();
        assert!(!usual.iter().any(|text| fault(text)), "{name} with usual numbers: {usual:?}");
        for columns in ["x", "y", "z", "xy", "xyz", "w", "xyw"] {
            for scale in [1e150, 1e200, 1e300, 1e-150, 1e-200, 1e-300] {
                let found = estimator(&scaled(columns, scale)).unwrap_or_default();
                faults.extend(found.into_iter().filter(|text| fault(text)).map(|_| (name, columns, scale)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}
