//! Income files: households with their amounts, and persons with their households.

use std::path::Path;

use erflijn_core::HouseholdKey;

use super::{Cells, Table};
use crate::income::LAST_OLD;
use crate::random::Stream;
use crate::{HouseholdClass, IncomeYear, SyntheticError, Traps, Written, WrittenFile};

const OLD_COLUMNS: [&str; 7] = [
    "RINPERSOONSKERN",
    "RINPERSOONKERN",
    "BVRBRUTINKH",
    "BVRPRIMINKH",
    "BVRBESTINKH",
    "BVRGESTINKH",
    "BVRPERCGESTINKH",
];
const NEW_COLUMNS: [&str; 11] = [
    "RINPERSOONSHKW",
    "RINPERSOONHKW",
    "INHBRUTINKH",
    "INHPRIMINKH",
    "INHBESTINKH",
    "INHGESTINKH",
    "INHPOPIIV",
    "INHP100HGEST",
    "INHARMLAG",
    "INHARMEUR",
    "INHARMSOC",
];

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

    /// Percentile groups are 0 to 99, and from 2011 on 1 to 100; what the older files have for none is not described.
    fn percentile(self, group: Option<u64>, code: &[u8]) -> Vec<u8> {
        match (group, self) {
            (Some(group), Self::To2010) => Cells::whole(group),
            (Some(group), Self::From2011) => Cells::whole(group + 1),
            (None, Self::To2010) => Vec::new(),
            (None, Self::From2011) => code.to_vec(),
        }
    }
}

pub(super) fn write_links(
    folder: &Path,
    year: i16,
    income: &IncomeYear,
    written: &mut Written,
) -> Result<(), SyntheticError> {
    let (name, columns) = match Layout::of(year) {
        Layout::To2010 => (format!("Koppeltabel_IPI_IHI_IVB{year}.csv"), OLD_COLUMNS.as_slice()),
        Layout::From2011 => (format!("KOPPELPERSOONHUISHOUDEN{year}V1.csv"), NEW_COLUMNS.as_slice()),
    };
    let mut table = Table::new(folder, &name, &["RINPERSOONS", "RINPERSOON", columns[0], columns[1]])?;
    for (person, HouseholdKey(earner)) in income.person.iter().zip(&income.household_of) {
        table.row(&[b"R", &Cells::number(*person), b"R", &Cells::number(*earner)])?;
    }
    written.files.push(table.finish()?);
    Ok(())
}

pub(super) fn write_incomes(
    folder: &Path,
    year: i16,
    income: &IncomeYear,
    traps: &Traps,
    mut random: Stream,
    written: &mut Written,
) -> Result<(), SyntheticError> {
    let layout = Layout::of(year);
    let (name, columns) = match layout {
        Layout::To2010 => (format!("HUISHBVRINK{year}TABV3.csv"), OLD_COLUMNS.as_slice()),
        Layout::From2011 => (format!("INHA{year}TABV2.csv"), NEW_COLUMNS.as_slice()),
    };
    let mut table = Table::new(folder, &name, columns)?;
    let mut counts = WrittenFile::default();
    let rows: Vec<IncomeRow> = (0..income.household.len())
        .map(|index| IncomeRow::drawn(income, index, traps, &mut random, &mut counts))
        .collect();
    for ((HouseholdKey(earner), row), group) in income.household.iter().zip(&rows).zip(percentiles(&rows)) {
        let [gross, primary, disposable, standardised] = row.amounts.map(|euros| layout.amount(euros));
        let key = Cells::number(*earner);
        let percentile = layout.percentile(group, row.percent_code);
        let amounts: [&[u8]; 6] = [b"R", &key, &gross, &primary, &disposable, &standardised];
        match layout {
            Layout::To2010 => table.row(&[&amounts[..], &[percentile.as_slice()]].concat())?,
            Layout::From2011 => {
                let [low, european, social] = row.percents();
                let rest: [&[u8]; 5] = [&[row.class], &percentile, &low, &european, &social];
                table.row(&[&amounts[..], &rest].concat())?;
            }
        }
    }
    let file = table.finish()?;
    written.files.push(WrittenFile { name: file.name, rows: file.rows, ..counts });
    Ok(())
}

/// A row of an income file, faults included.
struct IncomeRow {
    /// Gross, primary, disposable and standardised, whole euros.
    amounts: [Option<i64>; 4],
    percent: Option<f64>,
    percent_code: &'static [u8],
    /// `INHPOPIIV`.
    class: u8,
}

impl IncomeRow {
    fn drawn(
        income: &IncomeYear,
        index: usize,
        traps: &Traps,
        random: &mut Stream,
        counts: &mut WrittenFile,
    ) -> Self {
        let columns = [&income.gross, &income.primary, &income.disposable, &income.standardised];
        let mut row = Self {
            amounts: columns.map(|column| column[index].ok().map(|euros| euros.round() as i64)),
            percent: income.percent_low_income[index].ok(),
            percent_code: b"-1",
            class: b'1',
        };
        // Drawn for all, so that no fault moves another.
        let fault = random.uniform();
        match income.class[index] {
            HouseholdClass::Institution => {
                (row.class, row.percent_code) = (b'3', b"-2");
                counts.institutions += 1;
                return row;
            }
            HouseholdClass::Student => {
                row.class = b'2';
                counts.student_households += 1;
                return row;
            }
            HouseholdClass::Private => {}
        }
        if fault < traps.missing_income {
            (row.amounts, row.percent, row.class) = ([None; 4], None, b'7');
            counts.missing_incomes += 1;
        } else if fault < traps.missing_income + traps.negative_income {
            row.amounts = row.amounts.map(|amount| amount.map(|euros| -(euros / 2).max(1)));
            row.percent = Some(0.0);
            counts.negative_incomes += 1;
        } else if fault < traps.missing_income + traps.negative_income + traps.zero_income {
            (row.amounts, row.percent) = ([Some(0); 4], Some(0.0));
            counts.zero_incomes += 1;
        }
        row
    }

    /// Percent of the low-income line, of a European and of a social one, in whole percents below: 99.9 stays below 100.
    fn percents(&self) -> [Vec<u8>; 3] {
        /// The two other lines as multiples of the low-income line.
        const EUROPEAN: f64 = 1.15;
        const SOCIAL: f64 = 0.93;
        [1.0, EUROPEAN, SOCIAL].map(|line| match self.percent {
            Some(percent) => Cells::whole((percent / line).floor() as u64),
            None => self.percent_code.to_vec(),
        })
    }
}

/// Percentile group 0 to 99 of each row, among those with an income; equal incomes in the order of rows.
fn percentiles(rows: &[IncomeRow]) -> Vec<Option<u64>> {
    let mut order: Vec<(i64, usize)> =
        rows.iter().enumerate().filter_map(|(index, row)| Some((row.amounts[3]?, index))).collect();
    order.sort_unstable();
    let mut groups = vec![None; rows.len()];
    for (place, (_, index)) in order.iter().enumerate() {
        groups[*index] = Some((place * 100 / order.len()) as u64);
    }
    groups
}
