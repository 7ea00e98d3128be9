use crate::CoreError;

/// Weights that say what they mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights<'a> {
    /// Every observation counts once.
    Equal,
    /// Whole numbers of identical observations: the result is that of the replicated sample, exactly.
    Frequency(&'a [u32]),
    /// Inverse probabilities of inclusion, of any scale: estimates are weighted, standard errors are of the sandwich kind.
    Probability(&'a [f64]),
}

impl Weights<'_> {
    /// Weight of observation `index`.
    ///
    /// # Panics
    /// When `index` lies outside the weights.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Frequency(weights) => f64::from(weights[index]),
            Self::Probability(weights) => weights[index],
        }
    }

    /// Checks that there is a usable weight for each of `observations`.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`]; [`CoreError::ResultNotFinite`] for weights of which the sum
    /// overflows.
    pub fn check(&self, observations: usize) -> Result<(), CoreError> {
        let found = match self {
            Self::Equal => observations,
            Self::Frequency(weights) => weights.len(),
            Self::Probability(weights) => weights.len(),
        };
        if found != observations {
            return Err(CoreError::Length { name: "weights", found, expected: observations });
        }
        if let Self::Probability(weights) = self {
            let usable = |weight: f64| (0.0..=f64::MAX).contains(&weight);
            // Many at a time; the culprit only when there is one.
            let (mut unusable, mut largest) = ([0_u64; 8], [0.0_f64; 8]);
            let (groups, rest) = weights.as_chunks::<8>();
            for group in groups {
                for lane in 0..8 {
                    unusable[lane] |= u64::from(!usable(group[lane]));
                    // `max` would also look for what is no number.
                    largest[lane] = if group[lane] > largest[lane] { group[lane] } else { largest[lane] };
                }
            }
            let all = unusable == [0; 8] && rest.iter().all(|weight| usable(*weight));
            if !all && let Some(index) = weights.iter().position(|weight| !usable(*weight)) {
                return Err(CoreError::Weight { index, found: weights[index] });
            }
            // Adding up, one after the other, is left to weights that could overflow.
            let largest = rest.iter().chain(&largest).fold(0.0_f64, |a, b| a.max(*b));
            if !(largest * weights.len() as f64).is_finite() {
                CoreError::require_finite("sum of the weights", weights.iter().sum())?;
            }
        }
        Ok(())
    }

    /// Whether sums of these weights are exact, so that boundaries are compared without tolerance.
    #[must_use]
    pub fn are_whole(&self) -> bool {
        match self {
            Self::Equal | Self::Frequency(_) => true,
            Self::Probability(weights) => {
                const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
                weights.iter().all(|w| w.fract().abs() <= 0.0) && weights.iter().sum::<f64>() < EXACT
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_that_sum_to_infinity_are_refused() {
        let refused = Weights::Probability(&[1e308, 1e308]).check(2);
        assert!(matches!(refused, Err(CoreError::ResultNotFinite { name: "sum of the weights", .. })));
        assert_eq!(Weights::Probability(&[1e308, 1e307]).check(2), Ok(()));
    }
}
