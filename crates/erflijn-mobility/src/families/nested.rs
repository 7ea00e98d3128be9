use erflijn_core::{CoreError, Estimate};

use super::additive::{Additive, FamilyErrors, Members, Part, Spread, centred};
use super::cousins::require_nested;
use crate::MobilityError;
use crate::sampling::require_length;

/// Correlations of cousins and of siblings by one analysis of variance, families within dynasties.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NestedAnova {
    /// Correlation of cousins, `s_d^2 / (s_d^2 + s_f^2 + s_e^2)`.
    pub cousins: Estimate,
    /// Correlation of siblings, `(s_d^2 + s_f^2) / (s_d^2 + s_f^2 + s_e^2)`.
    pub siblings: Estimate,
    /// `s_d^2`: variance between dynasties; below 0 when cousins differ more than strangers.
    pub dynasty_variance: f64,
    /// `s_f^2`: variance between families of a dynasty; below 0 when siblings differ more than cousins.
    pub family_variance: f64,
    /// `s_e^2`: variance within families.
    pub within_variance: f64,
    /// Dynasties, those of one family included.
    pub dynasties: usize,
    /// Families, those of one member included.
    pub families: usize,
}

/// Correlations of cousins and of siblings by analysis of variance, for dynasties and families of unequal size.
///
/// What cousins share is the variance between dynasties, what siblings share beyond it that between families of a
/// dynasty. Mean squares are set equal to what is expected of them:
///
/// ```text
/// y = m + d + f + e,   of a dynasties with n_i members, b families with n_ij, N persons
/// E MSE = s_e^2,       MSE = sum of (y - mean_ij)^2 / (N - b)
/// E MSF = s_e^2 + k1 s_f^2,               MSF = sum of n_ij (mean_ij - mean_i)^2 / (b - a)
/// E MSD = s_e^2 + k2 s_f^2 + k3 s_d^2,    MSD = sum of n_i (mean_i - mean)^2 / (a - 1)
/// k1 = (N - S) / (b - a),   k2 = (S - sum of n_ij^2 / N) / (a - 1),   S = sum of n_ij^2 / n_i
/// k3 = (N - sum of n_i^2 / N) / (a - 1)
/// ```
///
/// Estimates below 0 are reported. With one size of dynasties and of families this is what restricted likelihood finds, as R
/// `lme4::lmer(y ~ 1 + (1 | dynasty / family))` does where no variance is below 0. Errors are over dynasties.
///
/// # Units
/// Correlations; variances are in squared units of the outcome.
///
/// # Errors
/// [`MobilityError::NoPairs`] without cousins, or without siblings; [`MobilityError::FamilyInTwoDynasties`],
/// [`MobilityError::NotFinite`], [`MobilityError::AllTied`], [`MobilityError::TooFewClusters`] for one dynasty;
/// [`CoreError::NotDefinedFor`] under [`FamilyErrors::NormalTheory`]; [`MobilityError::Core`] for unequal lengths or an
/// empty sample.
///
/// # Complexity
/// O(n log n); the jackknife adds O(dynasties), the bootstrap as much for each replicate.
///
/// # Examples
/// ```
/// use erflijn_mobility::families::{FamilyErrors, nested_correlations};
///
/// // Three dynasties of two families of two: k1 = 2, k2 = 2, k3 = 4.
/// let outcome = [1.0, 3.0, 3.0, 5.0, 6.0, 8.0, 10.0, 8.0, 2.0, 4.0, 5.0, 5.0];
/// let (family, dynasty) = ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
/// let found = nested_correlations(&outcome, &family, &dynasty, FamilyErrors::Jackknife)?;
/// // Means of dynasties 3, 8, 4: MSD = 4 (4 + 9 + 1) / 2 = 28. Families 1, 1 and 1 apart about them: MSF = 12 / 3 = 4.
/// // Within, five pairs 2 apart: MSE = 10 / 6. So s_f^2 = (4 - 5/3) / 2 = 7/6 and s_d^2 = (28 - 4) / 4 = 6.
/// assert!((found.cousins.value - 36.0 / 53.0).abs() < 1e-12); // 6 / (6 + 7/6 + 5/3)
/// assert!((found.siblings.value - 43.0 / 53.0).abs() < 1e-12);
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Searle, Casella and McCulloch, 1992, Variance Components, Wiley, for the expected mean squares.
pub fn nested_correlations(
    outcome: &[f64],
    family: &[u32],
    dynasty: &[u32],
    errors: FamilyErrors,
) -> Result<NestedAnova, MobilityError> {
    require_length("family", family.len(), outcome.len())?;
    require_length("dynasty", dynasty.len(), outcome.len())?;
    if errors == FamilyErrors::NormalTheory {
        let (method, feature) = ("normal theory", "nested analysis of variance");
        return Err(CoreError::NotDefinedFor { method, feature }.into());
    }
    let outcome = centred("outcome", outcome)?;
    require_nested(family, dynasty)?;
    let members = Members::of(dynasty);
    let dynasties: Vec<NestedPart> =
        members.families().map(|persons| NestedPart::of(&outcome, persons, family)).collect();
    let of_cousins = Additive { families: dynasties.clone(), statistic: cousin_share };
    let whole = of_cousins.whole()?;
    let [dynasty_variance, family_variance, within_variance] = components(&whole)?;
    let (cousins, number) = (of_cousins.estimate(errors)?, dynasties.len());
    let of_siblings = Additive { families: dynasties, statistic: sibling_share };
    Ok(NestedAnova {
        cousins,
        siblings: of_siblings.estimate(errors)?,
        dynasty_variance,
        family_variance,
        within_variance,
        dynasties: number,
        families: whole.families.round() as usize,
    })
}

/// What dynasties hold for the analysis of variance.
#[derive(Debug, Clone, Copy)]
struct NestedPart {
    dynasties: f64,
    families: f64,
    /// Sum of squared deviations from the mean of the own family.
    within: f64,
    /// Of the means of families from that of their dynasty, each as often as it has members.
    between_families: f64,
    /// Means of dynasties, each as often as it has members.
    means: Spread,
    /// Sum of squared sizes of families, of the same over the size of the dynasty, and of dynasties.
    family_sizes: f64,
    relative_sizes: f64,
    dynasty_sizes: f64,
}

impl NestedPart {
    fn of(outcome: &[f64], persons: &[u32], family: &[u32]) -> Self {
        let mut own = persons.to_vec();
        own.sort_unstable_by_key(|&person| (family[person as usize], person));
        let same = |a: &u32, b: &u32| family[*a as usize] == family[*b as usize];
        let families: Vec<Spread> = own.chunk_by(same).map(|own| Spread::of(outcome, own)).collect();
        let means = families.iter().map(|own| Spread { squares: 0.0, ..*own }).reduce(Spread::joined);
        let all = means.unwrap_or(Spread { weight: 0.0, mean: 0.0, squares: 0.0 });
        let family_sizes: f64 = families.iter().map(|own| own.weight * own.weight).sum();
        Self {
            dynasties: 1.0,
            families: families.len() as f64,
            within: families.iter().map(|own| own.squares).sum(),
            between_families: all.squares,
            means: Spread { squares: 0.0, ..all },
            family_sizes,
            relative_sizes: family_sizes / all.weight,
            dynasty_sizes: all.weight * all.weight,
        }
    }
}

impl Part for NestedPart {
    fn joined(self, other: Self) -> Self {
        Self {
            dynasties: self.dynasties + other.dynasties,
            families: self.families + other.families,
            within: self.within + other.within,
            between_families: self.between_families + other.between_families,
            means: self.means.joined(other.means),
            family_sizes: self.family_sizes + other.family_sizes,
            relative_sizes: self.relative_sizes + other.relative_sizes,
            dynasty_sizes: self.dynasty_sizes + other.dynasty_sizes,
        }
    }

    fn times(self, number: f64) -> Self {
        Self {
            dynasties: number * self.dynasties,
            families: number * self.families,
            within: number * self.within,
            between_families: number * self.between_families,
            means: self.means.times(number),
            family_sizes: number * self.family_sizes,
            relative_sizes: number * self.relative_sizes,
            dynasty_sizes: number * self.dynasty_sizes,
        }
    }
}

/// Variances between dynasties, between families of a dynasty, and within families.
fn components(whole: &NestedPart) -> Result<[f64; 3], MobilityError> {
    let (dynasties, families, persons) = (whole.dynasties, whole.families, whole.means.weight);
    if dynasties < 1.5 {
        return Err(MobilityError::TooFewClusters { found: dynasties.round() as usize });
    }
    for (relation, freedom) in [("cousins", families - dynasties), ("siblings", persons - families)] {
        if freedom < 0.5 {
            return Err(MobilityError::NoPairs { relation });
        }
    }
    let within = whole.within / (persons - families);
    let between = whole.between_families / (families - dynasties);
    let among = whole.means.squares / (dynasties - 1.0);
    let k1 = (persons - whole.relative_sizes) / (families - dynasties);
    let k2 = (whole.relative_sizes - whole.family_sizes / persons) / (dynasties - 1.0);
    let k3 = (persons - whole.dynasty_sizes / persons) / (dynasties - 1.0);
    let of_families = (between - within) / k1;
    Ok([(among - within - k2 * of_families) / k3, of_families, within])
}

fn cousin_share(whole: &NestedPart) -> Result<f64, MobilityError> {
    let [dynasty, family, within] = components(whole)?;
    share(dynasty, dynasty + family + within)
}

fn sibling_share(whole: &NestedPart) -> Result<f64, MobilityError> {
    let [dynasty, family, within] = components(whole)?;
    share(dynasty + family, dynasty + family + within)
}

fn share(part: f64, all: f64) -> Result<f64, MobilityError> {
    if all > 0.0 { Ok(part / all) } else { Err(MobilityError::AllTied { name: "outcome" }) }
}
