//! The provinces in which the area lies, each of them whole: all its municipalities, in the area or not.

use std::collections::BTreeSet;

use anyhow::Result;
use erflijn::core::MunicipalityCode;
use erflijn::regions::{BorderHistory, Province};
use erflijn::report::Language;
use erflijn_examples::{Gate, GroupId};

use crate::groups::{Municipality, Subject};
use crate::measure::{Measure, Own, Parents, count_municipality, not_together, number};
use crate::study::Study;

/// The people of one province.
pub(crate) struct ProvincePeople<'a> {
    pub province: Province,
    pub subjects: Vec<&'a Subject>,
    pub id: GroupId,
}

/// Those with a municipality of the study area.
pub(crate) fn of_area(study: &Study) -> Vec<Province> {
    let codes = study.region.area.iter().filter_map(|code| code.parse().ok());
    codes.filter_map(province).collect::<BTreeSet<_>>().into_iter().collect()
}

pub(crate) fn province(code: MunicipalityCode) -> Option<Province> {
    BorderHistory::netherlands().province(code)
}

/// For readers.
pub(crate) fn told(province: Province, language: Language) -> String {
    let name = province.name();
    language.choose(format!("provincie {name}"), format!("province of {name}"))
}

/// Everybody, and by their parents.
const EVERYBODY: [Parents; 4] =
    [Parents::Any, Parents::EitherPoor, Parents::NeitherPoor, Parents::NotBothKnown];

/// Counts the poor of each province and by their parents, and what follows from that beside the region and its
/// municipalities: who lives in a province and in the area, in a province and outside it, and in no such province.
///
/// `of_area` are those in which the area lies; `regions` are all people of the area and all others.
pub(crate) fn count_provinces<'a>(
    gate: &mut Gate<'_, Measure>,
    of_area: &[Province],
    regions: [Option<GroupId>; 2],
    municipalities: &[Municipality<'a>],
) -> Result<Vec<ProvincePeople<'a>>> {
    let of = |one: &Municipality<'_>| one.code.and_then(province);
    let is_within = |one: &&Municipality<'_>| of(one).is_some_and(|of| of_area.contains(&of));
    let mut provinces = Vec::new();
    let mut pieces: [Vec<GroupId>; 2] = Default::default();
    for name in of_area {
        let parts: Vec<_> = municipalities.iter().filter(|one| of(one) == Some(*name)).collect();
        if parts.is_empty() {
            continue;
        }
        let whole = format!("province of {}", name.name());
        let id = count_province(gate, &whole, &parts)?;
        divide(gate, (&whole, id), &parts, &mut pieces)?;
        let subjects = parts.iter().flat_map(|one| one.subjects.iter().copied()).collect();
        provinces.push(ProvincePeople { province: *name, subjects, id });
    }
    let [inside, mut outside] = pieces;
    if outside.len() > 1 {
        let parts: Vec<_> = municipalities.iter().filter(|one| !one.in_area && is_within(one)).collect();
        let together = count_piece(gate, "these provinces, outside the area", &parts)?;
        add_up(gate, together, &outside)?;
        outside = vec![together];
    }
    for ((region, in_area), mut pieces) in regions.into_iter().zip([true, false]).zip([inside, outside]) {
        let rest: Vec<_> =
            municipalities.iter().filter(|one| one.in_area == in_area && !is_within(one)).collect();
        if !rest.is_empty() {
            let name = if in_area { "area, in no known province" } else { "in no such province" };
            pieces.push(count_piece(gate, name, &rest)?);
        }
        let Some(region) = region.filter(|_| !of_area.is_empty()) else { continue };
        add_up(gate, region, &pieces)?;
    }
    Ok(provinces)
}

/// Counts the people of a province in the area and outside it; a province of which all are on one side is one piece.
fn divide(
    gate: &mut Gate<'_, Measure>,
    (name, id): (&str, GroupId),
    parts: &[&Municipality<'_>],
    [inside, outside]: &mut [Vec<GroupId>; 2],
) -> Result<()> {
    let (within, beyond): (Vec<_>, Vec<_>) = parts.iter().partition(|one| one.in_area);
    if beyond.is_empty() {
        inside.push(id);
        return Ok(());
    }
    if within.is_empty() {
        outside.push(id);
        return Ok(());
    }
    let both = [
        count_piece(gate, &format!("{name}, in the area"), &within)?,
        count_piece(gate, &format!("{name}, outside the area"), &beyond)?,
    ];
    inside.push(both[0]);
    outside.push(both[1]);
    add_up(gate, id, &both)
}

/// What is told of a province.
fn count_province(gate: &mut Gate<'_, Measure>, name: &str, parts: &[&Municipality<'_>]) -> Result<GroupId> {
    let subjects: Vec<_> = parts.iter().flat_map(|one| one.subjects.iter().copied()).collect();
    let id = gate.group(name);
    count_municipality(gate, id, &subjects)?;
    let owns = Own::BOTH.map(|own| Measure::Of(Parents::Any, own));
    for own in Own::BOTH {
        let all = Measure::Of(Parents::Any, own);
        gate.count(id, all, number(&subjects, Parents::Any, own));
        gate.side_of_share(id, all)?;
        let [_, parent_poor, no_parent_poor, rest] = EVERYBODY.map(|parents| (id, Measure::Of(parents, own)));
        gate.leaves((id, all), &[parent_poor, no_parent_poor], rest)?;
    }
    not_together(gate, id, &Parents::EITHER_APART)?;
    gate.attribute(id, &owns)?;
    gate.made_up_of(id, &parts.iter().map(|one| one.id).collect::<Vec<_>>())?;
    Ok(id)
}

/// People of whom nothing is told, but of whom something may follow.
fn count_piece(gate: &mut Gate<'_, Measure>, name: &str, parts: &[&Municipality<'_>]) -> Result<GroupId> {
    let subjects: Vec<_> = parts.iter().flat_map(|one| one.subjects.iter().copied()).collect();
    let id = gate.group(name);
    for own in Own::BOTH {
        for parents in EVERYBODY {
            gate.unpublished(id, Measure::Of(parents, own), number(&subjects, parents, own));
        }
        let [all, parts @ ..] = EVERYBODY.map(|parents| Measure::Of(parents, own));
        gate.adds_up(id, all, &parts)?;
    }
    not_together(gate, id, &Parents::EITHER_APART)?;
    gate.made_up_of(id, &parts.iter().map(|one| one.id).collect::<Vec<_>>())?;
    Ok(id)
}

fn add_up(gate: &mut Gate<'_, Measure>, whole: GroupId, pieces: &[GroupId]) -> Result<()> {
    for measure in EVERYBODY.into_iter().flat_map(|parents| Own::BOTH.map(|own| Measure::Of(parents, own))) {
        let pieces: Vec<_> = pieces.iter().map(|piece| (*piece, measure)).collect();
        gate.adds_up_across((whole, measure), &pieces)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use erflijn::core::{KeyClass, PersonKey};
    use erflijn::disclosure::Profile;
    use erflijn::linkage::Lineage;
    use erflijn_examples::Territory;

    use crate::groups::{CountedHeredity, Group, Heredity, Tabulation, Years};
    use crate::heredity::Heir;
    use crate::measure::Detail;

    const EMMEN: &str = "0114";
    const COEVORDEN: &str = "0109";
    const GRONINGEN: &str = "0014";

    /// So many poor people of a municipality, and two hundred who are not poor; of the parents nothing is known.
    fn people(code: Option<&str>, poor: usize) -> Vec<Subject> {
        let key = |number| PersonKey::new(KeyClass::R, number).unwrap();
        let lineage = Lineage { child: key(1), father: Some(key(2)), mother: Some(key(3)) };
        let subject = |poor| Subject {
            heir: Heir::new(&lineage, poor, |_| None),
            sex: None,
            with_parent: false,
            municipality: code.map(|code| code.parse().unwrap()),
            in_area: code == Some(EMMEN),
        };
        [vec![subject(true); poor], vec![subject(false); 200]].concat()
    }

    /// Whether the shares poor of the area, of the province and of the country are all shown.
    fn all_shown(outside_area: usize, without_municipality: usize) -> bool {
        let mut subjects = people(Some(EMMEN), 100);
        subjects.extend(people(Some(COEVORDEN), outside_area));
        subjects.extend(people(Some(GRONINGEN), 100));
        subjects.extend(people(None, without_municipality));
        let profile = Profile::european_rule_of_thumb();
        let mut gate = Gate::new(&profile);
        let of_area = [province(EMMEN.parse().unwrap()).unwrap()];
        let tabulation = Tabulation {
            groups: &[Group::All],
            detail: Detail::All,
            years: Years::Different,
            provinces: &of_area,
        };
        let counted = CountedHeredity::new(&mut gate, &subjects, &tabulation).unwrap();
        let heredity = counted.opened(Rc::new(gate.open().unwrap()));
        let strata = [Territory::Area, Territory::Country].map(|territory| {
            heredity.own_basis(heredity.stratum(territory, Group::All).unwrap()).unwrap().is_shown()
        });
        let [drenthe] = &heredity.provinces[..] else { panic!("the area lies in one province") };
        assert_eq!(drenthe.subjects.len(), 500 + outside_area);
        strata == [true; 2] && heredity.own_basis_of_province(drenthe).unwrap().is_shown()
    }

    #[test]
    fn a_province_does_not_tell_of_few_who_live_in_it_outside_the_area() {
        assert!(all_shown(40, 40));
        assert!(!all_shown(4, 40));
    }

    #[test]
    fn a_province_is_told_where_nobody_is_of_the_area() {
        let subjects = [people(Some(COEVORDEN), 100), people(Some(GRONINGEN), 100)].concat();
        let profile = Profile::european_rule_of_thumb();
        let of_area = [province(EMMEN.parse().unwrap()).unwrap()];
        let heredity = Heredity::through_either(&subjects, Years::Different, &of_area, &profile).unwrap();
        let [drenthe] = &heredity.provinces[..] else { panic!("people live in it") };
        assert_eq!(drenthe.subjects.len(), 300);
        assert!(heredity.own_basis_of_province(drenthe).unwrap().is_shown());
        assert!(heredity.stratum(Territory::Area, Group::All).is_none());
    }

    #[test]
    fn few_without_a_municipality_are_in_no_province() {
        // With the hundred of Groningen they are many in no such province.
        assert!(all_shown(40, 4));
    }
}
