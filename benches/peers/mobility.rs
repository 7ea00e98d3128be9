//! Our part of the comparison of mobility between generations with other packages.
//!
//! `mobility-peers FOLDER PAIRS` writes columns as bare numbers, little-endian, and prints a line per task: its name,
//! the best of three times in seconds of the processor, and the values that the others must find too.
//! `compare_mobility.py` calls it.

#![allow(clippy::print_stdout, reason = "its output is what the comparison reads")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use erflijn::core::{Omega, Weights};
use erflijn::mobility::class_tables::{AssociationModel, ClassTable, fit_association};
use erflijn::mobility::elasticity::{PoissonModel, log_log_elasticity};
use erflijn::mobility::families::SiblingReml;
use erflijn::mobility::heredity::{BinaryModel, CovariatesAre, Link, MarginalChange};
use erflijn::mobility::income_mobility::{IncomePairs, Inequality};
use erflijn::mobility::{RankRank, Sandwich};
use ndarray::{Array2, Array3, Axis};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const TIMES: usize = 3;
const CLASSES: usize = 9;
const LAYERS: usize = 3;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Values = Vec<(&'static str, f64)>;

/// Children of families of one to four, their parents' income, theirs, their age and whether they are poor.
struct Families {
    family: Vec<u32>,
    parent: Vec<f64>,
    child: Vec<f64>,
    /// Income of the child, 0 for one in twenty.
    with_zeros: Vec<f64>,
    log_child: Vec<f64>,
    log_parent: Vec<f64>,
    age: Vec<f64>,
    poor: Vec<bool>,
}

impl Families {
    fn make(children: usize) -> Self {
        let mut random = Pcg64Mcg::seed_from_u64(6);
        // Twelve uniform numbers are as near to normal as a comparison needs.
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let (mut family, mut log_parent, mut log_child, mut age) = (vec![], vec![], vec![], vec![]);
        for own in 0.. {
            let (parent, shared) = (10.0 + 0.6 * normal(), 0.3 * normal());
            for _ in 0..=own % 4 {
                family.push(own);
                log_parent.push(parent);
                age.push((35.0 + 3.0 * normal()).round());
                log_child.push(6.0 + 0.4 * parent + 0.004 * age[age.len() - 1] + shared + 0.5 * normal());
            }
            if family.len() >= children {
                break;
            }
        }
        for column in [&mut log_parent, &mut log_child, &mut age] {
            column.truncate(children);
        }
        family.truncate(children);
        // Whole euros, as registers have them.
        let euros = |logs: &[f64]| logs.iter().map(|log| log.exp().round()).collect::<Vec<f64>>();
        let (parent, child) = (euros(&log_parent), euros(&log_child));
        let logs = |euros: &[f64]| euros.iter().map(|euros| euros.ln()).collect::<Vec<f64>>();
        let with_zeros =
            child.iter().enumerate().map(|(i, own)| if i % 20 == 7 { 0.0 } else { *own }).collect();
        let poor = child.iter().map(|own| *own < 15_000.0).collect();
        Self {
            log_parent: logs(&parent),
            log_child: logs(&child),
            family,
            parent,
            child,
            with_zeros,
            age,
            poor,
        }
    }

    fn write(&self, folder: &Path) -> std::io::Result<()> {
        let columns = [
            ("parent", &self.parent),
            ("child", &self.child),
            ("with_zeros", &self.with_zeros),
            ("age", &self.age),
        ];
        for (name, numbers) in columns {
            write_numbers(&folder.join(name), numbers)?;
        }
        fs::write(
            folder.join("family"),
            self.family.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>(),
        )
    }
}

/// Tables of origin by destination, whose association differs by layer and is not of one dimension.
fn tables() -> Array3<f64> {
    let score = |class: usize| class as f64 / (CLASSES - 1) as f64 - 0.5;
    Array3::from_shape_fn((LAYERS, CLASSES, CLASSES), |(layer, o, d)| {
        let strength = 2.0 + layer as f64;
        let stays = if o == d { 0.4 + 0.1 * (o % 3) as f64 } else { 0.0 };
        let margins = 0.2 * ((o * 7 + d * 5 + layer * 3) % 4) as f64;
        (300.0 * f64::exp(strength * (score(o) * score(d) + 0.3 * stays) - margins)).round()
    })
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, pairs] = &arguments[..] else {
        return Err("usage: mobility-peers FOLDER PAIRS".into());
    };
    let (folder, pairs): (_, usize) = (Path::new(folder), pairs.parse()?);
    let data = Families::make(pairs);
    data.write(folder)?;
    let layers = tables();
    write_numbers(&folder.join("layers"), &layers.iter().copied().collect::<Vec<f64>>())?;
    regressions(&data)?;
    indices(&data)?;
    siblings(&data)?;
    class_tables(layers)
}

fn regressions(data: &Families) -> Outcome<()> {
    time("elasticity_log_log", || {
        let fit = log_log_elasticity(&data.parent, &data.child, Weights::Equal, Some(&data.family))?;
        let error = |sandwich| fit.model.estimate_by(1, sandwich).map(|found| found.standard_error);
        Ok(vec![
            ("slope", fit.model.coefficients()[1]),
            ("hc1", error(Sandwich::Hc1)?),
            ("cr1", error(Sandwich::Cr1)?),
        ])
    })?;
    time("elasticity_of_expectation", || {
        let columns: [&[f64]; 2] = [&data.log_parent, &data.age];
        let fit = PoissonModel::fit(&data.with_zeros, &columns, Weights::Equal, Some(&data.family))?;
        let error = |sandwich| fit.estimate_by(1, sandwich).map(|found| found.standard_error);
        Ok(vec![
            ("slope", fit.coefficients()[1]),
            ("hc0", error(Sandwich::Hc0)?),
            ("cr1", error(Sandwich::Cr1)?),
        ])
    })?;
    time("logit", || {
        let columns: [&[f64]; 2] = [&data.log_parent, &data.age];
        let fit = BinaryModel::fit(Link::Logit, &data.poor, &columns, Weights::Equal, Some(&data.family))?;
        let effect = fit.average_marginal_effect(1, MarginalChange::Derivative, CovariatesAre::Fixed)?;
        Ok(vec![
            ("slope", fit.coefficients()[1]),
            ("model_error", fit.model_based_covariance()[[1, 1]].sqrt()),
            ("effect", effect.value),
        ])
    })?;
    time("rank_rank", || {
        let line = RankRank::new(&data.parent, &data.child, Weights::Equal, Omega::MID, None)?;
        Ok(vec![("slope", line.slope().value)])
    })
}

fn indices(data: &Families) -> Outcome<()> {
    time("fields_ok", || {
        let pairs = IncomePairs::positive(&data.parent, &data.child, Weights::Equal)?;
        Ok(vec![
            ("distance", pairs.fields_ok_distance()?.value),
            ("growth", pairs.fields_ok_growth()?.value),
            ("transfer", pairs.fields_ok_transfer()?.value),
            ("log", pairs.fields_ok_log()?.value),
            ("log_directional", pairs.fields_ok_log_directional()?.value),
        ])
    })?;
    time("equalising", || {
        let pairs = IncomePairs::positive(&data.parent, &data.child, Weights::Equal)?;
        Ok(vec![
            ("shorrocks_theil", pairs.shorrocks_mobility(Inequality::THEIL)?.value),
            ("shorrocks_gini", pairs.shorrocks_mobility(Inequality::Gini)?.value),
            ("fields_theil", pairs.fields_equaliser(Inequality::THEIL)?.value),
        ])
    })?;
    time("correlations", || {
        let pairs = IncomePairs::positive(&data.parent, &data.child, Weights::Equal)?;
        Ok(vec![
            ("hart", pairs.hart()?.value),
            ("rank_correlation", pairs.rank_correlation()?.value),
            ("gini_correlation", pairs.gini_correlation()?.value),
        ])
    })
}

fn siblings(data: &Families) -> Outcome<()> {
    time("sibling_reml", || {
        let fit = SiblingReml::fit(&data.log_child, &[&data.age], &data.family)?;
        Ok(vec![("correlation", fit.correlation().value), ("age", fit.coefficients()[1])])
    })
}

fn class_tables(layers: Array3<f64>) -> Outcome<()> {
    let first: Array2<f64> = layers.index_axis(Axis(0), 0).to_owned();
    let (one, all) = (ClassTable::two_way(first)?, ClassTable::by_layer(layers)?);
    time("rc", || {
        let fit = fit_association(&one, &AssociationModel::rc())?;
        Ok(vec![("deviance", fit.deviance()), ("first_cell", fit.fitted()[[0, 0, 0]])])
    })?;
    time("unidiff", || {
        let fit = fit_association(&all, &AssociationModel::unidiff())?;
        let multipliers = fit.log_multipliers().ok_or("no multipliers")?;
        let last = multipliers[LAYERS - 1].ok_or("no last multiplier")?;
        Ok(vec![
            ("deviance", fit.deviance()),
            ("log_multiplier", last.value),
            ("log_multiplier_error", last.standard_error),
        ])
    })
}

fn time(task: &str, work: impl Fn() -> Outcome<Values>) -> Outcome<()> {
    let (mut best, mut values) = (f64::INFINITY, Vec::new());
    for _ in 0..TIMES {
        // Repeated until it takes a tenth of a second: a system tells processor time in steps of milliseconds.
        let (start, mut runs, mut used) = (processor_seconds(), 0.0, 0.0);
        while used < 0.1 {
            values = std::hint::black_box(work()?);
            runs += 1.0;
            used = processor_seconds() - start;
        }
        best = best.min(used / runs);
    }
    let values: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    println!("{task}\t{best}\t{}", values.join(" "));
    Ok(())
}

/// Seconds that this thread has had a processor; seconds of the clock where the system does not tell.
fn processor_seconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let started = START.get_or_init(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn write_numbers(path: &Path, numbers: &[f64]) -> std::io::Result<()> {
    fs::write(path, numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}
