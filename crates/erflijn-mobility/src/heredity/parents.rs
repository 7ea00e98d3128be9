use erflijn_core::{Estimate, Weights};

use super::joint::Joint;
use super::measure::{PersistenceMeasure, cell_influence, shares};
use crate::sampling::{Sampling, require_length};
use crate::{MobilityError, PovertyPersistence, PovertyTable};

/// Whose poverty stands for that of the parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ParentPoor {
    /// The father, in his own household.
    Father,
    /// The mother, in hers.
    Mother,
    /// At least one of the two.
    Either,
    /// Both.
    Both,
}

/// With whom a child lives when its own poverty is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LivingSituation {
    /// In the household of a parent, so that both are poor together by construction.
    WithParent,
    /// In a household without a parent.
    Independent,
}

/// Of which children a number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum DestinationPopulation {
    /// All, a mixture whose composition [`ParentalPersistence::share_with_parent`] tells.
    All,
    /// Those who live with a parent.
    WithParent,
    /// Those who do not.
    Independent,
}

/// What becomes of children of whom the status of one parent only is known, under [`ParentPoor::Either`].
///
/// The other three need no rule: father and mother need that parent's status, both needs both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OneKnownParent {
    /// The known parent stands for the parents. Children of single parents stay in.
    #[default]
    Counts,
    /// They are left out, as under [`ParentPoor::Both`]: either and both tell of the same children.
    LeftOut,
}

/// Children with the poverty of both parents and the living situation, for the persistence of poverty by parent
/// and population.
///
/// A number comes out with its parent and population attached ([`ParentalPersistence`]). Two numbers are
/// subtracted by [`Self::between_parents`], within one population, or [`Self::between_populations`], for one parent;
/// both know that the children, or their families, are the same. No function mixes the two.
///
/// Young adults who live with a parent share that household's income. Their poverty is the parent's, not inherited: the
/// persistence of a mixed population says as much about who lives at home as about heredity.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::{
///     ChildrenOfParents, DestinationPopulation, LivingSituation::{Independent, WithParent}, OneKnownParent, ParentPoor,
/// };
///
/// let children = ChildrenOfParents {
///     father_poor: &[Some(true), Some(false), None, Some(true), Some(false), Some(false)],
///     mother_poor: &[Some(true), Some(true), Some(false), Some(false), Some(false), Some(false)],
///     child_poor: &[true, true, false, false, true, false],
///     living: &[WithParent, Independent, Independent, Independent, Independent, Independent],
///     weights: Weights::Equal,
///     families: None,
///     one_known_parent: OneKnownParent::Counts,
/// };
/// let mother = children.persistence(ParentPoor::Mother, DestinationPopulation::All)?;
/// assert_eq!(mother.fit.persistence().value, 1.0); // both children of poor mothers
/// assert_eq!(mother.fit.entry().value, 0.25); // one of four others
/// let father = children.persistence(ParentPoor::Father, DestinationPopulation::Independent)?;
/// assert_eq!((father.fit.table().total(), father.left_out), (4.0, 1.0)); // one child without a known father
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ChildrenOfParents<'a> {
    /// Whether the father is poor; `None` where there is no father, or his status is not known.
    pub father_poor: &'a [Option<bool>],
    /// Likewise for the mother.
    pub mother_poor: &'a [Option<bool>],
    /// Whether the child, now of age, is poor.
    pub child_poor: &'a [bool],
    /// Where the child lives when that is measured.
    pub living: &'a [LivingSituation],
    /// How much each child counts.
    pub weights: Weights<'a>,
    /// Family of each child.
    pub families: Option<&'a [u32]>,
    /// The rule for [`ParentPoor::Either`].
    pub one_known_parent: OneKnownParent,
}

/// Persistence of poverty from one kind of parent to one population of children.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ParentalPersistence {
    /// Whose poverty.
    pub parent: ParentPoor,
    /// Which children.
    pub population: DestinationPopulation,
    /// The numbers. Errors are those of a sample of this population.
    pub fit: PovertyPersistence,
    /// Share of the children in the table who live with a parent.
    pub share_with_parent: f64,
    /// Share of the children in the table of whom one parent's status is known only.
    pub share_one_known_parent: f64,
    /// Weight of the children of this population who are not in the table, as the parent's status is not known.
    pub left_out: f64,
}

/// Children of one population with the poverty of one kind of parent.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::{
///     ChildrenOfParents, DestinationPopulation, LivingSituation::{Independent, WithParent}, OneKnownParent, ParentPoor,
/// };
///
/// let children = ChildrenOfParents {
///     father_poor: &[Some(true), Some(false), None],
///     mother_poor: &[Some(true), Some(true), Some(false)],
///     child_poor: &[true, true, false],
///     living: &[WithParent, Independent, Independent],
///     weights: Weights::Equal,
///     families: None,
///     one_known_parent: OneKnownParent::Counts,
/// };
/// let chosen = children.select(ParentPoor::Father, DestinationPopulation::Independent)?;
/// let schooling = [10.0, 12.0, 16.0];
/// assert_eq!(chosen.pick(&schooling), [12.0]); // a column for `BinaryModel`, of the same children
/// assert_eq!((chosen.parent_poor, chosen.left_out), (vec![false], 1.0));
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedChildren {
    /// Whose poverty.
    pub parent: ParentPoor,
    /// Which children.
    pub population: DestinationPopulation,
    /// Positions of the children in the sample.
    pub rows: Vec<usize>,
    /// Whether the parents of each are poor.
    pub parent_poor: Vec<bool>,
    /// Weight of the children of this population whose parent's status is not known.
    pub left_out: f64,
}

impl SelectedChildren {
    /// The values of a column that belong to these children.
    ///
    /// # Panics
    /// When the column is shorter than the sample the children were selected from.
    #[must_use]
    pub fn pick<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.rows.iter().map(|row| column[*row]).collect()
    }
}

impl ParentPoor {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Father, Self::Mother, Self::Either, Self::Both];

    /// Whether the parents are poor; `None` when their statuses do not tell.
    #[must_use]
    pub fn status(self, father: Option<bool>, mother: Option<bool>, rule: OneKnownParent) -> Option<bool> {
        match (self, father, mother) {
            (Self::Father, father, _) => father,
            (Self::Mother, _, mother) => mother,
            (Self::Either, Some(father), Some(mother)) => Some(father || mother),
            (Self::Both, Some(father), Some(mother)) => Some(father && mother),
            (Self::Either, one, other) if rule == OneKnownParent::Counts => one.or(other),
            _ => None,
        }
    }
}

impl DestinationPopulation {
    /// All three.
    pub const ALL: [Self; 3] = [Self::All, Self::WithParent, Self::Independent];

    fn holds(self, living: LivingSituation) -> bool {
        match self {
            Self::All => true,
            Self::WithParent => living == LivingSituation::WithParent,
            Self::Independent => living == LivingSituation::Independent,
        }
    }
}

impl ChildrenOfParents<'_> {
    /// Persistence from one kind of parent to one population.
    ///
    /// # Errors
    /// As [`PovertyPersistence::new`]: among others [`MobilityError::NoParents`] when all or none of the
    /// parents are poor.
    ///
    /// # Complexity
    /// O(n), with families O(n log n).
    pub fn persistence(
        &self,
        parent: ParentPoor,
        population: DestinationPopulation,
    ) -> Result<ParentalPersistence, MobilityError> {
        let selected = self.select(parent, population)?;
        let (statuses, children) = (&selected.parent_poor[..], selected.pick(self.child_poor));
        let families = self.families.map(|families| selected.pick(families));
        let families = families.as_deref();
        let fit = match self.weights {
            Weights::Equal => PovertyPersistence::new(statuses, &children, Weights::Equal, families),
            Weights::Frequency(counts) => {
                let counts = Weights::Frequency(&selected.pick(counts));
                PovertyPersistence::new(statuses, &children, counts, families)
            }
            Weights::Probability(weights) => {
                let weights = Weights::Probability(&selected.pick(weights));
                PovertyPersistence::new(statuses, &children, weights, families)
            }
        }?;
        let share = |holds: &dyn Fn(usize) -> bool| {
            let those = selected.rows.iter().filter(|i| holds(**i));
            // A sum over nobody is minus zero.
            (those.map(|i| self.weights.get(*i)).sum::<f64>() + 0.0) / fit.table().total()
        };
        let one_known = |i: usize| self.father_poor[i].is_some() != self.mother_poor[i].is_some();
        Ok(ParentalPersistence {
            parent,
            population,
            share_with_parent: share(&|i| self.living[i] == LivingSituation::WithParent),
            share_one_known_parent: share(&one_known),
            left_out: selected.left_out,
            fit,
        })
    }

    /// The children of one population whose parent's status is known, for models and decompositions of the same
    /// children by the same rule.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths or unusable weights.
    ///
    /// # Complexity
    /// O(n).
    pub fn select(
        &self,
        parent: ParentPoor,
        population: DestinationPopulation,
    ) -> Result<SelectedChildren, MobilityError> {
        self.check()?;
        let (rows, parent_poor) = (Vec::new(), Vec::new());
        let mut selected = SelectedChildren { parent, population, rows, parent_poor, left_out: 0.0 };
        for i in (0..self.child_poor.len()).filter(|i| population.holds(self.living[*i])) {
            match self.status(parent, i) {
                Some(status) => {
                    selected.rows.push(i);
                    selected.parent_poor.push(status);
                }
                None => selected.left_out += self.weights.get(i),
            }
        }
        Ok(selected)
    }

    /// A measure for one kind of parent less that for another, in one population.
    ///
    /// Children enter on each side as far as that parent's status is known; that most enter on both, and
    /// that families do, is in the error.
    ///
    /// ```text
    /// psi_i = (left measure's influence of i, 0 when i is not in it) - (the right one's),   Var as of the cells
    /// ```
    ///
    /// # Errors
    /// [`MobilityError::ZeroCell`] when either side has no such measure; otherwise as [`Self::persistence`].
    pub fn between_parents(
        &self,
        left: ParentPoor,
        right: ParentPoor,
        population: DestinationPopulation,
        measure: PersistenceMeasure,
    ) -> Result<Estimate, MobilityError> {
        self.difference((left, population), (right, population), measure)
    }

    /// A measure among children who live with a parent less that among those who do not, for one kind of parent.
    ///
    /// # Errors
    /// [`MobilityError::ZeroCell`] when either side has no such measure; otherwise as [`Self::persistence`].
    pub fn between_populations(
        &self,
        parent: ParentPoor,
        measure: PersistenceMeasure,
    ) -> Result<Estimate, MobilityError> {
        let (home, own) = (DestinationPopulation::WithParent, DestinationPopulation::Independent);
        self.difference((parent, home), (parent, own), measure)
    }

    fn difference(
        &self,
        left: (ParentPoor, DestinationPopulation),
        right: (ParentPoor, DestinationPopulation),
        measure: PersistenceMeasure,
    ) -> Result<Estimate, MobilityError> {
        self.check()?;
        let sampling = Sampling::new(self.child_poor.len(), self.weights, self.families)?;
        let (value, mut influences) = self.linearised(left, measure)?;
        let (other, others) = self.linearised(right, measure)?;
        influences.iter_mut().zip(others).for_each(|(own, other)| *own -= other);
        sampling.require_more_than(1)?;
        Ok(Joint::new(vec![value - other], &influences, &sampling).get(0))
    }

    /// The measure with the influence of each child.
    fn linearised(
        &self,
        (parent, population): (ParentPoor, DestinationPopulation),
        measure: PersistenceMeasure,
    ) -> Result<(f64, Vec<f64>), MobilityError> {
        let status = |i: usize| self.status(parent, i).filter(|_| population.holds(self.living[i]));
        let mut cells = [0.0; 4];
        for i in 0..self.child_poor.len() {
            if let Some(status) = status(i) {
                let own = 2 * usize::from(!status) + usize::from(!self.child_poor[i]);
                cells[own] += self.weights.get(i);
            }
        }
        let [both, parent_only, child_only, neither] = cells;
        let table = PovertyTable::new(both, parent_only, child_only, neither)?;
        let group = if table.poor_parents() > 0.0 { "non-poor" } else { "poor" };
        if table.poor_parents() <= 0.0 || table.other_parents() <= 0.0 {
            return Err(MobilityError::NoParents { group });
        }
        let shares = shares(&table);
        let (value, gradient) = measure.linearise(shares)?;
        let influences = (0..self.child_poor.len()).map(|i| {
            status(i).map_or(0.0, |status| {
                let cells = cell_influence(status, self.child_poor[i], shares, table.total());
                cells.iter().zip(gradient).map(|(psi, g)| psi * g).sum()
            })
        });
        Ok((value, influences.collect()))
    }

    fn status(&self, parent: ParentPoor, child: usize) -> Option<bool> {
        parent.status(self.father_poor[child], self.mother_poor[child], self.one_known_parent)
    }

    fn check(&self) -> Result<(), MobilityError> {
        let children = self.child_poor.len();
        require_length("father_poor", self.father_poor.len(), children)?;
        require_length("mother_poor", self.mother_poor.len(), children)?;
        require_length("living", self.living.len(), children)?;
        if let Some(families) = self.families {
            require_length("clusters", families.len(), children)?;
        }
        Ok(self.weights.check(children)?)
    }
}
