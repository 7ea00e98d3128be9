//! What several tests need.

use erflijn_core::MunicipalityCode;

pub(crate) fn code(text: &str) -> MunicipalityCode {
    text.parse().unwrap()
}

#[allow(dead_code, reason = "each test crate uses what it needs")]
pub(crate) fn codes(text: &str) -> Vec<MunicipalityCode> {
    text.split_whitespace().map(code).collect()
}

/// The table of Statistics Netherlands: rows of codes, one for each year from 1981.
#[allow(dead_code, reason = "each test crate uses what it needs")]
pub(crate) fn table() -> Vec<Vec<MunicipalityCode>> {
    let file = include_str!("../data/cbs_municipality_codes_1981_2021.csv");
    file.lines().skip(1).map(|line| line.split(',').take(41).map(code).collect()).collect()
}

#[allow(dead_code, reason = "each test crate uses what it needs")]
pub(crate) fn column(year: i16) -> usize {
    usize::try_from(year - 1981).unwrap()
}
