//! The provinces in which the area lies, each of them whole: all its municipalities, in the area or not.

use std::collections::BTreeSet;

use anyhow::Result;
use erflijn::core::MunicipalityCode;
use erflijn::regions::{BorderHistory, Province};
use erflijn::report::Language;
use erflijn_examples::{Gate, GroupId};

use crate::groups::{Municipality, Subject};
use crate::measure::{Measure, Own, Parents, count_municipality, number};
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

/// Of whom poverty is told, of whom it is told by the parents too, and of whom it is not.
const KNOWN: [Parents; 3] = [Parents::Any, Parents::BothKnown, Parents::NotBothKnown];

/// Counts the poor of each province and by their parents, and what follows from that beside the region and its
/// municipalities: who lives in a province and in the area, in a province and outside it, and in no such province.
///
/// `regions` are all people of the area and all others.
pub(crate) fn count_provinces<'a>(
    gate: &mut Gate<'_, Measure>,
    regions: [Option<GroupId>; 2],
    municipalities: &[Municipality<'a>],
) -> Result<Vec<ProvincePeople<'a>>> {
    let of = |one: &Municipality<'_>| one.code.and_then(province);
    let of_area: BTreeSet<Province> =
        municipalities.iter().filter(|one| one.in_area).filter_map(of).collect();
    let is_within = |one: &&Municipality<'_>| of(one).is_some_and(|of| of_area.contains(&of));
    let mut provinces = Vec::new();
    let mut pieces: [Vec<GroupId>; 2] = Default::default();
    for name in &of_area {
        let parts: Vec<_> = municipalities.iter().filter(|one| of(one) == Some(*name)).collect();
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
        for measure in Own::BOTH.map(|own| Measure::Of(Parents::Any, own)) {
            let pieces: Vec<_> = pieces.iter().map(|piece| (*piece, measure)).collect();
            gate.adds_up_across((region, measure), &pieces)?;
        }
    }
    Ok(provinces)
}

/// Counts the people of a province in the area and outside it; a province of which all are in the area is one piece.
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
        let both_known = (id, Measure::Of(Parents::BothKnown, own));
        gate.leaves((id, all), &[both_known], (id, Measure::Of(Parents::NotBothKnown, own)))?;
    }
    gate.attribute(id, &owns)?;
    gate.made_up_of(id, &parts.iter().map(|one| one.id).collect::<Vec<_>>())?;
    Ok(id)
}

/// People of whom nothing is told, but of whom something may follow.
fn count_piece(gate: &mut Gate<'_, Measure>, name: &str, parts: &[&Municipality<'_>]) -> Result<GroupId> {
    let subjects: Vec<_> = parts.iter().flat_map(|one| one.subjects.iter().copied()).collect();
    let id = gate.group(name);
    for own in Own::BOTH {
        for parents in KNOWN {
            gate.unpublished(id, Measure::Of(parents, own), number(&subjects, parents, own));
        }
        let [all, known, other] = KNOWN.map(|parents| Measure::Of(parents, own));
        gate.adds_up(id, all, &[known, other])?;
        let parts: Vec<_> = parts.iter().map(|one| (one.id, known)).collect();
        gate.adds_up_across((id, known), &parts)?;
    }
    Ok(id)
}

fn add_up(gate: &mut Gate<'_, Measure>, whole: GroupId, pieces: &[GroupId]) -> Result<()> {
    for measure in KNOWN.into_iter().flat_map(|parents| Own::BOTH.map(|own| Measure::Of(parents, own))) {
        let pieces: Vec<_> = pieces.iter().map(|piece| (*piece, measure)).collect();
        gate.adds_up_across((whole, measure), &pieces)?;
    }
    Ok(())
}
