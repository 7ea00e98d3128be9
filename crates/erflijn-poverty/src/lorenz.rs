use erflijn_core::{CompensatedSum, Linearised};

use crate::{Parade, PovertyError};

const MEASURE: &str = "Lorenz curve";

/// Lorenz curve: the share of all income that the poorest share of people has.
///
/// Between the points, one per distinct income, it is a straight line. With negative incomes it first falls
/// below zero.
///
/// # Units
/// Shares in `0..=1` along; shares of income up, or income per head for the generalised curve.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{LorenzCurve, Parade, Sample};
///
/// let curve = LorenzCurve::new(&Parade::new(Sample::new(&[1.0, 2.0, 7.0], Weights::Equal)?)?)?;
/// assert!((curve.ordinate(2.0 / 3.0)? - 0.3).abs() < 1e-15); // 3 of 10
/// assert!((curve.ordinate(0.5)? - 0.2).abs() < 1e-15); // halfway from 0.1 to 0.3
/// assert!((curve.generalised_ordinate(1.0)? - 10.0 / 3.0).abs() < 1e-15); // the mean
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Lorenz, 1905, *Publications of the American Statistical Association* 9(70), 209-219,
/// <https://doi.org/10.2307/2276207>; Shorrocks, 1983, *Economica* 50(197), 3-17,
/// <https://doi.org/10.2307/2554117>, for the generalised curve. R `ineq::Lc` has the same curve, with a point
/// for each person.
#[derive(Debug, Clone, PartialEq)]
pub struct LorenzCurve {
    points: Vec<(f64, f64)>,
    mean: f64,
}

impl LorenzCurve {
    /// Draws the curve of a sample sorted by income.
    ///
    /// # Errors
    /// [`PovertyError::Undefined`] when the mean is not positive.
    ///
    /// # Complexity
    /// One pass; 16 bytes per distinct income.
    pub fn new(parade: &Parade<'_>) -> Result<Self, PovertyError> {
        let mean = parade.positive_mean(MEASURE)?;
        let distribution = parade.distribution();
        let (total, last) = (parade.total(), distribution.values().len() - 1);
        let (mut points, mut income) = (vec![(0.0, 0.0)], CompensatedSum::default());
        for (block, value) in distribution.values().iter().enumerate() {
            income.add(distribution.weight_at(block) / total * (value / mean));
            let end = (distribution.weight_below(block + 1) / total, income.value());
            // Everybody has everything, whatever the rounding on the way.
            points.push(if block == last { (1.0, 1.0) } else { end });
        }
        Ok(Self { points, mean })
    }

    /// The points (share of people, share of income), from (0, 0) to (1, 1), one per distinct income.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Mean income: the height of the generalised curve at 1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Share of income of the poorest `share` of people; a person at the limit is divided.
    ///
    /// # Errors
    /// [`CoreError::OutOfRange`](erflijn_core::CoreError::OutOfRange) through [`PovertyError::Core`] when
    /// `share` is not in `0..=1`.
    ///
    /// # Complexity
    /// A binary search.
    pub fn ordinate(&self, share: f64) -> Result<f64, PovertyError> {
        if !(0.0..=1.0).contains(&share) {
            let (name, found, low, high) = ("share", share, 0.0, 1.0);
            return Err(erflijn_core::CoreError::OutOfRange { name, found, low, high }.into());
        }
        let end = self.end_of_piece(share);
        let ((people_below, income_below), (people, income)) = (self.points[end - 1], self.points[end]);
        if share >= people {
            return Ok(income);
        }
        Ok(income_below + (income - income_below) * ((share - people_below) / (people - people_below)))
    }

    /// The point at which the straight piece ends that `share` lies on; never the first point.
    fn end_of_piece(&self, share: f64) -> usize {
        self.points.partition_point(|(people, _)| *people < share).clamp(1, self.points.len() - 1)
    }

    /// Income of the poorest `share` of people, per head of all: the mean times [`ordinate`](Self::ordinate).
    ///
    /// One generalised curve above another means more welfare for anybody who prefers more income to less and
    /// equal income to unequal.
    ///
    /// # Errors
    /// Those of [`ordinate`](Self::ordinate).
    pub fn generalised_ordinate(&self, share: f64) -> Result<f64, PovertyError> {
        Ok(self.mean * self.ordinate(share)?)
    }
}

/// [`LorenzCurve::ordinate`] with what each person contributes to its error.
///
/// ```text
/// z_k = ((x_k - q) [x_k <= q] + q share - L x_k) / (income of all),     q the income at the share
/// ```
///
/// It is the derivative with respect to a person's weight, exactly, unless the share is a corner of the curve.
///
/// # Units
/// Share of people in `0..=1`.
///
/// # Errors
/// Those of [`LorenzCurve::new`] and [`LorenzCurve::ordinate`].
///
/// # Complexity
/// Two passes over the parade.
///
/// # References
/// Langel and Tillé, 2011, *Journal of Statistical Planning and Inference* 141(8), 2976-2985. R
/// `convey::svylorenz` has the same ordinate and the same variable, with a `q` interpolated between two incomes.
pub fn lorenz_ordinate_linearised(parade: &Parade<'_>, share: f64) -> Result<Linearised, PovertyError> {
    let curve = LorenzCurve::new(parade)?;
    let ordinate = curve.ordinate(share)?;
    let values = parade.distribution().values();
    let at_share = values[curve.end_of_piece(share) - 1];
    let total_income = parade.total() * curve.mean;
    let by_block: Vec<f64> = values
        .iter()
        .map(|income| ((income - at_share).min(0.0) + share * at_share - ordinate * income) / total_income)
        .collect();
    Ok(parade.linearised(ordinate, &by_block))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sample;
    use erflijn_core::Weights;

    fn curve(incomes: &[f64]) -> Result<LorenzCurve, PovertyError> {
        LorenzCurve::new(&Parade::new(Sample::new(incomes, Weights::Equal)?)?)
    }

    #[test]
    fn a_table_worked_by_hand() {
        // Incomes -1, 1, 4 of total 4: -1/4 after the first, 0 after the second.
        let curve = curve(&[4.0, -1.0, 1.0]).unwrap();
        assert!((curve.ordinate(1.0 / 3.0).unwrap() + 0.25).abs() < 1e-15);
        assert!(curve.ordinate(2.0 / 3.0).unwrap().abs() < 1e-15);
        assert!((curve.ordinate(1.0 / 6.0).unwrap() + 0.125).abs() < 1e-15);
        assert!((curve.generalised_ordinate(1.0 / 3.0).unwrap() + 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn equal_incomes_lie_on_the_diagonal() {
        let curve = curve(&[5.0; 7]).unwrap();
        assert_eq!(curve.points(), [(0.0, 0.0), (1.0, 1.0)]);
        assert!((curve.ordinate(0.37).unwrap() - 0.37).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert!(matches!(curve(&[0.0, 0.0]), Err(PovertyError::Undefined { .. })));
        assert!(matches!(curve(&[]), Err(PovertyError::Core(_))));
        let curve = curve(&[1.0]).unwrap();
        for share in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(curve.ordinate(share), Err(PovertyError::Core(_))));
        }
    }
}
