use erflijn_core::{Estimate, Interval, StandardError, normal_quantile};

use super::joint::linearised;
use crate::sampling::root;
use crate::{MobilityError, PovertyPersistence, PovertyTable};

/// One number for a table of poverty of parents by poverty of children.
///
/// ```text
/// a both, b parent only, c child only, d neither, n all;   p1 = a / (a + b),   p0 = c / (c + d)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PersistenceMeasure {
    /// Outflow: `p1`, chance of poverty of children of poor parents.
    Persistence,
    /// Outflow: `p0`, chance of poverty of other children.
    Entry,
    /// Outflow: `1 - p1`.
    Exit,
    /// Inflow: `a / (a + c)`, share of poor children whose parents were poor.
    RetrospectiveShare,
    /// `a / n`, share of all children who are poor and whose parents were.
    JointShare,
    /// `p1 - p0`.
    RiskDifference,
    /// `ln(p1 / p0)`.
    LogRiskRatio,
    /// `ln(a d / (b c))`.
    LogOddsRatio,
    /// `(P(child poor) - p0) / P(child poor)`, Levin's population attributable fraction.
    AttributableFraction,
    /// `(ad - bc) / sqrt((a + b)(c + d)(a + c)(b + d))`.
    FourfoldCorrelation,
}

impl PersistenceMeasure {
    /// The measure of a table whose cells add up to one, and its gradient by the cells.
    ///
    /// The gradient is known up to a constant, which the influences of shares, summing to zero, do not see.
    pub(crate) fn linearise(self, shares: [f64; 4]) -> Result<(f64, [f64; 4]), MobilityError> {
        let [a, b, c, d] = shares;
        let (p1, p0) = (a / (a + b), c / (c + d));
        let of_p1 = [(1.0 - p1) / (a + b), -p1 / (a + b), 0.0, 0.0];
        let of_p0 = [0.0, 0.0, (1.0 - p0) / (c + d), -p0 / (c + d)];
        self.require_cells(shares)?;
        Ok(match self {
            Self::Persistence => (p1, of_p1),
            Self::Entry => (p0, of_p0),
            Self::Exit => (1.0 - p1, of_p1.map(|g| -g)),
            Self::RetrospectiveShare => {
                let share = a / (a + c);
                (share, [(1.0 - share) / (a + c), 0.0, -share / (a + c), 0.0])
            }
            Self::JointShare => (a, [1.0, 0.0, 0.0, 0.0]),
            Self::RiskDifference => (p1 - p0, sum(of_p1, of_p0, -1.0)),
            Self::LogRiskRatio => ((p1 / p0).ln(), sum(of_p1.map(|g| g / p1), of_p0.map(|g| g / p0), -1.0)),
            Self::LogOddsRatio => ((a * d / (b * c)).ln(), [1.0 / a, -1.0 / b, -1.0 / c, 1.0 / d]),
            Self::AttributableFraction => {
                let rest = c / ((c + d) * (a + c));
                let by_child_only = 1.0 / ((c + d) * (a + c)) - rest / (c + d) - rest / (a + c);
                (1.0 - rest, [rest / (a + c), 0.0, -by_child_only, rest / (c + d)].map(|g| g - rest))
            }
            Self::FourfoldCorrelation => fourfold(shares),
        })
    }

    /// Refuses a table of which a cell that the measure divides by is empty.
    fn require_cells(self, [a, b, c, d]: [f64; 4]) -> Result<(), MobilityError> {
        let needed: &[(f64, &'static str)] = match self {
            Self::Persistence | Self::Exit => &[(a + b, "poor_parents")],
            Self::Entry => &[(c + d, "other_parents")],
            Self::RiskDifference => &[(a + b, "poor_parents"), (c + d, "other_parents")],
            Self::RetrospectiveShare => &[(a + c, "poor_children")],
            Self::JointShare => &[(a + b + c + d, "total")],
            Self::LogRiskRatio => &[(a, "both"), (c, "child_only")],
            Self::LogOddsRatio => &[(a, "both"), (b, "parent_only"), (c, "child_only"), (d, "neither")],
            Self::AttributableFraction => &[(a + c, "poor_children"), (c + d, "other_parents")],
            Self::FourfoldCorrelation => &[
                (a + b, "poor_parents"),
                (c + d, "other_parents"),
                (a + c, "poor_children"),
                (b + d, "other_children"),
            ],
        };
        match needed.iter().find(|(size, _)| size.is_nan() || *size <= 0.0) {
            Some(&(_, cell)) => Err(MobilityError::ZeroCell { measure: self.name(), cell }),
            None => Ok(()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Persistence => "persistence",
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::RetrospectiveShare => "retrospective share",
            Self::JointShare => "joint share",
            Self::RiskDifference => "risk difference",
            Self::LogRiskRatio => "log risk ratio",
            Self::LogOddsRatio => "log odds ratio",
            Self::AttributableFraction => "attributable fraction",
            Self::FourfoldCorrelation => "fourfold correlation",
        }
    }
}

/// Measures with errors, for who has the four counts and not the children.
impl PovertyTable {
    /// Any of the measures, with the error of counts of independent pairs; where there is none, the error names the
    /// cell that is empty.
    ///
    /// ```text
    /// Var = ( sum of g_k^2 s_k - (sum of g_k s_k)^2 ) / n,   s_k shares of the cells, g_k gradient of the measure by them
    /// ```
    ///
    /// For persistence, entry, their difference and ratios this is the formula of the function of that name.
    ///
    /// # Errors
    /// [`MobilityError::ZeroCell`].
    ///
    /// # Examples
    /// ```
    /// use erflijn_mobility::{PovertyTable, heredity::PersistenceMeasure};
    ///
    /// let table = PovertyTable::new(20.0, 80.0, 30.0, 270.0)?;
    /// let share = table.measure(PersistenceMeasure::RetrospectiveShare)?;
    /// assert!((share.value - 0.4).abs() < 1e-12); // 20 of 50 poor children
    /// assert!((share.standard_error - (0.4_f64 * 0.6 / 50.0).sqrt()).abs() < 1e-12);
    /// # Ok::<(), erflijn_mobility::MobilityError>(())
    /// ```
    pub fn measure(&self, measure: PersistenceMeasure) -> Result<Estimate, MobilityError> {
        let shares = shares(self);
        let (value, gradient) = measure.linearise(shares)?;
        let mean: f64 = gradient.iter().zip(shares).map(|(g, share)| g * share).sum();
        let variance: f64 = gradient.iter().zip(shares).map(|(g, share)| (g - mean).powi(2) * share).sum();
        let standard_error = root(variance / self.total());
        Ok(Estimate { value, standard_error, method: StandardError::Binomial })
    }

    /// Interval of the attributable fraction `f`, symmetric for `ln(1 - f)`, so that it ends below 1.
    ///
    /// ```text
    /// Var ln(1 - f) = (b + f (a + d)) / (n c)
    /// ```
    ///
    /// `None` when no child is poor, or only children of poor parents are (`f` is 1).
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    ///
    /// # References
    /// Walter, 1976, Biometrics 32(4), 829-849.
    pub fn attributable_fraction_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_fraction(self.measure(PersistenceMeasure::AttributableFraction).ok(), level)
    }
}

/// The measures of [`PovertyTable`] that look back from the child, with errors that survive weights and families.
///
/// They rest on the covariance of the four cells as shares of all pairs, with the factor `n / (n - 1)` or, with
/// families, `G / (G - 1)`, and the delta method. R `survey::svycontrast` on `svymean` of the four cells agrees.
impl PovertyPersistence {
    /// Any of the measures; where there is none, the error names the cell that is empty.
    ///
    /// Outflow measures and their ratios have the errors of the functions of that name (HC1 or CR1), the others
    /// those of the linearised cells.
    ///
    /// # Errors
    /// [`MobilityError::ZeroCell`].
    pub fn measure(&self, measure: PersistenceMeasure) -> Result<Estimate, MobilityError> {
        let (value, gradient) = measure.linearise(shares(self.table()))?;
        let (p1, p0) = (self.persistence().value, self.entry().value);
        Ok(match measure {
            PersistenceMeasure::Persistence => self.persistence(),
            PersistenceMeasure::Entry => self.entry(),
            PersistenceMeasure::Exit => self.exit(),
            PersistenceMeasure::RiskDifference => self.risk_difference(),
            PersistenceMeasure::LogRiskRatio => self.estimate(value, [1.0 / p1, -1.0 / p0]),
            PersistenceMeasure::LogOddsRatio => {
                self.estimate(value, [1.0 / (p1 * (1.0 - p1)), -1.0 / (p0 * (1.0 - p0))])
            }
            _ => self.of_cells(value, gradient),
        })
    }

    /// Exit (outflow): chance that a child of poor parents is not poor, `1 - p1`.
    #[must_use]
    pub fn exit(&self) -> Estimate {
        let persistence = self.persistence();
        Estimate { value: 1.0 - persistence.value, ..persistence }
    }

    /// Retrospective share (inflow): how many of the poor children had poor parents, `a / (a + c)`.
    ///
    /// `None` when no child is poor.
    #[must_use]
    pub fn retrospective_share(&self) -> Option<Estimate> {
        self.measure(PersistenceMeasure::RetrospectiveShare).ok()
    }

    /// Share of all pairs in which both are poor, `a / n`.
    #[must_use]
    pub fn joint_share(&self) -> Estimate {
        self.of_cells(shares(self.table())[0], [1.0, 0.0, 0.0, 0.0])
    }

    /// Share of child poverty that would be gone if children of poor parents had the risk of the others; see
    /// [`PovertyTable::attributable_fraction`]. `None` when no child is poor.
    #[must_use]
    pub fn attributable_fraction(&self) -> Option<Estimate> {
        self.measure(PersistenceMeasure::AttributableFraction).ok()
    }

    /// Interval of the attributable fraction `f`, symmetric for `ln(1 - f)`, so that it ends below 1.
    ///
    /// `None` when no child is poor, or only children of poor parents are (`f` is 1).
    ///
    /// # Errors
    /// [`MobilityError::Core`] when `level` is not between 0 and 1.
    ///
    /// # References
    /// Walter, 1976, Biometrics 32(4), 829-849.
    pub fn attributable_fraction_interval(&self, level: f64) -> Result<Option<Interval>, MobilityError> {
        interval_of_fraction(self.attributable_fraction(), level)
    }

    /// Fourfold correlation (phi) of the poverty of parents and children, in `-1..=1`.
    ///
    /// `None` when children are all poor or not at all.
    #[must_use]
    pub fn fourfold_correlation(&self) -> Option<Estimate> {
        self.measure(PersistenceMeasure::FourfoldCorrelation).ok()
    }

    fn of_cells(&self, value: f64, gradient: [f64; 4]) -> Estimate {
        let rows = self.cells.iter().zip(gradient);
        let variance: f64 =
            rows.map(|(row, left)| left * row.iter().zip(gradient).map(|(v, g)| v * g).sum::<f64>()).sum();
        linearised(value, root(variance).powi(2))
    }
}

fn interval_of_fraction(fraction: Option<Estimate>, level: f64) -> Result<Option<Interval>, MobilityError> {
    // A wrong level is an error even where there is no interval.
    normal_quantile(0.5 + level / 2.0)?;
    let Some(fraction) = fraction.filter(|fraction| fraction.value < 1.0) else {
        return Ok(None);
    };
    let rest = 1.0 - fraction.value;
    let log = Estimate { value: rest.ln(), standard_error: fraction.standard_error / rest, ..fraction };
    let interval = log.interval(level)?;
    Ok(Some(Interval { low: 1.0 - interval.high.exp(), high: 1.0 - interval.low.exp() }))
}

/// The four cells as shares of all pairs.
pub(crate) fn shares(table: &PovertyTable) -> [f64; 4] {
    [table.both(), table.parent_only(), table.child_only(), table.neither()].map(|cell| cell / table.total())
}

/// What a pair adds to the shares of the four cells, per unit of its weight.
pub(crate) fn cell_influence(parent: bool, child: bool, shares: [f64; 4], total: f64) -> [f64; 4] {
    let own = 2 * usize::from(!parent) + usize::from(!child);
    std::array::from_fn(|cell| (f64::from(cell == own) - shares[cell]) / total)
}

fn fourfold(shares: [f64; 4]) -> (f64, [f64; 4]) {
    let [a, b, c, d] = shares;
    let (poor, other) = (1.0 / (a + b), 1.0 / (c + d));
    let (poor_child, other_child) = (1.0 / (a + c), 1.0 / (b + d));
    let scale = ((a + b) * (c + d)).sqrt() * ((a + c) * (b + d)).sqrt();
    let phi = (a * d - b * c) / scale;
    let gradient = [
        d / scale - phi / 2.0 * (poor + poor_child),
        -c / scale - phi / 2.0 * (poor + other_child),
        -b / scale - phi / 2.0 * (other + poor_child),
        a / scale - phi / 2.0 * (other + other_child),
    ];
    (phi, gradient)
}

fn sum(left: [f64; 4], right: [f64; 4], factor: f64) -> [f64; 4] {
    std::array::from_fn(|i| left[i] + factor * right[i])
}
