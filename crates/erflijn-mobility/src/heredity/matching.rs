//! Who of the area is compared with whom elsewhere, in Fairlie's decomposition.

use std::cmp::Ordering;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// Members of a group in the order of their predicted chance.
pub(crate) struct Ordered {
    pub(crate) members: Vec<usize>,
    /// Weight of each, in the same order.
    pub(crate) weights: Vec<f64>,
}

/// A member of the area, one of elsewhere, and the share of all comparisons that theirs is.
pub(crate) type Pair = (usize, usize, f64);

impl Ordered {
    /// Ties are broken by the characteristics, so that the order of rows does not matter.
    pub(crate) fn new<'r>(
        members: impl Iterator<Item = usize>,
        chance: &[f64],
        row: impl Fn(usize) -> &'r [f64],
        weight: impl Fn(usize) -> f64,
    ) -> Self {
        let mut members: Vec<usize> = members.filter(|i| weight(*i) > 0.0).collect();
        let by_row = |a: usize, b: usize| {
            let pairs = row(a).iter().zip(row(b));
            pairs.map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        members.sort_by(|a, b| chance[*a].total_cmp(&chance[*b]).then_with(|| by_row(*a, *b)));
        let weights = members.iter().map(|i| weight(*i)).collect();
        Self { members, weights }
    }
}

/// Quantile with quantile: the share of the area below a member meets the same share of elsewhere.
pub(crate) fn quantiles(area: &Ordered, elsewhere: &Ordered) -> Vec<Pair> {
    let total = |group: &Ordered| group.weights.iter().sum::<f64>();
    let (size_a, size_b) = (total(area), total(elsewhere));
    let (mut a, mut b) = (0, 0);
    let share = |group: &Ordered, i: usize, size: f64| group.weights.get(i).map_or(0.0, |w| w / size);
    let (mut left_a, mut left_b) = (share(area, 0, size_a), share(elsewhere, 0, size_b));
    let mut pairs = Vec::with_capacity(area.members.len() + elsewhere.members.len());
    while a < area.members.len() && b < elsewhere.members.len() {
        // The last one takes what rounding left of the other group.
        let last = a + 1 == area.members.len() && b + 1 == elsewhere.members.len();
        let mass = if last { left_a.max(left_b) } else { left_a.min(left_b) };
        pairs.push((area.members[a], elsewhere.members[b], mass));
        left_a -= mass;
        left_b -= mass;
        let a_is_done = left_a <= left_b;
        if a_is_done && (a + 1 < area.members.len() || last) {
            a += 1;
            left_a += share(area, a, size_a);
        } else {
            b += 1;
            left_b += share(elsewhere, b, size_b);
        }
    }
    pairs
}

/// One draw of as many from both groups, rank with rank.
pub(crate) fn drawn(area: &Ordered, elsewhere: &Ordered, weighted: bool, random: &mut Pcg64) -> Vec<Pair> {
    let (n_a, n_b) = (area.members.len(), elsewhere.members.len());
    let size = if weighted { usize::midpoint(n_a, n_b) } else { n_a.min(n_b) };
    let mut draw = |group: &Ordered| {
        if weighted { with_replacement(group, size, random) } else { subset(group, size, random) }
    };
    let (left, right) = (draw(area), draw(elsewhere));
    let mass = 1.0 / size as f64;
    left.into_iter().zip(right).map(|(a, b)| (a, b, mass)).collect()
}

/// The numbers up to `count` in random order.
pub(crate) fn shuffled(count: usize, random: &mut Pcg64) -> Vec<usize> {
    let mut keys: Vec<(u64, usize)> = (0..count).map(|i| (random.next_u64(), i)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, i)| i).collect()
}

/// So many members without replacement, in their order.
fn subset(group: &Ordered, size: usize, random: &mut Pcg64) -> Vec<usize> {
    if size == group.members.len() {
        return group.members.clone();
    }
    let mut places = shuffled(group.members.len(), random);
    places.truncate(size);
    places.sort_unstable();
    places.into_iter().map(|place| group.members[place]).collect()
}

/// So many members with replacement, each as likely as it weighs, in their order.
fn with_replacement(group: &Ordered, size: usize, random: &mut Pcg64) -> Vec<usize> {
    const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0; // 2^-53
    let ends: Vec<f64> = group
        .weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let total = ends.last().copied().unwrap_or(0.0);
    let mut points: Vec<f64> = (0..size).map(|_| (random.next_u64() >> 11) as f64 * UNIT * total).collect();
    points.sort_unstable_by(f64::total_cmp);
    let last = group.members.len().saturating_sub(1);
    points
        .into_iter()
        .map(|point| group.members[ends.partition_point(|end| *end <= point).min(last)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(members: &[usize], weights: &[f64]) -> Ordered {
        Ordered { members: members.to_vec(), weights: weights.to_vec() }
    }

    #[test]
    fn every_member_meets_its_whole_weight() {
        for (a, b) in [
            (group(&[0, 1, 2], &[1.0, 1.0, 1.0]), group(&[5, 6], &[1.0, 1.0])),
            (group(&[0], &[3.0]), group(&[5, 6, 7], &[0.1, 0.2, 0.7])),
            (group(&[0, 1, 2, 3], &[0.3, 0.1, 0.4, 0.2]), group(&[5, 6, 7], &[1.0, 1.0, 1.0])),
        ] {
            let pairs = quantiles(&a, &b);
            for (ordered, side) in [(&a, 0), (&b, 1)] {
                let size: f64 = ordered.weights.iter().sum();
                for (member, weight) in ordered.members.iter().zip(&ordered.weights) {
                    let met: f64 = pairs
                        .iter()
                        .filter(|pair| [pair.0, pair.1][side] == *member)
                        .map(|pair| pair.2)
                        .sum();
                    assert!((met - weight / size).abs() < 1e-14, "{member}: {met}");
                }
            }
            assert!(pairs.windows(2).all(|two| two[0].0 <= two[1].0 && two[0].1 <= two[1].1));
        }
    }

    #[test]
    fn draws_keep_the_order_and_the_size() {
        let mut random = Pcg64::new(1, 1);
        let (a, b) = (group(&[0, 1, 2, 3, 4], &[1.0; 5]), group(&[5, 6], &[1.0; 2]));
        let pairs = drawn(&a, &b, false, &mut random);
        assert_eq!(pairs.iter().map(|pair| pair.1).collect::<Vec<_>>(), [5, 6]);
        assert!(pairs[0].0 < pairs[1].0);
        // Nobody of weight nearly zero is drawn beside one who weighs all.
        let heavy = group(&[0, 1], &[1e-300, 1.0]);
        assert!(drawn(&heavy, &b, true, &mut random).iter().all(|pair| pair.0 == 1));
    }
}
