//! The people of both designs as the tables see them: by region, sex and living situation.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Result;
use erflijn::core::MunicipalityCode;
use erflijn::mobility::PovertyTable;
use erflijn::registers::Sex;
use erflijn_examples::{Cell, Territory, family_numbers, groups_shown, persistence_cells};

use crate::heredity::{Heir, Through};

/// A person with poverty known in both generations, as far as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub heir: Heir,
    pub sex: Option<Sex>,
    pub with_parent: bool,
    pub municipality: Option<MunicipalityCode>,
    pub in_area: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    All,
    Men,
    Women,
    SexUnknown,
    WithParent,
    Independent,
}

impl Group {
    const ALL: [Self; 6] =
        [Self::All, Self::Men, Self::Women, Self::SexUnknown, Self::WithParent, Self::Independent];
    const BY_SEX: [Self; 3] = [Self::Men, Self::Women, Self::SexUnknown];
    pub(crate) const BY_LIVING: [Self; 2] = [Self::WithParent, Self::Independent];

    fn has(self, subject: &Subject) -> bool {
        match self {
            Self::All => true,
            Self::Men => subject.sex == Some(Sex::Man),
            Self::Women => subject.sex == Some(Sex::Woman),
            Self::SexUnknown => subject.sex.is_none(),
            Self::WithParent => subject.with_parent,
            Self::Independent => !subject.with_parent,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Men => "men",
            Self::Women => "women",
            Self::SexUnknown => "sex unknown",
            Self::WithParent => "with a parent",
            Self::Independent => "independent",
        })
    }
}

/// One row of a table: some people, and whether what their counts tell may be shown.
pub(crate) struct Stratum<'a> {
    pub territory: Territory,
    pub group: Group,
    pub subjects: Vec<&'a Subject>,
    pub shown: bool,
    /// Whether either and both parents may be shown beside each parent: together they tell of whom
    /// just one parent is poor.
    pub couples_shown: bool,
}

impl Stratum<'_> {
    pub(crate) fn shows(&self, through: Through) -> bool {
        self.shown && (self.couples_shown || matches!(through, Through::Father | Through::Mother))
    }
}

/// Whether the own income and the parents' are of one year, so that people who share a household with a parent
/// cannot differ from that parent: their empty cells are no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Years {
    Same,
    Different,
}

/// All strata that hold anybody, with the decision which of them may be shown.
///
/// Region, sex and living situation each divide known totals, so a stratum is also withheld where
/// another would follow from it by subtraction.
pub(crate) fn strata<'a>(subjects: &'a [Subject], years: Years, minimum: u64) -> Vec<Stratum<'a>> {
    let mut strata: Vec<Stratum<'a>> = Vec::new();
    for territory in Territory::ALL {
        for group in Group::ALL {
            let members: Vec<_> = subjects
                .iter()
                .filter(|subject| territory.has(subject.in_area) && group.has(subject))
                .collect();
            if !members.is_empty() {
                strata.push(Stratum {
                    territory,
                    group,
                    subjects: members,
                    shown: false,
                    couples_shown: false,
                });
            }
        }
    }
    let told: Vec<Vec<u64>> = strata.iter().map(|stratum| told(stratum, years)).collect();
    let couples: Vec<Vec<u64>> = strata.iter().map(|stratum| one_parent_poor(stratum, years)).collect();
    let part = |keep: &dyn Fn(&Stratum<'_>) -> bool| -> Vec<usize> {
        (0..strata.len()).filter(|index| keep(&strata[*index])).collect()
    };
    let mut parts = Vec::new();
    for region in Territory::ALL {
        parts.push(part(&|s| s.territory == region && Group::BY_SEX.contains(&s.group)));
        parts.push(part(&|s| s.territory == region && Group::BY_LIVING.contains(&s.group)));
    }
    for group in Group::ALL {
        parts.push(part(&|s| s.territory != Territory::Country && s.group == group));
    }
    let shown = groups_shown(&told, &parts, minimum);
    let couples_shown = groups_shown(&couples, &parts, minimum);
    for (stratum, (shown, couples_shown)) in strata.iter_mut().zip(shown.into_iter().zip(couples_shown)) {
        stratum.shown = shown;
        stratum.couples_shown = couples_shown;
    }
    strata
}

/// The counts that the shares of a stratum tell: poor parents by poor children, for each parent apart.
///
/// A cell that is empty by construction counts as the one beside it.
fn told(stratum: &Stratum<'_>, years: Years) -> Vec<u64> {
    let by_construction = years == Years::Same && stratum.group == Group::WithParent;
    [Through::Father, Through::Mother]
        .into_iter()
        .flat_map(|through| {
            let [both, parent_only, child_only, neither] =
                counts(stratum.subjects.iter().map(|s| &s.heir), through);
            let or = |cell, beside| if by_construction && cell == 0 { beside } else { cell };
            [both, or(parent_only, both), or(child_only, neither), neither]
        })
        .collect()
}

/// The people of whom just one parent is poor, among the poor and the others: what either and both tell together.
///
/// Nobody, where it must be nobody, counts as everybody: it tells nothing.
fn one_parent_poor(stratum: &Stratum<'_>, years: Years) -> Vec<u64> {
    let heirs = || stratum.subjects.iter().map(|s| &s.heir);
    let [poor_either, other_either, poor_neither, other_neither] = counts(heirs(), Through::Either);
    let [poor_both, other_both, ..] = counts(heirs(), Through::Both);
    let by_construction = years == Years::Same && stratum.group == Group::WithParent;
    let just_one = |either, both, neither| match either - both {
        0 if by_construction => either + neither,
        persons => persons,
    };
    vec![just_one(poor_either, poor_both, poor_neither), just_one(other_either, other_both, other_neither)]
}

/// The people by municipality, and whether what `counts` tells of each may be shown: the municipalities of
/// the area add up to the area, the others, with everybody of unknown municipality, to the rest of the country.
pub(crate) fn by_municipality<T>(
    people: &[T],
    municipality: impl Fn(&T) -> (Option<MunicipalityCode>, bool),
) -> BTreeMap<(bool, Option<MunicipalityCode>), Vec<&T>> {
    let mut groups: BTreeMap<_, Vec<&T>> = BTreeMap::new();
    for person in people {
        let (code, in_area) = municipality(person);
        groups.entry((!in_area, code)).or_default().push(person);
    }
    groups
}

/// Decides which municipalities of [`by_municipality`] may be shown, given what each row tells.
pub(crate) fn municipalities_shown<T>(
    groups: &BTreeMap<(bool, Option<MunicipalityCode>), Vec<&T>>,
    counts: impl Fn(&[&T]) -> Vec<u64>,
    minimum: u64,
) -> Vec<bool> {
    let told: Vec<_> = groups.values().map(|people| counts(people)).collect();
    let parts = [false, true].map(|elsewhere| {
        groups.keys().enumerate().filter(|(_, key)| key.0 == elsewhere).map(|(index, _)| index).collect()
    });
    groups_shown(&told, &parts, minimum)
}

/// The four cells of the table of poor parents by poor children.
pub(crate) fn counts<'a>(heirs: impl IntoIterator<Item = &'a Heir>, through: Through) -> [u64; 4] {
    let mut cells = [0; 4];
    for heir in heirs {
        if let Some(parent_poor) = heir.parent_poor(through) {
            cells[usize::from(!parent_poor) * 2 + usize::from(!heir.poor)] += 1;
        }
    }
    cells
}

/// The table of poor parents by poor children; `None` of nobody whose parents' status is known.
pub(crate) fn poverty_table<'a>(
    heirs: impl IntoIterator<Item = &'a Heir>,
    through: Through,
) -> Result<Option<PovertyTable>> {
    let cells = counts(heirs, through);
    if cells == [0; 4] {
        return Ok(None);
    }
    let [both, parent_only, child_only, neither] = cells.map(|count| count as f64);
    Ok(Some(PovertyTable::new(both, parent_only, child_only, neither)?))
}

/// Outflow, inflow, risk ratio and risk difference of those whose parents' status is known.
pub(crate) fn heredity_cells<'a>(
    heirs: impl IntoIterator<Item = &'a Heir>,
    through: Through,
) -> Result<Vec<Cell>> {
    let known: Vec<(&Heir, bool)> =
        heirs.into_iter().filter_map(|heir| Some((heir, heir.parent_poor(through)?))).collect();
    let parent_poor: Vec<bool> = known.iter().map(|(_, poor)| *poor).collect();
    let poor: Vec<bool> = known.iter().map(|(heir, _)| heir.poor).collect();
    let families = family_numbers(known.iter().map(|(heir, _)| heir.family));
    persistence_cells(&parent_poor, &poor, &families)
}

#[cfg(test)]
mod tests {
    use super::*;
    use erflijn::core::{KeyClass, PersonKey};
    use erflijn::linkage::Lineage;

    /// So many people of one kind: (own, father's, mother's poverty), and whether they live with a parent.
    fn people(number: usize, [poor, father, mother]: [bool; 3], with_parent: bool) -> Vec<Subject> {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let lineage = Lineage { child: key(1), father: Some(key(2)), mother: Some(key(3)) };
        let heir = Heir::new(&lineage, poor, |parent| Some(if parent == key(2) { father } else { mother }));
        vec![Subject { heir, sex: Some(Sex::Man), with_parent, municipality: None, in_area: true }; number]
    }

    fn stratum(subjects: &[Subject], years: Years, group: Group) -> (bool, bool) {
        let strata = strata(subjects, years, 10);
        let found = strata.iter().find(|s| s.group == group && s.territory == Territory::Country).unwrap();
        (found.shows(Through::Father), found.shows(Through::Either))
    }

    /// A table of two by two for each parent with at least twenty in each cell.
    fn large() -> Vec<Subject> {
        [[true; 3], [true, false, false], [false, true, true], [false; 3]]
            .into_iter()
            .flat_map(|kind| people(20, kind, false))
            .collect()
    }

    #[test]
    fn either_and_both_are_withheld_where_they_tell_of_few_with_one_poor_parent() {
        let mut subjects = large();
        subjects.extend(people(3, [true, true, false], false));
        subjects.extend(people(15, [false, true, false], false));
        assert_eq!(stratum(&subjects, Years::Different, Group::All), (true, false));
        subjects.extend(people(7, [true, false, true], false));
        assert_eq!(stratum(&subjects, Years::Different, Group::All), (true, true));
    }

    #[test]
    fn cells_that_are_empty_by_construction_hide_nothing() {
        // Who shares a household with both parents is poor when they are: the other cells are no news.
        let mut subjects = large();
        subjects.extend(people(20, [true; 3], true));
        subjects.extend(people(20, [false; 3], true));
        subjects.extend(people(20, [true, true, false], false));
        subjects.extend(people(20, [false, true, false], false));
        assert_eq!(stratum(&subjects, Years::Same, Group::WithParent), (true, true));
        assert_eq!(stratum(&subjects, Years::Different, Group::WithParent), (false, false));
    }

    #[test]
    fn a_stratum_that_would_follow_by_subtraction_is_withheld() {
        let mut subjects = large();
        subjects.extend(people(5, [true; 3], true));
        let shown = |group| stratum(&subjects, Years::Different, group).0;
        let groups = [Group::WithParent, Group::Independent, Group::All];
        assert_eq!(groups.map(shown), [false, false, true]);
    }
}
