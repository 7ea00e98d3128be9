//! The truth of a study against a slow, obvious twin that knows only the public columns.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::HashMap;

use erflijn_core::{Composition, Date, HouseholdKey, PersonKey, Spell, age_on};
use erflijn_synthetic::{
    Cohort, Country, Destination, HouseholdClass, IncomeConcept, Living, OwnYears, ParentGaps, ParentsNeeded,
    PoorIn, Prices, SeparatedParents, Settings, Shocks, StudentHouseholds, StudyRules, StudyTruth,
    SyntheticError, Through,
};

/// Sums of some thousand numbers near one, in another order.
const ROUNDING: f64 = 1e-9;

fn country(inhabitants: u32, seed: u64) -> Country {
    let gaps = ParentGaps { before_1966: 0.0, from_1966: 0.0, foreign_born: 0.0 };
    Country::generate(&Settings { inhabitants, seed, gaps, ..Settings::default() }).unwrap()
}

fn close(what: &str, found: Option<f64>, expected: Option<f64>) {
    match (found, expected) {
        (None, None) => {}
        (Some(found), Some(expected)) if (found - expected).abs() < ROUNDING => {}
        _ => panic!("{what}: {found:?}, the twin has {expected:?}"),
    }
}

/// A household in a year.
#[derive(Clone, Copy)]
struct Household {
    income: Option<f64>,
    poor: Option<bool>,
    is_student: bool,
}

struct TwinYear {
    household_of: HashMap<PersonKey, HouseholdKey>,
    households: HashMap<HouseholdKey, Household>,
}

struct TwinChild {
    birth_year: i16,
    family: Option<u64>,
    parents: Option<f64>,
    own: f64,
    poor: Option<bool>,
    father: Option<bool>,
    mother: Option<bool>,
    grandparents: Option<bool>,
    with_parent: bool,
    youth: Option<usize>,
}

fn twin_year(country: &Country, birth: &HashMap<PersonKey, Date>, year: i16, rules: &StudyRules) -> TwinYear {
    let income = country.income_year(year, rules.shocks).unwrap();
    let date = if year <= 2010 { Date::constant(year, 12, 31) } else { Date::constant(year, 1, 1) };
    let household_of: HashMap<_, _> = income.person.iter().copied().zip(income.household_of).collect();
    let mut members: HashMap<HouseholdKey, Composition> = HashMap::new();
    for (person, household) in &household_of {
        let composition = members.entry(*household).or_default();
        if age_on(birth[person], date) >= 18 { composition.adults += 1 } else { composition.children += 1 }
    }
    let prices = 1.0 + country.settings().income.prices;
    let factor = match &rules.prices {
        Prices::OfCountry(base) => prices.powi(i32::from(*base) - i32::from(year)),
        Prices::Factors(factors) => factors[&year],
    };
    let mut households = HashMap::new();
    for index in 0..income.household.len() {
        let Composition { adults, children } = members[&income.household[index]];
        let line = country.low_income_line(year) * (f64::from(adults) + 0.8 * f64::from(children)).sqrt();
        let column = match rules.income {
            IncomeConcept::Gross => &income.gross,
            IncomeConcept::Primary => &income.primary,
            IncomeConcept::Disposable => &income.disposable,
            IncomeConcept::Standardised => &income.standardised,
        };
        let household = Household {
            income: column[index].ok().map(|euros| euros * factor),
            poor: income.disposable[index].ok().map(|euros| euros < line),
            is_student: income.class[index] == HouseholdClass::Student,
        };
        households.insert(income.household[index], household);
    }
    TwinYear { household_of, households }
}

fn decide(rule: PoorIn, statuses: &[Option<bool>]) -> Option<bool> {
    let known: Vec<bool> = statuses.iter().copied().flatten().collect();
    (!known.is_empty() && known.len() >= rule.observed)
        .then(|| known.iter().filter(|poor| **poor).count() >= rule.poor)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn twin_children(country: &Country, rules: &StudyRules) -> Vec<TwinChild> {
    let persons = country.persons();
    let birth: HashMap<PersonKey, Date> = persons.person.iter().copied().zip(persons.birth).collect();
    let parents = country.parents();
    let pairs = parents.father.iter().copied().zip(parents.mother.iter().copied());
    let parents_of: HashMap<PersonKey, (Option<PersonKey>, Option<PersonKey>)> =
        parents.child.iter().copied().zip(pairs).collect();
    let hidden = country.descendants();
    let hidden_of: HashMap<PersonKey, usize> =
        hidden.person.iter().enumerate().filter_map(|(at, person)| Some(((*person)?, at))).collect();
    let mut addresses: HashMap<PersonKey, Vec<Spell>> = HashMap::new();
    let stays = country.address_stays();
    for (person, spell) in stays.person.iter().zip(&stays.spell) {
        addresses.entry(*person).or_default().push(*spell);
    }
    let years: HashMap<i16, TwinYear> =
        (2003..=2022).map(|year| (year, twin_year(country, &birth, year, rules))).collect();
    let home = |person: PersonKey, year: i16| years[&year].household_of.get(&person).copied();
    let of = |person: PersonKey, year: i16| Some(years[&year].households[&home(person, year)?]);
    let status = |person: Option<PersonKey>, [first, last]: [i16; 2], rule| {
        let statuses: Vec<_> = (first..=last).map(|year| of(person?, year)?.poor).collect();
        decide(rule, &statuses)
    };
    let incomes = |people: &[PersonKey], [first, last]: [i16; 2]| {
        let mut known = Vec::new();
        for year in first..=last {
            let mut homes: Vec<_> = people.iter().filter_map(|person| home(*person, year)).collect();
            homes.sort_unstable();
            homes.dedup();
            let of_homes: Option<Vec<f64>> =
                homes.iter().map(|home| years[&year].households[home].income).collect();
            match (of_homes.filter(|of| !of.is_empty()), rules.separated_parents) {
                (Some(of), SeparatedParents::Sum) => known.push(of.iter().sum()),
                (Some(of), SeparatedParents::Mean) => known.push(mean(&of).unwrap()),
                (None, _) => {}
            }
        }
        known
    };
    let mut children = Vec::new();
    for child in &persons.person {
        let (father, mother) = parents_of.get(child).copied().unwrap_or_default();
        let born = birth[child];
        let in_cohort = match rules.cohort {
            Cohort::Born([first, last]) => (first..=last).contains(&born.year()),
            Cohort::Aged { ages, year } => {
                let (month, day) = if year <= 2010 { (12, 31) } else { (1, 1) };
                let age = age_on(born, Date::new(year, month, day).unwrap());
                ages[0] <= age && age <= ages[1]
            }
        };
        let known = match rules.parents_needed {
            ParentsNeeded::AtLeastOne => father.is_some() || mother.is_some(),
            ParentsNeeded::Both => father.is_some() && mother.is_some(),
            ParentsNeeded::Father => father.is_some(),
            ParentsNeeded::Mother => mother.is_some(),
        };
        if !in_cohort || !known {
            continue;
        }
        let own = match rules.own_years {
            OwnYears::Calendar(years) => years,
            OwnYears::AtAges(ages) => ages.map(|age| born.year() + age),
        };
        let window = Spell::new(Date::constant(own[0], 1, 1), Date::constant(own[1], 12, 31)).unwrap();
        let there: u32 = addresses[child]
            .iter()
            .filter_map(|spell| spell.intersection(window))
            .map(|spell| spell.days())
            .sum();
        if rules.absent_days.is_some_and(|days| window.days() - there > days) {
            continue;
        }
        let elders: Vec<PersonKey> = father.into_iter().chain(mother).collect();
        let mut own_years = own[0]..=own[1];
        let is_student = own_years.clone().any(|year| of(*child, year).is_some_and(|home| home.is_student));
        let with_parent = own_years.any(|year| {
            home(*child, year).is_some()
                && elders.iter().any(|elder| home(*elder, year) == home(*child, year))
        });
        if is_student && rules.students == StudentHouseholds::Exclude
            || with_parent && rules.destination == Destination::Independent
        {
            continue;
        }
        let (theirs, mine) = (incomes(&elders, rules.parent_years), incomes(&[*child], own));
        if theirs.len() < rules.parent_observed_years || mine.len() < rules.own_observed_years.max(1) {
            continue;
        }
        let grandparents: Vec<bool> = elders
            .iter()
            .filter_map(|elder| parents_of.get(elder))
            .flat_map(|(father, mother)| [*father, *mother])
            .filter_map(|elder| status(elder, rules.grandparent_years?, rules.grandparent_poor))
            .collect();
        let hidden_at = hidden_of.get(child);
        children.push(TwinChild {
            birth_year: born.year(),
            family: hidden_at.map(|at| hidden.family[*at]).filter(|family| *family as u32 != u32::MAX),
            parents: mean(&theirs),
            own: mean(&mine).unwrap(),
            poor: status(Some(*child), own, rules.own_poor),
            father: status(father, rules.parent_years, rules.parent_poor),
            mother: status(mother, rules.parent_years, rules.parent_poor),
            grandparents: (!grandparents.is_empty()).then(|| grandparents.contains(&true)),
            with_parent,
            youth: hidden_at.map(|at| hidden.youth[*at]),
        });
    }
    children
}

/// Mid-rank and fifth of a value among values.
fn place(value: f64, among: &[f64]) -> (f64, usize) {
    let below = among.iter().filter(|other| **other < value).count();
    let equal = among.iter().filter(|other| **other <= value).count() - below;
    let n = among.len();
    // The cut of j fifths is the smallest value with five times those up to it at least j times all.
    let fifth = (1..5).filter(|j| 5 * below >= j * n).count();
    ((below as f64 + 0.5 * equal as f64) / n as f64, fifth)
}

fn check(country: &Country, rules: &StudyRules) -> (StudyTruth, usize) {
    let truth = country.study_truth(rules).unwrap();
    let twin = twin_children(country, rules);
    let group = &truth.country;
    assert_eq!(group.children, twin.len() as u64);
    assert_eq!(group.with_parent, twin.iter().filter(|child| child.with_parent).count() as u64);
    let ranked: Vec<&TwinChild> = twin.iter().filter(|child| child.parents.is_some()).collect();
    assert_eq!(group.ranked, ranked.len() as u64);
    let mut places = Vec::new();
    let mut fifths = [[0; 5]; 5];
    for child in &ranked {
        let cohort: Vec<&&TwinChild> =
            ranked.iter().filter(|one| one.birth_year == child.birth_year).collect();
        let parents: Vec<f64> = cohort.iter().map(|one| one.parents.unwrap()).collect();
        let own: Vec<f64> = cohort.iter().map(|one| one.own).collect();
        let (of_parents, of_own) = (place(child.parents.unwrap(), &parents), place(child.own, &own));
        fifths[of_parents.1][of_own.1] += 1;
        places.push((of_parents.0, of_own.0));
    }
    assert_eq!(group.fifths, fifths);
    let n = places.len() as f64;
    let (x, y) = places.iter().fold((0.0, 0.0), |(x, y), place| (x + place.0 / n, y + place.1 / n));
    let (xx, xy) = places
        .iter()
        .fold((0.0, 0.0), |(xx, xy), place| (xx + (place.0 - x).powi(2), xy + (place.0 - x) * (place.1 - y)));
    close("slope", group.rank_slope, Some(xy / xx));
    close("p25", group.expected_rank_p25, Some(y + xy / xx * (0.25 - x)));
    check_siblings(group.siblings.pairs, group.siblings.log_income, &twin);
    check_poverty(&truth, &twin);
    for (at, municipality) in truth.municipalities.iter().enumerate() {
        let there = twin.iter().filter(|child| child.youth == Some(at)).count();
        assert_eq!(municipality.children, there as u64);
    }
    (truth, twin.len())
}

fn check_siblings(pairs: u64, correlation: Option<f64>, twin: &[TwinChild]) {
    let mut both_orders = Vec::new();
    for (at, one) in twin.iter().enumerate() {
        for (_, other) in twin.iter().enumerate().filter(|(place, _)| *place != at) {
            if one.family.is_some() && one.family == other.family {
                both_orders.push((one.own.ln(), other.own.ln()));
            }
        }
    }
    assert_eq!(pairs, both_orders.len() as u64 / 2);
    let n = both_orders.len() as f64;
    let mean = both_orders.iter().map(|(one, _)| one).sum::<f64>() / n;
    let products: f64 = both_orders.iter().map(|(one, other)| (one - mean) * (other - mean)).sum();
    let squares: f64 = both_orders.iter().map(|(one, _)| (one - mean).powi(2)).sum();
    close("siblings", correlation, (n > 0.0).then(|| products / squares));
}

fn check_poverty(truth: &StudyTruth, twin: &[TwinChild]) {
    assert_eq!(truth.country.poverty.len(), 12);
    for poverty in &truth.country.poverty {
        let status = |child: &TwinChild| match (poverty.through, child.father, child.mother) {
            (Through::Father, father, _) => father,
            (Through::Mother, _, mother) => mother,
            (Through::Either, Some(father), Some(mother)) => Some(father || mother),
            (Through::Both, Some(father), Some(mother)) => Some(father && mother),
            _ => None,
        };
        let chosen: Vec<(bool, bool)> = twin
            .iter()
            .filter(|child| match poverty.living {
                Living::All => true,
                Living::WithParent => child.with_parent,
                Living::Independent => !child.with_parent,
            })
            .filter_map(|child| Some((status(child)?, child.poor?)))
            .collect();
        let count = |cell| chosen.iter().filter(|pair| **pair == cell).count() as u64;
        let cells = [count((true, true)), count((true, false)), count((false, true)), count((false, false))];
        assert_eq!([poverty.both, poverty.parent_only, poverty.child_only, poverty.neither], cells);
        let [both, parent_only, child_only, neither] = cells.map(|cell| cell as f64);
        let share = |part: f64, rest: f64| (part + rest > 0.0).then(|| part / (part + rest));
        close("outflow", poverty.outflow, share(both, parent_only));
        close("inflow", poverty.inflow, share(both, child_only));
        let (poor, others) = (share(both, parent_only), share(child_only, neither));
        close(
            "ratio",
            poverty.risk_ratio,
            poor.zip(others.filter(|others| *others > 0.0)).map(|(a, b)| a / b),
        );
    }
    let Some(three) = &truth.three_generations else { return };
    let triples: Vec<(bool, bool, bool)> = twin
        .iter()
        .filter_map(|child| {
            let parents = match (child.father, child.mother) {
                (None, None) => return None,
                (father, mother) => father.unwrap_or(false) || mother.unwrap_or(false),
            };
            Some((child.grandparents?, parents, child.poor?))
        })
        .collect();
    let share = |of: &dyn Fn(&&(bool, bool, bool)) -> bool, part: &dyn Fn(&(bool, bool, bool)) -> bool| {
        let all: Vec<_> = triples.iter().filter(of).collect();
        (!all.is_empty()).then(|| all.iter().filter(|one| part(one)).count() as f64 / all.len() as f64)
    };
    assert_eq!(three.children.iter().flatten().flatten().sum::<u64>(), triples.len() as u64);
    let of_poor_grandparents = share(&|one| one.0, &|one| one.2).unwrap();
    let parents_poor = share(&|one| one.0, &|one| one.1).unwrap();
    let [others, poor] = [false, true].map(|parents| share(&|one| one.1 == parents, &|one| one.2).unwrap());
    let predicted = parents_poor * poor + (1.0 - parents_poor) * others;
    close("grandparents", three.poor_by_grandparents[1], Some(of_poor_grandparents));
    close("predicted", three.predicted[1], Some(predicted));
    close("excess", three.excess, Some(of_poor_grandparents - predicted));
    close("both elders", three.poor[1][0], share(&|one| one.0 && !one.1, &|one| one.2));
}

#[test]
fn every_statistic_is_that_of_the_twin() {
    let country = country(6_000, 5);
    check(&country, &StudyRules::default());
    check(&country, &StudyRules::monitor());
    let (truth, _) = check(&country, &StudyRules::three_generations());
    assert!(truth.three_generations.is_some());
}

#[test]
fn every_rule_changes_the_children_as_the_twin_says() {
    let country = country(4_000, 6);
    let own_years = OwnYears::Calendar([2017, 2019]);
    let base = || StudyRules { cohort: Cohort::Born([1975, 1990]), own_years, ..StudyRules::default() };
    let (_, all) = check(&country, &base());
    let fewer = [
        StudyRules { parents_needed: ParentsNeeded::Both, ..base() },
        StudyRules { parents_needed: ParentsNeeded::Father, ..base() },
        StudyRules { destination: Destination::Independent, ..base() },
        StudyRules { parent_observed_years: 5, ..base() },
    ];
    for rules in fewer {
        assert!(check(&country, &rules).1 < all, "{rules:?}");
    }
    let more = [
        StudyRules { absent_days: None, own_observed_years: 1, ..base() },
        StudyRules { parent_observed_years: 0, ..base() },
    ];
    for rules in more {
        assert!(check(&country, &rules).1 > all, "{rules:?}");
    }
    let factors = (2003..=2022).map(|year| (year, 1.0 + f64::from(2022 - year) / 7.0)).collect();
    for rules in [
        StudyRules {
            income: IncomeConcept::Standardised,
            separated_parents: SeparatedParents::Mean,
            ..base()
        },
        StudyRules { income: IncomeConcept::Primary, shocks: Shocks::Without, ..base() },
        StudyRules { income: IncomeConcept::Gross, prices: Prices::Factors(factors), ..base() },
        StudyRules {
            parents_needed: ParentsNeeded::Mother,
            own_poor: PoorIn { poor: 2, observed: 2 },
            ..base()
        },
    ] {
        check(&country, &rules);
    }
    let young =
        StudyRules { own_years: OwnYears::AtAges([20, 22]), cohort: Cohort::Born([1990, 1999]), ..base() };
    let (_, without) = check(&country, &young);
    let (_, with) = check(&country, &StudyRules { students: StudentHouseholds::Include, ..young });
    assert!(without < with);
}

#[test]
fn an_area_is_the_sum_of_its_municipalities() {
    let country = country(6_000, 5);
    let codes: Vec<_> = country.municipalities().iter().map(|one| one.code).collect();
    let rules = StudyRules { area: codes[..5].to_vec(), ..StudyRules::default() };
    let truth = country.study_truth(&rules).unwrap();
    let sum: u64 = truth.municipalities[..5].iter().map(|one| one.children).sum();
    assert_eq!(truth.area.unwrap().children, sum);
    let everywhere = country.study_truth(&StudyRules { area: codes, ..StudyRules::default() }).unwrap();
    assert_eq!(everywhere.area.unwrap().fifths, everywhere.country.fifths);
}

#[test]
fn another_line_makes_others_poor() {
    let country = country(4_000, 7);
    let poor = |line: &(dyn Fn(i16, Composition) -> Option<f64> + Sync)| {
        let truth = country.study_truth_by(&StudyRules::monitor(), line).unwrap();
        let all = &truth.country.poverty[2];
        [all.both, all.parent_only, all.child_only, all.neither]
    };
    let [both, parent_only, child_only, neither] = poor(&|_, _| Some(1e9));
    assert!(both > 0 && [parent_only, child_only, neither] == [0; 3]);
    assert_eq!(poor(&|_, _| Some(0.0)), [0, 0, 0, both]);
    assert_eq!(poor(&|_, _| None), [0; 4]);
}

#[test]
fn nobody_is_no_error_and_impossible_rules_are() {
    let country = country(400, 8);
    let nobody = StudyRules {
        cohort: Cohort::Born([1850, 1850]),
        own_years: OwnYears::Calendar([2020, 2020]),
        ..StudyRules::default()
    };
    let truth = country.study_truth(&nobody).unwrap();
    assert_eq!((truth.country.children, truth.country.rank_slope), (0, None));
    assert!(truth.country.fifth_shares.iter().flatten().all(Option::is_none));
    let refused = |rules: StudyRules| country.study_truth(&rules).unwrap_err();
    let base = StudyRules::default;
    let error = refused(StudyRules { parent_years: [2002, 2007], ..base() });
    assert!(matches!(error, SyntheticError::IncomeYear { year: 2002, .. }));
    let error = refused(StudyRules { own_years: OwnYears::AtAges([34, 39]), ..base() });
    assert!(matches!(error, SyntheticError::IncomeYear { year: 2026, .. }));
    let error = refused(StudyRules { cohort: Cohort::Born([1987, 1981]), ..base() });
    assert!(matches!(error, SyntheticError::OutOfRange { .. }));
    let error = refused(StudyRules { area: vec!["0363".parse().unwrap()], ..base() });
    assert!(matches!(error, SyntheticError::UnknownMunicipality { .. }));
    let error = refused(StudyRules { prices: Prices::Factors([(2003, 1.0)].into()), ..base() });
    assert_eq!(
        error.to_string(),
        "prices have no factor for 2015, expected one for every income year of the study"
    );
}

#[test]
fn truth_holds_the_studies_under_their_own_rules() {
    let country = country(2_000, 9);
    let studies = country.truth().unwrap().realised.studies;
    assert_eq!(studies.mobility, country.study_truth(&StudyRules::default()).unwrap());
    assert_eq!(studies.monitor, country.study_truth(&StudyRules::monitor()).unwrap());
    let three = StudyRules::three_generations();
    assert_eq!(studies.three_generations, country.study_truth(&three).unwrap());
}
