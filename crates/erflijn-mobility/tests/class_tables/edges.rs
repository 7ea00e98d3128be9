//! Empty cells, limits, and what must be refused.

use erflijn_core::{CoreError, Weights};
use erflijn_mobility::MobilityError;
use erflijn_mobility::class_tables::{
    AssociationModel, ClassTable, DiagonalReference, ParameterName, Pattern, fit_association,
};
use ndarray::{Array2, Array3, array};

use crate::inputs::close;

#[test]
fn fitted_zeros_count_neither_as_cells_nor_as_parameters() {
    // The empty diagonal cell has a parameter of its own, which falls without end: 9 cells, 1 fitted zero, 5 + 2 parameters
    // left, so that one degree is left, as with any diagonal.
    let table = array![[10.0, 4.0, 3.0], [5.0, 0.0, 6.0], [2.0, 8.0, 9.0]];
    let fit = fit_association(
        &ClassTable::two_way(table.clone()).unwrap(),
        &AssociationModel::quasi_independence(),
    )
    .unwrap();
    assert_eq!((fit.fitted_zeros(), fit.degrees_of_freedom()), (1, 1));
    assert_eq!(fit.fitted()[[0, 1, 1]], 0.0);
    assert_eq!(fit.parameter(ParameterName::Diagonal { class: 1, layer: Some(0) }), None);
    // An empty class of origin.
    let table = array![[10.0, 4.0, 3.0], [0.0, 0.0, 0.0], [2.0, 8.0, 9.0]];
    let fit =
        fit_association(&ClassTable::two_way(table).unwrap(), &AssociationModel::independence()).unwrap();
    let without = ClassTable::two_way(array![[10.0, 4.0, 3.0], [2.0, 8.0, 9.0]]).unwrap();
    let smaller = fit_association(&without, &AssociationModel::independence()).unwrap();
    assert_eq!((fit.fitted_zeros(), fit.degrees_of_freedom()), (3, smaller.degrees_of_freedom()));
    close(fit.deviance(), smaller.deviance(), 1e-12);
}

#[test]
fn a_product_that_grows_without_end_names_the_class() {
    // Destination 2 has persons of origin 0 in layer 0 and of origin 1 in layer 1 only: no multiplier holds both.
    let table = array![
        [[30.0, 12.0, 2.0], [10.0, 40.0, 0.0], [8.0, 20.0, 0.0]],
        [[50.0, 20.0, 0.0], [18.0, 60.0, 0.0], [9.0, 30.0, 0.0]],
        [[25.0, 14.0, 1.0], [16.0, 35.0, 0.0], [9.0, 24.0, 0.0]],
    ];
    let table = ClassTable::by_layer(table).unwrap();
    let refused = fit_association(&table, &AssociationModel::unidiff());
    let Err(MobilityError::UnboundedAssociation { side, class, persons }) = refused else {
        panic!("{:?}", refused.map(|fit| (fit.deviance(), fit.multipliers())));
    };
    assert_eq!((side, class, persons), ("destination", 2, 3.0));
    // The additive model has a maximum, at the edge: four of the cells are fitted zeros.
    let common = fit_association(&table, &AssociationModel::common_association()).unwrap();
    assert!(common.fitted_zeros() > 0);
}

#[test]
fn a_cell_below_the_smallest_number_is_no_maximum() {
    // A start of RC(1) stands still with cells at exp(-750), a double of 0: X^2 has no value there.
    let sparse = array![
        [0.0, 0.0, 0.0, 2.0],
        [0.0, 0.0, 1.0, 0.0],
        [1.0, 3.0, 3.0, 1.0],
        [5.0, 3.0, 3.0, 0.0],
        [7.0, 3.0, 0.0, 1.0],
        [2.0, 1.0, 0.0, 1.0],
    ];
    let found = fit_association(&ClassTable::two_way(sparse).unwrap(), &AssociationModel::rc());
    assert!(matches!(found, Err(MobilityError::UnboundedAssociation { .. })), "{found:?}");
}

#[test]
fn room_is_asked_for_every_level() {
    // 2 x 2,600 cells, each a level of its own: 2,601 margins and 5,199 levels over 5,200 cells.
    let levels = Array2::from_shape_fn((2, 2_600), |(i, j)| (2_600 * i + j) as u32);
    let table = ClassTable::two_way(Array2::ones((2, 2_600))).unwrap();
    let refused = fit_association(&table, &AssociationModel::levels(levels)).err();
    let found = 5_200.0 * 7_800.0;
    let (low, high) = (1.0, 33_554_432.0);
    let expected = CoreError::OutOfRange { name: "cells times parameters", found, low, high };
    assert_eq!(refused, Some(expected.into()));
    let needed = |table: &ClassTable, levels: Array2<u32>| {
        let model = AssociationModel::levels(levels).differing_by_layer();
        match fit_association(table, &model) {
            Err(MobilityError::Core(CoreError::OutOfRange { found, .. })) => found,
            other => panic!("{other:?}"),
        }
    };
    // 1000 classes, 2 levels: 1999 columns of margins and 1 of levels, 10^6 cells.
    let square = ClassTable::two_way(Array2::ones((1000, 1000))).unwrap();
    assert_eq!(needed(&square, Array2::from_shape_fn((1000, 1000), |(i, j)| u32::from(i == j))), 2.0e9);
    // 2 x 2 in 2600 layers, each cell a level: in each layer 3 columns of margins and 3 of levels, 4 cells.
    let many = ClassTable::by_layer(Array3::ones((2600, 2, 2))).unwrap();
    assert_eq!(needed(&many, array![[0, 1], [2, 3]]), f64::from(2600 * 6 * 2600 * 4));
}

#[test]
fn what_is_no_table_is_refused() {
    let two_way = |cells: Array2<f64>| ClassTable::two_way(cells).err();
    assert_eq!(two_way(array![[1.0, 2.0]]), Some(MobilityError::TooFewClasses { found: 1 }));
    assert_eq!(two_way(array![[1.0], [2.0]]), Some(MobilityError::TooFewClasses { found: 1 }));
    assert_eq!(two_way(Array2::zeros((3, 3))), Some(CoreError::EmptySample.into()));
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        let found = two_way(array![[1.0, 2.0], [wrong, 3.0]]);
        assert!(
            matches!(found, Some(MobilityError::TableCell { layer: 0, origin: 1, destination: 0, .. })),
            "{found:?}"
        );
    }
    assert_eq!(ClassTable::by_layer(Array3::zeros((0, 2, 2))).err(), Some(CoreError::EmptySample.into()));
    let tally = |origin: &[u32], families| {
        ClassTable::tally(origin, &[0, 1], None, [1, 2, 2], Weights::Equal, families).err()
    };
    assert_eq!(
        tally(&[0, 2], None),
        Some(MobilityError::ClassOutOfRange { name: "origin", index: 1, found: 2, classes: 2 })
    );
    assert_eq!(tally(&[0, 1], Some(&[4, 4])), Some(MobilityError::TooFewClusters { found: 1 }));
    assert!(matches!(tally(&[0], None), Some(MobilityError::Core(CoreError::Length { .. }))));
    for shape in [[1, usize::MAX, 2], [100_000, 100_000, 100_000]] {
        let huge = ClassTable::tally(&[0], &[0], None, shape, Weights::Equal, None).err();
        assert!(matches!(huge, Some(MobilityError::Core(CoreError::OutOfRange { .. }))), "{huge:?}");
    }
    let centiles = ClassTable::two_way(Array2::from_elem((100, 100), 1.0)).unwrap();
    let full = fit_association(&centiles, &AssociationModel::common_association()).err();
    assert!(matches!(full, Some(MobilityError::Core(CoreError::OutOfRange { .. }))), "{full:?}");
    let flat = ClassTable::two_way(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).unwrap();
    let refused = |model: &AssociationModel| fit_association(&flat, model).err();
    for model in [
        AssociationModel::symmetry(),
        AssociationModel::quasi_independence(),
        AssociationModel::equal_scores_rc(),
    ] {
        assert_eq!(refused(&model), Some(MobilityError::TableNotSquare { origins: 2, destinations: 3 }));
    }
    assert_eq!(refused(&AssociationModel::unidiff()), Some(MobilityError::TooFewLayers { found: 1 }));
    assert!(matches!(
        refused(&AssociationModel::uniform(3, 3)),
        Some(MobilityError::Core(CoreError::Length { .. }))
    ));
    let tied = Pattern::RowEffects { destination: vec![1.0; 3] };
    let mut model = AssociationModel::row_effects(3);
    model.terms[0].pattern = tied;
    assert_eq!(refused(&model), Some(MobilityError::AllTied { name: "destination scores" }));
    let no_share =
        DiagonalReference::fit(&array![[3.0, 1.0], [1.0, 1.0]], &array![[2.0, 2.0], [2.0, 2.0]]).err();
    assert_eq!(no_share, Some(MobilityError::NoShare { origin: 0, destination: 0, found: 3.0, total: 2.0 }));
    // Nobody moves: the weight of origin is not told.
    let stayers =
        DiagonalReference::fit(&array![[1.0, 0.0], [0.0, 2.0]], &array![[4.0, 0.0], [0.0, 4.0]]).err();
    assert_eq!(stayers, Some(MobilityError::Collinear { column: 2 }));
}
