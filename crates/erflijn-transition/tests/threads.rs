//! The same bytes on any number of threads.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![cfg(feature = "rayon")]

use erflijn_core::Weights;
use erflijn_transition::{SamplingUnits, TableBootstrap, TableResampling, TransitionCounts};
use rayon::ThreadPoolBuilder;

#[test]
fn bootstrap_tables_are_the_same_on_one_thread_and_on_seven() {
    let counts = TransitionCounts::from_cells(ndarray::array![[500.0, 80.0], [90.0, 400.0]]).unwrap();
    let parent: Vec<u8> = (0..90).map(|i| (i % 3) as u8).collect();
    let child: Vec<u8> = (0..90).map(|i| (i / 7 % 3) as u8).collect();
    let family: Vec<u32> = (0..90).map(|i| i / 2).collect();
    let weights: Vec<f64> = (0..90).map(|i| 0.1 * f64::from(i % 11)).collect();
    let units = SamplingUnits::clusters(&family, &parent, &child, Weights::Probability(&weights), 3).unwrap();
    for resampling in [TableResampling::Drawn, TableResampling::Poisson, TableResampling::Bayesian] {
        let bootstrap = TableBootstrap { replicates: 100, seed: 11, resampling };
        let run = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (bootstrap.tables(&counts).unwrap(), bootstrap.tables_of_units(&units).unwrap()))
        };
        let one = run(1);
        for threads in [2, 7] {
            assert_eq!(one, run(threads));
        }
    }
}
