//! Income files: households with their amounts, and persons with their households.

use erflijn_core::{HouseholdKey, Missing};

use super::cells::Cells;
use super::{Kind, Plan, TrapStream};
use crate::income::{FIRST_INCOME, HomesOnDay, LAST_OLD, age, main_earner};
use crate::random::{Stream, kept_by};
use crate::{HouseholdClass, IncomeYear, Shocks, SyntheticError, Traps, Written, WrittenFile};

const OLD_COLUMNS: [(&str, Kind); 7] = [
    ("RINPERSOONSKERN", Kind::Text(1)),
    ("RINPERSOONKERN", Kind::Text(9)),
    ("BVRBRUTINKH", Kind::Number),
    ("BVRPRIMINKH", Kind::Number),
    ("BVRBESTINKH", Kind::Number),
    ("BVRGESTINKH", Kind::Number),
    ("BVRPERCGESTINKH", Kind::Number),
];
const NEW_COLUMNS: [(&str, Kind); 21] = [
    ("RINPERSOONSHKW", Kind::Text(1)),
    ("RINPERSOONHKW", Kind::Text(9)),
    ("INHBRUTINKH", Kind::Number),
    ("INHPRIMINKH", Kind::Number),
    ("INHBESTINKH", Kind::Number),
    ("INHGESTINKH", Kind::Number),
    ("INHPOPIIV", Kind::Text(1)),
    ("INHP100HGEST", Kind::Number),
    ("INHP100HGESTES", Kind::Number),
    ("INHP100HBEST", Kind::Number),
    ("INHARMLAG", Kind::Number),
    ("INHARMEUR", Kind::Number),
    ("INHARMSOC", Kind::Number),
    ("INHARMLAGL", Kind::Number),
    ("INHARMEURL", Kind::Number),
    ("INHARMSOCL", Kind::Number),
    ("INHBBIHJ", Kind::Text(2)),
    ("INHSAMHH", Kind::Text(2)),
    ("INHEHALGR", Kind::Text(1)),
    ("INHAHL", Kind::Number),
    ("INHAHLMI", Kind::Number),
];

/// The low-income line, the European one and the social minimum, as multiples of the first.
const LINES: [f64; 3] = [1.0, 1.15, 0.93];

/// What is known of a household beside its income.
pub(super) struct Facts {
    /// Number of the main earner, whose age and outcome these are.
    pub(super) earner: u32,
    pub(super) age: i16,
    pub(super) outcome: f64,
    adults: u16,
    children: u16,
    has_partner: bool,
    has_own_children: bool,
    /// Highest percentage of the low-income line in the three years before, of the main earner's household.
    earlier: Result<f64, Missing>,
}

/// Habits that a main earner keeps for life.
#[derive(Clone, Copy)]
pub(super) enum Habit {
    OwnBusiness = 1,
    OwnHome = 2,
    Saving = 3,
    HomeValue = 4,
    Debt = 5,
    DebtSize = 6,
}

impl Plan<'_> {
    pub(super) fn habit(self, habit: Habit, facts: &Facts) -> f64 {
        kept_by(self.country.settings.seed, habit as u64, facts.earner)
    }

    /// All files of an income year.
    pub(super) fn write_income_year(self, year: i16, written: &mut Written) -> Result<(), SyntheticError> {
        let (income, facts) = self.books(year);
        self.write_links(year, &income, written)?;
        let rows = self.write_incomes(year, &income, &facts, written)?;
        if year >= super::wealth::FIRST_LINE_OF_2024 {
            self.write_new_poverty(year, &income, &rows, written)?;
        }
        if year >= super::wealth::FIRST_WEALTH {
            self.write_wealth(year, &income, &facts, written)?;
        }
        Ok(())
    }

    fn books(self, year: i16) -> (IncomeYear, Vec<Facts>) {
        let (mut income, mut facts) = (IncomeYear::default(), Vec::new());
        for number in 0..self.country.communities.len() {
            let homes = |year| self.country.homes_on_day(number, year, Shocks::With);
            let day = homes(year);
            self.country.add_community(number, &day, year, &mut income);
            let before: Vec<(i16, HomesOnDay)> = (year - 3..year)
                .filter(|before| year > LAST_OLD && *before >= FIRST_INCOME)
                .map(|year| (year, homes(year)))
                .collect();
            let community = &self.country.communities[number];
            for home in &day.homes {
                let earner = main_earner(community, home);
                facts.push(Facts {
                    earner: self.country.known_key(community, earner).number(),
                    age: age(community, earner, year),
                    outcome: f64::from(community.chronicle.people[earner as usize].outcome),
                    adults: home.composition().adults,
                    children: home.composition().children,
                    has_partner: home.has_partner(),
                    has_own_children: home.has_own_children,
                    earlier: self.highest_percentage(&before, earner),
                });
            }
        }
        (income, facts)
    }

    fn highest_percentage(self, years: &[(i16, HomesOnDay)], person: u32) -> Result<f64, Missing> {
        let mut highest = 0.0_f64;
        for (year, day) in years {
            let home = day.home(person).filter(|home| day.homes[*home].class == HouseholdClass::Private);
            let home = home.ok_or(Missing::NotInTargetPopulation)?;
            highest = highest.max(100.0 * day.standardised[home] / self.country.low_income_line(*year));
        }
        Ok(highest)
    }

    fn write_links(
        self,
        year: i16,
        income: &IncomeYear,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let (stem, columns) = match Layout::of(year) {
            Layout::To2010 => (format!("Koppeltabel_IPI_IHI_IVB{year}"), &OLD_COLUMNS[..2]),
            Layout::From2011 => (format!("KOPPELPERSOONHUISHOUDEN{year}V1"), &NEW_COLUMNS[..2]),
        };
        let person = [("RINPERSOONS", Kind::Text(1)), ("RINPERSOON", Kind::Text(9))];
        let mut table = self.table(&stem, (1, year), &[&person, columns].concat(), written)?;
        for (person, HouseholdKey(earner)) in income.person.iter().zip(&income.household_of) {
            table.row(&[b"R", &Cells::number(*person), b"R", &Cells::number(*earner)])?;
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    fn write_incomes(
        self,
        year: i16,
        income: &IncomeYear,
        facts: &[Facts],
        written: &mut Written,
    ) -> Result<Vec<IncomeRow>, SyntheticError> {
        let layout = Layout::of(year);
        let (stem, columns) = match layout {
            Layout::To2010 => (format!("HUISHBVRINK{year}TABV3"), OLD_COLUMNS.as_slice()),
            Layout::From2011 => (format!("INHA{year}TABV2"), NEW_COLUMNS.as_slice()),
        };
        let mut table = self.table(&stem, (2, year), columns, written)?;
        let mut counts = WrittenFile::default();
        let mut streams =
            [self.traps_of(TrapStream::Incomes, year), self.traps_of(TrapStream::PartYears, year)];
        let rows: Vec<IncomeRow> = (0..income.household.len())
            .map(|index| IncomeRow::drawn(income, index, self.traps, &mut streams, &mut counts))
            .collect();
        let groups = Groups::new(&rows);
        for (index, HouseholdKey(earner)) in income.household.iter().enumerate() {
            let row = &rows[index];
            let [gross, primary, disposable, standardised] = row.amounts.map(|euros| layout.amount(euros));
            let key = Cells::number(*earner);
            let amounts: [&[u8]; 6] = [b"R", &key, &gross, &primary, &disposable, &standardised];
            match layout {
                Layout::To2010 => {
                    let group = groups.standardised[index].map_or(Vec::new(), Cells::whole);
                    table.row(&[&amounts[..], &[&group]].concat())?;
                }
                Layout::From2011 => {
                    let rest = self.columns_from_2011(row, &facts[index], &groups, index, &mut counts);
                    let rest: Vec<&[u8]> = rest.iter().map(Vec::as_slice).collect();
                    table.row(&[&amounts[..], &rest].concat())?;
                }
            }
        }
        let file = table.finish()?;
        written.files.push(WrittenFile { name: file.name, rows: file.rows, ..counts });
        Ok(rows)
    }

    /// Everything after the amounts.
    fn columns_from_2011(
        self,
        row: &IncomeRow,
        facts: &Facts,
        groups: &Groups,
        index: usize,
        counts: &mut WrittenFile,
    ) -> [Vec<u8>; 15] {
        let percentile = |group: Option<u64>| match group {
            Some(group) => Cells::whole(group + 1),
            None if row.class == HouseholdClass::Institution => b"-2".to_vec(),
            None => b"-1".to_vec(),
        };
        let of_line = |percent: Result<f64, Missing>, line: f64| match percent {
            // In whole percents below: 99.9 stays below 100.
            Ok(percent) => Cells::whole((percent / line).floor() as u64),
            Err(Missing::Institution) => b"-2".to_vec(),
            Err(Missing::NotInTargetPopulation) => b"-4".to_vec(),
            Err(_) => b"-1".to_vec(),
        };
        let now = LINES.map(|line| of_line(row.percent, line));
        let four_years = row.percent.and_then(|now| Ok(facts.earlier?.max(now)));
        counts.not_in_earlier_population += u64::from(four_years == Err(Missing::NotInTargetPopulation));
        let long = LINES.map(|line| of_line(four_years, line));
        let members = |count: u16| match row.class {
            HouseholdClass::Institution => b"99".to_vec(),
            _ => Cells::whole(count.into()),
        };
        let [low, european, social] = now;
        let [low_long, european_long, social_long] = long;
        [
            row.population_class().to_vec(),
            percentile(groups.standardised[index]),
            percentile(groups.without_students[index]),
            percentile(groups.disposable[index]),
            low,
            european,
            social,
            low_long,
            european_long,
            social_long,
            self.main_source(row, facts).to_vec(),
            composition(row, facts).to_vec(),
            self.ownership(row, facts).to_vec(),
            members(facts.adults + facts.children),
            members(facts.adults),
        ]
    }

    /// `INHBBIHJ`: 11 wage, 13 own business, 22 social assistance, 25 pension, 26 student grant, 99 unknown.
    fn main_source(self, row: &IncomeRow, facts: &Facts) -> &'static [u8] {
        const OWN_BUSINESS: f64 = 0.1;
        /// Who works has more than this in percent of the low-income line.
        const ASSISTANCE: f64 = 105.0;
        match (row.class, row.percent) {
            (HouseholdClass::Institution, _) => b"99",
            (HouseholdClass::Student, _) => b"26",
            (_, Err(_)) => b"99",
            _ if facts.age >= 67 => b"25",
            _ if self.habit(Habit::OwnBusiness, facts) < OWN_BUSINESS => b"13",
            (_, Ok(percent)) if percent < ASSISTANCE => b"22",
            _ => b"11",
        }
    }

    /// `INHEHALGR`: 1 owner, 2 and 3 tenant without and with allowance, 8 institution, 9 unknown.
    fn ownership(self, row: &IncomeRow, facts: &Facts) -> &'static [u8] {
        /// Tenants with less than this in percent of the low-income line have an allowance.
        const ALLOWANCE: f64 = 140.0;
        match (row.class, row.percent) {
            (HouseholdClass::Institution, _) => b"8",
            (_, Err(_)) => b"9",
            _ if self.owns_home(row.class, facts) => b"1",
            (_, Ok(percent)) if percent < ALLOWANCE => b"3",
            _ => b"2",
        }
    }

    /// From 25 on, more of them the higher the outcome.
    pub(super) fn owns_home(self, class: HouseholdClass, facts: &Facts) -> bool {
        class == HouseholdClass::Private
            && facts.age >= 25
            && facts.outcome > 2.0 * self.habit(Habit::OwnHome, facts) - 1.2
    }
}

/// `INHSAMHH`: the first code of each block, 11 single, 21 couple, 31 couple with children, 41 one parent, 51 other,
/// 71 institution. What tells the codes of a block apart was not found.
fn composition(row: &IncomeRow, facts: &Facts) -> &'static [u8] {
    match (row.class, facts.has_partner, facts.has_own_children) {
        (HouseholdClass::Institution, ..) => b"71",
        (_, true, true) => b"31",
        (_, true, false) => b"21",
        (_, false, true) => b"41",
        _ if facts.adults + facts.children == 1 => b"11",
        _ => b"51",
    }
}

/// The columns of one era.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    To2010,
    From2011,
}

impl Layout {
    fn of(year: i16) -> Self {
        if year <= LAST_OLD { Self::To2010 } else { Self::From2011 }
    }

    fn amount(self, euros: Option<i64>) -> Vec<u8> {
        match (euros, self) {
            (Some(euros), _) => Cells::signed(euros),
            (None, Self::To2010) => b"999999999".to_vec(),
            (None, Self::From2011) => b"9999999999".to_vec(),
        }
    }
}

/// A row of an income file, faults included.
pub(super) struct IncomeRow {
    /// Gross, primary, disposable and standardised, whole euros.
    amounts: [Option<i64>; 4],
    /// Percent of the low-income line.
    pub(super) percent: Result<f64, Missing>,
    pub(super) class: HouseholdClass,
}

impl IncomeRow {
    fn drawn(
        income: &IncomeYear,
        index: usize,
        traps: &Traps,
        [random, part_years]: &mut [Stream; 2],
        counts: &mut WrittenFile,
    ) -> Self {
        let columns = [&income.gross, &income.primary, &income.disposable, &income.standardised];
        let mut row = Self {
            amounts: columns.map(|column| column[index].ok().map(|euros| euros.round() as i64)),
            percent: income.percent_low_income[index],
            class: income.class[index],
        };
        // Drawn for all, so that no fault moves another.
        let (fault, part_year) = (random.uniform(), part_years.chance(traps.part_year_income));
        let months = 3 + i64::from(part_years.below(9));
        match row.class {
            HouseholdClass::Institution => counts.institutions += 1,
            HouseholdClass::Student => counts.student_households += 1,
            HouseholdClass::Private if fault < traps.missing_income => {
                (row.amounts, row.percent) = ([None; 4], Err(Missing::Unknown));
                counts.missing_incomes += 1;
            }
            HouseholdClass::Private if fault < traps.missing_income + traps.negative_income => {
                row.amounts = row.amounts.map(|amount| amount.map(|euros| -(euros / 2).max(1)));
                row.percent = Ok(0.0);
                counts.negative_incomes += 1;
            }
            HouseholdClass::Private
                if fault < traps.missing_income + traps.negative_income + traps.zero_income =>
            {
                (row.amounts, row.percent) = ([Some(0); 4], Ok(0.0));
                counts.zero_incomes += 1;
            }
            HouseholdClass::Private if part_year => {
                row.amounts = row.amounts.map(|amount| amount.map(|euros| euros * months / 12));
                row.percent = row.percent.map(|percent| percent * months as f64 / 12.0);
                counts.part_year_incomes += 1;
            }
            HouseholdClass::Private => {}
        }
        row
    }

    /// `INHPOPIIV`.
    fn population_class(&self) -> &'static [u8] {
        match (self.class, self.percent) {
            (HouseholdClass::Institution, _) => b"3",
            (HouseholdClass::Student, _) => b"2",
            (HouseholdClass::Private, Err(_)) => b"7",
            (HouseholdClass::Private, Ok(_)) => b"1",
        }
    }
}

/// Percentile group 0 to 99 of each row, among those with an income.
struct Groups {
    standardised: Vec<Option<u64>>,
    /// Without student households, which have none.
    without_students: Vec<Option<u64>>,
    disposable: Vec<Option<u64>>,
}

impl Groups {
    fn new(rows: &[IncomeRow]) -> Self {
        let of = |amount: &dyn Fn(&IncomeRow) -> Option<i64>| percentiles(rows.iter().map(amount));
        Self {
            standardised: of(&|row| row.amounts[3]),
            without_students: of(&|row| row.amounts[3].filter(|_| row.class != HouseholdClass::Student)),
            disposable: of(&|row| row.amounts[2]),
        }
    }
}

/// Percentile group 0 to 99 of each amount; equal ones in the order of rows.
pub(super) fn percentiles(amounts: impl Iterator<Item = Option<i64>>) -> Vec<Option<u64>> {
    let amounts: Vec<Option<i64>> = amounts.collect();
    let mut order: Vec<(i64, u32)> =
        amounts.iter().zip(0..).filter_map(|(amount, index)| Some(((*amount)?, index))).collect();
    order.sort_unstable();
    let mut groups = vec![None; amounts.len()];
    for (place, (_, index)) in order.iter().enumerate() {
        groups[*index as usize] = Some((place * 100 / order.len()) as u64);
    }
    groups
}
