use std::fmt;
use std::marker::PhantomData;
use std::ops::{Add, AddAssign};

mod sealed {
    pub trait Sealed {}
}

/// What a [`Count`] counts; closed, so that a new unit is a decision.
pub trait Unit: sealed::Sealed {
    /// Plural name, as printed.
    const NAME: &'static str;
}

/// Persons of any age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persons {}
/// Members of the birth cohorts under study, whatever their age when measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Children {}
/// Families: parents with their children who live with them, or a couple.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Families {}
/// Households in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Households {}

impl sealed::Sealed for Persons {}
impl sealed::Sealed for Children {}
impl sealed::Sealed for Families {}
impl sealed::Sealed for Households {}
impl Unit for Persons {
    const NAME: &'static str = "persons";
}
impl Unit for Children {
    const NAME: &'static str = "children";
}
impl Unit for Families {
    const NAME: &'static str = "families";
}
impl Unit for Households {
    const NAME: &'static str = "households";
}

/// A number of one kind of unit. Households cannot be added to, compared with or printed as persons.
///
/// ```
/// use erflijn_core::{Count, Households};
/// let poor = Count::<Households>::new(1_634);
/// assert_eq!(poor.to_string(), "1634 households");
/// ```
///
/// ```compile_fail
/// use erflijn_core::{Count, Households, Persons};
/// let mixed = Count::<Households>::new(1) + Count::<Persons>::new(1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count<U: Unit> {
    number: u64,
    unit: PhantomData<U>,
}

impl<U: Unit> Count<U> {
    /// So many units.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self { number, unit: PhantomData }
    }

    /// The bare number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.number
    }
}

impl<U: Unit> Default for Count<U> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<U: Unit> Add for Count<U> {
    type Output = Self;
    /// # Panics
    /// When the sum is 2^64 or more: more than any register has, and never a smaller number.
    fn add(mut self, other: Self) -> Self {
        self += other.number;
        self
    }
}

impl<U: Unit> AddAssign<u64> for Count<U> {
    /// # Panics
    /// When the sum is 2^64 or more.
    fn add_assign(&mut self, more: u64) {
        self.number = self.number.checked_add(more).expect("a count is below 2^64");
    }
}

impl<U: Unit> fmt::Display for Count<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, U::NAME)
    }
}

#[cfg(feature = "serde")]
impl<U: Unit> serde::Serialize for Count<U> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a count is below 2^64")]
    fn a_count_that_does_not_fit_never_becomes_small() {
        let _ = Count::<Persons>::new(u64::MAX) + Count::new(1);
    }
}
