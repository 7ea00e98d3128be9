use erflijn_core::{HouseholdKey, Missing, PersonKey};

use crate::keys::{self, RowsKept};
use crate::scan::{self, Row, Source};
use crate::{Era, Keep, Progress, RegisterError, RegisterFile, Want};

/// Which population a household belongs to, as code `INHPOPIIV` has it. A class, not a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PopulationClass {
    /// 1: private household with income, not of students.
    PrivateWithIncome,
    /// 2: student household with income.
    StudentWithIncome,
    /// 3: institution with income.
    InstitutionWithIncome,
    /// 7: private household without income.
    PrivateWithoutIncome,
    /// 8: institution without income.
    InstitutionWithoutIncome,
    /// 9: outside the population of households.
    OutsidePopulation,
}

impl PopulationClass {
    /// The class with this code; `None` when there is none.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::PrivateWithIncome,
            2 => Self::StudentWithIncome,
            3 => Self::InstitutionWithIncome,
            7 => Self::PrivateWithoutIncome,
            8 => Self::InstitutionWithoutIncome,
            9 => Self::OutsidePopulation,
            _ => return None,
        })
    }

    /// The code in the register.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::PrivateWithIncome => 1,
            Self::StudentWithIncome => 2,
            Self::InstitutionWithIncome => 3,
            Self::PrivateWithoutIncome => 7,
            Self::InstitutionWithoutIncome => 8,
            Self::OutsidePopulation => 9,
        }
    }

    /// Whether it is an institution, with or without income.
    #[must_use]
    pub fn is_institution(self) -> bool {
        matches!(self, Self::InstitutionWithIncome | Self::InstitutionWithoutIncome)
    }

    /// Why a household of this class has no amount.
    fn reason(self) -> Missing {
        match self {
            Self::InstitutionWithIncome | Self::InstitutionWithoutIncome => Missing::Institution,
            Self::OutsidePopulation => Missing::NotInTargetPopulation,
            _ => Missing::Unknown,
        }
    }
}

/// `HUISHBVRINK` or `INHA`: income of every household in one year. Columns are parallel.
///
/// Amounts are in euros of the year. Negative and zero incomes are kept as they are: whether they
/// count is a choice of the study. An amount is missing where the file has the code of its era
/// ([`Era::missing_amount`]) or system-missing; the reason is taken from the population class:
/// institution, outside the population, or else unknown.
#[derive(Debug, Clone, Default)]
pub struct HouseholdIncome {
    /// The household; each occurs once.
    pub household: Vec<HouseholdKey>,
    /// Gross income (`BVRBRUTINKH`, `INHBRUTINKH`), euros per year.
    pub gross: Vec<Result<f64, Missing>>,
    /// Primary income (`BVRPRIMINKH`, `INHPRIMINKH`), euros per year.
    pub primary: Vec<Result<f64, Missing>>,
    /// Disposable income (`BVRBESTINKH`, `INHBESTINKH`), euros per year.
    pub disposable: Vec<Result<f64, Missing>>,
    /// Standardised income (`BVRGESTINKH`, `INHGESTINKH`), euros per year per equivalent person.
    pub standardised: Vec<Result<f64, Missing>>,
    /// Population class (`INHPOPIIV`); all `None` to 2010, when the file has no such column.
    pub population: Vec<Option<PopulationClass>>,
    /// Percent of the low-income line (`INHARMLAG`); `None` to 2010.
    ///
    /// In this and the next two, -1 is [`Missing::Unknown`], -2 [`Missing::Institution`] and -4
    /// [`Missing::NotInTargetPopulation`]: none of them is below the line.
    pub percent_low_income: Option<Vec<Result<f64, Missing>>>,
    /// Percent of the European line (`INHARMEUR`); `None` to 2010.
    pub percent_european: Option<Vec<Result<f64, Missing>>>,
    /// Percent of the social minimum (`INHARMSOC`); `None` to 2010.
    pub percent_social_minimum: Option<Vec<Result<f64, Missing>>>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their key identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
    /// Amounts equal to the missing code of the *other* era, kept as the amounts they are in this
    /// one. More than a stray one means that the file carries the wrong year in its name.
    pub other_era_codes: u64,
}

const HOUSEHOLD: usize = 0;
const AMOUNTS: usize = 2;
const POPULATION: usize = 6;
const PERCENTAGES: usize = 7;

impl HouseholdIncome {
    /// Reads a file; its year tells the era, and so the columns and the missing code.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::Cell`] for an unknown population class or a
    /// negative percentage that is no code, [`RegisterError::DuplicateKey`] for a household with two rows.
    ///
    /// # Complexity
    /// One pass and one sort; 70 bytes per household to 2010, 118 from 2011.
    pub fn read(file: &RegisterFile) -> Result<Self, RegisterError> {
        Self::scan(Era::of(file.year), Source::File(&file.path), &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        Self::scan(Era::of(file.year), Source::File(&file.path), &[], progress)
    }

    /// [`Self::read_with`] that keeps only the rows that meet all conditions; the others are counted in
    /// `not_wanted`.
    ///
    /// # Errors
    /// As [`Self::read`], for the rows kept; and [`RegisterError::Cell`] or [`RegisterError::Key`] for a
    /// cell of which it cannot be said whether it meets a condition.
    pub fn read_where(
        file: &RegisterFile,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        Self::scan(Era::of(file.year), Source::File(&file.path), keep, progress)
    }

    pub(super) fn scan(
        era: Era,
        source: Source<'_>,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let path = source.path();
        let mut income = Self::default();
        if era == Era::From2011 {
            income.percent_low_income = Some(Vec::new());
            income.percent_european = Some(Vec::new());
            income.percent_social_minimum = Some(Vec::new());
        }
        let mut rows = RowsKept::default();
        let counts = scan::rows(source, &wants(era), keep, progress, |row| {
            match row.key(HOUSEHOLD)? {
                None => income.without_key += 1,
                Some(main_earner) => {
                    rows.push(row.number_of_row());
                    income.push(main_earner, era, &row)?;
                }
            }
            Ok(())
        })?;
        (income.rows, income.not_wanted) = (counts.rows, counts.rows - counts.kept);
        let keys = income.household.iter().map(|household| household.0);
        keys::check_unique(path, era.household_columns()[1], keys, &rows)?;
        Ok(income)
    }

    fn push(&mut self, main_earner: PersonKey, era: Era, row: &Row<'_>) -> Result<(), RegisterError> {
        let population = match era {
            Era::To2010 => None,
            Era::From2011 => population(row)?,
        };
        let reason = population.map_or(Missing::Unknown, PopulationClass::reason);
        let amounts = [&mut self.gross, &mut self.primary, &mut self.disposable, &mut self.standardised];
        for (column, place) in amounts.into_iter().zip(AMOUNTS..) {
            let amount = row.number(place);
            self.other_era_codes += u64::from(is_code(amount, era.other()));
            column.push(if is_code(amount, era) { Err(reason) } else { amount.ok_or(reason) });
        }
        let percentages =
            [&mut self.percent_low_income, &mut self.percent_european, &mut self.percent_social_minimum];
        for (column, place) in percentages.into_iter().zip(PERCENTAGES..) {
            if let Some(column) = column {
                column.push(percent(row, place)?);
            }
        }
        self.household.push(HouseholdKey(main_earner));
        self.population.push(population);
        Ok(())
    }

    /// Number of households.
    #[must_use]
    pub fn len(&self) -> usize {
        self.household.len()
    }

    /// Whether there are no households.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.household.is_empty()
    }
}

fn wants(era: Era) -> Vec<Want> {
    let mut wants: Vec<Want> = era.household_columns().map(Want::text).into();
    wants.extend(era.income_columns().map(Want::number));
    if era == Era::From2011 {
        wants.push(Want::code("INHPOPIIV"));
        wants.extend(["INHARMLAG", "INHARMEUR", "INHARMSOC"].map(Want::number));
    }
    wants
}

fn is_code(amount: Option<f64>, era: Era) -> bool {
    // A column in single precision rounds the code: 9,999,999,999 becomes ten billion. No household has such an income.
    let code = era.missing_amount();
    let as_near_as_single_precision = code * f64::from(f32::EPSILON);
    amount.is_some_and(|amount| (amount - code).abs() <= as_near_as_single_precision)
}

fn population(row: &Row<'_>) -> Result<Option<PopulationClass>, RegisterError> {
    let class = row.code(POPULATION).map(|code| {
        PopulationClass::from_code(code)
            .ok_or_else(|| row.fault(POPULATION, "a population class 1, 2, 3, 7, 8 or 9"))
    });
    class.transpose()
}

fn percent(row: &Row<'_>, column: usize) -> Result<Result<f64, Missing>, RegisterError> {
    const EXPECTED: &str = "a percentage of at least 0, or the code -1, -2 or -4";
    let Some(value) = row.number(column) else { return Ok(Err(Missing::Unknown)) };
    if value >= 0.0 {
        return Ok(Ok(value));
    }
    let is = |code: f64| (value - code).abs() <= 0.0;
    if is(-1.0) {
        Ok(Err(Missing::Unknown))
    } else if is(-2.0) {
        Ok(Err(Missing::Institution))
    } else if is(-4.0) {
        Ok(Err(Missing::NotInTargetPopulation))
    } else {
        Err(row.fault(column, EXPECTED))
    }
}
