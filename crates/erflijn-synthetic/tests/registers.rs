//! What is written is read by `erflijn-registers`, with the counts that were reported.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::HashMap;
use std::path::Path;

use erflijn_core::{Missing, PersonKey};
use erflijn_registers::{
    AddressSpells, HouseholdIncome, HouseholdOf, HouseholdSpells, Objects, ParentChildRegister,
    PersonRegister, PopulationClass, PovertyPercentage, RegionTable, Register, RegisterFolder,
};
use erflijn_synthetic::{Country, Settings, SyntheticError, Traps, Truth, Written};

fn country(inhabitants: u32) -> Country {
    Country::generate(&Settings { inhabitants, seed: 20_260_101, ..Settings::default() }).unwrap()
}

fn rows(written: &Written, start: &str) -> u64 {
    let of_name = written.files.iter().filter(|file| file.name.starts_with(start));
    of_name.map(|file| file.rows).next().expect("the file was written")
}

#[test]
fn twenty_thousand_people_are_read_back_with_every_fault_that_was_planted() {
    let country = country(20_000);
    let folder = tempfile::tempdir().unwrap();
    let written = country.write(folder.path(), &Traps::default()).unwrap();
    let registers = RegisterFolder::open(folder.path()).unwrap();
    let wealth = written.files.iter().filter(|file| file.name.starts_with("VEH")).count();
    assert_eq!(wealth, 17, "2006 to 2022");
    assert_eq!(
        registers.files().len(),
        written.files.len() - wealth,
        "every other file is known by its name"
    );
    assert!(written.files_with_lower_case_names > 0, "names are read without regard to case");

    let persons = PersonRegister::read(&registers.latest(Register::Persons).unwrap()).unwrap();
    assert_eq!(persons.rows, rows(&written, "GBAPERSOON"));
    assert_eq!(persons.without_key, written.unidentified_rows);
    assert_eq!(persons.len() as u64, u64::from(country.registered()) + written.numbers_in_two_classes);
    let mut classes: HashMap<u32, u64> = HashMap::new();
    persons.person.iter().for_each(|key| *classes.entry(key.number()).or_default() += 1);
    assert_eq!(classes.values().filter(|count| **count == 2).count() as u64, written.numbers_in_two_classes);
    let residents =
        || persons.person.iter().zip(&persons.birth).filter(|(key, _)| key.to_string().starts_with('R'));
    assert_eq!(
        residents().filter(|(_, birth)| birth.month.is_none()).count() as u64,
        written.unknown_birth_months
    );
    let born: HashMap<PersonKey, i16> = residents().map(|(key, birth)| (*key, birth.year.unwrap())).collect();

    let unknown = persons.sex.iter().filter(|sex| sex.is_none()).count() as u64;
    // Second rows of a number have the sex of the first.
    assert!((written.unknown_sexes..=2 * written.unknown_sexes).contains(&unknown));
    check_versions(&registers, &written, &persons);
    check_parents(&registers, &written, &born);
    check_stays(&registers, &written, &country);
    check_incomes(&registers, &written, &born);

    // Every kind of fault that has more than a handful of chances was planted.
    assert!(written.unknown_birth_months > 0 && written.unknown_municipalities > 0);
    assert!(written.overlapping_addresses > 0 && written.repeated_household_rows > 0);
}

/// The newest version is taken, and the one before differs in the months and days of birth that were planted.
fn check_versions(registers: &RegisterFolder, written: &Written, newest: &PersonRegister) {
    let file = registers.latest(Register::Persons).unwrap();
    assert_eq!(file.version, Some(10));
    let older = registers.files().iter().find(|file| file.version == Some(9)).unwrap();
    let older = PersonRegister::read(older).unwrap();
    assert_eq!(older.person, newest.person);
    // A person in two classes stands in two rows, both of which changed.
    let differing: std::collections::HashSet<u32> = newest
        .person
        .iter()
        .zip(newest.birth.iter().zip(&older.birth))
        .filter(|(_, (now, before))| now != before)
        .map(|(person, _)| person.number())
        .collect();
    assert_eq!(differing.len() as u64, written.changed_between_versions);
    assert!(written.changed_between_versions > 0);
}

fn check_parents(registers: &RegisterFolder, written: &Written, born: &HashMap<PersonKey, i16>) {
    let parents = ParentChildRegister::read(&registers.latest(Register::ParentChild).unwrap()).unwrap();
    assert_eq!(parents.rows, rows(written, "KINDOUDER"));
    let missing =
        |column: &[Option<PersonKey>]| column.iter().filter(|parent| parent.is_none()).count() as u64;
    assert_eq!(missing(&parents.father), written.children_without_father);
    assert_eq!(missing(&parents.mother), written.children_without_mother);
    let pairs = || parents.child.iter().zip(parents.father.iter().zip(&parents.mother));
    let count = |test: &dyn Fn(PersonKey, Option<PersonKey>, Option<PersonKey>) -> bool| {
        pairs().filter(|(child, (father, mother))| test(**child, **father, **mother)).count() as u64
    };
    assert_eq!(
        count(&|_, father, mother| father.is_none() && mother.is_none()),
        written.children_without_parent
    );
    assert_eq!(count(&|child, _, mother| mother == Some(child)), written.own_number_as_mother);
    assert_eq!(
        count(&|child, father, _| father.is_some_and(|father| born[&father] >= born[&child])),
        written.fathers_younger_than_child
    );
}

fn check_stays(registers: &RegisterFolder, written: &Written, country: &Country) {
    let households = HouseholdSpells::read(&registers.latest(Register::HouseholdSpells).unwrap()).unwrap();
    assert_eq!(households.rows, rows(written, "GBAHUISHOUDENS"));
    assert_eq!(households.exact_duplicates, written.repeated_household_rows);
    let columns = country.household_stays();
    let read = households.person.iter().zip(&households.spell).zip(&households.kind);
    let read: Vec<_> = read.map(|((person, spell), kind)| (*person, *spell, kind.unwrap().code())).collect();
    let there = columns.person.iter().zip(&columns.spell).zip(&columns.kind);
    let there: Vec<_> = there.map(|((person, spell), kind)| (*person, *spell, *kind)).collect();
    assert_eq!(read.len() as u64, there.len() as u64 + written.overlapping_households);
    let mut once = read;
    once.dedup();
    assert_eq!(once, there, "planted rows are those before, but for the household");

    let mut objects = Objects::new();
    let file = registers.latest(Register::AddressSpells).unwrap();
    let addresses = AddressSpells::read(&file, &mut objects).unwrap();
    let columns = country.address_stays();
    assert_eq!(addresses.rows, columns.person.len() as u64 + written.overlapping_addresses);
    for year in [1995, 2010, 2022] {
        let mut objects = objects.clone();
        let file = registers.latest(Register::Regions).unwrap();
        let table = RegionTable::read(&file, year, &mut objects).unwrap();
        assert_eq!((table.rows, table.unknown), (rows(written, "VSLGWB"), written.unknown_municipalities));
        let mut known: Vec<String> = table.municipalities().iter().map(ToString::to_string).collect();
        let mut expected: Vec<String> =
            country.objects(year).unwrap().iter().map(ToString::to_string).collect();
        expected.sort_unstable();
        expected.dedup();
        known.sort_unstable();
        assert_eq!(known, expected);
    }
}

fn check_incomes(registers: &RegisterFolder, written: &Written, born: &HashMap<PersonKey, i16>) {
    for year in 2003..=2022 {
        let links = HouseholdOf::read(&registers.file(Register::HouseholdOf, year).unwrap()).unwrap();
        let income =
            HouseholdIncome::read(&registers.file(Register::HouseholdIncome, year).unwrap()).unwrap();
        let name = if year <= 2010 { format!("HUISHBVRINK{year}") } else { format!("INHA{year}") };
        let counts = written.files.iter().find(|file| file.name.starts_with(&name)).unwrap();
        assert_eq!(income.rows, counts.rows);
        assert_eq!(income.other_era_codes, 0);
        let of = |test: &dyn Fn(&Result<f64, Missing>) -> bool| {
            income.disposable.iter().filter(|amount| test(amount)).count() as u64
        };
        assert_eq!(of(&|amount| amount.is_err()), counts.missing_incomes + counts.institutions);
        assert_eq!(of(&|amount| amount.is_ok_and(|euros| euros < 0.0)), counts.negative_incomes);
        assert_eq!(of(&|amount| amount.is_ok_and(|euros| euros.abs() < 0.5)), counts.zero_incomes);
        if let Some(percent) = &income.percent_low_income {
            let with = |reason| percent.iter().filter(|percent| **percent == Err(reason)).count() as u64;
            assert_eq!(with(Missing::Institution), counts.institutions);
            assert!(counts.part_year_incomes > 0);
            assert_eq!(with(Missing::Unknown), counts.missing_incomes);
            let students = Some(PopulationClass::StudentWithIncome);
            assert_eq!(
                income.population.iter().filter(|class| **class == students).count() as u64,
                counts.student_households
            );
        }
        if year >= 2018 {
            let file = registers.file(Register::PovertyPercentage, year).unwrap();
            let poverty = PovertyPercentage::read(&file).unwrap();
            assert_eq!(poverty.household, income.household);
            let unknown = poverty.percent.iter().filter(|percent| percent.is_err()).count() as u64;
            assert_eq!(unknown, counts.missing_incomes + counts.institutions);
        }
        // Every person's household has an income row, and every household somebody in it.
        let households: std::collections::HashSet<_> = income.household.iter().collect();
        assert!(links.household.iter().all(|household| households.contains(household)), "{year}");
        assert!(links.person.iter().all(|person| born.contains_key(person)), "{year}");
        let named: std::collections::HashSet<_> = links.household.iter().collect();
        assert_eq!(named.len(), income.household.len(), "{year}");
    }
}

#[test]
fn without_traps_nothing_is_planted_and_truth_is_beside_the_data() {
    let country = country(3_000);
    let folder = tempfile::tempdir().unwrap();
    let written = country.write(folder.path(), &Traps::none()).unwrap();
    let not_planted = Written {
        files: written.files.clone(),
        born_on_29_february: written.born_on_29_february,
        children_without_father: written.children_without_father,
        children_without_mother: written.children_without_mother,
        children_without_parent: written.children_without_parent,
        ..Written::default()
    };
    assert_eq!(written, not_planted);
    assert!(written.files.iter().all(|file| file.missing_incomes
        + file.negative_incomes
        + file.zero_incomes
        + file.part_year_incomes
        + file.missing_wealth
        == 0));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let truth: Truth = serde_json::from_str(&read("truth.json")).unwrap();
    assert_eq!(truth.settings, *country.settings());
    assert_eq!(truth.realised.registered, u64::from(country.registered()));
    let planted: Written = serde_json::from_str(&read("planted.json")).unwrap();
    assert_eq!(planted, written);
}

#[test]
fn a_trap_at_rate_one_is_everywhere() {
    let country = country(2_000);
    let folder = tempfile::tempdir().unwrap();
    let traps = Traps {
        unknown_birth_month: 1.0,
        unknown_sex: 1.0,
        number_in_two_classes: 1.0,
        unidentified_row: 1.0,
        repeated_person_row: 0.0,
        changed_between_versions: 1.0,
        own_number_as_mother: 1.0,
        father_younger_than_child: 1.0,
        repeated_parent_row: 0.0,
        repeated_household_row: 1.0,
        overlapping_household: 0.0,
        overlapping_address: 1.0,
        unknown_municipality: 1.0,
        missing_income: 1.0,
        negative_income: 0.0,
        zero_income: 0.0,
        part_year_income: 0.0,
        missing_wealth: 1.0,
        lower_case_names: 1.0,
    };
    let written = country.write(folder.path(), &traps).unwrap();
    let people = u64::from(country.registered());
    assert_eq!(
        [written.unknown_birth_months, written.numbers_in_two_classes, written.unidentified_rows],
        [people; 3]
    );
    assert_eq!(rows(&written, "GBAPERSOON"), 3 * people);
    assert_eq!(written.repeated_household_rows * 2, rows(&written, "GBAHUISHOUDENS"));
    assert_eq!(written.overlapping_addresses * 2, rows(&written, "GBAADRESOBJECT"));
    assert_eq!(written.unknown_municipalities, rows(&written, "VSLGWB"));
    assert_eq!(written.own_number_as_mother, rows(&written, "KINDOUDER"));
    let registers = RegisterFolder::open(folder.path()).unwrap();
    let income = HouseholdIncome::read(&registers.file(Register::HouseholdIncome, 2015).unwrap()).unwrap();
    let students = Some(PopulationClass::StudentWithIncome);
    assert!(
        income
            .disposable
            .iter()
            .zip(&income.population)
            .all(|(euros, class)| euros.is_err() || *class == students)
    );
}

#[test]
fn impossible_traps_and_folders_are_refused() {
    let country = country(300);
    let folder = tempfile::tempdir().unwrap();
    let refused = |traps: Traps| country.write(folder.path(), &traps).unwrap_err();
    for rate in [-0.1, 1.1, f64::NAN] {
        let error = refused(Traps { unknown_municipality: rate, ..Traps::none() });
        assert!(matches!(error, SyntheticError::OutOfRange { name: "traps.unknown_municipality", .. }));
    }
    let error = refused(Traps { missing_income: 0.6, negative_income: 0.6, ..Traps::none() });
    assert!(matches!(error, SyntheticError::OutOfRange { .. }));
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = country.write(Path::new(&file).join("below"), &Traps::none()).unwrap_err();
    assert!(matches!(error, SyntheticError::Write { .. }));
}

#[test]
fn same_seed_same_bytes_and_another_seed_others() {
    let bytes = |seed| {
        let settings = Settings { inhabitants: 2_000, seed, ..Settings::default() };
        let folder = tempfile::tempdir().unwrap();
        let written = Country::generate(&settings).unwrap().write(folder.path(), &Traps::default()).unwrap();
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let mut all: Vec<_> =
            written.files.iter().map(|file| (file.name.clone(), read(&file.name))).collect();
        all.push(("truth".into(), read("truth.json")));
        all
    };
    let (first, again, other) = (bytes(5), bytes(5), bytes(6));
    // Persons twice, four registers, regions; twenty years of links and incomes, five of the new line, seventeen of wealth; truth.
    assert_eq!(first.len(), 2 + 3 + 1 + 40 + 5 + 17 + 1);
    for (one, two) in first.iter().zip(&again) {
        assert!(one == two, "{} differs", one.0);
    }
    for (one, two) in first.iter().zip(&other) {
        assert!(one.1 != two.1, "{} is the same under another seed", one.0);
    }
}
