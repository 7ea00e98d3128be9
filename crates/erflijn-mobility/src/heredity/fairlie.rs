use erflijn_core::{Estimate, Weights};
use rand_pcg::Pcg64;

use super::binary::{Fitted, fit_parts};
use super::joint::{Joint, interleave, linearised, quadratic};
use super::link::Link;
use super::matching::{Ordered, Pair, drawn, quantiles, shuffled};
use crate::MobilityError;
use crate::sampling::{Sampling, require_length};

/// Whose model says what a difference in characteristics is worth, in Fairlie's decomposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ReferenceModel {
    /// That of the area.
    Area,
    /// That of elsewhere.
    Elsewhere,
    /// That of both together.
    Pooled,
    /// That of both together beside a column for the area, which is 0 in all predictions.
    PooledWithArea,
}

/// Who of the area is compared with whom elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FairlieMatching {
    /// Quantile with quantile of the predicted chances, all members with their weights: what draws come to on average
    /// in large samples, without their noise. Contributions add up to the explained part exactly.
    #[default]
    Quantiles,
    /// Fairlie's own, as in Stata `fairlie`: as many are drawn from both groups, again and again, and matched by rank.
    ///
    /// Without weights the larger group is drawn from, without replacement; with weights both are, with replacement,
    /// half the sample from each. Generator PCG64 (XSL RR 128/64), so that a seed gives the same result everywhere.
    Drawn {
        /// How many draws; Stata takes 100.
        replicates: u32,
        /// Seed of the generator.
        seed: u64,
        /// The order in which sets are switched.
        order: SwitchingOrder,
    },
}

/// In which order sets of characteristics are switched from the area's to elsewhere's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SwitchingOrder {
    /// As the sets are given.
    #[default]
    AsGiven,
    /// Another one in each draw: option `ro` of Stata `fairlie`.
    Shuffled,
}

/// Two groups with a binary outcome.
#[derive(Debug, Clone, Copy)]
pub struct FairlieSample<'a> {
    /// Whether each is poor.
    pub outcome: &'a [bool],
    /// Who belongs to the area.
    pub in_area: &'a [bool],
    /// Sets of columns that are switched together: a measured quantity, or all dummies of a characteristic.
    pub sets: &'a [&'a [&'a [f64]]],
    /// How much each observation counts.
    pub weights: Weights<'a>,
    /// Families; one may have members in both groups.
    pub clusters: Option<&'a [u32]>,
}

/// The gap in the chance of poverty between an area and elsewhere, by a logit or probit, after Fairlie.
///
/// ```text
/// gap         mean of y in A - mean of y in B
/// explained   mean in A of F(x b*) - mean in B of F(x b*),     b* of the reference model
/// set s       mean over pairs (a, b) of F(before) - F(after),   s switched from a's to b's values, earlier sets
///             already switched, later ones not yet
/// ```
///
/// Contributions depend on the order of the sets; that is in the method. Errors of gap, explained and unexplained part
/// are those of stacked influence functions (characteristics are drawn too, families count). Errors of contributions
/// are Fairlie's: the delta method on `b*` alone, pairs as given, so that they are a little too small; where it
/// matters, bootstrap families.
///
/// # Units
/// Shares in `0..=1`.
///
/// # References
/// Fairlie, 2005, Journal of Economic and Social Measurement 30(4), 305-316; 1999, Journal of Labor Economics 17(1),
/// 80-108. Jann, 2006, `fairlie`, Statistical Software Components S456727.
#[derive(Debug, Clone)]
pub struct FairlieDecomposition {
    /// Mean of the area, mean of elsewhere, explained.
    joint: Joint,
    contributions: Vec<Estimate>,
}

/// Decomposes the gap in a binary outcome; see [`FairlieDecomposition`].
///
/// # Errors
/// [`MobilityError::NoColumns`] for an empty set; [`MobilityError::NobodyIn`] for an empty group;
/// [`MobilityError::NoReplicates`] for no draws; and as [`crate::heredity::BinaryModel::fit`] for the reference model.
///
/// # Complexity
/// O(n k^2) for the model; O(n k s) for `s` sets, times the draws.
pub fn fairlie(
    link: Link,
    sample: FairlieSample<'_>,
    reference: ReferenceModel,
    matching: FairlieMatching,
) -> Result<FairlieDecomposition, MobilityError> {
    check(&sample, matching)?;
    let sampling = Sampling::new(sample.outcome.len(), sample.weights, sample.clusters)?;
    let model = Model::fit(link, &sample, reference)?;
    let sides = [true, false].map(|area| Side::new(&sample, &sampling, &model, area));
    let [area, elsewhere] = &sides;
    for (side, group) in [(area, "in the area"), (elsewhere, "elsewhere")] {
        if side.ordered.members.is_empty() {
            return Err(MobilityError::NobodyIn { group });
        }
    }
    let influences = interleave(&influences(&sample, &model, area, elsewhere));
    let values = vec![area.outcome, elsewhere.outcome, area.predicted - elsewhere.predicted];
    let joint = Joint::new(values, &influences, &sampling);
    let contributions = contributions(&sample, &model, area, elsewhere, matching);
    Ok(FairlieDecomposition { joint, contributions })
}

impl FairlieDecomposition {
    /// Share of poor in the area.
    #[must_use]
    pub fn share_in_area(&self) -> Estimate {
        self.joint.get(0)
    }

    /// Share of poor elsewhere.
    #[must_use]
    pub fn share_elsewhere(&self) -> Estimate {
        self.joint.get(1)
    }

    /// Share of the area less share of elsewhere.
    #[must_use]
    pub fn gap(&self) -> Estimate {
        self.joint.combine(&[1.0, -1.0, 0.0])
    }

    /// What other characteristics explain.
    #[must_use]
    pub fn explained(&self) -> Estimate {
        self.joint.get(2)
    }

    /// The rest.
    #[must_use]
    pub fn unexplained(&self) -> Estimate {
        self.joint.combine(&[1.0, -1.0, -1.0])
    }

    /// What each set contributes to the explained part.
    #[must_use]
    pub fn contributions(&self) -> &[Estimate] {
        &self.contributions
    }
}

fn check(sample: &FairlieSample<'_>, matching: FairlieMatching) -> Result<(), MobilityError> {
    require_length("in_area", sample.in_area.len(), sample.outcome.len())?;
    if sample.sets.is_empty() || sample.sets.iter().any(|set| set.is_empty()) {
        return Err(MobilityError::NoColumns { name: "set of characteristics" });
    }
    match matching {
        FairlieMatching::Drawn { replicates: 0, .. } => Err(MobilityError::NoReplicates),
        _ => Ok(()),
    }
}

/// The reference model, with predictions for everybody.
struct Model {
    link: Link,
    fitted: Fitted,
    /// Coefficients that predict: the intercept and the characteristics.
    coefficients: Vec<f64>,
    covariance: ndarray::Array2<f64>,
    predictor: Vec<f64>,
    chance: Vec<f64>,
    /// Influence on the coefficients; zero for those whom the model was not fitted to.
    influences: Vec<f64>,
    /// Where the first column of each set, and the end of the last, stand among the coefficients.
    ends: Vec<usize>,
}

impl Model {
    fn fit(link: Link, sample: &FairlieSample<'_>, reference: ReferenceModel) -> Result<Self, MobilityError> {
        let holds = |i: usize| match reference {
            ReferenceModel::Area => sample.in_area[i],
            ReferenceModel::Elsewhere => !sample.in_area[i],
            ReferenceModel::Pooled | ReferenceModel::PooledWithArea => true,
        };
        let (counts, shares) = masked(sample.weights, sample.outcome.len(), holds)?;
        let weights = match sample.weights {
            Weights::Probability(_) => Weights::Probability(&shares),
            Weights::Equal | Weights::Frequency(_) => Weights::Frequency(&counts),
        };
        let sampling = Sampling::new(sample.outcome.len(), weights, sample.clusters)?;
        let area: Vec<f64> = sample.in_area.iter().map(|area| f64::from(*area)).collect();
        let columns = sample.sets.iter().flat_map(|set| set.iter().copied());
        let extra = (reference == ReferenceModel::PooledWithArea).then_some(&area[..]);
        let fitted = fit_parts(link, sample.outcome, columns.chain(extra), &sampling)?;
        let mut influences = fitted.maximum.influences(&fitted.design);
        for (i, row) in influences.chunks_exact_mut(fitted.design.width).enumerate() {
            if !holds(i) {
                row.fill(0.0);
            }
        }
        let joint = Joint::new(fitted.maximum.coefficients.clone(), &influences, &sampling);
        let ends: Vec<usize> = std::iter::once(1)
            .chain(sample.sets.iter().scan(1, |end, set| {
                *end += set.len();
                Some(*end)
            }))
            .collect();
        let used = *ends.last().expect("there is a first end");
        let coefficients = fitted.maximum.coefficients[..used].to_vec();
        let predict = |row: &[f64]| coefficients.iter().zip(row).map(|(b, x)| b * x).sum::<f64>();
        let predictor: Vec<f64> = fitted.design.rows.chunks_exact(fitted.design.width).map(predict).collect();
        let chance = predictor.iter().map(|predictor| link.probability(*predictor)).collect();
        Ok(Self {
            link,
            coefficients,
            covariance: joint.covariance,
            predictor,
            chance,
            influences,
            ends,
            fitted,
        })
    }

    /// The characteristics that predict, the intercept first.
    fn row(&self, i: usize) -> &[f64] {
        &self.fitted.design.row(i)[..self.coefficients.len()]
    }
}

/// Weights of a part of the sample, zero elsewhere: counts for frequencies, shares for probabilities.
fn masked(
    weights: Weights<'_>,
    observations: usize,
    holds: impl Fn(usize) -> bool,
) -> Result<(Vec<u32>, Vec<f64>), MobilityError> {
    weights.check(observations)?;
    Ok(match weights {
        Weights::Equal => ((0..observations).map(|i| u32::from(holds(i))).collect(), Vec::new()),
        Weights::Frequency(counts) => {
            ((0..observations).map(|i| if holds(i) { counts[i] } else { 0 }).collect(), Vec::new())
        }
        Weights::Probability(shares) => {
            (Vec::new(), (0..observations).map(|i| if holds(i) { shares[i] } else { 0.0 }).collect())
        }
    })
}

/// One of the two groups.
struct Side {
    ordered: Ordered,
    size: f64,
    /// Mean outcome and mean predicted chance.
    outcome: f64,
    predicted: f64,
    /// Mean of the density times the characteristics.
    gradient: Vec<f64>,
}

impl Side {
    fn new(sample: &FairlieSample<'_>, sampling: &Sampling<'_>, model: &Model, area: bool) -> Self {
        let members = (0..sample.outcome.len()).filter(|i| sample.in_area[*i] == area);
        let weight = |i: usize| sampling.weight(i);
        let ordered = Ordered::new(members, &model.chance, |i| model.row(i), weight);
        let size: f64 = ordered.weights.iter().sum();
        let (mut outcome, mut predicted) = (0.0, 0.0);
        let mut gradient = vec![0.0; model.coefficients.len()];
        for &i in &ordered.members {
            let share = weight(i) / size;
            outcome += share * f64::from(sample.outcome[i]);
            predicted += share * model.chance[i];
            let density = model.link.density(model.predictor[i]);
            gradient.iter_mut().zip(model.row(i)).for_each(|(g, x)| *g += share * density * x);
        }
        Self { ordered, size, outcome, predicted, gradient }
    }
}

/// Influences on the two means and the explained part.
fn influences(sample: &FairlieSample<'_>, model: &Model, area: &Side, elsewhere: &Side) -> [Vec<f64>; 3] {
    let width = model.fitted.design.width;
    let gradient: Vec<f64> = area.gradient.iter().zip(&elsewhere.gradient).map(|(a, b)| a - b).collect();
    let [mut of_area, mut of_elsewhere, mut explained] =
        std::array::from_fn(|_| vec![0.0; sample.outcome.len()]);
    for (i, outcome) in sample.outcome.iter().enumerate() {
        let (side, sign) = if sample.in_area[i] { (area, 1.0) } else { (elsewhere, -1.0) };
        let own = if sample.in_area[i] { &mut of_area } else { &mut of_elsewhere };
        own[i] = (f64::from(*outcome) - side.outcome) / side.size;
        let of_model = &model.influences[i * width..];
        explained[i] = sign * (model.chance[i] - side.predicted) / side.size
            + gradient.iter().zip(of_model).map(|(g, psi)| g * psi).sum::<f64>();
    }
    [of_area, of_elsewhere, explained]
}

fn contributions(
    sample: &FairlieSample<'_>,
    model: &Model,
    area: &Side,
    elsewhere: &Side,
    matching: FairlieMatching,
) -> Vec<Estimate> {
    let sets = sample.sets.len();
    let (replicates, order) = match matching {
        FairlieMatching::Quantiles => (1, SwitchingOrder::AsGiven),
        FairlieMatching::Drawn { replicates, order, .. } => (replicates, order),
    };
    let seed = if let FairlieMatching::Drawn { seed, .. } = matching { seed } else { 0 };
    const STREAM: u128 = 0x0fa1_211e_2005_0b1d_6a09_e667_f3bc_c908;
    let mut random = Pcg64::new(u128::from(seed), STREAM);
    let weighted = !matches!(sample.weights, Weights::Equal);
    let mut sums = vec![(0.0, 0.0); sets];
    for _ in 0..replicates {
        let pairs = match matching {
            FairlieMatching::Quantiles => quantiles(&area.ordered, &elsewhere.ordered),
            FairlieMatching::Drawn { .. } => drawn(&area.ordered, &elsewhere.ordered, weighted, &mut random),
        };
        let order = match order {
            SwitchingOrder::AsGiven => (0..sets).collect(),
            SwitchingOrder::Shuffled => shuffled(sets, &mut random),
        };
        for (set, value, gradient) in switch(model, &pairs, &order) {
            sums[set].0 += value;
            // A column for the area comes last and predicts nothing: it has no gradient.
            sums[set].1 += quadratic(&model.covariance, &gradient);
        }
    }
    let replicates = f64::from(replicates);
    sums.into_iter().map(|(value, variance)| linearised(value / replicates, variance / replicates)).collect()
}

/// Contribution of each set, with its gradient by the coefficients, in the order of switching.
fn switch(model: &Model, pairs: &[Pair], order: &[usize]) -> Vec<(usize, f64, Vec<f64>)> {
    let width = model.coefficients.len();
    let mut found: Vec<_> = order.iter().map(|set| (*set, 0.0, vec![0.0; width])).collect();
    let mut mixed = vec![0.0; width];
    for &(a, b, mass) in pairs {
        mixed.copy_from_slice(model.row(a));
        let mut predictor = model.predictor[a];
        for (set, value, gradient) in &mut found {
            let columns = model.ends[*set]..model.ends[*set + 1];
            let density = mass * model.link.density(predictor);
            gradient.iter_mut().zip(&mixed).for_each(|(g, x)| *g += density * x);
            let before = model.link.probability(predictor);
            mixed[columns.clone()].copy_from_slice(&model.row(b)[columns]);
            predictor = model.coefficients.iter().zip(&mixed).map(|(b, x)| b * x).sum();
            let density = mass * model.link.density(predictor);
            gradient.iter_mut().zip(&mixed).for_each(|(g, x)| *g -= density * x);
            *value += mass * (before - model.link.probability(predictor));
        }
    }
    found
}
