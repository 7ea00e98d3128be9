use std::fmt;

/// How many adults and how many children under 18 share a household.
///
/// # Units
/// Persons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Composition {
    /// Persons of 18 and older.
    pub adults: u16,
    /// Persons under 18.
    pub children: u16,
}

impl Composition {
    /// A person who lives alone.
    pub const SINGLE: Self = Self { adults: 1, children: 0 };

    /// All members.
    #[must_use]
    pub fn members(self) -> u16 {
        self.adults + self.children
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} adults and {} children", self.adults, self.children)
    }
}
