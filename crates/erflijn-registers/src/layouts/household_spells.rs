use erflijn_core::{PersonKey, Spell};

use crate::keys;
use crate::scan::{self, Row, Source};
use crate::{Keep, Progress, RegisterError, RegisterFile, Want};

/// Type of household, as code `TYPHH` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HouseholdType {
    /// 1: one person.
    Single,
    /// 2: unmarried couple without children.
    UnmarriedCouple,
    /// 3: married couple without children.
    MarriedCouple,
    /// 4: unmarried couple with children.
    UnmarriedCoupleWithChildren,
    /// 5: married couple with children.
    MarriedCoupleWithChildren,
    /// 6: one parent with children.
    OneParent,
    /// 7: other private household.
    Other,
    /// 8: institution.
    Institution,
}

impl HouseholdType {
    /// The type with this code; `None` when there is none.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Single,
            2 => Self::UnmarriedCouple,
            3 => Self::MarriedCouple,
            4 => Self::UnmarriedCoupleWithChildren,
            5 => Self::MarriedCoupleWithChildren,
            6 => Self::OneParent,
            7 => Self::Other,
            8 => Self::Institution,
            _ => return None,
        })
    }

    /// The code in the register.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8 + 1
    }
}

/// `GBAHUISHOUDENS`: spells in which a person lived in one household. Columns are parallel, rows in
/// the order of the file.
///
/// Any change of the household opens a new spell for all its members, a move included: a spell that
/// ends is no household that broke up. Spells of one person that overlap are left as they are.
#[derive(Debug, Clone, Default)]
pub struct HouseholdSpells {
    /// The person; as many rows as spells.
    pub person: Vec<PersonKey>,
    /// First and last day. A spell that was still running ends on the last day of the edition.
    pub spell: Vec<Spell>,
    /// Type of household (`TYPHH`); `None` where unknown.
    pub kind: Vec<Option<HouseholdType>>,
    /// Place in the household (`PLHH`) as a code; `None` where unknown. No public source was found
    /// that lists the codes, so none is given a meaning here.
    pub place: Vec<Option<u8>>,
    /// Persons in the household (`AANTALPERSHH`). Institutions can have very many.
    pub members: Vec<Option<u16>>,
    /// Rows in the file.
    pub rows: u64,
    /// Rows left out because their key identifies nobody.
    pub without_key: u64,
    /// Rows left out because they do not meet the conditions of a [`Keep`].
    pub not_wanted: u64,
    /// Rows left out because they repeat an earlier row in every column read, the household number included.
    pub exact_duplicates: u64,
}

const CLASS: usize = 0;
const START: usize = 2;
const KIND: usize = 4;
const PLACE: usize = 5;
const MEMBERS: usize = 6;
const HOUSEHOLD: usize = 7;

/// Household number, needed only to tell repetitions from real rows.
type HouseholdNumber = [u8; 12];

impl HouseholdSpells {
    /// Reads a file.
    ///
    /// # Errors
    /// [`RegisterError`]; among them [`RegisterError::Cell`] for a date that is not in the calendar
    /// or an unknown type, [`RegisterError::EndBeforeStart`].
    ///
    /// # Complexity
    /// One pass and one sort; 19 bytes per spell, and 20 more while reading.
    pub fn read(file: &RegisterFile) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], &mut |_, _| {})
    }

    /// [`Self::read`] that reports on its way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(file: &RegisterFile, progress: Progress<'_>) -> Result<Self, RegisterError> {
        Self::scan(Source::File(&file.path), &[], progress)
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
        Self::scan(Source::File(&file.path), keep, progress)
    }

    pub(super) fn scan(
        source: Source<'_>,
        keep: &[Keep],
        progress: Progress<'_>,
    ) -> Result<Self, RegisterError> {
        let wants = [
            Want::text("RINPERSOONS"),
            Want::text("RINPERSOON"),
            Want::text("DATUMAANVANGHH"),
            Want::text("DATUMEINDEHH"),
            Want::code("TYPHH"),
            Want::code("PLHH"),
            Want::number("AANTALPERSHH"),
            Want::text("HUISHOUDNR"),
        ];
        let mut spells = Self::default();
        let mut numbers = Vec::new();
        let counts = scan::rows(source, &wants, keep, progress, |row| {
            match row.key(CLASS)? {
                None => spells.without_key += 1,
                Some(person) => {
                    spells.push(person, &row)?;
                    numbers.push(household_number(&row)?);
                }
            }
            Ok(())
        })?;
        (spells.rows, spells.not_wanted) = (counts.rows, counts.rows - counts.kept);
        spells.remove_repetitions(&numbers);
        Ok(spells)
    }

    fn push(&mut self, person: PersonKey, row: &Row<'_>) -> Result<(), RegisterError> {
        let kind = row.code(KIND).map(|code| {
            HouseholdType::from_code(code).ok_or_else(|| row.fault(KIND, "a type of household from 1 to 8"))
        });
        self.kind.push(kind.transpose()?);
        self.person.push(person);
        self.spell.push(row.spell(START)?);
        self.place.push(row.code(PLACE));
        self.members.push(members(row)?);
        Ok(())
    }

    /// Leaves out rows that equal an earlier one. Rows are compared within a person only, so the
    /// sort is over whole numbers and the rows themselves stay where they are.
    fn remove_repetitions(&mut self, numbers: &[HouseholdNumber]) {
        let mut order: Vec<u64> =
            self.person.iter().enumerate().map(|(index, person)| keys::packed(*person, index)).collect();
        order.sort_unstable();
        let mut repeated = vec![false; self.person.len()];
        for of_person in order.chunk_by_mut(|a, b| keys::key_part(*a) == keys::key_part(*b)) {
            let row = |packed: u64| {
                let index = usize::try_from(keys::index_part(packed)).expect("an index of this vector");
                (
                    self.spell[index],
                    numbers[index],
                    self.kind[index],
                    self.place[index],
                    self.members[index],
                    index,
                )
            };
            of_person.sort_unstable_by_key(|packed| row(*packed));
            for pair in of_person.windows(2) {
                let (first, second) = (row(pair[0]), row(pair[1]));
                let same = (first.0, first.1, first.2, first.3, first.4)
                    == (second.0, second.1, second.2, second.3, second.4);
                repeated[second.5] = same;
            }
        }
        self.exact_duplicates = repeated.iter().filter(|repeated| **repeated).count() as u64;
        if self.exact_duplicates > 0 {
            retain(&mut self.person, &repeated);
            retain(&mut self.spell, &repeated);
            retain(&mut self.kind, &repeated);
            retain(&mut self.place, &repeated);
            retain(&mut self.members, &repeated);
        }
    }

    /// Number of spells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether there are no spells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
}

fn retain<T>(column: &mut Vec<T>, repeated: &[bool]) {
    let mut repeated = repeated.iter();
    column.retain(|_| repeated.next() == Some(&false));
}

fn members(row: &Row<'_>) -> Result<Option<u16>, RegisterError> {
    let Some(number) = row.number(MEMBERS) else { return Ok(None) };
    if number.fract().abs() <= 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked on the line above"
        )]
        return Ok(Some(number as u16));
    }
    Err(row.fault(MEMBERS, "a whole number of persons from 0 to 65535"))
}

fn household_number(row: &Row<'_>) -> Result<HouseholdNumber, RegisterError> {
    let text = row.text(HOUSEHOLD).as_bytes();
    let mut number = HouseholdNumber::default();
    match number.get_mut(..text.len()) {
        Some(start) => start.copy_from_slice(text),
        None => return Err(row.fault(HOUSEHOLD, "a household number of at most twelve characters")),
    }
    Ok(number)
}
