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
/// Additions of floating-point numbers overlap fewer at a time.
const WEIGHTED_LANES: usize = 4;
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
            let (cells, observations) = probabilities_narrow(parent, child, weights);
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
    let keys = group.iter().zip(keys(parent, child, k)).map(|(&group, key)| group as usize * k * k + key);
    let cells = groups * k * k;
    let whole = |cells: Vec<u64>| {
        let observations = cells.chunks_exact(k * k).map(|table| table.iter().sum()).collect();
        (cells.iter().map(|&cell| cell as f64).collect(), observations)
    };
    match weights {
        Weights::Equal => whole(heads(keys, cells)),
        Weights::Frequency(weights) => whole(frequencies(keys, weights, cells)),
        Weights::Probability(weights) => {
            let mut observations = vec![0; groups];
            for (&group, &weight) in group.iter().zip(weights) {
                observations[group as usize] += u64::from(weight > 0.0);
            }
            (probabilities(keys, weights, cells), observations)
        }
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
    let mut lanes = [[0u64; KEYS]; WEIGHTED_LANES];
    for ((parents, children), weights) in
        parent.chunks(BLOCK).zip(child.chunks(BLOCK)).zip(weights.chunks(BLOCK))
    {
        let keys = &mut keys[..parents.len()];
        fill_keys(keys, parents, children);
        let ((groups, rest), (of_groups, of_rest)) =
            (keys.as_chunks::<WEIGHTED_LANES>(), weights.as_chunks::<WEIGHTED_LANES>());
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
) -> ([f64; KEYS], u64) {
    let mut keys = [0u8; BLOCK];
    let mut cells = [0.0; KEYS];
    let mut observations = 0;
    for ((parents, children), weights) in
        parent.chunks(BLOCK).zip(child.chunks(BLOCK)).zip(weights.chunks(BLOCK))
    {
        let keys = &mut keys[..parents.len()];
        fill_keys(keys, parents, children);
        observations += positive(weights);
        let mut lanes = [[0.0; KEYS]; WEIGHTED_LANES];
        let ((groups, rest), (of_groups, of_rest)) =
            (keys.as_chunks::<WEIGHTED_LANES>(), weights.as_chunks::<WEIGHTED_LANES>());
        for (group, weights) in groups.iter().zip(of_groups) {
            for ((lane, &key), &weight) in lanes.iter_mut().zip(group).zip(weights) {
                lane[usize::from(key)] += weight;
            }
        }
        for (&key, &weight) in rest.iter().zip(of_rest) {
            lanes[0][usize::from(key)] += weight;
        }
        for (key, cell) in cells.iter_mut().enumerate() {
            *cell += lanes.iter().map(|lane| lane[key]).sum::<f64>();
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
