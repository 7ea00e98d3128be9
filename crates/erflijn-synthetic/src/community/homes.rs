//! Households and addresses, and the stays that registers keep of them.

use super::{AddressStay, Community, Household, HouseholdStay, NONE, Role};
use crate::calendar::Day;

const ADULT: i16 = 18;

impl Community<'_> {
    /// An empty object in a municipality, old or new.
    pub(super) fn object_in(&mut self, municipality: u16) -> u32 {
        if let Some(object) = self.vacant[usize::from(municipality)].pop() {
            return object;
        }
        let land = self.places.land_in(municipality, &mut self.random);
        self.objects.push(land);
        self.objects.len() as u32 - 1
    }

    pub(super) fn municipality_of(&self, household: u32) -> u16 {
        let object = self.households[household as usize].object;
        self.places.lands[usize::from(self.objects[object as usize])].municipality
    }

    /// A new household of people who left their old one, if they had any. Its head comes first.
    pub(super) fn new_home(&mut self, group: &[u32], object: u32, day: Day) -> u32 {
        let number = self.households.len() as u32;
        self.households.push(Household { members: group.to_vec(), start: day, object, residents: 0 });
        for person in group {
            self.enter(*person, number, day);
        }
        number
    }

    /// People who left their old household, if they had any, join another.
    pub(super) fn join(&mut self, group: &[u32], household: u32, day: Day) {
        self.close(household, day);
        let home = &mut self.households[household as usize];
        home.members.extend_from_slice(group);
        home.start = day;
        for person in group {
            self.enter(*person, household, day);
        }
    }

    fn enter(&mut self, person: u32, household: u32, day: Day) {
        let object = self.households[household as usize].object;
        let life = &mut self.lives[person as usize];
        life.household = household;
        if life.object != object {
            self.end_address(person, day);
            let life = &mut self.lives[person as usize];
            (life.object, life.address_start) = (object, day);
        }
    }

    /// Takes people out of their common household; whoever stays keeps the address.
    ///
    /// They have no household until they enter one; their address ends when they enter another, or by
    /// [`Self::end_address`].
    pub(super) fn leave(&mut self, group: &[u32], day: Day) {
        let household = self.lives[group[0] as usize].household;
        self.close(household, day);
        let home = &mut self.households[household as usize];
        let headless = group.contains(&home.members[0]);
        home.members.retain(|member| !group.contains(member));
        home.start = day;
        for person in group {
            self.lives[*person as usize].household = NONE;
        }
        if headless {
            self.settle(household, day);
        }
    }

    /// Gives a household that lost its head another, and finds homes for children left alone.
    fn settle(&mut self, household: u32, day: Day) {
        let home = &self.households[household as usize];
        if home.members.is_empty() {
            let resident = home.residents > 0;
            let municipality = usize::from(self.municipality_of(household));
            if resident {
                self.institutions[municipality].1 -= 1;
            } else {
                self.vacant[municipality].push(self.households[household as usize].object);
            }
            return;
        }
        let oldest =
            (0..home.members.len()).min_by_key(|index| self.people[home.members[*index] as usize].birth);
        let oldest = oldest.expect("the household has members");
        if self.age(home.members[oldest], day) >= ADULT {
            self.households[household as usize].members.swap(0, oldest);
        } else {
            self.shelter(household, day);
        }
    }

    /// Children without an adult go to a parent elsewhere, or to an institution.
    fn shelter(&mut self, household: u32, day: Day) {
        let children = std::mem::take(&mut self.households[household as usize].members);
        for child in &children {
            self.lives[*child as usize].household = NONE;
        }
        self.settle(household, day);
        for child in children {
            let person = &self.people[child as usize];
            let parents = [person.mother, person.father];
            let home = parents.into_iter().find_map(|parent| {
                let at_home = parent != NONE
                    && self.is_present(parent)
                    && !self.lives[parent as usize].institution
                    && self.households[self.lives[parent as usize].household as usize]
                        .members
                        .iter()
                        .any(|member| self.age(*member, day) >= ADULT);
                at_home.then(|| self.lives[parent as usize].household)
            });
            match home {
                Some(home) => self.join(&[child], home, day),
                None => self.enter_institution(child, self.home, day),
            }
        }
    }

    /// A household of its own for each resident, at the address of the institution.
    pub(super) fn enter_institution(&mut self, person: u32, municipality: u16, day: Day) {
        let (mut object, _) = self.institutions[usize::from(municipality)];
        if object == NONE {
            object = self.object_in(municipality);
        }
        let residents = self.institutions[usize::from(municipality)].1 + 1;
        self.institutions[usize::from(municipality)] = (object, residents);
        let number = self.new_home(&[person], object, day);
        self.households[number as usize].residents = residents;
        self.lives[person as usize].institution = true;
    }

    /// A person and those who go wherever the person goes: children without partner, and theirs.
    pub(super) fn with_dependants(&self, person: u32) -> Vec<u32> {
        let household = &self.households[self.lives[person as usize].household as usize];
        let mut group = vec![person];
        let mut grown = true;
        while grown {
            grown = false;
            for member in &household.members {
                let Self { people, lives, .. } = self;
                let born = &people[*member as usize];
                if !group.contains(member)
                    && lives[*member as usize].partner == NONE
                    && (group.contains(&born.mother) || group.contains(&born.father))
                {
                    group.push(*member);
                    grown = true;
                }
            }
        }
        group
    }

    /// The head's partner, when in the same household.
    fn partner_in(&self, household: u32) -> u32 {
        let head = self.households[household as usize].members[0];
        let partner = self.lives[head as usize].partner;
        if partner != NONE && self.lives[partner as usize].household == household { partner } else { NONE }
    }

    /// Writes the stays that end on the day before `day`, because the household changes.
    pub(super) fn close(&mut self, household: u32, day: Day) {
        let home = &self.households[household as usize];
        if home.members.is_empty() || day <= self.registers_from || home.start >= day {
            return;
        }
        let (start, end) = (since(home.start, self.registers_from), since(day - 1, self.registers_from));
        let head = home.members[0];
        let partner = self.partner_in(household);
        let role = |member: u32| {
            let person = &self.people[member as usize];
            let parent = |parent: u32| parent != NONE && (parent == head || parent == partner);
            if home.residents > 0 {
                Role::Resident
            } else if member == head {
                Role::Head
            } else if member == partner {
                Role::Partner
            } else if parent(person.mother) || parent(person.father) {
                Role::Child
            } else {
                Role::Other
            }
        };
        let count = |wanted: Role| home.members.iter().filter(|member| role(**member) == wanted).count();
        let (children, others) = (count(Role::Child), count(Role::Other));
        let married = self.lives[head as usize].married;
        let kind = match (home.residents > 0, partner != NONE, children > 0) {
            (true, ..) => 8,
            (_, true, true) => 4 + u8::from(married),
            (_, true, false) => 2 + u8::from(married),
            (_, false, true) => 6,
            (..) if home.members.len() == 1 => 1,
            _ => 7,
        };
        let few = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let members = if home.residents > 0 {
            home.residents
        } else {
            u16::try_from(home.members.len()).unwrap_or(u16::MAX)
        };
        let stays = home.members.iter().map(|person| HouseholdStay {
            person: *person,
            household,
            start,
            end,
            members,
            children: few(children),
            others: few(others),
            kind,
            role: role(*person),
            student: self.lives[head as usize].student,
        });
        self.household_stays.extend(stays);
    }

    /// Writes the stay at the present address, which ends on the day before `day`.
    pub(super) fn end_address(&mut self, person: u32, day: Day) {
        let life = &mut self.lives[person as usize];
        let (object, start) = (life.object, life.address_start);
        life.object = NONE;
        if object != NONE && start < day && day > self.registers_from {
            let (start, end) = (since(start, self.registers_from), since(day - 1, self.registers_from));
            self.address_stays.push(AddressStay { person, object, start, end });
        }
    }
}

/// Days since the start of the registers; what began earlier began then.
fn since(day: Day, start: Day) -> u16 {
    u16::try_from((day - start).max(0)).expect("28 years are fewer than 65536 days")
}
