//! Weighted fractional ranks: one sort of all incomes. Peer: `scipy.stats.rankdata`.

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::core::{Distribution, Omega, Weights};
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
    }
    group.finish();
}

criterion_group!(benches, ranks);
criterion_main!(benches);
