//! Standard errors of a sample drawn by a plan: one pass for a linearised statistic, and a bootstrap that
//! computes the statistic again for each replicate.
//!
//! Forty strata with clusters of ten, as surveys of households have them. A bootstrap of ten million people
//! would say nothing that one of a million does not: twenty replicates there, and none at the largest size.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::core::Weights;
use erflijn::core::{Bootstrap, Clusters, SamplingPlan, SurveyDesign};
use erflijn::poverty::{Boundary, Centre, CommonLine, PovertyError, PovertyMeasure, Sample};
use erflijn_benches::{SIZES, incomes, strata_and_clusters, weights};

const REPLICATES: u32 = 20;

fn at_risk_of_poverty(incomes: &[f64], weights: Weights<'_>) -> Result<f64, PovertyError> {
    let sample = Sample::new(incomes, weights)?;
    let line = CommonLine::relative(&sample, 0.6, Centre::Median, Boundary::StrictlyBelow)?;
    PovertyMeasure::Headcount.value(&sample, &line)
}

fn survey(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("survey");
    group.sample_size(10);
    for persons in SIZES {
        let (incomes, weights) = (incomes(persons, 1), weights(persons));
        let (strata, clusters) = strata_and_clusters(persons);
        let weights = Weights::Probability(&weights);
        let plan = SamplingPlan {
            strata: Some(&strata),
            clusters: Clusters::Unique(&clusters),
            ..SamplingPlan::default()
        };
        group.throughput(Throughput::Elements(persons as u64));
        group.bench_function(format!("design/strata=40/n={persons}"), |bencher| {
            bencher.iter(|| SurveyDesign::new(persons, weights, plan));
        });
        let design = SurveyDesign::new(persons, weights, plan).expect("two clusters in each stratum");
        let sample = Sample::new(&incomes, weights).expect("sound");
        let line =
            CommonLine::relative(&sample, 0.6, Centre::Median, Boundary::StrictlyBelow).expect("sound");
        group.bench_function(format!("linearise/at_risk_of_poverty/n={persons}"), |bencher| {
            bencher.iter(|| PovertyMeasure::Headcount.linearised(&sample, &line));
        });
        let headcount = PovertyMeasure::Headcount.linearised(&sample, &line).expect("sound");
        group.bench_function(format!("estimate/at_risk_of_poverty/n={persons}"), |bencher| {
            bencher.iter(|| design.estimate(&headcount));
        });
        if persons > SIZES[1] {
            continue;
        }
        let bootstrap = Bootstrap::new(REPLICATES, 1);
        group.throughput(Throughput::Elements(persons as u64 * u64::from(REPLICATES)));
        group.bench_function(
            format!("bootstrap/at_risk_of_poverty/replicates={REPLICATES}/n={persons}"),
            |bencher| {
                bencher.iter(|| bootstrap.estimate(&design, |weights| at_risk_of_poverty(&incomes, weights)));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, survey);
criterion_main!(benches);
