//! The rank-rank regression with its standard errors, which count in that ranks are estimated. Peer:
//! `csranks`.
//!
//! A million pairs are a few cohorts of a country, ten million all of its living children; parents and children are in random
//! order and heaped on whole euros, or `apart`, no two alike, which costs sorts and looking up. Families have two children
//! each, who stand apart in the columns.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::{Omega, Weights};
use erflijn::mobility::RankRank;
use erflijn_benches::{SIZES, incomes, weights};

fn rank_rank(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rank_rank");
    group.sample_size(10);
    for pairs in &SIZES {
        let (parents, own) = (incomes(*pairs, 1), incomes(*pairs, 2));
        // Half of the income comes from the parents.
        let children: Vec<f64> = parents.iter().zip(&own).map(|(p, o)| ((p + o) / 2.0).floor()).collect();
        group.throughput(Throughput::Elements(*pairs as u64));
        group.bench_function(format!("equal/omega=0.5/n={pairs}"), |bencher| {
            bencher.iter(|| RankRank::new(&parents, &children, Weights::Equal, Omega::MID, None));
        });
        let (weight, half) = (weights(*pairs), *pairs as u32 / 2);
        let families: Vec<u32> = (0..*pairs as u32).map(|child| child % half).collect();
        group.bench_function(format!("probability/families/omega=0.5/n={pairs}"), |bencher| {
            let weights = Weights::Probability(&weight);
            bencher.iter(|| RankRank::new(&parents, &children, weights, Omega::MID, Some(&families)));
        });
        let shaken = |incomes: &[f64], factors: &[f64]| -> Vec<f64> {
            incomes.iter().zip(factors).map(|(income, factor)| (income + 1.0) * factor).collect()
        };
        let backwards: Vec<f64> = weight.iter().rev().copied().collect();
        let (parents, children) = (shaken(&parents, &weight), shaken(&children, &backwards));
        group.bench_function(format!("probability/families/apart/n={pairs}"), |bencher| {
            let weights = Weights::Probability(&weight);
            bencher.iter(|| RankRank::new(&parents, &children, weights, Omega::MID, Some(&families)));
        });
    }
    group.finish();
}

criterion_group!(benches, rank_rank);
criterion_main!(benches);
