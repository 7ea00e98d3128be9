//! Record batches in and out: each layout comes back as it went, in pieces of any size and in any of
//! the forms that arrow has for text.
#![cfg(feature = "arrow")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use arrow::array::cast::AsArray;
use arrow::array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use arrow::error::ArrowError;
use erflijn_core::{HouseholdKey, KeyClass, Missing, PersonKey};
use erflijn_registers::{
    AddressSpells, ColumnKind, Columns, Era, HouseholdIncome, HouseholdOf, HouseholdSpells, Keep, Objects,
    ParentChildRegister, PersonRegister, PovertyPercentage, RegionTable, RegisterError, RegisterFile, Want,
    read_columns,
};
use proptest::prelude::*;

/// Writes rows under a header and reads them with `read`.
fn with<T>(name: &str, header: &str, rows: &[&str], read: impl FnOnce(&RegisterFile) -> T) -> T {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join(name);
    std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    read(&RegisterFile::from_path(path).unwrap())
}

/// A batch cut in pieces of so many rows.
fn cut(batch: &RecordBatch, rows: usize) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
    let starts = (0..batch.num_rows()).step_by(rows);
    starts.map(move |start| Ok(batch.slice(start, rows.min(batch.num_rows() - start))))
}

/// Every column of text in another form of text.
fn recast(batch: &RecordBatch, text: &DataType) -> RecordBatch {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
        let is_text = column.data_type() == &DataType::LargeUtf8;
        let column = if is_text { cast(column, text).unwrap() } else { Arc::clone(column) };
        (field.name().clone(), column, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap()
}

fn forms_of_text() -> [DataType; 6] {
    let dictionary = |key| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    [
        DataType::LargeUtf8,
        DataType::Utf8,
        DataType::Utf8View,
        dictionary(DataType::Int8),
        dictionary(DataType::UInt32),
        DataType::LargeBinary,
    ]
}

/// Asserts that what was read comes back the same from its record batch, whatever form and size.
fn assert_round_trip<T: std::fmt::Debug>(
    original: &T,
    batch: &RecordBatch,
    back: impl Fn(Vec<Result<RecordBatch, ArrowError>>) -> Result<T, RegisterError>,
) {
    for text in forms_of_text() {
        let batch = recast(batch, &text);
        for rows in [1, 2, 100] {
            let read = back(cut(&batch, rows).collect()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{original:?}"), "{text} {rows}");
        }
    }
}

#[test]
fn persons() {
    let header = "RINPERSOONS;RINPERSOON;GBAGESLACHT;GBAGEBOORTEJAAR;GBAGEBOORTEMAAND;GBAGEBOORTEDAG";
    let rows = ["R;000000012;1;1984;02;29", "S;000000013;2;1984;--;--", "R;000000014;-;----;--;--"];
    let register = with("GBAPERSOON2022TABV1.csv", header, &rows, PersonRegister::read).unwrap();
    let batch = register.to_record_batch().unwrap();
    assert_round_trip(&register, &batch, |batches| PersonRegister::from_record_batches(batches, &[]));
    let column = |name: &str| {
        let column = batch.column_by_name(name).unwrap().as_string::<i64>().iter();
        column.map(|cell| cell.map(str::to_owned)).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(column("RINPERSOONS"), [some("R"), some("S"), some("R")]);
    assert_eq!(column("RINPERSOON"), [some("000000012"), some("000000013"), some("000000014")]);
    assert_eq!(column("GBAGESLACHT"), [some("1"), some("2"), None]);
    assert_eq!(column("GBAGEBOORTEJAAR"), [some("1984"), some("1984"), None]);
    assert_eq!(column("GBAGEBOORTEMAAND"), [some("02"), None, None]);
    let keep = [Keep::numbers("GBAGEBOORTEJAAR", 1980.0..=1990.0), Keep::codes("GBAGESLACHT", [2])];
    let kept = PersonRegister::from_record_batches(cut(&batch, 2), &keep).unwrap();
    assert_eq!((kept.person.as_slice(), kept.rows, kept.not_wanted), (&register.person[1..2], 3, 2));
}

#[test]
fn parents() {
    let header = "RINPERSOONS;RINPERSOON;RINPERSOONSPA;RINPERSOONPA;RINPERSOONSMA;RINPERSOONMA";
    let rows = [
        "R;000000001;R;000000011;R;000000012",
        "R;000000002;-;---------;S;000000012",
        "R;000000003;-;---------;-;---------",
    ];
    let register = with("KINDOUDER2022TABV1.csv", header, &rows, ParentChildRegister::read).unwrap();
    let batch = register.to_record_batch().unwrap();
    assert_eq!(batch.column_by_name("RINPERSOONpa").unwrap().null_count(), 2);
    assert_round_trip(&register, &batch, |batches| ParentChildRegister::from_record_batches(batches, &[]));
}

#[test]
fn household_spells() {
    let header = "RINPERSOONS;RINPERSOON;DATUMAANVANGHH;DATUMEINDEHH;HUISHOUDNR;TYPHH;PLHH;AANTALPERSHH";
    let rows = [
        "R;000000001;20010101;20041231;000000000007;5; 4;4",
        "R;000000002;20010101;20041231;000000000007;-; -;",
        "R;000000001;19691231;20221231;000000000008;8; 1;812",
    ];
    let spells = with("GBAHUISHOUDENS2022BUSV1.csv", header, &rows, HouseholdSpells::read).unwrap();
    let batch = spells.to_record_batch().unwrap();
    let days: &Date32Array = batch.column_by_name("DATUMAANVANGHH").unwrap().as_primitive::<Date32Type>();
    // 31 years of 365 days and 8 leap days after 1970; the day before 1970.
    assert_eq!((days.value(0), days.value(2)), (31 * 365 + 8, -1));
    assert_round_trip(&spells, &batch, |batches| HouseholdSpells::from_record_batches(batches, &[]));
}

#[test]
fn addresses_and_regions() {
    let mut objects = Objects::new();
    let header = "RINPERSOONS;RINPERSOON;SOORTOBJECTNUMMER;RINOBJECTNUMMER;GBADATUMAANVANGADRESHOUDING;GBADATUMEINDEADRESHOUDING";
    let rows = [
        "R;000000001;B;0326;19950101;20040831",
        "R;000000001;D;0326;20040901;20221231",
        "R;000000002;-;----;20040901;20221231",
    ];
    let name = "GBAADRESOBJECT2022BUSV1.csv";
    let spells = with(name, header, &rows, |file| AddressSpells::read(file, &mut objects)).unwrap();
    let rows = ["D;0326;0037", "B;0326;----", "B;0999;1969"];
    let name = "VSLGWB2022TAB03V1.csv";
    let header = "SOORTOBJECTNUMMER;RINOBJECTNUMMER;gem2022";
    let table = with(name, header, &rows, |file| RegionTable::read(file, 2022, &mut objects)).unwrap();

    let batch = spells.to_record_batch(&objects).unwrap();
    assert_round_trip(&spells, &batch, |batches| {
        AddressSpells::from_record_batches(batches, &mut Objects::new(), &[])
    });
    let batch = table.to_record_batch(&objects).unwrap();
    let codes: Vec<_> = batch.column_by_name("gem2022").unwrap().as_string::<i64>().iter().collect();
    assert_eq!(codes, [None, Some("0037"), Some("1969")], "in the order in which the objects were seen");
    assert_round_trip(&table, &batch, |batches| {
        RegionTable::from_record_batches(batches, 2022, &mut Objects::new(), &[])
    });
    for error in [spells.to_record_batch(&Objects::new()), table.to_record_batch(&Objects::new())] {
        assert!(matches!(error, Err(RegisterError::ForeignObject { row: 1 })), "another table of objects");
    }
}

#[test]
fn incomes_in_both_eras() {
    let header = "RINPERSOONSHKW;RINPERSOONHKW;INHBRUTINKH;INHPRIMINKH;INHBESTINKH;INHGESTINKH;INHPOPIIV;INHARMLAG;INHARMEUR;INHARMSOC";
    let rows = [
        "R;000000001;1,5;-2;3;4;1;150;0;99",
        "R;000000002;9999999999;1;1;1;3;;5;5",
        "R;000000003;;;9999999999;1;9;7;7;7",
        "R;000000004;1;1;1;1;-;7;7;7",
    ];
    let income = with("INHA2019TABV1.csv", header, &rows, HouseholdIncome::read).unwrap();
    assert_eq!(income.gross[1], Err(Missing::Institution));
    let batch = income.to_record_batch().unwrap();
    let gross: &Float64Array = batch.column_by_name("INHBRUTINKH").unwrap().as_primitive::<Float64Type>();
    assert_eq!(gross.iter().collect::<Vec<_>>(), [Some(1.5), None, None, Some(1.0)], "no code for missing");
    assert_round_trip(&income, &batch, |batches| {
        HouseholdIncome::from_record_batches(batches, Era::From2011, &[])
    });
    let header = "RINPERSOONSKERN;RINPERSOONKERN;BVRBRUTINKH;BVRPRIMINKH;BVRBESTINKH;BVRGESTINKH";
    let rows = ["R;000000001;999999999;5;-7;9999999999", "S;000000001;1;1;1;1"];
    let income = with("HUISHBVRINK2010TABV3.csv", header, &rows, HouseholdIncome::read).unwrap();
    assert_round_trip(&income, &income.to_record_batch().unwrap(), |batches| {
        HouseholdIncome::from_record_batches(batches, Era::To2010, &[])
    });
    let header = "RINPERSOONSHKW;RINPERSOONHKW;INHARMOEDE";
    let rows = ["R;000000001;99.5", "R;000000002;998"];
    let poverty = with("INHARMA2018TABV1.csv", header, &rows, PovertyPercentage::read).unwrap();
    assert_round_trip(&poverty, &poverty.to_record_batch().unwrap(), |batches| {
        PovertyPercentage::from_record_batches(batches, &[])
    });
}

#[test]
fn households_of_persons() {
    let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
    for era in [Era::To2010, Era::From2011] {
        let (person, household) = (vec![key(1), key(2)], vec![HouseholdKey(key(2)); 2]);
        let links = HouseholdOf { person, household, rows: 2, ..HouseholdOf::default() };
        let batch = links.to_record_batch(era).unwrap();
        assert_eq!(batch.schema().field(3).name(), era.household_columns()[1]);
        assert_round_trip(&links, &batch, |batches| HouseholdOf::from_record_batches(batches, era, &[]));
        let unequal = HouseholdOf { household: Vec::new(), ..links };
        assert!(matches!(unequal.to_record_batch(era), Err(RegisterError::NoBatch { .. })));
    }
}

fn one(name: &str, column: impl Array + 'static) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_from_iter([(name, Arc::new(column) as ArrayRef)])
}

#[test]
fn faults_count_rows_over_all_batches() {
    let wants = [Want::code("X")];
    let read = |batches: Vec<_>| Columns::from_record_batches(batches, &wants, &[]).unwrap_err();
    let good = || one("X", Int64Array::from(vec![1, 2, 3]));
    let error = read(vec![good(), one("x", StringArray::from(vec!["4", "many"]))]);
    assert!(matches!(&error, RegisterError::Cell { row: 5, found, .. } if found == "many"), "{error}");
    assert!(error.to_string().starts_with("record batches, row 5, column "), "{error}");
    let error = read(vec![good(), Err(ArrowError::ParseError("gone".to_owned())), good()]);
    assert!(matches!(error, RegisterError::BrokenOff { rows: 3, .. }), "{error}");
    let error = read(vec![good(), one("Y", Int64Array::from(vec![1]))]);
    assert!(matches!(error, RegisterError::MissingColumn { .. }), "{error}");
    let none = Columns::from_record_batches([], &wants, &[]).unwrap();
    assert_eq!((none.rows(), none.codes("X")), (0, Some(&[][..])));
}

#[test]
fn keys_as_numbers_are_refused() {
    let wants = [Want::text("RINPERSOON")];
    let batch = one("RINPERSOON", Int64Array::from(vec![12]));
    let error = Columns::from_record_batches([batch], &wants, &[]).unwrap_err();
    assert!(matches!(error, RegisterError::ColumnType { found: ColumnKind::Number, .. }), "{error}");
}

/// What a file of own columns gives goes through a record batch and comes back.
#[test]
fn columns_of_any_register() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("own.csv");
    std::fs::write(&path, "A;B;C\nx;1,5;7\n;;\nÿ ; -2;99\n").unwrap();
    let wants = [Want::number("b"), Want::text("A"), Want::code("C")];
    let columns = read_columns(&path, &wants).unwrap();
    let batch = columns.to_record_batch().unwrap();
    assert_eq!(batch.column(1).null_count(), 1);
    let schema = batch.schema();
    let types: Vec<_> =
        schema.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
    assert_eq!(types, [("b", &DataType::Float64), ("A", &DataType::LargeUtf8), ("C", &DataType::UInt8)]);
    for rows in [1, 2, 3] {
        assert_eq!(Columns::from_record_batches(cut(&batch, rows), &wants, &[]).unwrap(), columns);
    }
}

proptest! {
    /// Cut anywhere, with batches of no rows in between: the same columns, the same counts.
    #[test]
    fn the_size_of_batches_changes_nothing(
        cells in prop::collection::vec((prop::option::of("[a-c]{0,2}"), prop::option::of(-5_i32..5)), 0..40),
        cuts in prop::collection::vec(0_usize..40, 0..8),
        form in 0_usize..6,
        (least, most) in (-5.0_f64..5.0, -5.0_f64..5.0),
    ) {
        let texts: StringArray = cells.iter().map(|(text, _)| text.as_deref()).collect();
        let numbers: Float64Array = cells.iter().map(|(_, number)| number.map(f64::from)).collect();
        let texts = cast(&texts, &forms_of_text()[form]).unwrap();
        let whole = RecordBatch::try_from_iter_with_nullable([
            ("T", texts, true),
            ("N", Arc::new(numbers) as ArrayRef, true),
        ]).unwrap();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(cells.len())).collect();
        cuts.extend([0, cells.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|ends| Ok(whole.slice(ends[0], ends[1] - ends[0])));
        let wants = [Want::text("T"), Want::number("N")];
        let keep = [Keep::texts("T", ["a", "b", "ab", ""]), Keep::numbers("N", least..=most)];
        let columns = Columns::from_record_batches(pieces, &wants, &keep).unwrap();
        // The obvious twin: row by row.
        let kept: Vec<_> = cells.iter().filter(|(text, number)| {
            let text = text.as_deref().unwrap_or_default();
            ["a", "b", "ab", ""].contains(&text)
                && number.is_some_and(|number| f64::from(number) >= least && f64::from(number) <= most)
        }).collect();
        prop_assert_eq!((columns.rows(), columns.kept()), (cells.len() as u64, kept.len() as u64));
        let texts: Vec<&str> = columns.text("T").unwrap().iter().collect();
        prop_assert_eq!(texts, kept.iter().map(|(text, _)| text.as_deref().unwrap_or_default()).collect::<Vec<_>>());
        let numbers: Vec<Option<f64>> = kept.iter().map(|(_, number)| number.map(f64::from)).collect();
        prop_assert_eq!(columns.numbers("N").unwrap(), numbers.as_slice());
    }
}
