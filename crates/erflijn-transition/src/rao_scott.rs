//! Tests of tables that were weighted or drawn in families: Rao and Scott's corrections.

use erflijn_core::CoreError;
use nalgebra::DMatrix;
use ndarray::Array2;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use crate::chi_square::{ChiSquare, TableTest};
use crate::{
    CellCovariance, TransitionCounts, TransitionError, TransitionMatrix, given_matrix_test, homogeneity,
    perfect_mobility_test, quasi_symmetry, symmetry_test,
};

/// Where design effects are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EffectsAt {
    /// At what the hypothesis expects: cells without observations are no obstacle.
    #[default]
    Expected,
    /// At the observed shares, as R's `svychisq` does; a cell without observations counts as infinitely
    /// uncertain there, and too many of them make the matrix singular.
    Observed,
}

/// A test with an F distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FTest {
    /// The statistic.
    pub statistic: f64,
    /// Degrees of freedom of the numerator.
    pub numerator: f64,
    /// Degrees of freedom of the denominator.
    pub denominator: f64,
    /// Probability of a statistic as large or larger, from the upper tail.
    pub p_value: f64,
}

/// A test of a table with a design, plain and corrected.
///
/// Under the hypothesis the plain statistic is a sum of squares of standard normal variables, each times a
/// generalised design effect: the factor by which the design makes a contrast of cells more uncertain than
/// as many independent persons would.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RaoScott {
    /// The statistics of the table scaled to the number of persons. Their probabilities are *not* valid under
    /// the design.
    pub plain: TableTest,
    /// Generalised design effects, ascending; one for each degree of freedom.
    pub design_effects: Vec<f64>,
    /// First order: statistics divided by the mean design effect.
    pub first_order: TableTest,
    /// Second order, after Satterthwaite: divided by the mean times `1 + a^2`, on `d / (1 + a^2)` degrees of
    /// freedom, `a` the coefficient of variation of the design effects.
    pub second_order: TableTest,
    /// Pearson's statistic of second order against F, which knows that the covariance was estimated on so
    /// many clusters; none when the degrees of freedom of the design are not known, or there are no contrasts.
    pub f: Option<FTest>,
}

impl CellCovariance {
    /// [`homogeneity`] of the tables, corrected for the design.
    ///
    /// # Errors
    /// As of [`homogeneity`]; [`TransitionError::Singular`] when some contrast of cells does not vary.
    ///
    /// # Complexity
    /// The cube of the degrees of freedom.
    ///
    /// # References
    /// Rao and Scott, 1984, Annals of Statistics 12(1), 46-60.
    pub fn homogeneity(&self, at: EffectsAt) -> Result<RaoScott, TransitionError> {
        let (tables, k) = (self.scaled_tables()?, self.classes);
        let compared = homogeneity(&tables)?;
        let pooled = compared.pooled.cells();
        let mut contrasts = Vec::new();
        let mut expected = vec![0.0; self.shares.len()];
        for i in 0..k {
            let columns: Vec<usize> = (0..k).filter(|j| pooled[[i, *j]] > 0.0).collect();
            let own = |m: usize| tables[m].cells().row(i).sum();
            let with_data: Vec<usize> = (0..tables.len()).filter(|m| own(*m) > 0.0).collect();
            for (&m, &j) in with_data.iter().flat_map(|m| columns.iter().map(move |j| (m, j))) {
                expected[(m * k + i) * k + j] =
                    own(m) * (pooled[[i, j]] / pooled.row(i).sum()) / self.observations;
            }
            for (left, right) in products(with_data.len(), columns.len()) {
                let cell = |(a, b): (usize, usize)| (with_data[a] * k + i) * k + columns[b];
                contrasts.push(outer(&left, &right, cell));
            }
        }
        self.correct(compared.test, &contrasts, &expected, at)
    }

    /// [`perfect_mobility_test`], corrected for the design.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] for several tables; [`TransitionError::Singular`].
    ///
    /// # References
    /// Rao and Scott, 1981, JASA 76(374), 221-230; 1984. With [`EffectsAt::Observed`] it agrees with
    /// `svychisq(statistic = "F")` and `"Chisq"` of R's `survey`.
    pub fn perfect_mobility(&self, at: EffectsAt) -> Result<RaoScott, TransitionError> {
        let table = self.scaled_table()?;
        let (rows, columns, k) = (table.row_totals(), table.column_totals(), self.classes);
        let n = self.observations;
        let expected: Vec<f64> =
            (0..k * k).map(|cell| rows[cell / k] / n * (columns[cell % k] / n)).collect();
        let with_data = |sums: &ndarray::Array1<f64>| (0..k).filter(|i| sums[*i] > 0.0).collect::<Vec<_>>();
        let (with_rows, with_columns) = (with_data(&rows), with_data(&columns));
        let cell = |(a, b): (usize, usize)| with_rows[a] * k + with_columns[b];
        let contrasts: Vec<_> = products(with_rows.len(), with_columns.len())
            .map(|(left, right)| outer(&left, &right, cell))
            .collect();
        self.correct(perfect_mobility_test(&table)?, &contrasts, &expected, at)
    }

    /// [`given_matrix_test`], corrected for the design.
    ///
    /// # Errors
    /// As of [`given_matrix_test`]; [`TransitionError::TableSize`] for several tables;
    /// [`TransitionError::Singular`].
    pub fn given_matrix(&self, given: &TransitionMatrix, at: EffectsAt) -> Result<RaoScott, TransitionError> {
        let table = self.scaled_table()?;
        let test = given_matrix_test(&table, given)?;
        let (rows, k) = (table.row_totals(), self.classes);
        let p = given.probabilities();
        let expected: Vec<f64> =
            (0..k * k).map(|cell| rows[cell / k] / self.observations * p[[cell / k, cell % k]]).collect();
        let mut contrasts = Vec::new();
        for i in (0..k).filter(|i| rows[*i] > 0.0) {
            let columns: Vec<usize> = (0..k).filter(|j| p[[i, *j]] > 0.0).collect();
            let place = |(j, value): (usize, f64)| (i * k + columns[j], value);
            contrasts.extend(helmert(columns.len()).map(|c| c.into_iter().enumerate().map(place).collect()));
        }
        self.correct(test, &contrasts, &expected, at)
    }

    /// [`symmetry_test`], corrected for the design.
    ///
    /// # Errors
    /// [`TransitionError::TableSize`] for several tables; [`TransitionError::Singular`].
    pub fn symmetry(&self, at: EffectsAt) -> Result<RaoScott, TransitionError> {
        let table = self.scaled_table()?;
        let (n, k) = (table.cells(), self.classes);
        let expected: Vec<f64> = (0..k * k)
            .map(|cell| (n[[cell / k, cell % k]] + n[[cell % k, cell / k]]) / 2.0 / self.observations)
            .collect();
        let contrasts: Vec<_> =
            exchanges(n).map(|(i, j)| vec![(i * k + j, 1.0), (j * k + i, -1.0)]).collect();
        self.correct(symmetry_test(&table)?, &contrasts, &expected, at)
    }

    /// The test of [`quasi_symmetry`], corrected for the design.
    ///
    /// # Errors
    /// As of [`quasi_symmetry`]; [`TransitionError::TableSize`] for several tables;
    /// [`TransitionError::Singular`].
    pub fn quasi_symmetry(&self, at: EffectsAt) -> Result<RaoScott, TransitionError> {
        let table = self.scaled_table()?;
        let (fitted, k) = (quasi_symmetry(&table)?, self.classes);
        let expected: Vec<f64> = fitted.expected.iter().map(|cell| cell / self.observations).collect();
        // Where both directions are expected, the log odds of opposite cells are differences of scores of
        // classes: they add up to 0 round every circle of classes.
        let both = |(i, j): &(usize, usize)| fitted.expected[[*i, *j]].min(fitted.expected[[*j, *i]]) > 0.0;
        let pairs: Vec<(usize, usize)> = exchanges(table.cells()).filter(both).collect();
        let circles = circles(&pairs, k);
        let contrast = |weights: &Vec<f64>| {
            let sides =
                |(&(i, j), &weight): (&(usize, usize), &f64)| [(i * k + j, weight), (j * k + i, -weight)];
            pairs.iter().zip(weights).flat_map(sides).collect()
        };
        let contrasts: Vec<_> = circles.iter().map(contrast).collect();
        self.correct(fitted.test, &contrasts, &expected, at)
    }

    fn scaled_tables(&self) -> Result<Vec<TransitionCounts>, TransitionError> {
        let k = self.classes;
        let table = |shares: &[f64]| {
            TransitionCounts::from_cells(Array2::from_shape_fn((k, k), |(i, j)| {
                shares[i * k + j] * self.observations
            }))
        };
        self.shares.chunks(k * k).map(table).collect()
    }

    fn scaled_table(&self) -> Result<TransitionCounts, TransitionError> {
        self.require_one_table()?;
        Ok(self.scaled_tables()?.remove(0))
    }

    fn correct(
        &self,
        plain: TableTest,
        contrasts: &[Vec<(usize, f64)>],
        expected: &[f64],
        at: EffectsAt,
    ) -> Result<RaoScott, TransitionError> {
        let weight = |cell: usize| {
            let share = if at == EffectsAt::Expected { expected[cell] } else { self.shares[cell] };
            if share > 0.0 { 1.0 / share } else { 0.0 }
        };
        let design_effects = self.design_effects(contrasts, weight)?;
        RaoScott::new(plain, design_effects, self.degrees_of_freedom)
    }

    /// Eigenvalues of `(C'D^-1 C / n)^-1 (C'D^-1 V D^-1 C)`.
    fn design_effects(
        &self,
        contrasts: &[Vec<(usize, f64)>],
        weight: impl Fn(usize) -> f64,
    ) -> Result<Vec<f64>, TransitionError> {
        let (cells, d) = (self.shares.len(), contrasts.len());
        if d == 0 {
            return Ok(Vec::new());
        }
        let (mut plain, mut weighted) = (DMatrix::zeros(cells, d), DMatrix::zeros(cells, d));
        for (number, contrast) in contrasts.iter().enumerate() {
            for &(cell, value) in contrast {
                plain[(cell, number)] = value;
                weighted[(cell, number)] = weight(cell) * value;
            }
        }
        let covariance = DMatrix::from_fn(cells, cells, |a, b| self.covariance[[a, b]]);
        let simple = plain.transpose() * &weighted / self.observations;
        let designed = weighted.transpose() * (covariance * &weighted);
        let singular = TransitionError::Singular { name: "covariance of contrasts of independent persons" };
        let root = simple.cholesky().ok_or(singular.clone())?.l();
        let half = root.solve_lower_triangular(&designed).ok_or(singular.clone())?;
        let effects = root.solve_lower_triangular(&half.transpose()).ok_or(singular)?;
        let symmetric = (&effects + effects.transpose()) / 2.0;
        let mut found: Vec<f64> = symmetric.symmetric_eigenvalues().iter().map(|e| e.max(0.0)).collect();
        found.sort_unstable_by(f64::total_cmp);
        Ok(found)
    }
}

impl RaoScott {
    fn new(plain: TableTest, effects: Vec<f64>, design: Option<f64>) -> Result<Self, TransitionError> {
        let d = effects.len() as f64;
        if effects.is_empty() {
            return Ok(Self {
                plain,
                design_effects: effects,
                first_order: plain,
                second_order: plain,
                f: None,
            });
        }
        let (sum, squares) = (effects.iter().sum::<f64>(), effects.iter().map(|e| e * e).sum::<f64>());
        if sum.is_nan() || squares <= 0.0 {
            return Err(TransitionError::Singular { name: "covariance of contrasts under the design" });
        }
        let corrected = |factor: f64, degrees_of_freedom: f64| {
            let of = |test: ChiSquare| ChiSquare::new(test.statistic * factor, degrees_of_freedom);
            let (pearson, likelihood_ratio) = (of(plain.pearson)?, of(plain.likelihood_ratio)?);
            Ok::<_, CoreError>(TableTest { pearson, likelihood_ratio })
        };
        let satterthwaite = sum * (sum / squares);
        let f = design
            .filter(|design| *design > 0.0)
            .map(|design| FTest::new(plain.pearson.statistic / sum, satterthwaite, satterthwaite * design));
        Ok(Self {
            plain,
            first_order: corrected(d / sum, d)?,
            second_order: corrected(sum / squares, satterthwaite)?,
            f: f.transpose()?,
            design_effects: effects,
        })
    }
}

impl FTest {
    fn new(statistic: f64, numerator: f64, denominator: f64) -> Result<Self, CoreError> {
        let outside = |name, found| CoreError::OutOfRange { name, found, low: 0.0, high: f64::INFINITY };
        let law = FisherSnedecor::new(numerator, denominator);
        let law = law.map_err(|_| outside("degrees of freedom", numerator))?;
        Ok(Self { statistic, numerator, denominator, p_value: law.sf(statistic.max(0.0)) })
    }
}

/// Contrasts of `size` categories, orthogonal and of length one: `size - 1` of them.
fn helmert(size: usize) -> impl Iterator<Item = Vec<f64>> + Clone {
    (1..size).map(move |step| {
        let length = ((step * (step + 1)) as f64).sqrt();
        (0..size)
            .map(|i| match i {
                i if i < step => 1.0 / length,
                i if i == step => -(step as f64) / length,
                _ => 0.0,
            })
            .collect()
    })
}

/// Pairs of contrasts of rows and of columns.
fn products(rows: usize, columns: usize) -> impl Iterator<Item = (Vec<f64>, Vec<f64>)> {
    helmert(rows).flat_map(move |left| helmert(columns).map(move |right| (left.clone(), right)))
}

fn outer(left: &[f64], right: &[f64], cell: impl Fn((usize, usize)) -> usize) -> Vec<(usize, f64)> {
    let pairs = (0..left.len()).flat_map(|a| (0..right.len()).map(move |b| (a, b)));
    pairs.map(|(a, b)| (cell((a, b)), left[a] * right[b])).collect()
}

/// Pairs of classes between which somebody moves.
fn exchanges(n: &Array2<f64>) -> impl Iterator<Item = (usize, usize)> + '_ {
    let k = n.nrows();
    let all = (0..k).flat_map(move |i| (i + 1..k).map(move |j| (i, j)));
    all.filter(|&(i, j)| n[[i, j]] + n[[j, i]] > 0.0)
}

/// Weights of pairs that add up to zero in each class, one for each independent circle: every pair outside a
/// spanning tree closes one.
fn circles(pairs: &[(usize, usize)], k: usize) -> Vec<Vec<f64>> {
    // Way from the root of its tree to each class, as signed pairs.
    let mut way: Vec<Option<Vec<f64>>> = vec![None; k];
    let mut in_tree = vec![false; pairs.len()];
    for root in 0..k {
        if way[root].is_some() {
            continue;
        }
        way[root] = Some(vec![0.0; pairs.len()]);
        let mut open = vec![root];
        while let Some(here) = open.pop() {
            for (number, &(i, j)) in pairs.iter().enumerate() {
                let (next, sign) = if i == here {
                    (j, 1.0)
                } else if j == here {
                    (i, -1.0)
                } else {
                    continue;
                };
                if way[next].is_none() {
                    let mut onward = way[here].clone().expect("a class on the list was reached");
                    onward[number] = sign;
                    way[next] = Some(onward);
                    in_tree[number] = true;
                    open.push(next);
                }
            }
        }
    }
    let closes = |(number, &(i, j)): (usize, &(usize, usize))| {
        let (to_start, to_end) = (way[i].as_ref()?, way[j].as_ref()?);
        let mut circle: Vec<f64> = to_start.iter().zip(to_end).map(|(start, end)| start - end).collect();
        circle[number] += 1.0;
        Some(circle)
    };
    pairs.iter().enumerate().filter(|(number, _)| !in_tree[*number]).filter_map(closes).collect()
}
