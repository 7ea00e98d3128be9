/// Why a number is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Reason {
    /// It breaks a rule by itself.
    Primary,
    /// A number that breaks a rule would follow from it.
    Complementary,
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Outcome<T> {
    /// It may be shown.
    Shown(T),
    /// It may not.
    Withheld(Reason),
    /// There is none, such as a share of nobody.
    Undefined,
}

/// A number that has passed disclosure control, or the reason why it has not.
///
/// Only a publication that was cleared makes one; what prints numbers takes nothing else. A number that
/// never was confidential, such as an amount of a poverty line, enters through [`Released::public`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Released<T>(Outcome<T>);

impl<T> Released<T> {
    /// A number that says nothing of persons in confidential files: a law, a choice, something published before.
    pub fn public(value: T) -> Self {
        Self(Outcome::Shown(value))
    }

    /// A place where there is nothing to tell.
    #[must_use]
    pub fn undefined() -> Self {
        Self(Outcome::Undefined)
    }

    pub(crate) fn withheld(reason: Reason) -> Self {
        Self(Outcome::Withheld(reason))
    }

    pub(crate) fn into_outcome(self) -> Outcome<T> {
        self.0
    }

    /// What follows from this number alone.
    pub fn map<U>(self, follows: impl FnOnce(T) -> U) -> Released<U> {
        Released(match self.0 {
            Outcome::Shown(value) => Outcome::Shown(follows(value)),
            Outcome::Withheld(reason) => Outcome::Withheld(reason),
            Outcome::Undefined => Outcome::Undefined,
        })
    }

    /// The number, or why it is not there.
    #[must_use]
    pub fn outcome(&self) -> &Outcome<T> {
        &self.0
    }
}

impl<T> Released<Option<T>> {
    /// A number that may not exist: undefined where it does not, unless it is withheld whether or not it does.
    #[must_use]
    pub fn flatten(self) -> Released<T> {
        match self.0 {
            Outcome::Shown(Some(value)) => Released(Outcome::Shown(value)),
            Outcome::Shown(None) | Outcome::Undefined => Released::undefined(),
            Outcome::Withheld(reason) => Released::withheld(reason),
        }
    }
}
