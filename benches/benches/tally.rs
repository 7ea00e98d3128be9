//! Counting pairs of classes into a table, with and without weights, all in one cell, and by 22 municipalities times
//! 10 cohorts. Peer: `numpy.bincount`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::transition::{GroupedCounts, Groups, TransitionCounts};
use erflijn_benches::{SIZES, classes, weights};

const GROUPS: u32 = 22 * 10;

fn tally(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tally");
    group.sample_size(10);
    for people in SIZES {
        let (parents, children, weights) = (classes(people, 5, 1), classes(people, 5, 2), weights(people));
        let one_cell = vec![0; people];
        let numbers = (0..people as u32).map(|i| i.wrapping_mul(2_654_435_761) % GROUPS).collect();
        let groups = Groups::numbered(numbers, GROUPS).expect("numbers below the number of groups");
        group.throughput(Throughput::Elements(people as u64));
        for (name, weights) in [("equal", Weights::Equal), ("weighted", Weights::Probability(&weights))] {
            group.bench_function(format!("{name}/k=5/n={people}"), |bencher| {
                bencher.iter(|| TransitionCounts::tally(&parents, &children, weights, 5));
            });
            group.bench_function(format!("{name}/one_cell/k=5/n={people}"), |bencher| {
                bencher.iter(|| TransitionCounts::tally(&one_cell, &one_cell, weights, 5));
            });
            group.bench_function(format!("{name}/groups={GROUPS}/k=5/n={people}"), |bencher| {
                bencher.iter(|| GroupedCounts::tally(&groups, &parents, &children, weights, 5));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, tally);
criterion_main!(benches);
