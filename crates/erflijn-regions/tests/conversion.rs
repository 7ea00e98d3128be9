//! Codes of one year in the borders of another: worked by hand, and against the whole table.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use std::collections::BTreeSet;

use common::{code, codes, column, table};
use erflijn_regions::{
    Basis, BorderConversion, BorderHistory, OwnShares, Part, Placement, RegionError, SplitRule,
};

/// Shares are quotients of whole numbers, summed at most a few times.
const ROUNDING: f64 = 1e-12;

fn convert(from: i16, to: i16, rule: SplitRule) -> BorderConversion {
    BorderConversion::new(BorderHistory::netherlands(), from, to, rule).unwrap()
}

fn basis(conversion: &BorderConversion, text: &str) -> Basis {
    conversion.place(code(text)).unwrap().basis
}

#[test]
fn mergers_of_the_north() {
    let forward = convert(2017, 2018, SplitRule::WholeMunicipality);
    for old in codes("0018 0040 1987") {
        assert_eq!(forward.municipality(old), Ok(code("1952"))); // Midden-Groningen
    }
    for old in codes("0007 0048") {
        assert_eq!(forward.municipality(old), Ok(code("1950"))); // Westerwolde
    }
    assert_eq!(basis(&forward, "0018"), Basis::Within);
    assert_eq!(basis(&forward, "0037"), Basis::Unchanged);

    let forward = convert(2018, 2019, SplitRule::Refuse);
    for old in codes("0009 0014 0017") {
        assert_eq!(forward.municipality(old), Ok(code("0014"))); // Ten Boer, Groningen, Haren
        assert_eq!(forward.place(old).unwrap().basis, Basis::Within);
    }

    let forward = convert(1997, 1998, SplitRule::Refuse);
    for old in codes("0108 0122") {
        assert_eq!(forward.municipality(old), Ok(code("1681"))); // Borger and Odoorn
    }
    for old in codes("0109 0110 0123 0130 0138") {
        assert_eq!(forward.municipality(old), Ok(code("0109"))); // the old Coevorden lies within the new
        assert_eq!(forward.place(old).unwrap().basis, Basis::Within);
    }
}

#[test]
fn a_new_code_alone_is_the_same_land() {
    let forward = convert(1999, 2000, SplitRule::Refuse);
    assert_eq!(forward.municipality(code("0136")), Ok(code("1730"))); // Zuidlaren, renamed Tynaarlo
    assert_eq!(basis(&forward, "0136"), Basis::Unchanged);
    assert!(matches!(
        forward.municipality(code("1730")),
        Err(RegionError::UnknownMunicipality { year: 1999, .. })
    ));
    let backward = convert(2000, 1999, SplitRule::Refuse);
    assert_eq!(backward.municipality(code("1730")), Ok(code("0136")));
}

#[test]
fn backward_a_merger_is_several() {
    let backward = convert(2018, 2017, SplitRule::WholeMunicipality);
    let refused = backward.municipality(code("1952")).unwrap_err();
    let parts = codes("0018 0040 1987");
    assert_eq!(refused, RegionError::Divided { code: code("1952"), from: 2018, to: 2017, parts });
    assert_eq!(backward.municipality(code("0037")), Ok(code("0037")));
    let refused = convert(2018, 2017, SplitRule::AddressShares).municipality(code("1952")).unwrap_err();
    assert_eq!(refused, RegionError::SharesUnknown { code: code("1952"), from: 2018, to: 2017 });
    let backward = convert(2019, 2018, SplitRule::Refuse).municipality(code("0014")).unwrap_err();
    assert!(matches!(backward, RegionError::Divided { parts, .. } if parts == codes("0009 0014 0017")));
}

#[test]
fn slochteren_and_winsum_by_counted_addresses() {
    for to in 2021..=2025 {
        let by_addresses = convert(2016, to, SplitRule::AddressShares);
        // 6184 + 249 = 6433 addresses; 5223 + 736 = 5959.
        let counted = [
            ("0040", [("0014", 249.0 / 6433.0), ("1952", 6184.0 / 6433.0)]),
            ("0053", [("1966", 5223.0 / 5959.0), ("1969", 736.0 / 5959.0)]),
        ];
        for (old, parts) in counted {
            let found = by_addresses.place(code(old)).unwrap();
            assert_eq!(found.basis, Basis::AddressShares);
            for (part, (new, share)) in found.parts.iter().zip(parts) {
                assert_eq!(part.code, code(new));
                assert!((part.share - share).abs() < ROUNDING);
            }
            let divided = by_addresses.municipality(code(old));
            assert!(matches!(divided, Err(RegionError::Divided { parts, .. }) if parts.len() == 2));
        }
        assert_eq!(basis(&by_addresses, "0018"), Basis::Within);
    }
    // Rounded in the source: 96.13 and 87.65 percent.
    let share = |old| convert(2016, 2024, SplitRule::AddressShares).place(code(old)).unwrap().parts.clone();
    assert!((share("0040")[1].share - 0.9613).abs() < 5e-5);
    assert!((share("0053")[0].share - 0.8765).abs() < 5e-5);
}

#[test]
fn a_known_split_is_never_whole_in_silence() {
    let (slochteren, both) = (code("0040"), codes("0014 1952"));
    let refused = convert(2016, 2022, SplitRule::Refuse).municipality(slochteren);
    assert_eq!(refused, Err(RegionError::Divided { code: slochteren, from: 2016, to: 2022, parts: both }));
    let whole = convert(2016, 2022, SplitRule::WholeMunicipality);
    assert_eq!(whole.municipality(slochteren), Ok(code("1952")));
    assert_eq!(basis(&whole, "0040"), Basis::WholeMunicipality);
    // In which year the part moved is not known: neither are the shares between other years.
    for (from, to) in [(2017, 2022), (2016, 2019), (2017, 2018)] {
        let unknown = convert(from, to, SplitRule::AddressShares).municipality(slochteren);
        assert_eq!(unknown, Err(RegionError::SharesUnknown { code: slochteren, from, to }));
        assert!(convert(from, to, SplitRule::Refuse).municipality(slochteren).is_err());
    }
    // Adorp, a part of Winsum since 1990: nobody counted where its own addresses went.
    let adorp = convert(1981, 2021, SplitRule::AddressShares).municipality(code("0001"));
    assert!(matches!(adorp, Err(RegionError::SharesUnknown { .. })));
    // Before the split nothing is divided.
    assert_eq!(convert(1995, 2016, SplitRule::Refuse).municipality(slochteren), Ok(slochteren));
    // The five of which Statistics Netherlands warns, on the first day of their being divided.
    for (year, old) in [(2010, "0993"), (2014, "0055"), (2015, "1671"), (2018, "0140"), (2021, "0788")] {
        let refused = convert(year - 1, year, SplitRule::Refuse).municipality(code(old));
        assert!(matches!(refused, Err(RegionError::Divided { .. })), "{old}");
        let unknown = convert(year - 1, year, SplitRule::AddressShares).municipality(code(old));
        assert!(matches!(unknown, Err(RegionError::SharesUnknown { .. })), "{old}");
    }
}

#[test]
fn what_the_table_divides_has_no_whole() {
    let haaren = convert(2020, 2021, SplitRule::WholeMunicipality).municipality(code("0788"));
    assert!(matches!(haaren, Err(RegionError::Divided { parts, .. }) if parts == codes("0757 0824 0865")));
    // Esch, in Haaren from 1996, came to Boxtel.
    assert_eq!(
        convert(1981, 2021, SplitRule::WholeMunicipality).municipality(code("0776")),
        Ok(code("0757"))
    );
    // The IJsselmeer polders became Almere and Zeewolde; each lay in them.
    let polders = convert(1983, 1984, SplitRule::WholeMunicipality).municipality(code("0996"));
    assert!(matches!(polders, Err(RegionError::Divided { parts, .. }) if parts == codes("0034 0050")));
    let almere = convert(1984, 1983, SplitRule::Refuse);
    assert_eq!(almere.municipality(code("0034")), Ok(code("0996")));
    assert_eq!(basis(&almere, "0034"), Basis::Within);
}

#[test]
fn own_shares_divide_forward_and_backward() {
    let part = |text, share| Part { code: code(text), share };
    let midden_groningen = OwnShares {
        code: code("1952"),
        parts: vec![part("0040", 0.25), part("0018", 0.55), part("1987", 0.2)],
    };
    let own = convert(2018, 2017, SplitRule::Own(vec![midden_groningen.clone()]));
    let Placement { parts, basis } = own.place(code("1952")).unwrap();
    assert_eq!(*basis, Basis::OwnShares);
    assert_eq!(parts.iter().map(|part| part.code).collect::<Vec<_>>(), codes("0018 0040 1987"));
    assert!((parts.iter().map(|part| part.share).sum::<f64>() - 1.0).abs() < ROUNDING);
    assert!(matches!(own.municipality(code("1950")), Err(RegionError::Divided { .. }))); // not listed

    let refused = |shares: Vec<OwnShares>| {
        BorderConversion::new(BorderHistory::netherlands(), 2018, 2017, SplitRule::Own(shares)).unwrap_err()
    };
    let with = |parts| vec![OwnShares { code: code("1952"), parts }];
    assert!(matches!(
        refused(with(vec![part("0018", 0.5), part("0040", 0.4)])),
        RegionError::SumOfShares { found, .. } if (found - 0.9).abs() < ROUNDING
    ));
    assert!(matches!(refused(with(vec![])), RegionError::SumOfShares { .. }));
    for share in [0.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(refused(with(vec![part("0018", share)])), RegionError::Share { .. }), "{share}");
    }
    assert!(matches!(
        refused(with(vec![part("0018", 0.5), part("0018", 0.5)])),
        RegionError::Repeated { .. }
    ));
    assert!(matches!(
        refused(with(vec![part("1952", 1.0)])),
        RegionError::UnknownMunicipality { year: 2017, .. }
    ));
    assert!(matches!(
        refused(vec![midden_groningen.clone(), midden_groningen]),
        RegionError::Repeated { .. }
    ));
}

#[test]
fn codes_and_years_that_are_not_there() {
    let forward = convert(2017, 2022, SplitRule::Refuse);
    assert_eq!(forward.municipality(code("0048")), Ok(code("1950")));
    for unknown in ["1952", "9999"] {
        let refused = RegionError::UnknownMunicipality { code: code(unknown), year: 2017 };
        assert_eq!(forward.municipality(code(unknown)), Err(refused));
    }
    let history = BorderHistory::netherlands();
    for (from, to) in [(1980, 2000), (2000, 2026), (2000, i16::MIN), (i16::MAX, 2000)] {
        let refused = BorderConversion::new(history, from, to, SplitRule::Refuse);
        assert!(matches!(refused, Err(RegionError::Year { first: 1981, last: 2025, .. })));
    }
}

/// The slow twin: for each code all rows of the table that have it, and the codes of those rows.
#[test]
fn every_conversion_agrees_with_the_table() {
    let table = table();
    let years = [1981, 1990, 1995, 1997, 1998, 1999, 2000, 2010, 2016, 2018, 2021];
    let mut compared = 0;
    for from in years {
        for to in years {
            let conversion = convert(from, to, SplitRule::WholeMunicipality);
            let olds: BTreeSet<_> = table.iter().map(|row| row[column(from)]).collect();
            for old in olds {
                let rows = table.iter().filter(|row| row[column(from)] == old);
                let expected: BTreeSet<_> = rows.map(|row| row[column(to)]).collect();
                let expected: Vec<_> = expected.into_iter().collect();
                match (conversion.place(old), expected.as_slice()) {
                    (Ok(placement), [only]) => {
                        assert_eq!(placement.parts, [Part { code: *only, share: 1.0 }], "{old} {from} {to}");
                    }
                    (Err(RegionError::Divided { parts, .. }), several) => {
                        assert!(several.len() > 1 && *parts == *several, "{old} {from} {to}");
                    }
                    (found, _) => panic!("{old} of {from} in {to}: {found:?}, expected {expected:?}"),
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

#[test]
fn every_place_exists_and_shares_sum_to_one() {
    let history = BorderHistory::netherlands();
    for (from, to) in [(1981, 2025), (1995, 2021), (2016, 2021), (2016, 2025), (2025, 1995), (1998, 1997)] {
        for rule in [SplitRule::Refuse, SplitRule::WholeMunicipality, SplitRule::AddressShares] {
            for (old, place) in convert(from, to, rule).places() {
                let Ok(Placement { parts, .. }) = place else { continue };
                assert!((parts.iter().map(|part| part.share).sum::<f64>() - 1.0).abs() < ROUNDING, "{old}");
                assert!(parts.iter().all(|part| history.check(part.code, to).is_ok()), "{old}");
            }
        }
    }
}
