use std::collections::BTreeMap;

use erflijn_core::{Children, Count};

/// How many children a study kept and lost, by reason.
///
/// The order of `R` is the order in which reasons apply, so an enum whose variants stand in that
/// order is its own method section. Flows of several parts of a population merge by addition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow<R> {
    links: Count<Children>,
    losses: BTreeMap<R, Count<Children>>,
}

impl<R: Ord + Copy> Default for Flow<R> {
    fn default() -> Self {
        Self { links: Count::default(), losses: BTreeMap::new() }
    }
}

impl<R: Ord + Copy> Flow<R> {
    /// Counts one child, and hands over what was found of it.
    pub fn record<T>(&mut self, outcome: Result<T, R>) -> Option<T> {
        match outcome {
            Ok(found) => {
                self.links += 1;
                Some(found)
            }
            Err(reason) => {
                *self.losses.entry(reason).or_default() += 1;
                None
            }
        }
    }

    /// Adds the children of another part of the population.
    pub fn merge(&mut self, other: &Self) {
        self.links += other.links.get();
        for (reason, count) in &other.losses {
            *self.losses.entry(*reason).or_default() += count.get();
        }
    }

    /// All children that were looked at.
    #[must_use]
    pub fn children(&self) -> Count<Children> {
        self.links + self.losses()
    }

    /// Children that were kept.
    #[must_use]
    pub fn links(&self) -> Count<Children> {
        self.links
    }

    /// Children that were lost for any reason.
    #[must_use]
    pub fn losses(&self) -> Count<Children> {
        self.losses.values().fold(Count::default(), |sum, count| sum + *count)
    }

    /// Children that were lost for one reason.
    #[must_use]
    pub fn lost(&self, reason: R) -> Count<Children> {
        self.losses.get(&reason).copied().unwrap_or_default()
    }

    /// Each reason that applied to somebody: how many it cost, and how many were left after it.
    pub fn steps(&self) -> impl Iterator<Item = (R, Count<Children>, Count<Children>)> + '_ {
        self.losses.iter().scan(self.children().get(), |left, (reason, lost)| {
            *left -= lost.get();
            Some((*reason, *lost, Count::new(*left)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_down_to_the_links() {
        let mut flow = Flow::default();
        for outcome in [Ok(()), Err('b'), Err('a'), Ok(()), Err('b')] {
            flow.record(outcome);
        }
        let steps: Vec<_> =
            flow.steps().map(|(reason, lost, left)| (reason, lost.get(), left.get())).collect();
        assert_eq!(steps, [('a', 1, 4), ('b', 2, 2)]);
        assert_eq!(flow.links().get(), 2);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let outcomes = [Ok(()), Err('b'), Err('a'), Ok(()), Err('c')];
        let mut whole = Flow::default();
        let mut parts = [Flow::default(), Flow::default()];
        for (index, outcome) in outcomes.into_iter().enumerate() {
            whole.record(outcome);
            parts[index % 2].record(outcome);
        }
        let [mut first, second] = parts;
        first.merge(&second);
        assert_eq!(first, whole);
    }
}
