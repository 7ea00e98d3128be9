//! Municipalities in order, and how sure the order is.

use anyhow::Result;
use erflijn::core::Estimate;
use erflijn::disclosure::Released;
use erflijn::mobility::areas::{
    AreaErrors, BetweenVariance, Coverage, RankOptions, empirical_bayes, rank_confidence_sets,
};
use erflijn::report::{Cell, Table};
use erflijn_examples::GroupId;

use crate::areas::{Area, ClearedAtlas};
use crate::counts::Measure;
use crate::tables::{LINE, at_poor_parents};

/// A municipality in the picture.
pub(crate) struct Placed {
    pub(crate) name: String,
    pub(crate) shrunk: Released<f64>,
    pub(crate) error: Released<f64>,
    pub(crate) raw: Released<f64>,
    pub(crate) ranks: Released<(u32, u32)>,
}

/// Municipalities in order of their shrunk values, with the table of them.
///
/// Means, shrinkage and ranks take the numbers of all of them: those only of which the number may be shown by itself.
pub(crate) fn order(cleared: &ClearedAtlas<'_>) -> Result<(Table, Vec<Placed>)> {
    let columns = [
        "area",
        "p25",
        "reliability",
        "shrunk",
        "error",
        "rank",
        "rank low",
        "rank high",
        "alone low",
        "alone high",
    ];
    let mut table = Table::new("order", "Municipalities in order of expected ranks at rank 0.25 of the parents", &columns)
        .note("Shrunk: drawn towards the mean of the municipalities. Any rank from low to high may be the area's own, in all areas at once; alone low to alone high for one area chosen beforehand.");
    let found = told(cleared)?;
    if found.len() < 2 {
        return Ok((
            table.note("Fewer than two municipalities can be shown: there is no order."),
            Vec::new(),
        ));
    }
    let groups: Vec<GroupId> = found.iter().map(|(area, _)| area.group()).collect();
    let basis = cleared.opened.joint_basis(&groups, &[Measure::All])?.model(LINE * groups.len() as u64);
    let values: Vec<f64> = found.iter().map(|(_, estimate)| estimate.value).collect();
    let errors: Vec<f64> = found.iter().map(|(_, estimate)| estimate.standard_error).collect();
    let shrunk = empirical_bayes(&values, &errors, BetweenVariance::DerSimonianLaird)?;
    let sets = |coverage| {
        let options = RankOptions { coverage, ..RankOptions::default() };
        rank_confidence_sets(&values, AreaErrors::Independent(&errors), &options)
    };
    let (sets, alone) = (sets(Coverage::Simultaneous)?, sets(Coverage::Marginal)?);
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| shrunk.areas[*b].value.total_cmp(&shrunk.areas[*a].value).then(a.cmp(b)));
    let mut placed = Vec::new();
    for place in order {
        let (area, set, name) = (shrunk.areas[place], sets[place], found[place].0.name());
        let error = area.mean_squared_error.sqrt();
        let rank = |rank: u32| basis.count(rank.into());
        table.rows.push(vec![
            Cell::text(name),
            basis.number(values[place]),
            basis.number(area.reliability),
            basis.number(area.value),
            basis.number(error),
            rank(set.rank),
            rank(set.low),
            rank(set.high),
            rank(alone[place].low),
            rank(alone[place].high),
        ]);
        placed.push(Placed {
            name: name.to_owned(),
            shrunk: basis.tell(Some(area.value)),
            error: basis.tell(Some(error)),
            raw: basis.tell(Some(values[place])),
            ranks: basis.tell(Some((set.low, set.high))),
        });
    }
    Ok((table, placed))
}

/// Municipalities whose expected rank and error may be shown.
fn told<'a>(cleared: &'a ClearedAtlas<'_>) -> Result<Vec<(Area<'a>, Estimate)>> {
    let mut told = Vec::new();
    for area in cleared.municipalities() {
        let estimate = at_poor_parents(area.cell(Measure::All)?.as_ref());
        if area.basis(&[Measure::All])?.model(LINE).is_shown() {
            told.extend(estimate.filter(|own| own.standard_error > 0.0).map(|own| (area, own)));
        }
    }
    Ok(told)
}
