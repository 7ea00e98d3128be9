use erflijn_core::CoreError;

use super::additive::{FamilyErrors, Members, centred, moments};
use super::siblings::{PairCorrelation, PairWeights, pair_correlation, pair_ratio};
use crate::MobilityError;
use crate::sampling::require_length;

/// Correlation of cousins over pairs: persons of one dynasty but of different families.
///
/// ```text
/// r = [ sum over pairs of w (y_i - m)(y_j - m) / sum over pairs of w ] / [ sum over persons of (y - m)^2 / n ]
/// ```
///
/// `family` numbers the parents, `dynasty` the grandparents whom cousins share; errors are over dynasties. Under
/// [`PairWeights::Persons`] each person who has cousins counts once, through the mean of the cousins; under
/// [`PairWeights::Families`] each dynasty that has cousins counts once.
///
/// What cousins share they have from the grandparents on, so that the correlation bounds how far advantage reaches
/// beyond the parents.
///
/// # Errors
/// [`MobilityError::FamilyInTwoDynasties`], [`MobilityError::NoPairs`], [`MobilityError::NotFinite`],
/// [`MobilityError::AllTied`], [`MobilityError::TooFewClusters`] for one dynasty; [`CoreError::NotDefinedFor`] under
/// [`FamilyErrors::NormalTheory`]; [`MobilityError::Core`] for unequal lengths.
///
/// # Complexity
/// O(n log n): pairs are never listed.
///
/// # Examples
/// ```
/// use erflijn_mobility::families::{FamilyErrors, PairWeights, cousin_correlation};
///
/// // Dynasties 1 (families 1, 2), 2 (3, 4) and 3 (5, 6), one child each. Mean 2, variance 4 / 6.
/// let (outcome, family) = ([1.0, 1.0, 3.0, 3.0, 2.0, 2.0], [1, 2, 3, 4, 5, 6]);
/// let alike =
///     cousin_correlation(&outcome, &family, &[1, 1, 2, 2, 3, 3], PairWeights::Pairs, FamilyErrors::Jackknife)?;
/// assert!((alike.correlation.value - 1.0).abs() < 1e-12); // products 1, 1, 0: mean 2 / 3
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Jaeger, 2012, American Sociological Review 77(6), 903-922, doi 10.1177/0003122412460591. Hallsten, 2014, Social
/// Forces 93(2), 753-781.
pub fn cousin_correlation(
    outcome: &[f64],
    family: &[u32],
    dynasty: &[u32],
    weights: PairWeights,
    errors: FamilyErrors,
) -> Result<PairCorrelation, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    require_length("dynasty", dynasty.len(), outcome.len())?;
    let outcome = centred("outcome", outcome)?;
    require_nested(family, dynasty)?;
    let members = Members::of(dynasty);
    let dynasties = members.families().map(|persons| {
        let mut own: Vec<(u32, u32)> =
            persons.iter().map(|&person| (family[person as usize], person)).collect();
        own.sort_unstable();
        let of = |family: &[(u32, u32)]| {
            let persons: Vec<u32> = family.iter().map(|(_, person)| *person).collect();
            moments(&outcome, &persons)
        };
        let families: Vec<(f64, f64, f64)> = own.chunk_by(|a, b| a.0 == b.0).map(of).collect();
        dynasty_sums(&families, weights)
    });
    pair_correlation(dynasties.collect(), cousin_pairs, errors)
}

fn cousin_pairs(sums: &[f64; 7]) -> Result<f64, MobilityError> {
    pair_ratio(sums, "cousins")
}

/// Sums of a dynasty from number, sum and squares of each family.
fn dynasty_sums(families: &[(f64, f64, f64)], weights: PairWeights) -> [f64; 7] {
    let all =
        families.iter().fold((0.0, 0.0, 0.0), |(n, s, q), family| (n + family.0, s + family.1, q + family.2));
    let (n, sum, squares) = all;
    // Each family with the rest of the dynasty meets every pair twice.
    let (mut products, mut both, mut weight, mut pairs) = (0.0, 0.0, 0.0, 0.0);
    for &(own, own_sum, _) in families {
        let (others, other_sum) = (n - own, sum - own_sum);
        if others > 0.5 {
            let share = if weights == PairWeights::Persons { 1.0 / others } else { 0.5 };
            products += share * own_sum * other_sum;
            both += share * (own_sum * others + other_sum * own);
            weight += share * own * others;
            pairs += 0.5 * own * others;
        }
    }
    if weights == PairWeights::Families && pairs > 0.0 {
        (products, both, weight) = (products / pairs, both / pairs, 1.0);
    }
    [n, sum, squares, products, both, weight, pairs]
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
