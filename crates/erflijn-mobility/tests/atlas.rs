//! Cells of an atlas against regressions on the children of each cell.

#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use erflijn_core::{CoreError, StandardError, Weights};
use erflijn_mobility::atlas::{Atlas, AtlasCell, AtlasSample, CellGrid};
use erflijn_mobility::{Estimate, LinearModel, MobilityError, Sandwich};
use proptest::prelude::*;

/// Both sides lose some digits where parents' ranks are close together; relative to the spread of the outcomes.
const ROUNDING: f64 = 1e-8;

const RANKS: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

#[derive(Debug, Clone)]
struct Children {
    region: Vec<u32>,
    sex: Vec<u32>,
    rank: Vec<f64>,
    outcome: Vec<f64>,
    frequency: Vec<u32>,
    probability: Vec<f64>,
    family: Vec<u32>,
    parent_class: Vec<u8>,
    child_class: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Equal,
    Frequency,
    Probability,
}

impl Children {
    fn select(&self, keep: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.rank.len()).filter(|&i| keep(i)).collect();
        fn of<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&i| column[i]).collect()
        }
        Self {
            region: of(&self.region, &rows),
            sex: of(&self.sex, &rows),
            rank: of(&self.rank, &rows),
            outcome: of(&self.outcome, &rows),
            frequency: of(&self.frequency, &rows),
            probability: of(&self.probability, &rows),
            family: of(&self.family, &rows),
            parent_class: of(&self.parent_class, &rows),
            child_class: of(&self.child_class, &rows),
        }
    }

    fn weights(&self, kind: Kind) -> Weights<'_> {
        match kind {
            Kind::Equal => Weights::Equal,
            Kind::Frequency => Weights::Frequency(&self.frequency),
            Kind::Probability => Weights::Probability(&self.probability),
        }
    }

    fn add_to(&self, atlas: &mut Atlas, kind: Kind, families: bool) -> Result<(), MobilityError> {
        let cells = atlas.grid().cells_of(&[&self.region, &self.sex])?;
        atlas.update(&AtlasSample {
            cells: &cells,
            parent_rank: &self.rank,
            outcome: &self.outcome,
            classes: Some((&self.parent_class, &self.child_class, 3)),
            weights: self.weights(kind),
            families: families.then_some(&self.family),
        })
    }
}

fn grid() -> CellGrid {
    CellGrid::new(&[4, 2]).unwrap()
}

/// Up to 60 children; ranks that tie, outcomes of any level, families of up to four that move and mix sexes.
fn children() -> impl Strategy<Value = Children> {
    let child =
        (0_u32..4, 0_u32..2, 0_u32..=20, -3.0..3.0_f64, 0_u32..3, 0.1..4.0_f64, 0_u8..3, 0_u8..3, 0_u32..3);
    (prop::collection::vec(child, 1..60), prop::sample::select(vec![0.0, 1.0, 1e4])).prop_map(
        |(rows, level)| {
            let mut family = 0;
            let mut children = Children {
                region: vec![],
                sex: vec![],
                rank: vec![],
                outcome: vec![],
                frequency: vec![],
                probability: vec![],
                family: vec![],
                parent_class: vec![],
                child_class: vec![],
            };
            for (region, sex, rank, outcome, frequency, probability, parent, child, step) in rows {
                family += u32::from(step == 0);
                children.region.push(region);
                children.sex.push(sex);
                children.rank.push(f64::from(rank) / 20.0);
                children.outcome.push(level + outcome);
                children.frequency.push(frequency);
                children.probability.push(if frequency == 0 { 0.0 } else { probability });
                children.family.push(family);
                children.parent_class.push(parent);
                children.child_class.push(child);
            }
            children
        },
    )
}

fn close(name: &str, found: f64, expected: f64, scale: f64) -> Result<(), TestCaseError> {
    prop_assert!((found - expected).abs() <= ROUNDING * scale.max(1.0), "{name}: {found} for {expected}");
    Ok(())
}

/// Compares a cell with a regression on the children in it.
fn compare(
    cell: Option<AtlasCell<'_>>,
    own: &Children,
    kind: Kind,
    families: bool,
) -> Result<(), TestCaseError> {
    let weights = own.weights(kind);
    let somebody = (0..own.rank.len()).any(|i| weights.get(i) > 0.0);
    prop_assert_eq!(cell.is_some(), somebody);
    let Some(cell) = cell else { return Ok(()) };
    let clusters = families.then_some(&own.family[..]);
    let mean = LinearModel::fit(&own.outcome, &[], weights, None);
    if let Ok(mean) = &mean {
        for kind in [Sandwich::Classical, Sandwich::Hc0, Sandwich::Hc1] {
            let (found, expected) = (cell.mean(kind).unwrap(), mean.estimate_by(0, kind).unwrap());
            close("mean", found.value, expected.value, expected.value.abs())?;
            close("error of the mean", found.standard_error, expected.standard_error, 1.0)?;
        }
        prop_assert_eq!(cell.observations(), mean.observations());
    }
    let column = [&own.rank[..]];
    let independent = LinearModel::fit(&own.outcome, &column, weights, None);
    let model = match &independent {
        Err(MobilityError::Collinear { .. }) => {
            prop_assert_eq!(cell.line().unwrap_err(), MobilityError::AllTied { name: "parent_rank" });
            return Ok(());
        }
        Err(error) => {
            prop_assert_eq!(&cell.line().unwrap_err(), error);
            return Ok(());
        }
        Ok(model) => model,
    };
    let line = cell.line().unwrap();
    let clustered = LinearModel::fit(&own.outcome, &column, weights, clusters);
    let mut kinds = vec![(Sandwich::Classical, model), (Sandwich::Hc0, model), (Sandwich::Hc1, model)];
    if let (true, Ok(clustered)) = (families, &clustered) {
        kinds.extend([(Sandwich::Cr0, clustered), (Sandwich::Cr1, clustered)]);
    } else if families {
        let refused = line.slope(Sandwich::Cr1).unwrap_err();
        prop_assert!(matches!(refused, MobilityError::TooFewClusters { found: 1 }), "{:?}", refused);
    }
    for (kind, model) in kinds {
        let covariance = model.covariance(kind).unwrap();
        let [a, b] = [0, 1].map(|j| model.coefficients()[j]);
        let scale = a.abs() + b.abs() + 1.0;
        // An error of 0 comes out as the root of a rounding.
        let error = |name: &str, found: f64, variance: f64| {
            close(name, found * found, variance.max(0.0), (scale * scale) * 1e-6 + variance)
        };
        let slope = line.slope(kind).unwrap();
        close("slope", slope.value, b, scale)?;
        error("error of the slope", slope.standard_error, covariance[[1, 1]])?;
        close("intercept", line.intercept(kind).unwrap().value, a, scale)?;
        let own = line.covariance(kind).unwrap();
        for at in [(0, 0), (0, 1), (1, 1)] {
            close("covariance", own[at], covariance[at], scale * scale * 1e-6 + covariance[[0, 0]])?;
        }
        for rank in RANKS {
            let found = line.expected_outcome(rank, kind).unwrap();
            let variance =
                covariance[[0, 0]] + 2.0 * rank * covariance[[0, 1]] + rank * rank * covariance[[1, 1]];
            close("expected", found.value, a + b * rank, scale)?;
            close(
                "its variance",
                found.standard_error.powi(2),
                variance.max(0.0),
                scale * scale * 1e-6 + covariance[[0, 0]],
            )?;
        }
    }
    compare_table(&cell, own, kind)
}

fn compare_table(cell: &AtlasCell<'_>, own: &Children, kind: Kind) -> Result<(), TestCaseError> {
    let weights = own.weights(kind);
    let counts = cell.counts().unwrap().unwrap();
    for i in 0..3_u8 {
        for j in 0..3_u8 {
            let here = (0..own.rank.len()).filter(|&r| own.parent_class[r] == i && own.child_class[r] == j);
            let expected: f64 = here.map(|r| weights.get(r)).sum();
            close("count", counts.cells()[[usize::from(i), usize::from(j)]], expected, 1.0)?;
        }
    }
    // Persistence is the mean of an indicator among children of bottom parents, its error HC0 (binomial if unweighted).
    let bottom = own.select(|r| own.parent_class[r] == 0);
    let stays: Vec<f64> = bottom.child_class.iter().map(|class| f64::from(u8::from(*class == 0))).collect();
    if let Ok(model) = LinearModel::fit(&stays, &[], bottom.weights(kind), None) {
        let (found, expected) = (cell.persistence(0).unwrap(), model.estimate_by(0, Sandwich::Hc0).unwrap());
        close("persistence", found.value, expected.value, 1.0)?;
        close("its variance", found.standard_error.powi(2), expected.standard_error.powi(2), 1.0)?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_cell_is_the_regression_on_its_children(children in children(), families: bool) {
        for kind in [Kind::Equal, Kind::Frequency, Kind::Probability] {
            let mut atlas = Atlas::new(grid());
            children.add_to(&mut atlas, kind, families).unwrap();
            for (region, sex) in (0..4).flat_map(|region| [(region, 0), (region, 1)]) {
                let own = children.select(|i| (children.region[i], children.sex[i]) == (region, sex));
                compare(atlas.cell(&[region, sex]).unwrap(), &own, kind, families)?;
            }
        }
    }

    #[test]
    fn rolled_up_cells_are_regressions_on_all_their_children(children in children()) {
        for kind in [Kind::Equal, Kind::Frequency, Kind::Probability] {
            let mut atlas = Atlas::new(grid());
            children.add_to(&mut atlas, kind, false).unwrap();
            // Region 3 is left out, 0 and 2 become one.
            let province = |region: u32| [Some(1), Some(0), Some(1), None][region as usize];
            let into: Vec<Option<u32>> = (0..4).map(province).collect();
            let rolled = atlas.roll_up(0, &into).unwrap().roll_up(1, &[Some(0), Some(0)]).unwrap();
            prop_assert_eq!(rolled.grid().sizes(), [2, 1]);
            for code in 0..2 {
                let own = children.select(|i| province(children.region[i]) == Some(code));
                compare(rolled.cell(&[code, 0]).unwrap(), &own, kind, false)?;
            }
        }
    }

    #[test]
    fn parts_add_up(children in children(), cut in 0_u32..12, families: bool) {
        for kind in [Kind::Equal, Kind::Frequency, Kind::Probability] {
            let (first, second) =
                (children.select(|i| children.family[i] < cut), children.select(|i| children.family[i] >= cut));
            let (mut merged, mut updated, mut other) = (Atlas::new(grid()), Atlas::new(grid()), Atlas::new(grid()));
            first.add_to(&mut merged, kind, families).unwrap();
            second.add_to(&mut other, kind, families).unwrap();
            merged.merge(&other).unwrap();
            first.add_to(&mut updated, kind, families).unwrap();
            second.add_to(&mut updated, kind, families).unwrap();
            for (region, sex) in (0..4).flat_map(|region| [(region, 0), (region, 1)]) {
                let own = children.select(|i| (children.region[i], children.sex[i]) == (region, sex));
                compare(merged.cell(&[region, sex]).unwrap(), &own, kind, families)?;
                compare(updated.cell(&[region, sex]).unwrap(), &own, kind, families)?;
            }
        }
    }
}

fn one_cell(rank: &[f64], outcome: &[f64]) -> Atlas {
    let mut atlas = Atlas::new(CellGrid::new(&[1]).unwrap());
    let cells = vec![0; rank.len()];
    let sample = AtlasSample {
        cells: &cells,
        parent_rank: rank,
        outcome,
        classes: None,
        weights: Weights::Equal,
        families: None,
    };
    atlas.update(&sample).unwrap();
    atlas
}

#[test]
fn three_children_by_hand() {
    // Means 1/2 and 1/3, Sxx = 1/2, Sxy = 0.
    let atlas = one_cell(&[0.0, 0.5, 1.0], &[0.0, 1.0, 0.0]);
    let line = atlas.cell(&[0]).unwrap().unwrap().line().unwrap();
    // Residuals -1/3, 2/3, -1/3; HC1 = 3 sum e^2 u^2 / Sxx^2 = 3 (2 (1/9)(1/4)) / (1/4) = 2/3.
    let slope = line.slope(Sandwich::Hc1).unwrap();
    assert!(slope.value.abs() < 1e-15 && (slope.standard_error - (2.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    // Classical: s^2 = 6/9 on one degree of freedom, over Sxx.
    let classical = line.slope(Sandwich::Classical).unwrap();
    assert!((classical.standard_error - (4.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    // t(0.975; 1) = 12.706204736432095 (R qt).
    let interval = line.interval(&classical, 0.95).unwrap();
    assert!((interval.high / (12.706204736432095 * (4.0_f64 / 3.0).sqrt()) - 1.0).abs() < 1e-9);
}

/// Ten thousand incomes about a million with a spread of one: sums about nought would keep four digits.
#[test]
fn far_levels_and_close_ranks_keep_their_digits() {
    let rank: Vec<f64> = (0..10_000).map(|i| 0.5 + 1e-6 * f64::from(i % 101)).collect();
    let outcome: Vec<f64> =
        (0..10_000).map(|i| 1e6 + f64::from(i % 7) + 1e4 * (rank[i as usize] - 0.5)).collect();
    let atlas = one_cell(&rank, &outcome);
    let line = atlas.cell(&[0]).unwrap().unwrap().line().unwrap();
    let model = LinearModel::fit(&outcome, &[&rank], Weights::Equal, None).unwrap();
    let relative = |found: Estimate, expected: Estimate| {
        let parts = [(found.value, expected.value), (found.standard_error, expected.standard_error)];
        parts.into_iter().map(|(found, expected)| (found / expected - 1.0).abs()).fold(0.0, f64::max)
    };
    let expected = model.estimate_by(1, Sandwich::Hc1).unwrap();
    // Outcomes of a million carry ten digits behind the point.
    assert!(relative(line.slope(Sandwich::Hc1).unwrap(), expected) < 1e-9);
}

#[test]
fn bad_input_is_named_and_adds_nothing() {
    let mut atlas = Atlas::new(CellGrid::new(&[2]).unwrap());
    let good = AtlasSample {
        cells: &[0, 1],
        parent_rank: &[0.5, 0.6],
        outcome: &[1.0, 2.0],
        classes: Some((&[0, 1], &[0, 1], 2)),
        weights: Weights::Equal,
        families: Some(&[3, 3]),
    };
    let refused =
        |sample: AtlasSample<'_>| Atlas::new(CellGrid::new(&[2]).unwrap()).update(&sample).unwrap_err();
    use MobilityError as E;
    assert!(matches!(
        refused(AtlasSample { cells: &[0, 2], ..good }),
        E::NoSuchCell { index: 1, found: 2, cells: 2 }
    ));
    assert!(matches!(refused(AtlasSample { outcome: &[1.0], ..good }), E::Core(CoreError::Length { .. })));
    assert!(matches!(
        refused(AtlasSample { outcome: &[1.0, f64::NAN], ..good }),
        E::NotFinite { index: 1, .. }
    ));
    let percentiles = refused(AtlasSample { parent_rank: &[0.5, 60.0], ..good });
    assert!(matches!(percentiles, E::Core(CoreError::OutOfRange { name: "parent_rank", .. })));
    let classes = refused(AtlasSample { classes: Some((&[0, 2], &[0, 1], 2)), ..good });
    assert!(matches!(classes, E::NoSuchClass { found: 2, classes: 2 }));
    let one_class = refused(AtlasSample { classes: Some((&[0, 0], &[0, 0], 1)), ..good });
    assert!(matches!(one_class, E::TooFewClasses { found: 1 }));
    let mixed = refused(AtlasSample { families: Some(&[3, 2]), ..good });
    assert!(matches!(mixed, E::FamiliesNotInOrder { index: 1, found: 2 }));
    let weights = refused(AtlasSample { weights: Weights::Probability(&[1.0, -1.0]), ..good });
    assert!(matches!(weights, E::Core(CoreError::Weight { index: 1, .. })));

    atlas.update(&good).unwrap();
    let before = atlas.clone();
    // The family of before may not come again: it would count as two.
    assert!(matches!(atlas.update(&good).unwrap_err(), E::FamiliesNotInOrder { index: 0, found: 3 }));
    let later = AtlasSample { families: Some(&[4, 5]), ..good };
    for (sample, what) in [
        (AtlasSample { classes: None, ..later }, "number of classes"),
        (AtlasSample { families: None, ..later }, "use of families"),
        (AtlasSample { weights: Weights::Frequency(&[1, 1]), ..later }, "kind of weights"),
    ] {
        assert_eq!(atlas.update(&sample).unwrap_err(), E::DifferentAtlas { what });
    }
    assert_eq!(atlas, before);
    assert_eq!(atlas.roll_up(0, &[Some(0), Some(0)]).unwrap_err(), E::FamiliesNotAdditive);
    assert!(matches!(atlas.merge(&before).unwrap_err(), E::DifferentAtlas { .. }));
    assert!(matches!(
        atlas.merge(&Atlas::new(CellGrid::new(&[3]).unwrap())).unwrap_err(),
        E::DifferentAtlas { what: "grid" }
    ));
}

#[test]
fn what_a_cell_does_not_have_is_said() {
    let atlas = one_cell(&[0.5, 0.5, 0.5], &[1.0, 2.0, 3.0]);
    let cell = atlas.cell(&[0]).unwrap().unwrap();
    assert_eq!(cell.line().unwrap_err(), MobilityError::AllTied { name: "parent_rank" });
    assert!(cell.counts().unwrap().is_none() && cell.persistence(0).is_none());
    assert_eq!(cell.mean(Sandwich::Cr1).unwrap_err(), MobilityError::NoClusters);
    let leverage = MobilityError::NeedsEachObservation { sandwich: StandardError::Hc3 };
    assert_eq!(cell.mean(Sandwich::Hc3).unwrap_err(), leverage);
    let two = one_cell(&[0.4, 0.5], &[1.0, 2.0]);
    let two = two.cell(&[0]).unwrap().unwrap();
    assert_eq!(two.line().unwrap_err(), MobilityError::TooFewObservations { found: 2, needed: 3 });
    assert!((two.mean_parent_rank() - 0.45).abs() < 1e-15);
    let nobody = Atlas::new(grid());
    assert!(nobody.cell(&[3, 1]).unwrap().is_none() && nobody.cells().next().is_none());
    assert!(matches!(
        nobody.cell(&[4, 1]),
        Err(MobilityError::NoSuchCode { dimension: 0, found: 4, size: 4, .. })
    ));
    assert!(nobody.roll_up(0, &[None; 4]).is_err() && nobody.roll_up(2, &[]).is_err());
    assert!(CellGrid::new(&[]).is_err() && CellGrid::new(&[0]).is_err());
    assert!(CellGrid::new(&[u32::MAX]).is_err() && CellGrid::new(&[1 << 20, 1 << 20]).is_err());
}
