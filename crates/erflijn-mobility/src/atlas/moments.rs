//! Sums of powers of rank and outcome about a pivot.

/// Sums of `w u^a v^b` for the twelve pairs of `a + b <= 4`, `b <= 2` that a line and its robust error need.
///
/// `u` and `v` are rank and outcome less a pivot, which is one of the observations: then no sum is more than `1 + n`
/// times as large as the same sum about the mean, wherever the outcomes lie.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moments([f64; 12]);

/// Where the powers of `u` start for each power of `v`, and how many they are.
const START: [usize; 3] = [0, 5, 9];
const POWERS: [usize; 3] = [5, 4, 3];

impl Moments {
    #[inline]
    pub(crate) fn add(&mut self, weight: f64, u: f64, v: f64) {
        let (wv, u2) = (weight * v, u * u);
        let wv2 = wv * v;
        let terms = [
            weight,
            weight * u,
            weight * u2,
            weight * (u2 * u),
            weight * (u2 * u2),
            wv,
            wv * u,
            wv * u2,
            wv * (u2 * u),
            wv2,
            wv2 * u,
            wv2 * u2,
        ];
        self.0.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
    }

    /// The sum of `w u^a v^b`.
    pub(crate) fn get(&self, a: usize, b: usize) -> f64 {
        self.0[START[b] + a]
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, term)| *sum += term);
    }

    /// The sums about another pivot: `u` becomes `u + dx`, `v` becomes `v + dy`.
    pub(crate) fn shifted(&self, dx: f64, dy: f64) -> Self {
        let mut shifted = *self;
        // First along u within each power of v, then along v.
        for b in 0..3 {
            let row = &mut shifted.0[START[b]..START[b] + POWERS[b]];
            // Horner's scheme of a shifted polynomial, once for each power.
            for lowest in 1..row.len() {
                for a in (lowest..row.len()).rev() {
                    row[a] += dx * row[a - 1];
                }
            }
        }
        for a in 0..POWERS[2] {
            shifted.0[START[2] + a] += dy * shifted.0[START[1] + a];
        }
        for a in 0..POWERS[1] {
            shifted.0[START[1] + a] += dy * shifted.0[a];
        }
        for a in 0..POWERS[2] {
            shifted.0[START[2] + a] += dy * shifted.0[START[1] + a];
        }
        shifted
    }
}

/// Sums within a family: of `w`, `w u`, `w u^2`, `w v`, `w u v`. What its score at any line is linear in.
pub(crate) type FamilySums = [f64; 5];

pub(crate) fn add_to_family(sums: &mut FamilySums, weight: f64, u: f64, v: f64) {
    let terms = [weight, weight * u, weight * u * u, weight * v, weight * u * v];
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
}

/// Families of a cell, and the sum of the outer products of their sums.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct FamilyMoments {
    pub(crate) families: u64,
    outer: [FamilySums; 5],
}

impl FamilyMoments {
    pub(crate) fn add(&mut self, sums: &FamilySums) {
        self.families += 1;
        for (row, left) in self.outer.iter_mut().zip(sums) {
            row.iter_mut().zip(sums).for_each(|(outer, right)| *outer += left * right);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.families += other.families;
        let pairs = self.outer.iter_mut().flatten().zip(other.outer.iter().flatten());
        pairs.for_each(|(sum, term)| *sum += term);
    }

    /// About another pivot, as of [`Moments::shifted`].
    pub(crate) fn shifted(&self, dx: f64, dy: f64) -> Self {
        let change = [
            [1.0, 0.0, 0.0, 0.0, 0.0],
            [dx, 1.0, 0.0, 0.0, 0.0],
            [dx * dx, 2.0 * dx, 1.0, 0.0, 0.0],
            [dy, 0.0, 0.0, 1.0, 0.0],
            [dx * dy, dy, 0.0, dx, 1.0],
        ];
        let mut outer = [[0.0; 5]; 5];
        for (i, row) in outer.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell = self.form(&change[i], &change[j]);
            }
        }
        Self { families: self.families, outer }
    }

    /// Sum over families of `(left' sums)(right' sums)`.
    pub(crate) fn form(&self, left: &FamilySums, right: &FamilySums) -> f64 {
        let row = |row: &FamilySums| row.iter().zip(right).map(|(outer, right)| outer * right).sum::<f64>();
        self.outer.iter().zip(left).map(|(outer, left)| left * row(outer)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_the_sum_about_the_other_pivot() {
        // Whole numbers: every sum is exact.
        let pairs = [(1.0, 2.0), (3.0, -1.0), (-2.0, 5.0), (4.0, 4.0)];
        let (mut near, mut far) = (Moments::default(), Moments::default());
        let (mut family, mut far_family) = (FamilyMoments::default(), FamilyMoments::default());
        for (weight, (u, v)) in (1_u32..).zip(pairs) {
            let weight = f64::from(weight);
            near.add(weight, u, v);
            far.add(weight, u + 3.0, v - 7.0);
            let (mut own, mut far_own) = ([0.0; 5], [0.0; 5]);
            add_to_family(&mut own, weight, u, v);
            add_to_family(&mut far_own, weight, u + 3.0, v - 7.0);
            family.add(&own);
            far_family.add(&far_own);
        }
        assert_eq!(near.shifted(3.0, -7.0), far);
        assert_eq!(family.shifted(3.0, -7.0), far_family);
    }
}
