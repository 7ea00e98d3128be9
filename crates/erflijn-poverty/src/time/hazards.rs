use std::cmp::Ordering;

use erflijn_core::{Estimate, Linearised, StandardError, Weights};

use super::share::{Sampling, Share, not_alike, sum_above_rounding};
use super::spells::{SpellEdge, row_spells};
use super::{Horizon, SpellKind, StatusPanel};
use crate::PovertyError;

/// Chances that a spell ends, by the years it has lasted, and of its surviving: the life table of spells
/// whose start is observed.
///
/// Spells of poverty give exit; spells out of poverty that follow an exit give re-entry. Spells already
/// running when observation starts have an unknown duration and are not in the table.
///
/// ```text
/// R_d   weight of spells that have lasted d years and whose next year is observed
/// E_d   weight of those that end then
/// h_d = E_d / R_d,   S_d = product over j <= d of (1 - h_j)        (Kaplan-Meier, discrete time)
/// Greenwood   var S_d = S_d^2 sum over j <= d of E_j / (R_j (R_j - E_j))
/// robust      var S_d = S_d^2 sum over persons of w_i^2 (sum over j <= d of (e_ij - r_ij h_j) / (R_j - E_j))^2
/// ```
///
/// Greenwood takes spells as independent. The robust error takes all spells of a person together and holds
/// for probability weights; with frequency weights `w_i` stands in place of `w_i^2`. R `survfit` on spells
/// agrees with both (`robust = TRUE, id = person`), when a spell that runs into the end of
/// observation after `d` years is given the time `d - 1`: its `d`th chance to end was not seen.
///
/// # Units
/// Durations in years; hazards and survival are shares in `0..=1`.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{HazardTable, SpellKind, StatusPanel};
///
/// let (poor, not) = (Ok(true), Ok(false));
/// let panel = StatusPanel::from_rows(2010, 4, [
///     [not, poor, not, not],   // ends after one year
///     [not, poor, poor, not],  // ends after two
///     [not, poor, poor, poor], // survives two years, the end of the third is not seen
///     [poor, poor, not, not],  // its start is not seen
/// ])?;
/// let table = HazardTable::new(&panel, Weights::Equal, SpellKind::Poverty)?;
/// let survival: Vec<f64> = table.rows.iter().map(|row| row.survival).collect();
/// assert!((survival[0] - 2.0 / 3.0).abs() < 1e-12 && (survival[1] - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Kaplan and Meier, 1958, JASA 53(282), 457-481, doi 10.1080/01621459.1958.10501452.
/// Bane and Ellwood, 1986, Journal of Human Resources 21(1), 1-23, doi 10.2307/145955.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HazardTable {
    /// Which spells.
    pub kind: SpellKind,
    /// One row per duration, from one year up, as far as a spell is at risk.
    pub rows: Vec<HazardRow>,
    sums: Sums,
}

/// One duration of a [`HazardTable`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HazardRow {
    /// Years that the spells have lasted.
    pub duration: usize,
    /// The hazard: numerator exits, denominator spells at risk.
    pub hazard: Share,
    /// Share of spells that last longer than `duration` years.
    pub survival: f64,
    /// Survival with Greenwood's error; `None` with probability weights, and once no spell is left.
    pub greenwood: Option<Estimate>,
    /// Survival with the error of persons as clusters; `None` for fewer than two persons, and once no spell
    /// is left.
    pub robust: Option<Estimate>,
}

impl HazardTable {
    /// The table of a panel, in the population of multi-year rates. Without spells it has no rows.
    ///
    /// # Errors
    /// [`PovertyError::Core`] for weights that do not fit the panel.
    ///
    /// # Complexity
    /// O(persons * years), and for persons with a spell the square of its length.
    pub fn new(panel: &StatusPanel, weights: Weights<'_>, kind: SpellKind) -> Result<Self, PovertyError> {
        weights.check(panel.persons())?;
        let mut sums = Sums { sampling: Sampling::of(weights), hazards: Vec::new(), products: Vec::new() };
        for_each_person(panel, weights, kind, |_, weight, chances| sums.add(weight, chances));
        Ok(Self { kind, rows: sums.rows(), sums })
    }

    /// Adds the spells of other persons: the table is that of both panels together.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when the kinds of spells or of weights differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        if self.kind != other.kind {
            return Err(not_alike("one has spells of poverty, the other spells out of it"));
        }
        self.sums.merge(&other.sums)?;
        self.rows = self.sums.rows();
        Ok(())
    }

    /// The row of a duration; `None` when no spell is at risk then.
    #[must_use]
    pub fn duration(&self, years: usize) -> Option<&HazardRow> {
        self.rows.get(years.checked_sub(1)?)
    }

    /// The shortest duration by which at least half of the spells have ended; `None` when observation is
    /// too short to say.
    ///
    /// With equal and frequency weights the product of survivors over spells at risk is compared with a half in
    /// whole numbers; with probability weights a survival within `1e-12` of a half is a half.
    #[must_use]
    pub fn median_duration(&self) -> Option<usize> {
        const ROUNDING: f64 = 1e-12;
        let is_half = |row: &HazardRow| {
            let near = (row.survival - 0.5).abs() <= ROUNDING;
            let exact = near && self.sums.sampling == Sampling::Replication;
            if exact { self.at_most_half(row.duration) } else { near || row.survival < 0.5 }
        };
        self.rows.iter().find(|row| is_half(row)).map(|row| row.duration)
    }

    /// Whether `2 (R_1 - E_1) (R_2 - E_2) ... <= R_1 R_2 ...`, in whole numbers.
    fn at_most_half(&self, duration: usize) -> bool {
        let (mut survivors, mut at_risk) = (Whole::new(2), Whole::new(1));
        for hazard in &self.sums.hazards[..duration] {
            let (all, ends) = (hazard.denominator(), hazard.numerator());
            survivors.multiply((all - ends) as u64);
            at_risk.multiply(all as u64);
        }
        survivors <= at_risk
    }
}

/// Survival beyond a duration, with what each person contributes to its error under a survey design.
///
/// ```text
/// variable_i = - S_d sum over j <= d of (e_ij - r_ij h_j) / (R_j - E_j)
/// ```
///
/// Persons without a spell at risk keep their place and contribute nothing. Symbols as in [`HazardTable`],
/// whose robust error is that of persons drawn independently.
///
/// # Units
/// Share in `0..=1`.
///
/// # Errors
/// [`PovertyError::Core`] for weights that do not fit the panel; [`PovertyError::Undefined`] when no spell
/// is at risk at `duration`, or none is left after it.
///
/// # Complexity
/// O(persons * years), two passes.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::time::{SpellKind, StatusPanel, survival_linearised};
///
/// let (poor, not) = (Ok(true), Ok(false));
/// let panel = StatusPanel::from_rows(2010, 3, [[not, poor, not], [not, poor, poor]])?;
/// let survival = survival_linearised(&panel, Weights::Equal, SpellKind::Poverty, 1)?;
/// assert_eq!((survival.value, survival.variable), (0.5, vec![-0.25, 0.25]));
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
pub fn survival_linearised(
    panel: &StatusPanel,
    weights: Weights<'_>,
    kind: SpellKind,
    duration: usize,
) -> Result<Linearised, PovertyError> {
    let table = HazardTable::new(panel, weights, kind)?;
    let value = table.duration(duration).map_or(0.0, |row| row.survival);
    if value <= 0.0 {
        let reason = "no spell is at risk at this duration, or none is left after it";
        return Err(PovertyError::Undefined { measure: "linearised survival", reason });
    }
    let mut variable = vec![0.0; panel.persons()];
    for_each_person(panel, weights, kind, |person, _, chances| {
        let influence = |(chance, hazard): (&Chance, &Share)| {
            let (at_risk, ends) = (hazard.denominator(), hazard.numerator());
            (f64::from(chance.ends) - f64::from(chance.at_risk) * ends / at_risk) / (at_risk - ends)
        };
        let hazards = &table.sums.hazards[..duration];
        variable[person] = -value * chances.iter().zip(hazards).map(influence).sum::<f64>();
    });
    Ok(Linearised { value, variable })
}

/// A whole number of any size: digits of 32 bits, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Whole(Vec<u32>);

impl Whole {
    fn new(digit: u32) -> Self {
        Self(vec![digit])
    }

    fn multiply(&mut self, factor: u64) {
        let mut carried: u128 = 0;
        for digit in &mut self.0 {
            carried += u128::from(*digit) * u128::from(factor);
            *digit = carried as u32;
            carried >>= 32;
        }
        while carried > 0 {
            self.0.push(carried as u32);
            carried >>= 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl PartialOrd for Whole {
    /// By number of digits, then from the highest down.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let by_size = self.0.len().cmp(&other.0.len());
        Some(by_size.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())))
    }
}

/// One person's spells at one duration.
#[derive(Debug, Clone, Copy, Default)]
struct Chance {
    at_risk: u32,
    ends: u32,
}

/// Visits the chances by duration of everybody who has a spell with an observed start.
fn for_each_person(
    panel: &StatusPanel,
    weights: Weights<'_>,
    kind: SpellKind,
    mut visit: impl FnMut(usize, f64, &[Chance]),
) {
    let mut chances = vec![Chance::default(); panel.years()];
    panel.for_each_row(Horizon::MultiYear, |person, row| {
        let weight = weights.get(person);
        let mut longest = 0;
        for spell in row_spells(row, kind).filter(|spell| spell.start == SpellEdge::Observed) {
            let ends = spell.end == SpellEdge::Observed;
            let seen = spell.years() - usize::from(!ends);
            chances[..seen].iter_mut().for_each(|chance| chance.at_risk += 1);
            chances[spell.years() - 1].ends += u32::from(ends);
            longest = longest.max(seen);
        }
        if longest > 0 && weight > 0.0 {
            visit(person, weight, &chances[..longest]);
        }
        chances[..longest].fill(Chance::default());
    });
}

/// What a life table rests on; sums of two panels are those of both together.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Sums {
    sampling: Sampling,
    hazards: Vec<Share>,
    /// For durations `j` and `k <= j`, sums over persons of `q (e_j e_k, e_j r_k, r_j e_k, r_j r_k)`: with them
    /// the squared influences are known once the hazards are, without seeing anybody twice.
    products: Vec<Vec<[f64; 4]>>,
}

impl Sums {
    fn grow(&mut self, durations: usize) {
        while self.hazards.len() < durations {
            self.hazards.push(Share::new(self.sampling));
            self.products.push(vec![[0.0; 4]; self.hazards.len()]);
        }
    }

    fn add(&mut self, weight: f64, chances: &[Chance]) {
        self.grow(chances.len());
        let square = self.sampling.square(weight);
        for (j, (now, row)) in chances.iter().zip(&mut self.products).enumerate() {
            self.hazards[j].add(now.ends, now.at_risk, weight);
            let (e, r) = (square * f64::from(now.ends), square * f64::from(now.at_risk));
            for (cell, before) in row.iter_mut().zip(chances) {
                let (f, s) = (f64::from(before.ends), f64::from(before.at_risk));
                for (sum, product) in cell.iter_mut().zip([e * f, e * s, r * f, r * s]) {
                    *sum += product;
                }
            }
        }
    }

    fn merge(&mut self, other: &Self) -> Result<(), PovertyError> {
        if self.sampling != other.sampling {
            return Err(not_alike("only one of them has probability weights"));
        }
        self.grow(other.hazards.len());
        for (hazard, more) in self.hazards.iter_mut().zip(&other.hazards) {
            hazard.merge(more)?;
        }
        let cells =
            self.products.iter_mut().zip(&other.products).flat_map(|(row, more)| row.iter_mut().zip(more));
        for (cell, more) in cells {
            cell.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    }

    fn rows(&self) -> Vec<HazardRow> {
        let (mut survival, mut greenwood_sum, mut robust_sum, mut robust_terms) = (1.0, 0.0, 0.0, 0.0);
        let one_person = self.hazards.first().is_none_or(|hazard| hazard.persons() < 2.0);
        (1..)
            .zip(&self.hazards)
            .map(|(duration, hazard)| {
                let (at_risk, ends) = (hazard.denominator(), hazard.numerator());
                survival *= (at_risk - ends) / at_risk;
                greenwood_sum += ends / (at_risk * (at_risk - ends));
                let (added, terms) = self.added_spread(duration - 1);
                robust_sum += added;
                robust_terms += terms;
                let with_error = |variance: f64, method| {
                    let standard_error = survival * variance.sqrt();
                    (survival > 0.0).then_some(Estimate { value: survival, standard_error, method })
                };
                let greenwood = match self.sampling {
                    Sampling::Replication => with_error(greenwood_sum, StandardError::Binomial),
                    Sampling::Probability => None,
                };
                let robust = (!one_person)
                    .then(|| sum_above_rounding(robust_sum, robust_terms))
                    .and_then(|variance| with_error(variance, StandardError::Linearised));
                HazardRow { duration, hazard: *hazard, survival, greenwood, robust }
            })
            .collect()
    }

    /// What duration `j` adds to the sum over persons of the squared influence on the logarithm of survival,
    /// and the size of the terms of which that is the difference.
    fn added_spread(&self, j: usize) -> (f64, f64) {
        let parts = |hazard: &Share| {
            let (at_risk, ends) = (hazard.denominator(), hazard.numerator());
            (ends / at_risk, at_risk - ends)
        };
        let (h, survivors) = parts(&self.hazards[j]);
        let (mut sum, mut size) = (0.0, 0.0);
        for (k, [ee, er, re, rr]) in self.products[j].iter().enumerate() {
            let (g, others) = parts(&self.hazards[k]);
            let times = if k == j { 1.0 } else { 2.0 };
            let scale = times / (survivors * others);
            sum += scale * (ee - g * er - h * re + h * g * rr);
            size += scale * (ee + g * er + h * re + h * g * rr);
        }
        (sum, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn_core::Missing;

    /// A handful of operations on small numbers.
    const ROUNDING: f64 = 1e-14;

    #[test]
    fn a_life_table_worked_by_hand() {
        let (poor, not, away) = (Ok(true), Ok(false), Err(Missing::Unknown));
        let rows = [
            [not, poor, not, poor, poor], // ends at 1; second spell survives 1, then the panel ends
            [not, poor, poor, not, not],  // ends at 2
            [not, poor, poor, poor, away], // survives 2, censored by the gap
            [poor, poor, poor, poor, not], // start not seen
            [away, poor, not, not, not],  // start not seen
        ];
        let panel = StatusPanel::from_rows(2000, 5, rows).unwrap();
        let table = HazardTable::new(&panel, Weights::Equal, SpellKind::Poverty).unwrap();
        // d = 1: four spells at risk, one ends. d = 2: two at risk, one ends. S: 3/4, 3/8.
        let seen: Vec<_> = table
            .rows
            .iter()
            .map(|row| (row.duration, row.hazard.denominator(), row.hazard.numerator(), row.survival))
            .collect();
        assert_eq!(seen, [(1, 4.0, 1.0, 0.75), (2, 2.0, 1.0, 0.375)]);
        assert_eq!((table.median_duration(), table.duration(3), table.duration(0)), (Some(2), None, None));
        // Greenwood: 1/(4 * 3) = 1/12, then + 1/(2 * 1) = 7/12.
        let errors: Vec<f64> = table.rows.iter().map(|row| row.greenwood.unwrap().standard_error).collect();
        assert!((errors[0] - 0.75 * (1.0_f64 / 12.0).sqrt()).abs() < ROUNDING);
        assert!((errors[1] - 0.375 * (7.0_f64 / 12.0).sqrt()).abs() < ROUNDING);
        // Influences on log S_1 (h = 1/4, three survivors): (1 - 2/4)/3, -1/12, -1/12: squares 6/144.
        let robust = table.rows[0].robust.unwrap().standard_error;
        assert!((robust - 0.75 * (6.0_f64 / 144.0).sqrt()).abs() < ROUNDING);
    }

    #[test]
    fn an_exact_half_is_the_median() {
        let (poor, not) = (Ok(true), Ok(false));
        // Of n spells m survive the first year and n / 2 the second: S_2 is a half, whatever m / n * (n / 2 / m)
        // is in binary. With n + 1 survivors of 2 n + 1 it is above.
        for n in (2..80).step_by(2) {
            for m in n / 2..=n {
                let spells = |late: usize| {
                    (0..n + usize::from(late > n / 2)).map(move |i| {
                        if i < late {
                            [not, poor, poor, poor, poor]
                        } else if i < m {
                            [not, poor, poor, not, not]
                        } else {
                            [not, poor, not, not, not]
                        }
                    })
                };
                let panel = StatusPanel::from_rows(2000, 5, spells(n / 2)).unwrap();
                let expected = Some(if m > n / 2 { 2 } else { 1 });
                for scale in [1.0, 0.1, 1.0 / 3.0] {
                    let weights = vec![scale; n];
                    let weights = if scale < 1.0 { Weights::Probability(&weights) } else { Weights::Equal };
                    let table = HazardTable::new(&panel, weights, SpellKind::Poverty).unwrap();
                    assert_eq!(table.median_duration(), expected, "{n} spells, {m} after a year, {scale}");
                }
                let more = StatusPanel::from_rows(2000, 5, spells(n / 2 + 1)).unwrap();
                let table = HazardTable::new(&more, Weights::Equal, SpellKind::Poverty).unwrap();
                assert_eq!(table.median_duration(), None);
            }
        }
    }

    #[test]
    fn whole_numbers_multiply_and_compare() {
        let product = |factors: &[u64]| {
            let mut whole = Whole::new(1);
            factors.iter().for_each(|factor| whole.multiply(*factor));
            whole
        };
        // (2^64 - 1)^2 = 2^128 - 2^65 + 1.
        assert_eq!(product(&[u64::MAX, u64::MAX]).0, [1, 0, 0xFFFF_FFFE, 0xFFFF_FFFF]);
        assert!(product(&[1 << 40, 3]) < product(&[1 << 41, 2]) && product(&[0, 5]) < product(&[1]));
        assert_eq!(product(&[6, 35]), product(&[10, 21]));
    }

    #[test]
    fn no_error_is_given_where_no_spell_is_left_or_one_person_speaks() {
        let (poor, not) = (Ok(true), Ok(false));
        let panel = StatusPanel::from_rows(2000, 3, [[not, poor, not], [not, poor, not]]).unwrap();
        let table = HazardTable::new(&panel, Weights::Equal, SpellKind::Poverty).unwrap();
        assert_eq!(table.rows[0].survival.to_bits(), 0.0_f64.to_bits());
        assert_eq!((table.rows[0].greenwood, table.rows[0].robust), (None, None));
        let again = HazardTable::new(&panel, Weights::Equal, SpellKind::OutOfPoverty).unwrap();
        assert!(again.rows.is_empty(), "one year out of poverty, whose next year is not seen");
        let panel = StatusPanel::from_rows(2000, 4, [[not, poor, poor, not]]).unwrap();
        let table = HazardTable::new(&panel, Weights::Probability(&[2.5]), SpellKind::Poverty).unwrap();
        assert_eq!((table.rows[0].greenwood, table.rows[0].robust), (None, None));
    }

    #[test]
    fn persons_who_do_not_differ_have_no_error() {
        // Each has a spell that ends after one year and one that does not: e - r h = 1 - 2 / 2 = 0 for all.
        let (poor, not) = (Ok(true), Ok(false));
        let panel = StatusPanel::from_rows(2000, 6, [[not, poor, not, poor, poor, not]; 4]).unwrap();
        let weights = Weights::Probability(&[0.1, 0.7, 3.3, 0.3]);
        let table = HazardTable::new(&panel, weights, SpellKind::Poverty).unwrap();
        assert_eq!(table.rows[0].robust.map(|estimate| estimate.standard_error), Some(0.0));
    }
}
