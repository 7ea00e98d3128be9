//! Cells of the files against the layouts, and traps that a strict reader refuses.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::{HashMap, HashSet};
use std::path::Path;

use erflijn_registers::{ParentChildRegister, PersonRegister, Register, RegisterError, RegisterFolder};
use erflijn_synthetic::{Country, HouseholdClass, Output, Settings, Shocks, SyntheticError, Traps, Written};

fn country(inhabitants: u32) -> Country {
    Country::generate(&Settings { inhabitants, seed: 77, ..Settings::default() }).unwrap()
}

/// Rows of a CSV file by column.
fn table(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(';').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        assert_eq!(cells.len(), header.len(), "{name}");
        header.iter().map(ToString::to_string).zip(cells.into_iter().map(str::to_owned)).collect()
    };
    lines.map(row).collect()
}

fn written(country: &Country, traps: Traps, editions: &[i16]) -> (tempfile::TempDir, Written) {
    let folder = tempfile::tempdir().unwrap();
    let output = Output { traps, region_editions: editions.to_vec(), ..Output::default() };
    let parts = std::sync::atomic::AtomicUsize::new(0);
    let count = || {
        parts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let written = country.write_with(folder.path(), &output, &count).unwrap();
    assert_eq!(parts.into_inner(), output.parts());
    (folder, written)
}

#[test]
fn regions_have_municipalities_and_districts_of_every_year_of_their_edition() {
    let country = country(3_000);
    let (folder, written) = written(&country, Traps::none(), &[2003, 2022]);
    for edition in [2003_i16, 2022] {
        let rows = table(folder.path(), &format!("VSLGWB{edition}TAB03V1.csv"));
        assert_eq!(rows[0].len(), 2 + 2 * usize::from((edition - 1994).unsigned_abs()));
        for year in [1995, edition] {
            let districts = country.districts(year).unwrap();
            assert_eq!(rows.len(), districts.len());
            for (row, district) in rows.iter().zip(districts) {
                assert_eq!(row[&format!("wc{year}")], district.to_string());
                assert_eq!(row[&format!("gem{year}")], district.municipality.to_string());
                assert!(row[&format!("wc{year}")].starts_with(&row[&format!("gem{year}")]));
            }
        }
    }
    // Midden-Groningen (1952) is of 2018: in 2003 its dwellings lay in others, and 2022 lists the codes of both years.
    let rows = table(folder.path(), "VSLGWB2022TAB03V1.csv");
    let before: HashSet<&str> =
        rows.iter().filter(|row| row["gem2022"] == "1952").map(|row| row["gem2003"].as_str()).collect();
    assert!(before.contains("0018") && !before.contains("1952"), "{before:?}");
    assert_eq!(written.unknown_municipalities, 0);
    let (folder, written) =
        self::written(&country, Traps { unknown_municipality: 0.2, ..Traps::none() }, &[2022]);
    let rows = table(folder.path(), "VSLGWB2022TAB03V1.csv");
    let dashes = rows.iter().filter(|row| row["gem1999"] == "----" && row["wc2022"] == "------").count();
    assert_eq!(dashes as u64, written.unknown_municipalities);
    assert!(dashes > 0 && dashes < rows.len());
}

#[test]
fn incomes_carry_the_codes_of_their_layout() {
    let country = country(5_000);
    let (folder, written) = written(&country, Traps { missing_income: 0.1, ..Traps::none() }, &[2022]);
    let counts = written.files.iter().find(|file| file.name.starts_with("INHA2018")).unwrap();
    let rows = table(folder.path(), "INHA2018TABV2.csv");
    let of = |column: &str, code: &str| rows.iter().filter(|row| row[column] == code).count() as u64;
    for column in ["INHARMLAG", "INHARMEUR", "INHARMSOC", "INHARMLAGL", "INHARMEURL", "INHARMSOCL"] {
        assert_eq!(of(column, "-1"), counts.missing_incomes, "{column}");
        assert_eq!(of(column, "-2"), counts.institutions, "{column}");
    }
    assert_eq!(of("INHARMLAGL", "-4"), counts.not_in_earlier_population);
    assert!(counts.not_in_earlier_population > 0);
    assert_eq!(of("INHP100HGESTES", "-1"), counts.missing_incomes + counts.student_households);
    assert_eq!(of("INHBBIHJ", "26"), counts.student_households);
    assert_eq!(of("INHSAMHH", "71"), counts.institutions);
    assert_eq!(of("INHEHALGR", "8"), counts.institutions);
    assert_eq!(of("INHEHALGR", "9"), counts.missing_incomes);
    assert_eq!(of("INHAHL", "99"), counts.institutions);
    let number = |row: &HashMap<String, String>, column: &str| row[column].parse::<i64>().unwrap();
    let income = country.income_year(2018, Shocks::With).unwrap();
    let mut members: HashMap<String, i64> = HashMap::new();
    for household in &income.household_of {
        *members.entry(format!("{:09}", household.0.number())).or_default() += 1;
    }
    for row in &rows {
        // Who was above a line in one of four years is above it in the highest.
        if number(row, "INHARMLAGL") >= 0 {
            assert!(number(row, "INHARMLAGL") >= number(row, "INHARMLAG"));
        }
        if row["INHPOPIIV"] == "1" {
            assert!((1..=100).contains(&number(row, "INHP100HGEST")));
            assert!((1..=100).contains(&number(row, "INHP100HBEST")));
            assert_eq!(number(row, "INHAHL"), members[&row["RINPERSOONHKW"]]);
            assert!(number(row, "INHAHLMI") <= number(row, "INHAHL"));
        }
    }
    assert_eq!(rows.len(), income.household.len());
}

#[test]
fn the_four_year_percentage_is_the_highest_of_the_main_earners_households() {
    let country = country(3_000);
    let (folder, _) = written(&country, Traps::none(), &[2022]);
    let mut percent: HashMap<(i16, String), (f64, HouseholdClass)> = HashMap::new();
    for year in 2012..=2015 {
        let income = country.income_year(year, Shocks::With).unwrap();
        let of: HashMap<_, _> = income.household.iter().copied().zip(0..).collect();
        for (person, household) in income.person.iter().zip(&income.household_of) {
            let index: usize = of[household];
            let value = (income.percent_low_income[index].unwrap_or(f64::NAN), income.class[index]);
            percent.insert((year, format!("{:09}", person.number())), value);
        }
    }
    let mut checked = 0;
    for row in table(folder.path(), "INHA2015TABV2.csv") {
        let of_year = |year| percent.get(&(year, row["RINPERSOONHKW"].clone())).copied();
        let four: Vec<_> = (2012..=2015).map(of_year).collect();
        if row["INHPOPIIV"] != "1" {
            continue;
        }
        let all: Option<Vec<f64>> = four
            .iter()
            .map(|one| one.filter(|(_, class)| *class == HouseholdClass::Private).map(|(percent, _)| percent))
            .collect();
        let expected = match all {
            Some(all) => all.into_iter().fold(0.0, f64::max).floor() as i64,
            None => -4,
        };
        assert_eq!(row["INHARMLAGL"].parse::<i64>().unwrap(), expected);
        checked += 1;
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn wealth_adds_up_and_is_missing_in_eleven_nines() {
    let country = country(4_000);
    let (folder, written) = written(&country, Traps { missing_wealth: 0.1, ..Traps::none() }, &[2022]);
    for (year, debts_apart) in [(2006, false), (2010, false), (2011, true), (2022, true)] {
        let name = format!("VEH{year}TABV1.csv");
        let counts = written.files.iter().find(|file| file.name == name).unwrap();
        let (mut missing, mut negative, mut student_debts) = (0, 0, 0);
        for row in table(folder.path(), &name) {
            if row["VEHW1000VERH"] == "99999999999" {
                assert!(row["VEHW1230SOVH"] == "99999999999" && row["VEHP100HVERM"].starts_with('-'));
                missing += 1;
                continue;
            }
            let euros = |column: &str| row[column].parse::<i64>().unwrap();
            assert_eq!(euros("VEHW1000VERH"), euros("VEHW1100BEZH") - euros("VEHW1200STOH"));
            assert_eq!(euros("VEHW1100BEZH"), euros("VEHW1110FINH") + euros("VEHW1120ONRH"));
            let debts = euros("VEHW1210SHYH") + euros("VEHW1220SSTH") + euros("VEHW1230SOVH");
            assert_eq!(euros("VEHW1200STOH"), debts);
            let own_home = euros("VEHW1120ONRH") - euros("VEHW1210SHYH");
            assert_eq!(euros("VEHWVEREXEWH"), euros("VEHW1000VERH") - own_home);
            negative += u64::from(euros("VEHW1000VERH") < 0);
            student_debts += euros("VEHW1220SSTH");
        }
        assert_eq!(missing, counts.missing_wealth + counts.institutions);
        assert_eq!(negative, counts.negative_wealth);
        assert!(negative > 0);
        assert_eq!(student_debts > 0, debts_apart, "{year}");
    }
}

#[test]
fn the_line_of_2024_is_a_tenth_above_the_low_income_line() {
    let country = country(3_000);
    let (folder, written) = written(&country, Traps { missing_income: 0.1, ..Traps::none() }, &[2022]);
    let income = country.income_year(2020, Shocks::With).unwrap();
    let counts = written.files.iter().find(|file| file.name.starts_with("INHA2020")).unwrap();
    let rows = table(folder.path(), "INHARMA2020TABV1.csv");
    let of = |code: &str| rows.iter().filter(|row| row["INHARMOEDE"] == code).count() as u64;
    assert_eq!((of("998"), of("999")), (counts.missing_incomes, counts.institutions));
    for (row, percent) in rows.iter().zip(&income.percent_low_income) {
        let found = row["INHARMOEDE"].parse::<i64>().unwrap();
        if let (Ok(percent), true) = (percent, found < 998) {
            assert_eq!(found, ((percent / 1.1).floor() as i64).min(997));
        }
    }
}

#[test]
fn repeated_rows_and_second_households_are_counted_and_refused_or_seen() {
    let country = country(1_000);
    let traps = Traps {
        repeated_person_row: 0.1,
        repeated_parent_row: 0.1,
        overlapping_household: 1.0,
        part_year_income: 1.0,
        ..Traps::none()
    };
    let (folder, written) = written(&country, traps, &[2022]);
    let of = |name: &str| written.files.iter().find(|file| file.name.starts_with(name)).unwrap();
    assert!(written.repeated_person_rows > 0 && written.repeated_parent_rows > 0);
    assert_eq!(of("GBAPERSOON").rows, u64::from(country.registered()) + written.repeated_person_rows);
    assert_eq!(of("GBAHUISHOUDENS").rows, 2 * written.overlapping_households);
    let registers = RegisterFolder::open(folder.path()).unwrap();
    let persons = PersonRegister::read(&registers.latest(Register::Persons).unwrap()).unwrap_err();
    assert!(matches!(persons, RegisterError::DuplicateKey { .. }));
    let parents = ParentChildRegister::read(&registers.latest(Register::ParentChild).unwrap()).unwrap_err();
    assert!(matches!(parents, RegisterError::DuplicateKey { .. }));
    let private = of("INHA2015").rows - of("INHA2015").institutions - of("INHA2015").student_households;
    assert_eq!(of("INHA2015").part_year_incomes, private);
    let clean = country.income_year(2015, Shocks::With).unwrap();
    for (row, disposable) in table(folder.path(), "INHA2015TABV2.csv").iter().zip(&clean.disposable) {
        if let (Ok(euros), "1") = (disposable, row["INHPOPIIV"].as_str()) {
            let part = row["INHBESTINKH"].parse::<f64>().unwrap() / euros;
            assert!((0.24..0.93).contains(&part), "three to eleven months: {part}");
        }
    }
}

#[test]
fn impossible_editions_are_refused() {
    let output = Output { region_editions: vec![1994], ..Output::default() };
    let error = country(300).write_with(tempfile::tempdir().unwrap(), &output, &|| {}).unwrap_err();
    assert!(matches!(error, SyntheticError::OutOfRange { found, .. } if found < 1995.0));
}
