use erflijn_core::{CompensatedSum, CoreError, Linearised, Weights};
use ndarray::ArrayRef2;

use crate::inequality::check_number;
use crate::{Boundary, PovertyError};

/// How far from 1 the dimension weights may sum, and from the cutoff a person's score may lie and still be at it:
/// three times a third is 1.
const ROUNDING: f64 = 1e-9;

/// How many deprivations make a person multidimensionally poor.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum DeprivationCutoff {
    /// One, in any dimension that has weight.
    Union,
    /// Dimensions that weigh this share together, or more; above 0 and at most 1.
    AtLeast(f64),
    /// All that have weight; dimensions that together weigh less than `1e-9` do not decide.
    Intersection,
}

/// The counting rule of Alkire and Foster: a weight for each dimension, and a cutoff.
///
/// # Units
/// Weights are shares that sum to one; so is the cutoff.
#[derive(Debug, Clone, PartialEq)]
pub struct CountingRule {
    weights: Vec<f64>,
    cutoff: DeprivationCutoff,
}

impl CountingRule {
    /// A rule with these weights, one per dimension.
    ///
    /// # Errors
    /// [`PovertyError::Parameter`] for a weight that is negative or not a number, for weights whose sum is not
    /// 1 within `1e-9`, and for a cutoff that is not above 0 and at most 1.
    pub fn new(weights: Vec<f64>, cutoff: DeprivationCutoff) -> Result<Self, PovertyError> {
        if let Some(&found) = weights.iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
            let expected = "a number from 0 to 1";
            return Err(PovertyError::Parameter { name: "dimension weight", found, expected });
        }
        let found: f64 = weights.iter().sum();
        if (found - 1.0).abs() > ROUNDING {
            return Err(PovertyError::Parameter { name: "sum of dimension weights", found, expected: "1" });
        }
        match cutoff {
            DeprivationCutoff::AtLeast(found) if !(found > 0.0 && found <= 1.0) => {
                let expected = "a number above 0 and at most 1";
                Err(PovertyError::Parameter { name: "deprivation cutoff", found, expected })
            }
            _ => Ok(Self { weights, cutoff }),
        }
    }

    /// A rule that weighs all dimensions alike.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and no dimensions at all.
    pub fn equal(dimensions: usize, cutoff: DeprivationCutoff) -> Result<Self, PovertyError> {
        Self::new(vec![1.0 / dimensions as f64; dimensions], cutoff)
    }

    /// The weights of the dimensions.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    fn is_poor(&self, score: f64) -> bool {
        match self.cutoff {
            DeprivationCutoff::Union => score > 0.0,
            DeprivationCutoff::AtLeast(share) => score > 0.0 && score >= share - ROUNDING,
            DeprivationCutoff::Intersection => score >= 1.0 - ROUNDING,
        }
    }
}

/// Who is deprived of what: a matrix with a row for each person and a column for each dimension, with the
/// persons' weights; perhaps a domain of a larger sample.
///
/// # Examples
/// ```
/// use erflijn_core::Weights;
/// use erflijn_poverty::{CountingRule, DeprivationCutoff, Deprivations};
/// use ndarray::array;
///
/// // Four people, three dimensions of equal weight; poor with two deprivations or more.
/// let matrix = array![[false, false, true], [true, true, false], [true, true, true], [false, false, false]];
/// let rule = CountingRule::equal(3, DeprivationCutoff::AtLeast(2.0 / 3.0))?;
/// let counted = Deprivations::new(&matrix, Weights::Equal)?.count(&rule)?;
/// assert!((counted.headcount - 0.5).abs() < 1e-15); // the second and the third
/// assert!((counted.intensity.expect("somebody is poor") - 5.0 / 6.0).abs() < 1e-15); // 2 and 3 of 3
/// assert!((counted.adjusted_headcount - 5.0 / 12.0).abs() < 1e-15);
/// assert!((counted.dimensions[2].censored_headcount - 0.25).abs() < 1e-15); // the first is not poor
/// # Ok::<(), erflijn_poverty::PovertyError>(())
/// ```
///
/// # References
/// Alkire and Foster, 2011, *Journal of Public Economics* 95(7-8), 476-487,
/// <https://doi.org/10.1016/j.jpubeco.2010.11.006>. R `convey::svyafc`, `convey::svyafcdec`.
#[derive(Debug, Clone, Copy)]
pub struct Deprivations<'a> {
    matrix: Matrix<'a>,
    weights: Weights<'a>,
    members: Option<&'a [bool]>,
    total: f64,
}

#[derive(Debug, Clone, Copy)]
enum Matrix<'a> {
    Deprived(&'a ArrayRef2<bool>),
    Achievements { values: &'a ArrayRef2<f64>, cutoffs: &'a [f64], boundary: Boundary },
}

impl Matrix<'_> {
    fn dim(&self) -> (usize, usize) {
        match self {
            Self::Deprived(matrix) => matrix.dim(),
            Self::Achievements { values, .. } => values.dim(),
        }
    }

    fn knows_gaps(&self) -> bool {
        matches!(self, Self::Achievements { .. })
    }

    /// The gap, relative to the cutoff, of a person in a dimension; nothing if not deprived. Where gaps are not
    /// known it is 0, and nobody asks.
    fn gap(&self, person: usize, dimension: usize) -> Option<f64> {
        match self {
            Self::Deprived(matrix) => matrix[[person, dimension]].then_some(0.0),
            Self::Achievements { values, cutoffs, boundary } => {
                let (value, cutoff) = (values[[person, dimension]], cutoffs[dimension]);
                let deprived = match boundary {
                    Boundary::StrictlyBelow => value < cutoff,
                    Boundary::AtOrBelow => value <= cutoff,
                };
                deprived.then(|| (cutoff - value) / cutoff)
            }
        }
    }
}

/// One dimension's part in multidimensional poverty.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DimensionCount {
    /// Share of people who are deprived in this dimension, poor or not.
    pub raw_headcount: f64,
    /// Share of people who are poor and deprived in this dimension.
    pub censored_headcount: f64,
    /// What the dimension adds to the adjusted headcount: its weight times its censored headcount.
    pub contribution: f64,
}

/// Multidimensional poverty of a population.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MultidimensionalPoverty {
    /// H: share of people who are poor.
    pub headcount: f64,
    /// A: weighted share of dimensions that the poor are deprived in, on average; nothing when nobody is poor.
    pub intensity: Option<f64>,
    /// M0 = H times A: the sum of the dimensions' contributions, in that order, to the last bit.
    pub adjusted_headcount: f64,
    /// M1: M0 with each deprivation weighed by its gap; nothing when only deprivations are known.
    pub adjusted_gap: Option<f64>,
    /// The dimensions, in the order of the columns.
    pub dimensions: Vec<DimensionCount>,
}

/// One group's part in multidimensional poverty.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupPoverty {
    /// Share of the weight.
    pub population_share: f64,
    /// Poverty of the group by itself.
    pub poverty: MultidimensionalPoverty,
    /// What the group adds to the adjusted headcount: its population share times its own. The groups' sum is
    /// the adjusted headcount of all, within `1e-14`.
    pub contribution: f64,
}

/// A number that [`Deprivations::linearised`] can give an error for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CountingMeasure {
    /// H.
    Headcount,
    /// A.
    Intensity,
    /// M0.
    AdjustedHeadcount,
    /// M1.
    AdjustedGap,
}

impl<'a> Deprivations<'a> {
    /// Takes a matrix that says who is deprived of what.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`] and [`CoreError::EmptySample`], through
    /// [`PovertyError::Core`].
    pub fn new(deprived: &'a ArrayRef2<bool>, weights: Weights<'a>) -> Result<Self, PovertyError> {
        Self::with(Matrix::Deprived(deprived), weights)
    }

    /// Takes achievements, such as incomes or years of schooling, and a cutoff for each dimension.
    ///
    /// # Units
    /// Each column in units of its own, which its cutoff shares.
    ///
    /// # Errors
    /// [`PovertyError::Achievement`] for a missing, infinite or negative one, with its place: nobody is counted
    /// as not deprived because nothing is known. [`PovertyError::Parameter`] for a cutoff that is not above 0,
    /// and those of [`new`](Self::new).
    pub fn from_achievements(
        achievements: &'a ArrayRef2<f64>,
        cutoffs: &'a [f64],
        boundary: Boundary,
        weights: Weights<'a>,
    ) -> Result<Self, PovertyError> {
        let (found, expected) = (cutoffs.len(), achievements.ncols());
        if found != expected {
            return Err(CoreError::Length { name: "cutoffs", found, expected }.into());
        }
        if let Some(&found) = cutoffs.iter().find(|cutoff| !(**cutoff > 0.0 && cutoff.is_finite())) {
            let expected = "a finite number above 0";
            return Err(PovertyError::Parameter { name: "cutoff of a dimension", found, expected });
        }
        let unusable = |value: f64| !value.is_finite() || value < 0.0;
        if let Some(((index, dimension), &found)) =
            achievements.indexed_iter().find(|(_, value)| unusable(**value))
        {
            return Err(PovertyError::Achievement { index, dimension, found });
        }
        Self::with(Matrix::Achievements { values: achievements, cutoffs, boundary }, weights)
    }

    fn with(matrix: Matrix<'a>, weights: Weights<'a>) -> Result<Self, PovertyError> {
        weights.check(matrix.dim().0)?;
        Self { matrix, weights, members: None, total: 0.0 }.with_total()
    }

    fn with_total(mut self) -> Result<Self, PovertyError> {
        self.total = self.people().map(|(_, weight)| weight).collect::<CompensatedSum>().value();
        if self.total > 0.0 { Ok(self) } else { Err(CoreError::EmptySample.into()) }
    }

    /// The part of the sample for which `members` is true.
    ///
    /// # Errors
    /// [`CoreError::Length`] and [`CoreError::EmptySample`], through [`PovertyError::Core`].
    pub fn domain(self, members: &'a [bool]) -> Result<Self, PovertyError> {
        let (found, expected) = (members.len(), self.matrix.dim().0);
        if found != expected {
            return Err(CoreError::Length { name: "members", found, expected }.into());
        }
        Self { members: Some(members), ..self }.with_total()
    }

    /// Sum of the weights in the domain.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Index and weight of everybody in the domain whose weight is not zero.
    fn people(&self) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        let weights = self.weights;
        self.in_domain().map(move |person| (person, weights.get(person))).filter(|(_, weight)| *weight > 0.0)
    }

    /// Index of everybody in the domain.
    fn in_domain(&self) -> impl Iterator<Item = usize> + use<'a> {
        let members = self.members;
        (0..self.matrix.dim().0).filter(move |&person| members.is_none_or(|members| members[person]))
    }

    /// Counts the poor and their deprivations.
    ///
    /// ```text
    /// c_i = sum over dimensions of v_d g_id,   poor if c_i is at the cutoff or above
    /// H = share of the poor,   A = mean c_i among them,   M0 = sum over d of v_d h_d = H A
    /// M1 = mean over all of sum over d of v_d g_id (cutoff - achievement) / cutoff, of the poor
    /// ```
    ///
    /// with `v_d` the weight of dimension `d`, `g_id` whether person `i` is deprived in it, and `h_d` the share
    /// of people who are poor and deprived in it. A score within `1e-9` of the cutoff is at it; R
    /// `convey::svyafc` compares without slack, and there three thirds may miss 1.
    ///
    /// # Units
    /// Shares of people.
    ///
    /// # Errors
    /// [`CoreError::Length`] through [`PovertyError::Core`] when the rule has another number of dimensions.
    ///
    /// # Complexity
    /// One pass over the matrix.
    pub fn count(&self, rule: &CountingRule) -> Result<MultidimensionalPoverty, PovertyError> {
        self.check_rule(rule)?;
        let mut tally = Tally::new(&self.matrix, rule);
        for (person, weight) in self.people() {
            tally.add(&self.matrix, rule, person, weight);
        }
        Ok(tally.finish(rule))
    }

    /// Counts each group by itself, and what it adds to the whole.
    ///
    /// # Units
    /// `groups[i]` is the group of person `i`, from 0 to `count - 1`; nothing is returned where nobody is.
    ///
    /// # Errors
    /// Those of [`count`](Self::count), [`CoreError::Length`] through [`PovertyError::Core`],
    /// [`PovertyError::Group`], and [`PovertyError::Parameter`] for a `count` of 0.
    ///
    /// # Complexity
    /// One pass over the matrix.
    pub fn count_by_group(
        &self,
        rule: &CountingRule,
        groups: &[usize],
        count: usize,
    ) -> Result<Vec<Option<GroupPoverty>>, PovertyError> {
        self.check_rule(rule)?;
        let (found, expected) = (groups.len(), self.matrix.dim().0);
        if found != expected {
            return Err(CoreError::Length { name: "groups", found, expected }.into());
        }
        check_number(count)?;
        let mut tallies = vec![Tally::new(&self.matrix, rule); count];
        for (person, weight) in self.people() {
            let found = groups[person];
            let refused = PovertyError::Group { index: person, found, groups: count };
            tallies.get_mut(found).ok_or(refused)?.add(&self.matrix, rule, person, weight);
        }
        let part = |tally: Tally| {
            let population_share = tally.weight / self.total;
            let poverty = tally.finish(rule);
            let contribution = population_share * poverty.adjusted_headcount;
            GroupPoverty { population_share, poverty, contribution }
        };
        Ok(tallies.into_iter().map(|tally| (tally.weight > 0.0).then(|| part(tally))).collect())
    }

    /// One of the measures with what each person of the domain contributes to its error: the derivative with
    /// respect to a person's weight, exactly, that of a weight of zero included.
    ///
    /// ```text
    /// z_i = (y_i - mean) / W    for H, M0 and M1;    z_i = (c_i - A) [i poor] / (W H)    for A
    /// ```
    ///
    /// # Errors
    /// Those of [`count`](Self::count), and [`PovertyError::Undefined`] for the intensity when nobody is poor
    /// and for the adjusted gap when only deprivations are known.
    ///
    /// # Complexity
    /// Two passes over the matrix.
    pub fn linearised(
        &self,
        rule: &CountingRule,
        measure: CountingMeasure,
    ) -> Result<Linearised, PovertyError> {
        let counted = self.count(rule)?;
        let undefined = |measure, reason| PovertyError::Undefined { measure, reason };
        let value = match measure {
            CountingMeasure::Headcount => counted.headcount,
            CountingMeasure::AdjustedHeadcount => counted.adjusted_headcount,
            CountingMeasure::Intensity => {
                counted.intensity.ok_or(undefined("intensity of poverty", "nobody is poor"))?
            }
            CountingMeasure::AdjustedGap => counted
                .adjusted_gap
                .ok_or(undefined("adjusted poverty gap", "deprivations are known, achievements are not"))?,
        };
        let mut variable = vec![0.0; self.matrix.dim().0];
        for person in self.in_domain() {
            let Score { count, gap, poor } = score(&self.matrix, rule, person);
            let poor_only = |value: f64| if poor { value } else { 0.0 };
            variable[person] = match measure {
                CountingMeasure::Headcount => poor_only(1.0) - value,
                CountingMeasure::AdjustedHeadcount => poor_only(count) - value,
                CountingMeasure::AdjustedGap => poor_only(gap) - value,
                CountingMeasure::Intensity => poor_only(count - value) / counted.headcount,
            } / self.total;
        }
        Ok(Linearised { value, variable })
    }

    fn check_rule(&self, rule: &CountingRule) -> Result<(), PovertyError> {
        let (found, expected) = (rule.weights.len(), self.matrix.dim().1);
        if found == expected {
            return Ok(());
        }
        Err(CoreError::Length { name: "dimension weights", found, expected }.into())
    }
}

/// A person's deprivations, weighed.
struct Score {
    count: f64,
    gap: f64,
    poor: bool,
}

fn score(matrix: &Matrix<'_>, rule: &CountingRule, person: usize) -> Score {
    let (mut count, mut gap) = (0.0, 0.0);
    for (dimension, weight) in rule.weights.iter().enumerate() {
        if let Some(depth) = matrix.gap(person, dimension) {
            count += weight;
            gap += weight * depth;
        }
    }
    Score { count, gap, poor: rule.is_poor(count) }
}

#[derive(Debug, Clone)]
struct Tally {
    weight: f64,
    poor: f64,
    /// Nothing when gaps are not known.
    gap: Option<f64>,
    raw: Vec<f64>,
    censored: Vec<f64>,
}

impl Tally {
    fn new(matrix: &Matrix<'_>, rule: &CountingRule) -> Self {
        let none = vec![0.0; rule.weights.len()];
        let gap = matrix.knows_gaps().then_some(0.0);
        Self { weight: 0.0, poor: 0.0, gap, raw: none.clone(), censored: none }
    }

    fn add(&mut self, matrix: &Matrix<'_>, rule: &CountingRule, person: usize, weight: f64) {
        let Score { gap, poor, .. } = score(matrix, rule, person);
        self.weight += weight;
        if poor {
            self.poor += weight;
            self.gap = self.gap.map(|sum| sum + weight * gap);
        }
        for dimension in 0..self.raw.len() {
            if matrix.gap(person, dimension).is_some() {
                self.raw[dimension] += weight;
                self.censored[dimension] += if poor { weight } else { 0.0 };
            }
        }
    }

    fn finish(self, rule: &CountingRule) -> MultidimensionalPoverty {
        let total = self.weight;
        let dimensions: Vec<DimensionCount> = rule
            .weights
            .iter()
            .zip(self.raw.iter().zip(&self.censored))
            .map(|(weight, (raw, censored))| DimensionCount {
                raw_headcount: raw / total,
                censored_headcount: censored / total,
                contribution: weight * (censored / total),
            })
            .collect();
        let adjusted_headcount = dimensions.iter().map(|dimension| dimension.contribution).sum();
        let headcount = self.poor / total;
        MultidimensionalPoverty {
            headcount,
            intensity: (self.poor > 0.0).then(|| adjusted_headcount / headcount),
            adjusted_headcount,
            adjusted_gap: self.gap.map(|gap| gap / total),
            dimensions,
        }
    }
}
