//! Laws of every table.

use erflijn_mobility::class_tables::{
    AssociationModel, AssociationWeights, ClassTable, ZeroCells, altham_from_independence, fit_association,
    intrinsic_association,
};
use ndarray::Array2;
use proptest::prelude::*;

fn tables() -> impl Strategy<Value = Array2<f64>> {
    (2_usize..5, 2_usize..5).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(1_u32..60, rows * columns).prop_map(move |cells| {
            Array2::from_shape_vec((rows, columns), cells.into_iter().map(f64::from).collect()).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn fits_reproduce_their_margins_and_turn_with_the_table(cells in tables()) {
        let (rows, columns) = cells.dim();
        let table = ClassTable::two_way(cells.clone()).unwrap();
        let turned = ClassTable::two_way(cells.t().to_owned()).unwrap();
        let pairs = [
            (AssociationModel::uniform(rows, columns), AssociationModel::uniform(columns, rows)),
            (AssociationModel::row_effects(columns), AssociationModel::column_effects(columns)),
            (AssociationModel::independence(), AssociationModel::independence()),
        ];
        for (model, mirrored) in pairs {
            let fit = fit_association(&table, &model).unwrap();
            let fitted = fit.fitted().index_axis(ndarray::Axis(0), 0).to_owned();
            for axis in [0, 1].map(ndarray::Axis) {
                for (found, expected) in fitted.sum_axis(axis).iter().zip(&cells.sum_axis(axis)) {
                    prop_assert!((found - expected).abs() <= 1e-8 * expected);
                }
            }
            let other = fit_association(&turned, &mirrored).unwrap();
            prop_assert!((fit.deviance() - other.deviance()).abs() <= 1e-8 * fit.deviance().max(1.0));
            prop_assert_eq!(fit.degrees_of_freedom(), other.degrees_of_freedom());
        }
    }

    #[test]
    fn altham_and_the_intrinsic_association_do_not_see_the_margins(cells in tables(), factor in 0.1_f64..10.0) {
        let mut scaled = cells.clone();
        scaled.row_mut(0).mapv_inplace(|cell| cell * factor);
        scaled.column_mut(1).mapv_inplace(|cell| cell / factor / 2.0);
        for measure in [
            |t: &Array2<f64>| altham_from_independence(t, ZeroCells::Refuse).unwrap().value,
            |t: &Array2<f64>| intrinsic_association(t, AssociationWeights::Uniform, ZeroCells::Refuse).unwrap().value,
        ] {
            prop_assert!((measure(&cells) - measure(&scaled)).abs() < 1e-9);
        }
    }
}
