//! Values of R (`survival`, `sandwich`, `survey`) on a made-up panel with gaps, weights and families; the
//! script and its output lie in `reference/`.

use std::collections::HashMap;

use erflijn_core::{Estimate, Weights};
use erflijn_poverty::time::{
    EntryExit, ExposureSlope, HazardTable, LongTermRule, Share, SpellKind, StatusPanel, long_term_poverty,
    second_order_test, years_poor,
};

use crate::{assert_near, panel_of};

/// Both sides sum a hundred numbers in doubles; R's glm iterates to 1e-14 of the deviance.
const SAME: f64 = 1e-11;

struct Reference {
    panel: StatusPanel,
    families: Vec<u32>,
    probability: Vec<f64>,
    frequency: Vec<u32>,
    values: HashMap<String, f64>,
}

impl Reference {
    fn load() -> Self {
        let rows: Vec<Vec<&str>> = include_str!("../reference/synthetic_panel.csv")
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect())
            .collect();
        let texts: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        let values = include_str!("../reference/poverty_over_time.csv")
            .lines()
            .skip(1)
            .map(|line| line.split_once(',').unwrap())
            .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
            .collect();
        Self {
            panel: panel_of(2010, &texts),
            families: rows.iter().map(|row| row[1].parse().unwrap()).collect(),
            probability: rows.iter().map(|row| row[2].parse().unwrap()).collect(),
            frequency: rows.iter().map(|row| row[3].parse().unwrap()).collect(),
            values,
        }
    }

    #[track_caller]
    fn assert(&self, name: &str, found: f64) {
        assert_near(name, found, self.values[name], SAME);
    }

    #[track_caller]
    fn assert_series(&self, name: &str, found: &[f64]) {
        for (k, found) in (1..).zip(found) {
            self.assert(&format!("{name}.{k}"), *found);
        }
        assert!(!self.values.contains_key(&format!("{name}.{}", found.len() + 1)), "{name} is longer in R");
    }
}

#[test]
fn life_tables_agree_with_survfit() {
    let reference = Reference::load();
    for (name, kind) in [("exit", SpellKind::Poverty), ("reentry", SpellKind::OutOfPoverty)] {
        let table = |weights| HazardTable::new(&reference.panel, weights, kind).unwrap().rows;
        let error = |estimate: Option<Estimate>| estimate.unwrap().standard_error;

        let rows = table(Weights::Equal);
        let series = |f: &dyn Fn(usize) -> f64| (0..rows.len()).map(f).collect::<Vec<_>>();
        let check = |what: &str, found: &[f64]| reference.assert_series(&format!("{name}.{what}"), found);
        check("equal.n.risk", &series(&|d| rows[d].hazard.denominator()));
        check("equal.n.event", &series(&|d| rows[d].hazard.numerator()));
        check("equal.surv", &series(&|d| rows[d].survival));
        check("equal.greenwood", &series(&|d| error(rows[d].greenwood)));
        check("equal.robust", &series(&|d| error(rows[d].robust)));

        let rows = table(Weights::Probability(&reference.probability));
        let series = |f: &dyn Fn(usize) -> f64| (0..rows.len()).map(f).collect::<Vec<_>>();
        check("probability.surv", &series(&|d| rows[d].survival));
        check("probability.robust", &series(&|d| error(rows[d].robust)));
        assert!(rows.iter().all(|row| row.greenwood.is_none()));

        let rows = table(Weights::Frequency(&reference.frequency));
        let series = |f: &dyn Fn(usize) -> f64| (0..rows.len()).map(f).collect::<Vec<_>>();
        check("frequency.surv", &series(&|d| rows[d].survival));
        check("frequency.greenwood", &series(&|d| error(rows[d].greenwood)));
    }
}

#[test]
fn pooled_flows_agree_with_the_sandwich_of_persons() {
    let reference = Reference::load();
    let weighted = Weights::Probability(&reference.probability);
    for (name, weights) in [("equal", Weights::Equal), ("probability", weighted)] {
        let flows = EntryExit::tally(&reference.panel, weights).unwrap();
        let check = |flow: &str, share: Share| {
            let estimate = share.estimate().unwrap();
            reference
                .assert_series(&format!("flow.{flow}.{name}"), &[estimate.value, estimate.standard_error]);
        };
        check("entry", flows.entry);
        check("exit", flows.exit);
    }
}

#[test]
fn the_persistent_rate_agrees_with_a_survey_mean() {
    let reference = Reference::load();
    let weights = Weights::Probability(&reference.probability);
    let rates = long_term_poverty(&reference.panel, weights, LongTermRule::EU_PERSISTENT).unwrap();
    let last = rates.by_year.last().unwrap().share.estimate().unwrap();
    reference.assert_series("eu_last.probability", &[last.value, last.standard_error]);
}

#[test]
fn the_slope_agrees_with_lm_and_sandwich() {
    let reference = Reference::load();
    let early = years_poor(&reference.panel, 2010..=2013).unwrap();
    let later = years_poor(&reference.panel, 2014..=2017).unwrap();
    let fit = |weights, families| ExposureSlope::fit(&early, &later, weights, families).unwrap();
    let weighted = Weights::Probability(&reference.probability);
    for (name, weights) in [
        ("equal", Weights::Equal),
        ("probability", weighted),
        ("frequency", Weights::Frequency(&reference.frequency)),
    ] {
        let plain = fit(weights, None);
        let found = [
            plain.intercept.value,
            plain.slope.value,
            plain.intercept.standard_error,
            plain.slope.standard_error,
        ];
        reference.assert_series(&format!("slope.{name}"), &found);
    }
    for (name, weights) in [("equal", Weights::Equal), ("probability", weighted)] {
        let clustered = fit(weights, Some(&reference.families));
        let found = [clustered.intercept.standard_error, clustered.slope.standard_error];
        reference.assert_series(&format!("slope.{name}.family"), &found);
    }
}

#[test]
fn the_order_agrees_with_nested_logits() {
    let reference = Reference::load();
    let test = second_order_test(&reference.panel, Weights::Equal).unwrap();
    let found = [test.statistic, f64::from(test.degrees_of_freedom), test.p_value];
    reference.assert_series("order", &found);
}
