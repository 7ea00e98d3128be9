//! How likely events of life are, by age and year. Round numbers that give a population of Dutch shape; not
//! estimated on anything.

/// Rates of one year that are looked up for every person.
#[derive(Debug, Clone)]
pub(crate) struct YearRates {
    death: [f64; AGES],
    birth: [[f64; AGES]; 2],
}

const AGES: usize = 130;

impl YearRates {
    pub(crate) fn new(year: i16) -> Self {
        let mut rates = Self { death: [1.0; AGES], birth: [[0.0; AGES]; 2] };
        for (index, age) in (0..AGES).zip(0..) {
            rates.death[index] = death(age);
            rates.birth[0][index] = birth(age, year, false);
            rates.birth[1][index] = birth(age, year, true);
        }
        rates
    }

    /// Probability to die within a year.
    pub(crate) fn death(&self, age: i16) -> f64 {
        self.death[Self::index(age)]
    }

    /// Probability that a woman gives birth within a year, given whether she has a partner.
    pub(crate) fn birth(&self, age: i16, has_partner: bool) -> f64 {
        self.birth[usize::from(has_partner)][Self::index(age)]
    }

    fn index(age: i16) -> usize {
        usize::from(age.max(0).unsigned_abs()).min(AGES - 1)
    }
}

/// Gompertz, about 6 percent at eighty.
fn death(age: i16) -> f64 {
    (2e-5 * (0.1 * f64::from(age)).exp()).min(1.0)
}

/// Children of a woman, by year.
fn children(year: i16) -> f64 {
    match year {
        ..1946 => 2.6,
        1946..1965 => 3.0,
        1965..1976 => 3.0 - 0.12 * f64::from(year - 1965),
        _ => 1.68,
    }
}

fn birth(age: i16, year: i16, has_partner: bool) -> f64 {
    if !(15..=48).contains(&age) {
        return 0.0;
    }
    const SPREAD: f64 = 5.2;
    /// Share of women in the ages of birth who have a partner; births without one are rare.
    const PARTNERED: f64 = 0.59;
    const WITHOUT: f64 = 0.12;
    let middle = 27.5 + 0.06 * f64::from((year - 1970).clamp(0, 50));
    let score = (f64::from(age) - middle) / SPREAD;
    let at_age =
        children(year) * (-0.5 * score * score).exp() / (SPREAD * (2.0 * std::f64::consts::PI).sqrt());
    at_age * if has_partner { 1.0 / PARTNERED } else { WITHOUT }
}

/// Probability that a person without partner meets one within a year.
pub(crate) fn partner(age: i16) -> f64 {
    match age {
        ..18 => 0.0,
        18..22 => 0.07,
        22..25 => 0.17,
        25..36 => 0.27,
        36..51 => 0.1,
        51..70 => 0.03,
        _ => 0.0,
    }
}

/// Probability that a couple parts within a year.
pub(crate) fn separation(years_together: i16, year: i16) -> f64 {
    let modern = if year < 1970 { 0.2 } else { 1.0 };
    modern * if years_together < 15 { 0.022 } else { 0.006 }
}

/// Probability that a grown child leaves home within a year.
pub(crate) fn leaving(age: i16) -> f64 {
    match age {
        ..18 => 0.0,
        18..20 => 0.07,
        20..25 => 0.12,
        25..30 => 0.25,
        _ => 0.15,
    }
}

/// Probability that a household moves within a year, by the age of its head.
pub(crate) fn moving(age: i16) -> f64 {
    match age {
        ..30 => 0.18,
        30..45 => 0.09,
        45..65 => 0.04,
        _ => 0.025,
    }
}

/// Probability that a household that moves stays in its municipality.
pub(crate) const MOVES_WITHIN: f64 = 0.72;

/// Probability to enter an institution within a year.
pub(crate) fn institution(age: i16) -> f64 {
    if age < 75 { 0.0 } else { (0.006 * (0.13 * f64::from(age - 75)).exp()).min(0.5) }
}

/// Probability that an adult without dependants leaves the country within a year.
pub(crate) fn emigration(age: i16) -> f64 {
    if (18..45).contains(&age) { 0.007 } else { 0.0 }
}

/// Arrivals from abroad within a year, per inhabitant.
pub(crate) fn immigration(year: i16) -> f64 {
    if year < 1960 { 0.0 } else { 0.002 }
}

/// Share of the unions that are, or become, marriages.
pub(crate) fn marriage(year: i16) -> f64 {
    if year < 1970 { 0.97 } else { (0.97 - 0.012 * f64::from(year - 1970)).max(0.45) }
}

/// Founders of a community that is to have so many inhabitants at the end, fitted to runs under the built-in rates: in
/// small communities fewer find a partner of their age who is no kin.
pub(crate) fn founders(inhabitants: f64) -> f64 {
    0.55 * (inhabitants + 200.0)
}
