//! On how many children the numbers of an area rest, and how these counts hang together.

use std::fmt;

use anyhow::Result;
use erflijn::disclosure::Profile;
use erflijn_examples::{FlowStep, Gate, GroupId};

use crate::areas::Level;
use crate::children::CLASSES;

/// Fifths of the incomes of parents.
pub(crate) const FIFTHS: [&str; CLASSES as usize] =
    ["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"];
/// As [`Children::sex`](crate::children::Children) numbers them.
pub(crate) const SEXES: [&str; 2] = ["men", "women"];

/// Whom of an area a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    All,
    Sex(u32),
    /// By income of the parents.
    Income(u32),
    /// Of parents in the lowest fifth, and there too.
    Stays,
    /// Of parents in the lowest fifth, and elsewhere.
    Leaves,
    /// Of no area: on the way into the atlas.
    Flow(FlowStep),
}

impl Measure {
    pub(crate) fn sexes() -> Vec<Self> {
        (0..).take(SEXES.len()).map(Self::Sex).collect()
    }

    pub(crate) fn incomes() -> Vec<Self> {
        (0..).take(FIFTHS.len()).map(Self::Income).collect()
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = FIFTHS[0];
        match self {
            Self::All => f.write_str("children"),
            Self::Sex(sex) => f.write_str(SEXES[*sex as usize]),
            Self::Income(fifth) => write!(f, "parents in the {}", FIFTHS[*fifth as usize]),
            Self::Stays => write!(f, "parents in the {lowest}, and there too"),
            Self::Leaves => write!(f, "parents in the {lowest}, and elsewhere"),
            Self::Flow(step) => step.fmt(f),
        }
    }
}

/// All counts of all levels in one gate, with the group of each area by level.
pub(crate) fn gate<'a>(
    profile: &'a Profile,
    levels: &[Level],
    count: impl Fn(usize, usize, Measure) -> Result<u64>,
) -> Result<(Gate<'a, Measure>, Vec<Vec<GroupId>>)> {
    let mut gate = Gate::new(profile);
    let mut groups: Vec<Vec<GroupId>> = Vec::new();
    for (height, level) in levels.iter().enumerate() {
        let mut of_level = Vec::new();
        for (area, name) in level.areas.iter().enumerate() {
            let group = gate.group(format!("{} {name}", level.name));
            add(&mut gate, group, |measure| count(height, area, measure))?;
            of_level.push(group);
            if let Some(below) = groups.last() {
                let parts: Vec<GroupId> = level.parts[area].iter().map(|part| below[*part]).collect();
                gate.made_up_of(group, &parts)?;
            }
        }
        groups.push(of_level);
    }
    Ok((gate, groups))
}

/// The counts of an area. That nearly all are of one sex tells nothing that is not known.
fn add(gate: &mut Gate<'_, Measure>, group: GroupId, count: impl Fn(Measure) -> Result<u64>) -> Result<()> {
    let (all, sexes, incomes) = (Measure::All, Measure::sexes(), Measure::incomes());
    let (poor_parents, bottom) = (Measure::Income(0), [Measure::Stays, Measure::Leaves]);
    for measure in [&[all][..], &sexes, &incomes, &bottom].concat() {
        gate.count(group, measure, count(measure)?);
    }
    gate.adds_up(group, all, &sexes)?;
    gate.adds_up(group, all, &incomes)?;
    gate.adds_up(group, poor_parents, &bottom)?;
    gate.line(group, &incomes)?;
    // Nobody has no share.
    if count(poor_parents)? > 0 {
        bottom.into_iter().try_for_each(|side| gate.side_of_share(group, side))?;
    }
    gate.attribute(group, &bottom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// By area and measure; areas are two municipalities of each of two provinces, these, and the country.
    type Counts = BTreeMap<(usize, Measure), u64>;

    const PARTS: [(usize, [usize; 2]); 3] = [(4, [0, 1]), (5, [2, 3]), (6, [4, 5])];

    fn levels() -> [Level; 3] {
        let level = |name, areas: &[&str], parts: Vec<Vec<usize>>| Level {
            name,
            areas: areas.iter().map(ToString::to_string).collect(),
            parts,
        };
        [
            level("municipality", &["a", "b", "c", "d"], vec![Vec::new(); 4]),
            level("province", &["ab", "cd"], vec![vec![0, 1], vec![2, 3]]),
            level("country", &["all"], vec![vec![0, 1]]),
        ]
    }

    /// Within an area, by hand: totals and what they are the sum of.
    fn divisions() -> [(Measure, Vec<Measure>); 3] {
        [
            (Measure::All, vec![Measure::Sex(0), Measure::Sex(1)]),
            (Measure::All, (0..5).map(Measure::Income).collect()),
            (Measure::Income(0), vec![Measure::Stays, Measure::Leaves]),
        ]
    }

    /// Large counts, but for one measure in some municipalities.
    fn counts(few: Measure, people: u64, of: &[usize]) -> Counts {
        let mut counts = Counts::new();
        for area in 0..4 {
            let base = 40 + 7 * area as u64;
            let is_few = |measure| measure == few && of.contains(&area);
            let mut set = |measure, usual| {
                let count = if is_few(measure) { people } else { usual };
                counts.insert((area, measure), count);
                count
            };
            let bottom = set(Measure::Stays, base) + set(Measure::Leaves, base + 3);
            let others: u64 = (1..5).map(|fifth| set(Measure::Income(fifth), base + u64::from(fifth))).sum();
            let all = bottom + others;
            let women = set(Measure::Sex(1), all / 2);
            let men = set(Measure::Sex(0), all - women);
            counts.insert((area, Measure::Sex(1)), all - men);
            counts.insert((area, Measure::Income(0)), bottom);
            counts.insert((area, Measure::All), all);
        }
        let measures: Vec<Measure> =
            counts.range(..(1, Measure::All)).map(|((_, measure), _)| *measure).collect();
        for (area, parts) in PARTS {
            for measure in &measures {
                let sum = parts.iter().map(|part| counts[&(*part, *measure)]).sum();
                counts.insert((area, *measure), sum);
            }
        }
        counts
    }

    fn hidden(counts: &Counts) -> BTreeMap<(usize, Measure), bool> {
        let profile = Profile::european_rule_of_thumb();
        let first = [0, 4, 6];
        let (gate, groups) =
            gate(&profile, &levels(), |level, area, measure| Ok(counts[&(first[level] + area, measure)]))
                .unwrap();
        let (opened, groups) = (gate.open().unwrap(), groups.concat());
        let is_hidden = |(area, measure): (usize, Measure)| {
            opened.count(groups[area], measure).unwrap().reason().is_some()
        };
        counts.keys().map(|at| (*at, is_hidden(*at))).collect()
    }

    #[test]
    fn few_people_anywhere_are_hidden_and_no_sum_gives_them_away() {
        let sides = [Measure::Sex(0), Measure::Sex(1), Measure::Stays, Measure::Leaves];
        for few in sides.into_iter().chain((1..5).map(Measure::Income)) {
            // In a municipality; together in a province, whose count is small too.
            for (people, of, small) in [(4, vec![2], 2), (2, vec![0, 1], 4)] {
                let counts = counts(few, people, &of);
                let hidden = hidden(&counts);
                assert!(hidden[&(small, few)], "{few} of area {small}");
                let is_alone = |sum: &[(usize, Measure)]| sum.iter().filter(|at| hidden[at]).count() == 1;
                for (area, (total, parts)) in (0..7).flat_map(|area| divisions().map(|sum| (area, sum))) {
                    let sum: Vec<_> =
                        [vec![total], parts].concat().into_iter().map(|own| (area, own)).collect();
                    assert!(!is_alone(&sum), "{few} few in {of:?}: of area {area} {total} gives it away");
                }
                for (area, [first, second]) in PARTS {
                    for (_, measure) in counts.keys().filter(|(of, _)| *of == area) {
                        let sum = [area, first, second].map(|area| (area, *measure));
                        assert!(!is_alone(&sum), "{few} few in {of:?}: area {area} gives {measure} away");
                    }
                }
            }
        }
    }

    #[test]
    fn nearly_everybody_of_one_income_is_withheld_and_of_one_sex_is_not() {
        let mut counts = counts(Measure::Sex(0), 12, &[0]);
        assert!(!hidden(&counts)[&(0, Measure::Sex(1))], "nearly all are women");
        // 1000 of the highest fifth of some 1200 are shown, 10000 of some 10200 are not.
        for (people, is_withheld) in [(1000, false), (10_000, true)] {
            let more = people - counts[&(0, Measure::Income(4))];
            for area in [0, 4, 6] {
                for measure in [Measure::Income(4), Measure::All, Measure::Sex(1)] {
                    *counts.get_mut(&(area, measure)).unwrap() += more;
                }
            }
            assert_eq!(hidden(&counts)[&(0, Measure::Income(4))], is_withheld, "{people}");
        }
    }
}
