//! Lines that were published as amounts by type of household, and nothing between.

use std::collections::BTreeSet;
use std::fmt;

use erflijn_core::Composition;

use crate::PovertyError;

/// A household as a line by type of household sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct HouseholdType {
    /// Adults and children.
    pub composition: Composition,
    /// How many of the children are 13 or older, which only budgets ask; `None` when not known.
    pub teenagers: Option<u16>,
}

impl HouseholdType {
    fn check(self) -> Result<(), PovertyError> {
        match self.teenagers {
            Some(found) if found > self.composition.children => {
                let (name, found) = ("children of 13 or older", f64::from(found));
                Err(PovertyError::Parameter { name, found, expected: "at most the number of children" })
            }
            _ => Ok(()),
        }
    }
}

impl From<Composition> for HouseholdType {
    /// Nothing is known of the ages of children; without children there are no teenagers.
    fn from(composition: Composition) -> Self {
        let teenagers = (composition.children == 0).then_some(0);
        Self { composition, teenagers }
    }
}

impl fmt::Display for HouseholdType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.composition.fmt(f)?;
        match self.teenagers {
            Some(number) if number > 0 => write!(f, ", {number} of them 13 or older"),
            _ => Ok(()),
        }
    }
}

/// One published amount.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Amount {
    /// Year of the prices.
    pub year: i16,
    /// Adults and children.
    pub composition: Composition,
    /// How many children are 13 or older, where the amount depends on it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub teenagers: Option<u16>,
    /// Euros per year for the whole household.
    pub euros_per_year: f64,
    /// Euros per year for housing and energy that the amount contains, where that was published.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub housing_and_energy: Option<f64>,
}

impl Amount {
    fn household(&self) -> HouseholdType {
        HouseholdType { composition: self.composition, teenagers: self.teenagers }
    }

    /// Whether some household could have either amount in one year.
    fn overlaps(&self, other: &Self) -> bool {
        let ages = [self.teenagers, other.teenagers];
        let same_ages = ages[0] == ages[1] || ages.contains(&None);
        self.year == other.year && self.composition == other.composition && same_ages
    }
}

/// A line that is a list of published amounts. What is not in the list is an error, never a guess.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AmountTable {
    /// Name and edition, printed with every result.
    pub name: String,
    /// The amounts; a household and year occurs once.
    pub amounts: Vec<Amount>,
}

impl AmountTable {
    /// The amount for a household in a year.
    ///
    /// # Errors
    /// [`PovertyError::AmountNotKnown`] for a year without any amount, [`PovertyError::AmountNotPublished`];
    /// [`PovertyError::ChildAgesNeeded`] where the amount depends on how many children are 13 or older and that
    /// is not known; [`PovertyError::Parameter`] for more of these than children.
    pub fn find(&self, year: i16, household: HouseholdType) -> Result<Amount, PovertyError> {
        household.check()?;
        if self.amounts.iter().all(|amount| amount.year != year) {
            let years: BTreeSet<i16> = self.amounts.iter().map(|amount| amount.year).collect();
            let known = years.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(PovertyError::AmountNotKnown { line: self.name.clone(), year, known });
        }
        let same = |amount: &&Amount| amount.year == year && amount.composition == household.composition;
        let fits = |amount: &&Amount| amount.teenagers.is_none() || amount.teenagers == household.teenagers;
        match self.amounts.iter().filter(same).find(fits) {
            Some(amount) => Ok(*amount),
            None if household.teenagers.is_none() && self.amounts.iter().any(|amount| same(&amount)) => {
                Err(PovertyError::ChildAgesNeeded { line: self.name.clone(), year, household })
            }
            None => Err(PovertyError::AmountNotPublished { line: self.name.clone(), year, household }),
        }
    }

    /// Refuses amounts that cannot be a line, and tables in which a household and year occurs twice.
    pub(crate) fn check(&self) -> Result<(), PovertyError> {
        for (place, amount) in self.amounts.iter().enumerate() {
            let Amount { year, euros_per_year, .. } = *amount;
            let household = amount.household();
            household.check()?;
            if !(euros_per_year.is_finite() && euros_per_year > 0.0) {
                return Err(PovertyError::Line { found: euros_per_year });
            }
            let costs = amount.housing_and_energy.unwrap_or(0.0);
            if !(0.0..euros_per_year).contains(&costs) {
                let (name, expected) = ("housing and energy in an amount", "at least 0 and below the amount");
                return Err(PovertyError::Parameter { name, found: costs, expected });
            }
            if self.amounts[..place].iter().any(|other| amount.overlaps(other)) {
                return Err(PovertyError::AmountTwice { line: self.name.clone(), year, household });
            }
        }
        Ok(())
    }

    /// Published amounts of the low-income line by type of household, most of them rounded to ten
    /// euro a month.
    ///
    /// # References
    /// CBS articles 2008/16, 2008/22, 2013/13, 2016/04, 2016/46, 2022/40, and press reports of other
    /// CBS releases.
    #[must_use]
    pub fn low_income_published() -> Self {
        let amounts = crate::low_income::PUBLISHED
            .iter()
            .map(|&(year, adults, children, euros_per_year)| plain(year, adults, children, euros_per_year));
        Self {
            name: "CBS low-income line, published amounts by type of household".into(),
            amounts: amounts.collect(),
        }
    }

    /// The basic-needs budget of SCP, for a person alone.
    ///
    /// The edition of 2019 takes health costs out of the budget and deducts them from income instead.
    ///
    /// Left out are amounts that only press reports of 2016 give and the edition of 2019 contradicts, and
    /// projections: an amount expected for a coming year is not an observed one.
    ///
    /// # References
    /// SCP, *Armoede in kaart* 2016, card 2, and 2019, card 3.
    #[must_use]
    pub fn scp_basic_needs(edition: BudgetEdition) -> Self {
        let amounts = match edition {
            BudgetEdition::Of2016 => vec![plain(2008, 1, 0, 12.0 * 878.0), plain(2014, 1, 0, 12.0 * 971.0)],
            BudgetEdition::Of2019 => vec![plain(2017, 1, 0, 12.0 * 1039.0)],
        };
        Self { name: format!("SCP basic-needs budget, edition {edition}"), amounts }
    }

    /// The modest-but-adequate budget (*niet veel maar toereikend*) of SCP.
    ///
    /// The edition of 2019 takes health costs out of the budget and deducts them from income instead. What is
    /// left out, and why: [`Self::scp_basic_needs`].
    ///
    /// # References
    /// SCP, *Armoede in kaart* 2016, card 2, and 2019, card 3; couples from press reports of 2019.
    #[must_use]
    pub fn scp_modest_but_adequate(edition: BudgetEdition) -> Self {
        let amounts = match edition {
            BudgetEdition::Of2016 => vec![plain(2008, 1, 0, 12.0 * 961.0), plain(2014, 1, 0, 12.0 * 1063.0)],
            BudgetEdition::Of2019 => vec![
                plain(2017, 1, 0, 12.0 * 1135.0),
                plain(2017, 2, 0, 12.0 * 1555.0),
                plain(2017, 2, 1, 12.0 * 1850.0),
            ],
        };
        Self { name: format!("SCP modest-but-adequate budget, edition {edition}"), amounts }
    }

    /// The joint line of CBS, SCP and Nibud of 2024, as far as amounts were published.
    ///
    /// The amount of 2023 for a person alone holds at a rent of 590 and energy of 145 euro a month;
    /// for families the housing and energy in the amounts was not found.
    ///
    /// # References
    /// Kennisbundel, 18 July 2024, *Nieuwe armoedegrens* (2023); press reports of the release of
    /// December 2025 (2024, rounded).
    #[must_use]
    pub fn joint_2024() -> Self {
        let budget = |children, teenagers, adults, euros| Amount {
            teenagers: Some(teenagers),
            ..plain(2023, adults, children, 12.0 * euros)
        };
        let alone =
            Amount { housing_and_energy: Some(12.0 * (590.0 + 145.0)), ..plain(2023, 1, 0, 12.0 * 1510.0) };
        let amounts = vec![
            alone,
            budget(2, 0, 2, 2535.0),
            budget(2, 2, 2, 2910.0),
            budget(2, 2, 1, 2500.0),
            plain(2024, 1, 0, 12.0 * 1600.0),
        ];
        Self { name: "joint poverty line of CBS, SCP and Nibud, method of 2024".into(), amounts }
    }

    /// 120 percent of the social minimum of 2008, net, with child benefit and child budget.
    ///
    /// # References
    /// CBS, article 2010/40.
    #[must_use]
    pub fn social_minimum_120_of_2008() -> Self {
        let amounts = vec![plain(2008, 2, 1, 19_780.0), plain(2008, 1, 1, 18_390.0)];
        Self { name: "120 percent of the social minimum, amounts of 2008".into(), amounts }
    }
}

/// Edition of the reference budgets of SCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum BudgetEdition {
    /// *Armoede in kaart* 2016.
    Of2016,
    /// *Armoede in kaart* 2019, with revised budgets.
    Of2019,
}

impl fmt::Display for BudgetEdition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Of2016 => "2016",
            Self::Of2019 => "2019",
        })
    }
}

fn plain(year: i16, adults: u16, children: u16, euros_per_year: f64) -> Amount {
    let composition = Composition { adults, children };
    Amount { year, composition, teenagers: None, euros_per_year, housing_and_energy: None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "amounts are copied, or whole numbers times twelve")]
    use super::*;

    fn household(adults: u16, children: u16, teenagers: Option<u16>) -> HouseholdType {
        HouseholdType { composition: Composition { adults, children }, teenagers }
    }

    #[test]
    fn published_amounts_are_given_back_and_no_others() {
        let line = AmountTable::low_income_published();
        let yearly = |year, household| line.find(year, household).map(|amount| amount.euros_per_year);
        assert_eq!(yearly(2018, household(2, 0, Some(0))), Ok(12.0 * 1460.0));
        assert_eq!(yearly(2016, household(1, 1, None)), Ok(12.0 * 1370.0));
        assert_eq!(yearly(2014, Composition::SINGLE.into()), Ok(12_250.0));
        assert!(matches!(
            yearly(2018, household(1, 1, None)),
            Err(PovertyError::AmountNotPublished { year: 2018, .. })
        ));
    }

    #[test]
    fn amounts_by_the_ages_of_children_need_them() {
        let line = AmountTable::joint_2024();
        let monthly =
            |teenagers| line.find(2023, household(2, 2, teenagers)).map(|a| a.euros_per_year / 12.0);
        assert_eq!(monthly(Some(0)), Ok(2535.0));
        assert_eq!(monthly(Some(2)), Ok(2910.0));
        assert!(matches!(monthly(None), Err(PovertyError::ChildAgesNeeded { year: 2023, .. })));
        assert!(matches!(monthly(Some(1)), Err(PovertyError::AmountNotPublished { .. })));
    }

    #[test]
    fn editions_of_a_budget_are_different_lines() {
        let alone = Composition::SINGLE.into();
        let line = AmountTable::scp_modest_but_adequate;
        assert!(line(BudgetEdition::Of2016).find(2017, alone).is_err());
        let of_2019 = line(BudgetEdition::Of2019).find(2017, alone).expect("published");
        assert_eq!(of_2019.euros_per_year / 12.0, 1135.0);
        assert_ne!(line(BudgetEdition::Of2016).name, line(BudgetEdition::Of2019).name);
    }
}
