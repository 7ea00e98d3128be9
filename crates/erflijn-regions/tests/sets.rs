//! Study areas: as published, and in other borders.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod common;

use common::{code, codes};
use erflijn_regions::{BorderHistory, PartlyInside, Province, RegionError, RegionSet, Veenkolonien};

#[test]
fn five_published_definitions() {
    let history = BorderHistory::netherlands();
    let published = [
        (Veenkolonien::Agenda2002, 2002, 9),
        (Veenkolonien::FactSheet2018, 2017, 12),
        (Veenkolonien::AgendaNames2017, 2017, 12),
        (Veenkolonien::Agenda2020, 2020, 10),
        (Veenkolonien::AgendaTwelve, 2020, 12),
    ];
    assert_eq!(published.map(|(definition, _, _)| definition), Veenkolonien::ALL);
    for (definition, year, municipalities) in published {
        let set = RegionSet::veenkolonien(definition);
        assert_eq!((set.classification_year(), set.municipalities().len()), (year, municipalities));
        assert_eq!(set.check(history), Ok(()));
        assert!(!set.source().is_empty() && set.name().starts_with("Veenkoloniën"));
        // Each name of a member is known, so that tables can carry it.
        assert!(set.municipalities().iter().all(|code| history.name(*code).is_some()));
    }
    let names = |definition| {
        let set = RegionSet::veenkolonien(definition);
        set.municipalities().iter().map(|code| history.name(*code).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(Veenkolonien::Agenda2002),
        [
            "Hoogezand-Sappemeer",
            "Stadskanaal",
            "Veendam",
            "Vlagtwedde",
            "Emmen",
            "Pekela",
            "Aa en Hunze",
            "Borger-Odoorn",
            "Menterwolde"
        ]
    );
    // The page lists ten, without Veendam.
    assert_eq!(
        names(Veenkolonien::Agenda2020),
        [
            "Stadskanaal",
            "Coevorden",
            "Emmen",
            "Pekela",
            "Aa en Hunze",
            "Borger-Odoorn",
            "Midden-Drenthe",
            "Oldambt",
            "Westerwolde",
            "Midden-Groningen"
        ]
    );
}

#[test]
fn the_fact_sheet_in_later_borders_is_ten_municipalities() {
    let history = BorderHistory::netherlands();
    let set = RegionSet::veenkolonien(Veenkolonien::FactSheet2018);
    for year in 2018..=2025 {
        let included = set.in_year(year, history, PartlyInside::Include).unwrap();
        assert_eq!(
            included.set.municipalities(),
            codes("0037 0047 0109 0114 0765 1680 1681 1895 1950 1952"),
            "{year}"
        );
        assert_eq!(included.partly_inside, codes("1952"), "Slochteren was outside");
        assert_eq!(included.set.classification_year(), year);
        let excluded = set.in_year(year, history, PartlyInside::Exclude).unwrap().set;
        assert_eq!(excluded.municipalities(), codes("0037 0047 0109 0114 0765 1680 1681 1895 1950"));
        let refused = set.in_year(year, history, PartlyInside::Refuse);
        assert_eq!(refused, Err(RegionError::PartlyInside { code: code("1952"), from: 2017, to: year }));
    }
    // Back to 2009 Oldambt is Scheemda, Winschoten and Reiderland: nothing is cut.
    let of_2009 = set.in_year(2009, history, PartlyInside::Refuse).unwrap();
    assert_eq!((of_2009.set.municipalities().len(), of_2009.partly_inside.len()), (14, 0));
    assert!(of_2009.set.contains(code("0052"), 2009).unwrap());
    // To 1997 and back, over the codes given again in 1998.
    let of_1997 = set.in_year(1997, history, PartlyInside::Refuse).unwrap().set;
    let back = of_1997.in_year(2017, history, PartlyInside::Refuse).unwrap().set;
    assert_eq!(back, set);
}

#[test]
fn sets_of_other_borders_are_refused() {
    let history = BorderHistory::netherlands();
    let (old, new) = (
        RegionSet::veenkolonien(Veenkolonien::FactSheet2018),
        RegionSet::veenkolonien(Veenkolonien::Agenda2020),
    );
    let refused = RegionError::OtherBorders { left: 2017, right: 2020 };
    assert_eq!(old.compare(&new), Err(refused.clone()));
    assert_eq!(old.without(&new), Err(refused.clone()));
    assert_eq!(old.contains(code("0037"), 2020), Err(refused));
    let old = old.in_year(2020, history, PartlyInside::Include).unwrap().set;
    let comparison = old.compare(&new).unwrap();
    assert_eq!((comparison.only_first, comparison.only_second), (codes("0047"), codes("1731")));
    assert_eq!(comparison.both.len(), 9);
}

#[test]
fn provinces_and_sets_of_ones_own() {
    let history = BorderHistory::netherlands();
    let drenthe = RegionSet::province(Province::Drenthe, 2017, history).unwrap();
    let area = RegionSet::veenkolonien(Veenkolonien::FactSheet2018);
    let outside = drenthe.without(&area).unwrap();
    // Assen, Hoogeveen, Meppel, De Wolden, Noordenveld, Westerveld, Tynaarlo, Midden-Drenthe.
    assert_eq!(outside.municipalities(), codes("0106 0118 0119 1690 1699 1701 1730 1731"));
    assert_eq!(outside.name(), "Drenthe without Veenkoloniën (fact sheet 2018)");
    assert!(matches!(area.without(&area), Err(RegionError::EmptySet)));
    assert_eq!(RegionSet::netherlands(2021, history).unwrap().municipalities().len(), 352);
    assert!(matches!(RegionSet::netherlands(2026, history), Err(RegionError::Year { last: 2025, .. })));
    assert!(matches!(area.in_year(2026, history, PartlyInside::Include), Err(RegionError::Year { .. })));

    let asked = RegionSet::new("on request", "letter", 2022, &codes("0106 0014")).unwrap();
    assert_eq!(asked.municipalities(), codes("0014 0106"));
    assert_eq!(asked.check(history), Ok(()));
    assert_eq!(RegionSet::new("none", "", 2022, &[]), Err(RegionError::EmptySet));
    assert!(matches!(
        RegionSet::new("twice", "", 2022, &codes("0106 0014 0106")),
        Err(RegionError::Repeated { .. })
    ));
    let wrong = RegionSet::new("old code", "", 2022, &codes("0040")).unwrap();
    assert!(matches!(wrong.check(history), Err(RegionError::UnknownMunicipality { year: 2022, .. })));
}

#[cfg(feature = "serde")]
#[test]
fn sets_are_checked_when_they_are_read() {
    let set = RegionSet::veenkolonien(Veenkolonien::Agenda2002);
    let text = serde_json::to_string(&set).unwrap();
    assert!(text.contains("\"0018\""), "{text}");
    assert_eq!(serde_json::from_str::<RegionSet>(&text).unwrap(), set);
    let read = |municipalities: &str| {
        let text = format!(
            r#"{{"name":"a","source":"b","classification_year":2022,"municipalities":{municipalities}}}"#
        );
        serde_json::from_str::<RegionSet>(&text).map_err(|error| error.to_string())
    };
    assert_eq!(read(r#"["0114","0037"]"#).unwrap().municipalities(), codes("0037 0114"));
    assert!(read("[]").unwrap_err().contains("at least one"));
    assert!(read(r#"["37"]"#).unwrap_err().contains("four digits"));
    assert!(read(r#"["0037","0037"]"#).unwrap_err().contains("twice"));
    let definition: Veenkolonien = serde_json::from_str("\"fact_sheet_2018\"").unwrap();
    assert_eq!(definition, Veenkolonien::FactSheet2018);
}
