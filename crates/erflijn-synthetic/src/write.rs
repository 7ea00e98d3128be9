//! Register files in the layouts of Statistics Netherlands, as semicolon CSV.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use csv::{QuoteStyle, Writer, WriterBuilder};
use erflijn_core::{Date, PersonKey};

use crate::calendar::{self, Day};
use crate::income::{FIRST_INCOME, LAST_INCOME};
use crate::places::{FIRST_BORDERS, LAST_BORDERS};
use crate::random::{Purpose, Stream};
use crate::{Country, Shocks, SyntheticError, Traps, Written, WrittenFile};

/// How dates, keys and codes stand in a cell.
mod cells;
mod incomes;

use cells::{Cells, NOBODY};

/// Streams of traps: one for each file, and for income files one for each year.
#[derive(Clone, Copy)]
enum TrapStream {
    Persons = 1,
    Parents = 2,
    Households = 3,
    Addresses = 4,
    Regions = 5,
    Incomes = 10_000,
}

impl Country {
    /// Writes register files with planted faults into a folder, and beside them `truth.json` and `planted.json`.
    ///
    /// Written are `GBAPERSOON`, `KINDOUDER`, `GBAHUISHOUDENS`, `GBAADRESOBJECT` and `VSLGWB` of 2022, with municipalities in
    /// the borders of every year from 1995, and for each year from 2003 the household of every person
    /// (`Koppeltabel_IPI_IHI_IVB`, from 2011 `KOPPELPERSOONHUISHOUDEN`) and the incomes of households (`HUISHBVRINK`, from
    /// 2011 `INHA`). Existing files of these names are replaced. Same country and traps: same bytes.
    ///
    /// # Errors
    /// [`SyntheticError::OutOfRange`] for a trap, [`SyntheticError::FewDescendants`], [`SyntheticError::Write`].
    ///
    /// # Complexity
    /// One pass for each file; memory for the columns of one income year beside the country.
    pub fn write(&self, folder: impl AsRef<Path>, traps: &Traps) -> Result<Written, SyntheticError> {
        traps.check()?;
        let folder = folder.as_ref();
        let truth = self.truth()?;
        fs::create_dir_all(folder).map_err(|source| refused(folder, source))?;
        let mut written = Written::default();
        self.write_persons(folder, traps, &mut written)?;
        self.write_parents(folder, traps, &mut written)?;
        self.write_household_stays(folder, traps, &mut written)?;
        self.write_address_stays(folder, traps, &mut written)?;
        self.write_regions(folder, traps, &mut written)?;
        for year in FIRST_INCOME..=LAST_INCOME {
            let income = self.income_year(year, Shocks::With)?;
            incomes::write_links(folder, year, &income, &mut written)?;
            let random = self.traps_of(TrapStream::Incomes, year);
            incomes::write_incomes(folder, year, &income, traps, random, &mut written)?;
        }
        write_json(&folder.join("truth.json"), &truth)?;
        write_json(&folder.join("planted.json"), &written)?;
        Ok(written)
    }

    fn traps_of(&self, stream: TrapStream, year: i16) -> Stream {
        Stream::new(self.settings.seed, Purpose::Traps, stream as u64 + u64::from(year.unsigned_abs()))
    }

    fn write_persons(
        &self,
        folder: &Path,
        traps: &Traps,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let header = [
            "RINPERSOONS",
            "RINPERSOON",
            "GBAGESLACHT",
            "GBAGEBOORTEJAAR",
            "GBAGEBOORTEMAAND",
            "GBAGEBOORTEDAG",
            "GBAGEBOORTELANDNL",
        ];
        let mut table = Table::new(folder, "GBAPERSOON2022TABV1.csv", &header)?;
        let mut random = self.traps_of(TrapStream::Persons, 0);
        let persons = self.persons();
        for index in 0..persons.person.len() {
            let born = Cells::date(persons.birth[index]);
            let (year, mut month, mut day) = (&born[..4], &born[4..6], &born[6..]);
            if random.chance(traps.unknown_birth_month) {
                (month, day) = (b"--", b"--");
                written.unknown_birth_months += 1;
            }
            let sex: &[u8] = if persons.woman[index] { b"2" } else { b"1" };
            let in_country: &[u8] = if persons.foreign_born[index] { b"0" } else { b"1" };
            let number = Cells::number(persons.person[index]);
            table.row(&[b"R", &number, sex, year, month, day, in_country])?;
            if random.chance(traps.number_in_two_classes) {
                table.row(&[b"S", &number, sex, year, month, day, b"-"])?;
                written.numbers_in_two_classes += 1;
            }
            if random.chance(traps.unidentified_row) {
                table.row(&[b"N", NOBODY, sex, year, month, day, b"-"])?;
                written.unidentified_rows += 1;
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    fn write_parents(
        &self,
        folder: &Path,
        traps: &Traps,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let header = [
            "RINPERSOONS",
            "RINPERSOON",
            "XKOPPELNUMMER",
            "RINPERSOONSpa",
            "RINPERSOONpa",
            "RINPERSOONSMa",
            "RINPERSOONMa",
        ];
        let mut table = Table::new(folder, "KINDOUDER2022TABV1.csv", &header)?;
        let mut random = self.traps_of(TrapStream::Parents, 0);
        let register = self.parents();
        let persons = self.persons();
        let born: std::collections::HashMap<PersonKey, Date> =
            persons.person.iter().copied().zip(persons.birth.iter().copied()).collect();
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
                let younger = drawn.into_iter().find(|other| born[other].year() > born[&child].year());
                if younger.is_some() {
                    father = younger;
                    written.fathers_younger_than_child += 1;
                }
            }
            written.children_without_father += u64::from(father.is_none());
            written.children_without_mother += u64::from(mother.is_none());
            written.children_without_parent += u64::from(father.is_none() && mother.is_none());
            let [father, mother] = [father, mother].map(Cells::key_or_dashes);
            table.row(&[b"R", &Cells::number(child), b"", father.0, &father.1, mother.0, &mother.1])?;
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    fn write_household_stays(
        &self,
        folder: &Path,
        traps: &Traps,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let header = [
            "RINPERSOONS",
            "RINPERSOON",
            "DATUMAANVANGHH",
            "DATUMEINDEHH",
            "HUISHOUDNR",
            "TYPHH",
            "PLHH",
            "REFPERSOONHH",
            "AANTALPERSHH",
            "AANTALKINDHH",
            "AANTALOVHH",
        ];
        let mut table = Table::new(folder, "GBAHUISHOUDENS2022BUSV1.csv", &header)?;
        let mut random = self.traps_of(TrapStream::Households, 0);
        for community in &self.communities {
            for stay in &community.chronicle.households {
                let person = Cells::number(self.known_key(community, stay.person));
                let household = Cells::digits::<12>(community.first_household + u64::from(stay.household));
                let place = [b' ', b'0' + stay.role as u8];
                let reference: &[u8] = if place[1] == b'1' { b"1" } else { b"0" };
                let row: [&[u8]; 11] = [
                    b"R",
                    &person,
                    &Cells::date(date_of(stay.start)),
                    &Cells::date(date_of(stay.end)),
                    &household,
                    &[b'0' + stay.kind],
                    &place,
                    reference,
                    &Cells::whole(stay.members.into()),
                    &Cells::whole(stay.children.into()),
                    &Cells::whole(stay.others.into()),
                ];
                table.row(&row)?;
                if random.chance(traps.repeated_household_row) {
                    table.row(&row)?;
                    written.repeated_household_rows += 1;
                }
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    fn write_address_stays(
        &self,
        folder: &Path,
        traps: &Traps,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let header = [
            "RINPERSOONS",
            "RINPERSOON",
            "GBADATUMAANVANGADRESHOUDING",
            "GBADATUMEINDEADRESHOUDING",
            "SOORTOBJECTNUMMER",
            "RINOBJECTNUMMER",
        ];
        let mut table = Table::new(folder, "GBAADRESOBJECT2022BUSV1.csv", &header)?;
        let mut random = self.traps_of(TrapStream::Addresses, 0);
        for community in &self.communities {
            let objects = community.chronicle.objects.len() as u32;
            for stay in &community.chronicle.addresses {
                let person = Cells::number(self.known_key(community, stay.person));
                let (start, end) = (Cells::date(date_of(stay.start)), Cells::date(date_of(stay.end)));
                let object = |object: u32| Cells::digits::<32>(community.first_object + u64::from(object));
                table.row(&[b"R", &person, &start, &end, OBJECT_KIND, &object(stay.object)])?;
                if random.chance(traps.overlapping_address) {
                    let other = object((stay.object + 1) % objects);
                    table.row(&[b"R", &person, &start, &end, OBJECT_KIND, &other])?;
                    written.overlapping_addresses += 1;
                }
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }

    fn write_regions(
        &self,
        folder: &Path,
        traps: &Traps,
        written: &mut Written,
    ) -> Result<(), SyntheticError> {
        let years: Vec<String> = (FIRST_BORDERS..=LAST_BORDERS).map(|year| format!("gem{year}")).collect();
        let mut header = vec!["SOORTOBJECTNUMMER", "RINOBJECTNUMMER"];
        header.extend(years.iter().map(String::as_str));
        let mut table = Table::new(folder, "VSLGWB2022TAB03V1.csv", &header)?;
        let mut random = self.traps_of(TrapStream::Regions, 0);
        let codes: Vec<Vec<String>> = self
            .places
            .lands
            .iter()
            .map(|land| land.codes.iter().map(ToString::to_string).collect())
            .collect();
        for community in &self.communities {
            for (index, land) in community.chronicle.objects.iter().enumerate() {
                let object = Cells::digits::<32>(community.first_object + index as u64);
                let unknown = random.chance(traps.unknown_municipality);
                written.unknown_municipalities += u64::from(unknown);
                let mut row: Vec<&[u8]> = vec![OBJECT_KIND, &object];
                row.extend(
                    codes[usize::from(*land)]
                        .iter()
                        .map(|code| if unknown { b"----" } else { code.as_bytes() }),
                );
                table.row(&row)?;
            }
        }
        written.files.push(table.finish()?);
        Ok(())
    }
}

/// Kind of every object: a dwelling.
const OBJECT_KIND: &[u8] = b"D";

/// A file that is being written.
struct Table {
    path: PathBuf,
    name: String,
    writer: Writer<File>,
    rows: u64,
}

impl Table {
    fn new(folder: &Path, name: &str, header: &[&str]) -> Result<Self, SyntheticError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|source| refused(&path, source))?;
        let writer = WriterBuilder::new()
            .delimiter(b';')
            .quote_style(QuoteStyle::Never)
            .buffer_capacity(1 << 20)
            .from_writer(file);
        let mut table = Self { path, name: name.to_owned(), writer, rows: 0 };
        let header: Vec<&[u8]> = header.iter().map(|name| name.as_bytes()).collect();
        table.row(&header)?;
        table.rows = 0;
        Ok(table)
    }

    fn row(&mut self, cells: &[&[u8]]) -> Result<(), SyntheticError> {
        self.rows += 1;
        self.writer.write_record(cells).map_err(|error| refused(&self.path, error.into()))
    }

    fn finish(mut self) -> Result<WrittenFile, SyntheticError> {
        self.writer.flush().map_err(|source| refused(&self.path, source))?;
        Ok(WrittenFile { name: self.name, rows: self.rows, ..WrittenFile::default() })
    }
}

fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), SyntheticError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| refused(path, error.into()))?;
    text.push(b'\n');
    let mut file = File::create(path).map_err(|source| refused(path, source))?;
    file.write_all(&text).map_err(|source| refused(path, source))
}

fn refused(path: &Path, source: std::io::Error) -> SyntheticError {
    SyntheticError::Write { path: path.to_owned(), source }
}

fn date_of(day: u16) -> Date {
    calendar::date(calendar::registers_from() + Day::from(day))
}
