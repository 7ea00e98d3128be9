use std::fmt;
use std::num::NonZeroU32;

use crate::CoreError;

/// The class of a person number: which population it was issued in.
///
/// Only these two classes identify a person; the same number under the other class is somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyClass {
    /// `R`: in the population register.
    R,
    /// `S`: an identified person outside the population register.
    S,
}

const NUMBER_BITS: u32 = 30;
const NUMBER_DIGITS: usize = 9;
const NUMBER_LIMIT: u32 = 1_000_000_000;
const TAG_R: NonZeroU32 = NonZeroU32::new(1 << NUMBER_BITS).expect("not zero");
const TAG_S: NonZeroU32 = NonZeroU32::new(2 << NUMBER_BITS).expect("not zero");

/// A person: the pair of a class and a nine-digit number, packed in four bytes.
///
/// The number alone identifies nobody. Two keys are equal when class and number are; the order is
/// by class, then number, and means nothing. `Option<PersonKey>` is four bytes too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(NonZeroU32);

impl PersonKey {
    /// The key of `number` in `class`.
    ///
    /// # Errors
    /// [`CoreError::PersonNumber`] when the number has more than nine digits.
    #[inline]
    pub fn new(class: KeyClass, number: u32) -> Result<Self, CoreError> {
        if number >= NUMBER_LIMIT {
            return Err(CoreError::PersonNumber { found: number.to_string() });
        }
        let tag = match class {
            KeyClass::R => TAG_R,
            KeyClass::S => TAG_S,
        };
        Ok(Self(tag | number))
    }

    /// Reads the two columns of a register as one key; `None` when they identify nobody.
    ///
    /// Nobody is identified by dashes, by an empty field, or by a class other than `R` and `S`
    /// (such as `N`, in the register but without a known number). Blanks before and after a
    /// field are dropped.
    ///
    /// # Errors
    /// [`CoreError::KeyClass`] or [`CoreError::PersonNumber`] when a field is none of these: a
    /// number that lost its leading zeros is refused, because it may be somebody else's.
    pub fn parse(class: &str, number: &str) -> Result<Option<Self>, CoreError> {
        let (class, number) = (class.trim(), number.trim());
        let identifying = match class.as_bytes() {
            b"R" => Some(KeyClass::R),
            b"S" => Some(KeyClass::S),
            b"" | b"-" => None,
            [letter] if letter.is_ascii_uppercase() => None,
            _ => return Err(CoreError::KeyClass { found: class.to_owned() }),
        };
        if number.bytes().all(|b| b == b'-') {
            return Ok(None);
        }
        if number.len() != NUMBER_DIGITS || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CoreError::PersonNumber { found: number.to_owned() });
        }
        let number = number.bytes().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        identifying.map(|class| Self::new(class, number)).transpose()
    }

    /// The class.
    #[must_use]
    #[inline]
    pub fn class(self) -> KeyClass {
        if self.0.get() < TAG_S.get() { KeyClass::R } else { KeyClass::S }
    }

    /// The number, without its class and its leading zeros: never print it.
    #[must_use]
    #[inline]
    pub fn number(self) -> u32 {
        self.0.get() & (TAG_R.get() - 1)
    }
}

impl fmt::Display for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}{:0width$}", self.class(), self.number(), width = NUMBER_DIGITS)
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKey({self})")
    }
}

/// A household in one year, named after its main earner.
///
/// The same person can head different households in different years: never follow this key over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HouseholdKey(pub PersonKey);

impl fmt::Display for HouseholdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packs_in_four_bytes_with_and_without_a_key() {
        assert_eq!(size_of::<Option<PersonKey>>(), 4);
    }

    #[test]
    fn one_number_under_two_classes_is_two_persons() {
        let resident = PersonKey::parse("R", "000000012").unwrap();
        let outsider = PersonKey::parse("S", "000000012").unwrap();
        assert_ne!(resident, outsider);
        assert_eq!(outsider.unwrap().to_string(), "S000000012");
    }

    #[test]
    fn dashes_blanks_and_other_classes_are_nobody() {
        for (class, number) in
            [("-", "---------"), ("", ""), ("R", "---------"), ("N", "123456789"), ("O", "123456789")]
        {
            assert_eq!(PersonKey::parse(class, number), Ok(None), "{class} {number}");
        }
    }

    #[test]
    fn blanks_around_a_field_are_no_part_of_it() {
        assert_eq!(PersonKey::parse(" R", " 123456789 "), PersonKey::parse("R", "123456789"));
    }

    #[test]
    fn malformed_fields_are_refused() {
        assert!(matches!(PersonKey::parse("R", "12345678"), Err(CoreError::PersonNumber { .. })));
        assert!(matches!(PersonKey::parse("R", "12345678x"), Err(CoreError::PersonNumber { .. })));
        assert!(matches!(PersonKey::parse("r?", "123456789"), Err(CoreError::KeyClass { .. })));
        assert!(matches!(PersonKey::new(KeyClass::R, 1_000_000_000), Err(CoreError::PersonNumber { .. })));
    }

    proptest! {
        #[test]
        fn text_survives_the_round_trip(number in 0u32..1_000_000_000, outside in any::<bool>()) {
            let class = if outside { KeyClass::S } else { KeyClass::R };
            let key = PersonKey::new(class, number).unwrap();
            let text = key.to_string();
            prop_assert_eq!(PersonKey::parse(&text[..1], &text[1..]).unwrap(), Some(key));
        }
    }
}
