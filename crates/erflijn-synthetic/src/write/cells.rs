use erflijn_core::{Date, PersonKey};

/// A number that identifies nobody.
pub(super) const NOBODY: &[u8] = b"---------";

pub(super) struct Cells;

impl Cells {
    /// Number of a person, leading zeros kept.
    pub(super) fn number(key: PersonKey) -> [u8; 9] {
        Self::digits(key.number().into())
    }

    /// Class and number, or dashes.
    pub(super) fn key_or_dashes(key: Option<PersonKey>) -> (&'static [u8], [u8; 9]) {
        match key {
            Some(key) => (b"R", Self::number(key)),
            None => (b"-", *b"---------"),
        }
    }

    /// `yyyymmdd`.
    pub(super) fn date(date: Date) -> [u8; 8] {
        let (year, month, day) =
            (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
        Self::digits(u64::from(year) * 10_000 + u64::from(month) * 100 + u64::from(day))
    }

    /// A whole number with leading zeros.
    pub(super) fn digits<const WIDTH: usize>(number: u64) -> [u8; WIDTH] {
        let mut digits = [b'0'; WIDTH];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }

    pub(super) fn whole(number: u64) -> Vec<u8> {
        number.to_string().into_bytes()
    }

    pub(super) fn signed(number: i64) -> Vec<u8> {
        number.to_string().into_bytes()
    }
}
