//! Models, decompositions and curves of the heredity of poverty against statsmodels, R and numpy, on made-up families.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;
mod heredity_inputs;

use common::close;
use erflijn_core::Weights;
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, CovariatesAre, ExposureCurve, FairlieMatching, FairlieSample,
    FourPartColumns, FourPartDecomposition, GapPart, Link, MarginalChange, PovertyOfThreeGenerations,
    ReferenceCoefficients, ReferenceModel, SwitchingOrder, blinder_oaxaca, blinder_oaxaca_threefold,
    controlled_exposure_regression, fairlie, gelbach, karlson_holm_breen,
};
use erflijn_mobility::{Estimate, LinearModel};
use erflijn_poverty::time::{Exposure, ExposureSlope};
use heredity_inputs::{Families, Reference, SAMPLES};

/// Two ways to the same regression in double precision.
const REGRESSION: f64 = 1e-9;
/// Errors through a Jacobian that was inverted as a whole.
const SANDWICH: f64 = 1e-8;
/// R's `glm` takes the weights of its information from the iteration before the last.
const GLM: f64 = 1e-7;
/// Probit: the normal distribution function of statrs has about eleven digits.
const NORMAL: f64 = 1e-8;

#[track_caller]
fn agrees(reference: &Reference, name: &str, found: Estimate) {
    let error = format!("{name}.se");
    let (value, standard_error) = (reference.get(name), reference.get(&error));
    // Values near zero are differences of coefficients, exact to the digits of those.
    let near = (found.value - value).abs() <= REGRESSION * value.abs().max(0.01);
    assert!(near, "{name}: {} against {value}", found.value);
    let near = (found.standard_error - standard_error).abs() <= SANDWICH * standard_error;
    assert!(near, "{error}: {} against {standard_error}", found.standard_error);
}

#[test]
fn binary_models_equal_statsmodels() {
    let (data, python) = (Families::read(), Reference::python());
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for (label, link) in [("logit", Link::Logit), ("probit", Link::Probit)] {
        let get = |name: &str| python.get(&format!("{label}.{name}"));
        for (kind, families) in [("robust", None), ("cluster", Some(&data.family[..]))] {
            let model = BinaryModel::fit(link, &data.poor, &columns, Weights::Equal, families).unwrap();
            close(model.log_likelihood(), get("loglik"), NORMAL);
            for j in 0..5 {
                let estimate = model.estimate(j).unwrap();
                close(estimate.value, get(&format!("b{j}")), NORMAL);
                close(estimate.standard_error, get(&format!("b{j}.{kind}_se")), NORMAL);
                let model_based = model.model_based_covariance()[[j, j]].sqrt();
                close(model_based, get(&format!("b{j}.model_se")), NORMAL);
            }
            for (name, coefficient, change) in
                [("ame1", 1, MarginalChange::ZeroToOne), ("ame2", 2, MarginalChange::Derivative)]
            {
                let effect =
                    model.average_marginal_effect(coefficient, change, CovariatesAre::Fixed).unwrap();
                close(effect.value, get(&format!("{name}.{kind}")), NORMAL);
                close(effect.standard_error, get(&format!("{name}.{kind}.se")), NORMAL);
            }
        }
    }
}

#[test]
fn logits_with_weights_and_families_equal_stacked_equations() {
    let (data, python) = (Families::read(), Reference::python());
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for sample in SAMPLES {
        let (weights, families) = data.sampled(sample);
        let model = BinaryModel::fit(Link::Logit, &data.poor, &columns, weights, families).unwrap();
        for j in 0..5 {
            agrees(&python, &format!("logit.{sample}.b{j}"), model.estimate(j).unwrap());
        }
        for (name, coefficient, change) in
            [("ame1", 1, MarginalChange::ZeroToOne), ("ame2", 2, MarginalChange::Derivative)]
        {
            let effect = model.average_marginal_effect(coefficient, change, CovariatesAre::Sampled).unwrap();
            agrees(&python, &format!("{name}.sampled.{sample}"), effect);
        }
    }
}

#[test]
fn logits_equal_glm_vcovcl_and_svyglm() {
    let (data, r) = (Families::read(), Reference::r());
    let columns = data.model_columns();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let families = Some(&data.family[..]);
    let plain = BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Equal, families).unwrap();
    let weights = Weights::Probability(&data.weight);
    let survey = BinaryModel::fit(Link::Logit, &data.poor, &columns, weights, families).unwrap();
    close(plain.log_likelihood(), r.get("glm.loglik"), REGRESSION);
    for j in 0..5 {
        close(plain.coefficients()[j], r.get(&format!("glm.b{j}")), REGRESSION);
        let clustered = plain.estimate(j).unwrap().standard_error;
        close(clustered, r.get(&format!("glm.b{j}.cluster_se")), GLM);
        close(plain.model_based_covariance()[[j, j]].sqrt(), r.get(&format!("glm.b{j}.model_se")), GLM);
        close(survey.coefficients()[j], r.get(&format!("svyglm.b{j}")), REGRESSION);
        let clustered = survey.estimate(j).unwrap().standard_error;
        close(clustered, r.get(&format!("svyglm.b{j}.se")), GLM);
    }
    // Columns of a thousand and of ten million beside a constant.
    let year: Vec<f64> = data.column("age").iter().map(|age| 1980.0 + age).collect();
    let euros: Vec<f64> = data.column("schooling").iter().map(|years| 1e6 * years).collect();
    let scaled = [&data.parent_number[..], &year, &euros];
    let scaled = BinaryModel::fit(Link::Logit, &data.poor, &scaled, Weights::Equal, families).unwrap();
    for j in 0..4 {
        // glm solves by QR of the columns as they are, which leaves it about nine digits here.
        close(scaled.coefficients()[j], r.get(&format!("scaled.b{j}")), 1e-8);
        let clustered = scaled.estimate(j).unwrap().standard_error;
        close(clustered, r.get(&format!("scaled.b{j}.cluster_se")), 1e-7);
    }
}

#[test]
fn mediation_equals_published_formulas() {
    let (data, python) = (Families::read(), Reference::python());
    let [schooling, mother, employed, female] =
        ["schooling", "mother_schooling", "employed", "female"].map(|name| data.column(name));
    let (first, second): (&[&[f64]], &[&[f64]]) = (&[schooling, mother], &[employed]);
    let (groups, controls) = ([first, second], [female]);
    for sample in SAMPLES {
        let (weights, families) = data.sampled(sample);
        let parts =
            gelbach(&data.poor_number, &data.parent_number, &controls, &groups, weights, families).unwrap();
        let name = |what: &str| format!("gelbach.{sample}.{what}");
        agrees(&python, &name("base"), parts.base());
        agrees(&python, &name("full"), parts.full());
        agrees(&python, &name("explained"), parts.explained());
        for group in 0..2 {
            agrees(&python, &name(&format!("part{group}")), parts.part(group).unwrap());
            agrees(&python, &name(&format!("share{group}")), parts.share(group).unwrap());
        }
        let sum: f64 = (0..2).map(|group| parts.part(group).unwrap().value).sum();
        close(sum, parts.base().value - parts.full().value, REGRESSION);

        let khb = karlson_holm_breen(
            Link::Logit,
            &data.poor,
            &data.parent_number,
            &controls,
            &groups,
            weights,
            families,
        )
        .unwrap();
        let name = |what: &str| format!("khb.{sample}.{what}");
        agrees(&python, &name("full"), khb.full());
        agrees(&python, &name("reduced"), khb.reduced());
        agrees(&python, &name("difference"), khb.difference());
        agrees(&python, &name("share"), khb.share_mediated().unwrap());
        let published = khb.difference_as_published();
        close(published.standard_error, python.get(&name("published_se")), SANDWICH);
        close(published.value, khb.difference().value, REGRESSION);
        for group in 0..2 {
            let found = khb.part(group).unwrap().standard_error;
            close(found, python.get(&name(&format!("part{group}.se"))), SANDWICH);
        }
        assert!(khb.part(2).is_none() && parts.part(2).is_none());
    }
}

#[test]
fn four_parts_equal_five_regressions() {
    let (data, python) = (Families::read(), Reference::python());
    let childhood: Vec<f64> = data.column("poor_years").iter().map(|years| years / 18.0).collect();
    let controls = ["age", "female", "with_parent"].map(|name| data.column(name));
    let background = ["single", "mother_schooling"].map(|name| data.column(name));
    let mediators = ["schooling", "employed"].map(|name| data.column(name));
    let columns = FourPartColumns {
        childhood: &childhood,
        adult_after: data.column("after"),
        adult_before: data.column("before"),
        controls: &controls,
        family_background: &background,
        mediators: &mediators,
    };
    for sample in SAMPLES {
        let (weights, families) = data.sampled(sample);
        let parts = FourPartDecomposition::fit(columns, weights, families).unwrap();
        for (name, found) in [
            ("total", parts.total()),
            ("family_background", parts.family_background()),
            ("mediators", parts.mediators()),
            ("insurance", parts.insurance()),
            ("residual", parts.residual()),
        ] {
            agrees(&python, &format!("four_part.{sample}.{name}"), found);
        }
        let sum = parts.family_background().value
            + parts.mediators().value
            + parts.insurance().value
            + parts.residual().value;
        close(sum, parts.total().value, 1e-14);
    }
}

#[test]
fn gap_equals_statsmodels_and_stacked_equations() {
    let (data, python) = (Families::read(), Reference::python());
    let columns = [&data.parent_number[..], data.column("schooling"), data.column("employed")];
    let references = [
        ("area", ReferenceCoefficients::Area),
        ("elsewhere", ReferenceCoefficients::Elsewhere),
        ("pooled", ReferenceCoefficients::Pooled),
        ("pooled_with_area", ReferenceCoefficients::PooledWithArea),
        ("cotton", ReferenceCoefficients::Cotton),
    ];
    for label in SAMPLES {
        let (weights, clusters) = data.sampled(label);
        let sample = AreaAndElsewhere {
            outcome: &data.poor_number,
            in_area: &data.area,
            columns: &columns,
            weights,
            clusters,
        };
        for (name, reference) in references {
            let two = blinder_oaxaca(sample, reference).unwrap();
            for (part, word) in [(GapPart::Explained, "explained"), (GapPart::Unexplained, "unexplained")] {
                let name = format!("oaxaca.{label}.{name}.{word}");
                agrees(&python, &name, two.part(part).unwrap());
                agrees(&python, &format!("{name}2"), two.contribution(part, &[2]).unwrap());
                if let Some(value) =
                    python.find(&name.replace(label, "statsmodels")).filter(|_| label == "equal")
                {
                    assert!((two.part(part).unwrap().value - value).abs() < 1e-11, "{name}");
                }
            }
            assert!(two.part(GapPart::Interaction).is_none());
            assert!(two.contribution(GapPart::Explained, &[4]).is_none());
        }
        let three = blinder_oaxaca_threefold(sample).unwrap();
        for (part, name) in [
            (GapPart::Endowments, "endowments"),
            (GapPart::Coefficients, "coefficients"),
            (GapPart::Interaction, "interaction"),
        ] {
            agrees(&python, &format!("oaxaca.{label}.{name}"), three.part(part).unwrap());
        }
        agrees(&python, &format!("oaxaca.{label}.gap"), three.gap());
        close(three.gap().value, three.mean_in_area().value - three.mean_elsewhere().value, 1e-14);
    }
}

fn fairlie_sample<'a>(data: &'a Families, sets: &'a [&'a [&'a [f64]]], label: &str) -> FairlieSample<'a> {
    let (weights, clusters) = data.sampled(label);
    FairlieSample { outcome: &data.poor, in_area: &data.area, sets, weights, clusters }
}

#[test]
fn fairlie_equals_stacked_equations() {
    let (data, python) = (Families::read(), Reference::python());
    let (first, second): (&[&[f64]], &[&[f64]]) =
        (&[&data.parent_number], &[data.column("schooling"), data.column("employed")]);
    let sets = [first, second];
    for label in SAMPLES {
        let sample = fairlie_sample(&data, &sets, label);
        for (name, reference) in [
            ("area", ReferenceModel::Area),
            ("elsewhere", ReferenceModel::Elsewhere),
            ("pooled", ReferenceModel::Pooled),
            ("pooled_with_area", ReferenceModel::PooledWithArea),
        ] {
            let parts = fairlie(Link::Logit, sample, reference, FairlieMatching::Quantiles).unwrap();
            agrees(&python, &format!("fairlie.{label}.{name}.explained"), parts.explained());
            agrees(&python, &format!("fairlie.{label}.{name}.unexplained"), parts.unexplained());
            let sum: f64 = parts.contributions().iter().map(|part| part.value).sum();
            assert!((sum - parts.explained().value).abs() < 1e-13);
        }
    }
}

#[test]
fn fairlies_sets_equal_members_written_out() {
    let (data, python) = (Families::read(), Reference::python());
    let (first, second): (&[&[f64]], &[&[f64]]) =
        (&[&data.parent_number], &[data.column("schooling"), data.column("employed")]);
    let sets = [first, second];
    for label in ["equal", "frequency"] {
        let sample = fairlie_sample(&data, &sets, label);
        let parts = fairlie(Link::Logit, sample, ReferenceModel::Pooled, FairlieMatching::Quantiles).unwrap();
        for (set, found) in parts.contributions().iter().enumerate() {
            agrees(&python, &format!("fairlie.quantiles.{label}.set{set}"), *found);
        }
    }
    // Draws scatter about the average of 20,000 of numpy's.
    let sample = fairlie_sample(&data, &sets, "equal");
    let drawn = |seed, order| {
        let matching = FairlieMatching::Drawn { replicates: 400, seed, order };
        fairlie(Link::Logit, sample, ReferenceModel::Pooled, matching).unwrap()
    };
    let one = drawn(1, SwitchingOrder::AsGiven);
    let spread = python.get("fairlie.drawn.set0.spread") / 20.0;
    let distance = one.contributions()[0].value - python.get("fairlie.drawn.set0");
    assert!(distance.abs() < 4.0 * spread, "{distance} against {spread}");
    assert_eq!(one.contributions(), drawn(1, SwitchingOrder::AsGiven).contributions());
    assert_ne!(one.contributions(), drawn(2, SwitchingOrder::AsGiven).contributions());
    assert_ne!(one.contributions(), drawn(1, SwitchingOrder::Shuffled).contributions());
}

#[test]
fn curve_and_generations_equal_svyby() {
    let (data, r) = (Families::read(), Reference::r());
    let bands: Vec<u16> = data.column("poor_years").iter().map(|years| (*years as u16).min(6)).collect();
    let grandparent: Vec<bool> = data.column("grandparent").iter().map(|poor| *poor > 0.5).collect();
    for label in ["families", "weighted"] {
        let (weights, families) = data.sampled(label);
        let curve = ExposureCurve::new(&bands, data.column("after"), weights, families).unwrap();
        for point in curve.points() {
            agrees(&r, &format!("curve.{label}.m{}", point.years), point.mean);
        }
        let difference = curve.difference(0, 6).unwrap().standard_error;
        close(difference, r.get(&format!("curve.{label}.difference.se")), SANDWICH);
        let line = curve.straight_line().unwrap();
        close(line.statistic, r.get(&format!("curve.{label}.wald")), SANDWICH);
        close(line.p_value, r.get(&format!("curve.{label}.p")), SANDWICH);

        let lines = PovertyOfThreeGenerations::new(&grandparent, &data.parent, &data.poor, weights, families)
            .unwrap();
        for (cell, (g, p)) in
            [(true, true), (true, false), (false, true), (false, false)].into_iter().enumerate()
        {
            agrees(&r, &format!("generations.{label}.p{cell}"), lines.chance(g, p).unwrap());
        }
        let effect = lines.grandparent_effect(true).unwrap().standard_error;
        close(effect, r.get(&format!("generations.{label}.effect_poor_parent.se")), SANDWICH);
        let test = lines.order_test().unwrap();
        close(test.statistic, r.get(&format!("generations.{label}.wald")), SANDWICH);
        close(test.p_value, r.get(&format!("generations.{label}.p")), SANDWICH);
    }
}

#[test]
fn exposure_slope_equals_vcovcl() {
    let (data, r) = (Families::read(), Reference::r());
    let childhood: Vec<f64> = data.column("poor_years").iter().map(|years| years / 18.0).collect();
    let controls = [data.column("age"), data.column("female")];
    let fit: LinearModel = controlled_exposure_regression(
        &childhood,
        data.column("after"),
        &controls,
        Weights::Equal,
        Some(&data.family),
    )
    .unwrap();
    agrees(&r, "exposure.slope", fit.estimate(1).unwrap());
}

/// Without controls it is the slope of `erflijn-poverty`, which counts years itself and has least squares of its own.
#[test]
fn exposure_without_controls_is_the_slope_of_spells() {
    let data = Families::read();
    let of =
        |poor_years: f64, years| Exposure { poor_years: poor_years as u16, observed_years: years, years };
    let early: Vec<Exposure> = data.column("poor_years").iter().map(|years| of(*years, 18)).collect();
    let later: Vec<Exposure> =
        data.column("after").iter().map(|share| of((share * 100.0).round(), 100)).collect();
    let shares = |of: &[Exposure]| of.iter().map(|own| own.share().unwrap()).collect::<Vec<f64>>();
    let (childhood, adult) = (shares(&early), shares(&later));
    for weights in [Weights::Equal, Weights::Probability(&data.weight), Weights::Frequency(&data.count)] {
        for families in [None, Some(&data.family[..])] {
            let slope = ExposureSlope::fit(&early, &later, weights, families).unwrap();
            let fit = controlled_exposure_regression(&childhood, &adult, &[], weights, families).unwrap();
            for (number, expected) in [(0, slope.intercept), (1, slope.slope)] {
                let found = fit.estimate(number).unwrap();
                close(found.value, expected.value, SANDWICH);
                close(found.standard_error, expected.standard_error, SANDWICH);
            }
        }
    }
}
