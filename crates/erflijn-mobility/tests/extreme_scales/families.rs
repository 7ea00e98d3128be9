//! Siblings, cousins and three generations.

use erflijn_mobility::families::{
    DynastyRegression, FamilyErrors, PairWeights, Relatives, SiblingReml, ThreeGenerations,
    cousin_correlation, mean_of_relatives, nested_correlations, pairwise_sibling_correlation,
    sibling_correlation,
};

use crate::sample::{Sample, Shown, shown};

pub(crate) fn siblings(s: &Sample) -> Shown {
    let mut all = Vec::new();
    for errors in [FamilyErrors::NormalTheory, FamilyErrors::Jackknife] {
        all.extend(shown(&[&sibling_correlation(&s.y, &s.family, errors)?])?);
    }
    let jackknife = FamilyErrors::Jackknife;
    // Families are drawn: their members share one weight.
    let pairs = pairwise_sibling_correlation(&s.y, s.weights(), &s.family, PairWeights::Persons, jackknife)?;
    let cousins =
        cousin_correlation(&s.y, s.weights(), &s.family, &s.dynasty, PairWeights::Pairs, jackknife)?;
    all.extend(shown(&[&pairs, &cousins])?);
    Ok(all)
}

pub(crate) fn nested(s: &Sample) -> Shown {
    shown(&[&nested_correlations(&s.y, &s.family, &s.dynasty, FamilyErrors::Jackknife)?])
}

pub(crate) fn reml(s: &Sample) -> Shown {
    shown(&[&SiblingReml::fit(&s.y, &[], &s.family)?, &SiblingReml::fit(&s.y, &[&s.x], &s.family)?])
}

pub(crate) fn generations(s: &Sample) -> Shown {
    let three = ThreeGenerations::new(&s.z, &s.x, &s.y, s.weights(), Some(&s.dynasty))?;
    shown(&[&three.correlations(), &three.excess_persistence(), &three.on_parent()?])
}

pub(crate) fn dynasties(s: &Sample) -> Shown {
    let relatives = mean_of_relatives(&s.x, &s.family, &s.dynasty, Relatives::Cousins)?;
    let model = DynastyRegression::fit(&s.y, &[&s.x, &s.z], s.weights(), Some(&s.dynasty))?;
    shown(&[&relatives, &model])
}
