//! Long-term poverty and the chances to leave poverty, of a panel of statuses over twenty years. Peers:
//! `peers/`.
//!
//! Twenty years are what the registers hold. One cell in fifty is missing and cuts a window or a spell. The
//! largest panel takes 200 megabytes, and to build it takes longer than to analyse it.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::poverty::time::{EntryExit, HazardTable, LongTermRule, SpellKind, long_term_poverty};
use erflijn_benches::{SIZES, statuses};

const YEARS: usize = 20;

fn over_time(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("over_time");
    group.sample_size(10);
    for persons in SIZES {
        let panel = statuses(persons, YEARS);
        group.throughput(Throughput::Elements((persons * YEARS) as u64));
        group.bench_function(format!("four_of_four/years={YEARS}/n={persons}"), |bencher| {
            bencher.iter(|| long_term_poverty(&panel, Weights::Equal, LongTermRule::FOUR_OF_FOUR));
        });
        group.bench_function(format!("entry_exit/years={YEARS}/n={persons}"), |bencher| {
            bencher.iter(|| EntryExit::tally(&panel, Weights::Equal));
        });
        group.bench_function(format!("hazards/years={YEARS}/n={persons}"), |bencher| {
            bencher.iter(|| HazardTable::new(&panel, Weights::Equal, SpellKind::Poverty));
        });
    }
    group.finish();
}

criterion_group!(benches, over_time);
criterion_main!(benches);
