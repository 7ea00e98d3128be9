use std::fmt;
use std::str::FromStr;

use crate::CoreError;

/// A municipality in some classification year: four digits, with leading zeros.
///
/// The same code can mean other borders in another year.
///
/// ```
/// use erflijn_core::MunicipalityCode;
/// let stadskanaal: MunicipalityCode = "0037".parse()?;
/// assert_eq!(stadskanaal.to_string(), "0037");
/// assert!("37".parse::<MunicipalityCode>().is_err()); // leading zeros are part of the code
/// # Ok::<(), erflijn_core::CoreError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityCode(u16);

impl MunicipalityCode {
    /// The code without its leading zeros: never print it.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

impl FromStr for MunicipalityCode {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        if text.len() != 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CoreError::MunicipalityCode { found: text.to_owned() });
        }
        Ok(Self(text.bytes().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))))
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// As its four digits, in quotes.
#[cfg(feature = "serde")]
impl serde::Serialize for MunicipalityCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for MunicipalityCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_digits_are_a_code() {
        for text in ["37", "00037", "003x", "", "-037", "GM0037", "٠٠٣٧"] {
            let refused = text.parse::<MunicipalityCode>();
            assert!(matches!(refused, Err(CoreError::MunicipalityCode { .. })), "{text}");
        }
        let code: MunicipalityCode = "0037".parse().unwrap();
        assert_eq!((code.number(), code.to_string().as_str()), (37, "0037"));
    }
}
