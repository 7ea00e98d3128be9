use erflijn_core::{
    CoreError, Estimate, Interval, StandardError, Weights, chi_squared_upper_tail, normal_quantile,
};

use crate::MobilityError;
use crate::sampling::require_length;
use crate::scale::unit;

/// Poverty of parents and children, counted: who inherits it, who falls into it, who leaves it.
///
/// ```text
///                     child poor     child not poor
/// parent poor         a both         b parent_only
/// parent not poor     c child_only   d neither
/// ```
///
/// The direction is in the names: [`Self::persistence`] asks what becomes of the children of poor
/// parents (outflow), [`Self::retrospective_share`] where poor adults come from (inflow). Measures with
/// a zero denominator are `None`, never infinite or NaN.
///
/// Standard errors and intervals of this type take the cells as counts of independent pairs. With
/// survey weights or several children per family use [`crate::PovertyPersistence`].
///
/// # Units
/// Cells are sums of weights (persons, when weights are 1).
///
/// # Examples
/// ```
/// use erflijn_mobility::PovertyTable;
///
/// let table = PovertyTable::new(20.0, 80.0, 30.0, 270.0)?;
/// assert_eq!(table.persistence(), Some(0.2)); // 20 / 100
/// assert_eq!(table.entry(), Some(0.1)); // 30 / 300
/// assert_eq!(table.risk_ratio(), Some(2.0));
/// assert_eq!(table.retrospective_share(), Some(0.4)); // 20 / 50
/// # Ok::<(), erflijn_mobility::MobilityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PovertyTable {
    both: f64,
    parent_only: f64,
    child_only: f64,
    neither: f64,
}

/// Pearson's test of independence of a table of poverty of parents and children.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IndependenceTest {
    /// The chi-squared statistic, one degree of freedom, without continuity correction.
    pub statistic: f64,
    /// Chance of a larger statistic when poverty of parents and children are independent.
    pub p_value: f64,
}

impl PovertyTable {
    /// A table from its four cells.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for a cell below zero or not finite.
    pub fn new(both: f64, parent_only: f64, child_only: f64, neither: f64) -> Result<Self, MobilityError> {
        let cells =
            [("both", both), ("parent_only", parent_only), ("child_only", child_only), ("neither", neither)];
        if let Some((name, found)) = cells.into_iter().find(|(_, cell)| !cell.is_finite() || *cell < 0.0) {
            return Err(CoreError::OutOfRange { name, found, low: 0.0, high: f64::INFINITY }.into());
        }
        Ok(Self { both, parent_only, child_only, neither })
    }

    /// Counts pairs of parent and child.
    ///
    /// # Errors
    /// [`MobilityError::Core`] for unequal lengths or unusable weights.
    ///
    /// # Complexity
    /// O(n).
    pub fn tally(
        parent_poor: &[bool],
        child_poor: &[bool],
        weights: Weights<'_>,
    ) -> Result<Self, MobilityError> {
        require_length("child_poor", child_poor.len(), parent_poor.len())?;
        weights.check(parent_poor.len())?;
        let mut table = Self::default();
        for (i, (&parent, &child)) in parent_poor.iter().zip(child_poor).enumerate() {
            let cell = match (parent, child) {
                (true, true) => &mut table.both,
                (true, false) => &mut table.parent_only,
                (false, true) => &mut table.child_only,
                (false, false) => &mut table.neither,
            };
            *cell += weights.get(i);
        }
        Ok(table)
    }

    /// Adds the counts of another part of the sample. Whole counts are exact in any order.
    pub fn merge(&mut self, other: &Self) {
        self.both += other.both;
        self.parent_only += other.parent_only;
        self.child_only += other.child_only;
        self.neither += other.neither;
    }

    /// Weight of pairs in which parent and child are poor.
    #[must_use]
    pub fn both(&self) -> f64 {
        self.both
    }

    /// Weight of pairs in which only the parent is poor.
    #[must_use]
    pub fn parent_only(&self) -> f64 {
        self.parent_only
    }

    /// Weight of pairs in which only the child is poor.
    #[must_use]
    pub fn child_only(&self) -> f64 {
        self.child_only
    }

    /// Weight of pairs in which neither is poor.
    #[must_use]
    pub fn neither(&self) -> f64 {
        self.neither
    }

    /// Weight of all pairs.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.poor_parents() + self.other_parents()
    }

    /// Weight of pairs with a poor parent, `a + b`.
    #[must_use]
    pub fn poor_parents(&self) -> f64 {
        self.both + self.parent_only
    }

    /// Weight of pairs with a parent who is not poor, `c + d`.
    #[must_use]
    pub fn other_parents(&self) -> f64 {
        self.child_only + self.neither
    }

    /// Weight of pairs with a poor child, `a + c`.
    #[must_use]
    pub fn poor_children(&self) -> f64 {
        self.both + self.child_only
    }

    /// Persistence (outflow): chance that a child of poor parents is poor, `p1 = a / (a + b)`.
    #[must_use]
    pub fn persistence(&self) -> Option<f64> {
        share(self.both, self.poor_parents())
    }

    /// Entry: chance that a child of parents who are not poor is poor, `p0 = c / (c + d)`.
    #[must_use]
    pub fn entry(&self) -> Option<f64> {
        share(self.child_only, self.other_parents())
    }

    /// Exit: chance that a child of poor parents is not poor, `1 - p1 = b / (a + b)`.
    #[must_use]
    pub fn exit(&self) -> Option<f64> {
        share(self.parent_only, self.poor_parents())
    }

    /// Retrospective share (inflow): how many of the poor children had poor parents, `a / (a + c)`.
    #[must_use]
    pub fn retrospective_share(&self) -> Option<f64> {
        share(self.both, self.poor_children())
    }

    /// Share of all pairs in which both are poor, `a / n`.
    #[must_use]
    pub fn joint_share(&self) -> Option<f64> {
        share(self.both, self.total())
    }

    /// [`Self::persistence`] with its binomial standard error.
    #[must_use]
    pub fn persistence_estimate(&self) -> Option<Estimate> {
        binomial(self.both, self.poor_parents())
    }

    /// [`Self::entry`] with its binomial standard error.
    #[must_use]
    pub fn entry_estimate(&self) -> Option<Estimate> {
        binomial(self.child_only, self.other_parents())
    }

    /// [`Self::retrospective_share`] with its binomial standard error.
    #[must_use]
    pub fn retrospective_share_estimate(&self) -> Option<Estimate> {
        binomial(self.both, self.poor_children())
    }

    /// [`Self::joint_share`] with its binomial standard error.
    #[must_use]
    pub fn joint_share_estimate(&self) -> Option<Estimate> {
        binomial(self.both, self.total())
    }

    /// Percentage points (as a share) by which poor parents raise the chance of poverty.
    ///
    /// ```text
    /// p1 - p0,    Var = p1 (1 - p1) / (a + b) + p0 (1 - p0) / (c + d)
    /// ```
    #[must_use]
    pub fn risk_difference(&self) -> Option<Estimate> {
        let (persistence, entry) = (self.persistence_estimate()?, self.entry_estimate()?);
        let (table, _) = self.scaled();
        Some(Estimate {
            value: table.excess() / (table.poor_parents() * table.other_parents()),
            standard_error: persistence.standard_error.hypot(entry.standard_error),
            method: StandardError::Binomial,
        })
    }

    /// How many times likelier children of poor parents are to be poor, `p1 / p0`.
    ///
    /// `None` when no child of parents who are not poor is poor.
    #[must_use]
    pub fn risk_ratio(&self) -> Option<f64> {
        let (table, _) = self.scaled();
        share(table.both * table.other_parents(), table.child_only * table.poor_parents())
    }

    /// Logarithm of [`Self::risk_ratio`] with its standard error.
    ///
    /// ```text
    /// se = sqrt( 1/a - 1/(a + b) + 1/c - 1/(c + d) )
    /// ```
    ///
    /// `None` when a cell that it divides by is zero. statsmodels `Table2x2` agrees.
    #[must_use]
    pub fn log_risk_ratio(&self) -> Option<Estimate> {
        let value = positive(self.risk_ratio()?)?.ln();
        // 1/a - 1/(a + b) = b / (a (a + b)), without the cancellation.
        let (table, unit) = self.scaled();
        let of_poor = share(table.parent_only, table.both * table.poor_parents())?;
        let of_others = share(table.neither, table.child_only * table.other_parents())?;
        Some(Estimate {
            value,
            standard_error: ((of_poor + of_others) / unit).sqrt(),
            method: StandardError::Binomial,
        })
    }

    /// Odds of poverty of children of poor parents over those of other children, `ad / (bc)`.
    ///
    /// `None` when `b` or `c` is zero.
    #[must_use]
    pub fn odds_ratio(&self) -> Option<f64> {
        let (table, _) = self.scaled();
        share(table.both * table.neither, table.parent_only * table.child_only)
    }

    /// Logarithm of [`Self::odds_ratio`] with its standard error (Woolf).
    ///
    /// ```text
    /// se = sqrt( 1/a + 1/b + 1/c + 1/d )
    /// ```
    ///
    /// `None` when any cell is zero.
    ///
    /// # References
    /// Woolf, 1955, Annals of Human Genetics 19(4), 251-253.
    #[must_use]
    pub fn log_odds_ratio(&self) -> Option<Estimate> {
        let cells = [self.both, self.parent_only, self.child_only, self.neither];
        let variance = cells.into_iter().map(|cell| share(1.0, cell)).sum::<Option<f64>>()?;
        Some(Estimate {
            value: positive(self.odds_ratio()?)?.ln(),
            standard_error: variance.sqrt(),
            method: StandardError::Binomial,
        })
    }

    /// Interval of the risk ratio, symmetric on the log scale; `None` as in [`Self::log_risk_ratio`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    pub fn risk_ratio_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_ratio(self.log_risk_ratio(), level)
    }

    /// Interval of the odds ratio, symmetric on the log scale; `None` as in [`Self::log_odds_ratio`].
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    pub fn odds_ratio_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_ratio(self.log_odds_ratio(), level)
    }

    /// Share of child poverty that would be gone if children of poor parents had the risk of the others.
    ///
    /// A description, not a causal claim. With `e` the share of poor parents:
    ///
    /// ```text
    /// (P(child poor) - p0) / P(child poor) = e (RR - 1) / (1 + e (RR - 1)) = (ad - bc) / ((a + c)(c + d))
    /// ```
    ///
    /// `None` when no child is poor or all parents are.
    ///
    /// # References
    /// Levin, 1953, Acta Unio Internationalis Contra Cancrum 9, 531-541.
    #[must_use]
    pub fn attributable_fraction(&self) -> Option<f64> {
        let (table, _) = self.scaled();
        share(table.excess(), table.poor_children() * table.other_parents())
    }

    /// Fourfold correlation (phi) of the poverty of parents and children, in `-1..=1`.
    ///
    /// ```text
    /// phi = (ad - bc) / sqrt( (a+b)(c+d)(a+c)(b+d) )
    /// ```
    ///
    /// `None` when a generation is all poor or not at all.
    #[must_use]
    pub fn fourfold_correlation(&self) -> Option<f64> {
        let (table, _) = self.scaled();
        let other_children = table.parent_only + table.neither;
        let parents = table.poor_parents() * table.other_parents();
        share(table.excess(), parents.sqrt() * (table.poor_children() * other_children).sqrt())
    }

    /// Pearson's chi-squared test of independence, `n phi^2` with one degree of freedom.
    ///
    /// Valid for counts of independent pairs, not for weighted cells. The p-value is an upper tail: very
    /// small ones are small, not zero. R `chisq.test(correct = FALSE)` agrees.
    #[must_use]
    pub fn pearson_chi_squared(&self) -> Option<IndependenceTest> {
        let statistic = self.total() * self.fourfold_correlation()?.powi(2);
        let p_value = chi_squared_upper_tail(statistic, 1.0).ok()?;
        Some(IndependenceTest { statistic, p_value })
    }

    /// Intercept and slope of the logistic regression of the child's poverty on the parent's.
    ///
    /// In a table of two by two the maximum likelihood estimate is known in closed form: `ln(c / d)` with
    /// error `sqrt(1/c + 1/d)`, and the log odds ratio. `None` when any cell is zero.
    #[must_use]
    pub fn logit(&self) -> Option<[Estimate; 2]> {
        let slope = self.log_odds_ratio()?;
        let intercept = Estimate {
            value: (self.child_only / self.neither).ln(),
            standard_error: (1.0 / self.child_only + 1.0 / self.neither).sqrt(),
            method: StandardError::Binomial,
        };
        Some([intercept, slope])
    }

    /// The table with half a pair added to each cell, after Haldane and Anscombe, so that ratios of tables with a
    /// zero cell are finite.
    ///
    /// It is never done unasked: it pulls ratios towards 1, and measures that need no correction are changed too.
    /// For counts of independent pairs only. Half a pair means nothing beside weights of another scale, and an
    /// empty cell has no spread among families that an error could rest on.
    ///
    /// # Examples
    /// ```
    /// use erflijn_mobility::PovertyTable;
    ///
    /// let table = PovertyTable::new(3.0, 7.0, 0.0, 20.0)?;
    /// assert_eq!(table.odds_ratio(), None);
    /// let corrected = table.haldane_anscombe();
    /// assert_eq!(corrected.odds_ratio(), Some(3.5 * 20.5 / (7.5 * 0.5)));
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    ///
    /// # References
    /// Haldane, 1956, Annals of Human Genetics 20(4), 309-311; Anscombe, 1956, Biometrika 43(3/4), 461-464.
    #[must_use]
    pub fn haldane_anscombe(&self) -> Self {
        Self {
            both: self.both + 0.5,
            parent_only: self.parent_only + 0.5,
            child_only: self.child_only + 0.5,
            neither: self.neither + 0.5,
        }
    }

    /// The cells in a unit in which their products stay within the range of numbers, and the unit.
    fn scaled(&self) -> (Self, f64) {
        let unit = unit([self.both, self.parent_only, self.child_only, self.neither].into_iter());
        let table = Self {
            both: self.both / unit,
            parent_only: self.parent_only / unit,
            child_only: self.child_only / unit,
            neither: self.neither / unit,
        };
        (table, unit)
    }

    fn excess(&self) -> f64 {
        self.both * self.neither - self.parent_only * self.child_only
    }
}

pub(crate) fn interval_of_ratio(
    log_ratio: Option<Estimate>,
    level: f64,
) -> Result<Option<Interval>, MobilityError> {
    // A wrong level is an error even where there is no interval.
    normal_quantile(0.5 + level / 2.0)?;
    let interval = log_ratio.map(|estimate| estimate.interval(level)).transpose()?;
    Ok(interval.map(|interval| Interval { low: interval.low.exp(), high: interval.high.exp() }))
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn positive(value: f64) -> Option<f64> {
    (value > 0.0).then_some(value)
}

fn binomial(part: f64, whole: f64) -> Option<Estimate> {
    let value = share(part, whole)?;
    let standard_error = (value * share(whole - part, whole)? / whole).sqrt();
    Some(Estimate { value, standard_error, method: StandardError::Binomial })
}
