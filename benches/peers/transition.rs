//! Our part of the comparison of transition tables with other packages.
//!
//! `transition-peers FOLDER PEOPLE` writes columns as bare numbers, little-endian, and prints a line per task: its
//! name, the best of three times in seconds of the processor, and a sum that the others must find too.
//! `compare_transition.py` calls it.

#![allow(clippy::print_stdout, reason = "its output is what the comparison reads")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use erflijn::core::{Omega, Weights, fractional_ranks};
use erflijn::mobility::{
    bartholomew_distance, bartholomew_immobility, determinant_index, second_eigenvalue_index, shorrocks_trace,
};
use erflijn::transition::{
    ClassRule, Classes, EmptyRows, GroupedCounts, Groups, TableBootstrap, TransitionCounts, TransitionMatrix,
};
use erflijn_benches::{classes, incomes, weights};

const TIMES: usize = 3;
const K: u8 = 5;
/// Municipalities times cohorts.
const GROUPS: u32 = 22 * 10;
const REPLICATES: u32 = 1_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, people] = &arguments[..] else {
        return Err("usage: transition-peers FOLDER PEOPLE".into());
    };
    let (folder, people): (_, usize) = (Path::new(folder), people.parse()?);

    let (euros, weights) = (incomes(people, 1), weights(people));
    // No two alike, as with incomes that were deflated and divided by scales.
    let apart: Vec<f64> = euros.iter().zip(&weights).map(|(income, weight)| income * weight).collect();
    for (name, numbers) in [("euros", &euros), ("apart", &apart), ("weights", &weights)] {
        fs::write(folder.join(name), numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())?;
    }
    let (parents, children) = (classes(people, K, 1), classes(people, K, 2));
    fs::write(folder.join("parents"), &parents)?;
    fs::write(folder.join("children"), &children)?;

    let weighted = Weights::Probability(&weights);
    for (name, values) in [("euros", &euros), ("apart", &apart)] {
        let fifths = || Classes::by_quantile(values, Weights::Equal, K, ClassRule::InverseEcdf);
        time(&format!("classes_{name}"), || Ok(check(fifths()?.assigned().iter().map(|c| f64::from(*c)))))?;
        let ranks = |weights| fractional_ranks(values, weights, Omega::MID);
        time(&format!("ranks_equal_{name}"), || Ok(check(ranks(Weights::Equal)?.into_iter())))?;
        time(&format!("ranks_weighted_{name}"), || Ok(check(ranks(weighted)?.into_iter())))?;
    }

    let one_cell = vec![0; people];
    let tally = |parents: &[u8], children: &[u8], weights| {
        let counts = TransitionCounts::tally(parents, children, weights, K)?;
        Ok::<f64, Box<dyn Error>>(check(counts.cells().iter().copied()))
    };
    time("sum_of_classes", || Ok(bytes(&parents, &children)))?;
    time("sum_of_classes_and_weights", || Ok(bytes(&parents, &children) + lanes(&weights)))?;
    time("tally_equal", || tally(&parents, &children, Weights::Equal))?;
    time("tally_equal_one_cell", || tally(&one_cell, &one_cell, Weights::Equal))?;
    time("tally_weighted", || tally(&parents, &children, weighted))?;
    time("tally_weighted_one_cell", || tally(&one_cell, &one_cell, weighted))?;
    let groups = Groups::numbered(
        (0..people as u32).map(|i| i.wrapping_mul(2_654_435_761) % GROUPS).collect(),
        GROUPS,
    )?;
    for (name, weights) in [("equal", Weights::Equal), ("weighted", weighted)] {
        time(&format!("tally_{name}_by_{GROUPS}_groups"), || {
            let counts = GroupedCounts::tally(&groups, &parents, &children, weights, K)?;
            Ok(check(counts.sum().cells().iter().copied()))
        })?;
    }
    // A stream in parts of one buffer: only the table grows older.
    for parts in [1, 10, 100] {
        time(&format!("stream_of_{parts}_parts"), || {
            let mut all = TransitionCounts::zeros(K)?;
            for _ in 0..parts {
                all.merge(&TransitionCounts::tally(&parents, &children, weighted, K)?)?;
            }
            Ok(all.total())
        })?;
    }

    let counts = TransitionCounts::tally(&parents, &children, Weights::Equal, K)?;
    time("bootstrap_1000_tables", || Ok(TableBootstrap::new(REPLICATES, 1).tables(&counts)?.observations()))?;
    time("bootstrap_1000_functionals", || {
        let replicates = TableBootstrap::new(REPLICATES, 1).tables(&counts)?;
        let found = replicates.estimate_all(|table| functionals(&table.matrix(EmptyRows::Refuse)?))?;
        Ok(found.len() as f64)
    })
}

/// Every index of the matrix, its eigenvalues, the long run, first passages and sojourns.
fn functionals(matrix: &TransitionMatrix) -> Result<Vec<f64>, erflijn::mobility::MobilityError> {
    let uniform = vec![1.0 / matrix.classes() as f64; matrix.classes()];
    let mut found = vec![
        shorrocks_trace(matrix)?,
        determinant_index(matrix)?,
        second_eigenvalue_index(matrix)?,
        bartholomew_immobility(matrix, &uniform)?,
        bartholomew_distance(matrix, &uniform)?,
    ];
    found.extend(matrix.probabilities());
    found.extend(matrix.stationary_distributions().row(0));
    found.extend(matrix.mean_first_passage());
    found.extend(matrix.sojourn_times());
    Ok(found)
}

/// A sum in which the order of numbers counts.
fn check(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.zip((1..=7).cycle()).map(|(number, times)| number * f64::from(times)).sum()
}

fn bytes(a: &[u8], b: &[u8]) -> f64 {
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(*a) + u64::from(*b)).sum();
    sum as f64
}

/// In as many lanes as the tally has: what reading the weights costs at least.
fn lanes(weights: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (groups, rest) = weights.as_chunks::<8>();
    for group in groups {
        for (sum, weight) in sums.iter_mut().zip(group) {
            *sum += weight;
        }
    }
    sums.iter().chain(rest).sum()
}

fn time(task: &str, work: impl Fn() -> Outcome<f64>) -> Outcome<()> {
    let (mut best, mut value) = (f64::INFINITY, 0.0);
    for _ in 0..TIMES {
        // Repeated until it takes a tenth of a second: a system tells processor time in steps of milliseconds.
        let (start, mut runs, mut used) = (processor_seconds(), 0.0, 0.0);
        while used < 0.1 {
            value = std::hint::black_box(work()?);
            runs += 1.0;
            used = processor_seconds() - start;
        }
        best = best.min(used / runs);
    }
    println!("{task}\t{best}\t{value}");
    Ok(())
}

/// Seconds that this thread has had a processor; seconds of the clock where the system does not tell.
fn processor_seconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let started = START.get_or_init(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}
