//! Three generations, and dynasties with their relatives.

use erflijn_core::{StandardError, Weights};
use erflijn_mobility::families::{DynastyRegression, Relatives, ThreeGenerations, mean_of_relatives};
use erflijn_mobility::{LinearModel, MobilityError, correlation};

use crate::common::Lcg;
use crate::inputs::{EXACT, close};

/// Lines of three generations in dynasties of two children each, of a latent factor.
fn lines(draws: &mut Lcg, dynasties: u32, rho: f64, lambda: f64) -> ([Vec<f64>; 3], Vec<u32>) {
    let (mut generations, mut dynasty) = ([const { Vec::new() }; 3], Vec::new());
    let luck = (1.0 - lambda * lambda).sqrt();
    for number in 0..dynasties {
        let first = draws.nearly_normal();
        let second = lambda * first + luck * draws.nearly_normal();
        let shown =
            [first, second].map(|factor| rho * factor + (1.0 - rho * rho).sqrt() * draws.nearly_normal());
        for _ in 0..2 {
            let third = lambda * second + luck * draws.nearly_normal();
            let child = rho * third + (1.0 - rho * rho).sqrt() * draws.nearly_normal();
            for (generation, outcome) in generations.iter_mut().zip([shown[0], shown[1], child]) {
                generation.push(outcome);
            }
            dynasty.push(number);
        }
    }
    (generations, dynasty)
}

#[test]
fn intervals_of_three_generations_cover_the_truth() {
    let (rho, lambda, samples) = (0.8_f64, 0.7, 300);
    // corr one apart rho^2 lambda = 0.448, two apart 0.3136; excess 0.3136 - 0.448^2.
    let truth = [0.448, rho * rho * lambda * lambda - 0.448 * 0.448, lambda, rho];
    let mut draws = Lcg(5);
    let mut covered = [0; 4];
    for _ in 0..samples {
        let ([g, p, c], dynasty) = lines(&mut draws, 400, rho, lambda);
        let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, Some(&dynasty)).unwrap();
        let latent = three.latent_factor().unwrap();
        let found = [three.correlations()[1], three.excess_persistence(), latent.lambda, latent.rho];
        for ((covered, found), truth) in covered.iter_mut().zip(found).zip(truth) {
            let interval = found.interval(0.95).unwrap();
            *covered += usize::from(interval.low <= truth && truth <= interval.high);
        }
    }
    // 285 expected, standard error 3.8.
    for covered in covered {
        assert!((270..=299).contains(&covered), "{covered} of {samples}");
    }
}

#[test]
fn three_generations_agree_with_plain_correlations_and_regressions() {
    let ([g, p, c], dynasty) = lines(&mut Lcg(9), 60, 0.7, 0.8);
    let weights: Vec<f64> = (0..120).map(|i| 0.5 + f64::from(i % 5)).collect();
    let weights = Weights::Probability(&weights);
    let three = ThreeGenerations::new(&g, &p, &c, weights, Some(&dynasty)).unwrap();
    for (found, (a, b)) in three.correlations().iter().zip([(&g, &p), (&p, &c), (&g, &c)]) {
        close(found.value, correlation(a, b, weights).unwrap(), EXACT);
    }
    let model = three.on_parent_and_grandparent().unwrap();
    let plain = LinearModel::fit(&c, &[&p, &g], weights, Some(&dynasty)).unwrap();
    assert_eq!(model.coefficients(), plain.coefficients());
    assert_eq!(model.estimate(2).unwrap().method, StandardError::Cr1);
    // The influence function is the derivative by a weight: the delete-one-dynasty jackknife is close.
    let without = |left_out: u32| {
        let keep: Vec<f64> =
            (0..120).map(|i| if dynasty[i] == left_out { 0.0 } else { weights.get(i) }).collect();
        let three = ThreeGenerations::new(&g, &p, &c, Weights::Probability(&keep), None).unwrap();
        three.excess_persistence().value
    };
    let values: Vec<f64> = (0..60).map(without).collect();
    let mean = values.iter().sum::<f64>() / 60.0;
    let jackknife = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() * 59.0 / 60.0).sqrt();
    close(three.excess_persistence().standard_error, jackknife, 0.1);
}

#[test]
fn the_latent_factor_is_flagged_or_refused() {
    // Correlations 0.8, 0.8 and about 0.5: lambda 0.6, rho above 1.
    let g = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let p = [2.0, 1.0, 4.0, 3.0, 6.0, 5.0];
    let c = [3.0, 1.0, 6.0, 2.0, 5.0, 4.0];
    let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, None).unwrap();
    let [gp, pc, gc] = three.correlations().map(|correlation| correlation.value);
    let latent = three.latent_factor().unwrap();
    close(latent.lambda.value, gc / ((gp + pc) / 2.0), EXACT);
    close(latent.rho.value, ((gp + pc) / 2.0 / latent.lambda.value).sqrt(), EXACT);
    assert!(latent.rho_exceeds_one && latent.rho.value > 1.0);
    let c: Vec<f64> = g.iter().map(|g| -g).collect();
    let three = ThreeGenerations::new(&g, &p, &c, Weights::Equal, None).unwrap();
    assert!(matches!(three.latent_factor(), Err(MobilityError::NoLatentFactor { .. })));
    let refused = |g: &[f64], dynasties| ThreeGenerations::new(g, &p, &c, Weights::Equal, dynasties).err();
    assert_eq!(refused(&[1.0; 6], None), Some(MobilityError::AllTied { name: "grandparent" }));
    assert_eq!(refused(&g, Some(&[1; 6])), Some(MobilityError::TooFewClusters { found: 1 }));
    assert!(matches!(
        refused(&[f64::NAN; 6], None),
        Some(MobilityError::NotFinite { name: "grandparent", .. })
    ));
}

#[test]
fn dynasties_add_relatives_step_by_step() {
    let ([g, p, c], dynasty) = lines(&mut Lcg(4), 80, 0.7, 0.8);
    let steps = DynastyRegression::fit(&c, &[&p, &g], Weights::Equal, Some(&dynasty)).unwrap();
    assert_eq!(steps.steps().len(), 2);
    let one = LinearModel::fit(&c, &[&p], Weights::Equal, Some(&dynasty)).unwrap();
    let first = &steps.steps()[0];
    assert_eq!(first.persistence, one.estimate(1).unwrap());
    // The sum of two coefficients is that of p once g is measured from it: y = a + (b1 + b2) p + b2 (g - p).
    let apart: Vec<f64> = g.iter().zip(&p).map(|(g, p)| g - p).collect();
    let turned =
        LinearModel::fit(&c, &[&p, &apart], Weights::Equal, Some(&dynasty)).unwrap().estimate(1).unwrap();
    close(steps.steps()[1].persistence.value, turned.value, EXACT);
    close(steps.steps()[1].persistence.standard_error, turned.standard_error, EXACT);
    let nobody = DynastyRegression::fit(&c, &[], Weights::Equal, Some(&dynasty)).err();
    assert_eq!(nobody, Some(MobilityError::NoColumns { name: "list of relatives" }));
    let two = mean_of_relatives(&[1.0, 2.0], &[1, 1], &[1, 2], Relatives::Siblings);
    assert_eq!(two, Err(MobilityError::FamilyInTwoDynasties { family: 1, first: 1, second: 2 }));
}
