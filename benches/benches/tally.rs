//! Counting pairs of classes into a table, with and without weights. Peer: `numpy.bincount`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::transition::TransitionCounts;
use erflijn_benches::{SIZES, classes, weights};

fn tally(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tally");
    group.sample_size(10);
    for people in SIZES {
        let (parents, children, weights) = (classes(people, 5, 1), classes(people, 5, 2), weights(people));
        group.throughput(Throughput::Elements(people as u64));
        for (name, weights) in [("equal", Weights::Equal), ("weighted", Weights::Probability(&weights))] {
            group.bench_function(format!("{name}/k=5/n={people}"), |bencher| {
                bencher.iter(|| TransitionCounts::tally(&parents, &children, weights, 5));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, tally);
criterion_main!(benches);
