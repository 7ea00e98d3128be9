//! Poverty in two generations of one person, and through whom it came.

use std::fmt;

use erflijn::core::PersonKey;
use erflijn::linkage::Lineage;

/// A person's own status and that of each parent, where known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heir {
    pub poor: bool,
    father: Option<bool>,
    mother: Option<bool>,
    /// Siblings share it: the mother, or the father where no mother is known.
    pub family: PersonKey,
}

/// Whose poverty is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    Father,
    Mother,
    /// At least one parent, among those whose parents' statuses are both known.
    Either,
    /// Both parents, among the same.
    Both,
}

impl Through {
    pub(crate) const ALL: [Self; 4] = [Self::Father, Self::Mother, Self::Either, Self::Both];
}

impl fmt::Display for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Father => "father",
            Self::Mother => "mother",
            Self::Either => "either parent",
            Self::Both => "both parents",
        })
    }
}

impl Heir {
    pub(crate) fn new(lineage: &Lineage, poor: bool, is_poor: impl Fn(PersonKey) -> Option<bool>) -> Self {
        Self {
            poor,
            father: lineage.father.and_then(&is_poor),
            mother: lineage.mother.and_then(&is_poor),
            family: Self::family(lineage),
        }
    }

    pub(crate) fn family(lineage: &Lineage) -> PersonKey {
        lineage.mother.or(lineage.father).unwrap_or(lineage.child)
    }

    /// The status of the father and of the mother, where known.
    pub(crate) fn parents(&self) -> [Option<bool>; 2] {
        [self.father, self.mother]
    }

    /// The status of the parents; `None` where it is not known.
    pub(crate) fn parent_poor(&self, through: Through) -> Option<bool> {
        match through {
            Through::Father => self.father,
            Through::Mother => self.mother,
            Through::Either => self.father.zip(self.mother).map(|(father, mother)| father || mother),
            Through::Both => self.father.zip(self.mother).map(|(father, mother)| father && mother),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::core::KeyClass;

    #[test]
    fn either_and_both_need_both_parents() {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let lineage = Lineage { child: key(1), father: Some(key(2)), mother: Some(key(3)) };
        let half_known = Heir::new(&lineage, true, |parent| (parent == key(2)).then_some(true));
        assert_eq!(
            Through::ALL.map(|through| half_known.parent_poor(through)),
            [Some(true), None, None, None]
        );
        let known = Heir::new(&lineage, true, |parent| Some(parent == key(2)));
        let expected = [Some(true), Some(false), Some(true), Some(false)];
        assert_eq!(Through::ALL.map(|through| known.parent_poor(through)), expected);
    }
}
