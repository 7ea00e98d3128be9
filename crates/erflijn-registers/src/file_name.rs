//! Register, year and version out of file names that were never meant to be parsed.

use crate::{Era, Register};

/// What a file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) register: Register,
    pub(crate) year: i16,
    pub(crate) month: Option<u8>,
    pub(crate) version: Option<u32>,
}

/// Parses the name without its extension; `None` when it is no register of this crate.
pub(crate) fn parse(stem: &str) -> Option<FileName> {
    let name: String =
        without_date(stem).chars().filter(|c| *c != ' ').collect::<String>().to_ascii_uppercase();
    Register::ALL.iter().find_map(|register| {
        register.names().iter().find_map(|(prefix, era)| {
            let rest = name.strip_prefix(&prefix.to_ascii_uppercase())?;
            parse_rest(*register, rest).filter(|parsed| era.is_none_or(|era| Era::of(parsed.year) == era))
        })
    })
}

/// Drops a date of six or eight digits with the blank behind it.
fn without_date(stem: &str) -> &str {
    let stem = stem.trim();
    match stem.split_once(' ') {
        Some((date, rest)) if matches!(date.len(), 6 | 8) && date.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => stem,
    }
}

/// Parses what follows the register's name: `[TAB|BUS]<year>[TAB|BUS][<mm>][V<n>]` and nothing else.
/// That a digit must follow keeps `INHARMA` from being taken for `INHA`.
fn parse_rest(register: Register, rest: &str) -> Option<FileName> {
    let rest = without_kind(rest);
    let year = rest.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let rest = without_kind(&rest[4..]);
    let (month, version) = match rest.split_once('V') {
        Some((month, version)) => (month, Some(whole_number(version)?)),
        None => (rest, None),
    };
    let month = match month {
        "" => None,
        _ if register == Register::Regions && month.len() == 2 => {
            Some(u8::try_from(whole_number(month)?).ok().filter(|month| (1..=12).contains(month))?)
        }
        _ => return None,
    };
    Some(FileName { register, year, month, version })
}

fn without_kind(rest: &str) -> &str {
    rest.strip_prefix("TAB").or_else(|| rest.strip_prefix("BUS")).unwrap_or(rest)
}

fn whole_number(digits: &str) -> Option<u32> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(stem: &str) -> Option<(Register, i16, Option<u8>, Option<u32>)> {
        parse(stem).map(|name| (name.register, name.year, name.month, name.version))
    }

    #[test]
    fn regular_names() {
        assert_eq!(parsed("GBAPERSOON2022TABV1"), Some((Register::Persons, 2022, None, Some(1))));
        assert_eq!(
            parsed("GBAHUISHOUDENS2022BUSV10"),
            Some((Register::HouseholdSpells, 2022, None, Some(10)))
        );
        assert_eq!(parsed("VSLGWB2022TAB03V1"), Some((Register::Regions, 2022, Some(3), Some(1))));
        assert_eq!(parsed("gbaadresobject2022busv2"), Some((Register::AddressSpells, 2022, None, Some(2))));
    }

    #[test]
    fn irregular_names() {
        assert_eq!(parsed("KOPPELPERSOONHUISHOUDEN2011"), Some((Register::HouseholdOf, 2011, None, None)));
        assert_eq!(
            parsed("KOPPELPERSOONHUISHOUDEN2019V2"),
            Some((Register::HouseholdOf, 2019, None, Some(2)))
        );
        assert_eq!(parsed("Koppeltabel_IPI_IHI_IVB2005"), Some((Register::HouseholdOf, 2005, None, None)));
        assert_eq!(parsed("120619 KINDOUDERTAB 2008V1"), Some((Register::ParentChild, 2008, None, Some(1))));
    }

    #[test]
    fn one_name_is_not_the_prefix_of_another() {
        assert_eq!(parsed("INHARMA2020TABV1"), Some((Register::PovertyPercentage, 2020, None, Some(1))));
        assert_eq!(parsed("INHA2020TABV1"), Some((Register::HouseholdIncome, 2020, None, Some(1))));
    }

    #[test]
    fn other_registers_are_left_alone() {
        for stem in [
            "VRLGBAPERSOON2023TABV1",
            "VRLINHA2023TABV2023061",
            "GBAPERSOONKTAB2022V1",
            "GBAPERSOON2022TABV1_uncompressed",
            "GBAPERSOON2022TABV",
            "GBAPERSOON2022TAB03V1",
            "VSLGWB2022TAB13V1",
            "INPA2020TABV1",
            "INHA2009TABV1",
            "HUISHBVRINK2012TABV1",
            "README",
            "",
        ] {
            assert_eq!(parsed(stem), None, "{stem}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_parsed_without_panic(stem in ".{0,40}") {
            let _ = parse(&stem);
        }

        #[test]
        fn year_and_version_survive(year in 2011i16..2100, version in 1u32..100_000, lower in any::<bool>()) {
            let stem = format!("INHA{year}TABV{version}");
            let stem = if lower { stem.to_lowercase() } else { stem };
            prop_assert_eq!(parsed(&stem), Some((Register::HouseholdIncome, year, None, Some(version))));
        }
    }
}
