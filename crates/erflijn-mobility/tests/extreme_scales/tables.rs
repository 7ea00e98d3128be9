//! Transition matrices and tables of classes.

use erflijn_mobility::class_tables::{
    AssociationModel, AssociationWeights, ClassTable, ZeroCells, altham_from_independence, fit_association,
    intrinsic_association, mean_absolute_odds_ratio,
};
use erflijn_mobility::imperfect::{FalseLinks, correct_matrix};
use erflijn_mobility::matrix::{MatrixIndex, Origin, average_jump, upward_share, weighted_group_mobility};

use crate::sample::{Sample, Shown, shown};

pub(crate) fn matrices(s: &Sample) -> Shown {
    let counts = s.counts()?;
    shown(&[
        &average_jump(&counts)?,
        &upward_share(&counts)?,
        &weighted_group_mobility(&counts)?,
        &correct_matrix(&[counts.clone(), counts], FalseLinks::new(0.1, 0.01)?)?,
    ])
}

pub(crate) fn indices(s: &Sample) -> Shown {
    let counts = s.counts()?;
    let all = [
        MatrixIndex::ShorrocksTrace,
        MatrixIndex::DeterminantRoot,
        MatrixIndex::SecondEigenvalue,
        MatrixIndex::BartholomewDistance(Origin::Observed),
        MatrixIndex::BartholomewDistance(Origin::SteadyState),
        MatrixIndex::WeightedGroupMobility,
        MatrixIndex::AverageJump,
        MatrixIndex::UpwardShare,
        MatrixIndex::BottomGivenTop,
    ];
    all.iter().map(|index| Ok(format!("{:?}", (index.value(&counts)?, index.gradient(&counts)?)))).collect()
}

pub(crate) fn class_tables(s: &Sample) -> Shown {
    let table = s.table();
    let classes = ClassTable::two_way(table.clone())?;
    let mut all = shown(&[
        &altham_from_independence(&table, ZeroCells::Refuse)?,
        &intrinsic_association(&table, AssociationWeights::Marginal, ZeroCells::Refuse)?,
        &mean_absolute_odds_ratio(&table, AssociationWeights::Marginal, ZeroCells::Refuse)?,
    ])?;
    for model in
        [AssociationModel::independence(), AssociationModel::quasi_symmetry(), AssociationModel::rc()]
    {
        let fit = fit_association(&classes, &model)?;
        all.extend(shown(&[&fit.fitted(), &fit.deviance(), &fit.parameters().collect::<Vec<_>>()])?);
    }
    Ok(all)
}
