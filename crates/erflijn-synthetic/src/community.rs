//! The life of one community: people who meet, have children, move and die, from 1910 to 2022.
//!
//! Communities are closed to each other but for the municipalities they move to, so each has its own random
//! stream and they can be run in any order.

mod events;
mod homes;
mod plan;

use crate::calendar::{self, Day};
use crate::random::{Purpose, Stream};
use crate::settings::Weights;
use crate::{Places, Settings};

/// No person, household or object.
pub(crate) const NONE: u32 = u32::MAX;
/// No municipality.
pub(crate) const NOWHERE: u16 = u16::MAX;
/// Not dead.
pub(crate) const ALIVE: Day = Day::MAX;

pub(crate) const FIRST_YEAR: i16 = 1910;
pub(crate) const LAST_YEAR: i16 = 2022;
const FOUNDING_YEARS: u32 = 25;

/// What is kept of a person. Persons are told by their place in the community.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) birth: Day,
    /// Last day alive, or [`ALIVE`].
    pub(crate) death: Day,
    pub(crate) mother: u32,
    pub(crate) father: u32,
    /// Standing.
    pub(crate) standing: f32,
    /// Standing of the parents together.
    pub(crate) parents: f32,
    /// Outcome; not a number before the age of fifteen.
    pub(crate) outcome: f32,
    /// Municipality at fifteen.
    pub(crate) youth: u16,
    pub(crate) woman: bool,
    pub(crate) foreign_born: bool,
}

/// What is needed of a person only while the community lives.
#[derive(Debug, Clone)]
struct Life {
    household: u32,
    partner: u32,
    union_start: Day,
    last_birth: Day,
    /// What full siblings of the present union share; not a number before its first child.
    family: f32,
    object: u32,
    address_start: Day,
    graduation: i16,
    returning: i16,
    married: bool,
    student: bool,
    institution: bool,
}

#[derive(Debug, Clone, Default)]
struct Household {
    members: Vec<u32>,
    start: Day,
    object: u32,
    /// Residents of the institution when this one entered; 0 for private households.
    residents: u16,
}

/// A place in a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Head = 1,
    Partner = 2,
    Child = 3,
    Other = 4,
    Resident = 5,
}

/// A stretch of days in one household. Days are inclusive and count from 1 October 1994.
#[derive(Debug, Clone)]
pub(crate) struct HouseholdStay {
    pub(crate) person: u32,
    pub(crate) household: u32,
    pub(crate) start: u16,
    pub(crate) end: u16,
    pub(crate) members: u16,
    /// Children of head or partner, and other members.
    #[cfg_attr(not(feature = "files"), expect(dead_code, reason = "only register files tell them"))]
    pub(crate) children: u8,
    #[cfg_attr(not(feature = "files"), expect(dead_code, reason = "only register files tell them"))]
    pub(crate) others: u8,
    /// `TYPHH`.
    pub(crate) kind: u8,
    pub(crate) role: Role,
    pub(crate) student: bool,
}

/// A stretch of days at one address. Days are inclusive and count from 1 October 1994.
#[derive(Debug, Clone)]
pub(crate) struct AddressStay {
    pub(crate) person: u32,
    pub(crate) object: u32,
    pub(crate) start: u16,
    pub(crate) end: u16,
}

/// What a community leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Chronicle {
    pub(crate) people: Vec<Person>,
    /// By person, then day.
    pub(crate) households: Vec<HouseholdStay>,
    /// By person, then day.
    pub(crate) addresses: Vec<AddressStay>,
    /// Land of each object.
    pub(crate) objects: Vec<u16>,
    /// How many household numbers were used.
    pub(crate) household_numbers: u32,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Death(u32),
    Birth(u32),
    Fifteen(u32),
    Study(u32),
    Graduation(u32),
    Leaving(u32),
    Union(u32, u32),
    Separation(u32),
    Move(u32),
    Institution(u32),
    Emigration(u32),
    Return(u32),
    Arrival,
}

pub(crate) struct Community<'a> {
    settings: &'a Settings,
    places: &'a Places,
    weights: Weights,
    trap_below: f64,
    random: Stream,
    home: u16,
    people: Vec<Person>,
    lives: Vec<Life>,
    households: Vec<Household>,
    objects: Vec<u16>,
    /// Empty objects by municipality.
    vacant: Vec<Vec<u32>>,
    /// The institution of each municipality, if it has one, and its residents.
    institutions: Vec<(u32, u16)>,
    living: Vec<u32>,
    agenda: Vec<(Day, Event)>,
    registers_from: Day,
    household_stays: Vec<HouseholdStay>,
    address_stays: Vec<AddressStay>,
}

impl<'a> Community<'a> {
    /// Lets a community of `founders`, whose home is a municipality, live until the end of 2022.
    ///
    /// # Complexity
    /// Linear in person-years.
    pub(crate) fn run(
        settings: &'a Settings,
        places: &'a Places,
        number: u64,
        home: u16,
        founders: u32,
    ) -> Chronicle {
        let municipalities = places.municipalities.len();
        let mut community = Self {
            settings,
            places,
            weights: settings.inheritance.weights(),
            trap_below: crate::truth::normal_quantile(settings.inheritance.trap_share),
            random: Stream::new(settings.seed, Purpose::Lives, number),
            home,
            people: Vec::new(),
            lives: Vec::new(),
            households: Vec::new(),
            objects: Vec::new(),
            vacant: vec![Vec::new(); municipalities],
            institutions: vec![(NONE, 0); municipalities],
            living: Vec::new(),
            agenda: Vec::new(),
            registers_from: calendar::registers_from(),
            household_stays: Vec::new(),
            address_stays: Vec::new(),
        };
        for year in FIRST_YEAR..=LAST_YEAR {
            community.found(founders, year);
            community.plan(year);
            let mut agenda = std::mem::take(&mut community.agenda);
            // Stable: events of one day happen in the order in which they were planned, but the place of the
            // youth is taken at the end of the day, as a register has it.
            agenda.sort_by_key(|(day, event)| (*day, matches!(event, Event::Fifteen(_))));
            for (day, event) in agenda.drain(..) {
                community.happen(day, event);
            }
            community.agenda = agenda;
            let people = &community.people;
            community.living.retain(|person| people[*person as usize].death == ALIVE);
        }
        community.end()
    }

    /// Founders come over [`FOUNDING_YEARS`], so that no cohort is missing.
    fn found(&mut self, founders: u32, year: i16) {
        let passed = u32::from((year - FIRST_YEAR).unsigned_abs());
        let by = |years: u32| founders * years.min(FOUNDING_YEARS) / FOUNDING_YEARS;
        let start = calendar::new_year(year);
        for number in by(passed)..by(passed + 1) {
            let birth = start - 365 * 18 - self.random.below(365 * 30) as Day;
            let person = self.new_stranger(birth, number % 2 == 0, false);
            let effect = self.places.municipalities[usize::from(self.home)].effect;
            let founder = &mut self.people[person as usize];
            founder.youth = self.home;
            founder.outcome += effect as f32;
            let object = self.object_in(self.home);
            self.new_home(&[person], object, start);
        }
    }

    fn end(mut self) -> Chronicle {
        let after = calendar::new_year(LAST_YEAR + 1);
        for household in 0..self.households.len() as u32 {
            self.close(household, after);
        }
        for person in 0..self.people.len() as u32 {
            self.end_address(person, after);
        }
        self.household_stays.sort_by_key(|stay| (stay.person, stay.start));
        self.address_stays.sort_by_key(|stay| (stay.person, stay.start));
        self.people.shrink_to_fit();
        self.household_stays.shrink_to_fit();
        self.address_stays.shrink_to_fit();
        self.objects.shrink_to_fit();
        Chronicle {
            people: self.people,
            households: self.household_stays,
            addresses: self.address_stays,
            objects: self.objects,
            household_numbers: self.households.len() as u32,
        }
    }

    /// Somebody whose parents are not known here: a founder or an immigrant.
    fn new_stranger(&mut self, birth: Day, woman: bool, foreign_born: bool) -> u32 {
        let parents = self.random.normal();
        let correlation = self.settings.inheritance.parents;
        let standing =
            correlation * parents + (1.0 - correlation * correlation).sqrt() * self.random.normal();
        let person = self.new_person(birth, woman, foreign_born, [NONE, NONE], standing, parents);
        self.people[person as usize].outcome = (standing - self.trap(parents)) as f32;
        person
    }

    /// A child of these parents; `father` is [`NONE`] where there is no legal father.
    fn new_child(&mut self, birth: Day, mother: u32, father: u32, foreign_born: bool) -> u32 {
        let woman = self.random.chance(0.488);
        let of = |person: u32| &self.people[person as usize];
        let (parents, grandparents) = if father == NONE {
            (f64::from(of(mother).standing), f64::from(of(mother).parents))
        } else {
            let together = |a: f32, b: f32| (f64::from(a) + f64::from(b)) * std::f64::consts::FRAC_1_SQRT_2;
            (
                together(of(mother).standing, of(father).standing),
                together(of(mother).parents, of(father).parents),
            )
        };
        if father == NONE || self.lives[mother as usize].family.is_nan() {
            self.lives[mother as usize].family = self.random.normal() as f32;
        }
        let family = f64::from(self.lives[mother as usize].family);
        let Weights { parents: b, grandparents: g, family: s, own: e } = self.weights;
        let standing = b * parents + g * grandparents + s * family + e * self.random.normal();
        if father == NONE {
            // A later child of a union is no full sibling of this one.
            self.lives[mother as usize].family = f32::NAN;
        }
        self.new_person(birth, woman, foreign_born, [mother, father], standing, parents)
    }

    fn new_person(
        &mut self,
        birth: Day,
        woman: bool,
        foreign_born: bool,
        [mother, father]: [u32; 2],
        standing: f64,
        parents: f64,
    ) -> u32 {
        let number = self.people.len() as u32;
        self.people.push(Person {
            birth,
            death: ALIVE,
            mother,
            father,
            standing: standing as f32,
            parents: parents as f32,
            outcome: f32::NAN,
            youth: NOWHERE,
            woman,
            foreign_born,
        });
        self.lives.push(Life {
            household: NONE,
            partner: NONE,
            union_start: Day::MIN,
            last_birth: Day::MIN / 2,
            family: f32::NAN,
            object: NONE,
            address_start: 0,
            graduation: 0,
            returning: 0,
            married: false,
            student: false,
            institution: false,
        });
        self.living.push(number);
        number
    }

    /// What the trap takes from a person with these parents.
    fn trap(&mut self, parents: f64) -> f64 {
        let rules = &self.settings.inheritance;
        if parents < self.trap_below && self.random.chance(rules.trap_chance) {
            rules.trap_depth
        } else {
            0.0
        }
    }

    fn is_present(&self, person: u32) -> bool {
        self.people[person as usize].death == ALIVE && self.lives[person as usize].household != NONE
    }

    /// Age in completed years, by whole days of a mean year: for rates, not for birthdays.
    fn age(&self, person: u32, day: Day) -> i16 {
        ((day - self.people[person as usize].birth) * 4 / 1461) as i16
    }
}
