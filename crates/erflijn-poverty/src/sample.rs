use erflijn_core::{CompensatedSum, CoreError, Linearised, Weights, weighted_mean};

use crate::PovertyError;

/// Incomes of persons or households with their weights, checked once; perhaps a domain of a larger
/// sample.
///
/// Incomes are equivalised, in euros of one price level; or they are multiples of everybody's own
/// threshold, measured against the line 1, which is how lines by type of household are used.
///
/// A domain keeps the places of all observations, those outside weigh nothing: standard errors of a
/// domain need the whole sample.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    incomes: &'a [f64],
    weights: Weights<'a>,
    members: Option<&'a [bool]>,
    total: f64,
}

impl<'a> Sample<'a> {
    /// Takes incomes as they are; negative and zero ones too.
    ///
    /// # Errors
    /// [`CoreError::Length`], [`CoreError::Weight`], [`CoreError::NotFinite`] and
    /// [`CoreError::EmptySample`], through [`PovertyError::Core`].
    pub fn new(incomes: &'a [f64], weights: Weights<'a>) -> Result<Self, PovertyError> {
        weights.check(incomes.len())?;
        if let Some(index) = incomes.iter().position(|income| !income.is_finite()) {
            return Err(CoreError::NotFinite { index, found: incomes[index] }.into());
        }
        Self { incomes, weights, members: None, total: 0.0 }.with_total()
    }

    /// The part of the sample for which `members` is true.
    ///
    /// # Errors
    /// [`CoreError::Length`] and [`CoreError::EmptySample`], through [`PovertyError::Core`].
    pub fn domain(self, members: &'a [bool]) -> Result<Self, PovertyError> {
        if members.len() != self.incomes.len() {
            let (found, expected) = (members.len(), self.incomes.len());
            return Err(CoreError::Length { name: "members", found, expected }.into());
        }
        Self { members: Some(members), ..self }.with_total()
    }

    fn with_total(mut self) -> Result<Self, PovertyError> {
        self.total = self.iter().map(|(_, _, weight)| weight).collect::<CompensatedSum>().value();
        if self.total > 0.0 { Ok(self) } else { Err(CoreError::EmptySample.into()) }
    }

    /// All incomes, those outside the domain too.
    #[must_use]
    pub fn incomes(&self) -> &'a [f64] {
        self.incomes
    }

    /// The weights, whatever the domain.
    #[must_use]
    pub fn weights(&self) -> Weights<'a> {
        self.weights
    }

    /// Sum of the weights in the domain: the size of the population it stands for.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Index, income and weight of everybody in the domain whose weight is not zero.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f64, f64)> + Clone + 'a {
        self.iter_members().filter(|(_, _, weight)| *weight > 0.0)
    }

    /// The same with those whose weight is zero.
    fn iter_members(&self) -> impl Iterator<Item = (usize, f64, f64)> + Clone + 'a {
        let (members, weights) = (self.members, self.weights);
        self.incomes
            .iter()
            .enumerate()
            .filter(move |(index, _)| members.is_none_or(|members| members[*index]))
            .map(move |(index, income)| (index, *income, weights.get(index)))
    }

    /// Weighted mean income of the domain: equal incomes are their own mean, without rounding.
    pub(crate) fn mean(&self) -> f64 {
        // A sample without weight was refused; its mean would be no number.
        weighted_mean(self.iter().map(|(_, income, weight)| (income, weight))).unwrap_or(f64::NAN)
    }

    /// Who belongs to the domain; nothing when everybody does.
    pub(crate) fn members(&self) -> Option<&'a [bool]> {
        self.members
    }

    /// The same people with other incomes, which the caller has checked to be as many and finite.
    pub(crate) fn with_incomes<'b>(&self, incomes: &'b [f64]) -> Sample<'b>
    where
        'a: 'b,
    {
        Sample { incomes, weights: self.weights, members: self.members, total: self.total }
    }

    /// Completes a statistic: `variable` gives what somebody in the domain contributes, were their weight above
    /// zero or not; others give zero. Where nothing can be said of a weight of zero, such as the logarithm of a
    /// negative income, it is zero too: no weight makes it count.
    pub(crate) fn linearised(&self, value: f64, variable: impl Fn(f64) -> f64) -> Linearised {
        let contributions = self.iter_members().map(|(index, income, weight)| {
            let own = variable(income);
            (index, if weight > 0.0 || own.is_finite() { own } else { 0.0 })
        });
        self.complete(value, contributions)
    }

    /// The same, zero for a weight of zero: for statistics of the whole distribution, in which such people have no
    /// place.
    pub(crate) fn linearised_where_weighed(&self, value: f64, variable: impl Fn(f64) -> f64) -> Linearised {
        self.complete(value, self.iter().map(|(index, income, _)| (index, variable(income))))
    }

    fn complete(&self, value: f64, contributions: impl Iterator<Item = (usize, f64)>) -> Linearised {
        let mut variable = vec![0.0; self.incomes.len()];
        contributions.for_each(|(index, own)| variable[index] = own);
        Linearised { value, variable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_outside_weighs_nothing() {
        let members = [true, false, true];
        let sample = Sample::new(&[1.0, 2.0, 3.0], Weights::Frequency(&[2, 1, 0])).expect("sound");
        let domain = sample.domain(&members).expect("not empty");
        assert!((sample.total() - 3.0).abs() < 1e-15 && (domain.total() - 2.0).abs() < 1e-15);
        assert_eq!(domain.iter().map(|(index, ..)| index).collect::<Vec<_>>(), [0]);
        // The third has weight zero and still a derivative; the second is outside.
        assert_eq!(domain.linearised(0.0, |income| income).variable, [1.0, 0.0, 3.0]);
        assert_eq!(domain.linearised(0.0, |income| (2.0 - income).ln()).variable, [0.0, 0.0, 0.0]);
    }

    #[test]
    fn unusable_samples_are_refused() {
        let refused = |incomes: &[f64], weights| Sample::new(incomes, weights).err();
        assert!(matches!(
            refused(&[1.0, f64::NAN], Weights::Equal),
            Some(PovertyError::Core(CoreError::NotFinite { index: 1, .. }))
        ));
        assert_eq!(refused(&[], Weights::Equal), Some(PovertyError::Core(CoreError::EmptySample)));
        assert_eq!(
            refused(&[1.0], Weights::Probability(&[0.0])),
            Some(PovertyError::Core(CoreError::EmptySample))
        );
        assert!(matches!(
            refused(&[1.0], Weights::Probability(&[-1.0])),
            Some(PovertyError::Core(CoreError::Weight { index: 0, .. }))
        ));
        let sample = Sample::new(&[1.0], Weights::Equal).expect("sound");
        assert!(sample.domain(&[false]).is_err() && sample.domain(&[]).is_err());
    }
}
