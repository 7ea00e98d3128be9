//! The weighted median without sorting, and the at-risk-of-poverty rate that needs it: 60 per cent of the
//! median, with what everybody contributes to its error, and the headcount below it. Peers: `peers/`.
//!
//! Whole euros: a median that is heaped, as in a register.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::{Weights, weighted_quantile};
use erflijn::poverty::{Boundary, Centre, CommonLine, PovertyMeasure, Sample};
use erflijn_benches::{SIZES, incomes, weights};

fn median(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("median");
    group.sample_size(10);
    for people in SIZES {
        let (incomes, weights) = (incomes(people, 1), weights(people));
        group.throughput(Throughput::Elements(people as u64));
        for (name, weights) in [("equal", Weights::Equal), ("probability", Weights::Probability(&weights))] {
            group.bench_function(format!("quantile/{name}/n={people}"), |bencher| {
                bencher.iter(|| weighted_quantile(&incomes, weights, 1, 2));
            });
            group.bench_function(format!("at_risk_of_poverty/{name}/n={people}"), |bencher| {
                bencher.iter(|| {
                    let sample = Sample::new(&incomes, weights)?;
                    let line = CommonLine::relative(&sample, 0.6, Centre::Median, Boundary::StrictlyBelow)?;
                    PovertyMeasure::Headcount.value(&sample, &line)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, median);
criterion_main!(benches);
