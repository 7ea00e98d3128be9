//! A table of the size of a regional study: 22 municipalities by class of the parents by class of the child with all margins,
//! 828 cells of which 47 are small. Hiding further cells, and the audit of what is hidden.

use criterion::{Criterion, criterion_group, criterion_main};
use erflijn::disclosure::{AuditMethod, Relations, Sum, SuppressionOptions, audit, suppress};

const SIZES: [usize; 3] = [22, 5, 5];
const SMALL: usize = 47;

/// Cells are numbered with a last place in each direction for the margin.
fn table() -> (Relations, Vec<u64>) {
    let [areas, parents, children] = SIZES.map(|size| size + 1);
    let place = |[a, p, c]: [usize; 3]| (a * parents + p) * children + c;
    let mut values = vec![0_u64; areas * parents * children];
    let inner = SIZES.iter().product::<usize>();
    let mut sums = Vec::new();
    for cell in 0..inner {
        let at = [cell / 25, cell / 5 % 5, cell % 5];
        // Spread over the table by a step that shares no factor with its size: small cells first.
        let turn = cell * 97 % inner;
        values[place(at)] = if turn < SMALL { 1 + (turn % 9) as u64 } else { 10 + (turn * 31 % 150) as u64 };
    }
    for axis in (0..3).rev() {
        for cell in 0..values.len() {
            let at = [cell / (parents * children), cell / children % parents, cell % children];
            if at[axis] == SIZES[axis] {
                let at_part = |part| std::array::from_fn(|way| if way == axis { part } else { at[way] });
                let parts: Vec<usize> = (0..SIZES[axis]).map(|part| place(at_part(part))).collect();
                values[cell] = parts.iter().map(|part| values[*part]).sum();
                sums.push(Sum { total: cell, parts });
            }
        }
    }
    (Relations::new(values.len(), sums).expect("cells of the table"), values)
}

fn disclosure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("disclosure");
    group.sample_size(10);
    let (relations, values) = table();
    let primary: Vec<bool> = values.iter().map(|count| (1..10).contains(count)).collect();
    assert_eq!(primary.iter().filter(|primary| **primary).count(), SMALL);
    let options = SuppressionOptions::default();
    let pattern = suppress(&relations, &values, &primary, &options).expect("a pattern");
    group.bench_function("suppress/22x5x5/primary=47", |bencher| {
        bencher.iter(|| suppress(&relations, &values, &primary, &options));
    });
    group.bench_function("audit/22x5x5/primary=47", |bencher| {
        bencher.iter(|| audit(&relations, &values, &pattern.hidden, AuditMethod::Integer));
    });
    group.finish();
}

criterion_group!(benches, disclosure);
criterion_main!(benches);
