//! Figures from old to new borders: worked by hand, edges and properties.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "small whole numbers and their halves are exact")]

mod common;

use common::{code, codes};
use erflijn_core::{MunicipalityCode, Persons};
use erflijn_regions::{
    Basis, BorderConversion, BorderHistory, OwnShares, Part, PartlyInside, RegionCounts, RegionError,
    RegionRates, RegionSet, SplitRule, Veenkolonien,
};
use proptest::prelude::*;

/// Sums of a few hundred numbers in another order.
const ROUNDING: f64 = 1e-9;

fn convert(from: i16, to: i16, rule: SplitRule) -> BorderConversion {
    BorderConversion::new(BorderHistory::netherlands(), from, to, rule).unwrap()
}

fn persons(year: i16, rows: &[(&str, f64)]) -> RegionCounts<Persons> {
    let rows: Vec<_> = rows.iter().map(|(text, count)| (code(text), *count)).collect();
    RegionCounts::new(year, &rows).unwrap()
}

#[test]
fn rates_of_a_merger_are_weighted_by_population() {
    // Hoogezand-Sappemeer 11.5 %, Menterwolde 8 %, Slochteren 5 %; populations 34, 12 and 15 thousand:
    // (11.5 * 34 + 8 * 12 + 5 * 15) / 61 = (391 + 96 + 75) / 61 = 562 / 61.
    let rates = RegionRates::new(
        2017,
        &[(code("0018"), 11.5, 34.0), (code("1987"), 8.0, 12.0), (code("0040"), 5.0, 15.0)],
    )
    .unwrap();
    let converted = rates.convert(&convert(2017, 2018, SplitRule::WholeMunicipality)).unwrap();
    let midden_groningen = converted.figures.get(code("1952")).unwrap();
    assert!((midden_groningen - 562.0 / 61.0).abs() < ROUNDING);
    assert_eq!(converted.report.total, 61.0);
    assert_eq!(converted.report.approximate[0].code, code("0040"));
    assert_eq!(converted.report.approximate[0].basis, Basis::WholeMunicipality);

    // Without Slochteren, which is lost and reported: (391 + 96) / 46.
    let converted = rates.convert(&convert(2017, 2018, SplitRule::Refuse)).unwrap();
    assert!((converted.figures.get(code("1952")).unwrap() - 487.0 / 46.0).abs() < ROUNDING);
    let lost = &converted.report.unassigned;
    assert_eq!((lost.len(), lost[0].code, lost[0].value), (1, code("0040"), 15.0));
    assert!(matches!(lost[0].reason, RegionError::Divided { from: 2017, to: 2018, .. }));
}

#[test]
fn counts_go_backward_by_own_shares_only() {
    let counts = persons(2018, &[("1952", 60_000.0), ("0037", 32_000.0), ("1950", 25_000.0)]);
    let part = |text, share| Part { code: code(text), share };
    let parts = vec![part("0018", 0.5), part("0040", 0.25), part("1987", 0.25)];
    let own = SplitRule::Own(vec![OwnShares { code: code("1952"), parts }]);
    let converted = counts.convert(&convert(2018, 2017, own)).unwrap();
    let of = |text| converted.figures.get(code(text));
    assert_eq!((of("0018"), of("0040"), of("1987")), (Some(30_000.0), Some(15_000.0), Some(15_000.0)));
    assert_eq!((of("0037"), of("0007")), (Some(32_000.0), None));
    let report = &converted.report;
    assert_eq!((report.from, report.to, report.total), (2018, 2017, 117_000.0));
    assert_eq!((report.assigned, report.unassigned[0].value), (92_000.0, 25_000.0));
}

#[test]
fn what_is_unknown_is_reported() {
    let counts = persons(2016, &[("0040", 5.0), ("9999", 3.0), ("1952", 2.0), ("0114", 1.0)]);
    let report = counts.convert(&convert(2016, 2022, SplitRule::Refuse)).unwrap().report;
    let lost: Vec<_> = report.unassigned.iter().map(|lost| (lost.code, lost.value)).collect();
    assert_eq!(lost, [(code("0040"), 5.0), (code("1952"), 2.0), (code("9999"), 3.0)]);
    assert!(matches!(report.unassigned[0].reason, RegionError::Divided { to: 2022, .. }));
    assert!(matches!(report.unassigned[1].reason, RegionError::UnknownMunicipality { year: 2016, .. }));
    assert_eq!((report.total, report.assigned), (11.0, 1.0));
}

#[test]
fn tables_of_other_borders_are_refused() {
    let (old, new) = (persons(2017, &[("0037", 1.0)]), persons(2022, &[("0037", 1.0)]));
    let both = RegionError::OtherBorders { left: 2017, right: 2022 };
    assert_eq!(old.rates(&new), Err(both.clone()));
    let rates = |table: &RegionCounts<Persons>| table.rates(table).unwrap();
    assert_eq!(rates(&old).minus(&rates(&new)), Err(both.clone()));
    let area = RegionSet::veenkolonien(Veenkolonien::FactSheet2018)
        .in_year(2022, BorderHistory::netherlands(), PartlyInside::Include)
        .unwrap()
        .set;
    assert_eq!(old.in_set(&area), Err(both.clone()));
    assert_eq!(rates(&old).in_set(&area), Err(both));
    let backward = convert(2022, 2017, SplitRule::Refuse);
    assert!(matches!(old.convert(&backward), Err(RegionError::OtherBorders { left: 2017, right: 2022 })));
    assert!(matches!(rates(&old).convert(&backward), Err(RegionError::OtherBorders { .. })));
}

#[test]
fn sums_over_an_area_name_what_is_absent() {
    let area = RegionSet::new("two", "made up", 2022, &codes("0037 0047")).unwrap();
    let counts = persons(2022, &[("0037", 4.0), ("0114", 9.0)]);
    let total = counts.in_set(&area).unwrap();
    assert_eq!((total.value, total.absent), (4.0, codes("0047")));
    assert_eq!(counts.total(), 13.0);
    let rates = RegionRates::new(2022, &[(code("0037"), 10.0, 300.0), (code("0047"), 20.0, 100.0)]).unwrap();
    let mean = rates.in_set(&area).unwrap();
    // (10 * 300 + 20 * 100) / 400
    assert_eq!((mean.rate, mean.population, mean.absent.len()), (Some(12.5), 400.0, 0));
    let nobody = RegionRates::new(2022, &[]).unwrap().in_set(&area).unwrap();
    assert_eq!((nobody.rate, nobody.absent.len()), (None, 2));
}

#[test]
fn differences_keep_those_who_are_in_one_table_only() {
    let rates = |rows: &[(&str, f64, f64)]| {
        let rows: Vec<_> = rows.iter().map(|(text, rate, people)| (code(text), *rate, *people)).collect();
        RegionRates::new(2022, &rows).unwrap()
    };
    let a = rates(&[("0037", 8.0, 100.0), ("0047", 7.0, 100.0), ("0114", 5.0, 0.0)]);
    let b = rates(&[("0037", 6.5, 200.0), ("0109", 4.0, 100.0), ("0114", 5.0, 10.0)]);
    let difference = a.minus(&b).unwrap();
    let expected = [("0037", Some(1.5)), ("0047", None), ("0109", None), ("0114", None)];
    assert_eq!(difference, expected.map(|(text, by)| (code(text), by)).into());
}

#[test]
fn numbers_that_cannot_be() {
    let counts = |value| RegionCounts::<Persons>::new(2022, &[(code("0037"), value)]);
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(counts(wrong), Err(RegionError::Value { name: "count", .. })));
        let rate = RegionRates::new(2022, &[(code("0037"), wrong, 1.0)]);
        assert!(matches!(rate, Err(RegionError::Value { name: "rate", .. })));
        let rate = RegionRates::new(2022, &[(code("0037"), 1.0, wrong)]);
        assert!(matches!(rate, Err(RegionError::Value { name: "population", .. })));
    }
    let twice = RegionCounts::<Persons>::new(2022, &[(code("0037"), 1.0), (code("0037"), 1.0)]);
    assert!(matches!(twice, Err(RegionError::Repeated { .. })));
    assert!(matches!(
        persons(2022, &[("0037", 1.0)]).rates(&persons(2022, &[])),
        Err(RegionError::NoPopulation { .. })
    ));
    let empty = persons(2017, &[]).convert(&convert(2017, 2022, SplitRule::Refuse)).unwrap();
    assert_eq!((empty.figures.total(), empty.report.total, empty.report.unassigned.len()), (0.0, 0.0, 0));
    let nobody = persons(2022, &[("0037", 0.0)]);
    assert_eq!(nobody.rates(&nobody).unwrap().get(code("0037")), None);
}

#[cfg(feature = "serde")]
#[test]
fn written_tables_say_their_unit_and_why_something_is_lost() {
    let converted = persons(2017, &[("9999", 3.0)]).convert(&convert(2017, 2022, SplitRule::Refuse)).unwrap();
    let text = serde_json::to_string(&converted).unwrap();
    assert!(text.contains(r#""classification_year":2022,"counts":{},"unit":"persons""#), "{text}");
    assert!(text.contains("municipality 9999 is not known in the borders of 2017"), "{text}");
}

/// Any table of a year: its municipalities with made-up counts.
fn tables(year: i16) -> impl Strategy<Value = Vec<(MunicipalityCode, f64)>> {
    let municipalities = BorderHistory::netherlands().municipalities(year).unwrap();
    let size = municipalities.len();
    prop::collection::vec(prop_oneof![Just(0.0), 0.0..1e6], size)
        .prop_map(move |counts| municipalities.iter().copied().zip(counts).collect())
}

fn any_rule() -> impl Strategy<Value = SplitRule> {
    prop_oneof![Just(SplitRule::Refuse), Just(SplitRule::WholeMunicipality), Just(SplitRule::AddressShares)]
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nobody_is_lost_or_invented(
        rows in tables(2016), to in 1981i16..=2025, rule in any_rule()
    ) {
        let counts = RegionCounts::<Persons>::new(2016, &rows).unwrap();
        let converted = counts.convert(&convert(2016, to, rule)).unwrap();
        let report = &converted.report;
        let lost: f64 = report.unassigned.iter().map(|lost| lost.value).sum();
        prop_assert!(close(report.assigned + lost, report.total));
        prop_assert!(close(converted.figures.total(), report.assigned));
        prop_assert!(close(report.total, counts.total()));
        prop_assert!(report.approximate.iter().all(|one| one.basis.is_approximate()));
    }

    #[test]
    fn the_same_borders_change_nothing(year in 1981i16..=2025, rule in any_rule()) {
        let municipalities = BorderHistory::netherlands().municipalities(year).unwrap();
        let rows: Vec<_> = municipalities.into_iter().zip((1u16..).map(f64::from)).collect();
        let counts = RegionCounts::<Persons>::new(year, &rows).unwrap();
        let converted = counts.convert(&convert(year, year, rule)).unwrap();
        prop_assert_eq!(converted.figures, counts);
        prop_assert!(converted.report.unassigned.is_empty() && converted.report.approximate.is_empty());
    }

    #[test]
    fn two_steps_forward_are_one(rows in tables(1996), middle in 1996i16..=2020) {
        // Up to 2020 no municipality of 1996 is divided by the table.
        let counts = RegionCounts::<Persons>::new(1996, &rows).unwrap();
        let step = |counts: &RegionCounts<Persons>, from, to| {
            counts.convert(&convert(from, to, SplitRule::WholeMunicipality)).unwrap().figures
        };
        let one = step(&counts, 1996, 2020);
        let two = step(&step(&counts, 1996, middle), middle, 2020);
        let same = one.iter().zip(two.iter()).all(|(a, b)| a.0 == b.0 && close(a.1, b.1));
        prop_assert!(same && one.iter().count() == two.iter().count());
    }

    #[test]
    fn rates_stay_between_those_they_are_made_of(rows in tables(2000), people in tables(2000)) {
        let rates: Vec<_> =
            rows.iter().zip(&people).map(|((code, rate), (_, people))| (*code, *rate, *people)).collect();
        let rates = RegionRates::new(2000, &rates).unwrap();
        let converted = rates.convert(&convert(2000, 2021, SplitRule::WholeMunicipality)).unwrap().figures;
        let old = rates.iter().filter_map(|(_, rate, _)| rate);
        let (low, high) = old.fold((f64::MAX, 0.0f64), |(low, high), rate| (low.min(rate), high.max(rate)));
        for (_, rate, _) in converted.iter() {
            prop_assert!(rate.is_none_or(|rate| rate >= low * (1.0 - ROUNDING) && rate <= high * (1.0 + ROUNDING)));
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(mut rows in tables(2016)) {
        let conversion = convert(2016, 2021, SplitRule::AddressShares);
        let convert = |rows: &[_]| RegionCounts::<Persons>::new(2016, rows).unwrap().convert(&conversion).unwrap();
        let before = convert(&rows);
        rows.reverse();
        prop_assert_eq!(convert(&rows), before);
    }
}
