//! Each layout from record batches, and as one.

use std::sync::Arc;

use arrow::array::{RecordBatch, UInt16Array};
use arrow::error::ArrowError;
use erflijn_core::{HouseholdKey, Missing};

use super::{
    AddressSpells, HouseholdIncome, HouseholdOf, HouseholdSpells, ObjectKey, Objects, ParentChildRegister,
    PersonRegister, PovertyPercentage, RegionTable, Sex,
};
use crate::record_batches::{Named, all_texts, batch, codes, dates, keys, numbers, texts};
use crate::scan::Source;
use crate::{Era, Keep, RegisterError};

impl PersonRegister {
    /// Takes the columns of `GBAPERSOON` from record batches, as [`crate::Columns::from_record_batches`]
    /// takes any.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// The persons as a record batch, all columns as text (`LargeUtf8`): `RINPERSOONS`, `RINPERSOON`
    /// (nine digits), `GBAGESLACHT` (1 or 2), `GBAGEBOORTEJAAR`, `GBAGEBOORTEMAAND`, `GBAGEBOORTEDAG`
    /// (with leading zeros). What is unknown is null.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let mut columns = keys(["RINPERSOONS", "RINPERSOON"], self.person.iter().copied().map(Some));
        let sex = self.sex.iter().map(|sex| {
            sex.map(|sex| match sex {
                Sex::Man => "1",
                Sex::Woman => "2",
            })
        });
        let year = self.birth.iter().map(|birth| birth.year.map(|year| format!("{year:04}")));
        let month = self.birth.iter().map(|birth| birth.month.map(|month| format!("{month:02}")));
        let day = self.birth.iter().map(|birth| birth.day.map(|day| format!("{day:02}")));
        columns.extend([
            ("GBAGESLACHT".to_owned(), texts(sex)),
            ("GBAGEBOORTEJAAR".to_owned(), texts(year)),
            ("GBAGEBOORTEMAAND".to_owned(), texts(month)),
            ("GBAGEBOORTEDAG".to_owned(), texts(day)),
        ]);
        batch(columns)
    }
}

impl ParentChildRegister {
    /// Takes the columns of `KINDOUDER` from record batches.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// Children and parents as a record batch, all columns as text (`LargeUtf8`): `RINPERSOONS`,
    /// `RINPERSOON`, `RINPERSOONSpa`, `RINPERSOONpa`, `RINPERSOONSMa`, `RINPERSOONMa`. An unknown parent
    /// is null.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let mut columns = keys(["RINPERSOONS", "RINPERSOON"], self.child.iter().copied().map(Some));
        columns.extend(keys(["RINPERSOONSpa", "RINPERSOONpa"], self.father.iter().copied()));
        columns.extend(keys(["RINPERSOONSMa", "RINPERSOONMa"], self.mother.iter().copied()));
        batch(columns)
    }
}

impl HouseholdSpells {
    /// Takes the columns of `GBAHUISHOUDENS` from record batches.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// The spells as a record batch: `RINPERSOONS`, `RINPERSOON` (`LargeUtf8`), `DATUMAANVANGHH`,
    /// `DATUMEINDEHH` (`Date32`), `TYPHH`, `PLHH` (`UInt8`), `AANTALPERSHH` (`UInt16`). What is unknown
    /// is null.
    ///
    /// `HUISHOUDNR` is there and null throughout: it is not kept. Read again, two spells of a person
    /// that differ in nothing else are one.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let mut columns = keys(["RINPERSOONS", "RINPERSOON"], self.person.iter().copied().map(Some));
        let members: UInt16Array = self.members.iter().copied().collect();
        columns.extend([
            ("DATUMAANVANGHH".to_owned(), dates(self.spell.iter().map(|spell| spell.start()))),
            ("DATUMEINDEHH".to_owned(), dates(self.spell.iter().map(|spell| spell.end()))),
            ("TYPHH".to_owned(), codes(self.kind.iter().map(|kind| kind.map(|kind| kind.code())))),
            ("PLHH".to_owned(), codes(self.place.iter().copied())),
            ("AANTALPERSHH".to_owned(), Arc::new(members)),
            ("HUISHOUDNR".to_owned(), texts(self.person.iter().map(|_| None::<&str>))),
        ]);
        batch(columns)
    }
}

impl AddressSpells {
    /// Takes the columns of `GBAADRESOBJECT` from record batches.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        objects: &mut Objects,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::Batches(&mut batches.into_iter()), objects, keep, &mut |_, _| {})
    }

    /// The spells as a record batch: `RINPERSOONS`, `RINPERSOON` (`LargeUtf8`),
    /// `GBADATUMAANVANGADRESHOUDING`, `GBADATUMEINDEADRESHOUDING` (`Date32`), `SOORTOBJECTNUMMER`,
    /// `RINOBJECTNUMMER` (`LargeUtf8`). A missing object is null. `objects` are those that the spells
    /// were read with.
    ///
    /// # Errors
    /// [`RegisterError::ForeignObject`] for a table of objects that lacks one;
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self, objects: &Objects) -> Result<RecordBatch, RegisterError> {
        let mut columns = keys(["RINPERSOONS", "RINPERSOON"], self.person.iter().copied().map(Some));
        columns.extend([
            ("GBADATUMAANVANGADRESHOUDING".to_owned(), dates(self.spell.iter().map(|spell| spell.start()))),
            ("GBADATUMEINDEADRESHOUDING".to_owned(), dates(self.spell.iter().map(|spell| spell.end()))),
        ]);
        columns.extend(object_columns(&self.object, objects)?);
        batch(columns)
    }
}

/// Kind and number of objects; null where there is none.
fn object_columns(keys: &[Option<ObjectKey>], objects: &Objects) -> Result<Named, RegisterError> {
    let names = objects.names();
    let mut pairs = Vec::with_capacity(keys.len());
    for (row, key) in (1..).zip(keys) {
        let pair = key.map(|key| names.get(key.index()).copied().ok_or(RegisterError::ForeignObject { row }));
        pairs.push(pair.transpose()?);
    }
    Ok(vec![
        ("SOORTOBJECTNUMMER".to_owned(), texts(pairs.iter().map(|pair| pair.map(|pair| pair.0)))),
        ("RINOBJECTNUMMER".to_owned(), texts(pairs.iter().map(|pair| pair.map(|pair| pair.1)))),
    ])
}

impl RegionTable {
    /// Takes the columns of `VSLGWB` from record batches.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        classification_year: i16,
        objects: &mut Objects,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        let source = Source::Batches(&mut batches.into_iter());
        Self::scan(source, classification_year, objects, keep, &mut |_, _| {})
    }

    /// The table as a record batch, all columns as text (`LargeUtf8`): `SOORTOBJECTNUMMER`,
    /// `RINOBJECTNUMMER`, `gem<year>` (four digits). An unknown municipality is null. Rows are in the
    /// order in which `objects`, those that the table was read with, saw them first.
    ///
    /// # Errors
    /// [`RegisterError::ForeignObject`] for a table of objects that lacks one.
    pub fn to_record_batch(&self, objects: &Objects) -> Result<RecordBatch, RegisterError> {
        let names = objects.names();
        let mut pairs = Vec::new();
        let mut municipalities = Vec::new();
        for (row, (index, municipality)) in (1..).zip(self.listed()) {
            pairs.push(*names.get(index).ok_or(RegisterError::ForeignObject { row })?);
            municipalities.push(municipality.map(|code| code.to_string()));
        }
        batch(vec![
            ("SOORTOBJECTNUMMER".to_owned(), all_texts(pairs.iter().map(|pair| pair.0))),
            ("RINOBJECTNUMMER".to_owned(), all_texts(pairs.iter().map(|pair| pair.1))),
            (format!("gem{}", self.classification_year), texts(municipalities.into_iter())),
        ])
    }
}

impl HouseholdIncome {
    /// Takes the columns of `HUISHBVRINK` or `INHA` from record batches; the era tells names and codes.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        era: Era,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(era, Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// The incomes as a record batch under the names of their era ([`Era::household_columns`],
    /// [`Era::income_columns`], from 2011 also `INHPOPIIV`, `INHARMLAG`, `INHARMEUR`, `INHARMSOC`): keys
    /// as `LargeUtf8`, amounts and percentages as `Float64`, the population class as `UInt8`.
    ///
    /// What is missing is null, and no code. The reason of a missing amount is that of its population
    /// class, and so comes back when read again; a missing percentage comes back as
    /// [`Missing::Unknown`].
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let percentages = [
            ("INHARMLAG", &self.percent_low_income),
            ("INHARMEUR", &self.percent_european),
            ("INHARMSOC", &self.percent_social_minimum),
        ];
        let era = if self.percent_low_income.is_some() { Era::From2011 } else { Era::To2010 };
        let mut columns = household_keys(era, &self.household);
        let amounts = [&self.gross, &self.primary, &self.disposable, &self.standardised];
        columns.extend(
            era.income_columns().into_iter().zip(amounts).map(|(name, amounts)| known(name, amounts)),
        );
        if era == Era::From2011 {
            let classes = self.population.iter().map(|class| class.map(|class| class.code()));
            columns.push(("INHPOPIIV".to_owned(), codes(classes)));
        }
        columns.extend(percentages.into_iter().filter_map(|(name, of)| Some(known(name, of.as_ref()?))));
        batch(columns)
    }
}

fn household_keys(era: Era, households: &[HouseholdKey]) -> Named {
    keys(era.household_columns(), households.iter().map(|household| Some(household.0)))
}

/// Values; null where they are missing.
fn known(name: &str, values: &[Result<f64, Missing>]) -> (String, arrow::array::ArrayRef) {
    (name.to_owned(), numbers(values.iter().map(|value| value.ok())))
}

impl HouseholdOf {
    /// Takes the columns of `Koppeltabel_IPI_IHI_IVB` or `KOPPELPERSOONHUISHOUDEN` from record batches;
    /// the era tells their names.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        era: Era,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(era, Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// Persons and households as a record batch, all columns as text (`LargeUtf8`): `RINPERSOONS`,
    /// `RINPERSOON`, and [`Era::household_columns`] of `era`.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self, era: Era) -> Result<RecordBatch, RegisterError> {
        let mut columns = keys(["RINPERSOONS", "RINPERSOON"], self.person.iter().copied().map(Some));
        columns.extend(household_keys(era, &self.household));
        batch(columns)
    }
}

impl PovertyPercentage {
    /// Takes the columns of `INHARMA` from record batches.
    ///
    /// # Errors
    /// As [`Self::read_where`]; [`RegisterError::BrokenOff`].
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        Self::scan(Source::Batches(&mut batches.into_iter()), keep, &mut |_, _| {})
    }

    /// The percentages as a record batch: `RINPERSOONSHKW`, `RINPERSOONHKW` (`LargeUtf8`), `INHARMOEDE`
    /// (`Float64`). What is missing is null, and no code.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`] when the columns are not equally long.
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let mut columns = household_keys(Era::From2011, &self.household);
        columns.push(known("INHARMOEDE", &self.percent));
        batch(columns)
    }
}
