//! Intervals of 95 per cent hold the truth of made-up families 95 times in a hundred; those of a wrong error do not.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::Lcg;
use erflijn_core::Weights;
use erflijn_mobility::heredity::{
    AreaAndElsewhere, BinaryModel, CovariatesAre, FourPartColumns, FourPartDecomposition, GapPart, Link,
    MarginalChange, PovertyOfThreeGenerations, ReferenceCoefficients, blinder_oaxaca, gelbach,
    karlson_holm_breen,
};
use erflijn_mobility::{Estimate, PovertyPersistence};

const ROUNDS: u32 = 300;

/// How often intervals held the truth.
#[derive(Default)]
struct Coverage {
    inside: u32,
    rounds: u32,
}

impl Coverage {
    fn add(&mut self, estimate: Estimate, truth: f64) {
        let interval = estimate.interval(0.95).unwrap();
        self.inside += u32::from(interval.low <= truth && truth <= interval.high);
        self.rounds += 1;
    }

    fn share(&self) -> f64 {
        f64::from(self.inside) / f64::from(self.rounds)
    }

    /// Three Monte-Carlo errors, sqrt(0.95 * 0.05 / 300) = 0.0126, and half a point that 150 families leave.
    #[track_caller]
    fn is_right(&self, what: &str) {
        assert!((self.share() - 0.95).abs() < 0.043, "{what}: {}", self.share());
    }

    #[track_caller]
    fn is_too_low(&self, what: &str) {
        assert!(self.share() < 0.9, "{what}: {}", self.share());
    }
}

/// Children in families of two to four; all that a family shares is drawn once.
struct Made {
    family: Vec<u32>,
    /// Poverty of the parent, 0 or 1.
    x: Vec<f64>,
    /// A mediator, `0.5 x + shared + own`.
    z: Vec<f64>,
    /// Shared error and own error of the outcome.
    error: Vec<f64>,
    /// Another uniform number for each child.
    chance: Vec<f64>,
    in_area: Vec<bool>,
}

fn make(random: &mut Lcg, families: u32) -> Made {
    let (mut family, mut x, mut z) = (Vec::new(), Vec::new(), Vec::new());
    let (mut error, mut chance, mut in_area) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..families {
        let area = random.uniform() < 0.5;
        let poor = f64::from(random.uniform() < if area { 0.5 } else { 0.3 });
        let (of_z, of_error) = (random.normal(), random.normal());
        for _ in 0..2 + (3.0 * random.uniform()) as u32 {
            family.push(number);
            x.push(poor);
            z.push(0.5 * poor + 0.6 * of_z + 0.8 * random.normal());
            error.push(0.7 * of_error + 0.7 * random.normal());
            chance.push(random.uniform());
            in_area.push(area);
        }
    }
    Made { family, x, z, error, chance, in_area }
}

fn outcome(made: &Made, of: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..made.x.len()).map(of).collect()
}

#[test]
fn gelbach_and_blinder_oaxaca() {
    let mut random = Lcg(11);
    let [mut part, mut part_alone, mut explained, mut explained_alone, mut unexplained] =
        std::array::from_fn(|_| Coverage::default());
    for _ in 0..ROUNDS {
        let made = make(&mut random, 150);
        let y = outcome(&made, |i| 0.3 * made.x[i] + 0.4 * made.z[i] + made.error[i]);
        let families = Some(&made.family[..]);
        let mediators: &[&[f64]] = &[&made.z];
        let parts = |families| gelbach(&y, &made.x, &[], &[mediators], Weights::Equal, families).unwrap();
        // 0.5 * 0.4
        part.add(parts(families).part(0).unwrap(), 0.2);
        part_alone.add(parts(None).part(0).unwrap(), 0.2);
        // The area's effect of a poor parent is larger by 0.2: (0.5 - 0.3) * 0.3 explained, 0.5 * 0.2 not.
        let y =
            outcome(&made, |i| (0.3 + 0.2 * f64::from(made.in_area[i])) * made.x[i] + 0.5 * made.error[i]);
        let parts = |clusters| {
            let sample = AreaAndElsewhere {
                outcome: &y,
                in_area: &made.in_area,
                columns: &[&made.x],
                weights: Weights::Equal,
                clusters,
            };
            blinder_oaxaca(sample, ReferenceCoefficients::Elsewhere).unwrap()
        };
        explained.add(parts(families).part(GapPart::Explained).unwrap(), 0.06);
        explained_alone.add(parts(None).part(GapPart::Explained).unwrap(), 0.06);
        unexplained.add(parts(families).part(GapPart::Unexplained).unwrap(), 0.1);
    }
    part.is_right("part through the mediator");
    part_alone.is_too_low("the same, siblings as strangers");
    explained.is_right("explained");
    explained_alone.is_too_low("the same, siblings as strangers");
    unexplained.is_right("unexplained");
}

#[test]
fn four_parts() {
    let mut random = Lcg(12);
    let [mut background, mut mediators, mut insurance, mut residual, mut alone] =
        std::array::from_fn(|_| Coverage::default());
    for _ in 0..ROUNDS {
        let made = make(&mut random, 150);
        // Background b = 0.4 x + noise, mediator m = 0.3 x + 0.5 b + noise; all kept well inside 0 to 1.
        let noise = |i: usize| made.chance[i] - 0.5;
        let b = outcome(&made, |i| 0.4 * made.x[i] + 0.2 * made.z[i]);
        let m = outcome(&made, |i| 0.3 * made.x[i] + 0.5 * b[i] + noise(i));
        let small = |i: usize| 0.01 * made.error[i];
        let before = outcome(&made, |i| 0.4 + 0.1 * made.x[i] + 0.04 * b[i] + 0.05 * m[i] + small(i));
        let after = outcome(&made, |i| 0.4 + 0.06 * made.x[i] + 0.02 * b[i] + 0.02 * m[i] + 0.5 * small(i));
        let columns = FourPartColumns {
            childhood: &made.x,
            adult_after: &after,
            adult_before: &before,
            controls: &[],
            family_background: &[&b],
            mediators: &[&m],
        };
        let fit = |families| FourPartDecomposition::fit(columns, Weights::Equal, families).unwrap();
        let parts = fit(Some(&made.family[..]));
        // b on x: 0.4 + 0.2 * 0.5 = 0.5. Before: total 0.1 + 0.04 * 0.5 + 0.05 * (0.3 + 0.25) = 0.1475; with b the slope
        // is 0.1 + 0.05 * 0.3 = 0.115; with m 0.1. After: total 0.06 + 0.01 + 0.011 = 0.081, with both 0.06.
        background.add(parts.family_background(), 0.0325);
        mediators.add(parts.mediators(), 0.015);
        insurance.add(parts.insurance(), (0.081 - 0.1475) - (0.06 - 0.1));
        residual.add(parts.residual(), 0.06);
        alone.add(fit(None).residual(), 0.06);
    }
    background.is_right("family background");
    mediators.is_right("mediators");
    insurance.is_right("insurance");
    residual.is_right("residual");
    alone.is_too_low("residual, siblings as strangers");
}

#[test]
fn logit_effects_and_mediation() {
    let mut random = Lcg(13);
    let [mut coefficient, mut difference, mut effect, mut fixed] =
        std::array::from_fn(|_| Coverage::default());
    // The effect in the population: from a made-up country of 60,000 families, outcomes integrated out.
    let chance = |x: f64, z: f64| Link::Logit.probability(-1.0 + 0.8 * x + 2.0 * z);
    let country = make(&mut random, 60_000);
    let truth =
        country.z.iter().map(|z| chance(1.0, *z) - chance(0.0, *z)).sum::<f64>() / country.z.len() as f64;
    for _ in 0..ROUNDS {
        let made = make(&mut random, 150);
        let y: Vec<bool> = (0..made.x.len()).map(|i| made.chance[i] < chance(made.x[i], made.z[i])).collect();
        let families = Some(&made.family[..]);
        let model = BinaryModel::fit(Link::Logit, &y, &[&made.x, &made.z], Weights::Equal, families).unwrap();
        coefficient.add(model.estimate(1).unwrap(), 0.8);
        let of =
            |covariates| model.average_marginal_effect(1, MarginalChange::ZeroToOne, covariates).unwrap();
        effect.add(of(CovariatesAre::Sampled), truth);
        let mediators: &[&[f64]] = &[&made.z];
        let khb = karlson_holm_breen(Link::Logit, &y, &made.x, &[], &[mediators], Weights::Equal, families)
            .unwrap();
        // 0.5 * 2
        difference.add(khb.difference(), 1.0);
        let strangers =
            karlson_holm_breen(Link::Logit, &y, &made.x, &[], &[mediators], Weights::Equal, None).unwrap();
        fixed.add(strangers.difference(), 1.0);
    }
    coefficient.is_right("coefficient of the logit");
    effect.is_right("average marginal effect");
    difference.is_right("what runs through the mediator");
    fixed.is_too_low("the same, siblings as strangers");
}

#[test]
fn risk_ratio_and_grandparents_with_weights() {
    let mut random = Lcg(14);
    let [mut ratio, mut ratio_alone, mut ratio_plain, mut direct] =
        std::array::from_fn(|_| Coverage::default());
    for _ in 0..ROUNDS {
        // p1 = 0.4: 0.78 or 0.02 by a family's luck. p0 = 0.1: 0.5 or 0. Who is not poor is interviewed half the time.
        let made = make(&mut random, 300);
        let luck: Vec<f64> = (0..300).map(|_| random.uniform()).collect();
        let (mut parent, mut child, mut family, mut weight) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for i in 0..made.x.len() {
            let luck = luck[made.family[i] as usize];
            let risk = match made.x[i] > 0.5 {
                true => [0.02, 0.78][usize::from(luck < 0.5)],
                false => [0.0, 0.5][usize::from(luck < 0.2)],
            };
            let poor = made.chance[i] < risk;
            if poor || random.uniform() < 0.5 {
                parent.push(made.x[i] > 0.5);
                child.push(poor);
                family.push(made.family[i]);
                weight.push(if poor { 1.0 } else { 2.0 });
            }
        }
        let fit = |weights, families| PovertyPersistence::new(&parent, &child, weights, families).unwrap();
        let weights = Weights::Probability(&weight);
        ratio.add(fit(weights, Some(&family)).log_risk_ratio().unwrap(), 4.0_f64.ln());
        ratio_alone.add(fit(weights, None).log_risk_ratio().unwrap(), 4.0_f64.ln());
        ratio_plain.add(fit(Weights::Equal, Some(&family)).log_risk_ratio().unwrap(), 4.0_f64.ln());
        // Grandparents are independent of all else: no direct effect.
        let mut grandparent = Vec::new();
        let old: Vec<bool> = (0..300).map(|_| random.uniform() < 0.5).collect();
        grandparent.extend(family.iter().map(|family| old[*family as usize]));
        let lines =
            PovertyOfThreeGenerations::new(&grandparent, &parent, &child, weights, Some(&family)).unwrap();
        direct.add(lines.grandparent_effect(true).unwrap(), 0.0);
    }
    ratio.is_right("log risk ratio");
    ratio_alone.is_too_low("the same, siblings as strangers");
    ratio_plain.is_too_low("the same without weights");
    direct.is_right("effect of a grandparent");
}
