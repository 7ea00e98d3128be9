use erflijn_core::PersonKey;

use crate::{Kinship, Lineage};

/// Which of its parents a child lives with at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Home {
    /// Lives with the legal father.
    pub father: bool,
    /// Lives with the legal mother.
    pub mother: bool,
    /// Those who by their age may be the partner of the one parent at home, in the order of keys. More
    /// than one means that it cannot be told who is.
    pub step_parents: Vec<PersonKey>,
}

/// Who among the members of a child's household may be a step-parent.
///
/// By co-residence: the child lives with exactly one legal parent, and the member is no legal parent, no
/// relative by blood of the child, old enough, and not too far in age from the parent at home. Registers
/// that tell the place in the household know better; then leave this out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepParentRule {
    /// Calendar years that a step-parent must be older than the child.
    pub years_older: i16,
    /// Calendar years that a step-parent and the parent at home may lie apart.
    pub years_apart: i16,
    /// Generations within which a common ancestor makes a relative: 2 leaves out siblings, grandparents,
    /// uncles, aunts and cousins.
    pub generations: u8,
}

impl Default for StepParentRule {
    /// Fifteen years older than the child, within twenty years of the parent, no relative over two
    /// generations.
    fn default() -> Self {
        Self { years_older: 15, years_apart: 20, generations: 2 }
    }
}

impl Home {
    /// The home of a child whose household has these `members`, the child among them or not.
    ///
    /// # Units
    /// `birth_year` gives calendar years; a member of unknown birth year is no step-parent.
    ///
    /// # Examples
    /// ```
    /// use erflijn_core::{KeyClass, PersonKey};
    /// use erflijn_linkage::{Home, Kinship, Parentage, PlausibleAges, StepParentRule};
    ///
    /// let key = |number| PersonKey::new(KeyClass::R, number).expect("nine digits");
    /// let [child, mother, partner, grandmother] = [1, 2, 3, 4].map(key);
    /// let parentage = Parentage::new(&[child, mother], &[None, None], &[Some(mother), Some(grandmother)])?;
    /// let born = |person: PersonKey| [1990, 1962, 1960, 1938].get(person.number() as usize - 1).copied();
    /// let kinship = Kinship::new(&parentage, &PlausibleAges::default(), born);
    ///
    /// let members = [child, mother, partner, grandmother];
    /// let home = Home::new(child, &members, &kinship, StepParentRule::default(), born);
    /// assert_eq!(home, Home { father: false, mother: true, step_parents: vec![partner] });
    /// # Ok::<(), erflijn_linkage::LinkageError>(())
    /// ```
    #[must_use]
    pub fn new(
        child: PersonKey,
        members: &[PersonKey],
        kinship: &Kinship,
        rule: StepParentRule,
        birth_year: impl Fn(PersonKey) -> Option<i16>,
    ) -> Self {
        let lineage = kinship.lineage(child);
        let is_there = |parent: Option<PersonKey>| parent.is_some_and(|parent| members.contains(&parent));
        let (father, mother) = (is_there(lineage.father), is_there(lineage.mother));
        let parent = match (father, mother) {
            (true, false) => lineage.father,
            (false, true) => lineage.mother,
            _ => None,
        };
        let may_be = |member: PersonKey, parent: PersonKey| {
            let years_before = |other: PersonKey| {
                birth_year(other).zip(birth_year(member)).map(|(o, m)| o.saturating_sub(m))
            };
            member != child
                && !is_parent(&lineage, member)
                && years_before(child).is_some_and(|years| years >= rule.years_older)
                && years_before(parent).is_some_and(|years| years.saturating_abs() <= rule.years_apart)
                && !kinship.are_related(child, member, rule.generations)
        };
        let mut step_parents: Vec<_> = parent
            .into_iter()
            .flat_map(|parent| members.iter().copied().filter(move |member| may_be(*member, parent)))
            .collect();
        step_parents.sort_unstable();
        step_parents.dedup();
        Self { father, mother, step_parents }
    }

    /// Legal parents at home: 0, 1 or 2.
    #[must_use]
    pub fn parents(&self) -> u8 {
        u8::from(self.father) + u8::from(self.mother)
    }
}

fn is_parent(lineage: &Lineage, member: PersonKey) -> bool {
    lineage.father == Some(member) || lineage.mother == Some(member)
}

/// In how many years of childhood a child lived with whom. The years sum to those that were asked about.
///
/// # Units
/// Years, each measured at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParentYears {
    /// With father and mother.
    pub two: u32,
    /// With one of them, and nobody who may be a step-parent.
    pub one: u32,
    /// With one of them and one step-parent.
    pub one_and_step: u32,
    /// With one of them and several who may be a step-parent.
    pub one_and_unclear: u32,
    /// With neither.
    pub neither: u32,
    /// Not in the register at that moment, or its household is not.
    pub unknown: u32,
}

impl ParentYears {
    /// Counts the years of a childhood.
    ///
    /// # Examples
    /// ```
    /// use erflijn_linkage::{Home, ParentYears};
    ///
    /// let with = |father, mother| Some(Home { father, mother, step_parents: Vec::new() });
    /// let years = ParentYears::new([with(true, true), with(false, true), None].into_iter());
    /// assert_eq!((years.two, years.one, years.unknown, years.asked()), (1, 1, 1, 3));
    /// ```
    #[must_use]
    pub fn new(homes: impl Iterator<Item = Option<Home>>) -> Self {
        let mut years = Self::default();
        for home in homes {
            let count = match home.map(|home| (home.parents(), home.step_parents.len())) {
                None => &mut years.unknown,
                Some((0, _)) => &mut years.neither,
                Some((1, 0)) => &mut years.one,
                Some((1, 1)) => &mut years.one_and_step,
                Some((1, _)) => &mut years.one_and_unclear,
                Some(_) => &mut years.two,
            };
            *count += 1;
        }
        years
    }

    /// All years that were asked about.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.two + self.one + self.one_and_step + self.one_and_unclear + self.neither + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parentage, PlausibleAges};
    use erflijn_core::KeyClass;

    fn key(number: u32) -> PersonKey {
        PersonKey::new(KeyClass::R, number).unwrap()
    }

    /// 1 is the child, 2 the father, 3 the mother, 4 a brother of the mother by 5 and 6, 7 a half sister of
    /// the child by the mother; 8, 9 and 10 are no relatives.
    fn born(person: PersonKey) -> Option<i16> {
        match person.number() {
            1 => Some(1990),
            2 | 3 => Some(1960),
            4 => Some(1965),
            5 | 6 => Some(1935),
            7 => Some(1974),
            8 => Some(1958),
            9 => Some(1976),
            _ => None,
        }
    }

    fn home(members: &[u32]) -> Home {
        let child = [1, 3, 4, 7].map(key);
        let father = [Some(2), Some(5), Some(5), None].map(|father| father.map(key));
        let mother = [Some(3), Some(6), Some(6), Some(3)].map(|mother| mother.map(key));
        let parentage = Parentage::new(&child, &father, &mother).unwrap();
        let kinship = Kinship::new(&parentage, &PlausibleAges::default(), born);
        let members: Vec<_> = members.iter().map(|number| key(*number)).collect();
        Home::new(key(1), &members, &kinship, StepParentRule::default(), born)
    }

    fn step_parents(members: &[u32]) -> Vec<u32> {
        home(members).step_parents.into_iter().map(PersonKey::number).collect()
    }

    #[test]
    fn relatives_and_the_young_are_no_step_parents() {
        assert_eq!(step_parents(&[1, 3, 8]), [8]);
        assert_eq!(step_parents(&[1, 3, 4]), [0; 0], "an uncle");
        assert_eq!(step_parents(&[1, 3, 5, 6]), [0; 0], "grandparents");
        assert_eq!(step_parents(&[1, 3, 7]), [0; 0], "a half sister sixteen years older");
        assert_eq!(step_parents(&[1, 3, 9]), [0; 0], "fourteen years older than the child");
        assert_eq!(step_parents(&[1, 3, 10]), [0; 0], "of unknown age");
        assert_eq!(
            step_parents(&[1, 2, 4, 8, 8]),
            [8],
            "the uncle by the mother is no stranger to the child"
        );
    }

    #[test]
    fn only_one_parent_at_home_makes_room_for_a_step_parent() {
        assert_eq!(home(&[1, 2, 3, 8]), Home { father: true, mother: true, step_parents: vec![] });
        assert_eq!(home(&[1, 8]), Home::default(), "with others");
        assert_eq!(home(&[]).parents(), 0);
    }

    #[test]
    fn every_year_is_counted_once() {
        let homes =
            [&[1, 2, 3][..], &[1, 2], &[1, 3, 8], &[1, 3, 8, 2], &[1, 8], &[1]].map(|m| Some(home(m)));
        let several = Home { father: true, mother: false, step_parents: vec![key(8), key(9)] };
        let years = ParentYears::new(homes.into_iter().chain([None, Some(several)]));
        let expected =
            ParentYears { two: 2, one: 1, one_and_step: 1, one_and_unclear: 1, neither: 2, unknown: 1 };
        assert_eq!(years, expected);
        assert_eq!(years.asked(), 8);
    }
}
