use std::collections::BTreeMap;
use std::fmt::{self, Display};

use anyhow::{Context, Result};
use erflijn::core::Interval;
use erflijn::disclosure::rules::minimum_units;
use erflijn::disclosure::{
    BothSides, CellId, Cleared, DisclosureReport, Outcome, Profile, Publication, Released, Rule, Verdict,
    ZeroCells,
};
use erflijn::report::Cell;

/// The way out of the programs: counts of groups of people, the same measures `M` of each group, and how they
/// hang together. What rests on them leaves through [`Opened`] only.
///
/// A count is published or not. One that is not published may be known all the same, as the difference of two that are;
/// when it is small the gate hides as much of the others as it takes.
#[derive(Debug)]
pub struct Gate<'a, M> {
    profile: &'a Profile,
    publication: Publication,
    groups: Vec<Group<M>>,
}

/// A group of people of a [`Gate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(usize);

#[derive(Debug, Clone)]
struct Group<M> {
    name: String,
    counts: BTreeMap<M, Count>,
}

#[derive(Clone, Copy)]
struct Count {
    people: u64,
    /// None for what everybody knows.
    cell: Option<CellId>,
    purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Published,
    /// Not published, but may not follow from what is.
    Unpublished,
    /// The same, of other counts of its group: where they add up, so does it.
    MadeUp,
}

impl fmt::Debug for Count {
    /// Without the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Count")
    }
}

impl<'a, M: Copy + Ord + Display> Gate<'a, M> {
    /// Nobody yet.
    #[must_use]
    pub fn new(profile: &'a Profile) -> Self {
        Self { profile, publication: Publication::new(), groups: Vec::new() }
    }

    /// A group without counts.
    pub fn group(&mut self, name: impl Into<String>) -> GroupId {
        self.groups.push(Group { name: name.into(), counts: BTreeMap::new() });
        GroupId(self.groups.len() - 1)
    }

    /// Adds a count on which published numbers rest. One that was added before stays the same cell.
    pub fn count(&mut self, group: GroupId, measure: impl Into<M>, people: u64) {
        self.add(group, measure.into(), people, Purpose::Published);
    }

    /// Adds a count that is not published, but that may not follow from what is.
    pub fn unpublished(&mut self, group: GroupId, measure: impl Into<M>, people: u64) {
        self.add(group, measure.into(), people, Purpose::Unpublished);
    }

    /// Adds a count that is not published either, but is the sum of others of the same group.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn made_up(
        &mut self,
        group: GroupId,
        measure: impl Into<M>,
        parts: &[impl Into<M> + Copy],
    ) -> Result<()> {
        let measure = measure.into();
        let people = parts.iter().map(|part| Ok(self.get(group, (*part).into())?.people));
        let people = people.sum::<Result<u64>>()?;
        self.add(group, measure, people, Purpose::MadeUp);
        self.adds_up(group, measure, parts)
    }

    fn add(&mut self, group: GroupId, measure: M, people: u64, purpose: Purpose) {
        let name = self.name(group, measure);
        let (publication, counts) = (&mut self.publication, &mut self.groups[group.0].counts);
        let count = counts.entry(measure).or_insert_with(|| {
            let cell = match purpose {
                Purpose::Published => publication.count(&name, people),
                Purpose::Unpublished | Purpose::MadeUp => publication.unpublished_alone(&name, people),
            };
            Count { people, cell: Some(cell), purpose }
        });
        debug_assert_eq!((count.people, count.purpose), (people, purpose), "{name} is counted in two ways");
    }

    /// Adds a count of nobody that everybody knows: it can be nobody by construction.
    pub fn nobody(&mut self, group: GroupId, measure: impl Into<M>) {
        self.groups[group.0]
            .counts
            .insert(measure.into(), Count { people: 0, cell: None, purpose: Purpose::Published });
    }

    /// Says that a share of this count is published, so that those in it and those outside it must be enough.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn side_of_share(&mut self, group: GroupId, measure: impl Into<M>) -> Result<()> {
        let rules = self.profile.rules();
        let count = self.get(group, measure.into())?;
        if let (BothSides::Required, Some(cell)) = (rules.both_sides, count.cell) {
            let verdict = minimum_units(count.people, rules.minimum_units, ZeroCells::Sensitive);
            self.publication.verdict(cell, Verdict { rule: Rule::BothSides, ..verdict })?;
        }
        Ok(())
    }

    /// Says that the first of these counts, the people with an attribute, may not be nearly all of those in any of them.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn attribute(&mut self, group: GroupId, measures: &[M]) -> Result<()> {
        let Some(most) = self.profile.rules().group_disclosure else { return Ok(()) };
        let counts = measures.iter().map(|measure| self.get(group, *measure)).collect::<Result<Vec<_>>>()?;
        let all: u64 = counts.iter().map(|count| count.people).sum();
        if all > 0 && counts[0].people as f64 / all as f64 >= most {
            self.line(group, measures)?;
        }
        Ok(())
    }

    /// Says that counts are the classes of one line of a table: none may be nearly all of it.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn line(&mut self, group: GroupId, measures: &[impl Into<M> + Copy]) -> Result<()> {
        let cells = self.cells(group, measures)?;
        Ok(self.publication.line(&cells)?)
    }

    /// Says that a count of a group is the sum of others of the same group.
    ///
    /// # Errors
    /// A count that was not added; counts that do not add up.
    pub fn adds_up(
        &mut self,
        group: GroupId,
        total: impl Into<M>,
        parts: &[impl Into<M> + Copy],
    ) -> Result<()> {
        let parts: Vec<(GroupId, M)> = parts.iter().map(|part| (group, (*part).into())).collect();
        self.adds_up_across((group, total.into()), &parts)
    }

    /// Says that a count of one group is the sum of counts of others.
    ///
    /// # Errors
    /// A count that was not added; counts that do not add up.
    pub fn adds_up_across(&mut self, total: (GroupId, M), parts: &[(GroupId, M)]) -> Result<()> {
        let parts = parts.iter().map(|(group, measure)| Ok(self.get(*group, *measure)?.cell));
        let parts: Vec<CellId> = parts.filter_map(Result::transpose).collect::<Result<_>>()?;
        match self.get(total.0, total.1)?.cell {
            Some(total) => Ok(self.publication.sum(total, &parts)?),
            None => Ok(()),
        }
    }

    /// Says that these people of a group may not follow together where they are few.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn together(&mut self, group: GroupId, measures: &[impl Into<M> + Copy]) -> Result<()> {
        let cells = self.cells(group, measures)?;
        Ok(self.publication.together(&cells)?)
    }

    /// Says so of [every set](sets_of_several) of these counts.
    ///
    /// # Errors
    /// A count that was not added.
    pub fn together_in_any_set(&mut self, group: GroupId, measures: &[M]) -> Result<()> {
        sets_of_several(measures).try_for_each(|set| self.together(group, &set))
    }

    /// Adds what parts leave of a whole, as a count that is not published.
    ///
    /// # Errors
    /// A count that was not added; parts that are more than the whole.
    pub fn leaves(&mut self, whole: (GroupId, M), parts: &[(GroupId, M)], rest: (GroupId, M)) -> Result<()> {
        let people = |(group, measure): &(GroupId, M)| Ok(self.get(*group, *measure)?.people);
        let told = parts.iter().map(people).sum::<Result<u64>>()?;
        let left = people(&whole)?.checked_sub(told).context("parts are more than their whole")?;
        self.unpublished(rest.0, rest.1, left);
        self.adds_up_across(whole, &[parts, &[rest]].concat())
    }

    /// Says that a group is made up of others: each count that all of them have adds up, published or not.
    ///
    /// # Errors
    /// Counts that do not add up.
    pub fn made_up_of(&mut self, whole: GroupId, parts: &[GroupId]) -> Result<()> {
        let adds_up = |group: &GroupId, measure: &M| {
            let count = self.groups[group.0].counts.get(measure);
            count.is_some_and(|count| count.purpose != Purpose::MadeUp)
        };
        let shared =
            |measure: &M| adds_up(&whole, measure) && parts.iter().all(|part| adds_up(part, measure));
        let measures: Vec<M> =
            self.groups[whole.0].counts.keys().copied().filter(|measure| shared(measure)).collect();
        for measure in measures {
            let parts: Vec<CellId> =
                parts.iter().filter_map(|part| self.groups[part.0].counts[&measure].cell).collect();
            if let Some(total) = self.get(whole, measure)?.cell {
                self.publication.sum(total, &parts)?;
            }
        }
        Ok(())
    }

    /// Applies the profile to everything at once.
    ///
    /// # Errors
    /// Small counts that cannot be protected.
    pub fn open(self) -> Result<Opened<M>> {
        let cleared = self.publication.clear(self.profile).context("disclosure control")?;
        let everything = self.profile.rules().minimum_units == 1;
        Ok(Opened { cleared, groups: self.groups, least_free: u64::from(everything) })
    }

    fn name(&self, group: GroupId, measure: M) -> String {
        format!("{}: {measure}", self.groups[group.0].name)
    }

    fn get(&self, group: GroupId, measure: M) -> Result<Count> {
        let found = self.groups[group.0].counts.get(&measure).copied();
        found.with_context(|| format!("{} was not counted", self.name(group, measure)))
    }

    /// Without those that everybody knows.
    fn cells(&self, group: GroupId, measures: &[impl Into<M> + Copy]) -> Result<Vec<CellId>> {
        let cells = measures.iter().map(|measure| Ok(self.get(group, (*measure).into())?.cell));
        cells.filter_map(Result::transpose).collect()
    }
}

/// Every set of two and more; of more than nine, which have too many, every set of two and three.
pub fn sets_of_several<T: Copy>(of: &[T]) -> impl Iterator<Item = Vec<T>> {
    let most = if of.len() > 9 { 3 } else { 9 };
    let sets = (1_u32..1 << of.len()).filter(move |set| (2..=most).contains(&set.count_ones()));
    sets.map(|set| (0..of.len()).filter(|at| set >> at & 1 == 1).map(|at| of[at]).collect())
}

/// A [`Gate`] after the profile was applied.
#[derive(Debug, Clone)]
pub struct Opened<M> {
    cleared: Cleared,
    groups: Vec<Group<M>>,
    /// 1 where everything may be shown, which no profile says of models: 0 degrees of freedom are too few for all.
    least_free: u64,
}

impl<M: Copy + Ord + Display> Opened<M> {
    /// A count, if it may be shown.
    ///
    /// # Errors
    /// A count that was not added as published.
    pub fn count(&self, group: GroupId, measure: impl Into<M>) -> Result<Cell> {
        let Count { people, cell, .. } = self.published(group, measure.into())?;
        Ok(Cell::Count(cell.map_or_else(|| Released::public(people), |cell| self.cleared.count(cell))))
    }

    /// What numbers rest on that take all these counts of a group.
    ///
    /// # Errors
    /// A count that was not added as published.
    pub fn basis(&self, group: GroupId, rests_on: &[impl Into<M> + Copy]) -> Result<Basis<'_>> {
        self.joint_basis(&[group], rests_on)
    }

    /// What numbers rest on that take all these counts of several groups, such as the mean of areas.
    ///
    /// # Errors
    /// A count that was not added as published.
    pub fn joint_basis(&self, groups: &[GroupId], rests_on: &[impl Into<M> + Copy]) -> Result<Basis<'_>> {
        let mut counts = Vec::new();
        for group in groups {
            for measure in rests_on {
                counts.push(self.published(*group, (*measure).into())?);
            }
        }
        Ok(Basis {
            cleared: &self.cleared,
            cells: counts.iter().filter_map(|count| count.cell).collect(),
            people: counts.iter().map(|count| count.people).sum(),
            parameters: None,
            least_free: self.least_free,
        })
    }

    /// Why each count may be shown, or not.
    #[must_use]
    pub fn report(&self) -> &DisclosureReport {
        self.cleared.report()
    }

    fn published(&self, group: GroupId, measure: M) -> Result<Count> {
        let Group { name, counts } = &self.groups[group.0];
        let count = counts.get(&measure).filter(|count| count.purpose == Purpose::Published);
        count.copied().with_context(|| format!("{name}: {measure} is not published"))
    }
}

/// Counts that numbers rest on: a number is shown if all of them may be, and undefined where it does not exist.
#[derive(Clone)]
pub struct Basis<'a> {
    cleared: &'a Cleared,
    cells: Vec<CellId>,
    people: u64,
    parameters: Option<u64>,
    least_free: u64,
}

impl fmt::Debug for Basis<'_> {
    /// Without numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Basis of {} counts", self.cells.len())
    }
}

impl Basis<'_> {
    /// The same for a model with so many parameters.
    #[must_use]
    pub fn model(mut self, parameters: u64) -> Self {
        self.parameters = Some(self.parameters.unwrap_or_default() + parameters);
        self
    }

    /// Whether numbers that rest on these counts may be shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.people > 0 && matches!(self.tell(Some(())).outcome(), Outcome::Shown(()))
    }

    /// Any number, if there is one; of nobody there is none.
    #[must_use]
    pub fn tell<T>(&self, value: Option<T>) -> Released<T> {
        let free = match self.parameters {
            // Nobody leaves nothing to estimate, and no degrees of freedom to ask for.
            Some(parameters) if self.people > 0 => {
                self.people.saturating_sub(parameters).max(self.least_free)
            }
            _ => u64::MAX,
        };
        let value = value.filter(|_| self.people > 0);
        self.cleared.statistic(value, &self.cells, free).flatten()
    }

    /// A number that is worked out only if it may be shown, and if there is somebody.
    ///
    /// # Errors
    /// Those of the work.
    pub fn work_out<T>(&self, work: impl FnOnce() -> Result<Option<T>>) -> Result<Released<T>> {
        Ok(self.tell(if self.is_shown() && self.people > 0 { work()? } else { None }))
    }

    /// People.
    #[must_use]
    pub fn count(&self, people: u64) -> Cell {
        Cell::Count(self.cleared.statistic(people, &self.cells, u64::MAX))
    }

    /// A share of 1.
    pub fn share(&self, share: impl Into<Option<f64>>) -> Cell {
        Cell::Share(self.tell(share.into()))
    }

    /// Its interval.
    pub fn share_interval(&self, interval: impl Into<Option<Interval>>) -> Cell {
        Cell::ShareInterval(self.tell(interval.into()))
    }

    /// Any other number.
    pub fn number(&self, number: impl Into<Option<f64>>) -> Cell {
        Cell::Number(self.tell(number.into()))
    }

    /// Its interval.
    pub fn interval(&self, interval: impl Into<Option<Interval>>) -> Cell {
        Cell::Interval(self.tell(interval.into()))
    }
}

/// A number in words.
#[must_use]
pub fn words(told: &Released<String>) -> Cell {
    match told.outcome() {
        Outcome::Shown(words) => Cell::text(words),
        Outcome::Withheld(reason) => Cell::Withheld(*reason),
        Outcome::Undefined => Cell::Undefined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::disclosure::Reason;

    const POOR: &str = "poor";
    const OTHERS: &str = "others";

    fn opened(profile: &Profile, counts: [[u64; 2]; 3]) -> (Opened<&'static str>, [GroupId; 3]) {
        let mut gate = Gate::new(profile);
        let groups = ["country", "area", "elsewhere"].map(|name| gate.group(name));
        for (group, [poor, others]) in groups.into_iter().zip(counts) {
            gate.count(group, POOR, poor);
            gate.count(group, OTHERS, others);
            gate.side_of_share(group, POOR).unwrap();
            gate.side_of_share(group, OTHERS).unwrap();
            gate.attribute(group, &[POOR, OTHERS]).unwrap();
        }
        gate.made_up_of(groups[0], &groups[1..]).unwrap();
        (gate.open().unwrap(), groups)
    }

    fn shown(counts: [[u64; 2]; 3]) -> [bool; 3] {
        let profile = Profile::european_rule_of_thumb();
        let (opened, groups) = opened(&profile, counts);
        groups.map(|group| opened.basis(group, &[POOR, OTHERS]).unwrap().is_shown())
    }

    #[test]
    fn a_share_that_follows_from_the_others_is_withheld() {
        // 14 of the country and 10 of elsewhere would leave 4 in the area.
        assert_eq!(shown([[14, 3486], [4, 1220], [10, 2266]]), [true, false, false]);
        assert_eq!(shown([[24, 3476], [11, 1213], [13, 2263]]), [true; 3]);
        assert_eq!(shown([[24, 3476], [0, 1224], [24, 2252]]), [true, false, false]);
    }

    #[test]
    fn nearly_everybody_poor_is_withheld_and_nearly_nobody_is_not() {
        assert_eq!(shown([[1000, 1200], [190, 20], [810, 1180]]), [true, false, false]);
        assert_eq!(shown([[1000, 9000], [20, 790], [980, 8210]]), [true; 3]);
    }

    #[test]
    fn nobody_is_a_count_and_has_no_statistic() {
        let profile = Profile::european_rule_of_thumb();
        let mut gate: Gate<'_, &str> = Gate::new(&profile);
        let groups = ["few", "nobody", "many"].map(|name| gate.group(name));
        for (group, people) in groups.into_iter().zip([4, 0, 50]) {
            gate.count(group, POOR, people);
        }
        let opened = gate.open().unwrap();
        let told = |group| {
            let mean = opened.basis(group, &[POOR]).unwrap().tell(Some(0.5));
            (opened.count(group, POOR).unwrap(), *mean.outcome())
        };
        let (count, mean) = told(groups[1]);
        assert_eq!((count, mean), (Cell::Count(Released::public(0)), Outcome::Undefined));
        assert_eq!(told(groups[2]), (Cell::Count(Released::public(50)), Outcome::Shown(0.5)));
        let joint = |groups| opened.joint_basis(groups, &[POOR]).unwrap().is_shown();
        assert!(joint(&groups[1..]) && !joint(&groups));
    }

    #[test]
    fn a_count_that_is_added_twice_is_one_cell() {
        // 14 - 10 would leave 4.
        let profile = Profile::european_rule_of_thumb();
        let mut gate: Gate<'_, &str> = Gate::new(&profile);
        let [country, area, elsewhere] = ["country", "area", "elsewhere"].map(|name| gate.group(name));
        for (group, people) in [(country, 14), (area, 4), (elsewhere, 10)] {
            gate.count(group, POOR, people);
        }
        gate.made_up_of(country, &[area, elsewhere]).unwrap();
        gate.count(elsewhere, POOR, 10);
        gate.count(country, POOR, 14);
        let opened = gate.open().unwrap();
        let shown = [country, elsewhere].map(|group| opened.basis(group, &[POOR]).unwrap().is_shown());
        assert!(!(shown[0] && shown[1]));
    }

    #[test]
    fn few_people_of_several_counts_are_withheld_together() {
        // 100 of 104 would leave 4, who are 1 and 3.
        let profile = Profile::european_rule_of_thumb();
        let shown = |together: bool| {
            let mut gate: Gate<'_, &str> = Gate::new(&profile);
            let group = gate.group("country");
            gate.count(group, "all", 104);
            gate.count(group, OTHERS, 100);
            gate.unpublished(group, "one", 1);
            gate.unpublished(group, "three", 3);
            gate.nobody(group, "nobody");
            gate.adds_up(group, "all", &[OTHERS, "one", "three", "nobody"]).unwrap();
            if together {
                gate.together(group, &["one", "three", "nobody"]).unwrap();
            }
            gate.open().unwrap().basis(group, &["all", OTHERS]).unwrap().is_shown()
        };
        assert!(shown(false) && !shown(true));
    }

    #[test]
    fn sets_of_several_are_all_of_few_and_the_small_ones_of_many() {
        let sets: Vec<Vec<char>> = sets_of_several(&['a', 'b', 'c']).collect();
        assert_eq!(sets, [vec!['a', 'b'], vec!['a', 'c'], vec!['b', 'c'], vec!['a', 'b', 'c']]);
        // Nine have 512 sets, nine of one and one of none; of ten 45 have two and 120 have three.
        assert_eq!([9, 10].map(|of| sets_of_several(&vec![(); of]).count()), [502, 165]);
        assert_eq!(sets_of_several::<()>(&[]).count(), 0);
    }

    #[test]
    fn a_minimum_of_one_shows_everything() {
        let disclosure = crate::Disclosure { profile: crate::RuleProfile::Sacro, minimum_cell: 1 };
        let profile = disclosure.rules().unwrap();
        let (opened, groups) = opened(&profile, [[1, 1], [1, 0], [0, 1]]);
        for group in groups {
            assert!(
                matches!(opened.count(group, POOR).unwrap(), Cell::Count(count) if matches!(count.outcome(), Outcome::Shown(_)))
            );
            let basis = opened.basis(group, &[POOR, OTHERS]).unwrap();
            assert_eq!(basis.model(2).tell(Some(0.5)).outcome(), &Outcome::Shown(0.5));
        }
    }

    #[test]
    fn what_is_known_by_construction_hides_nothing_and_what_does_not_exist_is_undefined() {
        let profile = Profile::european_rule_of_thumb();
        let mut gate: Gate<'_, &str> = Gate::new(&profile);
        let group = gate.group("with a parent");
        gate.count(group, POOR, 50);
        gate.nobody(group, OTHERS);
        gate.unpublished(group, "secret", 50);
        let opened = gate.open().unwrap();
        let basis = opened.basis(group, &[POOR, OTHERS]).unwrap();
        assert_eq!(basis.tell(Some(1.0)).outcome(), &Outcome::Shown(1.0));
        assert_eq!(basis.tell(None::<f64>).outcome(), &Outcome::Undefined);
        assert_eq!(basis.model(45).tell(Some(0.5)).outcome(), &Outcome::Withheld(Reason::Primary));
        let nobody = opened.basis(group, &[OTHERS]).unwrap();
        assert_eq!(
            nobody.work_out(|| -> Result<Option<f64>> { panic!("of nobody") }).unwrap(),
            Released::undefined()
        );
        assert!(opened.count(group, "secret").is_err() && opened.count(group, "never counted").is_err());
    }
}
