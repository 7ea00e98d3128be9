//! Lives make sense, truth is true, and threads do not matter.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use erflijn_core::{Date, PersonKey, Spell, age_on};
use erflijn_regions::Province;
use erflijn_synthetic::{Area, Country, Demography, Settings, Shocks, SyntheticError};

fn settings(inhabitants: u32, seed: u64) -> Settings {
    Settings { inhabitants, seed, ..Settings::default() }
}

fn country(inhabitants: u32, seed: u64) -> Country {
    Country::generate(&settings(inhabitants, seed)).unwrap()
}

/// The default country, and countries in which much more happens, or less, than anywhere.
fn very_different_countries() -> Vec<Country> {
    let busy = Demography { births: 2.0, migration: 3.0, separation: 3.0, moves: 3.0, students: 1.0 };
    let still = Demography { births: 1.0, migration: 0.0, separation: 0.0, moves: 0.0, students: 0.0 };
    let torn = Demography { births: 1.0, migration: 0.0, separation: 3.0, moves: 0.0, students: 0.5 };
    let of = |demography, inhabitants, seed| {
        Country::generate(&Settings { demography, ..settings(inhabitants, seed) }).unwrap()
    };
    vec![country(20_000, 1), of(busy, 2_000, 2), of(still, 3_000, 3), of(torn, 3_000, 4)]
}

#[test]
fn parents_are_of_age_and_alive() {
    for country in very_different_countries() {
        let persons = country.persons();
        let place: HashMap<PersonKey, usize> = persons.person.iter().copied().zip(0..).collect();
        assert_eq!(place.len(), persons.person.len(), "every key is unique");
        let parents = country.parents();
        let check = |child: PersonKey, parent: PersonKey, woman: bool, ages: RangeInclusive<i16>| {
            let (birth, parent) = (persons.birth[place[&child]], place[&parent]);
            assert_eq!(persons.woman[parent], woman);
            let age = age_on(persons.birth[parent], birth);
            assert!(ages.contains(&age), "a parent of {age}");
            assert!(
                persons.death[parent].is_none_or(|death| death >= birth),
                "a parent who died before birth"
            );
        };
        for (child, (father, mother)) in parents.child.iter().zip(parents.father.iter().zip(&parents.mother))
        {
            mother.inspect(|mother| check(*child, *mother, true, 14..=50));
            father.inspect(|father| check(*child, *father, false, 15..=68));
        }
        let dead = persons.death.iter().zip(&persons.birth);
        assert!(dead.filter_map(|(death, birth)| Some((*death)? >= *birth)).all(|after| after));
    }
}

#[test]
fn parents_are_missing_where_registers_miss_them() {
    let country = country(20_000, 1);
    let persons = country.persons();
    let place: HashMap<PersonKey, usize> = persons.person.iter().copied().zip(0..).collect();
    let parents = country.parents();
    let share = |chosen: &dyn Fn(i16, bool) -> bool| {
        let of = parents.child.iter().zip(&parents.mother).filter(|(child, _)| {
            let child = place[*child];
            chosen(persons.birth[child].year(), persons.foreign_born[child])
        });
        let (known, all) =
            of.fold((0, 0), |(known, all), (_, mother)| (known + u32::from(mother.is_some()), all + 1));
        f64::from(known) / f64::from(all)
    };
    // Half a percent is planted; a mother who died within 1966 to 1994 is not in the registers either.
    assert!(share(&|year, abroad| year >= 1980 && !abroad) > 0.98);
    assert!(share(&|year, abroad| year < 1966 && !abroad) < 0.9);
    assert!(share(&|_, abroad| abroad) < 0.9);
    let known = |column: &[Option<PersonKey>]| column.iter().flatten().count();
    assert!(known(&parents.mother) > known(&parents.father));
}

#[test]
fn stays_of_a_person_follow_each_other_and_lie_within_life() {
    for country in very_different_countries() {
        let persons = country.persons();
        let life: HashMap<PersonKey, (Date, Date)> = (0..persons.person.len())
            .map(|index| {
                let end = persons.death[index].unwrap_or(Date::constant(2022, 12, 31));
                (persons.person[index], (persons.birth[index], end))
            })
            .collect();
        let (households, addresses) = (country.household_stays(), country.address_stays());
        let in_household = days_of(&households.person, &households.spell, &life);
        let at_address = days_of(&addresses.person, &addresses.spell, &life);
        assert!(in_household == at_address, "an address on exactly the days in a household");
        assert_eq!(in_household.len(), life.len(), "nobody without a stay");
    }
}

/// Days of each person, once it is checked that stays lie in order, apart and within life.
fn days_of(
    person: &[PersonKey],
    spell: &[Spell],
    life: &HashMap<PersonKey, (Date, Date)>,
) -> HashMap<PersonKey, u32> {
    let mut days: HashMap<PersonKey, u32> = HashMap::new();
    let mut before: HashMap<PersonKey, Date> = HashMap::new();
    for (who, spell) in person.iter().zip(spell) {
        let (birth, end) = life[who];
        assert!(birth <= spell.start() && spell.end() <= end, "{who}: {spell:?} outside {birth} to {end}");
        assert!(spell.start() >= Date::constant(1994, 10, 1));
        assert!(
            before.insert(*who, spell.end()).is_none_or(|before| before < spell.start()),
            "{who}: {spell:?}"
        );
        *days.entry(*who).or_default() += spell.days();
    }
    days
}

#[test]
fn members_of_a_household_tell_one_story() {
    for country in very_different_countries() {
        let stays = country.household_stays();
        let mut households: HashMap<(u64, Date), Vec<usize>> = HashMap::new();
        for index in 0..stays.person.len() {
            households.entry((stays.household[index], stays.spell[index].start())).or_default().push(index);
        }
        for ((number, start), members) in &households {
            let first = members[0];
            let same = |member: &usize| {
                stays.spell[*member] == stays.spell[first] && stays.kind[*member] == stays.kind[first]
            };
            assert!(members.iter().all(same), "{number} of {start}");
            if stays.kind[first] == 8 {
                continue;
            }
            assert!(members.iter().all(|member| usize::from(stays.members[*member]) == members.len()));
            let persons: HashSet<_> = members.iter().map(|member| stays.person[*member]).collect();
            assert_eq!(persons.len(), members.len(), "{number} of {start}");
            assert_eq!(stays.kind[first] == 1, members.len() == 1, "{number} of {start}");
        }
    }
    let kinds: HashSet<u8> = country(20_000, 1).household_stays().kind.into_iter().collect();
    assert!((1..=8).all(|kind| kinds.contains(&kind)), "{kinds:?}");
}

#[test]
fn households_of_an_income_year_have_an_adult_and_everybody_is_in_one() {
    let country = country(10_000, 4);
    let persons = country.persons();
    let birth: HashMap<PersonKey, Date> = persons.person.iter().copied().zip(persons.birth).collect();
    let stays = country.household_stays();
    for year in [2003, 2010, 2011, 2022] {
        let income = country.income_year(year, Shocks::With).unwrap();
        let (month, day) = if year <= 2010 { (12, 31) } else { (1, 1) };
        let date = Date::new(year, month, day).unwrap();
        let mut there: Vec<_> = (0..stays.person.len())
            .filter(|index| stays.spell[*index].contains(date))
            .map(|index| stays.person[index])
            .collect();
        let mut in_income = income.person.clone();
        there.sort_unstable();
        in_income.sort_unstable();
        assert_eq!(there, in_income, "{year}");
        let mut composition: HashMap<_, (f64, f64)> = HashMap::new();
        for (person, household) in income.person.iter().zip(&income.household_of) {
            let counts = composition.entry(*household).or_default();
            if age_on(birth[person], date) >= 18 { counts.0 += 1.0 } else { counts.1 += 1.0 }
        }
        assert_eq!(composition.len(), income.household.len());
        for (index, household) in income.household.iter().enumerate() {
            let (adults, children) = composition[household];
            let (Ok(disposable), Ok(standardised)) = (income.disposable[index], income.standardised[index])
            else {
                continue;
            };
            assert!(adults >= 1.0, "{household} of {year}");
            let factor = (adults + 0.8 * children).sqrt();
            assert!((disposable / standardised - factor).abs() < 1e-9 * factor, "{household} of {year}");
        }
    }
}

/// How many standard errors a measured statistic may be from the expected one.
const ERRORS: f64 = 4.0;

#[test]
fn the_noiseless_population_shows_the_expected_truth_under_three_seeds() {
    for seed in [11, 12, 13] {
        let country = country(150_000, seed);
        let truth = country.truth().unwrap();
        let (expected, realised) = (&truth.expected, &truth.realised.mobility);
        let children: u64 = realised.municipalities.iter().map(|one| one.children).sum();
        let n = children as f64;
        // Children of one family share their parents: with 0.35 of the variance in common and up to about three to a family,
        // no variance is more than doubled.
        let doubled = 2.0_f64.sqrt();
        let r = expected.standing_correlation;
        let slope_error = doubled * ((1.0 - r * r) / n).sqrt();
        let close = |name: &str, expected: f64, realised: f64, error: f64| {
            let distance = (expected - realised).abs() / error;
            assert!(
                distance < ERRORS,
                "{name} of seed {seed}: {expected} and {realised}, {distance:.1} errors apart"
            );
        };
        close("correlation", expected.standing_correlation, realised.standing_correlation, slope_error);
        close("rank slope", expected.standing_rank_slope, realised.standing_rank_slope, slope_error);
        close("rank slope of outcome", expected.outcome_rank_slope, realised.outcome_rank_slope, slope_error);
        // About as many pairs of siblings as children.
        close(
            "siblings",
            expected.sibling_correlation.unwrap(),
            realised.sibling_correlation.unwrap(),
            doubled / n.sqrt(),
        );
        for (row, (expected, realised)) in expected.fifths.iter().zip(&realised.fifths).enumerate() {
            for (column, (expected, realised)) in expected.iter().zip(realised).enumerate() {
                let error = doubled * (expected * (1.0 - expected) / (n / 5.0)).sqrt();
                close(&format!("fifth {row} to {column}"), *expected, *realised, error);
            }
        }
        for (expected, realised) in expected.municipalities.iter().zip(&realised.municipalities) {
            // A rank has at most the standard deviation of a uniform number, 0.289.
            let error = doubled * 0.289 / (realised.children as f64).sqrt();
            let [expected, realised] =
                [expected, realised].map(|one| [one.mean_rank, one.mean_rank_lower_half].map(Option::unwrap));
            close("mean rank", expected[0], realised[0], error);
            close("mean rank of the lower half", expected[1], realised[1], error * doubled);
        }
    }
}

#[test]
fn the_grandparents_add_what_was_planted() {
    let mut settings = settings(100_000, 21);
    settings.inheritance.grandparents = 0.2;
    settings.inheritance.siblings = 0.5;
    let country = Country::generate(&settings).unwrap();
    let all = country.descendants();
    let parents = country.parents();
    let of: HashMap<PersonKey, usize> =
        all.person.iter().enumerate().filter_map(|(index, person)| Some(((*person)?, index))).collect();
    // z on p and on q, the mean over the parents' own p, for those of whom both parents are known.
    let (mut pp, mut qq, mut pq, mut pz, mut qz, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (index, child) in parents.child.iter().enumerate() {
        let (Some(father), Some(mother), Some(child)) = (
            parents.father[index].and_then(|key| of.get(&key)),
            parents.mother[index].and_then(|key| of.get(&key)),
            of.get(child),
        ) else {
            continue;
        };
        let q = (all.parents[*father] + all.parents[*mother]) * std::f64::consts::FRAC_1_SQRT_2;
        let (p, z) = (all.parents[*child], all.standing[*child]);
        (pp, qq, pq) = (pp + p * p, qq + q * q, pq + p * q);
        (pz, qz, n) = (pz + p * z, qz + q * z, n + 1.0);
    }
    let determinant = pp * qq - pq * pq;
    let (b, g) = ((pz * qq - qz * pq) / determinant, (qz * pp - pz * pq) / determinant);
    // The largest variance of a coefficient: 1 / (n (1 - 0.45^2)), doubled for families.
    let error = (2.0_f64 / (n * (1.0 - 0.45 * 0.45))).sqrt();
    assert!(n > 10_000.0, "{n}");
    assert!((b - 0.45 * 0.8).abs() < ERRORS * error, "{b}, error {error}");
    assert!((g - 0.2).abs() < ERRORS * error, "{g}, error {error}");
}

#[test]
fn margins_are_near_the_published_ones() {
    let country = country(200_000, 31);
    let truth = country.truth().unwrap();
    let inhabitants = truth.realised.inhabitants as f64;
    assert!((inhabitants / 200_000.0 - 1.0).abs() < 0.1, "{inhabitants}");
    let poverty = truth.realised.poverty.last().unwrap();
    assert!((0.04..0.09).contains(&poverty.poor.unwrap()), "{poverty:?}");
    let (mut apart, mut largest) = (0.0_f64, 0.0_f64);
    for (one, poor) in country.municipalities().iter().zip(&poverty.municipalities) {
        let total: u32 = country.municipalities().iter().map(|one| one.published_inhabitants).sum();
        let published = f64::from(one.published_inhabitants) / f64::from(total);
        let made_up = poor.persons as f64 / poverty.persons as f64;
        apart = apart.max((made_up / published - 1.0).abs());
        largest = largest.max((poor.poor.unwrap() - one.published_low_income.unwrap() / 100.0).abs());
    }
    assert!(apart < 0.2, "shares of inhabitants are up to {apart} off");
    assert!(largest < 0.04, "low incomes are up to {largest} off");
}

#[test]
fn edges_of_the_settings_are_countries_too() {
    let groningen = Area::Municipalities(vec!["0014".parse().unwrap()]);
    let one = Country::generate(&Settings { area: groningen, ..settings(2_000, 1) }).unwrap();
    assert_eq!(one.municipalities().len(), 1);
    assert!(one.municipalities()[0].effect.abs() < 1e-12, "one place is the mean of all");
    assert!(one.truth().unwrap().expected.municipalities[0].mean_rank.unwrap() > 0.49);

    let still =
        Demography { migration: 0.0, separation: 0.0, moves: 0.0, students: 0.0, ..Demography::default() };
    let still = Country::generate(&Settings { demography: still, ..settings(3_000, 1) }).unwrap();
    assert!(still.persons().foreign_born.iter().all(|abroad| !abroad));
    let income = still.income_year(2015, Shocks::With).unwrap();
    assert!(!income.class.contains(&erflijn_synthetic::HouseholdClass::Student));

    let childless = Demography { births: 0.0, migration: 0.0, ..Demography::default() };
    let childless = Country::generate(&Settings { demography: childless, ..settings(500, 1) }).unwrap();
    assert!(childless.parents().child.is_empty());
    assert!(matches!(childless.truth(), Err(SyntheticError::FewDescendants { found: 0, .. })));

    let everywhere = Area::Provinces(Province::ALL.to_vec());
    let everywhere = Country::generate(&Settings { area: everywhere, ..settings(20_000, 1) }).unwrap();
    assert_eq!(everywhere.municipalities().len(), 352);
}

#[test]
fn planted_numbers_at_their_edges_still_give_a_truth() {
    let change = |change: &dyn Fn(&mut erflijn_synthetic::Inheritance)| {
        let mut settings = settings(3_000, 3);
        change(&mut settings.inheritance);
        Country::generate(&settings).unwrap().truth().unwrap().expected
    };
    let none = change(&|rules| {
        (rules.parents, rules.grandparents, rules.siblings) = (0.0, 0.0, 0.0);
        (rules.trap_chance, rules.place) = (0.0, 0.0);
    });
    assert!(none.outcome_rank_slope.abs() < 1e-9 && (none.bottom_persistence - 0.2).abs() < 1e-6);
    let trapped = change(&|rules| (rules.trap_share, rules.trap_chance) = (1.0, 1.0));
    let free = change(&|rules| (rules.trap_share, rules.trap_chance) = (0.0, 1.0));
    // Who is trapped with everybody else is where he was.
    assert!((trapped.outcome_rank_slope - free.outcome_rank_slope).abs() < 1e-3);
    let twins = change(&|rules| rules.siblings = 1.0);
    assert!((twins.sibling_correlation.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn impossible_settings_are_refused() {
    let refused = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings(1_000, 1);
        change(&mut settings);
        Country::generate(&settings).unwrap_err()
    };
    let name = |error: SyntheticError| match error {
        SyntheticError::OutOfRange { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(name(refused(&|s| s.inhabitants = 0)), "inhabitants");
    assert_eq!(name(refused(&|s| s.demography.births = -1.0)), "demography.births");
    assert_eq!(name(refused(&|s| s.gaps.before_1966 = 1.5)), "gaps.before_1966");
    assert_eq!(name(refused(&|s| s.inheritance.parents = f64::NAN)), "inheritance.parents");
    assert_eq!(name(refused(&|s| s.income.median = 0.0)), "income.median");
    assert!(matches!(refused(&|s| s.area = Area::Provinces(Vec::new())), SyntheticError::EmptyArea));
    let siblings = refused(&|s| s.inheritance.siblings = 0.1);
    assert!(matches!(siblings, SyntheticError::Siblings { least, .. } if least > 0.2));
    assert_eq!(
        refused(&|s| s.inheritance.trap_depth = 9.0).to_string(),
        "inheritance.trap_depth is 9, expected a number from 0 to 5"
    );
    let country = country(300, 1);
    for year in [2002, 2023] {
        let error = country.income_year(year, Shocks::With).unwrap_err();
        assert!(matches!(error, SyntheticError::IncomeYear { first: 2003, last: 2022, .. }));
    }
    assert!(country.objects(1994).is_none() && country.objects(1995).is_some());
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let country = country(10_000, 9);
            let (stays, addresses) = (country.household_stays(), country.address_stays());
            let income = country.income_year(2012, Shocks::With).unwrap();
            let amounts: Vec<_> = income.disposable.iter().map(|amount| amount.map(f64::to_bits)).collect();
            (
                (stays.person, stays.spell, stays.household, addresses.object),
                (country.persons().birth, country.parents().father, amounts),
                format!("{:?}", country.truth().unwrap()),
            )
        })
    };
    let one = on(1);
    assert!(one == on(2));
    assert!(one == on(16));
}
