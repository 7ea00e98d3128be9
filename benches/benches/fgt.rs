//! Headcount, poverty gap and severity in one pass, beside a plain sum over the same arrays: how much more
//! than reading the memory it costs. Peers: `peers/`.
//!
//! A quarter of the people are poor, in random order, which is where guessing branches is worst. At a million
//! people the arrays leave the caches of most processors.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::poverty::{Boundary, CommonLine, PovertyTally};
use erflijn_benches::{SIZES, incomes, plain_sum, weights};

fn fgt(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fgt");
    group.sample_size(10);
    let line = CommonLine::fixed(18_800.0, Boundary::StrictlyBelow).expect("above 0");
    for people in SIZES {
        let (incomes, weights) = (incomes(people, 1), weights(people));
        for (name, bytes, weights) in
            [("equal", 8, Weights::Equal), ("probability", 16, Weights::Probability(&weights))]
        {
            group.throughput(Throughput::Bytes(bytes * people as u64));
            group.bench_function(format!("tally/{name}/n={people}"), |bencher| {
                bencher.iter(|| {
                    let mut tally = PovertyTally::new(&line);
                    tally.update(&incomes, weights).and_then(|()| tally.finish())
                });
            });
        }
        group.throughput(Throughput::Bytes(16 * people as u64));
        group.bench_function(format!("plain_sum/probability/n={people}"), |bencher| {
            bencher.iter(|| plain_sum(&incomes, &weights));
        });
    }
    group.finish();
}

criterion_group!(benches, fgt);
criterion_main!(benches);
