//! A child's parents to their distinct households: building the table of a year once, and probing it
//! for every child.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::linkage::HouseholdsOfYear;
use erflijn_benches::{SIZES, household_rows, parents};

fn households(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("households");
    group.sample_size(10);
    for people in SIZES {
        let (persons, households) = household_rows(people);
        let children = parents(people / 3, people);
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(format!("build/n={people}"), |bencher| {
            bencher.iter(|| HouseholdsOfYear::new(&persons, &households));
        });
        let Ok(table) = HouseholdsOfYear::new(&persons, &households) else { continue };
        group.throughput(Throughput::Elements(children.len() as u64));
        group.bench_function(format!("parents/n={people}"), |bencher| {
            bencher.iter(|| children.iter().map(|pair| table.distinct(pair).len()).sum::<usize>());
        });
    }
    group.finish();
}

criterion_group!(benches, households);
criterion_main!(benches);
