use erflijn_core::{Estimate, Weights};

use super::joint::{Joint, interleave};
use super::two_groups::{Influenced, TwoGroups};
use crate::MobilityError;
use crate::scale::Scaled;

/// Whose coefficients say what a difference in characteristics is worth, in a twofold decomposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ReferenceCoefficients {
    /// Those of the area.
    Area,
    /// Those of elsewhere.
    Elsewhere,
    /// Those of both together (Neumark 1988). Part of the difference between the groups leaks into what is explained.
    Pooled,
    /// Those of both together beside a column for the area, which keeps that part out (Jann 2008).
    PooledWithArea,
    /// The average of the two groups' coefficients, weighted by their sizes (Cotton 1988).
    Cotton,
}

/// A part of the gap between an area and elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum GapPart {
    /// Twofold: other characteristics, `(x_A - x_B) b*`.
    Explained,
    /// Twofold: other coefficients, `x_A (b_A - b*) + x_B (b* - b_B)`.
    Unexplained,
    /// Threefold: other characteristics at elsewhere's coefficients, `(x_A - x_B) b_B`.
    Endowments,
    /// Threefold: other coefficients at elsewhere's characteristics, `x_B (b_A - b_B)`.
    Coefficients,
    /// Threefold: both at once, `(x_A - x_B)(b_A - b_B)`.
    Interaction,
}

/// The gap in mean outcome between an area and elsewhere, in parts, after Blinder and Oaxaca.
///
/// ```text
/// A the area, B elsewhere;   y = x b + e by weighted least squares in each, x with an intercept
/// gap        y_A - y_B
/// twofold    (x_A - x_B) b*  +  [ x_A (b_A - b*) + x_B (b* - b_B) ],    b* of the reference
/// threefold  (x_A - x_B) b_B  +  x_B (b_A - b_B)  +  (x_A - x_B)(b_A - b_B)
/// ```
///
/// The parts add up to the gap exactly, and each is the sum of one contribution per coefficient. Errors are those of
/// stacked influence functions: characteristics are drawn too, not fixed, and families may have members in both groups.
/// The parts are those of statsmodels `OaxacaBlinder`, and as Jann defines them for Stata `oaxaca`, which takes the groups as
/// independent when it is given no clusters.
///
/// Contributions of dummies to the unexplained part and to coefficients depend on which category is left out; their sum
/// with the intercept does not. The explained part is a description, not what a policy would change.
///
/// # Units
/// Those of the outcome: shares for a poverty status of zeros and ones.
#[derive(Debug, Clone)]
pub struct GapDecomposition {
    /// Mean of the area, mean of elsewhere, then each part: its contributions, and their sum. The sum has an influence of
    /// its own, as contributions of a column far from 0 cancel.
    joint: Joint,
    parts: Vec<GapPart>,
    width: usize,
}

/// Two groups with the same regression.
#[derive(Debug, Clone, Copy)]
pub struct AreaAndElsewhere<'a> {
    /// The outcome, for instance 1 for poor and 0 for not.
    pub outcome: &'a [f64],
    /// Who belongs to the area.
    pub in_area: &'a [bool],
    /// Characteristics, one slice each.
    pub columns: &'a [&'a [f64]],
    /// How much each observation counts.
    pub weights: Weights<'a>,
    /// Families; one may have members in both groups.
    pub clusters: Option<&'a [u32]>,
}

/// Twofold decomposition of the gap; see [`GapDecomposition`].
///
/// # Errors
/// [`MobilityError::NobodyIn`] for an empty group; [`MobilityError::CollinearInGroup`] for group 1 (the area) or 0
/// (elsewhere); [`MobilityError::Collinear`] for the pooled regression; [`MobilityError::TooFewObservations`],
/// [`MobilityError::TooFewClusters`], [`MobilityError::NotFinite`]; [`MobilityError::Core`] for unequal lengths or
/// unusable weights.
///
/// # Complexity
/// O(n k^2).
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_mobility::heredity::{AreaAndElsewhere, GapPart, ReferenceCoefficients, blinder_oaxaca};
///
/// // Area: y = 1 + 2x at x 1, 2, 3. Elsewhere: y = 2x at x 0, 1, 2. Gap 5 - 2 = 3.
/// let sample = AreaAndElsewhere {
///     outcome: &[3.0, 5.0, 7.0, 0.0, 2.0, 4.0],
///     in_area: &[true, true, true, false, false, false],
///     columns: &[&[1.0, 2.0, 3.0, 0.0, 1.0, 2.0]],
///     weights: Weights::Equal,
///     clusters: None,
/// };
/// let parts = blinder_oaxaca(sample, ReferenceCoefficients::Elsewhere)?;
/// assert!((parts.gap().value - 3.0).abs() < 1e-12);
/// assert!((parts.part(GapPart::Explained).unwrap().value - 2.0).abs() < 1e-12); // (2 - 1) * 2
/// assert!((parts.part(GapPart::Unexplained).unwrap().value - 1.0).abs() < 1e-12); // the intercept
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
///
/// # References
/// Blinder, 1973, Journal of Human Resources 8(4), 436-455; Oaxaca, 1973, International Economic Review 14(3), 693-709;
/// Neumark, 1988, Journal of Human Resources 23(3), 279-295; Cotton, 1988, Review of Economics and Statistics 70(2),
/// 236-243; Jann, 2008, Stata Journal 8(4), 453-479.
pub fn blinder_oaxaca(
    sample: AreaAndElsewhere<'_>,
    reference: ReferenceCoefficients,
) -> Result<GapDecomposition, MobilityError> {
    let scaled = Scaled::of(sample.outcome, sample.weights);
    let sample = AreaAndElsewhere { outcome: &scaled.values, ..sample };
    let two = TwoGroups::fit(&sample)?;
    let star = two.reference(&sample, reference)?;
    let numbers = || 0..two.width();
    let explained = numbers().map(|j| two.endowments(j).times(&star[j]));
    let unexplained = numbers().map(|j| {
        let (a, b) = (&two.area, &two.elsewhere);
        let of_area = two.mean(a, j).times(&two.coefficient(a, j).minus(&star[j]));
        of_area.plus(&two.mean(b, j).times(&star[j].minus(&two.coefficient(b, j))))
    });
    let contributions = vec![explained.collect(), unexplained.collect()];
    let parts = vec![GapPart::Explained, GapPart::Unexplained];
    let GapDecomposition { joint, parts, width } = decomposition(&two, &sample, contributions, parts);
    Ok(GapDecomposition { joint: joint.in_unit(scaled.unit)?, parts, width })
}

/// Threefold decomposition of the gap, from the viewpoint of elsewhere; see [`GapDecomposition`].
///
/// # Errors
/// As [`blinder_oaxaca`].
///
/// # Complexity
/// O(n k^2).
///
/// # References
/// Jann, 2008, Stata Journal 8(4), 453-479, equation 2.
pub fn blinder_oaxaca_threefold(sample: AreaAndElsewhere<'_>) -> Result<GapDecomposition, MobilityError> {
    let scaled = Scaled::of(sample.outcome, sample.weights);
    let sample = AreaAndElsewhere { outcome: &scaled.values, ..sample };
    let two = TwoGroups::fit(&sample)?;
    let (a, b) = (&two.area, &two.elsewhere);
    let coefficients = |j| two.coefficient(a, j).minus(&two.coefficient(b, j));
    let numbers = || 0..two.width();
    let contributions = vec![
        numbers().map(|j| two.endowments(j).times(&two.coefficient(b, j))).collect(),
        numbers().map(|j| two.mean(b, j).times(&coefficients(j))).collect(),
        numbers().map(|j| two.endowments(j).times(&coefficients(j))).collect(),
    ];
    let parts = vec![GapPart::Endowments, GapPart::Coefficients, GapPart::Interaction];
    let GapDecomposition { joint, parts, width } = decomposition(&two, &sample, contributions, parts);
    Ok(GapDecomposition { joint: joint.in_unit(scaled.unit)?, parts, width })
}

fn decomposition(
    two: &TwoGroups<'_>,
    sample: &AreaAndElsewhere<'_>,
    contributions: Vec<Vec<Influenced>>,
    parts: Vec<GapPart>,
) -> GapDecomposition {
    let outcome = |i: usize| sample.outcome[i];
    let means = [two.mean_of(&two.area, outcome), two.mean_of(&two.elsewhere, outcome)];
    let with_sum = contributions.into_iter().zip(&parts).flat_map(|(mut contributions, part)| {
        let sum = contributions.iter().skip(1).fold(contributions[0].clone(), |sum, one| sum.plus(one));
        if matches!(part, GapPart::Unexplained | GapPart::Coefficients) {
            move_centres(two, &mut contributions);
        }
        contributions.push(sum);
        contributions
    });
    let (values, influences): (Vec<f64>, Vec<Vec<f64>>) =
        means.into_iter().chain(with_sum).map(|one| (one.value, one.influence)).unzip();
    let joint = Joint::new(values, &interleave(&influences), &two.sampling);
    GapDecomposition { joint, parts, width: two.width() }
}

/// Turns contributions of other coefficients of columns about their centres into those of the columns as they are: the
/// centre of a column, times the difference of its coefficients, moves from the intercept to the column.
fn move_centres(two: &TwoGroups<'_>, contributions: &mut [Influenced]) {
    for (j, &centre) in two.centres.iter().enumerate().filter(|(_, centre)| centre.abs() > 0.0) {
        let difference = two.coefficient(&two.area, j).minus(&two.coefficient(&two.elsewhere, j));
        let moved = difference.scaled(centre);
        contributions[j] = contributions[j].plus(&moved);
        contributions[0] = contributions[0].minus(&moved);
    }
}

impl GapDecomposition {
    /// Mean outcome in the area.
    #[must_use]
    pub fn mean_in_area(&self) -> Estimate {
        self.joint.get(0)
    }

    /// Mean outcome elsewhere.
    #[must_use]
    pub fn mean_elsewhere(&self) -> Estimate {
        self.joint.get(1)
    }

    /// Mean of the area less mean of elsewhere.
    #[must_use]
    pub fn gap(&self) -> Estimate {
        let mut difference = vec![0.0; self.joint.values.len()];
        (difference[0], difference[1]) = (1.0, -1.0);
        self.joint.combine(&difference)
    }

    /// A part of the gap; `None` when this decomposition has no such part.
    #[must_use]
    pub fn part(&self, part: GapPart) -> Option<Estimate> {
        let place = self.parts.iter().position(|own| *own == part)?;
        Some(self.joint.get(2 + place * (self.width + 1) + self.width))
    }

    /// What some coefficients contribute to a part, together: one column, or all dummies of a characteristic. The intercept
    /// is number 0.
    ///
    /// `None` when there is no such part or coefficient.
    #[must_use]
    pub fn contribution(&self, part: GapPart, coefficients: &[usize]) -> Option<Estimate> {
        let place = self.parts.iter().position(|own| *own == part)?;
        let mut sum = vec![0.0; self.joint.values.len()];
        for &coefficient in coefficients {
            if coefficient >= self.width {
                return None;
            }
            sum[2 + place * (self.width + 1) + coefficient] = 1.0;
        }
        Some(self.joint.combine(&sum))
    }
}
