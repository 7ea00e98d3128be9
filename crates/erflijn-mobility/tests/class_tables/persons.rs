//! Tables of persons, with weights and families.

use erflijn_core::{StandardError, Weights};
use erflijn_mobility::class_tables::{AssociationModel, ClassTable, ParameterName, fit_association};

use crate::inputs::{LIKELIHOOD, close, reference};

/// The persons of the R script: three to a family, the origin that of the first.
fn persons() -> (Vec<u32>, Vec<u32>, Vec<u32>, Vec<f64>) {
    let mut state = 1_u64;
    let mut draw = || {
        state = state * 16_807 % 2_147_483_647;
        state as f64 / 2_147_483_647.0
    };
    let (mut family, mut origin, mut destination, mut weight) = (vec![], vec![], vec![], vec![]);
    for i in 0..600_u32 {
        family.push(i / 3);
        let own = if i % 3 == 0 { (3.0 * draw()) as u32 } else { origin[i as usize - 1] };
        origin.push(own);
        destination.push(if draw() < 0.4 { own } else { (3.0 * draw()) as u32 });
        weight.push(0.5 + 2.0 * draw());
    }
    (family, origin, destination, weight)
}

#[test]
fn weights_and_families_are_those_of_survey() {
    let (family, origin, destination, weight) = persons();
    for (kind, families) in [("weights", None), ("families", Some(family.as_slice()))] {
        let weights = Weights::Probability(&weight);
        let table = ClassTable::tally(&origin, &destination, None, [1, 3, 3], weights, families).unwrap();
        let fit = fit_association(&table, &AssociationModel::independence()).unwrap();
        let [deviance, effect] = reference(&format!("{kind}_independence")).try_into().unwrap();
        close(fit.deviance(), deviance, LIKELIHOOD);
        close(fit.adjusted_test().unwrap().statistic, deviance / effect, LIKELIHOOD);
        let fit = fit_association(&table, &AssociationModel::uniform(3, 3)).unwrap();
        let [deviance, effect, value, error] = reference(&format!("{kind}_uniform")).try_into().unwrap();
        close(fit.adjusted_test().unwrap().statistic, deviance / effect, LIKELIHOOD);
        let slope = fit.parameter(ParameterName::Uniform { layer: None }).unwrap();
        close(slope.value, value, LIKELIHOOD);
        close(slope.standard_error, error, LIKELIHOOD);
        assert_eq!(slope.method, StandardError::Linearised);
    }
    let counted = ClassTable::tally(&origin, &destination, None, [1, 3, 3], Weights::Equal, None).unwrap();
    let fit = fit_association(&counted, &AssociationModel::independence()).unwrap();
    assert_eq!(fit.adjusted_test(), None);
}

#[test]
fn whole_weights_are_replicated_persons() {
    let (_, origin, destination, _) = persons();
    let counts: Vec<u32> = (0..600).map(|i| i % 3).collect();
    let replicate = |values: &[u32]| -> Vec<u32> {
        values
            .iter()
            .zip(&counts)
            .flat_map(|(&value, &count)| std::iter::repeat_n(value, count as usize))
            .collect()
    };
    let weights = Weights::Frequency(&counts);
    let weighted = ClassTable::tally(&origin, &destination, None, [1, 3, 3], weights, None).unwrap();
    let (origin, destination) = (replicate(&origin), replicate(&destination));
    let replicated = ClassTable::tally(&origin, &destination, None, [1, 3, 3], Weights::Equal, None).unwrap();
    assert_eq!(weighted, replicated);
}
