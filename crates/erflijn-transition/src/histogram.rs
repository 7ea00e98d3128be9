//! The inner loops of counting: sums of weights by pair of classes.
//!
//! All functions expect class numbers below `k`, checked by the caller, and slices of one length.
//! They return `k * k` sums, parents in rows.

/// Pairs that are handled between two visits of the total: small enough to stay in the first cache.
const BLOCK: usize = 8_192;
/// Up to this many classes a pair of class numbers fits one byte.
const NARROW: usize = 16;
/// Sub-histograms: neighbouring pairs often fall in one cell, and each addition would wait for the last.
const LANES: usize = 8;

pub(crate) fn heads(parent: &[u8], child: &[u8], k: usize) -> Vec<u64> {
    if k <= NARROW { heads_narrow(parent, child, k) } else { heads_wide(parent, child, k) }
}

fn heads_narrow(parent: &[u8], child: &[u8], k: usize) -> Vec<u64> {
    let mut keys = [0u8; BLOCK];
    let mut lanes = [[0u64; 256]; LANES];
    for (parents, children) in parent.chunks(BLOCK).zip(child.chunks(BLOCK)) {
        let keys = &mut keys[..parents.len()];
        for ((key, p), c) in keys.iter_mut().zip(parents).zip(children) {
            *key = p << 4 | c;
        }
        let (groups, rest) = keys.as_chunks::<LANES>();
        for group in groups {
            for (lane, &key) in lanes.iter_mut().zip(group) {
                lane[usize::from(key)] += 1;
            }
        }
        for &key in rest {
            lanes[0][usize::from(key)] += 1;
        }
    }
    let cell = |row: usize, column: usize| lanes.iter().map(|lane| lane[row * NARROW + column]).sum();
    (0..k).flat_map(|row| (0..k).map(move |column| cell(row, column))).collect()
}

fn heads_wide(parent: &[u8], child: &[u8], k: usize) -> Vec<u64> {
    let mut cells = vec![0; k * k];
    for (&p, &c) in parent.iter().zip(child) {
        cells[usize::from(p) * k + usize::from(c)] += 1;
    }
    cells
}

pub(crate) fn frequencies(parent: &[u8], child: &[u8], weights: &[u32], k: usize) -> Vec<u64> {
    let mut cells = vec![0; k * k];
    for ((&p, &c), &weight) in parent.iter().zip(child).zip(weights) {
        cells[usize::from(p) * k + usize::from(c)] += u64::from(weight);
    }
    cells
}

/// Sums block by block, so that rounding errors grow with the number of blocks and not of persons.
pub(crate) fn probabilities(parent: &[u8], child: &[u8], weights: &[f64], k: usize) -> Vec<f64> {
    let mut cells = vec![0.0; k * k];
    let mut of_block = vec![0.0; k * k];
    for ((parents, children), weights) in
        parent.chunks(BLOCK).zip(child.chunks(BLOCK)).zip(weights.chunks(BLOCK))
    {
        for ((&p, &c), &weight) in parents.iter().zip(children).zip(weights) {
            of_block[usize::from(p) * k + usize::from(c)] += weight;
        }
        for (cell, block) in cells.iter_mut().zip(&mut of_block) {
            *cell += std::mem::take(block);
        }
    }
    cells
}
