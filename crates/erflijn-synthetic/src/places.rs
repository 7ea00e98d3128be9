//! Where people live: municipalities of 2021 and the land they are made of.

use std::collections::BTreeMap;
use std::fmt;

use erflijn_core::MunicipalityCode;
use erflijn_regions::{BorderConversion, BorderHistory, SplitRule};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::random::Stream;
use crate::{Area, SyntheticError};

/// The borders in which sizes and low incomes are published.
const PUBLISHED_YEAR: i16 = 2021;
/// Municipalities of this year are the land of which all later ones consist.
const LAND_YEAR: i16 = 1990;

/// The year of the districts that are known.
const DISTRICT_YEAR: i16 = 2014;
/// Inhabitants of a made-up district, and most districts of a made-up municipality.
const INHABITANTS: usize = 4_000;
const MOST: usize = 60;

/// First and last year of borders that the region table gets a column for.
pub(crate) const FIRST_BORDERS: i16 = 1995;
pub(crate) const LAST_BORDERS: i16 = 2022;

/// A municipality of the made-up country, in the borders of 2021.
#[derive(Debug, Clone, PartialEq)]
pub struct Municipality {
    /// Its code in 2021.
    pub code: MunicipalityCode,
    /// Inhabitants in 2021 as published, persons: what relative sizes follow.
    pub published_inhabitants: u32,
    /// Households with a low income as published, percent.
    pub published_low_income: Option<f64>,
    /// What a youth there adds to outcome, in standard deviations of standing.
    pub effect: f64,
}

/// The code of a district (*wijk*): that of its municipality and two digits more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistrictCode {
    /// The municipality.
    pub municipality: MunicipalityCode,
    /// Number of the district in it, 0 to 99.
    pub number: u8,
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", self.municipality, self.number)
    }
}

/// A district: part of one municipality of 1990, which was never divided since, as Statistics Netherlands books it.
#[derive(Debug, Clone)]
pub(crate) struct Land {
    pub(crate) municipality: u16,
    /// Code in the borders of each year from [`FIRST_BORDERS`] on.
    pub(crate) codes: Vec<DistrictCode>,
}

#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) municipalities: Vec<Municipality>,
    pub(crate) lands: Vec<Land>,
    /// For each municipality where its lands start; they stand together.
    land_starts: Vec<usize>,
    cumulative: Vec<f64>,
    /// Where students go: the largest municipality.
    pub(crate) largest: u16,
}

impl Places {
    pub(crate) fn new(area: &Area, effect: f64) -> Result<Self, SyntheticError> {
        let history = BorderHistory::netherlands();
        let codes = codes_of(area, history)?;
        let published: Vec<_> = published().collect();
        let mut municipalities = Vec::with_capacity(codes.len());
        for code in codes {
            let row = published.iter().find(|(known, ..)| *known == code);
            let (_, published_inhabitants, published_low_income) =
                *row.ok_or(SyntheticError::UnknownMunicipality { code })?;
            municipalities.push(Municipality {
                code,
                published_inhabitants,
                published_low_income,
                effect: 0.0,
            });
        }
        set_effects(&mut municipalities, effect);
        let (lands, land_starts) = read_lands(&municipalities, history)?;
        let total: f64 = municipalities.iter().map(|one| f64::from(one.published_inhabitants)).sum();
        let mut sum = 0.0;
        let cumulative = municipalities
            .iter()
            .map(|one| {
                sum += f64::from(one.published_inhabitants) / total;
                sum
            })
            .collect();
        let largest = (0..municipalities.len())
            .max_by_key(|index| (municipalities[*index].published_inhabitants, usize::MAX - index))
            .ok_or(SyntheticError::EmptyArea)?;
        Ok(Self { municipalities, lands, land_starts, cumulative, largest: largest as u16 })
    }

    /// The share of all inhabitants who live in a municipality, as published.
    pub(crate) fn share(&self, municipality: usize) -> f64 {
        let before = if municipality == 0 { 0.0 } else { self.cumulative[municipality - 1] };
        self.cumulative[municipality] - before
    }

    /// A municipality, by size: as many come to each as leave it.
    pub(crate) fn any(&self, random: &mut Stream) -> u16 {
        let drawn = random.uniform();
        let index = self.cumulative.partition_point(|sum| *sum <= drawn);
        index.min(self.municipalities.len() - 1) as u16
    }

    /// A district of a municipality, each as likely: how inhabitants spread within is not published here.
    pub(crate) fn land_in(&self, municipality: u16, random: &mut Stream) -> u16 {
        let start = self.land_starts[usize::from(municipality)];
        let end = self.land_starts[usize::from(municipality) + 1];
        (start + random.below((end - start) as u32) as usize) as u16
    }
}

fn codes_of(area: &Area, history: &BorderHistory) -> Result<Vec<MunicipalityCode>, SyntheticError> {
    let mut codes = match area {
        Area::Municipalities(codes) => codes.clone(),
        Area::Provinces(provinces) => {
            let mut codes = Vec::new();
            for province in provinces {
                codes.extend(history.municipalities_of(*province, PUBLISHED_YEAR)?);
            }
            codes
        }
    };
    codes.sort_unstable();
    if let Some(pair) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(SyntheticError::RepeatedMunicipality { code: pair[0] });
    }
    if codes.is_empty() { Err(SyntheticError::EmptyArea) } else { Ok(codes) }
}

/// Code, inhabitants and percent with a low income.
fn published() -> impl Iterator<Item = (MunicipalityCode, u32, Option<f64>)> {
    const TABLE: &str = include_str!("../data/municipalities_2021.csv");
    TABLE.lines().skip(1).map(|line| {
        let mut cells = line.split(';');
        let mut next = || cells.next().expect("three cells in every row of the built-in table");
        let (code, inhabitants, percent) = (next(), next(), next());
        (
            code.parse().expect("a code of four digits in the built-in table"),
            inhabitants.parse().expect("a whole number in the built-in table"),
            percent.parse().ok(),
        )
    })
}

/// Effects by the published shares of low income, on the scale of the normal quantile, with mean zero
/// over inhabitants.
fn set_effects(municipalities: &mut [Municipality], strength: f64) {
    let score = |one: &Municipality| {
        let share = one.published_low_income.filter(|percent| (0.1..=99.0).contains(percent))? / 100.0;
        Some(-Normal::standard().inverse_cdf(share))
    };
    let scored =
        || municipalities.iter().filter_map(|one| Some((score(one)?, f64::from(one.published_inhabitants))));
    let mass: f64 = scored().map(|(_, mass)| mass).sum();
    if mass <= 0.0 {
        return;
    }
    let mean = scored().map(|(score, mass)| score * mass).sum::<f64>() / mass;
    for one in municipalities {
        one.effect = strength * score(one).map_or(0.0, |score| score - mean);
    }
}

/// Districts of each municipality, and where those of each start.
fn read_lands(
    municipalities: &[Municipality],
    history: &BorderHistory,
) -> Result<(Vec<Land>, Vec<usize>), SyntheticError> {
    let to = |year| BorderConversion::new(history, LAND_YEAR, year, SplitRule::WholeMunicipality);
    let (to_published, to_districts) = (to(PUBLISHED_YEAR)?, to(DISTRICT_YEAR)?);
    let by_year: Vec<BorderConversion> = (FIRST_BORDERS..=LAST_BORDERS).map(to).collect::<Result<_, _>>()?;
    let all = history.municipalities(LAND_YEAR)?;
    let real = real_districts();
    let (mut lands, mut starts) = (Vec::new(), vec![0]);
    for (index, municipality) in municipalities.iter().enumerate() {
        let mut parts: BTreeMap<MunicipalityCode, Vec<MunicipalityCode>> = BTreeMap::new();
        let mut old_ones = 0;
        for old in &all {
            if to_published.municipality(*old)? == municipality.code {
                parts.entry(to_districts.municipality(*old)?).or_default().push(*old);
                old_ones += 1;
            }
        }
        for (part, olds) in parts {
            let by_size = municipality.published_inhabitants as usize * olds.len() / old_ones / INHABITANTS;
            let districts = real.get(&part).map_or(by_size.min(MOST), Vec::len).max(olds.len());
            for district in 0..districts {
                let old = olds[district * olds.len() / districts];
                let code = |year: &BorderConversion| {
                    Ok::<_, SyntheticError>(DistrictCode { municipality: year.municipality(old)?, number: 0 })
                };
                let codes = by_year.iter().map(code).collect::<Result<_, _>>()?;
                lands.push(Land { municipality: index as u16, codes });
            }
        }
        starts.push(lands.len());
    }
    for year in 0..by_year.len() {
        number_districts(&mut lands, year, &real);
    }
    Ok((lands, starts))
}

/// Numbers the districts of every municipality of a year: as in 2014 where it has the districts of then, else from 0.
fn number_districts(lands: &mut [Land], year: usize, real: &BTreeMap<MunicipalityCode, Vec<u8>>) {
    let mut of_municipality: BTreeMap<MunicipalityCode, Vec<usize>> = BTreeMap::new();
    for (index, land) in lands.iter().enumerate() {
        of_municipality.entry(land.codes[year].municipality).or_default().push(index);
    }
    for (code, members) in of_municipality {
        let numbers = real.get(&code).filter(|numbers| numbers.len() == members.len());
        for (place, index) in members.into_iter().enumerate() {
            lands[index].codes[year].number = numbers.map_or(place.min(99) as u8, |numbers| numbers[place]);
        }
    }
}

/// The districts of 2014 that are known, by municipality.
fn real_districts() -> BTreeMap<MunicipalityCode, Vec<u8>> {
    const TABLE: &str = include_str!("../data/districts_2014.csv");
    let mut districts: BTreeMap<MunicipalityCode, Vec<u8>> = BTreeMap::new();
    for code in TABLE.lines().skip(1) {
        let (municipality, number) = code.split_at(4);
        let municipality = municipality.parse().expect("a code of four digits in the built-in table");
        let number = number.parse().expect("two digits in the built-in table");
        districts.entry(municipality).or_default().push(number);
    }
    districts
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_regions::Province;

    fn north() -> Places {
        Places::new(&Area::Provinces(vec![Province::Groningen, Province::Drenthe]), 1.0).unwrap()
    }

    #[test]
    fn the_north_has_the_municipalities_of_2021_and_their_mergers() {
        let places = north();
        assert_eq!(places.municipalities.len(), 22); // 10 in Groningen, 12 in Drenthe
        assert_eq!(places.municipalities[usize::from(places.largest)].code.to_string(), "0014");
        let eemsdelta = places.municipalities.iter().position(|one| one.code.number() == 1979).unwrap();
        let at = |year: i16| usize::try_from(year - FIRST_BORDERS).unwrap();
        let codes = |year| {
            let lands = places.lands.iter().filter(|land| usize::from(land.municipality) == eemsdelta);
            let mut codes: Vec<u16> = lands.map(|land| land.codes[at(year)].municipality.number()).collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        assert_eq!(codes(2020), [3, 10, 24]); // Appingedam, Delfzijl, Loppersum
        assert_eq!(codes(2021), [1979]);
    }

    #[test]
    fn effects_have_mean_zero_and_follow_the_published_shares() {
        let places = north();
        let mean: f64 = (0..22).map(|index| places.share(index) * places.municipalities[index].effect).sum();
        assert!(mean.abs() < 1e-12);
        let effect =
            |code| places.municipalities.iter().find(|one| one.code.number() == code).unwrap().effect;
        assert!(effect(14) < effect(114) && effect(114) < effect(1730)); // 11.2, 7.0 and 3.6 percent
    }

    #[test]
    fn every_municipality_of_the_country_has_land() {
        let places = Places::new(&Area::Provinces(Province::ALL.to_vec()), 1.0).unwrap();
        assert_eq!(places.municipalities.len(), 352);
        for (index, municipality) in places.municipalities.iter().enumerate() {
            assert!(places.land_starts[index] < places.land_starts[index + 1], "{}", municipality.code);
        }
        // In no year do two districts share a code.
        for year in 0..places.lands[0].codes.len() {
            let mut codes: Vec<DistrictCode> = places.lands.iter().map(|land| land.codes[year]).collect();
            codes.sort_unstable();
            assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "year {year}");
        }
    }

    #[test]
    fn the_peat_colonies_have_their_districts_of_2014() {
        let places = north();
        let at = usize::try_from(2014 - FIRST_BORDERS).unwrap();
        let codes: Vec<String> = places.lands.iter().map(|land| land.codes[at].to_string()).collect();
        let known = include_str!("../data/districts_2014.csv").lines().skip(1);
        assert_eq!(known.clone().count(), 118);
        for district in known {
            assert_eq!(codes.iter().filter(|code| *code == district).count(), 1, "{district}");
        }
        // Emmen (0114) kept its borders since 1998, and so its districts.
        let emmen = |year: i16| {
            let at = usize::try_from(year - FIRST_BORDERS).unwrap();
            let codes = places.lands.iter().map(|land| land.codes[at]);
            codes.filter(|code| code.municipality.number() == 114).map(|code| code.number).collect::<Vec<_>>()
        };
        assert_eq!(emmen(2014), emmen(2022));
        assert!(emmen(2022).contains(&53));
    }

    #[test]
    fn areas_that_cannot_be_are_refused() {
        let new = |area| Places::new(&area, 1.0).map(|_| ());
        assert!(matches!(new(Area::Provinces(vec![])), Err(SyntheticError::EmptyArea)));
        let code = |text: &str| text.parse::<MunicipalityCode>().unwrap();
        assert!(matches!(
            new(Area::Municipalities(vec![code("0014"), code("0014")])),
            Err(SyntheticError::RepeatedMunicipality { .. })
        ));
        assert!(matches!(
            new(Area::Municipalities(vec![code("0018")])), // Hoogezand-Sappemeer, gone in 2018
            Err(SyntheticError::UnknownMunicipality { .. })
        ));
        assert!(matches!(
            new(Area::Provinces(vec![Province::Drenthe, Province::Drenthe])),
            Err(SyntheticError::RepeatedMunicipality { .. })
        ));
    }
}
