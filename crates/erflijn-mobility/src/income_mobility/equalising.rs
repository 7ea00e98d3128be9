use erflijn_core::Linearised;
use erflijn_poverty::{GiniPairs, Parade, Sample, generalised_entropy_linearised, gini_linearised};

use super::IncomePairs;
use super::pairs::delta;
use crate::MobilityError;

/// A measure of inequality, from `erflijn-poverty`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Inequality {
    /// Gini's coefficient over all pairs.
    Gini,
    /// Generalised entropy of this order.
    Entropy(f64),
}

impl Inequality {
    /// Theil's T.
    pub const THEIL: Self = Self::Entropy(1.0);
    /// Theil's L, the mean logarithmic deviation.
    pub const MEAN_LOG_DEVIATION: Self = Self::Entropy(0.0);
    /// Half the squared coefficient of variation.
    pub const HALF_SQUARED_VARIATION: Self = Self::Entropy(2.0);
}

impl IncomePairs<'_> {
    /// Inequality of the parents' incomes.
    ///
    /// # Errors
    /// Those of the measure, through [`MobilityError::Poverty`]: a mean that is not positive, zeros where there are
    /// logarithms.
    pub fn parents_inequality(&self, measure: Inequality) -> Result<Linearised, MobilityError> {
        self.placed(self.inequality(&self.parent, measure)?)
    }

    /// Inequality of the children's incomes.
    ///
    /// # Errors
    /// As of [`Self::parents_inequality`].
    pub fn children_inequality(&self, measure: Inequality) -> Result<Linearised, MobilityError> {
        self.placed(self.inequality(&self.child, measure)?)
    }

    /// Shorrocks' rigidity: how much of the inequality of one generation is left in the income of two.
    ///
    /// ```text
    /// R = I(x + y) / ((mx I(x) + my I(y)) / (mx + my)),    mx, my the means
    /// ```
    ///
    /// 1 when all incomes change in proportion, less as incomes of a family level out; mobility is `1 - R`.
    ///
    /// # Units
    /// A share in `0..=1`.
    ///
    /// # Errors
    /// As of [`Self::parents_inequality`]; [`MobilityError::Core`] when neither generation is unequal.
    ///
    /// # Complexity
    /// Three sorts for Gini's coefficient, none for entropies.
    ///
    /// # References
    /// Shorrocks, 1978, Journal of Economic Theory 19(2), 376-393, doi 10.1016/0022-0531(78)90101-1.
    pub fn shorrocks_rigidity(&self, measure: Inequality) -> Result<Linearised, MobilityError> {
        let sums: Vec<f64> = self.parent.iter().zip(self.child.iter()).map(|(x, y)| x + y).collect();
        let both = self.inequality(&sums, measure)?;
        let (of_x, of_y) = (self.inequality(&self.parent, measure)?, self.inequality(&self.child, measure)?);
        let (mean_x, mean_y) = (
            self.positive_mean("mean of parents", |x, _| x)?,
            self.positive_mean("mean of children", |_, y| y)?,
        );
        let mean = mean_x.value + mean_y.value;
        let (share_x, share_y) = (mean_x.value / mean, mean_y.value / mean);
        let each = share_x * of_x.value + share_y * of_y.value;
        let each = delta(
            each,
            &[
                (share_x, &of_x),
                (share_y, &of_y),
                ((of_x.value - each) / mean, &mean_x),
                ((of_y.value - each) / mean, &mean_y),
            ],
        );
        self.placed(both.over(&each)?)
    }

    /// Shorrocks' mobility, `1 -` [`Self::shorrocks_rigidity`].
    ///
    /// # Errors
    /// As there.
    pub fn shorrocks_mobility(&self, measure: Inequality) -> Result<Linearised, MobilityError> {
        Ok(complement(self.shorrocks_rigidity(measure)?))
    }

    /// Fields' index of mobility as an equaliser of longer-term incomes.
    ///
    /// ```text
    /// 1 - I((x + y) / 2) / I(x)
    /// ```
    ///
    /// Negative when children's incomes make the average of two generations more unequal than parents were.
    ///
    /// # Units
    /// A number of at most 1.
    ///
    /// # Errors
    /// As of [`Self::parents_inequality`]; [`MobilityError::Core`] when parents all have the same.
    ///
    /// # References
    /// Fields, 2010, Journal of Economic Inequality 8(4), 409-427, doi 10.1007/s10888-009-9115-6.
    pub fn fields_equaliser(&self, measure: Inequality) -> Result<Linearised, MobilityError> {
        let halves: Vec<f64> =
            self.parent.iter().zip(self.child.iter()).map(|(x, y)| (x + y) / 2.0).collect();
        let (both, base) = (self.inequality(&halves, measure)?, self.inequality(&self.parent, measure)?);
        self.placed(complement(both.over(&base)?))
    }

    /// Maasoumi and Zandvakili's index, with a generalised mean of the two incomes in place of their sum.
    ///
    /// ```text
    /// 1 - I(S) / ((I(x) + I(y)) / 2),    S = ((x^p + y^p) / 2)^(1/p),  sqrt(x y) for p = 0
    /// ```
    ///
    /// The lower the power, the less a good generation makes up for a poor one. Incomes are taken as they are and
    /// the two periods count alike.
    ///
    /// # Units
    /// A number of at most 1.
    ///
    /// # Errors
    /// As of [`Self::parents_inequality`]; [`MobilityError::Core`] when an income is not above 0, the power is not
    /// finite, or neither generation is unequal.
    ///
    /// # References
    /// Maasoumi and Zandvakili, 1986, Economics Letters 22(1), 97-102, doi 10.1016/0165-1765(86)90150-3.
    pub fn maasoumi_zandvakili(&self, measure: Inequality, power: f64) -> Result<Linearised, MobilityError> {
        self.require_positive()?;
        if !power.is_finite() {
            let expected = "a finite number";
            return Err(erflijn_core::CoreError::Parameter { name: "power", found: power, expected }.into());
        }
        let aggregate: Vec<f64> =
            self.parent.iter().zip(self.child.iter()).map(|(x, y)| power_mean(*x, *y, power)).collect();
        let both = self.inequality(&aggregate, measure)?;
        let (of_x, of_y) = (self.inequality(&self.parent, measure)?, self.inequality(&self.child, measure)?);
        let each = delta((of_x.value + of_y.value) / 2.0, &[(0.5, &of_x), (0.5, &of_y)]);
        self.placed(complement(both.over(&each)?))
    }

    pub(super) fn inequality(
        &self,
        incomes: &[f64],
        measure: Inequality,
    ) -> Result<Linearised, MobilityError> {
        let sample = Sample::new(incomes, self.weights())?;
        Ok(match measure {
            Inequality::Gini => gini_linearised(&Parade::new(sample)?, GiniPairs::All)?,
            Inequality::Entropy(order) => generalised_entropy_linearised(&sample, order)?,
        })
    }
}

pub(super) fn complement(statistic: Linearised) -> Linearised {
    delta(1.0 - statistic.value, &[(-1.0, &statistic)])
}

fn power_mean(x: f64, y: f64, power: f64) -> f64 {
    let product = x * y;
    let middle = if product.is_normal() { product.sqrt() } else { x.sqrt() * y.sqrt() };
    // About the geometric mean, so that no power of an income overflows.
    let half = (x / y).ln() / 2.0;
    if power.abs() > 0.0 { middle * (ln_cosh(power * half) / power).exp() } else { middle }
}

/// `ln cosh a`, also where the cosine is next to 1 or beyond the range of numbers.
fn ln_cosh(a: f64) -> f64 {
    use std::f64::consts::LN_2;
    if a.abs() < 1.0 {
        (2.0 * (a / 2.0).sinh().powi(2)).ln_1p()
    } else {
        a.abs() + (-2.0 * a.abs()).exp().ln_1p() - LN_2
    }
}
