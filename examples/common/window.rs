use anyhow::{Context, Result};
use erflijn::core::{Date, Missing, PersonKey, Spell};
use erflijn::poverty::{IncomeRule, PriceIndex};

use crate::{Country, IncomeConcept, IncomeYear, SeparatedParents};

/// Consecutive income years, with the factor that brings each to the prices of the study.
#[derive(Debug)]
pub struct IncomeWindow<'a> {
    /// From the first day of the first year to the last of the last.
    pub spell: Spell,
    books: Vec<(&'a IncomeYear, f64)>,
}

impl<'a> IncomeWindow<'a> {
    /// Opens the books of some years.
    ///
    /// # Errors
    /// A year that was not read or has no prices; no year at all.
    pub fn new(
        country: &'a Country,
        years: impl Iterator<Item = i16> + Clone,
        price_year: i16,
    ) -> Result<Self> {
        let first = years.clone().min().context("a window of no years")?;
        let last = years.clone().max().context("a window of no years")?;
        let prices = PriceIndex::CPI_NETHERLANDS;
        let books = years
            .map(|year| Ok((country.year(year)?, prices.factor(year, price_year)?)))
            .collect::<Result<_>>()?;
        Ok(Self { spell: Spell::new(Date::new(first, 1, 1)?, Date::new(last, 12, 31)?)?, books })
    }

    /// Whether something holds in one of the years.
    #[must_use]
    pub fn any(&self, holds: impl Fn(&IncomeYear) -> bool) -> bool {
        self.books.iter().any(|(year, _)| holds(year))
    }

    /// The status of a person's household, year by year.
    #[must_use]
    pub fn statuses(&self, person: PersonKey) -> Vec<Result<bool, Missing>> {
        self.books.iter().map(|(year, _)| year.is_poor(person)).collect()
    }

    /// Yearly income over the distinct households of some persons, in prices of the study. A year in
    /// which one of these households has no known income has none.
    #[must_use]
    pub fn incomes(
        &self,
        persons: &[PersonKey],
        rule: &IncomeRule,
        concept: IncomeConcept,
        separated: SeparatedParents,
    ) -> Vec<Result<f64, Missing>> {
        self.books
            .iter()
            .map(|(year, price)| {
                let households = year.households.distinct(persons);
                let incomes = households
                    .iter()
                    .map(|household| rule.one_year(year.income(*household, concept)))
                    .collect::<Result<Vec<f64>, Missing>>()?;
                let sum: f64 = incomes.iter().sum();
                match (incomes.len(), separated) {
                    (0, _) => Err(Missing::NotObserved),
                    (_, SeparatedParents::Sum) => Ok(sum * price),
                    (households, SeparatedParents::Mean) => Ok(sum / households as f64 * price),
                }
            })
            .collect()
    }
}
