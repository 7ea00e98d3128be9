//! Who is poor by the line of its own household: the threshold looked up for every household, and its status.
//! Computing a threshold each time is the alternative that the lookup is there for.
//!
//! Ten million households are more than the country has; most are small, as there.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::poverty::{EquivalenceScale, LowIncomeAmounts, Means, PovertyDefinition};
use erflijn_benches::{SIZES, compositions, incomes};

fn thresholds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("thresholds");
    group.sample_size(10);
    let definition = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995);
    for households in SIZES {
        let (incomes, compositions) = (incomes(households, 1), compositions(households));
        let thresholds = definition.thresholds(2015).expect("a year with an amount");
        let pairs = || incomes.iter().zip(&compositions);
        group.throughput(Throughput::Elements(households as u64));
        group.bench_function(format!("looked_up/n={households}"), |bencher| {
            bencher.iter(|| {
                let poor = pairs().filter(|(income, household)| {
                    let threshold = thresholds.of(**household);
                    threshold.is_ok_and(|it| it.status(&Means::of_income(Ok(**income))) == Ok(true))
                });
                poor.count()
            });
        });
        if households > SIZES[1] {
            continue;
        }
        group.bench_function(format!("computed/n={households}"), |bencher| {
            bencher.iter(|| {
                let poor = pairs().filter(|(income, household)| {
                    let threshold = definition.threshold(2015, **household);
                    threshold.is_ok_and(|it| it.status(&Means::of_income(Ok(**income))) == Ok(true))
                });
                poor.count()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, thresholds);
criterion_main!(benches);
