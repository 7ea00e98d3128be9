//! The expected statistics: integrals over the normal law of standing, which no event of life disturbs.

use statrs::distribution::{ContinuousCDF, Normal};

use super::{Mobility, OfMunicipality, normal_quantile};
use crate::{Inheritance, Municipality};

/// Midpoints of equal slices of probability; a multiple of ten, so that halves and fifths are whole.
const SLICES: usize = 1_000;
/// Slices of what is left of a child's standing when `p` is known.
const REST: usize = 120;
/// Points of the table of the law of outcome, and how far it reaches, in standard deviations.
const POINTS: usize = 1_601;
const REACH: f64 = 12.0;

/// The law of outcome given `p`, and over everybody.
struct Law<'a> {
    rules: &'a Inheritance,
    /// Weight and effect of each municipality.
    places: Vec<(f64, f64)>,
    /// `p` at the middle of each slice.
    parents: Vec<f64>,
    rest: f64,
    trap_below: f64,
    /// Distribution of outcome over everybody, from -REACH to REACH.
    overall: Vec<f64>,
}

/// Statistics under the rule, with municipalities as large as they are in `realised`.
pub(super) fn mobility(
    rules: &Inheritance,
    municipalities: &[Municipality],
    realised: &Mobility,
) -> Mobility {
    let total: u64 = realised.municipalities.iter().map(|one| one.children).sum();
    let weight = |children: u64| children as f64 / total.max(1) as f64;
    let weights = realised.municipalities.iter().map(|one| weight(one.children));
    let places = weights.zip(municipalities).map(|(weight, place)| (weight, place.effect)).collect();
    let law = Law::new(rules, places);
    let fifths = law.fifths();
    // Expected rank of outcome at each slice of p, by municipality.
    let by_place: Vec<Vec<f64>> = law
        .places
        .iter()
        .map(|(_, effect)| law.parents.iter().map(|p| law.rank(*p, *effect)).collect())
        .collect();
    let mean = |ranks: &[f64]| ranks.iter().sum::<f64>() / ranks.len() as f64;
    let of_place = by_place.iter().zip(&realised.municipalities).map(|(ranks, one)| OfMunicipality {
        code: one.code,
        children: one.children,
        mean_rank: Some(mean(ranks)),
        mean_rank_lower_half: Some(mean(&ranks[..SLICES / 2])),
    });
    let covariance: f64 = (0..SLICES)
        .map(|slice| {
            let rank: f64 =
                law.places.iter().zip(&by_place).map(|((weight, _), ranks)| weight * ranks[slice]).sum();
            rank * ((slice as f64 + 0.5) / SLICES as f64 - 0.5)
        })
        .sum::<f64>()
        / SLICES as f64;
    Mobility {
        standing_correlation: rules.parents,
        standing_rank_slope: 6.0 / std::f64::consts::PI * (rules.parents / 2.0).asin(),
        sibling_correlation: Some(rules.siblings),
        // Ranks of p are uniform: their variance is 1/12.
        outcome_rank_slope: 12.0 * covariance,
        bottom_persistence: fifths[0][0],
        bottom_to_top: fifths[0][4],
        fifths,
        municipalities: of_place.collect(),
    }
}

impl<'a> Law<'a> {
    fn new(rules: &'a Inheritance, places: Vec<(f64, f64)>) -> Self {
        let parents =
            (0..SLICES).map(|slice| normal_quantile((slice as f64 + 0.5) / SLICES as f64)).collect();
        let mut law = Self {
            rules,
            places,
            parents,
            rest: (1.0 - rules.parents * rules.parents).sqrt(),
            trap_below: normal_quantile(rules.trap_share),
            overall: Vec::new(),
        };
        law.overall = (0..POINTS).map(|point| law.overall_at(Self::point(point))).collect();
        law
    }

    fn point(index: usize) -> f64 {
        (2.0 * index as f64 / (POINTS - 1) as f64 - 1.0) * REACH
    }

    /// Share of everybody with an outcome of at most `y`: standard normal around the effect of the place, and lower
    /// for those who are trapped.
    fn overall_at(&self, y: f64) -> f64 {
        self.places
            .iter()
            .map(|(weight, effect)| {
                let y = y - effect;
                let at_risk = self.parents.iter().filter(|p| **p < self.trap_below);
                let trapped: f64 = at_risk
                    .map(|p| self.normal(y + self.rules.trap_depth, *p) - self.normal(y, *p))
                    .sum::<f64>()
                    / SLICES as f64;
                weight * (cumulative(y) + self.rules.trap_chance * trapped)
            })
            .sum()
    }

    /// Share of the children of `p` with a standing of at most `z`.
    fn normal(&self, z: f64, p: f64) -> f64 {
        cumulative((z - self.rules.parents * p) / self.rest)
    }

    fn trap_chance(&self, p: f64) -> f64 {
        if p < self.trap_below { self.rules.trap_chance } else { 0.0 }
    }

    /// Expected rank of the outcome of a child of `p` in a place.
    fn rank(&self, p: f64, effect: f64) -> f64 {
        let trapped = self.trap_chance(p);
        let at = |lower: f64| {
            (0..REST)
                .map(|slice| {
                    let rest = normal_quantile((slice as f64 + 0.5) / REST as f64);
                    self.overall(self.rules.parents * p + self.rest * rest + effect - lower)
                })
                .sum::<f64>()
                / REST as f64
        };
        let free = if trapped < 1.0 { (1.0 - trapped) * at(0.0) } else { 0.0 };
        if trapped > 0.0 { free + trapped * at(self.rules.trap_depth) } else { free }
    }

    /// The table of [`Self::overall_at`], straight between its points.
    fn overall(&self, y: f64) -> f64 {
        let place = ((y / REACH + 1.0) / 2.0 * (POINTS - 1) as f64).clamp(0.0, (POINTS - 1) as f64 - 1e-9);
        let (index, part) = (place as usize, place.fract());
        self.overall[index] * (1.0 - part) + self.overall[index + 1] * part
    }

    fn fifths(&self) -> [[f64; 5]; 5] {
        let cuts: Vec<f64> = (1..5).map(|cut| self.quantile(f64::from(cut) / 5.0)).collect();
        let mut fifths = [[0.0; 5]; 5];
        for (slice, p) in self.parents.iter().enumerate() {
            let trapped = self.trap_chance(*p);
            let below = |cut: f64| -> f64 {
                let at = |(weight, effect): &(f64, f64)| {
                    let z = cut - effect;
                    let free = self.normal(z, *p);
                    weight * (free + trapped * (self.normal(z + self.rules.trap_depth, *p) - free))
                };
                self.places.iter().map(at).sum()
            };
            let mut before = 0.0;
            for (column, cell) in fifths[slice * 5 / SLICES].iter_mut().enumerate() {
                let until = cuts.get(column).map_or(1.0, |cut| below(*cut));
                *cell += (until - before) * 5.0 / SLICES as f64;
                before = until;
            }
        }
        fifths
    }

    fn quantile(&self, share: f64) -> f64 {
        let (mut low, mut high) = (-REACH, REACH);
        // Sixty halvings of 24 are below the last digit.
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.overall_at(middle) < share { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

fn cumulative(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(rules: &Inheritance) -> Mobility {
        let place = Municipality {
            code: "0014".parse().unwrap(),
            published_inhabitants: 1,
            published_low_income: None,
            effect: 0.0,
        };
        let realised = Mobility {
            standing_correlation: 0.0,
            standing_rank_slope: 0.0,
            sibling_correlation: None,
            outcome_rank_slope: 0.0,
            bottom_persistence: 0.0,
            bottom_to_top: 0.0,
            fifths: [[0.0; 5]; 5],
            municipalities: vec![OfMunicipality {
                code: place.code,
                children: 1,
                mean_rank: None,
                mean_rank_lower_half: None,
            }],
        };
        mobility(rules, &[place], &realised)
    }

    #[test]
    fn without_trap_and_places_outcome_is_standing() {
        // What thousand slices leave: the slope of ranks on middles of slices differs in the sixth digit.
        const TOLERANCE: f64 = 1e-4;
        let rules = Inheritance { trap_chance: 0.0, ..Inheritance::default() };
        let truth = expected(&rules);
        assert!((truth.outcome_rank_slope - truth.standing_rank_slope).abs() < TOLERANCE, "{truth:?}");
        for row in truth.fifths {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert!((truth.fifths[0][0] - truth.fifths[4][4]).abs() < 1e-9, "the normal law is symmetric");
    }

    #[test]
    fn independence_gives_equal_fifths_and_no_slope() {
        let rules = Inheritance { parents: 0.0, trap_chance: 0.0, ..Inheritance::default() };
        let truth = expected(&rules);
        assert!(truth.outcome_rank_slope.abs() < 1e-12);
        assert!(truth.fifths.iter().flatten().all(|cell| (cell - 0.2).abs() < 1e-9));
    }

    #[test]
    fn a_trap_without_inheritance_is_seen_at_the_bottom_only() {
        // A trap of five deviations that catches every child of the lowest tenth: they are the lowest tenth.
        let rules = Inheritance { parents: 0.0, trap_chance: 1.0, trap_depth: 5.0, ..Inheritance::default() };
        let truth = expected(&rules);
        // Of the lowest fifth one half is trapped and in the lowest fifth; of the other half, as of everybody not
        // trapped, one in nine: (0.5 + 0.5 / 9). Overlap of the two laws is below 1e-2 of them.
        assert!((truth.bottom_persistence - (0.5 + 0.5 / 9.0)).abs() < 0.005, "{}", truth.bottom_persistence);
    }

    #[test]
    fn mean_ranks_over_everybody_are_one_half() {
        // Whatever the law of outcome, ranks over everybody have the mean 1/2; slices lose less than 1e-4 of it.
        let lower = |truth: &Mobility| truth.municipalities[0].mean_rank_lower_half.unwrap();
        let rules = Inheritance { trap_chance: 0.5, trap_depth: 2.0, ..Inheritance::default() };
        let trapped = expected(&rules);
        assert!((trapped.municipalities[0].mean_rank.unwrap() - 0.5).abs() < 1e-4, "{trapped:?}");
        // Normal law: the mean rank given p is cdf(r p / sqrt(2 - r^2)); its mean over the lower half is
        // 1/2 - 2 asin(r / sqrt(2)) / (2 pi), by Sheppard's formula for two normals of correlation r / sqrt(2).
        let free = expected(&Inheritance { trap_chance: 0.0, ..Inheritance::default() });
        let exact = 0.5 - (0.45 / 2.0_f64.sqrt()).asin() / std::f64::consts::PI;
        assert!((lower(&free) - exact).abs() < 1e-4, "{} and {exact}", lower(&free));
        assert!(lower(&trapped) < exact);
    }
}
