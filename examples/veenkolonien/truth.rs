//! Held against the truth: what the same rules give among all people of a made-up country.

use anyhow::Result;
use erflijn::core::Weights;
use erflijn::disclosure::Outcome;
use erflijn::mobility::PovertyPersistence;
use erflijn::report::Table;
use erflijn_examples::{
    Held, Scale, Territory, family_numbers, held_table, parents_needed, poor_in, study_truth,
};
use erflijn_synthetic as made_up;
use erflijn_synthetic::{Cohort, Country, OwnYears, PovertyInheritance, StudyRules};

use crate::groups::{Group, Heredity, Stratum};
use crate::heredity::Through;
use crate::mobility_tables::Cohorts;
use crate::monitor_tables::Monitor;
use crate::study::Study;

/// The headline statistics of both designs, of the whole country.
pub(crate) fn held(
    country: &Country,
    young_adults: &Monitor<'_>,
    cohorts: &Cohorts<'_>,
    study: &Study,
) -> Result<Vec<Held>> {
    let years = study.income_years();
    let truth = |rules| study_truth(country, &study.poverty, &years, study.mobility.price_year, rules);
    let (monitor, mobility) = (truth(monitor_rules(study))?, truth(mobility_rules(study))?);
    let mut held = Vec::new();
    let living = [Group::All, Group::Independent];
    poverty(&mut held, "young adults", &young_adults.heredity, &living, &monitor.country.poverty)?;
    poverty(&mut held, "cohorts", &cohorts.heredity, &living[..1], &mobility.country.poverty)?;
    let of = &mobility.country;
    let [bottom, top] = [0, 4].map(|to| of.fifth_shares[0][to].filter(|_| study.mobility.classes == 5));
    let truths = [of.rank_slope, of.expected_rank_p25, bottom, top];
    for ((name, measured), truth) in cohorts.headlines()?.into_iter().zip(truths) {
        if matches!(measured.outcome(), Outcome::Shown(_)) {
            let names = ["cohorts", "all", "", name].map(String::from).into();
            held.push(Held { names, truth, measured, scale: Scale::Plain });
        }
    }
    Ok(held)
}

/// The table of what [`held`] found.
pub(crate) fn table(held: &[Held]) -> Result<Table> {
    let title = "Held against the truth of the made-up country";
    Ok(held_table("truth", title, &["design", "living", "parent", "statistic"], held)?
        .note("All people: the same rules over everybody in the country, with all legal parents who were ever registered and exact incomes.")
        .note("Measured: by this study, which misses the parents that the registers miss. A ratio is compared on the log scale.")
        .note("All against independent is a bias, and no error: who lives with a parent shares that parent's income, so both are poor")
        .note("together. Real registers gave a ratio of 3.9 with them and 2.0 without; here too it is no measure of what is inherited."))
}

/// Poverty through each parent, where it may be shown.
fn poverty(
    held: &mut Vec<Held>,
    design: &str,
    people: &Heredity<'_>,
    living: &[Group],
    truth: &[PovertyInheritance],
) -> Result<()> {
    for stratum in &people.strata {
        if stratum.territory != Territory::Country || !living.contains(&stratum.group) {
            continue;
        }
        for through in Through::ALL {
            let basis = people.basis(stratum, through)?;
            if !basis.is_shown() {
                continue;
            }
            let of = |one: &&PovertyInheritance| {
                one.living == living_of(stratum.group) && one.through == through_of(through)
            };
            let truth = truth.iter().find(of);
            let fit = persistence(stratum, through)?;
            let mut add = |name: &str, truth, measured, scale| {
                let names = vec![design.into(), stratum.group.to_string(), through.to_string(), name.into()];
                held.push(Held { names, truth, measured: basis.tell(Some(measured)), scale });
            };
            add("poor if parent poor", truth.and_then(|of| of.outflow), fit.persistence(), Scale::Plain);
            if let Some(ratio) = fit.log_risk_ratio() {
                add("risk ratio", truth.and_then(|of| of.risk_ratio), ratio, Scale::Logarithm);
            }
        }
    }
    Ok(())
}

fn persistence(stratum: &Stratum<'_>, through: Through) -> Result<PovertyPersistence> {
    let known = || stratum.subjects.iter().filter_map(|one| Some((one.heir, one.heir.parent_poor(through)?)));
    let parent_poor: Vec<bool> = known().map(|(_, poor)| poor).collect();
    let poor: Vec<bool> = known().map(|(heir, _)| heir.poor).collect();
    let families = family_numbers(known().map(|(heir, _)| heir.family));
    Ok(PovertyPersistence::new(&parent_poor, &poor, Weights::Equal, Some(&families))?)
}

fn living_of(group: Group) -> made_up::Living {
    match group {
        Group::WithParent => made_up::Living::WithParent,
        Group::Independent => made_up::Living::Independent,
        _ => made_up::Living::All,
    }
}

fn through_of(through: Through) -> made_up::Through {
    match through {
        Through::Father => made_up::Through::Father,
        Through::Mother => made_up::Through::Mother,
        Through::Either => made_up::Through::Either,
        Through::Both => made_up::Through::Both,
    }
}

fn monitor_rules(study: &Study) -> StudyRules {
    let design = &study.monitor;
    StudyRules {
        cohort: Cohort::Aged { ages: design.ages, year: design.year },
        own_years: OwnYears::Calendar([design.year; 2]),
        parent_years: [design.parent_year; 2],
        parents_needed: parents_needed(design.parents_needed),
        students: design.student_households.into(),
        ..StudyRules::monitor()
    }
}

fn mobility_rules(study: &Study) -> StudyRules {
    let design = &study.mobility;
    StudyRules {
        cohort: Cohort::Born(design.cohorts),
        own_years: OwnYears::AtAges(design.child_ages),
        parent_years: design.parent_years,
        parents_needed: parents_needed(design.parents_needed),
        students: design.student_households.into(),
        absent_days: Some(design.absent_days),
        destination: design.destination.into(),
        income: design.income.into(),
        separated_parents: design.separated_parents.into(),
        parent_observed_years: design.parent_observed_years,
        own_observed_years: design.child_observed_years,
        own_poor: poor_in(design.child_poor),
        parent_poor: poor_in(design.parent_poor),
        ..StudyRules::default()
    }
}
