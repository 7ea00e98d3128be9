//! Measures of poverty against a line common to the sample.

mod additive;
mod ranked;
mod tally;
mod tip;

use erflijn_core::{CompensatedSum, CoreError, Count, Linearised, Unit};

use crate::common_line::median_where;
use crate::density::{bandwidth, density};
use crate::parade::{finite, finite_linearised};
use crate::{CommonLine, PovertyError, Sample};
use additive::Mean;
use ranked::RankedGaps;
pub use tally::{PovertyTally, TallyResult};
pub use tip::TipCurve;

/// How much poverty there is in a sample, against a [`CommonLine`].
///
/// In all formulas `y_k` and `w_k` are income and weight of person `k` of the domain, `W` the sum of
/// the weights, `z` the line, and
///
/// ```text
/// p_k = 1 if person k is poor, else 0
/// g_k = p_k (z - y_k) / z                     the relative gap
/// H   = sum w_k p_k / W                       headcount ratio
/// PG  = sum w_k g_k / W                       poverty gap
/// I   = PG / H                                income-gap ratio
/// ```
///
/// | at issue | answer |
/// |---|---|
/// | income at the line | has gap 0, so the [`Boundary`](crate::Boundary) moves the headcount, the income-gap ratio, the relative median gap, Sen's measure and FGT with `alpha = 0`; the poverty gap, FGT with `alpha > 0`, Watts and Sen-Shorrocks-Thon stay |
/// | negative income | has a gap above 1; measures other than the headcount may then exceed 1. Watts refuses incomes of 0 and below among the poor |
/// | nobody poor | all measures are 0, but the two means among the poor have no value |
/// | weights | multiplied by a constant they give the same value; frequencies give that of the replicated sample; weight 0 is absence |
/// | units | incomes and line in the same units; one unit for both changes nothing |
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{Boundary, CommonLine, PovertyMeasure, Sample};
///
/// let sample = Sample::new(&[2.0, 6.0, 8.0, 20.0], Weights::Equal)?;
/// let line = CommonLine::fixed(8.0, Boundary::StrictlyBelow)?;
/// // Two of four are poor, with gaps 3/4 and 1/4.
/// assert_eq!(PovertyMeasure::Headcount.value(&sample, &line)?, 0.5);
/// assert_eq!(PovertyMeasure::PovertyGap.value(&sample, &line)?, 0.25);
/// assert_eq!(PovertyMeasure::FosterGreerThorbecke { alpha: 2.0 }.value(&sample, &line)?, 0.15625);
/// assert_eq!(PovertyMeasure::IncomeGapRatio.value(&sample, &line)?, 0.5);
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PovertyMeasure {
    /// The share who are poor, `H`; with 0.6 of the median the at-risk-of-poverty rate.
    ///
    /// `laeken::arpr` with [`StrictlyBelow`](crate::Boundary::StrictlyBelow), `convey::svyfgt(g = 0)`
    /// with [`AtOrBelow`](crate::Boundary::AtOrBelow).
    Headcount,
    /// The mean relative gap, those who are not poor counting 0: `PG`.
    PovertyGap,
    /// The class of Foster, Greer and Thorbecke.
    ///
    /// ```text
    /// P_alpha = sum over the poor of w_k g_k^alpha / W
    /// ```
    ///
    /// `alpha = 0` is the headcount ratio, 1 the poverty gap, 2 the severity of poverty; any number of
    /// at least 0 is allowed. Transfers from poor to poorer lower it when `alpha > 1`. DIFFERENCE: the
    /// parameter of `ineq::Foster` is `alpha + 1`.
    ///
    /// Foster, Greer and Thorbecke, 1984, Econometrica 52(3), 761-766, <https://doi.org/10.2307/1913475>.
    FosterGreerThorbecke {
        /// Aversion to poverty, at least 0.
        alpha: f64,
    },
    /// The mean proportional shortfall in logarithms.
    ///
    /// ```text
    /// sum over the poor of w_k ln(z / y_k) / W
    /// ```
    ///
    /// Needs positive incomes of the poor. Watts, 1968, in Moynihan (ed.), On Understanding Poverty;
    /// Zheng, 1993, Economics Letters 42(1), 81-86, <https://doi.org/10.1016/0165-1765(93)90177-E>.
    Watts,
    /// Sen's measure, in the form that replication leaves alone.
    ///
    /// ```text
    /// S = H (I + (1 - I) G_p) = PG + H D_p / 2
    /// ```
    ///
    /// `G_p` is the Gini coefficient of the incomes of the poor and `D_p` the mean absolute difference
    /// of two of their relative gaps. The second form is computed: it also holds when incomes of the
    /// poor sum to nothing. Agrees with `ineq::Sen` and the formula of `convey::svysen`. DIFFERENCE:
    /// Sen (1976) multiplies `G_p` by `q / (q + 1)`, `q` the number of poor in the sample, which tends
    /// to 1 and has no meaning with weights.
    ///
    /// Sen, 1976, Econometrica 44(2), 219-231, <https://doi.org/10.2307/1912718>.
    Sen,
    /// The measure of Sen, Shorrocks and Thon: twice the area under the [`TipCurve`].
    ///
    /// ```text
    /// P = PG (1 + G) = PG + D / 2
    /// ```
    ///
    /// `G` is the Gini coefficient of the relative gaps of all persons, those who are not poor with gap
    /// 0, and `D` the mean absolute difference of two of these gaps. Transfers from poor to poorer
    /// always lower it. Agrees with `ineq::SST`. DIFFERENCE: `convey::svysst` and `svysen` take the Gini
    /// coefficient of `svygini`, which counts `2 r_k - 1` where weights need `2 r_k - w_k` (`r_k` the
    /// cumulated weight): the two differ by about one over the number of observations.
    ///
    /// Shorrocks, 1995, Econometrica 63(5), 1225-1230, <https://doi.org/10.2307/2171728>.
    SenShorrocksThon,
    /// The mean relative gap among the poor, `I`.
    IncomeGapRatio,
    /// The relative median at-risk-of-poverty gap of the European Union: the gap of the median poor.
    ///
    /// ```text
    /// RMPG = (z - m_p) / z,   m_p the median income of the poor
    /// ```
    ///
    /// The median is `min { y : W_p(<= y) >= W_p / 2 }`, `W_p` the weight of the poor. DIFFERENCE:
    /// when exactly half of the weight lies at or below an income, `laeken::rmpg` takes the next income
    /// up, for the line as for the poor.
    RelativeMedianGap,
}

impl PovertyMeasure {
    /// The measure on a sample or on a domain of it.
    ///
    /// # Units
    /// Share of persons or of the line; [`Self::Watts`] in natural logarithms.
    ///
    /// # Errors
    /// [`PovertyError::Parameter`] for `alpha` below 0 or not finite; [`PovertyError::Income`] when
    /// [`Self::Watts`] meets a poor income that is not above 0; [`PovertyError::Undefined`] for
    /// [`Self::IncomeGapRatio`] and [`Self::RelativeMedianGap`] when nobody is poor, and for a value that exceeds
    /// the range of floating-point numbers.
    ///
    /// # Complexity
    /// O(n); [`Self::Sen`] and [`Self::SenShorrocksThon`] sort the poor.
    pub fn value(self, sample: &Sample<'_>, line: &CommonLine) -> Result<f64, PovertyError> {
        finite(self.unchecked(sample, line)?, self.name())
    }

    fn unchecked(self, sample: &Sample<'_>, line: &CommonLine) -> Result<f64, PovertyError> {
        match self {
            Self::Sen => Ok(RankedGaps::new(sample, line)?.sen()),
            Self::SenShorrocksThon => Ok(RankedGaps::new(sample, line)?.sen_shorrocks_thon()),
            Self::IncomeGapRatio => {
                let poor = Self::Headcount.value(sample, line)?;
                self.somebody(poor)?;
                Ok(Self::PovertyGap.value(sample, line)? / poor)
            }
            Self::RelativeMedianGap => Ok(line.relative_gap(self.median_of_poor(sample, line)?)),
            Self::Headcount | Self::PovertyGap | Self::FosterGreerThorbecke { .. } | Self::Watts => {
                self.mean()?.value(sample, line)
            }
        }
    }

    /// The measure with what each observation contributes to its error.
    ///
    /// An observation of weight zero in the domain has its derivative too, as in
    /// [`share_linearised`](crate::time::share_linearised): it counts in no total, and tells what a first bit of
    /// weight would do. It is 0 where the measure is not defined for such an income.
    ///
    /// For a line that is known the variable is the derivative of the value with respect to the weight
    /// of the observation, 0 outside the domain:
    ///
    /// ```text
    /// FGT, Watts   v_k = (c_k - P) / W,          c_k = p_k g_k^alpha or p_k ln(z / y_k)
    /// I            v_k = p_k (g_k - I) / W_p
    /// Sen          v_k = (p_k (g_k + d_k - D_p / 2) - S) / W
    /// SST          v_k = (g_k + e_k - PG - D) / W
    /// RMPG         v_k = -(p_k / 2 - 1[y_k <= m_p]) / (W f(m_p) z)
    /// ```
    ///
    /// `d_k` is the mean absolute difference of the gap of `k` with those of the poor, `e_k` with those
    /// of all, `W_p` the weight of the poor. A line that was estimated adds what everybody, in the
    /// domain or not, contributed to it:
    ///
    /// ```text
    /// u_k = v_k + dP/dz * z_k
    /// ```
    ///
    /// `z_k` is the variable of the line. `dP/dz` is a mean over the poor, and for measures that jump
    /// when somebody becomes poor the density of the domain at the line times the jump:
    ///
    /// ```text
    /// H            f(z)
    /// FGT          sum over the poor of w_k alpha g_k^(alpha - 1) y_k / (z^2 W)
    /// Watts        H / z
    /// I            (sum over the poor of w_k y_k / z^2 - W f(z) I) / W_p
    /// RMPG         m_p / z^2 - f(z) / (2 z f(m_p))
    /// ```
    ///
    /// `f` is the Gaussian kernel density of the domain with the bandwidth of the sample of the line
    /// (of all observations for a known line); see [`CommonLine::relative`]. The formulas of the
    /// headcount and the relative median gap are those of Osier (2009), `vardpoor::linarpr` and
    /// `linrmpg`, there in percent and with [`AtOrBelow`](crate::Boundary::AtOrBelow).
    ///
    /// DIFFERENCE: with a share of the mean, `convey::svyfgt` 0.2.3 gives persons outside a domain
    /// nothing and divides the part of the line by the weight of the domain; for `g = 0` it multiplies
    /// the density by `y_k - z` where the derivative has `share * y_k - z`. The density at a line that
    /// is a share of the mean has there the bandwidth of the domain, here that of the whole sample.
    ///
    /// # Units
    /// The variable in units of the measure per unit of weight.
    ///
    /// # Errors
    /// Those of [`Self::value`]; [`PovertyError::Undefined`] when a density is needed and all incomes are
    /// equal; [`CoreError::Length`] when the line was estimated on a sample of another size.
    ///
    /// # Complexity
    /// O(n); O(n log n) for [`Self::Sen`] and [`Self::SenShorrocksThon`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::Weights;
    /// use erflijn_poverty::{Boundary, CommonLine, PovertyMeasure, Sample};
    ///
    /// let sample = Sample::new(&[2.0, 6.0, 8.0, 20.0], Weights::Equal)?;
    /// let line = CommonLine::fixed(8.0, Boundary::StrictlyBelow)?;
    /// let headcount = PovertyMeasure::Headcount.linearised(&sample, &line)?;
    /// assert_eq!(headcount.variable, [0.125, 0.125, -0.125, -0.125]); // (p - 0.5) / 4
    /// # Ok::<(), erflijn_poverty::PovertyError>(())
    /// ```
    ///
    /// # References
    /// Osier, 2009, Survey Research Methods 3(3), 167-195, <https://doi.org/10.18148/srm/2009.v3i3.369>.
    pub fn linearised(self, sample: &Sample<'_>, line: &CommonLine) -> Result<Linearised, PovertyError> {
        let mut linearised = match self {
            Self::Sen => RankedGaps::new(sample, line)?.linearised_sen(sample, line),
            Self::SenShorrocksThon => {
                RankedGaps::new(sample, line)?.linearised_sen_shorrocks_thon(sample, line)
            }
            Self::IncomeGapRatio => self.linearised_income_gap_ratio(sample, line)?,
            Self::RelativeMedianGap => self.linearised_median_gap(sample, line)?,
            Self::Headcount | Self::PovertyGap | Self::FosterGreerThorbecke { .. } | Self::Watts => {
                self.mean()?.linearised(sample, line)?
            }
        };
        if let Some((of_line, bandwidth)) = line.estimated()? {
            let (found, expected) = (of_line.len(), sample.incomes().len());
            if found != expected {
                return Err(CoreError::Length { name: "variable of the line", found, expected }.into());
            }
            let slope = self.slope(sample, line, bandwidth)?;
            for (own, of_line) in linearised.variable.iter_mut().zip(of_line) {
                *own += slope * of_line;
            }
        }
        finite_linearised(linearised, self.name())
    }

    /// The derivative of the value with respect to the line.
    fn slope(self, sample: &Sample<'_>, line: &CommonLine, bandwidth: f64) -> Result<f64, PovertyError> {
        let z = line.euros();
        let at_line = || density(sample, z, bandwidth);
        match self {
            Self::Sen => Ok(RankedGaps::new(sample, line)?.slope_of_sen(at_line()?)),
            Self::SenShorrocksThon => Ok(RankedGaps::new(sample, line)?.slope_of_sen_shorrocks_thon()),
            Self::IncomeGapRatio => {
                let poor = Self::Headcount.value(sample, line)?;
                let ratio = self.value(sample, line)?;
                Ok((Mean::PovertyGap.slope(sample, line) - at_line()? * ratio) / poor)
            }
            Self::RelativeMedianGap => {
                let median = self.median_of_poor(sample, line)?;
                let at_median = density(sample, median, bandwidth)?;
                Ok(median / (z * z) - at_line()? / (2.0 * z * at_median))
            }
            Self::Headcount | Self::PovertyGap | Self::FosterGreerThorbecke { .. } | Self::Watts => {
                let mean = self.mean()?;
                if mean.jumps_at_line() { at_line() } else { Ok(mean.slope(sample, line)) }
            }
        }
    }

    fn linearised_income_gap_ratio(
        self,
        sample: &Sample<'_>,
        line: &CommonLine,
    ) -> Result<Linearised, PovertyError> {
        let ratio = self.value(sample, line)?;
        let poor = Self::Headcount.value(sample, line)? * sample.total();
        Ok(sample.linearised(ratio, |income| {
            if line.is_poor(income) { (line.relative_gap(income) - ratio) / poor } else { 0.0 }
        }))
    }

    fn linearised_median_gap(
        self,
        sample: &Sample<'_>,
        line: &CommonLine,
    ) -> Result<Linearised, PovertyError> {
        let bandwidth = match line.estimated()? {
            Some((_, bandwidth)) => bandwidth,
            None => bandwidth(&Sample::new(sample.incomes(), sample.weights())?)?,
        };
        let median = self.median_of_poor(sample, line)?;
        let per_euro = 1.0 / (sample.total() * density(sample, median, bandwidth)? * line.euros());
        let half = |condition: bool| if condition { 0.5 } else { 0.0 };
        Ok(sample.linearised(line.relative_gap(median), |income| {
            (2.0 * half(income <= median) - half(line.is_poor(income))) * per_euro
        }))
    }

    fn median_of_poor(self, sample: &Sample<'_>, line: &CommonLine) -> Result<f64, PovertyError> {
        self.somebody(Self::Headcount.value(sample, line)?)?;
        median_where(sample, |income| line.is_poor(income))
    }

    fn somebody(self, poor: f64) -> Result<(), PovertyError> {
        if poor > 0.0 {
            return Ok(());
        }
        Err(PovertyError::Undefined { measure: self.name(), reason: "nobody is poor" })
    }

    /// The measure as a mean over persons, if it is one.
    pub(crate) fn mean(self) -> Result<Mean, PovertyError> {
        match self {
            Self::Headcount => Ok(Mean::Headcount),
            Self::PovertyGap => Ok(Mean::PovertyGap),
            Self::FosterGreerThorbecke { alpha } => Mean::power(alpha),
            Self::Watts => Ok(Mean::Watts),
            Self::Sen | Self::SenShorrocksThon | Self::IncomeGapRatio | Self::RelativeMedianGap => {
                Err(PovertyError::NotAdditive { measure: self.name() })
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Headcount => "the headcount ratio",
            Self::PovertyGap => "the poverty gap",
            Self::FosterGreerThorbecke { .. } => "the Foster-Greer-Thorbecke measure",
            Self::Watts => "the Watts measure",
            Self::Sen => "the Sen measure",
            Self::SenShorrocksThon => "the Sen-Shorrocks-Thon measure",
            Self::IncomeGapRatio => "the income-gap ratio",
            Self::RelativeMedianGap => "the relative median gap",
        }
    }
}
/// How many are poor, in units that cannot be mixed with others.
///
/// The caller says what the observations are: persons, households, families or children. Frequency
/// weights count as so many units; a sum of probability weights is rounded to whole units.
///
/// # Examples
/// ```
/// use erflijn_core::{Households, Weights};
/// use erflijn_poverty::{Boundary, CommonLine, Sample, count_poor};
///
/// let sample = Sample::new(&[8_000.0, 12_000.0, 9_000.0], Weights::Frequency(&[1, 5, 2]))?;
/// let line = CommonLine::fixed(10_000.0, Boundary::StrictlyBelow)?;
/// assert_eq!(count_poor::<Households>(&sample, &line).to_string(), "3 households");
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
#[must_use]
pub fn count_poor<U: Unit>(sample: &Sample<'_>, line: &CommonLine) -> Count<U> {
    let poor = sample.iter().filter(|(_, income, _)| line.is_poor(*income)).map(|(_, _, weight)| weight);
    Count::new(poor.collect::<CompensatedSum>().value().round() as u64)
}
