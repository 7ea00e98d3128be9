//! The same linkage, as slowly and as plainly as can be.

use std::collections::HashMap;

use crate::files::Registers;

#[derive(Debug, PartialEq)]
pub(crate) struct Expected {
    /// Links, poor parents with poor children, with others, other parents with poor children.
    pub(crate) counts: [u64; 4],
    /// Mean logarithm of income of parents and of children, slope; `None` where it is not defined.
    pub(crate) values: [Option<f64>; 3],
    /// Rows with a null: of parents, households, incomes.
    pub(crate) with_null: [u64; 3],
}

pub(crate) fn link(registers: &Registers) -> Expected {
    let mut with_null = [0; 3];
    let mut households = HashMap::new();
    for row in &registers.household {
        match row {
            (Some(person), Some(year), Some(household)) => {
                let before = households.insert((*person, *year), *household);
                assert!(before.is_none_or(|before| before == *household), "a person in two households");
            }
            _ => with_null[1] += 1,
        }
    }
    let mut incomes = HashMap::new();
    for row in &registers.income {
        match row {
            (Some(household), Some(year), Some(income), Some(line)) => {
                incomes.insert((*household, *year), (*income, *line));
            }
            _ => with_null[2] += 1,
        }
    }
    let of = |person: i64, year: i32| incomes.get(&(*households.get(&(person, year))?, year)).copied();

    let mut links = Vec::new();
    for [child, father, mother] in &registers.parents {
        let Some(child) = child else {
            with_null[0] += 1;
            continue;
        };
        let parent =
            father.and_then(|father| of(father, 1995)).or(mother.and_then(|mother| of(mother, 1995)));
        if let (Some(parent), Some(child)) = (parent, of(*child, 2019)) {
            links.push((parent, child));
        }
    }
    Expected { counts: counts(&links), values: values(&links), with_null }
}

type Link = ((f64, f64), (f64, f64));

fn counts(links: &[Link]) -> [u64; 4] {
    let poor = |(income, line): (f64, f64)| income < line;
    let how_many = |wanted: (bool, bool)| {
        links.iter().filter(|(parent, child)| (poor(*parent), poor(*child)) == wanted).count() as u64
    };
    [links.len() as u64, how_many((true, true)), how_many((true, false)), how_many((false, true))]
}

fn values(links: &[Link]) -> [Option<f64>; 3] {
    if links.is_empty() {
        return [None; 3];
    }
    let n = links.len() as f64;
    let logs = || links.iter().map(|((parent, _), (child, _))| (parent.ln(), child.ln()));
    let x = logs().map(|(x, _)| x).sum::<f64>() / n;
    let y = logs().map(|(_, y)| y).sum::<f64>() / n;
    let spread = logs().map(|(parent, _)| (parent - x) * (parent - x)).sum::<f64>();
    let together = logs().map(|(parent, child)| (parent - x) * (child - y)).sum::<f64>();
    let all_equal = links.iter().all(|((parent, _), _)| parent.to_bits() == links[0].0.0.to_bits());
    [Some(x), Some(y), (!all_equal).then_some(together / spread)]
}
