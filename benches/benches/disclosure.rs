//! Hiding cells of a publication and working out what can still be known: 22 municipalities by a class of parents (5) and of
//! children (5), with all totals over one, two and three of them published, and 47 cells of 1 to 9. Then the same by four cohorts,
//! with 300 such cells.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::disclosure::{
    AuditMethod, CellId, Profile, Publication, Relations, Sum, SuppressionOptions, audit, suppress,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A table of several directions with all its totals.
struct Table {
    sums: Vec<Sum>,
    values: Vec<u64>,
    primary: Vec<bool>,
}

impl Table {
    fn new(shape: &[usize], small: usize) -> Self {
        let mut random = Pcg64::seed_from_u64(20_240_612);
        // The last class of a direction stands for all.
        let cells: usize = shape.iter().map(|classes| classes + 1).product();
        let step = |axis: usize| shape[axis + 1..].iter().map(|classes| classes + 1).product::<usize>();
        let class = |cell: usize, axis: usize| cell / step(axis) % (shape[axis] + 1);
        let is_total = |cell: usize, axis: usize| class(cell, axis) == shape[axis];
        let mut inner: Vec<usize> =
            (0..cells).filter(|cell| (0..shape.len()).all(|axis| !is_total(*cell, axis))).collect();
        inner.shuffle(&mut random);
        let (mut values, mut primary) = (vec![0; cells], vec![false; cells]);
        for (number, inner) in inner.into_iter().enumerate() {
            primary[inner] = number < small;
            values[inner] =
                if primary[inner] { random.random_range(1..10) } else { random.random_range(10..200) };
        }
        let mut sums = Vec::new();
        for (axis, classes) in shape.iter().copied().enumerate() {
            for total in (0..cells).filter(|cell| is_total(*cell, axis)) {
                let first = total - classes * step(axis);
                let parts: Vec<usize> = (0..classes).map(|class| first + class * step(axis)).collect();
                values[total] = parts.iter().map(|part| values[*part]).sum();
                sums.push(Sum { total, parts });
            }
        }
        Self { sums, values, primary }
    }

    fn relations(&self) -> Relations {
        Relations::new(self.values.len(), self.sums.clone()).expect("sums are of cells")
    }

    fn publication(&self) -> Publication {
        let mut page = Publication::new();
        let cells: Vec<CellId> = self.values.iter().map(|units| page.count("cell", *units)).collect();
        for Sum { total, parts } in &self.sums {
            let parts: Vec<CellId> = parts.iter().map(|part| cells[*part]).collect();
            page.sum(cells[*total], &parts).expect("they add up");
        }
        page
    }
}

fn disclosure(criterion: &mut Criterion) {
    let table = Table::new(&[22, 5, 5], 47);
    let (relations, Table { values, primary, .. }) = (table.relations(), &table);
    let mut group = criterion.benchmark_group("disclosure");
    group.sample_size(10);
    for method in [AuditMethod::Relaxed, AuditMethod::Integer] {
        let options = SuppressionOptions { method, ..SuppressionOptions::default() };
        let hide = || suppress(&relations, values, primary, &options).expect("it can be protected");
        let hidden = hide().hidden;
        group.bench_function(format!("suppress/22x5x5/primary=47/{method:?}"), |bencher| {
            bencher.iter(|| black_box(hide()))
        });
        group.bench_function(format!("audit/22x5x5/primary=47/{method:?}"), |bencher| {
            bencher.iter(|| audit(&relations, values, black_box(&hidden), method).expect("there are bounds"));
        });
    }
    let profile = Profile::european_rule_of_thumb();
    let large = Table::new(&[22, 5, 5, 4], 300);
    for (name, table) in [("22x5x5/primary=47", table), ("22x5x5x4/primary=300", large)] {
        let page = table.publication();
        group.bench_function(format!("clear/{name}"), |bencher| {
            bencher.iter(|| black_box(&page).clear(&profile).expect("it can be protected"));
        });
    }
    group.finish();
}

criterion_group!(benches, disclosure);
criterion_main!(benches);
