//! Hiding cells of a publication and working out what can still be known: 22 municipalities by a class of parents (5) and of
//! children (5), with all totals over one, two and three of them published, and 47 cells of 1 to 9.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::disclosure::{AuditMethod, Relations, Sum, SuppressionOptions, audit, suppress};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const AREAS: usize = 22;
const CLASSES: usize = 5;
const SMALL: usize = 47;

/// A class of each dimension; the last stands for all.
const SHAPE: [usize; 3] = [AREAS + 1, CLASSES + 1, CLASSES + 1];

struct Publication {
    relations: Relations,
    values: Vec<u64>,
    primary: Vec<bool>,
}

fn cell(place: [usize; 3]) -> usize {
    (place[0] * SHAPE[1] + place[1]) * SHAPE[2] + place[2]
}

fn places() -> impl Iterator<Item = [usize; 3]> {
    let [areas, parents, children] = SHAPE;
    (0..areas).flat_map(move |a| (0..parents).flat_map(move |p| (0..children).map(move |c| [a, p, c])))
}

impl Publication {
    fn new() -> Self {
        let mut random = Pcg64::seed_from_u64(20_240_612);
        let is_inner = |place: &[usize; 3]| place.iter().zip(SHAPE).all(|(class, of)| class + 1 < of);
        let mut inner: Vec<usize> = places().filter(is_inner).map(cell).collect();
        inner.shuffle(&mut random);
        let cells = SHAPE.iter().product();
        let (mut values, mut primary) = (vec![0; cells], vec![false; cells]);
        for (number, inner) in inner.into_iter().enumerate() {
            primary[inner] = number < SMALL;
            values[inner] =
                if primary[inner] { random.random_range(1..10) } else { random.random_range(10..200) };
        }
        let mut sums = Vec::new();
        for (axis, all) in SHAPE.iter().map(|of| of - 1).enumerate() {
            for place in places().filter(|place| place[axis] == all) {
                let part = |class| {
                    let mut part = place;
                    part[axis] = class;
                    cell(part)
                };
                let sum = Sum { total: cell(place), parts: (0..all).map(part).collect() };
                values[sum.total] = sum.parts.iter().map(|part| values[*part]).sum();
                sums.push(sum);
            }
        }
        let relations = Relations::new(cells, sums).expect("sums are of cells");
        Self { relations, values, primary }
    }
}

fn disclosure(criterion: &mut Criterion) {
    let Publication { relations, values, primary } = Publication::new();
    let mut group = criterion.benchmark_group("disclosure");
    group.sample_size(10);
    for method in [AuditMethod::Relaxed, AuditMethod::Integer] {
        let options = SuppressionOptions { method, ..SuppressionOptions::default() };
        let hide = || suppress(&relations, &values, &primary, &options).expect("it can be protected");
        let hidden = hide().hidden;
        group.bench_function(format!("suppress/22x5x5/primary=47/{method:?}"), |bencher| {
            bencher.iter(|| black_box(hide()))
        });
        group.bench_function(format!("audit/22x5x5/primary=47/{method:?}"), |bencher| {
            bencher
                .iter(|| audit(&relations, &values, black_box(&hidden), method).expect("there are bounds"));
        });
    }
    group.finish();
}

criterion_group!(benches, disclosure);
criterion_main!(benches);
