use erflijn_core::{Date, KeyClass, MunicipalityCode, PersonKey, Spell};

use crate::calendar::{self, Day};
use crate::community::{ALIVE, Chronicle, Community, NONE, NOWHERE};
use crate::places::{FIRST_BORDERS, LAST_BORDERS};
use crate::random::{Purpose, Stream};
use crate::{DistrictCode, Municipality, Places, Settings, SyntheticError, rates};

/// A made-up country: everybody who was registered in it from October 1994 to December 2022.
///
/// It holds no traps and no missing codes; those are planted when registers are written. Columns are made when asked for,
/// so that what is not asked for takes no memory.
///
/// # Complexity
/// About 260 bytes for each inhabitant of 2022, and 3.5 microseconds to make: 18 million take 70 seconds of one core.
#[derive(Debug, Clone)]
pub struct Country {
    pub(crate) settings: Settings,
    pub(crate) places: Places,
    pub(crate) communities: Vec<Settled>,
    keys: KeyRule,
    registered: u32,
}

/// A community with its place among all.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) chronicle: Chronicle,
    /// Place of each person in the registers, [`NONE`] for who never was in them.
    pub(crate) registered: Vec<u32>,
    pub(crate) first_household: u64,
    pub(crate) first_object: u64,
}

/// A shuffle of 0..size: every place gets another number, and numbers are dense.
#[derive(Debug, Clone, Copy)]
struct KeyRule {
    size: u64,
    factor: u64,
    offset: u64,
}

impl KeyRule {
    fn new(seed: u64, size: u32) -> Self {
        let size = u64::from(size.max(1));
        let mut random = Stream::new(seed, Purpose::Keys, 0);
        let offset = random.whole() % size;
        let mut factor = (random.whole() % size) | 1;
        while greatest_common_divisor(factor, size) != 1 {
            factor += 1;
        }
        Self { size, factor: factor % size.max(2), offset }
    }

    fn key(self, place: u32) -> PersonKey {
        let number = (u64::from(place) * self.factor + self.offset) % self.size + 1;
        let number = u32::try_from(number).expect("there are fewer than 2^32 persons");
        PersonKey::new(KeyClass::R, number).expect("there are fewer than 10^9 persons")
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Everybody in the registers. Columns are parallel.
#[derive(Debug, Clone, Default)]
pub struct Persons {
    /// The person; each occurs once.
    pub person: Vec<PersonKey>,
    /// Whether the person is a woman.
    pub woman: Vec<bool>,
    /// Day of birth.
    pub birth: Vec<Date>,
    /// Last day alive; `None` for who lives at the end of 2022.
    pub death: Vec<Option<Date>>,
    /// Whether the person was born abroad.
    pub foreign_born: Vec<bool>,
}

/// Children with the legal parents that the registers know. Columns are parallel.
///
/// There is a row for everybody born in the country from 1966 on, and for others of whom a parent is known.
#[derive(Debug, Clone, Default)]
pub struct ParentsOfChildren {
    /// The child; each occurs once.
    pub child: Vec<PersonKey>,
    /// The legal father.
    pub father: Vec<Option<PersonKey>>,
    /// The legal mother.
    pub mother: Vec<Option<PersonKey>>,
}

/// Who lived in which household, from day to day. Columns are parallel; stays of one person stand together, by day.
///
/// Any change of a household opens a new stay for all its members, but for institutions.
#[derive(Debug, Clone, Default)]
pub struct HouseholdStays {
    /// The person.
    pub person: Vec<PersonKey>,
    /// First and last day.
    pub spell: Vec<Spell>,
    /// Number of the household; what it means holds from the first day of the spell.
    pub household: Vec<u64>,
    /// Type, as code `TYPHH` has it: 1 single, 2 and 3 couple (unmarried, married), 4 and 5 with children, 6 one parent,
    /// 7 other, 8 institution.
    pub kind: Vec<u8>,
    /// Persons in the household; in an institution, residents when this one entered.
    pub members: Vec<u16>,
}

/// Who was registered at which address, from day to day. Columns are parallel; stays of one person stand together, by day.
#[derive(Debug, Clone, Default)]
pub struct AddressStays {
    /// The person.
    pub person: Vec<PersonKey>,
    /// First and last day.
    pub spell: Vec<Spell>,
    /// Number of the object, from 0; [`Country::objects`] says where it is.
    pub object: Vec<u32>,
}

/// What nobody observes, of everybody who was fifteen in the country and has a mother there. Columns are parallel.
#[derive(Debug, Clone, Default)]
pub struct Descendants {
    /// The person; `None` for who never was in the registers.
    pub person: Vec<Option<PersonKey>>,
    /// Standing `z`.
    pub standing: Vec<f64>,
    /// Standing of the parents together, `p`.
    pub parents: Vec<f64>,
    /// Outcome `y`.
    pub outcome: Vec<f64>,
    /// Municipality at fifteen, by place in [`Country::municipalities`].
    pub youth: Vec<usize>,
    /// Number of the family: equal for full siblings, and for them only.
    pub family: Vec<u64>,
}

impl Country {
    /// Makes a country up.
    ///
    /// # Errors
    /// [`SyntheticError`], for settings that cannot be.
    ///
    /// # Complexity
    /// Linear in inhabitants; with feature `rayon` on all cores, with the same result.
    ///
    /// # Examples
    /// ```
    /// use erflijn_synthetic::{Country, Settings};
    /// let country = Country::generate(&Settings { inhabitants: 2_000, ..Settings::default() })?;
    /// let people = country.persons();
    /// assert_eq!(people.person.len(), people.birth.len());
    /// assert_eq!(country.municipalities().len(), 22); // Groningen and Drenthe in the borders of 2021
    /// # Ok::<(), erflijn_synthetic::SyntheticError>(())
    /// ```
    pub fn generate(settings: &Settings) -> Result<Self, SyntheticError> {
        Self::generate_with(settings, &|_| {})
    }

    /// The same; `progress` is called after each community with the number of all.
    ///
    /// # Errors
    /// Those of [`Country::generate`].
    ///
    /// # Complexity
    /// That of [`Country::generate`].
    pub fn generate_with(
        settings: &Settings,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Self, SyntheticError> {
        settings.check()?;
        let places = Places::new(&settings.area, settings.inheritance.place)?;
        let plans = plans(settings, &places);
        let run = |(number, (home, founders)): (usize, &(u16, u32))| {
            let chronicle = Community::run(settings, &places, number as u64, *home, *founders);
            progress(plans.len());
            chronicle
        };
        #[cfg(feature = "rayon")]
        let chronicles: Vec<Chronicle> = {
            use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
            plans.par_iter().enumerate().map(run).collect()
        };
        #[cfg(not(feature = "rayon"))]
        let chronicles: Vec<Chronicle> = plans.iter().enumerate().map(run).collect();
        let (communities, registered) = settle(chronicles);
        let keys = KeyRule::new(settings.seed, registered);
        Ok(Self { settings: settings.clone(), places, communities, keys, registered })
    }

    /// The choices that it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its municipalities in the borders of 2021, ascending by code.
    #[must_use]
    pub fn municipalities(&self) -> &[Municipality] {
        &self.places.municipalities
    }

    /// Number of persons in the registers.
    #[must_use]
    pub fn registered(&self) -> u32 {
        self.registered
    }

    /// Everybody in the registers.
    #[must_use]
    pub fn persons(&self) -> Persons {
        let mut persons = Persons::default();
        for (community, person) in self.everybody() {
            let Some(key) = self.key(community, person) else { continue };
            let one = &community.chronicle.people[person as usize];
            persons.person.push(key);
            persons.woman.push(one.woman);
            persons.birth.push(calendar::date(one.birth));
            persons.death.push((one.death != ALIVE).then(|| calendar::date(one.death)));
            persons.foreign_born.push(one.foreign_born);
        }
        persons
    }

    /// Children with their legal parents, with the gaps of [`crate::ParentGaps`].
    #[must_use]
    pub fn parents(&self) -> ParentsOfChildren {
        let mut parents = ParentsOfChildren::default();
        let first_reliable = calendar::new_year(1966);
        let gaps = self.settings.gaps;
        for (number, community) in self.communities.iter().enumerate() {
            let mut random = Stream::new(self.settings.seed, Purpose::Gaps, number as u64);
            for (index, one) in community.chronicle.people.iter().enumerate() {
                let Some(child) = self.key(community, index as u32) else { continue };
                let gap = match (one.foreign_born, one.birth < first_reliable) {
                    (true, _) => gaps.foreign_born,
                    (false, true) => gaps.before_1966,
                    (false, false) => gaps.from_1966,
                };
                let [father, mother] = [one.father, one.mother].map(|parent| {
                    let known = !random.chance(gap) && parent != NONE;
                    known.then(|| self.key(community, parent)).flatten()
                });
                let expected = !one.foreign_born && one.birth >= first_reliable;
                if expected || father.is_some() || mother.is_some() {
                    parents.child.push(child);
                    parents.father.push(father);
                    parents.mother.push(mother);
                }
            }
        }
        parents
    }

    /// Who lived in which household.
    #[must_use]
    pub fn household_stays(&self) -> HouseholdStays {
        let mut stays = HouseholdStays::default();
        for community in &self.communities {
            for stay in &community.chronicle.households {
                stays.person.push(self.known_key(community, stay.person));
                stays.spell.push(spell(stay.start, stay.end));
                stays.household.push(community.first_household + u64::from(stay.household));
                stays.kind.push(stay.kind);
                stays.members.push(stay.members);
            }
        }
        stays
    }

    /// Who was registered at which address.
    ///
    /// # Panics
    /// When there are more than four thousand million objects.
    #[must_use]
    pub fn address_stays(&self) -> AddressStays {
        let mut stays = AddressStays::default();
        for community in &self.communities {
            for stay in &community.chronicle.addresses {
                stays.person.push(self.known_key(community, stay.person));
                stays.spell.push(spell(stay.start, stay.end));
                let object = community.first_object + u64::from(stay.object);
                stays.object.push(u32::try_from(object).expect("there are fewer than 2^32 objects"));
            }
        }
        stays
    }

    /// The municipality of every object in the borders of a year from 1995 to 2022; `None` for another year.
    #[must_use]
    pub fn objects(&self, border_year: i16) -> Option<Vec<MunicipalityCode>> {
        let districts = self.districts(border_year)?;
        Some(districts.into_iter().map(|district| district.municipality).collect())
    }

    /// The district (*wijk*) of every object in the borders of a year from 1995 to 2022; `None` for another year.
    ///
    /// Districts of the *Veenkoloniën* have their codes of 2014 as long as their municipality has its borders of then;
    /// others are made up in the same form, numbered from 0 within the municipality.
    #[must_use]
    pub fn districts(&self, border_year: i16) -> Option<Vec<DistrictCode>> {
        if !(FIRST_BORDERS..=LAST_BORDERS).contains(&border_year) {
            return None;
        }
        let year = usize::from((border_year - FIRST_BORDERS).unsigned_abs());
        let objects = self.communities.iter().flat_map(|community| &community.chronicle.objects);
        Some(objects.map(|land| self.places.lands[usize::from(*land)].codes[year]).collect())
    }

    /// What nobody observes, of everybody who was fifteen in the country and has a mother there.
    #[must_use]
    pub fn descendants(&self) -> Descendants {
        let mut all = Descendants::default();
        let mut before = 0;
        for community in &self.communities {
            let people = &community.chronicle.people;
            for (index, one) in people.iter().enumerate() {
                if one.youth == NOWHERE || one.mother == NONE {
                    continue;
                }
                all.person.push(self.key(community, index as u32));
                all.standing.push(f64::from(one.standing));
                all.parents.push(f64::from(one.parents));
                all.outcome.push(f64::from(one.outcome));
                all.youth.push(usize::from(one.youth));
                // Parents are told by their places; a child without legal father is a family of its own.
                let family = if one.father == NONE {
                    (before + index as u64) << 32 | u64::from(u32::MAX)
                } else {
                    (before + u64::from(one.mother)) << 32 | u64::from(one.father)
                };
                all.family.push(family);
            }
            before += people.len() as u64;
        }
        all
    }

    fn everybody(&self) -> impl Iterator<Item = (&Settled, u32)> {
        self.communities.iter().flat_map(|community| {
            (0..community.chronicle.people.len() as u32).map(move |one| (community, one))
        })
    }

    pub(crate) fn key(&self, community: &Settled, person: u32) -> Option<PersonKey> {
        let place = community.registered[person as usize];
        (place != NONE).then(|| self.keys.key(place))
    }

    /// The key of somebody who has a stay.
    pub(crate) fn known_key(&self, community: &Settled, person: u32) -> PersonKey {
        self.keys.key(community.registered[person as usize])
    }
}

/// Home and founders of each community: municipalities by published size, in communities of about two
/// thousand inhabitants at most.
fn plans(settings: &Settings, places: &Places) -> Vec<(u16, u32)> {
    const LARGEST: f64 = 2_000.0;
    let mut plans = Vec::new();
    for municipality in 0..places.municipalities.len() {
        let inhabitants = f64::from(settings.inhabitants) * places.share(municipality);
        let communities = (inhabitants / LARGEST).ceil().max(1.0);
        let founders = rates::founders(inhabitants / communities).round() as u32;
        plans.extend((0..communities as u32).map(|_| (municipality as u16, founders)));
    }
    plans
}

fn settle(chronicles: Vec<Chronicle>) -> (Vec<Settled>, u32) {
    let (mut registered, mut first_household, mut first_object) = (0, 0, 0);
    let mut communities = Vec::with_capacity(chronicles.len());
    for chronicle in chronicles {
        let mut places = vec![NONE; chronicle.people.len()];
        for stay in &chronicle.households {
            places[stay.person as usize] = 0;
        }
        for place in places.iter_mut().filter(|place| **place != NONE) {
            *place = registered;
            registered += 1;
        }
        let (households, objects) = (u64::from(chronicle.household_numbers), chronicle.objects.len() as u64);
        communities.push(Settled { chronicle, registered: places, first_household, first_object });
        first_household += households;
        first_object += objects;
    }
    (communities, registered)
}

fn spell(start: u16, end: u16) -> Spell {
    let first = calendar::registers_from();
    let date = |days: u16| calendar::date(first + Day::from(days));
    Spell::new(date(start), date(end)).expect("stays end on the day they start or later")
}
