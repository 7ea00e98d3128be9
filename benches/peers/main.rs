//! Our part of the comparison with other packages: writes the made-up data and does each task.
//!
//! `peers FOLDER PEOPLE` writes columns as bare numbers, little-endian, and prints a line per task: its name,
//! the best of three times in seconds of the processor, and the values that the others must find too. `compare.py` calls it.

#![allow(clippy::print_stdout, reason = "its output is what the comparison reads")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use erflijn::core::{Composition, Weights};
use erflijn::poverty::time::{Horizon, LongTermRule, StatusPanel, long_term_poverty};
use erflijn::poverty::{
    Boundary, Centre, CommonLine, EquivalenceScale, GiniPairs, LowIncomeAmounts, Means, Parade,
    PovertyDefinition, PovertyMeasure, PovertyTally, QuintileLimits, Sample, Thresholds, atkinson,
    generalised_entropy, gini, quintile_share_ratio,
};
use erflijn_benches::{compositions, incomes, measures, plain_sum, statuses, weights};

const YEARS: usize = 20;
const TIMES: usize = 3;

type Values = Vec<(&'static str, f64)>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, people] = &arguments[..] else { return Err("usage: peers FOLDER PEOPLE".into()) };
    let (folder, people) = (Path::new(folder), people.parse()?);

    let (incomes, weights) = (incomes(people, 1), weights(people));
    let (households, panel) = (compositions(people), statuses(people, YEARS));
    let definition = PovertyDefinition::cbs_low_income(LowIncomeAmounts::Derived, EquivalenceScale::Cbs1995);
    let thresholds = definition.thresholds(2015)?;
    write_numbers(&folder.join("incomes.f64"), &incomes)?;
    write_numbers(&folder.join("weights.f64"), &weights)?;
    write_households(folder, &households, &thresholds)?;
    fs::write(folder.join("statuses.u8"), columns_of(&panel))?;

    let sample = Sample::new(&incomes, Weights::Probability(&weights))?;
    let relative = || CommonLine::relative(&sample, 0.6, Centre::Median, Boundary::StrictlyBelow);
    let line = CommonLine::fixed(relative()?.euros(), Boundary::StrictlyBelow)?;
    let poverty = |measure: PovertyMeasure| measure.value(&sample, &line);

    time("sum", || Ok(vec![("sum", plain_sum(&incomes, &weights))]))?;
    time("fgt", || {
        let mut tally = PovertyTally::new(&line);
        tally.update(&incomes, Weights::Probability(&weights))?;
        let found = tally.finish()?;
        Ok(vec![
            ("headcount", found.headcount),
            ("poverty_gap", found.poverty_gap),
            ("severity", found.severity),
        ])
    })?;
    time("arop", || {
        let line = relative()?;
        Ok(vec![("line", line.euros()), ("headcount", PovertyMeasure::Headcount.value(&sample, &line)?)])
    })?;
    time("ranked", || {
        Ok(vec![
            ("sen", poverty(PovertyMeasure::Sen)?),
            ("sen_shorrocks_thon", poverty(PovertyMeasure::SenShorrocksThon)?),
            ("relative_median_gap", poverty(PovertyMeasure::RelativeMedianGap)?),
        ])
    })?;
    time("gini_quintiles", || {
        let parade = Parade::new(sample)?;
        Ok(vec![
            ("gini", gini(&parade, GiniPairs::All)?),
            ("quintile_share_ratio", quintile_share_ratio(&parade, QuintileLimits::Whole)?),
        ])
    })?;
    time("entropy", || {
        Ok(vec![
            ("entropy_0", generalised_entropy(&sample, 0.0)?),
            ("entropy_1", generalised_entropy(&sample, 1.0)?),
            ("entropy_2", generalised_entropy(&sample, 2.0)?),
            ("atkinson_half", atkinson(&sample, 0.5)?),
        ])
    })?;
    time("all", || Ok(measures(sample, &line)?.to_vec()))?;
    time("four_of_four", || {
        let found = long_term_poverty(&panel, Weights::Equal, LongTermRule::FOUR_OF_FOUR)?;
        Ok(vec![("poor", found.pooled.numerator()), ("windows", found.pooled.denominator())])
    })?;
    time("thresholds", || {
        let poor = incomes.iter().zip(&households).filter(|(income, household)| {
            let threshold = thresholds.of(**household);
            threshold.is_ok_and(|it| it.status(&Means::of_income(Ok(**income))) == Ok(true))
        });
        Ok(vec![("poor", poor.count() as f64)])
    })
}

fn time(task: &str, work: impl Fn() -> Result<Values, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let (mut best, mut values) = (f64::INFINITY, Vec::new());
    for _ in 0..TIMES {
        // Repeated until it takes a tenth of a second: a system tells processor time in steps of milliseconds.
        let (start, mut runs, mut used) = (processor_seconds(), 0.0, 0.0);
        while used < 0.1 {
            values = work()?;
            runs += 1.0;
            used = processor_seconds() - start;
        }
        best = best.min(used / runs);
    }
    let values: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    println!("{task}\t{best}\t{}", values.join(" "));
    Ok(())
}

/// Seconds that this thread has had a processor, which others on the machine do not lengthen; seconds of the
/// clock where the system does not tell.
fn processor_seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let started = START.get_or_init(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn write_numbers(path: &Path, numbers: &[f64]) -> std::io::Result<()> {
    fs::write(path, numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

/// Adults and children of each household, and the thresholds that differ by them.
fn write_households(
    folder: &Path,
    households: &[Composition],
    thresholds: &Thresholds<'_>,
) -> Result<(), Box<dyn Error>> {
    let byte = |count: u16| u8::try_from(count);
    let adults: Result<Vec<u8>, _> = households.iter().map(|household| byte(household.adults)).collect();
    let children: Result<Vec<u8>, _> = households.iter().map(|household| byte(household.children)).collect();
    fs::write(folder.join("adults.u8"), adults?)?;
    fs::write(folder.join("children.u8"), children?)?;
    let mut table = String::from("adults,children,threshold\n");
    for (adults, children) in (1..=4).flat_map(|adults| (0..=4).map(move |children| (adults, children))) {
        let euros = thresholds.of(Composition { adults, children })?.euros_per_year;
        table += &format!("{adults},{children},{euros}\n");
    }
    Ok(fs::write(folder.join("thresholds.csv"), table)?)
}

/// A byte per person and year, year by year: not poor, poor, missing.
fn columns_of(panel: &StatusPanel) -> Vec<u8> {
    let years = panel.first_year()..=panel.last_year();
    let persons = 0..panel.persons();
    let statuses = years.flat_map(|year| persons.clone().map(move |person| (person, year)));
    let code = |(person, year)| match panel.get(person, year, Horizon::MultiYear) {
        Some(Ok(poor)) => u8::from(poor),
        _ => 2,
    };
    statuses.map(code).collect()
}
