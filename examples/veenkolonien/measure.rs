//! What is counted of people, and how the counts of those with poverty known in both generations hang together.

use std::fmt;

use anyhow::Result;
use erflijn_examples::{FlowStep, Gate, GroupId, sets_of_several};

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
    OnlyFatherPoor,
    OnlyMotherPoor,
    BothKnown,
    NotBothKnown,
    /// These and the following: the status of one parent, or of none, is known.
    FatherPoorMotherUnknown,
    FatherNotPoorMotherUnknown,
    MotherPoorFatherUnknown,
    MotherNotPoorFatherUnknown,
    BothUnknown,
}

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

    /// By both parents' statuses, as far as they are known: everybody is in one of these.
    const APART: [Self; 9] = [
        Self::BothPoor,
        Self::OnlyFatherPoor,
        Self::OnlyMotherPoor,
        Self::NeitherPoor,
        Self::FatherPoorMotherUnknown,
        Self::FatherNotPoorMotherUnknown,
        Self::MotherPoorFatherUnknown,
        Self::MotherNotPoorFatherUnknown,
        Self::BothUnknown,
    ];

    /// The same, as far as poverty through either parent goes.
    pub(crate) const EITHER_APART: [Self; 3] = [Self::EitherPoor, Self::NeitherPoor, Self::NotBothKnown];

    /// Whether all of others are among these.
    fn holds(self, others: Self) -> bool {
        pairs().all(|parents| !others.has(parents) || self.has(parents))
    }

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
            Self::OnlyFatherPoor => poor(father) && not_poor(mother),
            Self::OnlyMotherPoor => not_poor(father) && poor(mother),
            Self::BothKnown => both_known,
            Self::NotBothKnown => !both_known,
            Self::FatherPoorMotherUnknown => poor(father) && mother.is_none(),
            Self::FatherNotPoorMotherUnknown => not_poor(father) && mother.is_none(),
            Self::MotherPoorFatherUnknown => poor(mother) && father.is_none(),
            Self::MotherNotPoorFatherUnknown => not_poor(mother) && father.is_none(),
            Self::BothUnknown => father.is_none() && mother.is_none(),
        }
    }

    /// Whether none of these parents is known to be as poor, or not poor, as the child.
    fn differ_from(self, own: Own) -> bool {
        let is_alike = |parents: [Option<bool>; 2]| parents.contains(&Some(own == Own::Poor));
        pairs().filter(|parents| self.has(*parents)).all(|parents| !is_alike(parents))
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

/// What a father's and a mother's status can be, as far as they are known.
fn pairs() -> impl Iterator<Item = [Option<bool>; 2]> {
    let statuses = [None, Some(false), Some(true)];
    statuses.into_iter().flat_map(move |father| statuses.map(|mother| [father, mother]))
}

/// The four counts of poor parents by poor children.
pub(crate) fn four(through: Through) -> [Measure; 4] {
    let [poor, other] = Parents::through(through);
    [(poor, Own::Poor), (poor, Own::NotPoor), (other, Own::Poor), (other, Own::NotPoor)]
        .map(|(parents, own)| Measure::Of(parents, own))
}

/// Counts everything that tables tell of a stratum, and what follows from it.
///
/// With `Years::Same`, people who share a household with a parent cannot differ from that parent: that nobody differs from all
/// parents whose status is known is no secret, and neither is it that all of them are poor together.
pub(crate) fn count_stratum(
    gate: &mut Gate<'_, Measure>,
    stratum: GroupId,
    people: &[&Subject],
    detail: Detail,
    alike: Alike,
) -> Result<()> {
    let published = || detail.of_all().iter().chain(detail.by_parents()).copied();
    let unpublished =
        detail.apart().iter().copied().filter(|part| published().all(|parents| parents != *part));
    let parts = |total: Parents, own: Own| -> Vec<Measure> {
        let parts = detail.apart().iter().filter(|part| total.holds(**part));
        parts.map(|part| Measure::Of(*part, own)).collect()
    };
    for own in Own::BOTH {
        let counted = published()
            .map(|parents| (parents, true))
            .chain(unpublished.clone().map(|parents| (parents, false)));
        for (parents, is_published) in counted {
            let measure = Measure::Of(parents, own);
            match (number(people, parents, own), is_published) {
                (0, _) if alike == Alike::ByConstruction && parents.differ_from(own) => {
                    gate.nobody(stratum, measure)
                }
                (number, false) => gate.unpublished(stratum, measure, number),
                (number, true) => {
                    gate.count(stratum, measure, number);
                    gate.side_of_share(stratum, measure)?;
                }
            }
        }
        for total in published().filter(|total| !detail.apart().contains(total)) {
            gate.adds_up(stratum, Measure::Of(total, own), &parts(total, own))?;
        }
        for total in detail.beside_others() {
            gate.made_up(stratum, Measure::Of(*total, own), &parts(*total, own))?;
        }
    }
    not_together(gate, stratum, detail.apart())?;
    let owns = Own::BOTH.map(|own| Measure::Of(Parents::Any, own));
    match detail {
        Detail::All => {
            gate.count(stratum, Measure::People, people.len() as u64);
            gate.adds_up(stratum, Measure::People, &owns)?;
        }
        Detail::ThroughEither | Detail::ByParents => gate.made_up(stratum, Measure::People, &owns)?,
    }
    if alike == Alike::No {
        if !detail.of_all().is_empty() {
            gate.attribute(stratum, &owns)?;
        }
        detail.through().iter().try_for_each(|through| attributes(gate, stratum, *through))?;
    }
    Ok(())
}

/// Says that few people with parents of one kind or another, whatever their own status, may not follow either.
pub(crate) fn not_together(gate: &mut Gate<'_, Measure>, group: GroupId, parts: &[Parents]) -> Result<()> {
    for kinds in sets_of_several(parts) {
        let of = |own| kinds.iter().map(move |kind| Measure::Of(*kind, own)).collect::<Vec<_>>();
        let [poor, not_poor] = Own::BOTH.map(of);
        let both = [&poor[..], &not_poor].concat();
        [poor, not_poor, both].iter().try_for_each(|set| gate.together(group, set))?;
    }
    Ok(())
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
        let both_known = parts.map(|parents| Measure::Of(parents, own));
        gate.made_up(municipality, Measure::Of(Parents::BothKnown, own), &both_known)?;
    }
    attributes(gate, municipality, Through::Either)
}

/// How much tables tell of the poverty of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Of all, and by the parents, each and both together.
    All,
    /// Of all, and through either parent; of no municipality.
    ThroughEither,
    /// By the parents, each and both together, only.
    ByParents,
}

impl Detail {
    fn of_all(self) -> &'static [Parents] {
        if self == Self::ByParents { &[] } else { &[Parents::Any] }
    }

    fn through(self) -> &'static [Through] {
        if self == Self::ThroughEither { &[Through::Either] } else { &Through::ALL }
    }

    fn by_parents(self) -> &'static [Parents] {
        if self == Self::ThroughEither { &Parents::EITHER_APART[..2] } else { &Parents::PUBLISHED }
    }

    /// Of these, everything that is told is made up.
    fn apart(self) -> &'static [Parents] {
        if self == Self::ThroughEither { &Parents::EITHER_APART } else { &Parents::APART }
    }

    /// What is not told of these people, but what counts of provinces, or of all with incomes, are held against.
    fn beside_others(self) -> &'static [Parents] {
        match self {
            Self::All => &[Parents::NotBothKnown],
            Self::ThroughEither => &[],
            Self::ByParents => &[Parents::Any],
        }
    }
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
            Self::OnlyFatherPoor => "father poor, mother not",
            Self::OnlyMotherPoor => "mother poor, father not",
            Self::BothKnown => "both parents known",
            Self::NotBothKnown => "not both parents known",
            Self::FatherPoorMotherUnknown => "father poor, mother not known",
            Self::FatherNotPoorMotherUnknown => "father not poor, mother not known",
            Self::MotherPoorFatherUnknown => "mother poor, father not known",
            Self::MotherNotPoorFatherUnknown => "mother not poor, father not known",
            Self::BothUnknown => "neither parent known",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_parents_is_counted_once() {
        for parents in pairs() {
            for apart in [&Parents::APART[..], &Parents::EITHER_APART] {
                assert_eq!(apart.iter().filter(|one| one.has(parents)).count(), 1, "{parents:?}");
            }
        }
    }

    #[test]
    fn everything_that_is_told_or_follows_is_made_up_of_what_is_apart() {
        for detail in [Detail::All, Detail::ThroughEither, Detail::ByParents] {
            let all = detail.of_all().iter().chain(detail.by_parents()).chain(detail.beside_others());
            for total in all {
                let parts: Vec<_> = detail.apart().iter().filter(|part| total.holds(**part)).collect();
                for parents in pairs() {
                    assert_eq!(parts.iter().any(|part| part.has(parents)), total.has(parents), "{total}");
                }
            }
        }
    }
}
