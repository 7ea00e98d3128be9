//! Where families end up, and how long it takes: classes that are left for good and classes that never are.

use ndarray::Array2;

use super::{Reduced, reached};
use crate::TransitionMatrix;

impl TransitionMatrix {
    /// The sets of classes between which families can go back and forth, each ascending, in order of
    /// their smallest member; together all classes.
    ///
    /// Those of them that are never left are the [`Self::recurrent_classes`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// // From class 0 some fall into 1 and 2, and never return.
    /// let matrix = TransitionMatrix::new(ndarray::array![[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.5, 0.5]])?;
    /// assert_eq!(matrix.communicating_classes(), [vec![0], vec![1, 2]]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    #[must_use]
    pub fn communicating_classes(&self) -> Vec<Vec<usize>> {
        let component = self.components();
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for state in 0..self.classes() {
            match sets.iter_mut().find(|set| component[set[0]] == component[state]) {
                Some(set) => set.push(state),
                None => sets.push(vec![state]),
            }
        }
        sets
    }

    /// The period of each class: the greatest common divisor of the numbers of generations after which
    /// a family can be back; `None` for a class to which no family returns.
    ///
    /// 1 (aperiodic) wherever somebody stays. With a larger period the chain has a stationary
    /// distribution and never settles there.
    ///
    /// # Units
    /// Generations.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// let swap = TransitionMatrix::new(ndarray::array![[0.0, 1.0], [1.0, 0.0]])?;
    /// assert_eq!(swap.periods(), [Some(2), Some(2)]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    #[must_use]
    pub fn periods(&self) -> Vec<Option<usize>> {
        let mut periods = vec![None; self.classes()];
        for states in self.communicating_classes() {
            let period = period(self.probabilities(), &states);
            states.iter().for_each(|&state| periods[state] = (period > 0).then_some(period));
        }
        periods
    }

    /// The classes that nobody leaves, ascending.
    #[must_use]
    pub fn absorbing_states(&self) -> Vec<usize> {
        let alone = |set: Vec<usize>| (set.len() == 1).then(|| set[0]);
        self.recurrent_classes().into_iter().filter_map(alone).collect()
    }

    /// Probability that a family that starts in class `i` (row) ends in each recurrent class (column,
    /// in the order of [`Self::recurrent_classes`]); rows sum to one.
    ///
    /// ```text
    /// b_ic = sum over l in c of  p_il  +  sum over transient l of  p_il b_lc
    /// ```
    ///
    /// # Units
    /// Probability in `0..=1`.
    ///
    /// # Complexity
    /// `O(k^3)`.
    ///
    /// # Examples
    /// ```
    /// use erflijn_transition::TransitionMatrix;
    /// // From the middle a quarter falls to 0 and a quarter rises to 2 in each generation.
    /// let matrix = TransitionMatrix::new(ndarray::array![[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]])?;
    /// assert_eq!(matrix.absorption_probabilities().row(1).to_vec(), [0.5, 0.5]);
    /// assert_eq!(matrix.absorption_times(), [0.0, 2.0, 0.0]);
    /// # Ok::<(), erflijn_transition::TransitionError>(())
    /// ```
    ///
    /// # References
    /// Kemeny and Snell, 1976, Finite Markov Chains, chapter 3.
    #[must_use]
    pub fn absorption_probabilities(&self) -> Array2<f64> {
        let p = self.probabilities();
        let recurrent = self.recurrent_classes();
        let transient = self.transient_states();
        let reduced = self.leaving_transients(&transient);
        let mut table = Array2::zeros((self.classes(), recurrent.len()));
        for (column, set) in recurrent.iter().enumerate() {
            set.iter().for_each(|&state| table[[state, column]] = 1.0);
            let direct = transient.iter().map(|&state| set.iter().map(|&to| p[[state, to]]).sum());
            for (&state, ends) in transient.iter().zip(reduced.solve(direct.collect())) {
                // Rounding must not make a probability of more than one.
                table[[state, column]] = ends.min(1.0);
            }
        }
        table
    }

    /// Expected number of generations until a family that starts in each class has entered a recurrent
    /// class; 0 for the recurrent ones.
    ///
    /// # Units
    /// Generations; always finite.
    #[must_use]
    pub fn absorption_times(&self) -> Vec<f64> {
        let transient = self.transient_states();
        let reduced = self.leaving_transients(&transient);
        let mut times = vec![0.0; self.classes()];
        for (&state, time) in transient.iter().zip(reduced.solve(vec![1.0; transient.len()])) {
            times[state] = time;
        }
        times
    }

    /// Expected number of generations that a family that starts in class `i` (row) ever spends in class
    /// `j` (column), the first included.
    ///
    /// ```text
    /// sum over t = 0, 1, 2, ... of  (P^t)_ij
    /// ```
    ///
    /// Infinite where `j` is recurrent and can be reached, zero where it cannot be reached. Between
    /// transient classes this is `(I - Q)^-1`, the fundamental matrix of an absorbing chain.
    ///
    /// # Units
    /// Generations.
    #[must_use]
    pub fn expected_visits(&self) -> Array2<f64> {
        let (p, k) = (self.probabilities(), self.classes());
        let transient = self.transient_states();
        let reduced = self.leaving_transients(&transient);
        let mut visits = Array2::zeros((k, k));
        for (place, &to) in transient.iter().enumerate() {
            let mut once = vec![0.0; transient.len()];
            once[place] = 1.0;
            for (&from, number) in transient.iter().zip(reduced.solve(once)) {
                visits[[from, to]] = number;
            }
        }
        for to in self.recurrent_classes().into_iter().flatten() {
            let can = reached(k, &[to], |here, before| p[[before, here]] > 0.0);
            (0..k).filter(|&from| can[from]).for_each(|from| visits[[from, to]] = f64::INFINITY);
        }
        visits
    }

    pub(super) fn transient_states(&self) -> Vec<usize> {
        let recurrent = self.recurrent_classes();
        (0..self.classes()).filter(|state| !recurrent.iter().any(|set| set.contains(state))).collect()
    }

    /// The elimination of all transient states, whose target is every recurrent one.
    pub(super) fn leaving_transients(&self, transient: &[usize]) -> Reduced {
        let p = self.probabilities();
        let outside = |from: usize| {
            (0..self.classes()).filter(|to| !transient.contains(to)).map(move |to| p[[from, to]])
        };
        Reduced::new(p, transient, transient.iter().map(|&state| outside(state).sum()).collect())
    }
}

/// Greatest common divisor of the lengths of all ways round within one communicating set; 0 without any.
fn period(p: &Array2<f64>, states: &[usize]) -> usize {
    let mut distance = vec![usize::MAX; p.nrows()];
    distance[states[0]] = 0;
    let mut open = vec![states[0]];
    let mut common = 0;
    // Every arc closes ways whose lengths differ by what it lacks to the distances of its ends.
    while let Some(from) = open.pop() {
        for &to in states.iter().filter(|&&to| p[[from, to]] > 0.0) {
            if distance[to] == usize::MAX {
                distance[to] = distance[from] + 1;
                open.push(to);
            } else {
                common = greatest_common_divisor(common, (distance[from] + 1).abs_diff(distance[to]));
            }
        }
    }
    common
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "halves, zeros and infinities are exact")]
    use super::*;
    use crate::{EmptyRows, TransitionCounts};
    use ndarray::array;
    use proptest::prelude::*;

    /// Some hundred additions and divisions of positive numbers.
    const ROUNDING: f64 = 1e-12;

    #[test]
    fn a_drunkard_between_two_ditches() {
        // Kemeny and Snell: from corner 1 of 0..3 home (3) is reached with probability 1/3, after 2
        // corners on average; (I - Q)^-1 = [[4/3, 2/3], [2/3, 4/3]].
        let walk = TransitionMatrix::new(array![
            [1.0, 0.0, 0.0, 0.0],
            [0.5, 0.0, 0.5, 0.0],
            [0.0, 0.5, 0.0, 0.5],
            [0.0, 0.0, 0.0, 1.0]
        ])
        .unwrap();
        assert_eq!(walk.absorbing_states(), [0, 3]);
        assert_eq!(walk.communicating_classes(), [vec![0], vec![1, 2], vec![3]]);
        assert_eq!(walk.periods(), [Some(1), Some(2), Some(2), Some(1)]);
        let ends = walk.absorption_probabilities();
        assert!((ends[[1, 1]] - 1.0 / 3.0).abs() < ROUNDING && (ends[[2, 1]] - 2.0 / 3.0).abs() < ROUNDING);
        assert!(
            walk.absorption_times().iter().zip([0.0, 2.0, 2.0, 0.0]).all(|(a, b)| (a - b).abs() < ROUNDING)
        );
        let visits = walk.expected_visits();
        assert!(
            (visits[[1, 1]] - 4.0 / 3.0).abs() < ROUNDING && (visits[[1, 2]] - 2.0 / 3.0).abs() < ROUNDING
        );
        assert_eq!((visits[[1, 0]], visits[[0, 1]], visits[[0, 0]]), (f64::INFINITY, 0.0, f64::INFINITY));
    }

    #[test]
    fn without_transient_classes_everybody_is_there() {
        let matrix = TransitionMatrix::new(array![[0.5, 0.5], [0.5, 0.5]]).unwrap();
        assert_eq!(matrix.absorption_probabilities(), array![[1.0], [1.0]]);
        assert_eq!(matrix.absorption_times(), [0.0, 0.0]);
        assert_eq!(matrix.absorbing_states(), Vec::<usize>::new());
    }

    fn sparse(k: usize) -> impl Strategy<Value = TransitionMatrix> {
        prop::collection::vec(0u32..4, k * k).prop_map(move |cells| {
            let cells = Array2::from_shape_fn((k, k), |(i, j)| f64::from(cells[i * k + j].saturating_sub(2)));
            TransitionCounts::from_cells(cells).unwrap().matrix(EmptyRows::SelfLoop).unwrap()
        })
    }

    proptest! {
        #[test]
        fn everything_equals_its_definition(m in sparse(5)) {
            let p = m.probabilities();
            // P^t for t up to 50, where each state can be back.
            let mut power = Array2::<f64>::eye(5);
            let mut periods = [0; 5];
            for t in 1..=50 {
                power = power.dot(p);
                for state in 0..5 {
                    if power[[state, state]] > 0.0 {
                        periods[state] = greatest_common_divisor(periods[state], t);
                    }
                }
            }
            let found: Vec<usize> = m.periods().into_iter().map(|period| period.unwrap_or(0)).collect();
            prop_assert_eq!(found, periods);

            // Absorption and visits after 2^14 generations, of which nearly all come too late to matter.
            let ends = m.absorption_probabilities();
            prop_assert!(ends.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < ROUNDING));
            let mut sum = Array2::<f64>::eye(5);
            let mut power = p.clone();
            for _ in 0..14 {
                sum = &sum + &power.dot(&sum);
                power = power.dot(&power);
            }
            for (set, column) in m.recurrent_classes().iter().zip(ends.columns()) {
                for (from, end) in column.iter().enumerate() {
                    let there: f64 = set.iter().map(|&state| power[[from, state]]).sum();
                    prop_assert!((there - end).abs() < 1e-9);
                }
            }
            let transient = m.transient_states();
            let (visits, times) = (m.expected_visits(), m.absorption_times());
            for (from, time) in times.iter().enumerate() {
                let transient_visits: f64 = transient.iter().map(|&to| visits[[from, to]]).sum();
                prop_assert!((transient_visits - time).abs() <= ROUNDING * time);
                for to in 0..5 {
                    if transient.contains(&to) {
                        prop_assert!((visits[[from, to]] - sum[[from, to]]).abs() < 1e-9 * sum[[from, to]].max(1.0));
                    } else {
                        prop_assert_eq!(visits[[from, to]], if sum[[from, to]] > 0.0 { f64::INFINITY } else { 0.0 });
                    }
                }
            }
        }
    }
}
