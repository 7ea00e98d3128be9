//! An atlas of a country: children tallied into small areas by subgroup, and rolled up to larger areas and groups.
//!
//! 12 480 areas of the finest level by sex (2), origin (3), household type (2) and income group (5), 748 800 cells, are the shape
//! of a national atlas; with four coarser levels there are about 16 000 areas. The largest size is that of the register.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::mobility::Sandwich;
use erflijn::mobility::atlas::{Atlas, AtlasSample, CellGrid};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const AREAS: u32 = 12_480;
/// How many areas make one of the next level, of which there are 3120, 347, 39 and 1.
const LEVELS: [u32; 4] = [4, 9, 9, 40];
const RANKS: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

struct Children {
    cells: Vec<u32>,
    rank: Vec<f64>,
    outcome: Vec<f64>,
    parent_class: Vec<u8>,
    child_class: Vec<u8>,
}

impl Children {
    fn new(children: usize, grid: &CellGrid) -> Self {
        let mut random = Pcg64::seed_from_u64(20_240_611);
        let mut made =
            Self { cells: vec![], rank: vec![], outcome: vec![], parent_class: vec![], child_class: vec![] };
        for _ in 0..children {
            let rank: f64 = random.random();
            let outcome = 0.35 + 0.3 * rank + 0.35 * (random.random::<f64>() - 0.5);
            let codes = [
                random.random_range(0..AREAS),
                random.random_range(0..2),
                random.random_range(0..3),
                random.random_range(0..2),
                (rank * 5.0) as u32,
            ];
            made.cells.push(grid.cell(&codes).expect("codes are in range"));
            made.rank.push(rank);
            made.outcome.push(outcome);
            made.parent_class.push((rank * 5.0) as u8);
            made.child_class.push((outcome * 5.0).clamp(0.0, 4.0) as u8);
        }
        made
    }

    fn sample(&self) -> AtlasSample<'_> {
        AtlasSample {
            cells: &self.cells,
            parent_rank: &self.rank,
            outcome: &self.outcome,
            classes: Some((&self.parent_class, &self.child_class, 5)),
            weights: Weights::Equal,
            families: None,
        }
    }
}

fn grid() -> CellGrid {
    CellGrid::new(&[AREAS, 2, 3, 2, 5]).expect("the grid is small")
}

fn tally(children: &Children) -> Atlas {
    let mut atlas = Atlas::new(grid());
    atlas.update(&children.sample()).expect("children are usable");
    atlas
}

/// Every level of areas with all sixty subgroups, and with sex, origin, household and income summed out one after the
/// other; all numbers of every cell.
fn publish(atlas: &Atlas) -> (usize, f64) {
    let mut level = atlas.clone();
    let (mut cells, mut check) = (0, 0.0);
    for step in std::iter::once(1).chain(LEVELS) {
        let areas = level.grid().sizes()[0];
        if step > 1 {
            let into: Vec<Option<u32>> = (0..areas).map(|area| Some(area / step)).collect();
            level = level.roll_up(0, &into).expect("the map is whole");
        }
        let (more, sum) = numbers(&level);
        (cells, check) = (cells + more, check + sum);
        let mut margin = level.clone();
        for dimension in 1..5 {
            let size = level.grid().sizes()[dimension] as usize;
            margin = margin.roll_up(dimension, &vec![Some(0); size]).expect("the map is whole");
            let (more, sum) = numbers(&margin);
            (cells, check) = (cells + more, check + sum);
        }
    }
    (cells, check)
}

fn numbers(atlas: &Atlas) -> (usize, f64) {
    let (mut cells, mut sum) = (0, 0.0);
    for (_, cell) in atlas.cells() {
        cells += 1;
        sum += cell.persistence(0).map_or(0.0, |share| share.value);
        let Ok(line) = cell.line() else { continue };
        sum += line.slope(Sandwich::Hc1).map_or(0.0, |slope| slope.standard_error);
        for rank in RANKS {
            sum += line.expected_outcome(rank, Sandwich::Hc1).map_or(0.0, |expected| expected.standard_error);
        }
    }
    (cells, sum)
}

fn atlas(c: &mut Criterion) {
    let mut group = c.benchmark_group("atlas");
    group.sample_size(10);
    for children in [10_000, 1_000_000, 4_600_000] {
        let made = Children::new(children, &grid());
        group.bench_function(format!("tally/n={children}"), |b| {
            b.iter_batched(|| (), |()| black_box(tally(&made)), BatchSize::PerIteration);
        });
        let tallied = tally(&made);
        group.bench_function(format!("roll_up_and_numbers/n={children}"), |b| {
            b.iter(|| black_box(publish(&tallied)));
        });
    }
    group.finish();
}

criterion_group!(benches, atlas);
criterion_main!(benches);
