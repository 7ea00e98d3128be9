//! Persistence by parent and living situation, and the measures of a table that survive weights and families.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "zero and one are reached exactly")]

mod common;
mod heredity_inputs;

use common::{Lcg, close};
use erflijn_core::Weights;
use erflijn_mobility::heredity::{
    BinaryModel, ChildrenOfParents, CovariatesAre, DestinationPopulation, Link, LivingSituation,
    MarginalChange, OneKnownParent, ParentPoor, PersistenceMeasure, gelbach,
};
use erflijn_mobility::{LinearModel, MobilityError, PovertyPersistence, PovertyTable};
use heredity_inputs::{Families, Reference, SAMPLES};

/// A Jacobian that was inverted as a whole, or a contrast by R's symbolic derivative.
const SANDWICH: f64 = 1e-8;
/// One division of exact numbers.
const EXACT: f64 = 1e-12;

const MEASURES: [(PersistenceMeasure, &str); 9] = [
    (PersistenceMeasure::Persistence, "persistence"),
    (PersistenceMeasure::Entry, "entry"),
    (PersistenceMeasure::RiskDifference, "risk_difference"),
    (PersistenceMeasure::LogRiskRatio, "log_risk_ratio"),
    (PersistenceMeasure::LogOddsRatio, "log_odds_ratio"),
    (PersistenceMeasure::RetrospectiveShare, "retrospective_share"),
    (PersistenceMeasure::JointShare, "joint_share"),
    (PersistenceMeasure::AttributableFraction, "attributable_fraction"),
    (PersistenceMeasure::FourfoldCorrelation, "fourfold_correlation"),
];

fn living(data: &Families) -> Vec<LivingSituation> {
    let with_parent = data.column("with_parent").iter();
    with_parent
        .map(|home| if *home > 0.5 { LivingSituation::WithParent } else { LivingSituation::Independent })
        .collect()
}

fn children<'a>(data: &'a Families, living: &'a [LivingSituation], sample: &str) -> ChildrenOfParents<'a> {
    let (weights, families) = data.sampled(sample);
    ChildrenOfParents {
        father_poor: &data.father,
        mother_poor: &data.mother,
        child_poor: &data.poor,
        living,
        weights,
        families,
        one_known_parent: OneKnownParent::Counts,
    }
}

#[test]
fn measures_equal_svycontrast() {
    let (data, r) = (Families::read(), Reference::r());
    for sample in ["families", "weighted"] {
        let (weights, families) = data.sampled(sample);
        let fit = PovertyPersistence::new(&data.parent, &data.poor, weights, families).unwrap();
        for (name, found) in [
            ("retrospective_share", fit.retrospective_share().unwrap()),
            ("joint_share", fit.joint_share()),
            ("attributable_fraction", fit.attributable_fraction().unwrap()),
            ("fourfold_correlation", fit.fourfold_correlation().unwrap()),
        ] {
            close(found.value, r.get(&format!("table.{sample}.{name}")), SANDWICH);
            close(found.standard_error, r.get(&format!("table.{sample}.{name}.se")), SANDWICH);
        }
        // The exit has CR1, which is (n - 1) / (n - 2) of R's squared.
        let n = fit.observations() as f64;
        let expected = r.get(&format!("table.{sample}.exit.se")) * ((n - 1.0) / (n - 2.0)).sqrt();
        close(fit.exit().standard_error, expected, SANDWICH);
        close(fit.exit().value, r.get(&format!("table.{sample}.exit")), SANDWICH);
        // On the scale of the logarithm of what is left: 1 - f = exp(ln(1 - f) -+ z se / (1 - f)).
        let (f, se) = (
            fit.attributable_fraction().unwrap(),
            r.get(&format!("table.{sample}.attributable_fraction.se")),
        );
        let interval = fit.attributable_fraction_interval(0.95).unwrap().unwrap();
        let margin = 1.959_963_984_540_054 * se / (1.0 - f.value);
        close(interval.low, 1.0 - (1.0 - f.value) * margin.exp(), SANDWICH);
        close(interval.high, 1.0 - (1.0 - f.value) * (-margin).exp(), SANDWICH);
    }
}

#[test]
fn every_measure_is_that_of_the_table() {
    let data = Families::read();
    let (weights, families) = data.sampled("weighted");
    let fit = PovertyPersistence::new(&data.parent, &data.poor, weights, families).unwrap();
    let table = fit.table();
    for (measure, expected) in [
        (PersistenceMeasure::Persistence, table.persistence()),
        (PersistenceMeasure::Entry, table.entry()),
        (PersistenceMeasure::Exit, table.exit()),
        (PersistenceMeasure::RetrospectiveShare, table.retrospective_share()),
        (PersistenceMeasure::JointShare, table.joint_share()),
        (PersistenceMeasure::RiskDifference, table.risk_difference().map(|estimate| estimate.value)),
        (PersistenceMeasure::LogRiskRatio, table.log_risk_ratio().map(|estimate| estimate.value)),
        (PersistenceMeasure::LogOddsRatio, table.log_odds_ratio().map(|estimate| estimate.value)),
        (PersistenceMeasure::AttributableFraction, table.attributable_fraction()),
        (PersistenceMeasure::FourfoldCorrelation, table.fourfold_correlation()),
    ] {
        close(fit.measure(measure).unwrap().value, expected.unwrap(), EXACT);
    }
    let by_name = [
        (PersistenceMeasure::LogRiskRatio, fit.log_risk_ratio().unwrap()),
        (PersistenceMeasure::LogOddsRatio, fit.log_odds_ratio().unwrap()),
    ];
    for (measure, named) in by_name {
        close(fit.measure(measure).unwrap().standard_error, named.standard_error, EXACT);
    }
}

#[test]
fn an_empty_cell_is_named() {
    let fit = |cells: [usize; 4]| {
        let (mut parent, mut child) = (Vec::new(), Vec::new());
        for (cell, count) in cells.into_iter().enumerate() {
            parent.extend(std::iter::repeat_n(cell < 2, count));
            child.extend(std::iter::repeat_n(cell % 2 == 0, count));
        }
        PovertyPersistence::new(&parent, &child, Weights::Equal, None).unwrap()
    };
    let reason = |cells, measure| match fit(cells).measure(measure) {
        Err(MobilityError::ZeroCell { cell, .. }) => cell,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason([0, 3, 2, 5], PersistenceMeasure::LogRiskRatio), "both");
    assert_eq!(reason([2, 3, 0, 5], PersistenceMeasure::LogRiskRatio), "child_only");
    assert_eq!(reason([2, 0, 2, 5], PersistenceMeasure::LogOddsRatio), "parent_only");
    assert_eq!(reason([2, 3, 2, 0], PersistenceMeasure::LogOddsRatio), "neither");
    // Nobody poor: shares of the poor are undefined. All poor: what separates them is.
    assert_eq!(reason([0, 3, 0, 5], PersistenceMeasure::RetrospectiveShare), "poor_children");
    assert_eq!(reason([0, 3, 0, 5], PersistenceMeasure::AttributableFraction), "poor_children");
    assert_eq!(reason([3, 0, 5, 0], PersistenceMeasure::FourfoldCorrelation), "other_children");
    let nobody = fit([0, 3, 0, 5]);
    assert_eq!((nobody.retrospective_share(), nobody.fourfold_correlation()), (None, None));
    assert_eq!(nobody.attributable_fraction_interval(0.95).unwrap(), None);
    assert!(nobody.attributable_fraction_interval(1.0).is_err());
    // Only children of poor parents are poor: all of it is attributable, and no interval ends below 1.
    let all = fit([2, 3, 0, 5]);
    close(all.attributable_fraction().unwrap().value, 1.0, EXACT);
    assert_eq!(all.attributable_fraction_interval(0.95).unwrap(), None);
}

#[test]
fn errors_of_a_table_are_the_published_ones() {
    let table = PovertyTable::new(20.0, 80.0, 30.0, 270.0).unwrap();
    let error = |measure| table.measure(measure).unwrap().standard_error;
    close(
        error(PersistenceMeasure::Persistence),
        table.persistence_estimate().unwrap().standard_error,
        EXACT,
    );
    close(error(PersistenceMeasure::Entry), table.entry_estimate().unwrap().standard_error, EXACT);
    close(error(PersistenceMeasure::Exit), 0.04, EXACT); // sqrt(0.2 * 0.8 / 100)
    close(error(PersistenceMeasure::JointShare), (0.05_f64 * 0.95 / 400.0).sqrt(), EXACT);
    close(error(PersistenceMeasure::RetrospectiveShare), (0.4_f64 * 0.6 / 50.0).sqrt(), EXACT);
    close(error(PersistenceMeasure::RiskDifference), 0.0019_f64.sqrt(), EXACT); // 0.0016 + 0.0003
    close(error(PersistenceMeasure::LogRiskRatio), table.log_risk_ratio().unwrap().standard_error, EXACT);
    close(error(PersistenceMeasure::LogOddsRatio), table.log_odds_ratio().unwrap().standard_error, EXACT);
    // Walter 1976: Var ln(1 - f) = (80 + 0.2 * 290) / (400 * 30) = 0.0115, f = 0.2.
    close(error(PersistenceMeasure::AttributableFraction), 0.8 * 0.0115_f64.sqrt(), EXACT);
    let interval = table.attributable_fraction_interval(0.95).unwrap().unwrap();
    close(interval.low, 1.0 - 0.8 * (1.959_963_984_540_054 * 0.0115_f64.sqrt()).exp(), EXACT);
    // Without any pair there is no measure at all.
    for (measure, _) in MEASURES {
        let refused = PovertyTable::default().measure(measure);
        assert!(matches!(refused, Err(MobilityError::ZeroCell { .. })), "{measure:?}: {refused:?}");
    }
    assert_eq!(PovertyTable::default().attributable_fraction_interval(0.95).unwrap(), None);
}

#[test]
fn half_a_pair_in_each_cell_on_request() {
    // Cells 0.5, 3.5, 2.5, 5.5: odds ratio (0.5 * 5.5) / (3.5 * 2.5) = 11/35, variance 2 + 2/7 + 2/5 + 2/11.
    let table = PovertyTable::new(0.0, 3.0, 2.0, 5.0).unwrap();
    assert_eq!(table.log_odds_ratio(), None);
    let log = table.haldane_anscombe().log_odds_ratio().unwrap();
    close(log.value, (11.0_f64 / 35.0).ln(), EXACT);
    close(log.standard_error, (2.0_f64 + 2.0 / 7.0 + 2.0 / 5.0 + 2.0 / 11.0).sqrt(), EXACT);
}

#[test]
fn differences_equal_stacked_equations() {
    let (data, python) = (Families::read(), Reference::python());
    let living = living(&data);
    for sample in SAMPLES {
        let children = children(&data, &living, sample);
        for (measure, word) in MEASURES {
            let all = DestinationPopulation::All;
            for (name, found) in [
                (
                    "father_mother",
                    children.between_parents(ParentPoor::Father, ParentPoor::Mother, all, measure),
                ),
                ("both_father", children.between_parents(ParentPoor::Both, ParentPoor::Father, all, measure)),
                ("living", children.between_populations(ParentPoor::Mother, measure)),
            ] {
                let (found, name) = (found.unwrap(), format!("contrast.{sample}.{name}.{word}"));
                let value = python.get(&name);
                assert!((found.value - value).abs() < 1e-11, "{name}: {} against {value}", found.value);
                close(found.standard_error, python.get(&format!("{name}.se")), SANDWICH);
            }
        }
    }
}

#[test]
fn each_number_is_that_of_the_children_picked_by_hand() {
    let data = Families::read();
    let living = living(&data);
    let n = data.poor.len();
    for sample in SAMPLES {
        let children = children(&data, &living, sample);
        for parent in ParentPoor::ALL {
            for population in DestinationPopulation::ALL {
                let found = children.persistence(parent, population).unwrap();
                assert_eq!((found.parent, found.population), (parent, population));
                // Slow twin: loop over the children, with the rules in words.
                let (mut cells, mut home, mut left_out, mut one) = ([0.0; 4], 0.0, 0.0, 0.0);
                for (i, living) in living.iter().enumerate().take(n) {
                    let weight = children.weights.get(i);
                    let at_home = *living == LivingSituation::WithParent;
                    if (population == DestinationPopulation::WithParent && !at_home)
                        || (population == DestinationPopulation::Independent && at_home)
                    {
                        continue;
                    }
                    let known: Vec<bool> = [data.father[i], data.mother[i]].into_iter().flatten().collect();
                    let poor = match parent {
                        ParentPoor::Father => data.father[i],
                        ParentPoor::Mother => data.mother[i],
                        ParentPoor::Either => (!known.is_empty()).then(|| known.contains(&true)),
                        ParentPoor::Both => (known.len() == 2).then(|| !known.contains(&false)),
                    };
                    let Some(poor) = poor else {
                        left_out += weight;
                        continue;
                    };
                    cells[usize::from(!poor) * 2 + usize::from(!data.poor[i])] += weight;
                    home += if at_home { weight } else { 0.0 };
                    one += if known.len() == 1 { weight } else { 0.0 };
                }
                let table = found.fit.table();
                let total: f64 = cells.iter().sum();
                for (found, expected) in
                    [table.both(), table.parent_only(), table.child_only(), table.neither()]
                        .into_iter()
                        .zip(cells)
                {
                    close(found, expected, EXACT);
                }
                close(found.share_with_parent, home / total, EXACT);
                assert!((found.share_one_known_parent - one / total).abs() < EXACT);
                assert!((found.left_out - left_out).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn models_of_any_parent_and_population_tell_of_the_children_of_the_table() {
    let data = Families::read();
    let home = living(&data);
    let sample = children(&data, &home, "weighted");
    for parent in ParentPoor::ALL {
        for population in DestinationPopulation::ALL {
            let table = sample.persistence(parent, population).unwrap().fit.risk_difference();
            let chosen = sample.select(parent, population).unwrap();
            let (weight, family) = (chosen.pick(&data.weight), chosen.pick(&data.family));
            let (poor, number) = (chosen.pick(&data.poor), chosen.pick(&data.poor_number));
            let parent_poor: Vec<f64> = chosen.parent_poor.iter().map(|poor| f64::from(*poor)).collect();
            let (weights, families) = (Weights::Probability(&weight), Some(&family[..]));
            // The linear probability model has the slope and the error of the table.
            let linear = LinearModel::fit(&number, &[&parent_poor], weights, families).unwrap();
            let slope = linear.estimate(1).unwrap();
            close(slope.value, table.value, SANDWICH);
            close(slope.standard_error, table.standard_error, SANDWICH);
            // A logit of one column fits both shares; its errors lack the factor (n - 1) / (n - 2) of CR1.
            let logit = BinaryModel::fit(Link::Logit, &poor, &[&parent_poor], weights, families).unwrap();
            let step = MarginalChange::ZeroToOne;
            let effect = logit.average_marginal_effect(1, step, CovariatesAre::Fixed).unwrap();
            let n = logit.observations() as f64;
            close(effect.value, table.value, SANDWICH);
            let expected = table.standard_error / ((n - 1.0) / (n - 2.0)).sqrt();
            close(effect.standard_error, expected, SANDWICH);
            let schooling = chosen.pick(data.column("schooling"));
            let parts = gelbach(&number, &parent_poor, &[], &[&[&schooling]], weights, families).unwrap();
            close(parts.base().value, table.value, SANDWICH);
            close(parts.base().standard_error, expected, SANDWICH);
        }
    }
}

#[test]
fn either_and_both_tell_of_the_same_children_on_request() {
    let (poor, not, unknown) = (Some(true), Some(false), None);
    for (father, mother, either, strict, both) in [
        (poor, poor, poor, poor, poor),
        (poor, not, poor, poor, not),
        (not, not, not, not, not),
        (poor, unknown, poor, unknown, unknown),
        (unknown, not, not, unknown, unknown),
        (unknown, unknown, unknown, unknown, unknown),
    ] {
        let status = |parent: ParentPoor, rule| parent.status(father, mother, rule);
        assert_eq!(status(ParentPoor::Either, OneKnownParent::Counts), either);
        assert_eq!(status(ParentPoor::Either, OneKnownParent::LeftOut), strict);
        for rule in [OneKnownParent::Counts, OneKnownParent::LeftOut] {
            assert_eq!(status(ParentPoor::Both, rule), both);
            assert_eq!(
                (status(ParentPoor::Father, rule), status(ParentPoor::Mother, rule)),
                (father, mother)
            );
        }
    }
}

#[test]
fn unusable_children_are_refused() {
    let data = Families::read();
    let living = living(&data);
    let good = children(&data, &living, "equal");
    let nobody = vec![LivingSituation::Independent; living.len()];
    let none_at_home = ChildrenOfParents { living: &nobody, ..good };
    let persistence = |children: ChildrenOfParents<'_>| {
        children.persistence(ParentPoor::Mother, DestinationPopulation::WithParent)
    };
    assert!(matches!(persistence(none_at_home), Err(MobilityError::Core(_))));
    let difference = none_at_home.between_populations(ParentPoor::Mother, PersistenceMeasure::Persistence);
    assert!(matches!(difference, Err(MobilityError::NoParents { group: "poor" })));
    let short = ChildrenOfParents { father_poor: &data.father[1..], ..good };
    assert!(matches!(persistence(short), Err(MobilityError::Core(_))));
    let one_family = vec![1; living.len()];
    let one_family = ChildrenOfParents { families: Some(&one_family), ..good };
    assert!(matches!(persistence(one_family), Err(MobilityError::TooFewClusters { found: 1 })));
    let mothers = vec![Some(false); living.len()];
    let no_poor_mother = ChildrenOfParents { mother_poor: &mothers, ..good };
    assert!(matches!(persistence(no_poor_mother), Err(MobilityError::NoParents { group: "poor" })));
}

#[test]
fn intervals_of_the_attributable_fraction_cover() {
    // Families of one to three children who share their parents' poverty and their luck. p1 = 0.4, p0 = 0.1 on average
    // over luck, 0.9 of it up or down; parents poor with chance 0.3: f = 0.3 * 0.3 / (0.1 + 0.09) = 9/19.
    let truth = 9.0 / 19.0;
    let mut random = Lcg(20_260_715);
    let (mut inside, mut inside_if_independent) = (0, 0);
    let rounds = 600;
    for _ in 0..rounds {
        let (mut parent, mut child, mut family) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..300 {
            let poor = random.uniform() < 0.3;
            let luck = if random.uniform() < 0.5 { 0.9 } else { -0.9 };
            let risk = if poor { 0.4 + 0.4 * luck } else { 0.1 + 0.1 * luck };
            for _ in 0..1 + (3.0 * random.uniform()) as u32 {
                parent.push(poor);
                child.push(random.uniform() < risk);
                family.push(number);
            }
        }
        let covers = |families: Option<&[u32]>| {
            let fit = PovertyPersistence::new(&parent, &child, Weights::Equal, families).unwrap();
            let interval = fit.attributable_fraction_interval(0.95).unwrap().unwrap();
            u32::from(interval.low <= truth && truth <= interval.high)
        };
        inside += covers(Some(&family));
        inside_if_independent += covers(None);
    }
    // 95 of 100; Monte-Carlo error sqrt(0.95 * 0.05 / 600) = 0.009, four of them.
    let share = f64::from(inside) / f64::from(rounds);
    assert!((share - 0.95).abs() < 0.036, "{share}");
    // Taking siblings as strangers must show, or this test could not fail.
    let independent = f64::from(inside_if_independent) / f64::from(rounds);
    assert!(independent < 0.93, "{independent}");
}
