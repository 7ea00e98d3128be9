use erflijn_core::Weights;

use super::PoissonModel;
use crate::income_mobility::{IncomePairs, LeftOut};
use crate::sampling::require_length;
use crate::{LinearModel, MobilityError};

/// A fitted elasticity, and whom it leaves out.
#[derive(Debug, Clone)]
pub struct ElasticityFit<M> {
    /// The regression: coefficient 0 is the intercept, coefficient 1 the elasticity.
    pub model: M,
    /// Pairs used, whatever their weights.
    pub pairs: u64,
    /// Pairs not used, and why.
    pub left_out: LeftOut,
    /// Children among the pairs used who have no income.
    pub children_at_zero: u64,
}

/// The intergenerational elasticity by least squares on logarithms.
///
/// ```text
/// ln y_i = a + b ln x_i + e_i
/// ```
///
/// It is the elasticity of the geometric mean of children's incomes, and only of children who have any: pairs with
/// an income that is not above 0 are left out, and counted. Where many children have none, or a few euros, it says
/// little; see [`expected_income_elasticity`].
///
/// # Units
/// Incomes in euros of one price level each; the elasticity has no unit.
///
/// # Errors
/// Those of [`LinearModel::fit`]; [`MobilityError::Core`] when no pair is left.
///
/// # Complexity
/// O(n).
///
/// # References
/// Solon, 1992, American Economic Review 82(3), 393-408. Becker and Tomes, 1979, Journal of Political Economy 87(6),
/// 1153-1189. R `lm(log(y) ~ log(x))` with `sandwich`, Stata `regress, vce(cluster family)`, statsmodels `OLS`.
pub fn log_log_elasticity(
    parent: &[f64],
    child: &[f64],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<ElasticityFit<LinearModel>, MobilityError> {
    check_clusters(clusters, parent.len())?;
    let pairs = IncomePairs::positive(parent, child, weights)?;
    let clusters = clusters.map(|clusters| pairs.select(clusters));
    let (x, y) = (logarithms(pairs.parents()), logarithms(pairs.children()));
    let model = LinearModel::fit(&y, &[&x], pairs.weights(), clusters.as_deref())?;
    Ok(ElasticityFit { model, pairs: pairs.pairs(), left_out: pairs.left_out(), children_at_zero: 0 })
}

/// The intergenerational elasticity of expected income by Poisson pseudo-likelihood.
///
/// ```text
/// E(y_i | x_i) = exp(a + b ln x_i)
/// ```
///
/// The per cent by which the mean income of children rises with one per cent more for the parents. Children without
/// income stay in; parents need a positive income. Incomes need not be Poisson: only the mean has to be right, and
/// the robust errors say what is not assumed.
///
/// # Units
/// As of [`log_log_elasticity`].
///
/// # Errors
/// Those of [`PoissonModel::fit`]; [`MobilityError::Core`] when no pair is left. Pairs with a negative child's income
/// are left out and counted.
///
/// # Complexity
/// O(n) for each of about six iterations.
///
/// # References
/// Mitnik and Grusky, 2020, Sociological Methodology 50(1), 47-95. Santos Silva and
/// Tenreyro, 2006, Review of Economics and Statistics 88(4), 641-658. Stata `ppml` and `ppmlhdfe`, R
/// `glm(family = quasipoisson)` with `sandwich`, statsmodels `GLM`.
pub fn expected_income_elasticity(
    parent: &[f64],
    child: &[f64],
    weights: Weights<'_>,
    clusters: Option<&[u32]>,
) -> Result<ElasticityFit<PoissonModel>, MobilityError> {
    check_clusters(clusters, parent.len())?;
    let pairs = IncomePairs::with_children_at_zero(parent, child, weights)?;
    let clusters = clusters.map(|clusters| pairs.select(clusters));
    let x = logarithms(pairs.parents());
    let model = PoissonModel::fit(pairs.children(), &[&x], pairs.weights(), clusters.as_deref())?;
    let children_at_zero = pairs.children().iter().filter(|income| **income <= 0.0).count() as u64;
    Ok(ElasticityFit { model, pairs: pairs.pairs(), left_out: pairs.left_out(), children_at_zero })
}

fn logarithms(incomes: &[f64]) -> Vec<f64> {
    incomes.iter().map(|income| income.ln()).collect()
}

fn check_clusters(clusters: Option<&[u32]>, pairs: usize) -> Result<(), MobilityError> {
    clusters.map_or(Ok(()), |clusters| require_length("clusters", clusters.len(), pairs))
}
