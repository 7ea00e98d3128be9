//! Wealth, and poverty by the line of 2024.

use erflijn_core::{HouseholdKey, Missing};

use super::cells::Cells;
use super::incomes::{Facts, Habit, IncomeRow, percentiles};
use super::{Kind, Plan, TrapStream};
use crate::truth::normal_quantile;
use crate::{HouseholdClass, IncomeYear, SyntheticError, Written, WrittenFile};

/// First years of `VEH` and of `INHARMA`.
pub(super) const FIRST_WEALTH: i16 = 2006;
pub(super) const FIRST_LINE_OF_2024: i16 = 2018;
/// First year with student debts apart; before, they are among the other debts.
const STUDENT_DEBTS: i16 = 2011;

/// The line of 2024 as a multiple of the low-income line.
const NEW_LINE: f64 = 1.1;
/// Highest percentage: 998 and 999 are codes.
const HIGHEST: f64 = 997.0;

const POVERTY: [(&str, Kind); 3] =
    [("RINPERSOONSHKW", Kind::Text(1)), ("RINPERSOONHKW", Kind::Text(9)), ("INHARMOEDE", Kind::Number)];

const WEALTH: [(&str, Kind); 12] = [
    ("RINPERSOONSHKW", Kind::Text(1)),
    ("RINPERSOONHKW", Kind::Text(9)),
    ("VEHW1000VERH", Kind::Number),
    ("VEHW1100BEZH", Kind::Number),
    ("VEHW1110FINH", Kind::Number),
    ("VEHW1120ONRH", Kind::Number),
    ("VEHW1200STOH", Kind::Number),
    ("VEHW1210SHYH", Kind::Number),
    ("VEHW1220SSTH", Kind::Number),
    ("VEHW1230SOVH", Kind::Number),
    ("VEHWVEREXEWH", Kind::Number),
    ("VEHP100HVERM", Kind::Number),
];

/// Whole euros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wealth {
    savings: i64,
    home: i64,
    mortgage: i64,
    student_debt: i64,
    other_debt: i64,
}

impl Wealth {
    fn debts(self) -> i64 {
        self.mortgage + self.student_debt + self.other_debt
    }

    fn net(self) -> i64 {
        self.savings + self.home - self.debts()
    }
}

impl Plan<'_> {
    /// `INHARMA`: percent of a line that is a multiple of the low-income line.
    pub(super) fn write_new_poverty(
        self,
        year: i16,
        income: &IncomeYear,
        rows: &[IncomeRow],
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let mut table = self.table(&format!("INHARMA{year}TABV1"), (3, year), &POVERTY, written)?;
        for (HouseholdKey(earner), row) in income.household.iter().zip(rows) {
            let percent = match row.percent {
                Ok(percent) => Cells::whole((percent / NEW_LINE).floor().min(HIGHEST) as u64),
                Err(Missing::Institution) => b"999".to_vec(),
                Err(_) => b"998".to_vec(),
            };
            table.row(&[b"R", &Cells::number(*earner), &percent])?;
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    /// `VEH`: wealth of the households of the income year.
    pub(super) fn write_wealth(
        self,
        year: i16,
        income: &IncomeYear,
        facts: &[Facts],
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let mut table = self.table(&format!("VEH{year}TABV1"), (4, year), &WEALTH, written)?;
        let mut random = self.traps_of(TrapStream::Wealth, year);
        let mut counts = WrittenFile::default();
        let wealth: Vec<Option<Wealth>> = facts
            .iter()
            .zip(&income.class)
            .map(|(facts, class)| {
                let missing = random.chance(self.traps.missing_wealth);
                if *class == HouseholdClass::Institution {
                    counts.institutions += 1;
                    return None;
                }
                counts.missing_wealth += u64::from(missing);
                (!missing).then(|| self.wealth(year, *class, facts))
            })
            .collect();
        counts.negative_wealth = wealth.iter().flatten().filter(|wealth| wealth.net() < 0).count() as u64;
        let groups = percentiles(wealth.iter().map(|wealth| wealth.map(Wealth::net)));
        for (index, HouseholdKey(earner)) in income.household.iter().enumerate() {
            let amount = |of: &dyn Fn(Wealth) -> i64| match wealth[index] {
                Some(wealth) => Cells::signed(of(wealth)),
                None => b"99999999999".to_vec(),
            };
            let group = match (groups[index], income.class[index]) {
                (Some(group), _) => Cells::whole(group + 1),
                (None, HouseholdClass::Institution) => b"-2".to_vec(),
                (None, _) => b"-1".to_vec(),
            };
            table.row(&[
                b"R",
                &Cells::number(*earner),
                &amount(&Wealth::net),
                &amount(&|wealth| wealth.savings + wealth.home),
                &amount(&|wealth| wealth.savings),
                &amount(&|wealth| wealth.home),
                &amount(&Wealth::debts),
                &amount(&|wealth| wealth.mortgage),
                &amount(&|wealth| wealth.student_debt),
                &amount(&|wealth| wealth.other_debt),
                &amount(&|wealth| wealth.net() - wealth.home + wealth.mortgage),
                &group,
            ])?;
        }
        let file = table.finish()?;
        written.files.push(WrittenFile { name: file.name, rows: file.rows, ..counts });
        Ok(())
    }

    /// Savings and homes grow with outcome, mortgages shrink with age; what somebody has is kept for life but for prices.
    fn wealth(self, year: i16, class: HouseholdClass, facts: &Facts) -> Wealth {
        let prices = (1.0 + self.country.settings.income.prices).powi(i32::from(year) - 2015);
        let normal = |habit| normal_quantile(self.habit(habit, facts));
        let euros = |amount: f64| (amount * prices).round() as i64;
        let (age, outcome) = (f64::from(facts.age.clamp(18, 90)), facts.outcome);
        let savings = 6_000.0 * (0.8 * outcome + 0.03 * (age - 45.0) + normal(Habit::Saving)).exp();
        let (home, mortgage) = if self.owns_home(class, facts) {
            let value = 200_000.0 * (0.3 * outcome + 0.25 * normal(Habit::HomeValue)).exp();
            (value, value * (1.1 - 0.015 * (age - 25.0)).max(0.0))
        } else {
            (0.0, 0.0)
        };
        let student_debt =
            if age < 35.0 { 15_000.0 * (self.habit(Habit::Debt, facts) - 0.5).max(0.0) } else { 0.0 };
        let has_debt = self.habit(Habit::Debt, facts) < 0.4;
        let other = if has_debt { 4_000.0 * normal(Habit::DebtSize).exp() } else { 0.0 };
        let (apart, among_others) =
            if year >= STUDENT_DEBTS { (student_debt, 0.0) } else { (0.0, student_debt) };
        Wealth {
            savings: euros(savings),
            home: euros(home),
            mortgage: euros(mortgage),
            student_debt: euros(apart),
            other_debt: euros(other + among_others),
        }
    }
}
