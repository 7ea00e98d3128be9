use std::fmt;

/// How many adults and how many children share a household.
///
/// From which age somebody is an adult is for whoever counts to say: 18 in figures of Statistics Netherlands, 14
/// on the scales of the OECD.
///
/// # Units
/// Persons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Composition {
    /// Adults.
    pub adults: u16,
    /// Children: those who are not adults.
    pub children: u16,
}

impl Composition {
    /// A person who lives alone.
    pub const SINGLE: Self = Self { adults: 1, children: 0 };

    /// All members.
    #[must_use]
    pub fn members(self) -> u32 {
        u32::from(self.adults) + u32::from(self.children)
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} adults and {} children", self.adults, self.children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_household_has_its_members() {
        assert_eq!(Composition { adults: u16::MAX, children: u16::MAX }.members(), 131_070);
    }
}
