//! What may happen in a year: each event of life is drawn for each living person, and gets a day.

use super::{Community, Event, NONE};
use crate::calendar::{self, Day};
use crate::rates::{self, YearRates};

impl Community<'_> {
    pub(super) fn plan(&mut self, year: i16) {
        let start = calendar::new_year(year);
        let length = calendar::new_year(year + 1) - start;
        let rates = YearRates::new(year);
        let (mut women, mut men) = (Vec::new(), Vec::new());
        for index in 0..self.living.len() {
            let person = self.living[index];
            let age = self.age(person, start);
            if self.random.chance(rates.death(age)) {
                self.at(start, length, Event::Death(person));
            }
            // Age is by days of a mean year: one more and one less are looked at.
            if (13..=15).contains(&age) {
                let birth = calendar::date(self.people[person as usize].birth);
                if year - birth.year() == 15 {
                    let day = calendar::day(erflijn_core::birthday(birth, 15));
                    self.agenda.push((day, Event::Fifteen(person)));
                }
            }
            if age < 15 {
                continue;
            }
            if self.lives[person as usize].household == NONE {
                if self.lives[person as usize].returning == year {
                    self.at(start, length, Event::Return(person));
                }
                continue;
            }
            self.plan_family(&rates, person, age, year, start, length);
            if age >= 18 {
                self.plan_home(person, age, year, start, length);
            }
            let free =
                self.lives[person as usize].partner == NONE && !self.lives[person as usize].institution;
            if free && self.random.chance(rates::partner(age)) {
                // Men are some years older than their partners; the noise keeps pairs from being of one age.
                let born = f64::from(self.people[person as usize].birth) + 1_100.0 * self.random.normal();
                if self.people[person as usize].woman {
                    women.push((born, person));
                } else {
                    men.push((born + 900.0, person));
                }
            }
        }
        self.plan_unions(women, men, start, length);
        self.plan_arrivals(year, start, length);
    }

    fn at(&mut self, start: Day, length: Day, event: Event) {
        let day = start + self.random.below(length as u32) as Day;
        self.agenda.push((day, event));
    }

    fn plan_family(&mut self, rates: &YearRates, person: u32, age: i16, year: i16, start: Day, length: Day) {
        let life = &self.lives[person as usize];
        let (has_partner, together) = (life.partner != NONE, life.union_start);
        if !self.people[person as usize].woman {
            return;
        }
        let births = self.settings.demography.births;
        if self.random.chance(births * rates.birth(age, has_partner)) {
            self.at(start, length, Event::Birth(person));
        }
        if has_partner {
            let years = ((start - together) / 365) as i16;
            let rate = self.settings.demography.separation * rates::separation(years, year);
            if self.random.chance(rate) {
                self.at(start, length, Event::Separation(person));
            }
        }
    }

    fn plan_home(&mut self, person: u32, age: i16, year: i16, start: Day, length: Day) {
        let life = &self.lives[person as usize];
        if life.institution {
            // Who came as a child goes when grown.
            if age < 60 && self.random.chance(0.5) {
                self.at(start, length, Event::Leaving(person));
            }
            return;
        }
        let (student, graduation, partner) = (life.student, life.graduation, life.partner);
        let home = &self.households[life.household as usize];
        let is_head = home.members[0] == person;
        let demography = self.settings.demography;
        if student {
            if graduation <= year {
                self.at(start, length, Event::Graduation(person));
            }
            return;
        }
        if !is_head && partner == NONE {
            if age == 18 && self.random.chance(demography.students) {
                // The academic year starts in September.
                let september =
                    calendar::day(erflijn_core::Date::constant(2001, 9, 1)) - calendar::new_year(2001);
                self.agenda.push((start + september, Event::Study(person)));
            } else if self.random.chance(rates::leaving(age)) {
                self.at(start, length, Event::Leaving(person));
            }
        }
        if is_head && self.random.chance(demography.moves * rates::moving(age)) {
            self.at(start, length, Event::Move(person));
        }
        if self.random.chance(rates::institution(age)) {
            self.at(start, length, Event::Institution(person));
        }
        if partner == NONE && self.random.chance(demography.migration * rates::emigration(age)) {
            self.at(start, length, Event::Emigration(person));
        }
    }

    /// Pairs women and men in the order of their ages.
    fn plan_unions(&mut self, mut women: Vec<(f64, u32)>, mut men: Vec<(f64, u32)>, start: Day, length: Day) {
        women.sort_by(|a, b| a.0.total_cmp(&b.0));
        men.sort_by(|a, b| a.0.total_cmp(&b.0));
        // Where one sex is more numerous, those left over are spread over all ages.
        let pairs = women.len().min(men.len());
        for pair in 0..pairs {
            let of = |people: &[(f64, u32)]| people[pair * people.len() / pairs].1;
            let (woman, man) = (of(&women), of(&men));
            let apart = (self.people[woman as usize].birth - self.people[man as usize].birth).abs();
            if apart < 365 * 18 && !self.are_kin(woman, man) {
                self.at(start, length, Event::Union(woman, man));
            }
        }
    }

    /// Whether two people share a parent or grandparent, or one is the other's parent or grandparent.
    fn are_kin(&self, one: u32, other: u32) -> bool {
        let parents = |person: u32| {
            let person = &self.people[person as usize];
            [person.mother, person.father]
        };
        let line = |person: u32| {
            let mut line = [person, NONE, NONE, NONE, NONE, NONE, NONE];
            [line[1], line[2]] = parents(person);
            for (place, parent) in [(3, line[1]), (5, line[2])] {
                if parent != NONE {
                    [line[place], line[place + 1]] = parents(parent);
                }
            }
            line
        };
        let (one, other) = (line(one), line(other));
        one.iter().any(|ancestor| *ancestor != NONE && other.contains(ancestor))
    }

    fn plan_arrivals(&mut self, year: i16, start: Day, length: Day) {
        let expected =
            self.settings.demography.migration * rates::immigration(year) * self.living.len() as f64;
        let whole = expected.floor();
        let arrivals = whole as u32 + u32::from(self.random.chance(expected - whole));
        for _ in 0..arrivals {
            self.at(start, length, Event::Arrival);
        }
    }
}
