//! The typed layouts, on rows written here: codes, missing values, repetitions and bad cells.
#![allow(clippy::unwrap_used, reason = "tests")]

use erflijn_core::{CoreError, Date, Missing, MunicipalityCode, PersonKey};
use erflijn_registers::{
    AddressSpells, BirthDate, Era, HouseholdIncome, HouseholdOf, HouseholdSpells, HouseholdType, Objects,
    ParentChildRegister, PersonRegister, PopulationClass, PovertyPercentage, RegionTable, RegisterError,
    RegisterFile, Sex,
};

/// Writes rows under a header and reads them with `read`.
fn with<T>(name: &str, header: &str, rows: &[&str], read: impl FnOnce(&RegisterFile) -> T) -> T {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join(name);
    std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    read(&RegisterFile::from_path(path).unwrap())
}

fn key(text: &str) -> PersonKey {
    PersonKey::parse(&text[..1], &text[1..]).unwrap().unwrap()
}

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// Asserts that a cell in a row is the fault.
fn assert_cell<T: std::fmt::Debug>(result: Result<T, RegisterError>, at: (u64, &str), value: &str) {
    match result.unwrap_err() {
        RegisterError::Cell { row, column, found, .. } => {
            assert_eq!((row, column.as_str(), found.as_str()), (at.0, at.1, value));
        }
        other => panic!("{other}"),
    }
}

fn persons(rows: &[&str]) -> Result<PersonRegister, RegisterError> {
    let header = "RINPERSOONS;RINPERSOON;GBAGESLACHT;GBAGEBOORTEJAAR;GBAGEBOORTEMAAND;GBAGEBOORTEDAG";
    with("GBAPERSOON2022TABV1.csv", header, rows, PersonRegister::read)
}

#[test]
fn persons_with_unknown_parts() {
    let register = persons(&[
        "R;000000012;1;1984;02;29",
        "R;000000013;2;1984;--;--",
        "R;000000014;-;----;--;--",
        "N;000000015;1;1984;01;01",
        "-;---------;1;1984;01;01",
    ])
    .unwrap();
    assert_eq!((register.len(), register.rows, register.without_key), (3, 5, 2));
    assert_eq!(register.person[0], key("R000000012"));
    assert_eq!(register.sex, [Some(Sex::Man), Some(Sex::Woman), None]);
    assert_eq!(register.birth[0].date(), Some(day(1984, 2, 29)));
    assert_eq!(register.birth[1], BirthDate { year: Some(1984), month: None, day: None });
    assert_eq!(register.birth[1].date(), None);
}

#[test]
fn births_that_are_not_in_the_calendar() {
    let fault = |row: &str, column: &str, found: &str| {
        assert_cell(persons(&["R;000000012;1;1984;01;01", row]), (2, column), found);
    };
    fault("R;000000013;1;1981;02;31", "GBAGEBOORTEDAG", "31");
    fault("R;000000013;1;1983;02;29", "GBAGEBOORTEDAG", "29");
    fault("R;000000013;1;1981;13;01", "GBAGEBOORTEMAAND", "13");
    fault("R;000000013;1;1981;00;01", "GBAGEBOORTEMAAND", "00");
    fault("R;000000013;1;1981;1;01", "GBAGEBOORTEMAAND", "1");
    fault("R;000000013;1;81;01;01", "GBAGEBOORTEJAAR", "81");
    fault("R;000000013;M;1981;01;01", "GBAGESLACHT", "M");
}

#[test]
fn a_person_twice_is_an_error_and_a_number_under_two_classes_is_two_persons() {
    let two = persons(&["R;000000012;1;1984;01;01", "S;000000012;2;1990;01;01"]).unwrap();
    assert_eq!(two.len(), 2);
    let error =
        persons(&["R;000000012;1;1984;01;01", "N;000000001;1;1984;01;01", "R;000000012;1;1984;01;01"]);
    let error = error.unwrap_err();
    assert!(matches!(error, RegisterError::DuplicateKey { first: 1, second: 3, .. }), "{error}");
}

#[test]
fn a_number_without_its_leading_zeros_is_refused() {
    let error = persons(&["R;12;1;1984;01;01"]).unwrap_err();
    assert!(matches!(&error, RegisterError::Key { row: 1, column, .. } if column == "RINPERSOON"), "{error}");
    let error = persons(&["RR;000000012;1;1984;01;01"]).unwrap_err();
    assert!(
        matches!(&error, RegisterError::Key { row: 1, column, .. } if column == "RINPERSOONS"),
        "{error}"
    );
}

#[test]
fn parents_are_persons_or_nobody() {
    let header = "RINPERSOONS;RINPERSOON;XKOPPELNUMMER;RINPERSOONSPA;RINPERSOONPA;RINPERSOONSMA;RINPERSOONMA";
    let rows = [
        "R;000000001;01;R;000000011;R;000000012",
        "R;000000002;01;-;---------;S;000000012",
        "R;000000003;01;-;---------;-;---------",
        "R;000000004;01;N;000000011;R;000000004",
    ];
    let register = with("KINDOUDER2022TABV1.csv", header, &rows, ParentChildRegister::read).unwrap();
    assert_eq!(register.father, [Some(key("R000000011")), None, None, None]);
    let own = Some(register.child[3]);
    assert_eq!(register.mother, [Some(key("R000000012")), Some(key("S000000012")), None, own]);
}

fn households(rows: &[&str]) -> Result<HouseholdSpells, RegisterError> {
    let header = "RINPERSOONS;RINPERSOON;DATUMAANVANGHH;DATUMEINDEHH;HUISHOUDNR;TYPHH;PLHH;AANTALPERSHH";
    with("GBAHUISHOUDENS2022BUSV1.csv", header, rows, HouseholdSpells::read)
}

#[test]
fn exact_repetitions_are_removed_and_counted() {
    let spells = households(&[
        "R;000000001;20010101;20041231;000000000007;5; 4;4",
        "R;000000002;20010101;20041231;000000000007;5; 6;4",
        "R;000000001;20050101;20221231;000000000008;1; 1;1",
        "R;000000001;20010101;20041231;000000000007;5; 4;4",
        "R;000000001;20010101;20041231;000000000007;5; 4;4",
        "R;000000001;20010101;20041231;000000000009;5; 4;4",
    ])
    .unwrap();
    assert_eq!((spells.rows, spells.exact_duplicates, spells.len()), (6, 2, 4));
    let persons: Vec<u32> = spells.person.iter().map(|person| person.number()).collect();
    assert_eq!(
        persons,
        [1, 2, 1, 1],
        "the order of the file is kept, another household number is no repetition"
    );
    assert_eq!(spells.kind[2], Some(HouseholdType::Single));
    assert_eq!(spells.place, [Some(4), Some(6), Some(1), Some(4)]);
    assert_eq!(spells.members[0], Some(4));
    assert_eq!(spells.spell[0].days(), 4 * 365 + 1);
}

#[test]
fn bad_spells_are_named_by_row() {
    let good = "R;000000001;20010101;20041231;7;5;4;4";
    assert_cell(
        households(&[good, "R;000000001;20210231;20211231;7;5;4;4"]),
        (2, "DATUMAANVANGHH"),
        "20210231",
    );
    assert_cell(households(&["R;000000001;20010101;88888888;7;5;4;4"]), (1, "DATUMEINDEHH"), "88888888");
    assert_cell(households(&["R;000000001;20010101;20011231;7;9;4;4"]), (1, "TYPHH"), "9");
    assert_cell(households(&["R;000000001;20010101;20011231;7;1;4;1,5"]), (1, "AANTALPERSHH"), "1.5");
    assert_cell(
        households(&["R;000000001;20010101;20011231;1234567890123;1;4;1"]),
        (1, "HUISHOUDNR"),
        "1234567890123",
    );
    let error = households(&[good, good, "R;000000001;20020101;20011231;7;5;4;4"]).unwrap_err();
    assert!(matches!(error, RegisterError::EndBeforeStart { row: 3, .. }), "{error}");
}

#[test]
fn household_types_have_their_codes() {
    for code in 1..=8 {
        assert_eq!(HouseholdType::from_code(code).unwrap().code(), code);
    }
    assert_eq!(HouseholdType::from_code(0), None);
    assert_eq!(HouseholdType::from_code(9), None);
}

fn regions(rows: &[&str], year: i16, objects: &mut Objects) -> Result<RegionTable, RegisterError> {
    let header = "SOORTOBJECTNUMMER;RINOBJECTNUMMER;GEM2003;wc2003;gem2022";
    with("VSLGWB2022TAB03V1.csv", header, rows, |file| RegionTable::read(file, year, objects))
}

#[test]
fn addresses_join_their_municipality() {
    let mut objects = Objects::new();
    let header = "RINPERSOONS;RINPERSOON;SOORTOBJECTNUMMER;RINOBJECTNUMMER;GBADATUMAANVANGADRESHOUDING;GBADATUMEINDEADRESHOUDING";
    let rows = [
        "R;000000001;B;00000000000000000000000000000326;19950101;20040831",
        "R;000000001;D;00000000000000000000000000000326;20040901;20221231",
        "R;000000002;-;--------------------------------;20040901;20221231",
        "R;000000003;B;00000000000000000000000000000999;20040901;20221231",
    ];
    let spells =
        with("GBAADRESOBJECT2022BUSV1.csv", header, &rows, |file| AddressSpells::read(file, &mut objects))
            .unwrap();
    let rows = [
        "B;00000000000000000000000000000326;0037;003700;1969",
        "D;00000000000000000000000000000326;----;------;0014",
    ];
    let of_2003 = regions(&rows, 2003, &mut objects).unwrap();
    assert_eq!((of_2003.rows, of_2003.unknown, of_2003.classification_year), (2, 1, 2003));
    let object = &spells.object;
    assert_eq!(object[2], None, "dashes are no dwelling");
    assert_ne!(object[0], object[1], "the same number of another kind is another dwelling");
    let code = of_2003.municipality(object[0].unwrap()).unwrap();
    assert_eq!((code.to_string(), code), ("0037".to_owned(), "0037".parse().unwrap()));
    assert_eq!(of_2003.municipality(object[1].unwrap()), None);
    assert!(of_2003.lists(object[1].unwrap()) && !of_2003.lists(object[3].unwrap()));
    let of_2022 = regions(&rows, 2022, &mut objects).unwrap();
    assert_eq!(
        of_2022.municipalities(),
        ["0014", "1969"].map(|code| code.parse::<MunicipalityCode>().unwrap())
    );
}

#[test]
fn bad_region_tables() {
    let row = "B;00000000000000000000000000000326;0037;003700;1969";
    let error = regions(&[row], 2010, &mut Objects::new()).unwrap_err();
    assert!(
        matches!(&error, RegisterError::MissingColumn { column, found, .. } if column == "gem2010" && *found == ["GEM2003", "gem2022"]),
        "{error}"
    );
    let error = regions(&[row, row], 2003, &mut Objects::new()).unwrap_err();
    assert!(matches!(error, RegisterError::DuplicateObject { row: 2, .. }), "{error}");
    let row = "B;00000000000000000000000000000326;37;003700;1969";
    assert_cell(regions(&[row], 2003, &mut Objects::new()).map(|table| table.rows), (1, "gem2003"), "37");
    for text in ["37", "00037", "003x", "", "-037"] {
        assert!(
            matches!(text.parse::<MunicipalityCode>(), Err(CoreError::MunicipalityCode { .. })),
            "{text}"
        );
    }
}

fn income_from_2011(rows: &[&str]) -> Result<HouseholdIncome, RegisterError> {
    let header = "RINPERSOONSHKW;RINPERSOONHKW;INHBRUTINKH;INHPRIMINKH;INHBESTINKH;INHGESTINKH;INHPOPIIV;INHARMLAG;INHARMEUR;INHARMSOC";
    with("INHA2011TABV2.csv", header, rows, HouseholdIncome::read)
}

#[test]
fn incomes_from_2011() {
    let income = income_from_2011(&[
        "R;000000001;30000;25000;22000,5;22000;1;150;140;160",
        "R;000000002;9999999999;9999999999;9999999999;9999999999;7;-1;-1;-1",
        "R;000000003;9999999999;9999999999;9999999999;9999999999;8;-2;-2;-2",
        "R;000000004;999999999;0;-4210;;2;-4;0;99",
        "R;000000005;9999999999;1;1;1;9;;1;1",
    ])
    .unwrap();
    use Missing::{Institution, NotInTargetPopulation, Unknown};
    assert_eq!(
        income.gross,
        [Ok(30_000.0), Err(Unknown), Err(Institution), Ok(999_999_999.0), Err(NotInTargetPopulation)]
    );
    assert_eq!(income.disposable[..4], [Ok(22_000.5), Err(Unknown), Err(Institution), Ok(-4210.0)]);
    assert_eq!(income.primary[3], Ok(0.0));
    assert_eq!(income.standardised[3], Err(Unknown), "system-missing");
    assert_eq!(income.other_era_codes, 1, "nine nines are an amount here, but a suspect one");
    assert_eq!(income.population[1], Some(PopulationClass::PrivateWithoutIncome));
    assert!(income.population[2].unwrap().is_institution());
    let low = income.percent_low_income.unwrap();
    assert_eq!(low, [Ok(150.0), Err(Unknown), Err(Institution), Err(NotInTargetPopulation), Err(Unknown)]);
    assert_eq!(income.percent_european.unwrap()[3], Ok(0.0));
    assert_eq!(income.percent_social_minimum.unwrap()[3], Ok(99.0));
}

#[test]
fn bad_incomes_from_2011() {
    let good = "R;000000001;1;1;1;1;1;1;1;1";
    assert_cell(income_from_2011(&[good, "R;000000002;1;1;1;1;4;1;1;1"]), (2, "INHPOPIIV"), "4");
    assert_cell(income_from_2011(&["R;000000002;1;1;1;1;1;1;-3;1"]), (1, "INHARMEUR"), "-3");
    assert_cell(income_from_2011(&["R;000000002;1;1;1,1,1;1;1;1;1;1"]), (1, "INHBESTINKH"), "1,1,1");
    let error = income_from_2011(&[good, good]).unwrap_err();
    assert!(
        matches!(&error, RegisterError::DuplicateKey { column, first: 1, second: 2, .. } if column == "RINPERSOONHKW"),
        "{error}"
    );
}

#[test]
fn incomes_to_2010() {
    let header = "RINPERSOONSKERN;RINPERSOONKERN;BVRBRUTINKH;BVRPRIMINKH;BVRBESTINKH;BVRGESTINKH";
    let rows = ["R;000000001;999999999;5;-7;9999999999", "-;---------;1;1;1;1"];
    let income = with("HUISHBVRINK2010TABV3.csv", header, &rows, HouseholdIncome::read).unwrap();
    assert_eq!((income.len(), income.rows, income.without_key), (1, 2, 1));
    assert_eq!(income.gross, [Err(Missing::Unknown)]);
    assert_eq!(income.disposable, [Ok(-7.0)]);
    assert_eq!(income.other_era_codes, 1);
    assert_eq!(income.population, [None]);
    assert_eq!(income.percent_low_income, None);
}

#[test]
fn a_code_that_single_precision_rounded_is_still_a_code() {
    // 9,999,999,999 and 999,999,999 in single precision.
    let income = income_from_2011(&["R;000000001;10000000000;9999990000;10000000000;1;7;1;1;1"]).unwrap();
    assert_eq!(income.gross, [Err(Missing::Unknown)]);
    assert_eq!(income.primary, [Ok(9_999_990_000.0)], "far from the code");
    let header = "RINPERSOONSKERN;RINPERSOONKERN;BVRBRUTINKH;BVRPRIMINKH;BVRBESTINKH;BVRGESTINKH";
    let rows = ["R;000000001;1000000000;5;1000000000;999000000"];
    let income = with("HUISHBVRINK2010TABV3.csv", header, &rows, HouseholdIncome::read).unwrap();
    assert_eq!(income.disposable, [Err(Missing::Unknown)]);
    assert_eq!(income.standardised, [Ok(999_000_000.0)], "far from the code");
}

#[test]
fn households_of_persons_in_both_eras() {
    for (name, header) in [
        ("Koppeltabel_IPI_IHI_IVB2010.csv", "RINPERSOONS;RINPERSOON;RINPERSOONSKERN;RINPERSOONKERN"),
        ("KOPPELPERSOONHUISHOUDEN2011.csv", "RINPERSOONS;RINPERSOON;RINPERSOONSHKW;RINPERSOONHKW"),
    ] {
        let rows = ["R;000000002;R;000000001", "R;000000003;-;---------", "R;000000001;R;000000001"];
        let links = with(name, header, &rows, HouseholdOf::read).unwrap();
        assert_eq!((links.len(), links.without_key), (2, 1));
        assert_eq!(links.household[0].0, key("R000000001"));
        let rows = ["R;000000003;-;---------", "R;000000002;R;000000001", "R;000000002;R;000000004"];
        let error = with(name, header, &rows, HouseholdOf::read).unwrap_err();
        assert!(matches!(error, RegisterError::DuplicateKey { first: 2, second: 3, .. }), "{error}");
    }
}

#[test]
fn percentages_of_the_poverty_line() {
    let header = "RINPERSOONSHKW;RINPERSOONHKW;INHARMOEDE";
    let name = "INHARMA2018TABV1.csv";
    let rows = [
        "R;000000001;99",
        "R;000000002;998",
        "R;000000003;999",
        "R;000000004;",
        "R;000000005;0",
        "R;000000006;997",
    ];
    let poverty = with(name, header, &rows, PovertyPercentage::read).unwrap();
    let unknown = Err(Missing::Unknown);
    assert_eq!(poverty.percent, [Ok(99.0), unknown, unknown, unknown, Ok(0.0), Ok(997.0)]);
    assert_cell(with(name, header, &["R;000000001;-1"], PovertyPercentage::read), (1, "INHARMOEDE"), "-1");
}

#[test]
fn eras_meet_in_2011() {
    assert_eq!((Era::of(2010), Era::of(2011)), (Era::To2010, Era::From2011));
    assert_eq!(Era::To2010.composition_date(2010), day(2010, 12, 31));
    assert_eq!(Era::From2011.composition_date(2011), day(2011, 1, 1));
}
