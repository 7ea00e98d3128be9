use erflijn_core::MunicipalityCode;
use thiserror::Error;

/// What regions cannot answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RegionError {
    /// A year whose borders are not known here.
    #[error("year of borders is {year}, expected {first} to {last}")]
    Year {
        /// The year asked for.
        year: i16,
        /// First year known.
        first: i16,
        /// Last year known.
        last: i16,
    },
    /// A code that no municipality had in a year.
    #[error("municipality {code} is not known in the borders of {year}")]
    UnknownMunicipality {
        /// The code.
        code: MunicipalityCode,
        /// The year.
        year: i16,
    },
    /// Two things in the borders of different years.
    #[error("borders are of {left} here and of {right} there, expected one year: convert one of them first")]
    OtherBorders {
        /// Year of the one.
        left: i16,
        /// Year of the other.
        right: i16,
    },
    /// A municipality that went to several, under a rule that does not divide it.
    #[error(
        "municipality {code} of {from} lies in {} in the borders of {to}, expected one: choose another rule or give shares",
        list(.parts)
    )]
    Divided {
        /// The code.
        code: MunicipalityCode,
        /// Year of its borders.
        from: i16,
        /// Year of the borders asked for.
        to: i16,
        /// Where its parts are known to lie; others may exist.
        parts: Vec<MunicipalityCode>,
    },
    /// A municipality that went to several in shares that are not known here.
    #[error(
        "shares of municipality {code} of {from} in the borders of {to} are not known, expected own shares"
    )]
    SharesUnknown {
        /// The code.
        code: MunicipalityCode,
        /// Year of its borders.
        from: i16,
        /// Year of the borders asked for.
        to: i16,
    },
    /// A share that no part can have.
    #[error("share of municipality {code} in {part} is {found}, expected a number above 0 and up to 1")]
    Share {
        /// The municipality that is divided.
        code: MunicipalityCode,
        /// The one that gets the part.
        part: MunicipalityCode,
        /// The share found.
        found: f64,
    },
    /// Shares that lose or invent people.
    #[error("shares of municipality {code} sum to {found}, expected 1")]
    SumOfShares {
        /// The municipality that is divided.
        code: MunicipalityCode,
        /// The sum found.
        found: f64,
    },
    /// A municipality that is named twice where once is meant.
    #[error("municipality {code} occurs twice, expected once")]
    Repeated {
        /// The code.
        code: MunicipalityCode,
    },
    /// A number of a municipality that cannot be.
    #[error("{name} of municipality {code} is {found}, expected a finite number of at least 0")]
    Value {
        /// What the number is.
        name: &'static str,
        /// The code.
        code: MunicipalityCode,
        /// The number found.
        found: f64,
    },
    /// Cases in a municipality whose population is not given.
    #[error("population of municipality {code} is absent, expected one for each municipality with cases")]
    NoPopulation {
        /// The code.
        code: MunicipalityCode,
    },
    /// A region set without municipalities.
    #[error("region set has no municipality, expected at least one")]
    EmptySet,
    /// A municipality that lies partly inside a region set once the set is converted.
    #[error(
        "municipality {code} of {to} lies partly in the region set of {from}, expected all or nothing of it"
    )]
    PartlyInside {
        /// The code in the new borders.
        code: MunicipalityCode,
        /// Year of the set.
        from: i16,
        /// Year of the borders asked for.
        to: i16,
    },
    /// A change of borders in a year for which the borders are known already.
    #[error("municipality {code} changes in {year}, expected a year from {first} to {last}")]
    ChangeYear {
        /// The code that changes.
        code: MunicipalityCode,
        /// The year given.
        year: i16,
        /// First year that may be added.
        first: i16,
        /// Last year that may be added.
        last: i16,
    },
    /// Ages that are no window of a life.
    #[error("ages are {first} to {last}, expected at least 0, at most 150, and in order")]
    Ages {
        /// First age.
        first: i16,
        /// Last age.
        last: i16,
    },
}

fn list(codes: &[MunicipalityCode]) -> String {
    codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Refuses what is in the borders of another year.
pub(crate) fn same_borders(left: i16, right: i16) -> Result<(), RegionError> {
    if left == right { Ok(()) } else { Err(RegionError::OtherBorders { left, right }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_municipality_and_both_years() {
        let code = |text: &str| text.parse::<MunicipalityCode>().unwrap();
        let (slochteren, groningen) = (code("0040"), code("0014"));
        let (from, to) = (2016, 2022);
        let told = [
            RegionError::Year { year: 1970, first: 1981, last: 2021 },
            RegionError::UnknownMunicipality { code: slochteren, year: 2018 },
            RegionError::OtherBorders { left: 2017, right: 2022 },
            RegionError::Divided { code: slochteren, from, to, parts: vec![groningen, code("1952")] },
            RegionError::SharesUnknown { code: slochteren, from, to },
            RegionError::Share { code: slochteren, part: groningen, found: -0.2 },
            RegionError::SumOfShares { code: slochteren, found: 0.5 },
            RegionError::Repeated { code: slochteren },
            RegionError::Value { name: "count", code: slochteren, found: -1.0 },
            RegionError::NoPopulation { code: slochteren },
            RegionError::EmptySet,
            RegionError::PartlyInside { code: code("1952"), from: 2017, to: 2018 },
            RegionError::ChangeYear { code: slochteren, year: 2020, first: 2025, last: 2026 },
            RegionError::Ages { first: 5, last: 3 },
        ]
        .map(|error| error.to_string());
        assert_eq!(
            told,
            [
                "year of borders is 1970, expected 1981 to 2021",
                "municipality 0040 is not known in the borders of 2018",
                "borders are of 2017 here and of 2022 there, expected one year: convert one of them first",
                "municipality 0040 of 2016 lies in 0014, 1952 in the borders of 2022, expected one: choose another rule or give shares",
                "shares of municipality 0040 of 2016 in the borders of 2022 are not known, expected own shares",
                "share of municipality 0040 in 0014 is -0.2, expected a number above 0 and up to 1",
                "shares of municipality 0040 sum to 0.5, expected 1",
                "municipality 0040 occurs twice, expected once",
                "count of municipality 0040 is -1, expected a finite number of at least 0",
                "population of municipality 0040 is absent, expected one for each municipality with cases",
                "region set has no municipality, expected at least one",
                "municipality 1952 of 2018 lies partly in the region set of 2017, expected all or nothing of it",
                "municipality 0040 changes in 2020, expected a year from 2025 to 2026",
                "ages are 5 to 3, expected at least 0, at most 150, and in order",
            ]
        );
    }
}
