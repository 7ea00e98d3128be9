//! Weighted fractional ranks, alone and with the distribution they are of. Peers: `peers/compare_transition.py`.
//!
//! Whole euros are counted, each income in a cell of its own; `apart` has no two alike and is sorted.

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::core::{Distribution, Omega, Weights, fractional_ranks};
use erflijn_benches::{SIZES, incomes, weights};

fn ranks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ranks");
    group.sample_size(10);
    for people in SIZES {
        let (incomes, weights) = (incomes(people, 1), weights(people));
        group.bench_function(format!("weighted/n={people}"), |bencher| {
            bencher.iter(|| {
                Distribution::new(&incomes, Weights::Probability(&weights))
                    .map(|sorted| sorted.ranks(Omega::MID))
            });
        });
        let apart: Vec<f64> = incomes.iter().zip(&weights).map(|(income, weight)| income * weight).collect();
        for (name, values) in [("whole_euros", &incomes), ("apart", &apart)] {
            group.bench_function(format!("alone/{name}/n={people}"), |bencher| {
                bencher.iter(|| fractional_ranks(values, Weights::Probability(&weights), Omega::MID));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, ranks);
criterion_main!(benches);
