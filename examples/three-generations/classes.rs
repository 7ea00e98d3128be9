//! Classes of income over three generations, and the counts on which their numbers rest.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Result;
use erflijn::core::Weights;
use erflijn::disclosure::Profile;
use erflijn::transition::{self, ClassRule};
use erflijn_examples::{Gate, GroupId};

use crate::counts::{ANY, Count, is_few};
use crate::lines::{Generation, Lines, cohorts};
use crate::study::Study;

/// Which classes of income a generation is in, numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    Any,
    In(usize),
    NotIn(usize),
    /// From the second to the last but one of so many.
    Between(usize),
}

impl Of {
    fn has(self, class: usize) -> bool {
        match self {
            Self::Any => true,
            Self::In(this) => class == this,
            Self::NotIn(this) => class != this,
            Self::Between(number) => class > 0 && class + 1 < number,
        }
    }
}

/// A count of lines by class of income of grandparents, parents and child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InClasses([Of; 3]);

impl InClasses {
    fn with(mut self, generation: usize, of: Of) -> Self {
        self.0[generation] = of;
        self
    }

    /// The generation that is in all classes but one, and that class.
    fn not_in(self) -> Option<(usize, usize)> {
        let class = |(generation, of)| match of {
            Of::NotIn(class) => Some((generation, class)),
            _ => None,
        };
        self.0.into_iter().enumerate().find_map(class)
    }
}

impl fmt::Display for InClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines")?;
        for (generation, of) in Generation::ALL.iter().zip(self.0) {
            match of {
                Of::Any => {}
                Of::In(class) => write!(f, ", {generation} in class {}", class + 1)?,
                Of::NotIn(class) => write!(f, ", {generation} not in class {}", class + 1)?,
                Of::Between(number) => write!(f, ", {generation} in classes 2 to {}", number - 1)?,
            }
        }
        Ok(())
    }
}

/// Classes of income within birth year, over the whole country.
///
/// Tables tell of those in the lowest and in the highest class. Of grandparents and children the classes between are
/// therefore taken together: no number tells them apart, so that none of them follows. Of parents each class
/// enters the prediction.
pub(crate) struct Classes {
    /// From 0, of each generation.
    pub of: [Vec<usize>; 3],
    pub number: usize,
    /// The counts that are taken as told: all of them where everything may be. Where a number rests on a small count it is not told, and
    /// the other counts that it rests on are not either.
    told: BTreeSet<InClasses>,
    /// The fewest lines in a cell of all classes of all generations, where they are too few to tell of.
    fewest: Option<u64>,
}

impl Classes {
    pub(crate) fn new(lines: &Lines, study: &Study, profile: &Profile) -> Result<Self> {
        let (of, number) = (income_classes(lines, study)?, usize::from(study.generations.classes));
        let mut classes = Self { of, number, told: BTreeSet::new(), fewest: None };
        classes.fewest = classes.every_cell().into_iter().filter(|lines| is_few(*lines, profile)).min();
        classes.told = match profile.rules().minimum_units {
            1 => classes.every_count(),
            _ => classes.told(profile),
        };
        Ok(classes)
    }

    /// Classes of one generation are told as well: they are about equal parts of all lines, which everybody knows.
    fn told(&self, profile: &Profile) -> BTreeSet<InClasses> {
        let any = InClasses([Of::Any; 3]);
        let alone = (0..3).flat_map(|of| self.parts(of).into_iter().map(move |part| any.with(of, part)));
        let mut told: BTreeSet<InClasses> = alone.collect();
        for class in self.ends() {
            let [observed, predicted, _] = all_of(class, self.number);
            let few = |count: &InClasses| is_few(self.lines(*count), profile);
            let is_told = !predicted.iter().any(few);
            told.extend(observed);
            told.extend(predicted.into_iter().filter(|count| is_told || few(count)));
        }
        told
    }

    /// Adds every count that a number tells, and those that could follow from them; lines of the country are there already.
    pub(crate) fn add_to(&self, gate: &mut Gate<'_, Count>, country: GroupId) -> Result<()> {
        let every = self.every_count();
        for count in &every {
            let lines = self.lines(*count);
            match self.told.contains(count) {
                true => gate.count(country, *count, lines),
                false => gate.unpublished(country, *count, lines),
            }
        }
        for count in [InClasses([Of::Any; 3])].into_iter().chain(every) {
            self.add_parts(gate, country, count)?;
        }
        for class in self.ends() {
            let [observed, ..] = all_of(class, self.number);
            let observed: Vec<Count> = observed.into_iter().map(Count::from).collect();
            gate.attribute(country, &observed)?;
            observed.iter().try_for_each(|side| gate.side_of_share(country, *side))?;
            self.add_equal_sizes(gate, country, class)?;
        }
        if let Some(lines) = self.fewest {
            gate.count(country, Count::FewestInClasses, lines);
        }
        Ok(())
    }

    /// Says that a count is the sum over the classes of each generation in any of them, or over one and all others.
    fn add_parts(&self, gate: &mut Gate<'_, Count>, country: GroupId, count: InClasses) -> Result<()> {
        if let Some((of, class)) = count.not_in() {
            let [all, those_in] = [Of::Any, Of::In(class)].map(|child| Count::from(count.with(of, child)));
            return gate.adds_up(country, all, &[those_in, count.into()]);
        }
        for generation in (0..3).filter(|generation| count.0[*generation] == Of::Any) {
            let parts = self.parts(generation).into_iter().map(|of| count.with(generation, of).into());
            let parts: Vec<Count> = parts.collect();
            gate.adds_up(country, Count::from(count), &parts)?;
            gate.together_in_any_set(country, &parts)?;
        }
        Ok(())
    }

    /// Classes are equal parts of a birth year, so that everybody expects as many lines in the same class of another generation. Ties make
    /// exceptions.
    fn add_equal_sizes(&self, gate: &mut Gate<'_, Count>, country: GroupId, class: usize) -> Result<()> {
        let alone = |generation| InClasses([Of::Any; 3]).with(generation, Of::In(class));
        for generation in 1..3 {
            if self.lines(alone(generation)) == self.lines(alone(0)) {
                gate.adds_up(country, Count::from(alone(0)), &[Count::from(alone(generation))])?;
            }
        }
        Ok(())
    }

    /// The lines with grandparents in a class.
    pub(crate) fn whole(class: usize) -> Count {
        InClasses([Of::In(class), Of::Any, Of::Any]).into()
    }

    /// What the prediction for children in the class of their grandparents rests on: observed, predicted, both.
    pub(crate) fn rests_on(&self, class: usize) -> [Vec<Count>; 3] {
        let told = |counts: Vec<InClasses>| {
            counts.into_iter().filter(|count| self.told.contains(count)).map(Count::from).collect()
        };
        all_of(class, self.number).map(told)
    }

    /// What a number rests on that takes every cell of all classes of all generations.
    pub(crate) fn rests_on_all(&self) -> Vec<Count> {
        let few = self.fewest.map(|_| Count::FewestInClasses);
        [Count::Lines(ANY)].into_iter().chain(few).collect()
    }

    fn ends(&self) -> [usize; 2] {
        [0, self.number - 1]
    }

    /// The classes of a generation, as far as numbers tell them apart.
    fn parts(&self, generation: usize) -> Vec<Of> {
        let last = self.number - 1;
        match self.number {
            number if number < 4 || generation == Generation::Parents as usize => {
                (0..=last).map(Of::In).collect()
            }
            number => vec![Of::In(0), Of::Between(number), Of::In(last)],
        }
    }

    /// All counts but that of all lines.
    fn every_count(&self) -> BTreeSet<InClasses> {
        let any = InClasses([Of::Any; 3]);
        let mut every = BTreeSet::from([any]);
        for generation in 0..3 {
            let with = |count: &InClasses| {
                let count = *count;
                self.parts(generation).into_iter().map(move |of| count.with(generation, of))
            };
            let more: Vec<InClasses> = every.iter().flat_map(with).collect();
            every.extend(more);
        }
        every.remove(&any);
        every.extend(self.ends().into_iter().flat_map(|class| {
            let [observed, predicted, _] = all_of(class, self.number);
            observed.into_iter().chain(predicted)
        }));
        every
    }

    fn lines(&self, count: InClasses) -> u64 {
        let is_in = |line: &usize| (0..3).all(|at| count.0[at].has(self.of[at][*line]));
        (0..self.of[0].len()).filter(is_in).count() as u64
    }

    /// The lines in each cell of all classes of all generations.
    fn every_cell(&self) -> Vec<u64> {
        let [grandparents, parents, child] = &self.of;
        let mut cells = vec![0; self.number.pow(3)];
        for ((g, p), c) in grandparents.iter().zip(parents).zip(child) {
            cells[(g * self.number + p) * self.number + c] += 1;
        }
        cells
    }
}

impl From<InClasses> for Count {
    fn from(count: InClasses) -> Self {
        // In any class are all lines.
        if count == InClasses([Of::Any; 3]) { Self::Lines(ANY) } else { Self::Classes(count) }
    }
}

/// All classes but one; of two classes, one is what the other is not.
fn others(class: usize, number: usize) -> Of {
    if number == 2 { Of::In(1 - class) } else { Of::NotIn(class) }
}

/// What the prediction for children in the class of their grandparents takes: observed, predicted, both.
fn all_of(class: usize, number: usize) -> [Vec<InClasses>; 3] {
    let sides = [Of::In(class), others(class, number)];
    let observed = sides.map(|child| InClasses([Of::In(class), Of::Any, child])).to_vec();
    let parents = (0..number).map(|parents| InClasses([Of::In(class), Of::In(parents), Of::Any]));
    let children =
        (0..number).flat_map(|parents| sides.map(|child| InClasses([Of::Any, Of::In(parents), child])));
    let predicted: Vec<InClasses> = parents.chain(children).collect();
    let both = [&observed[..], &predicted].concat();
    [observed, predicted, both]
}
fn income_classes(lines: &Lines, study: &Study) -> Result<[Vec<usize>; 3]> {
    let cohorts = cohorts(&lines.lines.iter().collect::<Vec<_>>());
    let mut classes = [Vec::new(), Vec::new(), Vec::new()];
    for (of, classes) in classes.iter_mut().enumerate() {
        let incomes: Vec<f64> = lines.lines.iter().map(|line| line.income[of]).collect();
        let (number, rule) = (study.generations.classes, ClassRule::InverseEcdf);
        let assigned =
            transition::Classes::by_quantile_within(&incomes, Weights::Equal, &cohorts, number, rule)?;
        *classes = assigned.assigned().iter().map(|class| usize::from(*class)).collect();
    }
    Ok(classes)
}
