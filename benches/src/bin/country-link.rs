//! Children to parents to grandparents, and their household incomes over years, in a made-up country.
//!
//! ```text
//! country-link [PERSONS] [YEARS]
//! ```
//!
//! Persons ever registered (27 million) were born evenly over 1900 to 2022; two thirds of them live in each
//! of the years (20, up to 2022). The children are those born from 1985 to 1999. A generation's income is
//! the mean over the years and persons in which it is known. One line of JSON: how many children are linked in
//! all three generations, how many are lost for which reason, and what it cost, the making of the rows included.
#![expect(clippy::print_stdout, reason = "the line is what this program is for")]

mod cost;

use std::time::Instant;

use cost::{Outcome, cpu_seconds, peak_mib};
use erflijn::core::{HouseholdKey, KeyClass, PersonKey};
use erflijn::linkage::{
    AncestryLoss, Flow, HouseholdsOfYear, Kinship, Parentage, Pedigree, PersonRows, PersonTable,
    PlausibleAges,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const FIRST_BIRTH: i16 = 1900;
const LAST_YEAR: i16 = 2022;
const CHILDREN: std::ops::RangeInclusive<i16> = 1985..=1999;
/// Nobody is older in the registers of households.
const OLDEST: i16 = 82;
/// Children who are looked up together.
const TOGETHER: usize = 1 << 12;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let persons = arguments.next().map_or(Ok(27_000_000), |persons| persons.parse())?;
    let years: i16 = arguments.next().map_or(Ok(20), |years| years.parse())?;
    let start = Instant::now();
    let country = Country { persons, births: u64::from(persons).div_ceil(123) };
    let kinship = kinship(country)?;
    let children: Vec<_> = (0..persons)
        .filter(|one| CHILDREN.contains(&country.born(*one)))
        .map(|one| country.key(one))
        .collect();
    let (pedigrees, of_kin) = kinship.link(&children, 2)?;
    drop(kinship);

    let mut incomes = vec![[Mean::default(); 3]; pedigrees.len()];
    let mut seen = 0;
    for year in (LAST_YEAR - years + 1)..=LAST_YEAR {
        let (households, amounts) = registers_of(country, year);
        seen += households.iter().count();
        for (pedigrees, incomes) in pedigrees.chunks(TOGETHER).zip(incomes.chunks_mut(TOGETHER)) {
            (0..3).for_each(|generation| add_year(&households, &amounts, pedigrees, generation, incomes));
        }
    }
    let mut of_income = Flow::default();
    for incomes in &incomes {
        of_income.record(
            incomes.iter().zip(0_u8..).try_for_each(
                |(mean, generation)| {
                    if mean.years > 0 { Ok(()) } else { Err(generation) }
                },
            ),
        );
    }

    let counted = of_kin.losses().get() + of_income.losses().get() + of_income.links().get();
    if counted != children.len() as u64 {
        return Err(format!("{counted} of {} children are counted", children.len()).into());
    }
    let linked = || incomes.iter().filter(|means| means.iter().all(|mean| mean.years > 0));
    let mean = |generation: usize| {
        let means = linked().map(|means| means[generation].sum / f64::from(means[generation].years));
        means.sum::<f64>() / of_income.links().get() as f64
    };
    let of_kin_lost = |loss| of_kin.lost(loss).get();
    println!(
        "{{\"persons\": {persons}, \"years\": {years}, \"person_years\": {seen}, \"children\": {}, \"links\": {}, \
         \"lost\": {{\"no_record\": {}, \"fault\": {}, \"own_ancestor\": {}, \"no_parent\": {}, \"no_grandparent\": {}, \
         \"no_income\": [{}, {}, {}]}}, \"mean_income\": [{:.0}, {:.0}, {:.0}], \"wall_s\": {:.2}, \"cpu_s\": {:.2}, \"peak_rss_mib\": {}}}",
        children.len(),
        of_income.links().get(),
        of_kin_lost(AncestryLoss::NoRecord),
        of_kin_lost(AncestryLoss::Fault),
        of_kin_lost(AncestryLoss::OwnAncestor),
        of_kin_lost(AncestryLoss::NobodyKnown { generation: 1 }),
        of_kin_lost(AncestryLoss::NobodyKnown { generation: 2 }),
        of_income.lost(0).get(),
        of_income.lost(1).get(),
        of_income.lost(2).get(),
        mean(0),
        mean(1),
        mean(2),
        start.elapsed().as_secs_f64(),
        cpu_seconds()?,
        peak_mib()?
    );
    Ok(())
}

/// Persons in the order of birth.
#[derive(Clone, Copy)]
struct Country {
    persons: u32,
    /// In each year.
    births: u64,
}

impl Country {
    fn born(self, person: u32) -> i16 {
        FIRST_BIRTH + (u64::from(person) / self.births) as i16
    }

    /// A number that tells nothing of the birth: multiplying by a large prime permutes the numbers.
    fn key(self, person: u32) -> PersonKey {
        let number = u64::from(person) * 1_000_000_007 % u64::from(self.persons);
        PersonKey::new(KeyClass::R, number as u32).expect("at most nine digits")
    }
}

/// A running mean.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    years: u32,
}

fn kinship(country: Country) -> Outcome<Kinship> {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut columns: [Vec<Option<PersonKey>>; 2] = Default::default();
    let mut child = Vec::new();
    // Nobody born before 1945 has a record; one parent in twenty is not known.
    for person in (0..country.persons).filter(|one| country.born(*one) >= 1945) {
        child.push(country.key(person));
        for (parity, column) in (0..).zip(&mut columns) {
            let years = random.random_range(20..40) * country.births + random.random_range(0..country.births);
            let parent = u64::from(person).saturating_sub(years) as u32 / 2 * 2 + parity;
            column.push((random.random_range(0..20) > 0).then(|| country.key(parent)));
        }
    }
    let [father, mother] = columns;
    let parentage = Parentage::new(&child, &father, &mother)?;
    drop((child, father, mother));
    let mut born = PersonRows::default();
    (0..country.persons).for_each(|person| born.push(country.key(person), country.born(person)));
    let born = born.into_table();
    Ok(Kinship::new(&parentage, &PlausibleAges::default(), |person| born.get(person)))
}

/// Households of three neighbours by birth, one in thirty without an income.
fn registers_of(country: Country, year: i16) -> (HouseholdsOfYear, PersonTable<f64>) {
    let (mut households, mut incomes) = (PersonRows::default(), PersonRows::default());
    let living = |person: &u32| (0..=OLDEST).contains(&(year - country.born(*person)));
    for person in (0..country.persons).filter(living) {
        let head = person / 3 * 3;
        households.push(country.key(person), HouseholdKey(country.key(head)));
        if person == head && !(person / 3 + year as u32).is_multiple_of(30) {
            incomes.push(country.key(head), f64::from(10_000 + head % 50_021));
        }
    }
    (households.into_table().into(), incomes.into_table())
}

/// Adds the incomes of one year to one generation of many children.
fn add_year(
    households: &HouseholdsOfYear,
    amounts: &PersonTable<f64>,
    pedigrees: &[Pedigree],
    generation: u8,
    incomes: &mut [[Mean; 3]],
) {
    let known =
        |place: usize| pedigrees[place].generation(generation).iter().flatten().map(move |one| (place, *one));
    let (places, persons): (Vec<_>, Vec<_>) = (0..pedigrees.len()).flat_map(known).unzip();
    let homes = places.into_iter().zip(households.household_of_each(persons.into_iter()));
    let (places, heads): (Vec<_>, Vec<_>) =
        homes.filter_map(|(place, home)| home.map(|HouseholdKey(head)| (place, head))).unzip();
    for (place, amount) in places.into_iter().zip(amounts.get_each(heads.into_iter())) {
        if let Some(amount) = amount {
            let mean = &mut incomes[place][usize::from(generation)];
            mean.sum += amount;
            mean.years += 1;
        }
    }
}
