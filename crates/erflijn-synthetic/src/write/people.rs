//! Persons, and children with their legal parents.

use erflijn_core::PersonKey;

use super::cells::{Cells, NOBODY};
use super::{Kind, Plan, Table, TrapStream};
use crate::{Persons, SyntheticError, Written};

const PERSONS: [(&str, Kind); 7] = [
    ("RINPERSOONS", Kind::Text(1)),
    ("RINPERSOON", Kind::Text(9)),
    ("GBAGESLACHT", Kind::Text(1)),
    ("GBAGEBOORTEJAAR", Kind::Text(4)),
    ("GBAGEBOORTEMAAND", Kind::Text(2)),
    ("GBAGEBOORTEDAG", Kind::Text(2)),
    ("GBAGEBOORTELANDNL", Kind::Text(1)),
];

const PARENTS: [(&str, Kind); 7] = [
    ("RINPERSOONS", Kind::Text(1)),
    ("RINPERSOON", Kind::Text(9)),
    ("XKOPPELNUMMER", Kind::Text(8)),
    ("RINPERSOONSpa", Kind::Text(1)),
    ("RINPERSOONpa", Kind::Text(9)),
    ("RINPERSOONSMa", Kind::Text(1)),
    ("RINPERSOONMa", Kind::Text(9)),
];

/// Number of the newest version of the persons where there is an older one: sorted as text it comes before.
const NEWEST: u8 = 10;
const OLDER: u8 = 9;

impl Plan<'_> {
    pub(super) fn write_persons(self, written: &mut Written) -> Result<(), SyntheticError> {
        let version = if self.traps.changed_between_versions > 0.0 { NEWEST } else { 1 };
        let table = self.table(&format!("GBAPERSOON2022TABV{version}"), (1, 0), &PERSONS, written)?;
        self.write_persons_to(table, |_, _| {}, written)
    }

    /// The version before: the same rows, but for months and days of birth that were corrected since.
    pub(super) fn write_older_persons(self, written: &mut Written) -> Result<(), SyntheticError> {
        let mut random = self.traps_of(TrapStream::Versions, 0);
        let mut counts = Written::default();
        let table = self.table(&format!("GBAPERSOON2022TABV{OLDER}"), (2, 0), &PERSONS, &mut counts)?;
        let mut changed = 0;
        let rate = self.traps.changed_between_versions;
        let older = |month: &mut [u8; 2], day: &mut [u8; 2]| {
            // A register that did not know the month took the first of July, and so did who corrected it on that day.
            if random.chance(rate) && (&*month, &*day) != (b"07", b"01") {
                (*month, *day) = (*b"07", *b"01");
                changed += 1;
            }
        };
        // Faults are those of the newest version, where they are counted.
        self.write_persons_to(table, older, &mut counts)?;
        written.changed_between_versions = changed;
        written.files = counts.files;
        written.files_with_lower_case_names = counts.files_with_lower_case_names;
        Ok(())
    }

    fn write_persons_to(
        self,
        mut table: Table,
        mut change: impl FnMut(&mut [u8; 2], &mut [u8; 2]),
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let traps = self.traps;
        let mut random = self.traps_of(TrapStream::Persons, 0);
        let mut sexes = self.traps_of(TrapStream::Sexes, 0);
        let persons = self.country.persons();
        for index in 0..persons.person.len() {
            let born = Cells::date(persons.birth[index]);
            let year = &born[..4];
            let (mut month, mut day) = ([born[4], born[5]], [born[6], born[7]]);
            written.born_on_29_february += u64::from(born[4..] == *b"0229");
            if random.chance(traps.unknown_birth_month) {
                (month, day) = (*b"--", *b"--");
                written.unknown_birth_months += 1;
            } else {
                change(&mut month, &mut day);
            }
            let unknown_sex = sexes.chance(traps.unknown_sex);
            written.unknown_sexes += u64::from(unknown_sex);
            let sex: &[u8] = match (unknown_sex, persons.woman[index]) {
                (true, _) => b"-",
                (_, true) => b"2",
                (_, false) => b"1",
            };
            let in_country: &[u8] = if persons.foreign_born[index] { b"0" } else { b"1" };
            let number = Cells::number(persons.person[index]);
            let row: [&[u8]; 7] = [b"R", &number, sex, year, &month, &day, in_country];
            table.row(&row)?;
            if sexes.chance(traps.repeated_person_row) {
                table.row(&row)?;
                written.repeated_person_rows += 1;
            }
            if random.chance(traps.number_in_two_classes) {
                table.row(&[b"S", &number, sex, year, &month, &day, b"-"])?;
                written.numbers_in_two_classes += 1;
            }
            if random.chance(traps.unidentified_row) {
                table.row(&[b"N", NOBODY, sex, year, &month, &day, b"-"])?;
                written.unidentified_rows += 1;
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    pub(super) fn write_parents(self, written: &mut Written) -> Result<(), SyntheticError> {
        let traps = self.traps;
        let mut table = self.table("KINDOUDER2022TABV1", (3, 0), &PARENTS, written)?;
        let mut random = self.traps_of(TrapStream::Parents, 0);
        let register = self.country.parents();
        let born = years_of_birth(&self.country.persons());
        let born = |person: PersonKey| born[person.number() as usize];
        for (index, child) in register.child.iter().copied().enumerate() {
            let (mut father, mut mother) = (register.father[index], register.mother[index]);
            if random.chance(traps.own_number_as_mother) {
                mother = Some(child);
                written.own_number_as_mother += 1;
            }
            if father.is_some() && random.chance(traps.father_younger_than_child) {
                // Of some children drawn, the first who is a calendar year younger at the least.
                const TRIES: u32 = 50;
                let drawn =
                    (0..TRIES).map(|_| register.child[random.below(register.child.len() as u32) as usize]);
                let younger = drawn.into_iter().find(|other| born(*other) > born(child));
                if younger.is_some() {
                    father = younger;
                    written.fathers_younger_than_child += 1;
                }
            }
            written.children_without_father += u64::from(father.is_none());
            written.children_without_mother += u64::from(mother.is_none());
            written.children_without_parent += u64::from(father.is_none() && mother.is_none());
            let [father, mother] = [father, mother].map(Cells::key_or_dashes);
            let row: [&[u8]; 7] =
                [b"R", &Cells::number(child), b"", father.0, &father.1, mother.0, &mother.1];
            table.row(&row)?;
            if traps.repeated_parent_row > 0.0 && random.chance(traps.repeated_parent_row) {
                table.row(&row)?;
                written.repeated_parent_rows += 1;
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }
}

/// Year of birth by number of the person; numbers are dense from 1.
fn years_of_birth(persons: &Persons) -> Vec<i16> {
    let mut years = vec![0; persons.person.len() + 1];
    for (person, birth) in persons.person.iter().zip(&persons.birth) {
        years[person.number() as usize] = birth.year();
    }
    years
}
