//! Conditions on rows: what they keep, what they count and what they make of cells that are unclear.
#![allow(clippy::unwrap_used, reason = "tests")]

use erflijn_core::{CoreError, Date, HouseholdKey, KeyClass, PersonKey};
use erflijn_registers::{
    AddressSpells, HouseholdIncome, HouseholdOf, HouseholdSpells, HouseholdType, Keep, Objects,
    ParentChildRegister, PersonRegister, PovertyPercentage, RegionTable, RegisterError, RegisterFile, Want,
    read_columns_where,
};

/// Writes rows under a header and reads them with `read`.
fn with<T>(name: &str, header: &str, rows: &[&str], read: impl FnOnce(&RegisterFile) -> T) -> T {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join(name);
    std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    read(&RegisterFile::from_path(path).unwrap())
}

fn person(number: u32) -> PersonKey {
    PersonKey::new(KeyClass::R, number).unwrap()
}

fn persons(numbers: impl IntoIterator<Item = u32>) -> Keep {
    Keep::persons("RINPERSOONS", "RINPERSOON", numbers.into_iter().map(person))
}

const PERSONS: &str = "RINPERSOONS;RINPERSOON;GBAGESLACHT;GBAGEBOORTEJAAR;GBAGEBOORTEMAAND;GBAGEBOORTEDAG";

fn read_persons(rows: &[&str], keep: &[Keep]) -> Result<PersonRegister, RegisterError> {
    with("GBAPERSOON2022TABV1.csv", PERSONS, rows, |file| {
        PersonRegister::read_where(file, keep, &mut |_, _| {})
    })
}

/// Rows = kept + without key + not wanted.
#[test]
fn every_row_is_counted_once() {
    let rows = [
        "R;000000012;1;1984;02;29",
        "N;000000013;2;1984;01;01",
        "R;000000014;2;1990;01;01",
        "S;000000012;2;1984;01;01",
        "-;---------;2;1990;01;01",
    ];
    let all = read_persons(&rows, &[]).unwrap();
    assert_eq!((all.rows, all.len(), all.without_key, all.not_wanted), (5, 3, 2, 0));
    let cohort = read_persons(&rows, &[Keep::numbers("GBAGEBOORTEJAAR", 1980.0..=1989.0)]).unwrap();
    assert_eq!((cohort.rows, cohort.len(), cohort.without_key, cohort.not_wanted), (5, 2, 1, 2));
    let one = read_persons(&rows, &[persons([12])]).unwrap();
    assert_eq!((one.person.as_slice(), one.without_key, one.not_wanted), (&[person(12)][..], 0, 4));
    let both = read_persons(&rows, &[persons([12, 14]), Keep::texts("gbageslacht", ["2"])]).unwrap();
    assert_eq!((both.person.as_slice(), both.not_wanted), (&[person(14)][..], 4));
    let none = read_persons(&rows, &[persons([])]).unwrap();
    assert_eq!((none.rows, none.len(), none.not_wanted), (5, 0, 5));
}

#[test]
fn what_is_not_kept_is_not_judged() {
    let rows = ["R;000000012;1;1984;02;29", "R;000000013;M;1984;02;31", "R;000000014;1;1984;02;28"];
    assert!(matches!(read_persons(&rows, &[]).unwrap_err(), RegisterError::Cell { row: 2, .. }));
    assert_eq!(read_persons(&rows, &[persons([12, 14])]).unwrap().len(), 2);
    let error = read_persons(&["R;000000012;1;1984;02"], &[persons([])]).unwrap_err();
    assert!(matches!(error, RegisterError::RowLength { row: 1, .. }), "a row is a row, kept or not: {error}");
}

#[test]
fn repetitions_are_named_by_their_rows_in_the_file() {
    let rows = [
        "R;000000001;1;1984;01;01",
        "R;000000012;1;1984;01;01",
        "N;000000012;1;1984;01;01",
        "R;000000002;1;1984;01;01",
        "R;000000012;1;1984;01;01",
        "R;000000001;1;1984;01;01",
    ];
    let error = read_persons(&rows, &[persons([12, 2])]).unwrap_err();
    assert!(matches!(error, RegisterError::DuplicateKey { first: 2, second: 5, .. }), "{error}");
    assert_eq!(read_persons(&rows, &[persons([2])]).unwrap().len(), 1, "a repetition that is not kept");
}

#[test]
fn a_cell_of_which_nothing_can_be_said_is_an_error() {
    let read = |row: &str, keep: Keep| read_persons(&["R;000000001;1;1984;01;01", row], &[keep]).unwrap_err();
    let error = read("R;12;1;1984;01;01", persons([1]));
    assert!(
        matches!(&error, RegisterError::Key { row: 2, column, source: CoreError::PersonNumber { .. }, .. } if column == "RINPERSOON"),
        "{error}"
    );
    let error = read("RS;000000012;1;1984;01;01", persons([1]));
    assert!(
        matches!(&error, RegisterError::Key { row: 2, column, .. } if column == "RINPERSOONS"),
        "{error}"
    );
    let error = read("R;000000012;1;19x4;01;01", Keep::numbers("GBAGEBOORTEJAAR", 1980.0..=1990.0));
    assert!(matches!(&error, RegisterError::Cell { row: 2, found, .. } if found == "19x4"), "{error}");
    let error = read("R;000000012;M;1984;01;01", Keep::codes("GBAGESLACHT", [1]));
    assert!(matches!(&error, RegisterError::Cell { row: 2, found, .. } if found == "M"), "{error}");
    let error = read("R;000000012;1;1984;01;01", Keep::dates("GBAGEBOORTEDAG", Date::MIN..=Date::MAX));
    assert!(matches!(&error, RegisterError::Cell { row: 1, found, .. } if found == "01"), "{error}");
    let error = read("R;000000012;1;1984;01;01", Keep::texts("GEMEENTE", ["0014"]));
    assert!(matches!(&error, RegisterError::MissingColumn { column, .. } if column == "GEMEENTE"), "{error}");
}

#[test]
fn missing_cells_meet_no_condition_but_the_empty_text() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("a.csv");
    std::fs::write(&path, "K;X\n1;-\n2;\n3;--------\n4;  \n5;20200101\n6;2020-01-02\n").unwrap();
    let kept = |keep: Keep| {
        let columns = read_columns_where(&path, &[Want::code("K")], &[keep], &mut |_, _| {}).unwrap();
        columns.codes("K").unwrap().iter().flatten().copied().collect::<Vec<_>>()
    };
    assert_eq!(kept(Keep::dates("X", Date::MIN..=Date::MAX)), [5, 6]);
    assert_eq!(kept(Keep::dates("X", Date::constant(2020, 1, 2)..=Date::MAX)), [6]);
    assert_eq!(kept(Keep::texts("X", [""])), [2, 4]);
    assert_eq!(kept(Keep::texts("X", ["-", "20200101  "])), [1, 5]);
    assert_eq!(kept(Keep::codes("K", [0, 3, 200])), [3]);
    assert_eq!(kept(Keep::numbers("K", f64::NEG_INFINITY..=2.0)), [1, 2]);
    assert_eq!(kept(Keep::numbers("K", 2.0..=1.0)), [0; 0]);
}

#[test]
fn spells_that_hold_on_a_day() {
    let header = "RINPERSOONS;RINPERSOON;DATUMAANVANGHH;DATUMEINDEHH;HUISHOUDNR;TYPHH;PLHH;AANTALPERSHH";
    let rows = [
        "R;000000001;20010101;20041231;7;5;4;4",
        "R;000000001;20050101;20221231;8;1;1;1",
        "R;000000001;20050101;20221231;8;1;1;1",
        "R;000000002;20040101;20050101;8;8;1;1",
    ];
    let day = Date::constant(2005, 1, 1);
    let keep = [Keep::dates("DATUMAANVANGHH", Date::MIN..=day), Keep::dates("DATUMEINDEHH", day..=Date::MAX)];
    let spells = with("GBAHUISHOUDENS2022BUSV1.csv", header, &rows, |file| {
        HouseholdSpells::read_where(file, &keep, &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((spells.rows, spells.len(), spells.not_wanted, spells.exact_duplicates), (4, 2, 1, 1));
    assert_eq!(spells.kind, [Some(HouseholdType::Single), Some(HouseholdType::Institution)]);
}

#[test]
fn the_other_layouts_count_too() {
    let header = "RINPERSOONS;RINPERSOON;RINPERSOONSPA;RINPERSOONPA;RINPERSOONSMA;RINPERSOONMA";
    let rows = ["R;000000001;R;000000011;R;000000012", "R;000000002;-;---------;R;000000012"];
    let fathers = [Keep::persons("RINPERSOONSpa", "RINPERSOONpa", [person(11), person(12)])];
    let parents = with("KINDOUDER2022TABV1.csv", header, &rows, |file| {
        ParentChildRegister::read_where(file, &fathers, &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((parents.child.as_slice(), parents.rows, parents.not_wanted), (&[person(1)][..], 2, 1));

    let header = "RINPERSOONS;RINPERSOON;SOORTOBJECTNUMMER;RINOBJECTNUMMER;GBADATUMAANVANGADRESHOUDING;GBADATUMEINDEADRESHOUDING";
    let rows = ["R;000000001;B;01;20010101;20041231", "R;000000002;B;02;20010101;20041231"];
    let mut objects = Objects::new();
    let spells = with("GBAADRESOBJECT2022BUSV1.csv", header, &rows, |file| {
        AddressSpells::read_where(file, &mut objects, &[persons([2])], &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((spells.len(), spells.rows, spells.not_wanted, objects.len()), (1, 2, 1, 1));

    let rows = ["B;01;0014", "B;02;0037"];
    let groningen = [Keep::texts("GEM2022", ["0014"])];
    let table = with("VSLGWB2022TAB03V1.csv", "SOORTOBJECTNUMMER;RINOBJECTNUMMER;gem2022", &rows, |file| {
        RegionTable::read_where(file, 2022, &mut objects, &groningen, &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((table.municipalities().len(), table.rows, table.not_wanted), (1, 2, 1));

    let header = "RINPERSOONSKERN;RINPERSOONKERN;BVRBRUTINKH;BVRPRIMINKH;BVRBESTINKH;BVRGESTINKH";
    let rows = ["R;000000001;1;1;1;1", "R;000000002;1;1;1;1"];
    let heads = [Keep::persons("RINPERSOONSKERN", "RINPERSOONKERN", [person(2)])];
    let income = with("HUISHBVRINK2010TABV3.csv", header, &rows, |file| {
        HouseholdIncome::read_where(file, &heads, &mut |_, _| {})
    })
    .unwrap();
    assert_eq!(
        (income.household.as_slice(), income.rows, income.not_wanted),
        (&[HouseholdKey(person(2))][..], 2, 1)
    );

    let header = "RINPERSOONS;RINPERSOON;RINPERSOONSHKW;RINPERSOONHKW";
    let rows = ["R;000000001;R;000000001", "R;000000002;R;000000001"];
    let links = with("KOPPELPERSOONHUISHOUDEN2011.csv", header, &rows, |file| {
        HouseholdOf::read_where(file, &[persons([2])], &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((links.person.as_slice(), links.rows, links.not_wanted), (&[person(2)][..], 2, 1));

    let rows = ["R;000000001;99", "R;000000002;120"];
    let poor = [Keep::numbers("INHARMOEDE", 0.0..=99.0)];
    let header = "RINPERSOONSHKW;RINPERSOONHKW;INHARMOEDE";
    let poverty = with("INHARMA2018TABV1.csv", header, &rows, |file| {
        PovertyPercentage::read_where(file, &poor, &mut |_, _| {})
    })
    .unwrap();
    assert_eq!((poverty.percent.as_slice(), poverty.rows, poverty.not_wanted), (&[Ok(99.0)][..], 2, 1));
}

#[test]
fn dates_with_dashes_stand_in_layouts_too() {
    let header = "RINPERSOONS;RINPERSOON;DATUMAANVANGHH;DATUMEINDEHH;HUISHOUDNR;TYPHH;PLHH;AANTALPERSHH";
    let rows = ["R;000000001;2001-01-01;20041231;7;5;4;4"];
    let spells = with("GBAHUISHOUDENS2022BUSV1.csv", header, &rows, HouseholdSpells::read).unwrap();
    assert_eq!(spells.spell[0].days(), 4 * 365 + 1);
}
