use std::fmt;
use std::str::FromStr;

use erflijn_core::{CoreError, Estimate};
use erflijn_transition::{CellCovariance, EmptyRows, TransitionCounts, TransitionMatrix};
use ndarray::Array2;

use super::{gradient, shares};
use crate::sampling::require_length;
use crate::{
    MobilityError, bartholomew_distance, bartholomew_immobility, determinant_index, second_eigenvalue_index,
    share_immobile, shorrocks_trace,
};

/// The distribution of parents over classes that an index averages with.
///
/// Packages differ in silence here (giddy takes uniform shares, mobilityIndexR the observed ones), so it is
/// always said.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The shares of the parents in the table; they are estimated, and the standard error says so.
    Observed,
    /// Equal shares.
    Uniform,
    /// The long-run distribution of the matrix; it is estimated, and the standard error says so.
    SteadyState,
    /// Known shares, that add up to 1.
    Given(Vec<f64>),
}

impl Origin {
    /// The shares that this stands for in a table.
    ///
    /// # Errors
    /// [`MobilityError::Transition`] for a class without parents; [`MobilityError::Core`] when there are several
    /// long-run distributions, and for given shares of another length.
    pub fn shares(&self, counts: &TransitionCounts) -> Result<Vec<f64>, MobilityError> {
        let k = counts.classes();
        match self {
            Self::Observed => Ok((counts.row_totals() / counts.total()).to_vec()),
            Self::Uniform => Ok(vec![1.0 / k as f64; k]),
            Self::SteadyState => {
                let distributions = counts.matrix(EmptyRows::Refuse)?.stationary_distributions();
                match distributions.nrows() {
                    1 => Ok(distributions.row(0).to_vec()),
                    _ => Err(several_long_runs()),
                }
            }
            Self::Given(shares) => {
                require_length("origin", shares.len(), k)?;
                Ok(shares.clone())
            }
        }
    }
}

/// An index of a transition matrix or table, by its published name: the closed list for configuration files.
///
/// In a file it is a text: `"shorrocks_trace"`, or with an argument `"bartholomew_distance(uniform)"`,
/// `"bartholomew_distance(0.2, 0.3, 0.5)"`, `"conditional_leaving(0)"`. A name that is not known is
/// [`MobilityError::UnknownIndex`], which lists those that are.
///
/// | variant | formula | range | gradient in `p_ij` |
/// |---|---|---|---|
/// | `ShorrocksTrace` | `(k - tr P) / (k - 1)` | `0..=k/(k-1)` | `-1{i=j} / (k-1)` |
/// | `Determinant` | `1 - abs(det P)` | `0..=1` | `-abs(det P) (P^-1)_ji` |
/// | `DeterminantRoot` | `1 - abs(det P)^(1/(k-1))` | `0..=1` | the same over `k-1`, with the root |
/// | `SecondEigenvalue` | `1 - abs(lambda_2)` | `0..=1` | `-Re(conj(lambda)/abs(lambda) u_i v_j)`, `u'v = 1` |
/// | `BartholomewImmobility` | `k/(k-1) sum pi_i (1 - p_ii)` | `0..=k/(k-1)` | `-k/(k-1) pi_i 1{i=j}` |
/// | `BartholomewDistance` | `sum pi_i p_ij abs(i-j) / (k-1)` | `0..=1` | `pi_i abs(i-j) / (k-1)` |
/// | `ConditionalLeaving` | `1 - p_cc` | `0..=1` | `-1{i=j=c}` |
/// | `WeightedGroupMobility` | `mean of (1 - p_ii) / (1 - c_i)` | 0 and more | in cells |
/// | `AverageJump` | `sum q_ij abs(i-j)` | `0..=k-1` | in cells |
/// | `ShareMoving`, `ShareImmobile`, `UpwardShare`, `DownwardShare` | sums of `q_ij` | `0..=1` | in cells |
/// | `BottomPersistence`, `TopPersistence`, `TopGivenBottom`, `BottomGivenTop` | corners of `P` | `0..=1` | one cell |
///
/// with `q_ij` the share of all persons in a cell, `pi` the [`Origin`].
///
/// # References
/// As of the functions of the same names.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub enum MatrixIndex {
    /// [`shorrocks_trace`].
    ShorrocksTrace,
    /// [`determinant_index`].
    Determinant,
    /// [`super::determinant_root_index`].
    DeterminantRoot,
    /// [`second_eigenvalue_index`].
    SecondEigenvalue,
    /// [`bartholomew_immobility`].
    BartholomewImmobility(Origin),
    /// [`bartholomew_distance`].
    BartholomewDistance(Origin),
    /// [`crate::conditional_leaving`] of one class.
    ConditionalLeaving(usize),
    /// [`super::weighted_group_mobility`].
    WeightedGroupMobility,
    /// [`super::average_jump`].
    AverageJump,
    /// [`super::share_moving`].
    ShareMoving,
    /// [`share_immobile`].
    ShareImmobile,
    /// [`super::upward_share`].
    UpwardShare,
    /// [`super::downward_share`].
    DownwardShare,
    /// [`super::bottom_persistence`].
    BottomPersistence,
    /// [`super::top_persistence`].
    TopPersistence,
    /// [`crate::top_given_bottom`].
    TopGivenBottom,
    /// [`super::bottom_given_top`].
    BottomGivenTop,
}

/// The names that [`MatrixIndex`] is read from.
pub const INDEX_NAMES: &str = "shorrocks_trace, determinant, determinant_root, second_eigenvalue, \
    bartholomew_immobility(ORIGIN), bartholomew_distance(ORIGIN), conditional_leaving(CLASS), \
    weighted_group_mobility, average_jump, share_moving, share_immobile, upward_share, downward_share, \
    bottom_persistence, top_persistence, top_given_bottom, bottom_given_top; ORIGIN is observed, uniform, \
    steady_state or shares";

impl MatrixIndex {
    /// The index of a table.
    ///
    /// # Units
    /// As of the function of the same name.
    ///
    /// # Errors
    /// Those of that function; [`MobilityError::Transition`] for a class without parents, where the index needs
    /// all of them; [`MobilityError::NoSuchClass`].
    pub fn value(&self, counts: &TransitionCounts) -> Result<f64, MobilityError> {
        let matrix = || -> Result<TransitionMatrix, MobilityError> { Ok(counts.matrix(EmptyRows::Refuse)?) };
        let top = counts.classes() - 1;
        match self {
            Self::ShorrocksTrace => shorrocks_trace(&matrix()?),
            Self::Determinant => determinant_index(&matrix()?),
            Self::DeterminantRoot => shares::determinant_root_index(&matrix()?),
            Self::SecondEigenvalue => second_eigenvalue_index(&matrix()?),
            Self::BartholomewImmobility(origin) => {
                bartholomew_immobility(&matrix()?, &origin.shares(counts)?)
            }
            Self::BartholomewDistance(origin) => bartholomew_distance(&matrix()?, &origin.shares(counts)?),
            Self::ConditionalLeaving(class) if *class > top => {
                Err(MobilityError::NoSuchClass { found: *class, classes: top + 1 })
            }
            Self::ConditionalLeaving(class) => Ok(1.0 - shares::chance(counts, *class, *class)?),
            Self::WeightedGroupMobility => shares::weighted_group_mobility(counts),
            Self::AverageJump => shares::average_jump(counts),
            Self::ShareMoving => shares::share_moving(counts),
            Self::ShareImmobile => share_immobile(counts),
            Self::UpwardShare => shares::upward_share(counts),
            Self::DownwardShare => shares::downward_share(counts),
            Self::BottomPersistence => shares::chance(counts, 0, 0),
            Self::TopPersistence => shares::chance(counts, top, top),
            Self::TopGivenBottom => shares::chance(counts, 0, top),
            Self::BottomGivenTop => shares::chance(counts, top, 0),
        }
    }

    /// The derivative of the index in the share of each cell, up to a constant.
    ///
    /// Shares add up to 1, so that a constant added to all of them says nothing; the covariance of shares takes
    /// it out.
    ///
    /// # Units
    /// Those of the index per share of all persons.
    ///
    /// # Errors
    /// As of [`Self::value`]; [`MobilityError::NotDifferentiable`] for the determinant indices of a singular
    /// matrix, and for a second eigenvalue that is 0, or that another eigenvalue equals in modulus.
    pub fn gradient(&self, counts: &TransitionCounts) -> Result<Array2<f64>, MobilityError> {
        gradient::of(self, counts)
    }

    /// The index with its standard error by the delta method.
    ///
    /// ```text
    /// Var M = sum over a, b of g_a Cov(q_a, q_b) g_b,    g the gradient in the shares of the cells
    /// ```
    ///
    /// The covariance says how the table came about: independent persons, weights, families as clusters. Class
    /// boundaries count as fixed; for quantiles of the same sample use the bootstrap of the transition crate.
    ///
    /// # Errors
    /// As of [`Self::gradient`]; [`MobilityError::Transition`] when the covariance is of several tables.
    pub fn estimate(&self, cells: &CellCovariance) -> Result<Estimate, MobilityError> {
        let k = cells.classes();
        require_length("cells", cells.shares().len(), k * k)?;
        let shares = Array2::from_shape_fn((k, k), |(i, j)| cells.shares()[i * k + j]);
        let counts = TransitionCounts::from_cells(shares)?;
        Ok(cells.delta(self.value(&counts)?, &self.gradient(&counts)?)?)
    }

    /// The least and the greatest value that the index can have with `classes` classes.
    #[must_use]
    pub fn range(&self, classes: usize) -> (f64, f64) {
        let k = classes as f64;
        let most = match self {
            Self::ShorrocksTrace => k / (k - 1.0),
            Self::BartholomewImmobility(_) => k / (k - 1.0),
            Self::AverageJump => k - 1.0,
            Self::WeightedGroupMobility => f64::INFINITY,
            _ => 1.0,
        };
        (0.0, most)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::ShorrocksTrace => "shorrocks_trace",
            Self::Determinant => "determinant",
            Self::DeterminantRoot => "determinant_root",
            Self::SecondEigenvalue => "second_eigenvalue",
            Self::BartholomewImmobility(_) => "bartholomew_immobility",
            Self::BartholomewDistance(_) => "bartholomew_distance",
            Self::ConditionalLeaving(_) => "conditional_leaving",
            Self::WeightedGroupMobility => "weighted_group_mobility",
            Self::AverageJump => "average_jump",
            Self::ShareMoving => "share_moving",
            Self::ShareImmobile => "share_immobile",
            Self::UpwardShare => "upward_share",
            Self::DownwardShare => "downward_share",
            Self::BottomPersistence => "bottom_persistence",
            Self::TopPersistence => "top_persistence",
            Self::TopGivenBottom => "top_given_bottom",
            Self::BottomGivenTop => "bottom_given_top",
        }
    }
}

impl fmt::Display for MatrixIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::BartholomewImmobility(origin) | Self::BartholomewDistance(origin) => match origin {
                Origin::Observed => f.write_str("(observed)"),
                Origin::Uniform => f.write_str("(uniform)"),
                Origin::SteadyState => f.write_str("(steady_state)"),
                Origin::Given(shares) => {
                    let texts: Vec<String> = shares.iter().map(f64::to_string).collect();
                    write!(f, "({})", texts.join(", "))
                }
            },
            Self::ConditionalLeaving(class) => write!(f, "({class})"),
            _ => Ok(()),
        }
    }
}

impl FromStr for MatrixIndex {
    type Err = MobilityError;

    fn from_str(text: &str) -> Result<Self, MobilityError> {
        let unknown = || MobilityError::UnknownIndex { found: text.to_owned(), expected: INDEX_NAMES };
        let (name, argument) = match text.trim().split_once('(') {
            None => (text.trim(), None),
            Some((name, rest)) => (name.trim(), Some(rest.trim().strip_suffix(')').ok_or_else(unknown)?)),
        };
        let plain = |index: Self| if argument.is_none() { Some(index) } else { None };
        let origin = || argument.and_then(read_origin);
        let found = match name {
            "shorrocks_trace" => plain(Self::ShorrocksTrace),
            "determinant" => plain(Self::Determinant),
            "determinant_root" => plain(Self::DeterminantRoot),
            "second_eigenvalue" => plain(Self::SecondEigenvalue),
            "bartholomew_immobility" => origin().map(Self::BartholomewImmobility),
            "bartholomew_distance" => origin().map(Self::BartholomewDistance),
            "conditional_leaving" => {
                argument.and_then(|class| class.trim().parse().ok()).map(Self::ConditionalLeaving)
            }
            "weighted_group_mobility" => plain(Self::WeightedGroupMobility),
            "average_jump" => plain(Self::AverageJump),
            "share_moving" => plain(Self::ShareMoving),
            "share_immobile" => plain(Self::ShareImmobile),
            "upward_share" => plain(Self::UpwardShare),
            "downward_share" => plain(Self::DownwardShare),
            "bottom_persistence" => plain(Self::BottomPersistence),
            "top_persistence" => plain(Self::TopPersistence),
            "top_given_bottom" => plain(Self::TopGivenBottom),
            "bottom_given_top" => plain(Self::BottomGivenTop),
            _ => None,
        };
        found.ok_or_else(unknown)
    }
}

impl TryFrom<String> for MatrixIndex {
    type Error = MobilityError;
    fn try_from(text: String) -> Result<Self, MobilityError> {
        text.parse()
    }
}

impl From<MatrixIndex> for String {
    fn from(index: MatrixIndex) -> Self {
        index.to_string()
    }
}

/// No one distribution, because several sets of classes are never left.
pub(super) fn several_long_runs() -> MobilityError {
    let feature = "matrices of several recurrent sets of classes";
    CoreError::NotDefinedFor { method: "the long-run distribution", feature }.into()
}

fn read_origin(text: &str) -> Option<Origin> {
    match text.trim() {
        "observed" => Some(Origin::Observed),
        "uniform" => Some(Origin::Uniform),
        "steady_state" => Some(Origin::SteadyState),
        shares => {
            let shares: Option<Vec<f64>> =
                shares.split(',').map(|share| share.trim().parse::<f64>().ok()).collect();
            shares.map(Origin::Given)
        }
    }
}
