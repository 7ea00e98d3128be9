//! The measures against values of R, from `reference/poverty_measures.R`.

#![allow(clippy::unwrap_used, reason = "samples of these tests are sound")]

use std::collections::HashMap;

use erflijn_core::Weights;
use erflijn_poverty::{Boundary, Centre, CommonLine, PovertyMeasure, Sample};

/// Both sides add some hundred numbers of one sign, in another order.
const ROUNDING: f64 = 1e-12;

struct Persons {
    incomes: Vec<f64>,
    weights: Vec<f64>,
    frequencies: Vec<u32>,
    regions: Vec<u32>,
}

fn persons() -> Persons {
    let mut persons = Persons { incomes: vec![], weights: vec![], frequencies: vec![], regions: vec![] };
    for row in include_str!("reference/synthetic_persons.csv").lines().skip(1) {
        let fields: Vec<&str> = row.split(',').collect();
        persons.incomes.push(fields[0].parse().unwrap());
        persons.weights.push(fields[1].parse().unwrap());
        persons.frequencies.push(fields[2].parse().unwrap());
        persons.regions.push(fields[3].parse().unwrap());
    }
    persons
}

fn reference() -> HashMap<(String, u32), f64> {
    include_str!("reference/poverty_measures.csv")
        .lines()
        .skip(1)
        .map(|row| {
            let fields: Vec<&str> = row.split(',').collect();
            ((fields[0].to_owned(), fields[1].parse().unwrap()), fields[2].parse().unwrap())
        })
        .collect()
}

/// Everybody (domain 0) and the four regions.
fn members(persons: &Persons, domain: u32) -> Vec<bool> {
    persons.regions.iter().map(|region| domain == 0 || *region == domain).collect()
}

/// Standard error of a total under sampling with replacement, as `survey` has it for one stage
/// without strata: `n / (n - 1) sum (w z - mean)^2`.
fn standard_error(variable: &[f64], weights: &[f64]) -> f64 {
    let terms: Vec<f64> = variable.iter().zip(weights).map(|(z, w)| z * w).collect();
    let n = terms.len() as f64;
    let mean = terms.iter().sum::<f64>() / n;
    (n / (n - 1.0) * terms.iter().map(|term| (term - mean).powi(2)).sum::<f64>()).sqrt()
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{what}: found {found}, R has {expected}");
}

/// Runs `check` on every domain.
fn on_domains(check: impl Fn(u32, &Sample<'_>, &Sample<'_>, &dyn Fn(&str) -> f64)) {
    let (persons, reference) = (persons(), reference());
    let whole = Sample::new(&persons.incomes, Weights::Probability(&persons.weights)).unwrap();
    for domain in 0..=4 {
        let members = members(&persons, domain);
        let part = whole.domain(&members).unwrap();
        check(domain, &whole, &part, &|name: &str| reference[&(name.to_owned(), domain)]);
    }
}

const FGT: fn(f64) -> PovertyMeasure = |alpha| PovertyMeasure::FosterGreerThorbecke { alpha };

#[test]
fn at_risk_of_poverty_of_laeken() {
    on_domains(|domain, whole, part, reference| {
        for share in [0.4, 0.5, 0.6, 0.7] {
            let line = CommonLine::relative(whole, share, Centre::Median, Boundary::StrictlyBelow).unwrap();
            if domain == 0 {
                let expected = reference(&format!("laeken arpt {share:.1}"));
                assert_close(line.euros(), expected, ROUNDING, "threshold");
            }
            let rate = PovertyMeasure::Headcount.value(part, &line).unwrap();
            assert_close(rate, reference(&format!("laeken arpr {share:.1}")), ROUNDING, "rate");
        }
        let line = CommonLine::relative(whole, 0.6, Centre::Median, Boundary::StrictlyBelow).unwrap();
        let gap = PovertyMeasure::RelativeMedianGap.value(part, &line).unwrap();
        assert_close(gap, reference("laeken rmpg"), ROUNDING, "relative median gap");
    });
}

#[test]
fn bootstrap_of_laeken_finds_standard_errors_of_the_same_size() {
    // 2000 bootstrap samples leave 1.6 % of noise, and the kernel density of 200 persons in a region
    // about 10 %; leaving the line's own error out would show as more.
    const BOOTSTRAP: f64 = 0.15;
    on_domains(|domain, whole, part, reference| {
        let line = CommonLine::relative(whole, 0.6, Centre::Median, Boundary::StrictlyBelow).unwrap();
        let Weights::Probability(weights) = whole.weights() else {
            unreachable!("the sample has probability weights")
        };
        let rate = PovertyMeasure::Headcount.linearised(part, &line).unwrap();
        let error = standard_error(&rate.variable, weights);
        assert_close(error, reference("laeken bootstrap se arpr"), BOOTSTRAP, &format!("rate {domain}"));
    });
}

#[test]
fn known_line_of_survey() {
    let line = CommonLine::fixed(12_000.0, Boundary::StrictlyBelow).unwrap();
    let measures = [
        ("fgt0", PovertyMeasure::Headcount),
        ("fgt1", PovertyMeasure::PovertyGap),
        ("fgt0", FGT(0.0)),
        ("fgt1", FGT(1.0)),
        ("fgt2", FGT(2.0)),
        ("fgt3.5", FGT(3.5)),
        ("fgt0.5", FGT(0.5)),
        ("watts", PovertyMeasure::Watts),
        ("income gap ratio", PovertyMeasure::IncomeGapRatio),
    ];
    on_domains(|_, whole, part, reference| {
        let Weights::Probability(weights) = whole.weights() else {
            unreachable!("the sample has probability weights")
        };
        for (name, measure) in measures {
            let linearised = measure.linearised(part, &line).unwrap();
            assert_close(linearised.value, reference(&format!("survey {name}")), ROUNDING, name);
            let error = standard_error(&linearised.variable, weights);
            assert_close(error, reference(&format!("survey se {name}")), ROUNDING, name);
        }
    });
}

#[test]
fn ranked_gaps_of_laeken_and_of_the_replicated_sample() {
    let line = CommonLine::fixed(12_000.0, Boundary::StrictlyBelow).unwrap();
    on_domains(|_, _, part, reference| {
        let sen = PovertyMeasure::Sen.value(part, &line).unwrap();
        assert_close(sen, reference("laeken gini sen"), ROUNDING, "Sen");
        let sst = PovertyMeasure::SenShorrocksThon.value(part, &line).unwrap();
        assert_close(sst, reference("laeken gini sst"), ROUNDING, "Sen-Shorrocks-Thon");
    });
    let (persons, reference) = (persons(), reference());
    let sample = Sample::new(&persons.incomes, Weights::Frequency(&persons.frequencies)).unwrap();
    for (name, measure) in
        [("replicated sen", PovertyMeasure::Sen), ("replicated sst", PovertyMeasure::SenShorrocksThon)]
    {
        let value = measure.value(&sample, &line).unwrap();
        assert_close(value, reference[&(name.to_owned(), 0)], ROUNDING, name);
    }
}

#[test]
fn estimated_lines_by_the_formulas_of_osier() {
    let lines = [("median", 0.6, Centre::Median), ("mean", 0.5, Centre::Mean)];
    let measures = [
        ("headcount", PovertyMeasure::Headcount),
        ("fgt1", PovertyMeasure::PovertyGap),
        ("fgt2", FGT(2.0)),
        ("watts", PovertyMeasure::Watts),
        ("rmpg", PovertyMeasure::RelativeMedianGap),
    ];
    on_domains(|domain, whole, part, reference| {
        let Weights::Probability(weights) = whole.weights() else {
            unreachable!("the sample has probability weights")
        };
        for (of, share, centre) in lines {
            let line = CommonLine::relative(whole, share, centre, Boundary::StrictlyBelow).unwrap();
            if domain == 0 {
                let linearised = line.linearised().unwrap().unwrap();
                assert_close(linearised.value, reference(&format!("line {of}")), ROUNDING, of);
                let error = standard_error(&linearised.variable, weights);
                assert_close(error, reference(&format!("line se {of}")), ROUNDING, of);
            }
            for (name, measure) in measures {
                let linearised = measure.linearised(part, &line).unwrap();
                assert_close(linearised.value, reference(&format!("{of} {name}")), ROUNDING, name);
                let error = standard_error(&linearised.variable, weights);
                assert_close(error, reference(&format!("{of} se {name}")), ROUNDING, name);
            }
        }
    });
}
