//! Weighted least squares that says which columns it could not tell apart.

/// A column of which no row has more than this share left that is new carries only rounding.
const NEW_SHARE: f64 = 1e-9;

const SMALLEST: f64 = 1e-150;

/// Solution of a least-squares problem of which some columns may be combinations of the ones before them.
#[derive(Debug)]
pub(super) struct Solved {
    /// One number per column; 0 for those that were set aside.
    pub(super) coefficients: Vec<f64>,
    /// The columns that were kept, ascending.
    pub(super) kept: Vec<usize>,
    /// Columns of the upper triangle, one per kept column.
    triangle: Vec<Vec<f64>>,
}

/// Householder QR, column by column: a column that is a combination of the ones before it is set aside, as R `lm`
/// does, and the others keep their order.
///
/// Rows may differ in size by many powers of ten, as roots of fitted values do. The largest left of a column comes
/// first each time, so that small rows keep their digits beside large ones, and what is new of a column is judged row by
/// row (Cox and Higham, 1998, Numerical Analysis 1997, 57-73).
pub(super) fn solve(columns: &[Vec<f64>], mut target: Vec<f64>) -> Solved {
    let mut reflectors: Vec<Reflector> = Vec::new();
    let mut sizes: Vec<f64> = (0..target.len())
        .map(|row| columns.iter().fold(0.0, |most: f64, column| most.max(column[row].abs())))
        .collect();
    let (mut kept, mut triangle) = (Vec::new(), Vec::new());
    for (number, column) in columns.iter().enumerate() {
        let place = kept.len();
        if place == column.len() {
            break;
        }
        let mut column = column.clone();
        reflectors.iter().enumerate().for_each(|(step, reflector)| reflector.apply(&mut column[step..]));
        let is_new = |row: usize| column[row].abs() > NEW_SHARE * sizes[row];
        let left = norm(&column[place..]);
        // Squares of what is smaller leave the range of numbers.
        if left < SMALLEST || !(place..column.len()).any(is_new) {
            continue;
        }
        let largest = (place..column.len()).max_by(|a, b| column[*a].abs().total_cmp(&column[*b].abs()));
        let first = largest.unwrap_or(place);
        column.swap(place, first);
        sizes.swap(place, first);
        let diagonal = if column[place] > 0.0 { -left } else { left };
        let mut vector = column[place..].to_vec();
        vector[0] -= diagonal;
        let scale = 2.0 / vector.iter().map(|value| value * value).sum::<f64>();
        column.truncate(place);
        column.push(diagonal);
        reflectors.push(Reflector { first: first - place, vector, scale });
        triangle.push(column);
        kept.push(number);
    }
    reflectors.iter().enumerate().for_each(|(step, reflector)| reflector.apply(&mut target[step..]));
    let mut coefficients = vec![0.0; columns.len()];
    for (&number, value) in kept.iter().zip(back_substituted(&triangle, &target)) {
        coefficients[number] = value;
    }
    Solved { coefficients, kept, triangle }
}

impl Solved {
    /// `(X'X)^-1` of the kept columns, with rows and columns of zeros for the others.
    pub(super) fn inverse_gram(&self) -> Vec<Vec<f64>> {
        let rank = self.kept.len();
        let all = self.coefficients.len();
        let inverse: Vec<Vec<f64>> = (0..rank)
            .map(|unit| {
                let target: Vec<f64> = (0..rank).map(|row| f64::from(u8::from(row == unit))).collect();
                back_substituted(&self.triangle, &target)
            })
            .collect();
        let mut gram = vec![vec![0.0; all]; all];
        for (i, &row) in self.kept.iter().enumerate() {
            for (j, &column) in self.kept.iter().enumerate() {
                gram[row][column] = inverse.iter().map(|unit| unit[i] * unit[j]).sum();
            }
        }
        gram
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// `1 - scale v v'`, after the row that comes first.
struct Reflector {
    first: usize,
    vector: Vec<f64>,
    scale: f64,
}

impl Reflector {
    fn apply(&self, values: &mut [f64]) {
        values.swap(0, self.first);
        let product: f64 = values.iter().zip(&self.vector).map(|(value, part)| value * part).sum();
        for (value, part) in values.iter_mut().zip(&self.vector) {
            *value -= self.scale * product * part;
        }
    }
}

fn back_substituted(triangle: &[Vec<f64>], target: &[f64]) -> Vec<f64> {
    let mut solution = target[..triangle.len()].to_vec();
    for column in (0..triangle.len()).rev() {
        let value = solution[column] / triangle[column][column];
        solution[column] = value;
        for row in 0..column {
            solution[row] -= value * triangle[column][row];
        }
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_a_combination_is_set_aside() {
        // y = 1 + 2 x exactly; the third column is the sum of the first two.
        let columns = [vec![1.0; 3], vec![0.0, 1.0, 2.0], vec![1.0, 2.0, 3.0]];
        let solved = solve(&columns, vec![1.0, 3.0, 5.0]);
        assert_eq!(solved.kept, [0, 1]);
        assert!((solved.coefficients[0] - 1.0).abs() < 1e-14 && (solved.coefficients[1] - 2.0).abs() < 1e-14);
        // X'X = [[3, 3], [3, 5]], inverse [[5, -3], [-3, 3]] / 6.
        let gram = solved.inverse_gram();
        assert!((gram[0][0] - 5.0 / 6.0).abs() < 1e-14 && (gram[0][1] + 0.5).abs() < 1e-14);
        assert!(gram[2].iter().all(|value| value.abs() <= 0.0));
    }
}
