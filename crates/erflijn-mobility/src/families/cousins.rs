use erflijn_core::{CoreError, Weights};

use super::additive::{FamilyErrors, Members, Part, Spread, centred, group_weight, require_whole_groups};
use super::siblings::{PairCorrelation, PairPart, PairWeights, pair_correlation, pair_ratio};
use crate::MobilityError;
use crate::sampling::require_length;

/// Correlation of cousins over pairs: persons of one dynasty but of different families.
///
/// ```text
/// r = [ sum over pairs of v w (y_i - m)(y_j - m) / sum over pairs of v w ]
///     / [ sum over persons of v (y - m)^2 / sum over persons of v ]
/// ```
///
/// `v` is the inverse probability with which the dynasty came into the sample, 1 under [`Weights::Equal`]; all its members
/// came with it. `w` is the weight of a pair in its dynasty, and `m` the mean of all persons, weighted by `v`.
/// `family` numbers the parents, `dynasty` the grandparents whom cousins share; errors are over dynasties. Under
/// [`PairWeights::Persons`] each person who has cousins counts once, through the mean of the cousins; under
/// [`PairWeights::Families`] each dynasty that has cousins counts once.
///
/// What cousins share they have from the grandparents on, so that the correlation bounds how far advantage reaches
/// beyond the parents.
///
/// # Errors
/// [`MobilityError::FamilyInTwoDynasties`], [`MobilityError::NoPairs`], [`MobilityError::NotFinite`],
/// [`MobilityError::AllTied`], [`MobilityError::TooFewClusters`] for one dynasty; [`MobilityError::UnequalDynastyWeights`] for
/// members of one dynasty with different weights; [`CoreError::NotDefinedFor`] under [`FamilyErrors::NormalTheory`] and for
/// frequency weights; [`MobilityError::Core`] for unequal lengths or unusable weights.
///
/// # Complexity
/// O(n log n): pairs are never listed.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::families::{FamilyErrors, PairWeights, cousin_correlation};
///
/// // Dynasties 1 (families 1, 2), 2 (3, 4) and 3 (5, 6), one child each. Mean 2, variance 4 / 6.
/// let (outcome, family, dynasty) = ([1.0, 1.0, 3.0, 3.0, 2.0, 2.0], [1, 2, 3, 4, 5, 6], [1, 1, 2, 2, 3, 3]);
/// let (pairs, errors) = (PairWeights::Pairs, FamilyErrors::Jackknife);
/// let alike = cousin_correlation(&outcome, Weights::Equal, &family, &dynasty, pairs, errors)?;
/// assert!((alike.correlation.value - 1.0).abs() < 1e-12); // products 1, 1, 0: mean 2 / 3
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Jaeger, 2012, American Sociological Review 77(6), 903-922.
pub fn cousin_correlation(
    outcome: &[f64],
    weights: Weights<'_>,
    family: &[u32],
    dynasty: &[u32],
    pairs: PairWeights,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    require_length("dynasty", dynasty.len(), outcome.len())?;
    require_whole_groups(weights, outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    require_nested(family, dynasty)?;
    let of_dynasty = |persons: &[u32]| -> Result<_, MobilityError> {
        let v = group_weight(persons, weights)
            .ok_or_else(|| MobilityError::UnequalDynastyWeights { dynasty: dynasty[persons[0] as usize] })?;
        let mut own: Vec<(u32, u32)> =
            persons.iter().map(|&person| (family[person as usize], person)).collect();
        own.sort_unstable();
        let all = Spread::of(&outcome, persons);
        let of_family = |family: &[(u32, u32)]| {
            let deviations = family.iter().map(|(_, person)| outcome[*person as usize] - all.mean);
            (family.len() as f64, deviations.sum())
        };
        let families: Vec<(f64, f64)> = own.chunk_by(|a, b| a.0 == b.0).map(of_family).collect();
        let part = dynasty_part(all, &families, pairs);
        Ok((v > 0.0).then(|| PairPart { pairs: part.pairs, ..part.times(v) }))
    };
    let members = Members::of(dynasty);
    let dynasties = members.families().map(of_dynasty).collect::<Result<Vec<_>, _>>()?;
    pair_correlation(dynasties.into_iter().flatten().collect(), cousin_pairs, errors)
}

fn cousin_pairs(whole: &PairPart) -> Result<f64, MobilityError> {
    pair_ratio(whole, "cousins")
}

/// What a dynasty holds, from number and sum of deviations of each family.
fn dynasty_part(persons: Spread, families: &[(f64, f64)], weights: PairWeights) -> PairPart {
    let sum: f64 = families.iter().map(|family| family.1).sum();
    // Each family with the rest of the dynasty meets every pair twice.
    let mut part = PairPart { persons, weight: 0.0, products: 0.0, sums: 0.0, pairs: 0.0 };
    for &(own, own_sum) in families {
        let (others, other_sum) = (persons.weight - own, sum - own_sum);
        if others > 0.5 {
            let share = if weights == PairWeights::Persons { 1.0 / others } else { 0.5 };
            part.products += share * own_sum * other_sum;
            part.sums += share * (own_sum * others + other_sum * own);
            part.weight += share * own * others;
            part.pairs += 0.5 * own * others;
        }
    }
    if weights == PairWeights::Families && part.pairs > 0.0 {
        (part.products, part.sums, part.weight) = (part.products / part.pairs, part.sums / part.pairs, 1.0);
    }
    part
}

/// Families lie within dynasties.
pub(super) fn require_nested(family: &[u32], dynasty: &[u32]) -> Result<(), MobilityError> {
    let members = Members::of(family);
    for persons in members.families() {
        let first = dynasty[persons[0] as usize];
        if let Some(&other) = persons.iter().find(|&&person| dynasty[person as usize] != first) {
            let (family, second) = (family[other as usize], dynasty[other as usize]);
            return Err(MobilityError::FamilyInTwoDynasties { family, first, second });
        }
    }
    if family.is_empty() { Err(CoreError::EmptySample.into()) } else { Ok(()) }
}
