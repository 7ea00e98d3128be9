//! Values of R's `survey`: `reference/survey.R`, its output `survey.csv` with the versions, and the
//! replicate weights it made, `survey_replicates.csv`.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::{Sixty, assert_close};
use erflijn_core::{
    Around, Clusters, Estimate, FinitePopulation, Linearised, LonelyUnit, ReplicateScale, ReplicateWeights,
    SamplingPlan, SurveyDesign, student_quantile,
};

/// R prints 17 digits; both sides sum sixty numbers, in another order.
const TOLERANCE: f64 = 1e-12;

const POPULATION: [(u32, f64); 5] = [(1, 20.0), (2, 10.0), (3, 3.0), (4, 40.0), (5, 12.0)];
const PEOPLE: [(u32, f64); 5] = [(1, 60.0), (2, 100.0), (3, 12.0), (4, 24.0), (5, 1000.0)];

fn reference(name: &str) -> (f64, f64) {
    let line = include_str!("reference/survey.csv").lines().find(|line| line.split(',').next() == Some(name));
    let mut fields = line.unwrap_or_else(|| panic!("no reference value {name}")).split(',').skip(1);
    let mut field = || fields.next().unwrap().parse().unwrap_or(f64::NAN);
    (field(), field())
}

#[track_caller]
fn agrees(name: &str, found: Estimate) {
    let (value, standard_error) = reference(name);
    assert_close(found.value, value, TOLERANCE);
    assert_close(found.standard_error, standard_error, TOLERANCE);
}

/// Observations outside contribute nothing.
fn within(statistic: Linearised, domain: &[f64]) -> Linearised {
    let variable = statistic.variable.iter().zip(domain).map(|(z, member)| z * member).collect();
    Linearised { variable, ..statistic }
}

struct Statistics {
    total: Linearised,
    members: Linearised,
    mean: Linearised,
    women_total: Linearised,
    women_mean: Linearised,
    women_ratio: Linearised,
    men_mean: Linearised,
}

fn statistics(data: &Sixty) -> Statistics {
    let times = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f64>>();
    let total = |values: &[f64]| Linearised::total(values, data.weights()).unwrap();
    let man: Vec<f64> = data.woman.iter().map(|woman| 1.0 - woman).collect();
    let women_total = total(&times(&data.income, &data.woman));
    let women = total(&data.woman);
    let women_members = total(&times(&data.members, &data.woman));
    Statistics {
        total: total(&data.income),
        members: total(&data.members),
        mean: Linearised::mean(&data.income, data.weights()).unwrap(),
        women_mean: within(women_total.over(&women).unwrap(), &data.woman),
        women_ratio: women_total.over(&women_members).unwrap(),
        women_total,
        men_mean: total(&times(&data.income, &man)).over(&total(&man)).unwrap(),
    }
}

fn plans(data: &Sixty) -> [(&'static str, SamplingPlan<'_>); 6] {
    let strata = Some(&data.stratum[..]);
    let clusters = Clusters::Unique(&data.cluster);
    let people = FinitePopulation::Sizes(&PEOPLE);
    let population = FinitePopulation::Sizes(&POPULATION);
    let none = SamplingPlan::default();
    [
        ("iid", none),
        ("strata", SamplingPlan { strata, ..none }),
        ("strata_fpc", SamplingPlan { strata, population: people, ..none }),
        ("clusters", SamplingPlan { clusters, ..none }),
        ("both", SamplingPlan { strata, clusters, ..none }),
        ("both_fpc", SamplingPlan { strata, clusters, population, ..none }),
    ]
}

#[test]
fn totals_means_ratios_and_domains_agree_with_survey() {
    let data = Sixty::new();
    let s = statistics(&data);
    for (name, plan) in plans(&data) {
        let design = SurveyDesign::new(data.len(), data.weights(), plan).unwrap();
        let check = |statistic: &str, linearised: &Linearised| {
            agrees(&format!("{name}/{statistic}"), design.estimate(linearised).unwrap());
        };
        check("total", &s.total);
        check("mean", &s.mean);
        check("ratio", &s.total.over(&s.members).unwrap());
        check("women_total", &s.women_total);
        check("women_mean", &s.women_mean);
        check("women_ratio", &s.women_ratio);
        check("women_less_men", &s.women_mean.minus(&s.men_mean).unwrap());
        check("log_total", &s.total.ln().unwrap());
        let (covariance, degrees) = reference(&format!("{name}/covariance"));
        assert_close(design.covariance(&s.total, &s.members).unwrap(), covariance, TOLERANCE);
        assert_close(design.degrees_of_freedom() as f64, degrees, TOLERANCE);
        let interval = design.interval(&design.estimate(&s.mean).unwrap(), 0.95).unwrap();
        let (low, high) = reference(&format!("{name}/mean_interval"));
        assert_close(interval.low, low, TOLERANCE);
        assert_close(interval.high, high, TOLERANCE);
    }
}

#[test]
fn clusters_numbered_within_strata_and_fractions_are_the_same_design() {
    let data = Sixty::new();
    let s = statistics(&data);
    let within: Vec<u32> = data.cluster.iter().map(|cluster| cluster % 100).collect();
    let sampled = [6.0, 4.0, 3.0, 4.0, 6.0];
    let fractions: Vec<(u32, f64)> =
        POPULATION.iter().zip(sampled).map(|((stratum, size), sampled)| (*stratum, sampled / size)).collect();
    let plan = SamplingPlan {
        clusters: Clusters::WithinStrata(&within),
        population: FinitePopulation::Fractions(&fractions),
        ..data.plan()
    };
    let design = SurveyDesign::new(data.len(), data.weights(), plan).unwrap();
    agrees("both_fpc/mean", design.estimate(&s.mean).unwrap());
}

fn lonely() -> Sixty {
    let data = Sixty::new();
    let keep =
        |row: &usize| ![2, 4].contains(&data.stratum[*row]) || [200, 400].contains(&data.cluster[*row]);
    data.rows(&(0..60).filter(keep).collect::<Vec<_>>())
}

#[test]
fn lonely_units_agree_with_the_options_of_survey() {
    let data = lonely();
    let s = statistics(&data);
    let rules = [
        ("adjust", LonelyUnit::Adjust),
        ("certainty", LonelyUnit::Certainty),
        ("average", LonelyUnit::Average),
    ];
    for (name, lonely_unit) in rules {
        let plan = SamplingPlan { lonely_unit, ..data.plan() };
        let design = SurveyDesign::new(data.len(), data.weights(), plan).unwrap();
        agrees(&format!("lonely_{name}/mean"), design.estimate(&s.mean).unwrap());
        let ratio = s.total.over(&s.members).unwrap();
        agrees(&format!("lonely_{name}/ratio"), design.estimate(&ratio).unwrap());
        let population = FinitePopulation::Sizes(&POPULATION);
        let finite =
            SurveyDesign::new(data.len(), data.weights(), SamplingPlan { population, ..plan }).unwrap();
        agrees(&format!("lonely_{name}/fpc_mean"), finite.estimate(&s.mean).unwrap());

        let total = design.estimate(&s.total).unwrap();
        if lonely_unit == LonelyUnit::Adjust {
            // DIFFERENCE: survey takes the distance of a lonely total to zero, ours is to the mean of all
            // units. R's variance is that of certainty plus the squared totals t_2 and t_4; ours is that of
            // certainty plus (t_2 - m)^2 and (t_4 - m)^2, m the total over 17 units.
            let certainty = reference("lonely_certainty/total").1.powi(2);
            let squares = reference("lonely_adjust/total").1.powi(2) - certainty;
            let cluster = |id: u32| {
                (0..data.len())
                    .filter(|i| data.cluster[*i] == id)
                    .map(|i| data.weight[i] * data.income[i])
                    .sum()
            };
            let (second, fourth): (f64, f64) = (cluster(200), cluster(400));
            assert_close(second.powi(2) + fourth.powi(2), squares, TOLERANCE * 10.0);
            let mean = reference("lonely_adjust/total").0 / 17.0;
            let expected = certainty + (second - mean).powi(2) + (fourth - mean).powi(2);
            assert_close(total.standard_error, expected.sqrt(), TOLERANCE);
        } else {
            agrees(&format!("lonely_{name}/total"), total);
        }
    }
}

#[test]
fn jackknives_agree_with_survey() {
    let data = Sixty::new();
    let [iid, strata, _, clusters, both, both_fpc] =
        plans(&data).map(|(_, plan)| SurveyDesign::new(data.len(), data.weights(), plan).unwrap());
    for (suffix, around) in [("", Around::Mean), ("_mse", Around::Estimate)] {
        let replicated = [
            ("jk1_iid", ReplicateWeights::jk1(&iid)),
            ("jk1_clusters", ReplicateWeights::jk1(&clusters)),
            ("jkn_strata", ReplicateWeights::jkn(&strata)),
            ("jkn_both", ReplicateWeights::jkn(&both)),
            ("jkn_both_fpc", ReplicateWeights::jkn(&both_fpc)),
        ];
        for (name, replicates) in replicated {
            let replicates = replicates.unwrap().around(around);
            let label = |statistic| format!("{name}{suffix}/{statistic}");
            agrees(&label("ratio"), replicates.estimate(data.ratio()).unwrap());
            agrees(&label("squared"), replicates.estimate(data.squared_mean()).unwrap());
            agrees(&label("mean"), replicates.estimate(data.mean()).unwrap());
        }
    }
    let data = lonely();
    let plan = SamplingPlan { lonely_unit: LonelyUnit::Certainty, ..data.plan() };
    let design = SurveyDesign::new(data.len(), data.weights(), plan).unwrap();
    let replicates = ReplicateWeights::jkn(&design).unwrap();
    agrees("lonely_certainty/jkn_ratio", replicates.estimate(data.ratio()).unwrap());
}

#[test]
fn given_replicates_agree_with_survey() {
    let data = Sixty::new();
    let rows: Vec<Vec<f64>> = include_str!("reference/survey_replicates.csv")
        .lines()
        .map(|line| line.split(',').map(|field| field.parse().unwrap_or(f64::NAN)).collect())
        .collect();
    let column = |c: usize| rows[..60].iter().map(|row| row[c]).collect::<Vec<f64>>();
    let brr: Vec<Vec<f64>> = (0..8).map(column).collect();
    let fay: Vec<Vec<f64>> = (8..16).map(column).collect();
    let own = ReplicateScale::Own { scale: 0.2, rscales: &rows[60][..8] };
    let cases = [
        ("brr", &brr, ReplicateScale::Brr, Around::Mean),
        ("fay", &fay, ReplicateScale::Fay { rho: 0.3 }, Around::Mean),
        ("own", &brr, own, Around::Mean),
        ("own_mse", &brr, own, Around::Estimate),
        ("boot", &brr, ReplicateScale::Bootstrap, Around::Mean),
        ("jk1", &brr, ReplicateScale::Jk1, Around::Mean),
    ];
    for (name, weights, scale, around) in cases {
        let replicates = ReplicateWeights::given(data.weights(), weights, scale).unwrap().around(around);
        agrees(&format!("given_{name}/ratio"), replicates.estimate(data.ratio()).unwrap());
        agrees(&format!("given_{name}/squared"), replicates.estimate(data.squared_mean()).unwrap());
    }
}

#[test]
fn half_samples_agree_with_survey() {
    let data = Sixty::new();
    let half: Vec<u32> = (0..60).map(|k| k % 12 / 6).collect();
    let plan = SamplingPlan { clusters: Clusters::WithinStrata(&half), ..data.plan() };
    let design = SurveyDesign::new(60, data.weights(), plan).unwrap();
    for (name, rho) in [("half_0", 0.0), ("half_3", 0.3)] {
        for (suffix, around) in [("", Around::Mean), ("_mse", Around::Estimate)] {
            let replicates = ReplicateWeights::half_samples(&design, rho).unwrap().around(around);
            assert_eq!(replicates.replicates(), 8);
            agrees(&format!("{name}{suffix}/ratio"), replicates.estimate(data.ratio()).unwrap());
            agrees(&format!("{name}{suffix}/squared"), replicates.estimate(data.squared_mean()).unwrap());
            agrees(&format!("{name}{suffix}/mean"), replicates.estimate(data.mean()).unwrap());
        }
    }
}

#[test]
fn quantiles_of_student_agree_with_r() {
    for degrees in [1.0, 2.0, 3.0, 5.0, 12.0, 40.0, 1000.0] {
        for p in [0.6, 0.95, 0.975, 0.9995] {
            let (expected, _) = reference(&format!("student/{degrees}/{p}"));
            assert_close(student_quantile(p, degrees).unwrap(), expected, TOLERANCE);
        }
    }
}
