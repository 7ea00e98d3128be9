//! What an event does. Each checks that it still can happen: since it was planned, others have.

use super::{Community, Event, NONE};
use crate::calendar::{self, Day};
use crate::rates;

/// Days from conception to birth, and the least between two births.
const PREGNANCY: Day = 270;
const BETWEEN_BIRTHS: Day = 330;

impl Community<'_> {
    pub(super) fn happen(&mut self, day: Day, event: Event) {
        match event {
            Event::Death(person) => self.die(person, day),
            Event::Birth(mother) => self.give_birth(mother, day),
            Event::Fifteen(person) => self.turn_fifteen(person),
            Event::Study(person) => self.start_study(person, day),
            Event::Graduation(person) => self.graduate(person, day),
            Event::Leaving(person) => self.leave_home(person, day),
            Event::Union(woman, man) => self.unite(woman, man, day),
            Event::Separation(woman) => self.separate(woman, day),
            Event::Move(head) => self.move_house(head, day),
            Event::Institution(person) => self.go_to_institution(person, day),
            Event::Emigration(person) => self.emigrate(person, day),
            Event::Return(person) => self.come_back(person, day),
            Event::Arrival => self.arrive(day),
        }
    }

    /// The last day alive is the day before `day`: on `day` the household is without.
    fn die(&mut self, person: u32, day: Day) {
        if self.people[person as usize].birth >= day {
            return;
        }
        self.people[person as usize].death = day - 1;
        let partner = std::mem::replace(&mut self.lives[person as usize].partner, NONE);
        if self.lives[person as usize].household != NONE {
            self.leave_with_partner_link(person, partner, day);
            self.end_address(person, day);
        }
        if partner != NONE {
            self.lives[partner as usize].partner = NONE;
        }
    }

    /// The stay that ends was one of a couple: the link is cut after it is written.
    fn leave_with_partner_link(&mut self, person: u32, partner: u32, day: Day) {
        self.lives[person as usize].partner = partner;
        self.leave(&[person], day);
        self.lives[person as usize].partner = NONE;
    }

    fn give_birth(&mut self, mother: u32, day: Day) {
        let life = &self.lives[mother as usize];
        let partner = life.partner;
        let age = self.age(mother, day);
        if !self.is_present(mother)
            || life.institution
            || day - life.last_birth < BETWEEN_BIRTHS
            || !(15..50).contains(&age)
        {
            return;
        }
        let mut father = NONE;
        if partner != NONE {
            if life.union_start > day - PREGNANCY || self.lives[partner as usize].household != life.household
            {
                return;
            }
            father = partner;
        }
        let household = life.household;
        self.lives[mother as usize].last_birth = day;
        let twins = self.random.chance(0.016);
        let mut children = vec![self.new_child(day, mother, father, false)];
        if twins {
            children.push(self.new_child(day, mother, father, false));
        }
        self.join(&children, household, day);
    }

    fn turn_fifteen(&mut self, person: u32) {
        if !self.is_present(person) || !self.people[person as usize].outcome.is_nan() {
            return;
        }
        let municipality = self.municipality_of(self.lives[person as usize].household);
        let (standing, parents) = (
            f64::from(self.people[person as usize].standing),
            f64::from(self.people[person as usize].parents),
        );
        let effect = self.places.municipalities[usize::from(municipality)].effect;
        let outcome = standing + effect - self.trap(parents);
        let person = &mut self.people[person as usize];
        (person.outcome, person.youth) = (outcome as f32, municipality);
    }

    /// Whether somebody lives in another's household, without a partner and without children there.
    fn is_grown_child_at_home(&self, person: u32) -> bool {
        let life = &self.lives[person as usize];
        self.is_present(person)
            && life.partner == NONE
            && !life.institution
            && self.households[life.household as usize].members[0] != person
    }

    fn start_study(&mut self, person: u32, day: Day) {
        if !self.is_grown_child_at_home(person) || self.with_dependants(person).len() > 1 {
            return;
        }
        self.leave(&[person], day);
        self.lives[person as usize].student = true;
        let years = 4 + self.random.below(3) as i16;
        self.lives[person as usize].graduation = calendar::date(day).year() + years;
        let object = self.object_in(self.places.largest);
        self.new_home(&[person], object, day);
    }

    fn graduate(&mut self, person: u32, day: Day) {
        if !self.is_present(person) || !self.lives[person as usize].student {
            return;
        }
        let municipality =
            if self.random.chance(0.4) { self.home } else { self.places.any(&mut self.random) };
        self.relocate(person, municipality, day);
    }

    fn leave_home(&mut self, person: u32, day: Day) {
        let resident = self.is_present(person) && self.lives[person as usize].institution;
        if resident || self.is_grown_child_at_home(person) {
            let group = self.with_dependants(person);
            let municipality = self.near(self.lives[person as usize].household);
            self.leave(&group, day);
            self.lives[person as usize].institution = false;
            let object = self.object_in(municipality);
            self.new_home(&group, object, day);
        }
    }

    /// The municipality of a household, or another.
    fn near(&mut self, household: u32) -> u16 {
        if self.random.chance(rates::MOVES_WITHIN) {
            self.municipality_of(household)
        } else {
            self.places.any(&mut self.random)
        }
    }

    fn unite(&mut self, woman: u32, man: u32, day: Day) {
        let is_free = |person: u32| {
            let life = &self.lives[person as usize];
            self.is_present(person) && life.partner == NONE && !life.institution
        };
        let household = |person: u32| self.lives[person as usize].household;
        if !is_free(woman) || !is_free(man) || household(woman) == household(man) {
            return;
        }
        let heads = |person: u32| {
            let home = &self.households[household(person) as usize];
            let own = home.members[0] == person && !self.lives[person as usize].student;
            if own { home.members.len() } else { 0 }
        };
        // Whoever has the larger household of their own stays; else both move.
        let (host, guest) = if heads(woman) >= heads(man) { (woman, man) } else { (man, woman) };
        let hosted = heads(host) > 0;
        let guests = self.with_dependants(guest);
        let (old, municipality) = (household(host), self.near(household(host)));
        self.leave(&guests, day);
        let home = if hosted {
            self.join(&guests, old, day);
            old
        } else {
            let mut group = self.with_dependants(host);
            self.leave(&group, day);
            group.extend(guests);
            let object = self.object_in(municipality);
            self.new_home(&group, object, day)
        };
        debug_assert_eq!(self.households[home as usize].members[0], host);
        let married = self.random.chance(rates::marriage(calendar::date(day).year()));
        for (person, other) in [(woman, man), (man, woman)] {
            let life = &mut self.lives[person as usize];
            (life.partner, life.union_start, life.married) = (other, day, married);
            life.family = f32::NAN;
            life.student = false;
        }
    }

    fn separate(&mut self, woman: u32, day: Day) {
        let man = self.lives[woman as usize].partner;
        if man == NONE || !self.is_present(woman) || !self.is_present(man) {
            return;
        }
        let household = self.lives[woman as usize].household;
        if self.lives[man as usize].household != household {
            return;
        }
        let (leaver, stayer) = if self.random.chance(0.6) { (man, woman) } else { (woman, man) };
        let children_leave = self.random.chance(if leaver == man { 0.2 } else { 0.8 });
        let municipality = self.near(household);
        let with_stayer = self.with_dependants(stayer);
        let mut group = self.with_dependants(leaver);
        group.retain(|member| *member == leaver || children_leave || !with_stayer.contains(member));
        self.leave(&group, day);
        for person in [woman, man] {
            let life = &mut self.lives[person as usize];
            (life.partner, life.married, life.family) = (NONE, false, f32::NAN);
        }
        let object = self.object_in(municipality);
        self.new_home(&group, object, day);
    }

    fn move_house(&mut self, head: u32, day: Day) {
        let life = &self.lives[head as usize];
        if self.is_present(head)
            && !life.institution
            && self.households[life.household as usize].members[0] == head
        {
            let municipality = self.near(life.household);
            self.relocate(head, municipality, day);
        }
    }

    /// A head's whole household moves.
    fn relocate(&mut self, head: u32, municipality: u16, day: Day) {
        let household = self.lives[head as usize].household;
        self.close(household, day);
        self.lives[head as usize].student = false;
        let object = self.object_in(municipality);
        let old = self.municipality_of(household);
        let home = &mut self.households[household as usize];
        let left = std::mem::replace(&mut home.object, object);
        home.start = day;
        self.vacant[usize::from(old)].push(left);
        let members = self.households[household as usize].members.clone();
        for person in members {
            self.enter_again(person, household, day);
        }
    }

    fn enter_again(&mut self, person: u32, household: u32, day: Day) {
        let object = self.households[household as usize].object;
        self.end_address(person, day);
        let life = &mut self.lives[person as usize];
        (life.object, life.address_start) = (object, day);
    }

    /// The partner stays behind and stays a partner.
    fn go_to_institution(&mut self, person: u32, day: Day) {
        if self.is_present(person) && !self.lives[person as usize].institution {
            let municipality = self.municipality_of(self.lives[person as usize].household);
            self.leave(&[person], day);
            self.enter_institution(person, municipality, day);
        }
    }

    fn emigrate(&mut self, person: u32, day: Day) {
        let life = &self.lives[person as usize];
        if !self.is_present(person)
            || life.partner != NONE
            || life.institution
            || self.with_dependants(person).len() > 1
        {
            return;
        }
        self.leave(&[person], day);
        self.end_address(person, day);
        self.lives[person as usize].student = false;
        if self.random.chance(0.5) {
            let years = 1 + self.random.below(4) as i16;
            self.lives[person as usize].returning = calendar::date(day).year() + years;
        }
    }

    fn come_back(&mut self, person: u32, day: Day) {
        let abroad = self.lives[person as usize].household == NONE;
        if abroad && self.people[person as usize].death == super::ALIVE {
            let object = self.object_in(self.home);
            self.new_home(&[person], object, day);
        }
    }

    /// One adult, or a couple with up to two children, from abroad.
    fn arrive(&mut self, day: Day) {
        let birth = day - 365 * 22 - self.random.below(365 * 16) as Day;
        let woman = self.random.chance(0.5);
        let first = self.new_stranger(birth, woman, true);
        let mut group = vec![first];
        if self.random.chance(0.4) {
            let apart = self.random.below(1_000) as Day - 500;
            let second = self.new_stranger(birth + apart, !woman, true);
            group.push(second);
            let married_since = day - 365 * 3;
            for (person, other) in [(first, second), (second, first)] {
                let life = &mut self.lives[person as usize];
                (life.partner, life.union_start, life.married) = (other, married_since, true);
            }
            let (mother, father) = if woman { (first, second) } else { (second, first) };
            let oldest = (self.age(mother, day) - 20).clamp(0, 12);
            if oldest > 4 && self.age(father, day) - oldest > 17 {
                // Two years and more apart.
                for number in 0..self.random.below(3) as Day {
                    let age = 365 * 3 * number + self.random.below(365) as Day;
                    group.push(self.new_child(day - 1 - age, mother, father, true));
                }
            }
            self.lives[mother as usize].last_birth = day;
        }
        let municipality = self.near_home();
        let object = self.object_in(municipality);
        self.new_home(&group, object, day);
    }

    fn near_home(&mut self) -> u16 {
        if self.random.chance(rates::MOVES_WITHIN) { self.home } else { self.places.any(&mut self.random) }
    }
}
