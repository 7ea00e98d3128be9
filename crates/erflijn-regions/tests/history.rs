//! Municipalities by year: against the whole table, published counts and the Acts of the north.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use std::collections::BTreeSet;

use common::{code, codes, column, table};
use erflijn_regions::{BorderChange, BorderConversion, BorderHistory, Province, RegionError, SplitRule};

#[test]
fn every_year_has_the_municipalities_of_the_table() {
    let (history, table) = (BorderHistory::netherlands(), table());
    for year in 1981..=2021 {
        let expected: BTreeSet<_> = table.iter().map(|row| row[column(year)]).collect();
        assert_eq!(history.municipalities(year).unwrap(), expected.into_iter().collect::<Vec<_>>(), "{year}");
    }
}

#[test]
fn published_numbers_of_municipalities() {
    let history = BorderHistory::netherlands();
    let municipalities = |year| history.municipalities(year).unwrap().len();
    // Statistics Netherlands: number of municipalities on 1 January; 1997 and 2018 also in a study of
    // mergers, "from 572 to 380".
    let published = [
        (1995, 633),
        (1997, 572),
        (2000, 537),
        (2010, 431),
        (2015, 393),
        (2018, 380),
        (2019, 355),
        (2021, 352),
    ];
    for (year, expected) in published {
        assert_eq!(municipalities(year), expected, "{year}");
    }
    // "On 1 January 1998 the number of municipalities in the province fell from 34 to 12."
    let of = |province, year| history.municipalities_of(province, year).unwrap();
    assert_eq!((of(Province::Drenthe, 1997).len(), of(Province::Drenthe, 1998).len()), (34, 12));
    // Boundary files of 2017 (23 + 12), 2022 and 2023 (10 + 12).
    assert_eq!((of(Province::Groningen, 2017).len(), of(Province::Drenthe, 2017).len()), (23, 12));
    for year in 2021..=2025 {
        assert_eq!(
            of(Province::Groningen, year),
            codes("0014 0037 0047 0765 1895 1950 1952 1966 1969 1979"),
            "{year}"
        );
        assert_eq!(
            of(Province::Drenthe, year),
            codes("0106 0109 0114 0118 0119 1680 1681 1690 1699 1701 1730 1731"),
            "{year}"
        );
    }
}

#[test]
fn provinces_are_the_country() {
    let history = BorderHistory::netherlands();
    for year in [1981, 1998, 2021] {
        let in_provinces: usize = Province::ALL
            .map(|province| history.municipalities_of(province, year).unwrap().len())
            .iter()
            .sum();
        assert_eq!(in_provinces, history.municipalities(year).unwrap().len());
    }
    // Key figures of 2021: municipalities by province.
    let of_2021 = Province::ALL.map(|province| history.municipalities_of(province, 2021).unwrap().len());
    assert_eq!(of_2021, [10, 18, 12, 25, 6, 51, 26, 47, 52, 13, 61, 31]);
    assert_eq!(history.province(code("0047")), Some(Province::Groningen));
    assert_eq!(history.province(code("9999")), None);
}

#[test]
fn every_change_of_the_north_since_1995() {
    let history = BorderHistory::netherlands();
    let file = include_str!("data/changes_groningen_drenthe_1995_2024.csv");
    let mut changes = 0;
    for line in file.lines().skip(1) {
        let [date, old, old_name, new, new_name, province] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let year: i16 = date[..4].parse().unwrap();
        let step = BorderConversion::new(history, year - 1, year, SplitRule::WholeMunicipality).unwrap();
        assert_eq!(step.municipality(code(old)).unwrap(), code(new), "{line}");
        assert!(matches!(history.check(code(old), year), Err(RegionError::UnknownMunicipality { .. })));
        assert_eq!(history.province(code(old)).unwrap().name(), province);
        for (number, name) in [(old, old_name), (new, new_name)] {
            if number != "1697" {
                assert_eq!(history.name(code(number)), Some(name), "{line}");
            }
        }
        changes += 1;
    }
    assert_eq!(changes, 51);
}

#[test]
fn codes_of_1998_mean_other_land_than_those_of_1997() {
    let history = BorderHistory::netherlands();
    let reused: Vec<_> =
        history.reused_codes().iter().map(|(code, year)| (code.to_string(), *year)).collect();
    assert_eq!(reused, ["0109", "0114", "0119", "0136"].map(|code| (code.to_owned(), 1998)));
    for (code, year) in history.reused_codes() {
        assert_eq!(history.same_borders(*code, year - 1, *year), Ok(false), "{code}");
        assert_eq!(history.same_borders(*code, year - 2, year - 1), Ok(true), "{code}");
        // Backward the new municipality is several old ones, the old one of the same code among them.
        let back = BorderConversion::new(history, *year, year - 1, SplitRule::Refuse).unwrap();
        let refused = back.place(*code).unwrap_err();
        assert!(matches!(refused, RegionError::Divided { parts, .. } if parts.contains(code)), "{code}");
    }
    // Zuidlaren of 1999 is the whole of Tynaarlo; Zuidlaren of 1997 is a part of it.
    assert!(matches!(
        history.check(code("0136"), 2000),
        Err(RegionError::UnknownMunicipality { year: 2000, .. })
    ));
    assert_eq!(history.same_borders(code("0106"), 1981, 2025), Ok(true)); // Assen
}

#[test]
fn names_are_known_since_2001() {
    let history = BorderHistory::netherlands();
    for year in 2001..=2025 {
        for code in history.municipalities(year).unwrap() {
            let name = history.name(code).unwrap_or_else(|| panic!("{code} of {year} has no name"));
            assert!(name.chars().all(|c| c.is_alphabetic() || " -'.(),".contains(c)), "{name}");
        }
    }
    assert_eq!(history.name(code("1900")), Some("Súdwest-Fryslân"));
    for unsourced in ["0001", "1697"] {
        assert_eq!(history.name(code(unsourced)), None);
    }
}

#[test]
fn mergers_since_2021_by_name() {
    let history = BorderHistory::netherlands();
    let named = |name: &str| {
        let codes = history.municipalities(2021).unwrap();
        let mut found = codes.into_iter().filter(|code| history.name(*code) == Some(name));
        found.next().unwrap_or_else(|| panic!("no {name}"))
    };
    // Statistics Netherlands, December 2021.
    let of_2022 = [
        ("Heerhugowaard", "Dijk en Waard"),
        ("Langedijk", "Dijk en Waard"),
        ("Landerd", "Maashorst"),
        ("Uden", "Maashorst"),
        ("Boxmeer", "Land van Cuijk"),
        ("Cuijk", "Land van Cuijk"),
        ("Sint Anthonis", "Land van Cuijk"),
        ("Mill en Sint Hubert", "Land van Cuijk"),
        ("Grave", "Land van Cuijk"),
        ("Beemster", "Purmerend"),
    ];
    // December 2022; Weesp joined on 24 March 2022, after the day to which the borders of 2022 belong.
    let of_2023 = [
        ("Brielle", "Voorne aan Zee"),
        ("Hellevoetsluis", "Voorne aan Zee"),
        ("Westvoorne", "Voorne aan Zee"),
        ("Weesp", "Amsterdam"),
    ];
    for (year, mergers) in [(2022, of_2022.as_slice()), (2023, of_2023.as_slice())] {
        let step = BorderConversion::new(history, year - 1, year, SplitRule::Refuse).unwrap();
        for (old, new) in mergers {
            let successor = step.municipality(named(old)).unwrap();
            assert_eq!(history.name(successor), Some(*new), "{old}");
        }
        let changed = step.places().filter(|(code, _)| history.check(*code, year).is_err()).count();
        assert_eq!(changed, mergers.len(), "{year}");
    }
}

#[test]
fn years_without_borders_are_refused() {
    let history = BorderHistory::netherlands();
    for year in [1980, 2026, i16::MIN, i16::MAX] {
        let refused = RegionError::Year { year, first: 1981, last: 2025 };
        assert_eq!(history.municipalities(year), Err(refused.clone()));
        assert_eq!(history.municipalities_of(Province::Drenthe, year), Err(refused.clone()));
        assert_eq!(history.check(code("0014"), year), Err(refused.clone()));
        assert_eq!(history.same_borders(code("0014"), 2021, year), Err(refused));
    }
    assert_eq!(
        history.check(code("9999"), 2022),
        Err(RegionError::UnknownMunicipality { code: code("9999"), year: 2022 })
    );
    assert_eq!((history.first_year(), history.last_year()), (1981, 2025));
}

#[test]
fn later_changes_can_be_added() {
    let history = BorderHistory::netherlands();
    // Made-up mergers; in 2027 Stadskanaal gives its code to Veendam.
    let change = |year, old: &str, new: &str| BorderChange {
        year,
        old: code(old),
        new: code(new),
        new_name: format!("new {new}"),
    };
    let changes = [change(2027, "0037", "2001"), change(2027, "0047", "0037"), change(2026, "0363", "2002")];
    let later = history.extended(2027, &changes).unwrap();
    assert_eq!(later.last_year(), 2027);
    let forward = BorderConversion::new(&later, 2017, 2027, SplitRule::Refuse).unwrap();
    assert_eq!(forward.municipality(code("0037")), Ok(code("2001")));
    assert_eq!(forward.municipality(code("0047")), Ok(code("0037")));
    assert_eq!(forward.municipality(code("0363")), Ok(code("2002")));
    assert_eq!(later.same_borders(code("0037"), 2026, 2027), Ok(false));
    assert_eq!((later.name(code("2001")), later.name(code("0037"))), (Some("new 2001"), Some("new 0037")));
    assert_eq!(later.province(code("2001")), Some(Province::Groningen));
    assert_eq!(later.municipalities(2027).unwrap().len(), 342);

    let refused = |last, change: BorderChange| history.extended(last, &[change]).unwrap_err();
    for year in [2025, 2028] {
        assert_eq!(
            refused(2027, change(year, "0047", "2001")),
            RegionError::ChangeYear { code: code("0047"), year, first: 2026, last: 2027 }
        );
    }
    assert!(matches!(
        refused(2026, change(2026, "0040", "2001")),
        RegionError::UnknownMunicipality { year: 2025, .. }
    ));
    assert!(matches!(refused(2024, change(2024, "0363", "2001")), RegionError::Year { year: 2024, .. }));
}
