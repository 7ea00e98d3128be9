//! Quintile classes by inverse ecdf. Peer: `mapclassify.Quantiles`.

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::transition::{ClassRule, Classes};
use erflijn_benches::{SIZES, incomes};

fn classes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("classes");
    group.sample_size(10);
    for people in SIZES {
        let incomes = incomes(people, 1);
        group.bench_function(format!("inverse_ecdf/k=5/n={people}"), |bencher| {
            bencher.iter(|| Classes::by_quantile(&incomes, Weights::Equal, 5, ClassRule::InverseEcdf));
        });
    }
    group.finish();
}

criterion_group!(benches, classes);
criterion_main!(benches);
