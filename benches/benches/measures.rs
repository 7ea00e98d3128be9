//! Fourteen measures of one weighted sample: all of them as a study asks for them, and the dear ones alone.
//! Peers: `peers/`.
//!
//! Incomes in whole euros are a hundred thousand distinct ones among ten million; `apart` has no two alike, so
//! that nothing is gained by putting equal ones together. A quarter of the people are poor: Sen's measure and that of Sen, Shorrocks and Thon sort them, the Gini
//! coefficient and the quintile share ratio share one sort of everybody, entropies take logarithms.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::poverty::{
    Boundary, CommonLine, GiniPairs, Parade, PovertyMeasure, QuintileLimits, Sample, generalised_entropy,
    gini, quintile_share_ratio,
};
use erflijn_benches::{SIZES, incomes, measures, weights};

fn all_measures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("measures");
    group.sample_size(10);
    let line = CommonLine::fixed(18_800.0, Boundary::StrictlyBelow).expect("above 0");
    for people in SIZES {
        let (incomes, weights) = (incomes(people, 1), weights(people));
        let sample = || Sample::new(&incomes, Weights::Probability(&weights)).expect("sound");
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(format!("all/whole_euros/n={people}"), |bencher| {
            bencher.iter(|| measures(sample(), &line));
        });
        let apart: Vec<f64> = incomes.iter().zip(&weights).map(|(income, weight)| income + weight).collect();
        group.bench_function(format!("all/apart/n={people}"), |bencher| {
            bencher.iter(|| measures(Sample::new(&apart, Weights::Probability(&weights))?, &line));
        });
        drop(apart);
        let sample = sample();
        group.bench_function(format!("parade/n={people}"), |bencher| bencher.iter(|| Parade::new(sample)));
        for (name, measure) in [
            ("severity", PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 }),
            ("watts", PovertyMeasure::Watts),
            ("sen", PovertyMeasure::Sen),
            ("relative_median_gap", PovertyMeasure::RelativeMedianGap),
        ] {
            group.bench_function(format!("{name}/n={people}"), |bencher| {
                bencher.iter(|| measure.value(&sample, &line));
            });
        }
        for alpha in [0.0, 0.5, 1.0, 2.0] {
            group.bench_function(format!("entropy/alpha={alpha}/n={people}"), |bencher| {
                bencher.iter(|| generalised_entropy(&sample, alpha));
            });
        }
        let parade = Parade::new(sample).expect("sound");
        group.bench_function(format!("gini_and_quintiles/sorted/n={people}"), |bencher| {
            bencher.iter(|| {
                Ok::<_, erflijn::poverty::PovertyError>((
                    gini(&parade, GiniPairs::All)?,
                    quintile_share_ratio(&parade, QuintileLimits::Whole)?,
                ))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, all_measures);
criterion_main!(benches);
