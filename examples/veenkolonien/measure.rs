//! What is counted of people, and how the counts of those with poverty known in both generations hang together.

use std::fmt;

use anyhow::Result;
use erflijn_examples::{FlowStep, Gate, GroupId};

use crate::groups::Subject;
use crate::heredity::Through;
use crate::incomes;

/// A count of the people of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// Those with poverty known in both generations.
    People,
    /// Those who are poor themselves, or those who are not.
    Of(Parents, Own),
    /// Those who were lost before, and who were left; of the country.
    Flow(FlowStep),
    /// Of the cohorts, those with incomes known in both generations.
    Income(incomes::Measure),
    /// Of these, those of whom poverty is not told.
    PovertyNotTold,
}

impl From<incomes::Measure> for Measure {
    fn from(of_incomes: incomes::Measure) -> Self {
        Self::Income(of_incomes)
    }
}

/// A person's own status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Own {
    Poor,
    NotPoor,
}

/// People whose parents are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Parents {
    Any,
    FatherPoor,
    FatherNotPoor,
    MotherPoor,
    MotherNotPoor,
    /// These and the following: among those whose parents' statuses are both known.
    EitherPoor,
    NeitherPoor,
    BothPoor,
    NotBothPoor,
    JustOnePoor,
    OnlyFatherPoor,
    OnlyMotherPoor,
    BothKnown,
    NotBothKnown,
    FatherKnown,
    FatherUnknown,
    MotherKnown,
    MotherUnknown,
    /// These and the following: the status of one parent, or of none, is known.
    OnlyFatherKnown,
    OnlyMotherKnown,
    /// These and the following: with the status of the other parent, where it is known, the other way round.
    FatherPoorApart,
    FatherNotPoorApart,
    MotherPoorApart,
    MotherNotPoorApart,
}

/// Parents who are some or others.
type SumOfTwo = (Parents, [Parents; 2]);

impl Own {
    pub(crate) const BOTH: [Self; 2] = [Self::Poor, Self::NotPoor];

    fn of(subject: &Subject) -> Self {
        if subject.heir.poor { Self::Poor } else { Self::NotPoor }
    }
}

impl Parents {
    /// What is told of strata by the parents.
    const PUBLISHED: [Self; 8] = [
        Self::FatherPoor,
        Self::FatherNotPoor,
        Self::MotherPoor,
        Self::MotherNotPoor,
        Self::EitherPoor,
        Self::NeitherPoor,
        Self::BothPoor,
        Self::NotBothPoor,
    ];

    /// What follows from that, or might.
    const DERIVED: [Self; 13] = [
        Self::JustOnePoor,
        Self::BothKnown,
        Self::NotBothKnown,
        Self::FatherKnown,
        Self::FatherUnknown,
        Self::MotherKnown,
        Self::MotherUnknown,
        Self::OnlyFatherKnown,
        Self::OnlyMotherKnown,
        Self::FatherPoorApart,
        Self::FatherNotPoorApart,
        Self::MotherPoorApart,
        Self::MotherNotPoorApart,
    ];

    /// Each with the parts that it is the sum of.
    const SUMS: [(Self, &[Self]); 15] = [
        (Self::Any, &[Self::BothKnown, Self::NotBothKnown]),
        (Self::Any, &[Self::FatherKnown, Self::FatherUnknown]),
        (Self::Any, &[Self::MotherKnown, Self::MotherUnknown]),
        (Self::FatherKnown, &[Self::FatherPoor, Self::FatherNotPoor]),
        (Self::MotherKnown, &[Self::MotherPoor, Self::MotherNotPoor]),
        (Self::FatherKnown, &[Self::BothKnown, Self::OnlyFatherKnown]),
        (Self::MotherKnown, &[Self::BothKnown, Self::OnlyMotherKnown]),
        (Self::BothKnown, &[Self::EitherPoor, Self::NeitherPoor]),
        (Self::BothKnown, &[Self::BothPoor, Self::NotBothPoor]),
        (Self::EitherPoor, &[Self::BothPoor, Self::JustOnePoor]),
        (Self::NotBothPoor, &[Self::JustOnePoor, Self::NeitherPoor]),
        (Self::FatherPoor, &[Self::BothPoor, Self::FatherPoorApart]),
        (Self::FatherNotPoor, &[Self::NeitherPoor, Self::FatherNotPoorApart]),
        (Self::MotherPoor, &[Self::BothPoor, Self::MotherPoorApart]),
        (Self::MotherNotPoor, &[Self::NeitherPoor, Self::MotherNotPoorApart]),
    ];

    /// Where nobody's status is known of one parent only, the tables of each parent and of both are about the same people, and
    /// tell who has just a poor father or just a poor mother: each with the parts that it is the sum of.
    const SUMS_OF_SAME_PEOPLE: [(Self, [SumOfTwo; 2]); 2] = [
        (
            Self::OnlyFatherKnown,
            [
                (Self::FatherPoor, [Self::BothPoor, Self::OnlyFatherPoor]),
                (Self::FatherNotPoor, [Self::NeitherPoor, Self::OnlyMotherPoor]),
            ],
        ),
        (
            Self::OnlyMotherKnown,
            [
                (Self::MotherPoor, [Self::BothPoor, Self::OnlyMotherPoor]),
                (Self::MotherNotPoor, [Self::NeitherPoor, Self::OnlyFatherPoor]),
            ],
        ),
    ];

    /// Whether somebody whose parents have these statuses, as far as they are known, is counted.
    fn has(self, [father, mother]: [Option<bool>; 2]) -> bool {
        let both_known = father.is_some() && mother.is_some();
        let poor = |parent| parent == Some(true);
        let not_poor = |parent| parent == Some(false);
        match self {
            Self::Any => true,
            Self::FatherPoor => poor(father),
            Self::FatherNotPoor => not_poor(father),
            Self::MotherPoor => poor(mother),
            Self::MotherNotPoor => not_poor(mother),
            Self::EitherPoor => both_known && (poor(father) || poor(mother)),
            Self::NeitherPoor => not_poor(father) && not_poor(mother),
            Self::BothPoor => poor(father) && poor(mother),
            Self::NotBothPoor => both_known && !(poor(father) && poor(mother)),
            Self::JustOnePoor => both_known && father != mother,
            Self::OnlyFatherPoor => poor(father) && not_poor(mother),
            Self::OnlyMotherPoor => not_poor(father) && poor(mother),
            Self::BothKnown => both_known,
            Self::NotBothKnown => !both_known,
            Self::FatherKnown => father.is_some(),
            Self::FatherUnknown => father.is_none(),
            Self::MotherKnown => mother.is_some(),
            Self::MotherUnknown => mother.is_none(),
            Self::OnlyFatherKnown => father.is_some() && mother.is_none(),
            Self::OnlyMotherKnown => father.is_none() && mother.is_some(),
            Self::FatherPoorApart => poor(father) && !poor(mother),
            Self::FatherNotPoorApart => not_poor(father) && !not_poor(mother),
            Self::MotherPoorApart => poor(mother) && !poor(father),
            Self::MotherNotPoorApart => not_poor(mother) && !not_poor(father),
        }
    }

    /// Those with a poor parent, and those without.
    pub(crate) fn through(through: Through) -> [Self; 2] {
        match through {
            Through::Father => [Self::FatherPoor, Self::FatherNotPoor],
            Through::Mother => [Self::MotherPoor, Self::MotherNotPoor],
            Through::Either => [Self::EitherPoor, Self::NeitherPoor],
            Through::Both => [Self::BothPoor, Self::NotBothPoor],
        }
    }
}

/// The four counts of poor parents by poor children.
pub(crate) fn four(through: Through) -> [Measure; 4] {
    let [poor, other] = Parents::through(through);
    [(poor, Own::Poor), (poor, Own::NotPoor), (other, Own::Poor), (other, Own::NotPoor)]
        .map(|(parents, own)| Measure::Of(parents, own))
}

/// Counts everything that tables tell of a stratum, and what follows from it.
///
/// With `Years::Same`, people who share a household with a parent cannot differ from that parent: where nobody differs, that
/// is no secret, and neither is it that all of them are poor together.
pub(crate) fn count_stratum(
    gate: &mut Gate<'_, Measure>,
    stratum: GroupId,
    people: &[&Subject],
    told: Told,
    alike: Alike,
) -> Result<()> {
    let all = people.len() as u64;
    match told {
        Told::All => gate.count(stratum, Measure::People, all),
        Told::ByParents => gate.unpublished(stratum, Measure::People, all),
    }
    for own in Own::BOTH {
        if told == Told::ByParents {
            gate.unpublished(stratum, Measure::Of(Parents::Any, own), number(people, Parents::Any, own));
        }
        let of_all = [Parents::Any].into_iter().filter(|_| told == Told::All);
        for parents in of_all.chain(Parents::PUBLISHED) {
            let measure = Measure::Of(parents, own);
            match number(people, parents, own) {
                0 if alike == Alike::ByConstruction => gate.nobody(stratum, measure),
                number => {
                    gate.count(stratum, measure, number);
                    gate.side_of_share(stratum, measure)?;
                }
            }
        }
        for parents in Parents::DERIVED {
            gate.unpublished(stratum, Measure::Of(parents, own), number(people, parents, own));
        }
        for (total, parts) in Parents::SUMS {
            add_up(gate, stratum, own, total, parts)?;
        }
        count_same_people(gate, stratum, people, own)?;
    }
    let owns = Own::BOTH.map(|own| Measure::Of(Parents::Any, own));
    gate.adds_up(stratum, Measure::People, &owns)?;
    if alike == Alike::No {
        if told == Told::All {
            gate.attribute(stratum, &owns)?;
        }
        Through::ALL.into_iter().try_for_each(|through| attributes(gate, stratum, through))?;
    }
    Ok(())
}

/// Counts those with just a poor father and with just a poor mother, where their numbers follow.
fn count_same_people(
    gate: &mut Gate<'_, Measure>,
    stratum: GroupId,
    people: &[&Subject],
    own: Own,
) -> Result<()> {
    let same = |(other, _): &&(Parents, _)| number(people, *other, own) == 0;
    let sums: Vec<_> = Parents::SUMS_OF_SAME_PEOPLE.iter().filter(same).flat_map(|(_, sums)| sums).collect();
    if sums.is_empty() {
        return Ok(());
    }
    let just_one = [Parents::OnlyFatherPoor, Parents::OnlyMotherPoor];
    for parents in just_one {
        gate.unpublished(stratum, Measure::Of(parents, own), number(people, parents, own));
    }
    add_up(gate, stratum, own, Parents::JustOnePoor, &just_one)?;
    sums.into_iter().try_for_each(|(total, parts)| add_up(gate, stratum, own, *total, parts))
}

/// Counts what tables tell of a municipality: poverty through either parent.
pub(crate) fn count_municipality(
    gate: &mut Gate<'_, Measure>,
    municipality: GroupId,
    people: &[&Subject],
) -> Result<()> {
    let parts = Parents::through(Through::Either);
    for own in Own::BOTH {
        for parents in parts {
            let measure = Measure::Of(parents, own);
            gate.count(municipality, measure, number(people, parents, own));
            gate.side_of_share(municipality, measure)?;
        }
        gate.unpublished(
            municipality,
            Measure::Of(Parents::BothKnown, own),
            number(people, Parents::BothKnown, own),
        );
        add_up(gate, municipality, own, Parents::BothKnown, &parts)?;
    }
    attributes(gate, municipality, Through::Either)
}

/// Of whom poverty is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Of all, and by the parents.
    All,
    /// By the parents only.
    ByParents,
}

/// Whether people of a stratum must be as their parents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alike {
    ByConstruction,
    No,
}

/// Poverty is the attribute that nearly all of a group may not be seen to have: of children of the poor and of others, and of the
/// parents of poor children and of others.
fn attributes(gate: &mut Gate<'_, Measure>, group: GroupId, through: Through) -> Result<()> {
    let [both, parent_only, child_only, neither] = four(through);
    for attribute in [[both, parent_only], [child_only, neither], [both, child_only], [parent_only, neither]]
    {
        gate.attribute(group, &attribute)?;
    }
    Ok(())
}

fn add_up(
    gate: &mut Gate<'_, Measure>,
    group: GroupId,
    own: Own,
    total: Parents,
    parts: &[Parents],
) -> Result<()> {
    let parts: Vec<Measure> = parts.iter().map(|part| Measure::Of(*part, own)).collect();
    gate.adds_up(group, Measure::Of(total, own), &parts)
}

pub(crate) fn number(people: &[&Subject], parents: Parents, own: Own) -> u64 {
    people.iter().filter(|one| Own::of(one) == own && parents.has(one.heir.parents())).count() as u64
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::People => f.write_str("people"),
            Self::Of(parents, Own::Poor) => write!(f, "poor, {parents}"),
            Self::Of(parents, Own::NotPoor) => write!(f, "not poor, {parents}"),
            Self::Flow(step) => step.fmt(f),
            Self::Income(of_incomes) => of_incomes.fmt(f),
            Self::PovertyNotTold => f.write_str("poverty not told"),
        }
    }
}

impl fmt::Display for Parents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any parents",
            Self::FatherPoor => "father poor",
            Self::FatherNotPoor => "father not poor",
            Self::MotherPoor => "mother poor",
            Self::MotherNotPoor => "mother not poor",
            Self::EitherPoor => "a parent poor",
            Self::NeitherPoor => "no parent poor",
            Self::BothPoor => "both parents poor",
            Self::NotBothPoor => "not both parents poor",
            Self::JustOnePoor => "just one parent poor",
            Self::OnlyFatherPoor => "father poor, mother not",
            Self::OnlyMotherPoor => "mother poor, father not",
            Self::BothKnown => "both parents known",
            Self::NotBothKnown => "not both parents known",
            Self::FatherKnown => "father known",
            Self::FatherUnknown => "father not known",
            Self::MotherKnown => "mother known",
            Self::MotherUnknown => "mother not known",
            Self::OnlyFatherKnown => "only father known",
            Self::OnlyMotherKnown => "only mother known",
            Self::FatherPoorApart => "father poor, mother not known to be",
            Self::FatherNotPoorApart => "father not poor, mother poor or not known",
            Self::MotherPoorApart => "mother poor, father not known to be",
            Self::MotherNotPoorApart => "mother not poor, father poor or not known",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sum_holds_for_every_pair_of_parents() {
        let statuses = [None, Some(false), Some(true)];
        for parents in statuses.into_iter().flat_map(|father| statuses.map(|mother| [father, mother])) {
            for (total, parts) in Parents::SUMS {
                let counted = parts.iter().filter(|part| part.has(parents)).count();
                assert_eq!(counted, usize::from(total.has(parents)), "{total} of {parents:?}");
            }
            let [father, mother] = parents;
            if father.is_some() && mother.is_some() {
                for (total, parts) in Parents::SUMS_OF_SAME_PEOPLE.iter().flat_map(|(_, sums)| sums) {
                    let counted = parts.iter().filter(|part| part.has(parents)).count();
                    assert_eq!(counted, usize::from(total.has(parents)), "{total} of {parents:?}");
                }
            }
        }
    }
}
