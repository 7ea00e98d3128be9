use erflijn_core::{CoreError, chi_squared_upper_tail};

use crate::TransitionError;
use crate::space::Neighbours;

/// Kendall's tau-b with the pairs behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KendallTau {
    /// Pairs that are in the same order in both periods.
    pub concordant: u64,
    /// Pairs that changed order.
    pub discordant: u64,
    /// Pairs that are tied in the first and not in the second period.
    pub tied_first: u64,
    /// Pairs that are tied in the second and not in the first period.
    pub tied_second: u64,
    /// Pairs that are tied in both.
    pub tied_both: u64,
    /// Variance of `concordant - discordant` under independence, ties accounted for; none for a selection of
    /// pairs.
    variance: Option<f64>,
    units: u64,
}

impl KendallTau {
    /// Tau-b: 1 when no order changed, -1 when all did.
    ///
    /// ```text
    /// (C - D) / sqrt((C + D + T1)(C + D + T2))
    /// ```
    ///
    /// None when all pairs are tied in one of the periods.
    #[must_use]
    pub fn tau_b(&self) -> Option<f64> {
        let (c, d) = (self.concordant as f64, self.discordant as f64);
        let (first, second) = (c + d + self.tied_first as f64, c + d + self.tied_second as f64);
        (first > 0.0 && second > 0.0).then(|| (c - d) / (first * second).sqrt())
    }

    /// Two-sided probability under independence, by the normal approximation with the variance for ties.
    ///
    /// None for fewer than three places, for a selection of pairs, or when all are tied.
    ///
    /// # References
    /// Kendall, 1970, Rank Correlation Methods, 4th edition, chapter 4. Agrees with scipy
    /// `kendalltau(method="asymptotic")` and R `cor.test(method = "kendall", exact = FALSE)`.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        let variance = self.variance.filter(|variance| *variance > 0.0)?;
        let distance = self.concordant as f64 - self.discordant as f64;
        chi_squared_upper_tail(distance * distance / variance, 1.0).ok()
    }

    /// The probability as giddy 2.3.8 has it: variance `(4 n + 10) / (9 n (n - 1))` of tau, which knows no
    /// ties, and 1.4142136 for the root of two, which moves a small probability by a millionth of itself; for
    /// comparison with work that used it. None where [`Self::p_value`] is, and for a selection of pairs.
    #[must_use]
    pub fn p_value_of_giddy(&self) -> Option<f64> {
        #[allow(clippy::approx_constant, reason = "the digits that giddy has")]
        const ROOT_OF_TWO: f64 = 1.414_213_6;
        self.variance?;
        let (tau, n) = (self.tau_b()?, self.units as f64);
        let variance = (4.0 * n + 10.0) / (9.0 * n * (n - 1.0));
        chi_squared_upper_tail(2.0 * tau * tau / variance / (ROOT_OF_TWO * ROOT_OF_TWO), 1.0).ok()
    }
}

/// Pairs of one place with all others.
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    concordant: u64,
    discordant: u64,
}

/// Kendall's tau-b between two periods: did the order of places change?
///
/// # Errors
/// [`CoreError::Length`]; [`CoreError::NotFinite`] with the position; [`CoreError::EmptySample`] for fewer than
/// two places.
///
/// # Complexity
/// `O(n log n)`.
///
/// # Examples
/// ```
/// use erflijn_transition::space::tau;
///
/// // Of three pairs one changed its order.
/// let order = tau(&[1.0, 2.0, 3.0], &[2.0, 1.0, 3.0])?;
/// assert_eq!((order.concordant, order.discordant), (2, 1));
/// assert!((order.tau_b().unwrap() - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), erflijn_transition::TransitionError>(())
/// ```
///
/// # References
/// Kendall, 1970. Knight, 1966, JASA 61(314), 436-439 for `O(n log n)`. Agrees with scipy `kendalltau`, R
/// `cor(method = "kendall")` and giddy `Tau`.
pub fn tau(first: &[f64], second: &[f64]) -> Result<KendallTau, TransitionError> {
    let pairs = pairs_of_each(first, second)?;
    let n = first.len() as u64;
    let sum = |of: fn(&Pairs) -> u64| pairs.iter().map(of).sum::<u64>() / 2;
    let both: Vec<(f64, f64)> = first.iter().copied().zip(second.iter().copied()).collect();
    let ties = |blocks: &[u64]| blocks.iter().map(|t| t * (t - 1) / 2).sum::<u64>();
    let (blocks_first, blocks_second) = (blocks(first), blocks(second));
    let tied_both = ties(&blocks_of_pairs(both));
    Ok(KendallTau {
        concordant: sum(|p| p.concordant),
        discordant: sum(|p| p.discordant),
        tied_first: ties(&blocks_first) - tied_both,
        tied_second: ties(&blocks_second) - tied_both,
        tied_both,
        variance: variance(n as f64, &blocks_first, &blocks_second),
        units: n,
    })
}

/// Tau of each place: the share of the others with which its order stayed, less the share with which it
/// changed.
///
/// ```text
/// tau_i = sum over j of sign(x_i - x_j) sign(y_i - y_j) / (n - 1)
/// ```
///
/// # Units
/// Numbers from -1 to 1; their mean is tau-a.
///
/// # Errors
/// As of [`tau`].
///
/// # Complexity
/// `O(n log n)`.
///
/// # References
/// Rey, 2016, Environment and Planning B 43(3), 583-603. Agrees with giddy `Tau_Local`.
pub fn local_tau(first: &[f64], second: &[f64]) -> Result<Vec<f64>, TransitionError> {
    let others = first.len() as f64 - 1.0;
    let local = |p: &Pairs| (p.concordant as f64 - p.discordant as f64) / others;
    Ok(pairs_of_each(first, second)?.iter().map(local).collect())
}

/// Tau-b of the pairs of neighbours alone: did neighbours change places?
///
/// A pair counts once if at least one has the other as a neighbour; weights play no part.
///
/// # Errors
/// As of [`tau`].
///
/// # Complexity
/// One look at each pair of neighbours.
///
/// # References
/// Rey, 2004, in Goodchild and Janelle (eds), Spatially Integrated Social Science, Oxford University Press.
/// Agrees with giddy `SpatialTau`.
pub fn spatial_tau(
    first: &[f64],
    second: &[f64],
    neighbours: &Neighbours,
) -> Result<KendallTau, TransitionError> {
    check(first, second)?;
    let (found, expected) = (neighbours.units(), first.len());
    if found != expected {
        return Err(CoreError::Length { name: "neighbours", found, expected }.into());
    }
    let units = first.len() as u64;
    let mut found = KendallTau {
        concordant: 0,
        discordant: 0,
        tied_first: 0,
        tied_second: 0,
        tied_both: 0,
        variance: None,
        units,
    };
    for (i, j) in neighbours.pairs() {
        let (x, y) = (order(first[i], first[j]), order(second[i], second[j]));
        let counter = match (x.is_eq(), y.is_eq()) {
            (true, true) => &mut found.tied_both,
            (true, false) => &mut found.tied_first,
            (false, true) => &mut found.tied_second,
            (false, false) if x == y => &mut found.concordant,
            (false, false) => &mut found.discordant,
        };
        *counter += 1;
    }
    Ok(found)
}

fn check(first: &[f64], second: &[f64]) -> Result<(), CoreError> {
    let (found, expected) = (second.len(), first.len());
    if found != expected {
        return Err(CoreError::Length { name: "second period", found, expected });
    }
    for values in [first, second] {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(CoreError::NotFinite { index, found: values[index] });
        }
    }
    if first.len() < 2 { Err(CoreError::EmptySample) } else { Ok(()) }
}

/// Finite numbers in order; zeros of both signs are equal.
fn order(a: f64, b: f64) -> std::cmp::Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

/// Number of equal values at each value.
fn blocks(values: &[f64]) -> Vec<u64> {
    let mut ascending = values.to_vec();
    ascending.sort_unstable_by(|a, b| order(*a, *b));
    ascending.chunk_by(|a, b| order(*a, *b).is_eq()).map(|block| block.len() as u64).collect()
}

fn blocks_of_pairs(mut pairs: Vec<(f64, f64)>) -> Vec<u64> {
    let compare = |a: &(f64, f64), b: &(f64, f64)| order(a.0, b.0).then(order(a.1, b.1));
    pairs.sort_unstable_by(compare);
    pairs.chunk_by(|a, b| compare(a, b).is_eq()).map(|block| block.len() as u64).collect()
}

/// Variance of `C - D` under independence with ties.
fn variance(n: f64, first: &[u64], second: &[u64]) -> Option<f64> {
    let sum = |blocks: &[u64], of: fn(f64) -> f64| blocks.iter().map(|block| of(*block as f64)).sum::<f64>();
    let all = |of: fn(f64) -> f64| (of(n), sum(first, of), sum(second, of));
    if n < 3.0 {
        return None;
    }
    let (total, of_first, of_second) = all(|t| t * (t - 1.0) * (2.0 * t + 5.0));
    let (pairs, first_pairs, second_pairs) = all(|t| t * (t - 1.0));
    let (triples, first_triples, second_triples) = all(|t| t * (t - 1.0) * (t - 2.0));
    Some(
        (total - of_first - of_second) / 18.0
            + first_triples * second_triples / (9.0 * triples)
            + first_pairs * second_pairs / (2.0 * pairs),
    )
}

/// Concordant and discordant pairs of each place, by two passes over the places in the order of the first
/// period that count, in a tree over the ranks of the second, who came before.
fn pairs_of_each(first: &[f64], second: &[f64]) -> Result<Vec<Pairs>, CoreError> {
    check(first, second)?;
    let n = first.len();
    let rank = dense_ranks(second);
    let mut by_first: Vec<usize> = (0..n).collect();
    by_first.sort_unstable_by(|a, b| order(first[*a], first[*b]));
    let mut pairs = vec![Pairs::default(); n];
    let mut pass = |blocks: &mut dyn Iterator<Item = &[usize]>, below_is_concordant: bool| {
        let mut before = CountTree::new(n);
        for block in blocks {
            for &unit in block {
                let lower = before.below(rank[unit]);
                let higher = before.total - before.below(rank[unit] + 1);
                let (same, opposite) = if below_is_concordant { (lower, higher) } else { (higher, lower) };
                pairs[unit].concordant += same;
                pairs[unit].discordant += opposite;
            }
            block.iter().for_each(|unit| before.add(rank[*unit]));
        }
    };
    let tied = |a: &usize, b: &usize| order(first[*a], first[*b]).is_eq();
    pass(&mut by_first.chunk_by(tied), true);
    let blocks: Vec<&[usize]> = by_first.chunk_by(tied).collect();
    pass(&mut blocks.into_iter().rev(), false);
    Ok(pairs)
}

/// Ranks from 0 without gaps; equal values share one.
fn dense_ranks(values: &[f64]) -> Vec<usize> {
    let mut ascending: Vec<usize> = (0..values.len()).collect();
    ascending.sort_unstable_by(|a, b| order(values[*a], values[*b]));
    let mut ranks = vec![0; values.len()];
    for (rank, block) in ascending.chunk_by(|a, b| order(values[*a], values[*b]).is_eq()).enumerate() {
        block.iter().for_each(|unit| ranks[*unit] = rank);
    }
    ranks
}

/// Fenwick's tree: counts of ranks with sums of all below a rank in logarithmic time.
struct CountTree {
    sums: Vec<u64>,
    total: u64,
}

impl CountTree {
    fn new(size: usize) -> Self {
        Self { sums: vec![0; size + 1], total: 0 }
    }

    fn add(&mut self, rank: usize) {
        self.total += 1;
        let mut place = rank + 1;
        while place < self.sums.len() {
            self.sums[place] += 1;
            place += place & place.wrapping_neg();
        }
    }

    /// How many have a rank below this one.
    fn below(&self, rank: usize) -> u64 {
        let (mut place, mut sum) = (rank.min(self.sums.len() - 1), 0);
        while place > 0 {
            sum += self.sums[place];
            place &= place - 1;
        }
        sum
    }
}
