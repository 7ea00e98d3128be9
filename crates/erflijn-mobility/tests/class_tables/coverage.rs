//! Intervals hold the truth as often as they say.

use erflijn_mobility::class_tables::{AssociationModel, ClassTable, fit_association};
use ndarray::Array3;

/// Poisson numbers by counting exponential steps, from a linear congruential generator.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut number, mut passed) = (0.0, -self.uniform().ln());
        while passed < mean {
            number += 1.0;
            passed -= self.uniform().ln();
        }
        number
    }
}

#[test]
fn intervals_of_multipliers_cover_the_truth() {
    // A second layer with associations 0.7 times as strong; 300 tables of about 1 600 persons.
    let truth = 0.7_f64.ln();
    let psi = [[0.9, 0.1, -1.0], [0.1, 0.2, -0.3], [-1.0, -0.3, 1.3]];
    let mut draws = Draws(77);
    let (mut covered, tables) = (0, 300);
    for _ in 0..tables {
        let cells = Array3::from_shape_fn((2, 3, 3), |(l, i, j)| {
            let phi = if l == 0 { 1.0 } else { 0.7 };
            draws.poisson(70.0 * (phi * psi[i][j] + 0.2 * (i as f64 - j as f64)).exp())
        });
        let fit =
            fit_association(&ClassTable::by_layer(cells).unwrap(), &AssociationModel::unidiff()).unwrap();
        let phi = fit.log_multipliers().unwrap()[1].unwrap();
        let interval = phi.interval(0.95).unwrap();
        covered += usize::from(interval.low <= truth && truth <= interval.high);
    }
    // 285 expected, standard error 3.8: four of them on either side.
    assert!((270..=299).contains(&covered), "{covered} of {tables}");
}
