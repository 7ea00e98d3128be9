//! A made-up population of which everything is known, without a line of the crate: incomes are a mixture of
//! lognormals, deprivations and poor years are chances.
//!
//! Moments, shares below an income and totals below it are in closed form. The measures that compare pairs are
//! integrals of the distribution function, by Simpson's rule on 4 000 intervals of the logarithm; halving these
//! moves them by less than 1e-9, and the standard errors of our samples are above 1e-3.

use erflijn_core::chi_squared_upper_tail;
use erflijn_poverty::PovertyMeasure;

/// Standard normal distribution function: a squared normal is chi-squared with one degree of freedom.
pub(crate) fn normal(x: f64) -> f64 {
    let tail = 0.5 * chi_squared_upper_tail(x * x, 1.0).unwrap();
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Incomes whose logarithms are normal within each part, with one standard deviation.
#[derive(Debug, Clone)]
pub(crate) struct Mixture {
    /// Share of the population and mean logarithm of each part.
    pub(crate) parts: Vec<(f64, f64)>,
    pub(crate) sd: f64,
}

impl Mixture {
    fn sum(&self, of_part: impl Fn(f64) -> f64) -> f64 {
        self.parts.iter().map(|(share, mean)| share * of_part(*mean)).sum()
    }

    /// Share of people below an income.
    pub(crate) fn below(&self, income: f64) -> f64 {
        self.sum(|mean| normal((income.ln() - mean) / self.sd))
    }

    /// Mean of `y^power`.
    pub(crate) fn moment(&self, power: f64) -> f64 {
        self.sum(|mean| (power * mean + (power * self.sd).powi(2) / 2.0).exp())
    }

    /// Mean of `y^power` of those below an income, the others counting 0.
    fn moment_below(&self, power: f64, income: f64) -> f64 {
        self.sum(|mean| {
            let from_mean = (income.ln() - mean) / self.sd - power * self.sd;
            (power * mean + (power * self.sd).powi(2) / 2.0).exp() * normal(from_mean)
        })
    }

    /// The income below which a share of people are.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let (mut low, mut high) = (0.0, 20.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.below(f64::exp(middle)) < share { low = middle } else { high = middle }
        }
        low.exp()
    }

    /// Half the mean difference of two incomes, of the share of people `of` that lies below `limit`; times that
    /// share. It is the integral of `F (1 - F / of)` over incomes up to the limit.
    fn half_difference(&self, limit: f64, of: f64) -> f64 {
        const INTERVALS: u32 = 4_000;
        // Twelve standard deviations lie between the lowest logarithm and the smallest mean.
        let low = self.parts.iter().map(|(_, mean)| *mean).fold(f64::INFINITY, f64::min) - 12.0 * self.sd;
        let step = (limit.ln() - low) / f64::from(INTERVALS);
        let at = |k: u32| {
            let income = (low + f64::from(k) * step).exp();
            let below = self.below(income);
            let times = if k == 0 || k == INTERVALS { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
            times * below * (1.0 - below / of) * income
        };
        (0..=INTERVALS).map(at).sum::<f64>() * step / 3.0
    }

    pub(crate) fn gini(&self) -> f64 {
        let highest = self.parts.iter().map(|(_, mean)| *mean).fold(0.0, f64::max) + 12.0 * self.sd;
        self.half_difference(highest.exp(), 1.0) / self.moment(1.0)
    }

    pub(crate) fn lorenz(&self, share: f64) -> f64 {
        self.moment_below(1.0, self.quantile(share)) / self.moment(1.0)
    }

    pub(crate) fn quintile_share_ratio(&self) -> f64 {
        (1.0 - self.lorenz(0.8)) / self.lorenz(0.2)
    }

    fn mean_log(&self) -> f64 {
        self.sum(|mean| mean)
    }

    pub(crate) fn entropy(&self, alpha: f64) -> f64 {
        let mean = self.moment(1.0);
        if alpha.abs() < 1e-9 {
            return mean.ln() - self.mean_log();
        }
        if (alpha - 1.0).abs() < 1e-9 {
            // Weighed by income the logarithm is normal with its mean raised by the variance.
            let variance = self.sd * self.sd;
            let of_logs = self.sum(|log| (log + variance / 2.0).exp() * (log + variance));
            return of_logs / mean - mean.ln();
        }
        (self.moment(alpha) / mean.powf(alpha) - 1.0) / (alpha * (alpha - 1.0))
    }

    pub(crate) fn atkinson(&self, epsilon: f64) -> f64 {
        let mean = self.moment(1.0);
        if (epsilon - 1.0).abs() < 1e-9 {
            return 1.0 - self.mean_log().exp() / mean;
        }
        1.0 - self.moment(1.0 - epsilon).powf(1.0 / (1.0 - epsilon)) / mean
    }

    pub(crate) fn poverty(&self, measure: PovertyMeasure, line: f64) -> f64 {
        let poor = self.below(line);
        let moment = |power| self.moment_below(power, line) / line.powf(power);
        let gap = poor - moment(1.0);
        match measure {
            PovertyMeasure::Headcount => poor,
            PovertyMeasure::PovertyGap => gap,
            // (1 - y / z)^2, opened.
            PovertyMeasure::FosterGreerThorbecke { .. } => poor - 2.0 * moment(1.0) + moment(2.0),
            PovertyMeasure::Watts => self.sum(|mean| {
                let distance = line.ln() - mean;
                let density = (-0.5 * (distance / self.sd).powi(2)).exp() / std::f64::consts::TAU.sqrt();
                distance * normal(distance / self.sd) + self.sd * density
            }),
            PovertyMeasure::Sen => gap + self.half_difference(line, poor) / line,
            // Gaps are incomes, cut at the line and turned round: their differences are those of incomes.
            PovertyMeasure::SenShorrocksThon => gap + self.half_difference(line, 1.0) / line,
            PovertyMeasure::IncomeGapRatio => gap / poor,
            PovertyMeasure::RelativeMedianGap => 1.0 - self.quantile(poor / 2.0) / line,
            _ => unreachable!("a measure without a known truth"),
        }
    }
}

/// Chances of a person by the class of the neighbourhood: deprived or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chances {
    /// Of a deprivation in each of three dimensions.
    pub(crate) deprived: [f64; 3],
    /// Of being poor in the first year, of becoming poor, and of staying poor.
    pub(crate) poor: [f64; 3],
}

/// Weights of the three dimensions; poor are those whose deprivations weigh a half or more.
pub(crate) const DIMENSIONS: [f64; 3] = [0.5, 0.25, 0.25];
/// Years of a panel.
pub(crate) const YEARS: usize = 6;
/// Chance to be lost before each year after the first, whoever one is: rates that use the observed are not off.
pub(crate) const ATTRITION: f64 = 0.04;

/// H and M0 of a population of people with these shares and chances, by going through all outcomes.
pub(crate) fn counting(people: &[(f64, Chances)]) -> (f64, f64) {
    let (mut headcount, mut adjusted) = (0.0, 0.0);
    for (share, chances) in people {
        for outcome in 0..8_u32 {
            let (mut chance, mut score) = (*share, 0.0);
            for (dimension, (own, weight)) in chances.deprived.iter().zip(DIMENSIONS).enumerate() {
                let deprived = outcome >> dimension & 1 == 1;
                chance *= if deprived { *own } else { 1.0 - own };
                score += if deprived { weight } else { 0.0 };
            }
            if score >= 0.5 {
                headcount += chance;
                adjusted += chance * score;
            }
        }
    }
    (headcount, adjusted)
}

/// Poverty over time, by going through all histories of poor years, cut off by attrition or not.
#[derive(Debug, Default)]
pub(crate) struct Histories {
    /// Share of people poor in each of the last four years, of those seen in all.
    pub(crate) long_term: f64,
    /// Share poor in the last year and in two others of the last four.
    pub(crate) persistent: f64,
    /// Expected spells at risk and ended at each duration; from 1.
    at_risk: [f64; YEARS],
    ends: [f64; YEARS],
}

impl Histories {
    pub(crate) fn new(people: &[(f64, Chances)]) -> Self {
        let mut all = Self::default();
        for (share, chances) in people {
            for length in 1..=YEARS {
                let stays = (1.0 - ATTRITION).powi(length as i32 - 1);
                let seen = stays * if length < YEARS { ATTRITION } else { 1.0 };
                for outcome in 0..1_u32 << length {
                    let poor: Vec<bool> = (0..length).map(|year| outcome >> year & 1 == 1).collect();
                    all.add(&poor, share * chance_of(&poor, chances), seen);
                }
            }
        }
        all
    }

    fn add(&mut self, poor: &[bool], chance: f64, seen: f64) {
        if poor.len() == YEARS {
            let years = poor[YEARS - 4..].iter().filter(|poor| **poor).count();
            self.long_term += if years == 4 { chance } else { 0.0 };
            self.persistent += if years >= 3 && poor[YEARS - 1] { chance } else { 0.0 };
        }
        for start in (1..poor.len()).filter(|year| poor[*year] && !poor[*year - 1]) {
            for (next, still_poor) in poor.iter().enumerate().skip(start + 1) {
                self.at_risk[next - start] += chance * seen;
                if !still_poor {
                    self.ends[next - start] += chance * seen;
                    break;
                }
            }
        }
    }

    /// Share of spells that last longer than `duration` years, by the hazards of the population.
    pub(crate) fn survival(&self, duration: usize) -> f64 {
        (1..=duration).map(|years| 1.0 - self.ends[years] / self.at_risk[years]).product()
    }
}

fn chance_of(poor: &[bool], chances: &Chances) -> f64 {
    let [first, enters, stays] = chances.poor;
    let of = |is_poor: bool, chance: f64| if is_poor { chance } else { 1.0 - chance };
    let later = poor.windows(2).map(|pair| of(pair[1], if pair[0] { stays } else { enters }));
    of(poor[0], first) * later.product::<f64>()
}
