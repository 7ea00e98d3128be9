//! The inner loops of counting: sums of weights by pair of classes.
//!
//! All functions expect class numbers below `k`, checked by the caller, and slices of one length.
//! They return `k * k` sums, parents in rows; those by group one such table after the other.

use erflijn_core::Weights;

/// Pairs that are handled between two visits of the total: small enough to stay in the first cache,
/// and rounding errors grow with the number of blocks and not of persons.
const BLOCK: usize = 8_192;
/// Up to this many classes a pair of class numbers fits one byte.
const NARROW: usize = 16;
/// Sub-histograms: neighbouring pairs often fall in one cell, and each addition would wait for the last.
const LANES: usize = 8;
/// Byte keys there are.
const KEYS: usize = NARROW * NARROW;

/// Sums and numbers of observations, frequency weights replicated, those without weight left out.
pub(crate) fn pairs<L: Copy + Into<u16>>(
    parent: &[L],
    child: &[L],
    weights: Weights<'_>,
    k: usize,
) -> (Vec<f64>, u64) {
    let whole = |cells: Vec<u64>| (cells.iter().map(|&cell| cell as f64).collect(), cells.iter().sum());
    let narrow = k <= NARROW;
    match weights {
        Weights::Equal if narrow => whole(squared(&heads_narrow(parent, child), k)),
        Weights::Frequency(weights) if narrow => {
            whole(squared(&frequencies_narrow(parent, child, weights), k))
        }
        Weights::Probability(weights) if narrow => {
            let (cells, observations) = probabilities_narrow(parent, child, weights, k);
            (squared(&cells, k), observations)
        }
        Weights::Equal => whole(heads(keys(parent, child, k), k * k)),
        Weights::Frequency(weights) => whole(frequencies(keys(parent, child, k), weights, k * k)),
        Weights::Probability(weights) => {
            (probabilities(keys(parent, child, k), weights, k * k), positive(weights))
        }
    }
}

/// The same for each of `groups`, with the observations of each.
pub(crate) fn pairs_by_group<L: Copy + Into<u16>>(
    group: &[u32],
    groups: usize,
    (parent, child): (&[L], &[L]),
    weights: Weights<'_>,
    k: usize,
) -> (Vec<f64>, Vec<u64>) {
    let cells = groups * k * k;
    let whole = |cells: Vec<u64>| {
        let observations = cells.chunks_exact(k * k).map(|table| table.iter().sum()).collect();
        (cells.iter().map(|&cell| cell as f64).collect(), observations)
    };
    let columns = (group, parent, child);
    match weights {
        Weights::Equal => {
            let mut sums = vec![0u64; cells];
            by_block(columns, (cells, k), |_, keys| keys.iter().for_each(|&key| sums[key as usize] += 1));
            whole(sums)
        }
        Weights::Frequency(weights) => {
            let mut sums = vec![0u64; cells];
            by_block(columns, (cells, k), |first, keys| {
                for (&key, &weight) in keys.iter().zip(&weights[first..]) {
                    sums[key as usize] += u64::from(weight);
                }
            });
            whole(sums)
        }
        Weights::Probability(weights) => {
            let (mut sums, mut of_part, mut pairs) = (vec![0.0; cells], vec![0.0; cells], 0);
            let mut observations = vec![0; groups];
            by_block(columns, (cells, k), |first, keys| {
                for ((&key, &weight), &group) in keys.iter().zip(&weights[first..]).zip(&group[first..]) {
                    of_part[key as usize] += weight;
                    observations[group as usize] += u64::from(weight > 0.0);
                }
                pairs += keys.len();
                // A visit of the total must not cost more than the pairs in between.
                if pairs >= cells || first + keys.len() == weights.len() {
                    pairs = 0;
                    sums.iter_mut().zip(&mut of_part).for_each(|(sum, part)| *sum += std::mem::take(part));
                }
            });
            (sums, observations)
        }
    }
}

/// Calls `then` with the first position and the keys of one block of pairs after the other.
fn by_block<L: Copy + Into<u16>>(
    (group, parent, child): (&[u32], &[L], &[L]),
    (cells, k): (usize, usize),
    mut then: impl FnMut(usize, &[u32]),
) {
    // A table of more cells would take 32 gigabytes.
    assert!(u32::try_from(cells).is_ok(), "cells are numbered in 32 bits");
    let (table, row) = ((k * k) as u32, k as u32);
    let mut keys = [0u32; BLOCK / 2];
    let blocks = group.chunks(keys.len()).zip(parent.chunks(keys.len())).zip(child.chunks(keys.len()));
    for (block, ((groups, parents), children)) in blocks.enumerate() {
        let first = block * keys.len();
        let keys = &mut keys[..groups.len()];
        for (((key, &g), &p), &c) in keys.iter_mut().zip(groups).zip(parents).zip(children) {
            *key = g * table + u32::from(p.into()) * row + u32::from(c.into());
        }
        then(first, keys);
    }
}

/// Sums of weights by class.
pub(crate) fn by_class<L: Copy + Into<u16>>(class: &[L], weights: Weights<'_>, k: usize) -> Vec<f64> {
    let keys = class.iter().map(|&class| usize::from(class.into()));
    sums(keys, weights, k)
}

/// Sums of weights by key, for keys below `cells`.
pub(crate) fn sums(keys: impl Iterator<Item = usize>, weights: Weights<'_>, cells: usize) -> Vec<f64> {
    let whole = |cells: Vec<u64>| cells.into_iter().map(|cell| cell as f64).collect();
    match weights {
        Weights::Equal => whole(heads(keys, cells)),
        Weights::Frequency(weights) => whole(frequencies(keys, weights, cells)),
        Weights::Probability(weights) => probabilities(keys, weights, cells),
    }
}

pub(crate) fn positive(weights: &[f64]) -> u64 {
    weights.iter().map(|weight| u64::from(*weight > 0.0)).sum()
}

fn keys<L: Copy + Into<u16>>(parent: &[L], child: &[L], k: usize) -> impl Iterator<Item = usize> {
    parent.iter().zip(child).map(move |(&p, &c)| usize::from(p.into()) * k + usize::from(c.into()))
}

/// Leaves out the cells of a table of byte keys that lie outside `k` classes.
fn squared<T: Copy>(cells: &[T; KEYS], k: usize) -> Vec<T> {
    (0..k).flat_map(|row| &cells[row * NARROW..row * NARROW + k]).copied().collect()
}

fn fill_keys<L: Copy + Into<u16>>(keys: &mut [u8], parents: &[L], children: &[L]) {
    for ((key, &p), &c) in keys.iter_mut().zip(parents).zip(children) {
        *key = (p.into() << 4 | c.into()) as u8;
    }
}

fn heads_narrow<L: Copy + Into<u16>>(parent: &[L], child: &[L]) -> [u64; KEYS] {
    let mut keys = [0u8; BLOCK];
    let mut lanes = [[0u64; KEYS]; LANES];
    for (parents, children) in parent.chunks(BLOCK).zip(child.chunks(BLOCK)) {
        let keys = &mut keys[..parents.len()];
        fill_keys(keys, parents, children);
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
    std::array::from_fn(|key| lanes.iter().map(|lane| lane[key]).sum())
}

fn frequencies_narrow<L: Copy + Into<u16>>(parent: &[L], child: &[L], weights: &[u32]) -> [u64; KEYS] {
    let mut keys = [0u8; BLOCK];
    let mut lanes = [[0u64; KEYS]; LANES];
    for ((parents, children), weights) in
        parent.chunks(BLOCK).zip(child.chunks(BLOCK)).zip(weights.chunks(BLOCK))
    {
        let keys = &mut keys[..parents.len()];
        fill_keys(keys, parents, children);
        let ((groups, rest), (of_groups, of_rest)) =
            (keys.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
        for (group, weights) in groups.iter().zip(of_groups) {
            for ((lane, &key), &weight) in lanes.iter_mut().zip(group).zip(weights) {
                lane[usize::from(key)] += u64::from(weight);
            }
        }
        for (&key, &weight) in rest.iter().zip(of_rest) {
            lanes[0][usize::from(key)] += u64::from(weight);
        }
    }
    std::array::from_fn(|key| lanes.iter().map(|lane| lane[key]).sum())
}

fn probabilities_narrow<L: Copy + Into<u16>>(
    parent: &[L],
    child: &[L],
    weights: &[f64],
    k: usize,
) -> ([f64; KEYS], u64) {
    let mut keys = [0u8; BLOCK];
    let mut cells = [0.0; KEYS];
    let mut lanes = [[0.0; KEYS]; LANES];
    let mut observations = 0;
    for ((parents, children), weights) in
        parent.chunks(BLOCK).zip(child.chunks(BLOCK)).zip(weights.chunks(BLOCK))
    {
        let keys = &mut keys[..parents.len()];
        fill_keys(keys, parents, children);
        observations += positive(weights);
        let ((groups, rest), (of_groups, of_rest)) =
            (keys.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
        for (group, weights) in groups.iter().zip(of_groups) {
            for ((lane, &key), &weight) in lanes.iter_mut().zip(group).zip(weights) {
                lane[usize::from(key)] += weight;
            }
        }
        for (&key, &weight) in rest.iter().zip(of_rest) {
            lanes[0][usize::from(key)] += weight;
        }
        for (key, cell) in cells.iter_mut().enumerate().take(k * NARROW) {
            *cell += lanes.iter_mut().map(|lane| std::mem::take(&mut lane[key])).sum::<f64>();
        }
    }
    (cells, observations)
}

fn heads(keys: impl Iterator<Item = usize>, cells: usize) -> Vec<u64> {
    let mut sums = vec![0; cells];
    for key in keys {
        sums[key] += 1;
    }
    sums
}

fn frequencies(keys: impl Iterator<Item = usize>, weights: &[u32], cells: usize) -> Vec<u64> {
    let mut sums = vec![0; cells];
    for (key, &weight) in keys.zip(weights) {
        sums[key] += u64::from(weight);
    }
    sums
}

fn probabilities(mut keys: impl Iterator<Item = usize>, weights: &[f64], cells: usize) -> Vec<f64> {
    let mut sums = vec![0.0; cells];
    let mut of_block = vec![0.0; cells];
    // A visit of the total must not cost more than the pairs in between.
    for weights in weights.chunks(BLOCK.max(cells)) {
        for (&weight, key) in weights.iter().zip(keys.by_ref()) {
            of_block[key] += weight;
        }
        for (sum, block) in sums.iter_mut().zip(&mut of_block) {
            *sum += std::mem::take(block);
        }
    }
    sums
}
