//! Classes of income over three generations, and their counts, put through a gate of their own.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Result;
use erflijn::core::Weights;
use erflijn::disclosure::DisclosureReport;
use erflijn::report::Cell;
use erflijn::transition::{self, ClassRule};
use erflijn_examples::{Basis, Gate, GroupId, Opened};

use crate::lines::{Generation, Lines, cohorts};
use crate::study::Study;

/// Which classes of income a generation is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    Any,
    In(usize),
    NotIn(usize),
}

impl Of {
    fn has(self, class: usize) -> bool {
        match self {
            Self::Any => true,
            Self::In(this) => class == this,
            Self::NotIn(this) => class != this,
        }
    }
}

/// A count of lines by class of income of grandparents, parents and child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InClasses([Of; 3]);

impl fmt::Display for InClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines")?;
        for (generation, of) in Generation::ALL.iter().zip(self.0) {
            match of {
                Of::Any => {}
                Of::In(class) => write!(f, ", {generation} in class {}", class + 1)?,
                Of::NotIn(class) => write!(f, ", {generation} not in class {}", class + 1)?,
            }
        }
        Ok(())
    }
}

/// Classes of income within birth year, over the whole country, after disclosure control.
pub(crate) struct Classes {
    /// From 0, of each generation.
    pub of: [Vec<usize>; 3],
    pub number: usize,
    country: GroupId,
    opened: Opened<InClasses>,
}

impl Classes {
    pub(crate) fn open(lines: &Lines, study: &Study) -> Result<Self> {
        let (of, number) = (income_classes(lines, study)?, usize::from(study.generations.classes));
        let profile = study.disclosure.rules()?;
        let mut gate = Gate::new(&profile);
        let country = gate.group("country");
        let ends = [0, number - 1];
        let tabled =
            ends.into_iter().flat_map(|class| [vec![whole(class)], rests_on(class, number)[2].clone()]);
        let tabled: BTreeSet<InClasses> = tabled.flatten().collect();
        for count in every_cell(number).into_iter().chain(tabled) {
            let is_in = |line: &usize| (0..3).all(|at| count.0[at].has(of[at][*line]));
            gate.count(country, count, (0..lines.lines.len()).filter(is_in).count() as u64);
        }
        for class in ends {
            let [observed, predicted, _] = rests_on(class, number);
            gate.adds_up(country, whole(class), &observed)?;
            gate.adds_up(country, whole(class), &predicted[..number])?;
            gate.attribute(country, &observed)?;
            observed.iter().try_for_each(|side| gate.side_of_share(country, *side))?;
        }
        Ok(Self { of, number, country, opened: gate.open()? })
    }

    pub(crate) fn basis(&self, rests_on: &[InClasses]) -> Result<Basis<'_>> {
        self.opened.basis(self.country, rests_on)
    }

    /// The lines with grandparents in a class.
    pub(crate) fn count(&self, class: usize) -> Result<Cell> {
        self.opened.count(self.country, whole(class))
    }

    /// What the prediction for children in the class of their grandparents rests on: observed, predicted, both.
    pub(crate) fn rests_on(&self, class: usize) -> [Vec<InClasses>; 3] {
        rests_on(class, self.number)
    }

    pub(crate) fn report(&self) -> &DisclosureReport {
        self.opened.report()
    }
}

/// The lines with grandparents in a class.
fn whole(class: usize) -> InClasses {
    InClasses([Of::In(class), Of::Any, Of::Any])
}

fn rests_on(class: usize, number: usize) -> [Vec<InClasses>; 3] {
    // Of two classes, one is what the other is not.
    let others = if number == 2 { Of::In(1 - class) } else { Of::NotIn(class) };
    let sides = [Of::In(class), others];
    let observed = sides.map(|child| InClasses([Of::In(class), Of::Any, child])).to_vec();
    let parents = (0..number).map(|parents| InClasses([Of::In(class), Of::In(parents), Of::Any]));
    let children =
        (0..number).flat_map(|parents| sides.map(|child| InClasses([Of::Any, Of::In(parents), child])));
    let predicted: Vec<InClasses> = parents.chain(children).collect();
    let both = [&observed[..], &predicted].concat();
    [observed, predicted, both]
}

/// The cells of the whole table of three generations.
pub(crate) fn every_cell(number: usize) -> Vec<InClasses> {
    let cell = |at: usize| InClasses([at / number / number, at / number % number, at % number].map(Of::In));
    (0..number.pow(3)).map(cell).collect()
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
