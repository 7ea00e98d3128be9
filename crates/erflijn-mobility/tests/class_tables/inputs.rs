//! Reference values, tolerances and tables.

use erflijn_mobility::class_tables::{AssociationFit, ClassTable};
use ndarray::{array, stack};

/// R iterates until the deviance changes by a share of 1e-10; quadratic convergence leaves less than this.
pub(crate) const LIKELIHOOD: f64 = 1e-9;

/// gnm stops where scores are below 1e-12 of their spread; products are flat around their maximum.
pub(crate) const PRODUCT: f64 = 1e-6;

/// The numbers that R wrote under a name.
pub(crate) fn reference(name: &str) -> Vec<f64> {
    let text = include_str!("../reference/class_tables.txt");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().split_whitespace().map(|number| number.parse().unwrap()).collect()
}

pub(crate) fn close(found: f64, expected: f64, share: f64) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-3), "{found} is not {expected}");
}

pub(crate) fn five() -> ClassTable {
    ClassTable::two_way(array![
        [48.0, 31.0, 17.0, 9.0, 0.0],
        [30.0, 95.0, 60.0, 41.0, 12.0],
        [19.0, 66.0, 120.0, 88.0, 31.0],
        [7.0, 37.0, 101.0, 160.0, 77.0],
        [4.0, 15.0, 36.0, 90.0, 104.0],
    ])
    .unwrap()
}

pub(crate) fn three_layers() -> ClassTable {
    let layers = [
        array![
            [60.0, 30.0, 12.0, 6.0],
            [28.0, 70.0, 35.0, 15.0],
            [14.0, 40.0, 80.0, 33.0],
            [5.0, 16.0, 36.0, 64.0]
        ],
        array![
            [31.0, 20.0, 11.0, 0.0],
            [18.0, 30.0, 22.0, 0.0],
            [9.0, 21.0, 33.0, 0.0],
            [6.0, 12.0, 20.0, 0.0]
        ],
        array![
            [90.0, 30.0, 8.0, 3.0],
            [33.0, 101.0, 29.0, 10.0],
            [10.0, 35.0, 120.0, 28.0],
            [2.0, 9.0, 30.0, 99.0]
        ],
    ];
    ClassTable::by_layer(stack(ndarray::Axis(0), &layers.each_ref().map(|layer| layer.view())).unwrap())
        .unwrap()
}

/// Deviance, degrees of freedom, Pearson, AIC and BIC as R has them.
pub(crate) fn same_fit(fit: &AssociationFit, name: &str, share: f64) {
    let [deviance, freedom, pearson, aic, bic] = reference(name).try_into().unwrap();
    close(fit.deviance(), deviance, share);
    assert_eq!(fit.degrees_of_freedom() as f64, freedom, "{name}");
    close(fit.pearson(), pearson, share);
    close(fit.aic(), aic, share);
    close(fit.bic_by_cells(), bic, share);
}
