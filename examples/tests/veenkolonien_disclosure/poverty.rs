//! How counts of poverty in two generations hang together.

use std::collections::{BTreeMap, BTreeSet};

use crate::known::Known;
use crate::written::lies_in;

pub(crate) const REGIONS: [&str; 3] = ["Country", "Area", "Elsewhere"];
pub(crate) const OWN: [&str; 2] = ["poor", "not poor"];
pub(crate) const ROWS: [&str; 2] = ["a parent poor", "no parent poor"];
pub(crate) const GROUPS: [&str; 6] = ["all", "men", "women", "sex unknown", "with a parent", "independent"];
pub(crate) const DIVISIONS: [&[&str]; 2] =
    [&["men", "women", "sex unknown"], &["with a parent", "independent"]];

/// What is told by the parents.
pub(crate) const BY_PARENTS: [&str; 8] = [
    "father poor",
    "father not poor",
    "mother poor",
    "mother not poor",
    "a parent poor",
    "no parent poor",
    "both parents poor",
    "not both parents poor",
];

/// By both parents, beside those of whom both are poor or neither: no table has these.
pub(crate) const APART: [&str; 7] = [
    "father poor, mother not",
    "mother poor, father not",
    "father poor, mother not known",
    "father not poor, mother not known",
    "mother poor, father not known",
    "mother not poor, father not known",
    "neither known",
];

/// How counts of poverty in two generations hang together, over strata, municipalities and provinces.
pub(crate) fn poverty(known: &mut Known, area: &BTreeSet<String>) {
    let name = |group: &str, measure: String| format!("{group}: {measure}");
    let groups: BTreeSet<String> = known
        .counts
        .keys()
        .filter_map(|name| Some(name.rsplit_once(": ")?.0.to_owned()))
        .filter(|group| !REGIONS.contains(&group.as_str()))
        .collect();
    let strata: Vec<&String> = groups.iter().filter(|group| group.contains(", ")).collect();
    let places: Vec<&String> = groups.iter().filter(|group| !group.contains(", ")).collect();
    for group in &strata {
        let any = OWN.map(|own| name(group, format!("{own}, any parents")));
        known.sum(&name(group, "people".into()), any.to_vec());
        OWN.into_iter().for_each(|own| parents(known, &|parents| name(group, format!("{own}, {parents}"))));
    }
    OWN.into_iter().for_each(|own| parents_apart(known, own));
    let table = |group: &str| OWN.map(|own| ROWS.map(|row| name(group, format!("{own}, {row}")))).concat();
    let (provinces, municipalities): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|place| place.starts_with("province of "));
    for province in &provinces {
        if !known.has(&table(province)[0]) {
            continue;
        }
        let parts: Vec<_> = municipalities.iter().filter(|code| lies_in(code, province)).collect();
        for (at, total) in table(province).iter().enumerate() {
            known.sum(total, parts.iter().map(|part| table(part)[at].clone()).collect());
        }
    }
    OWN.into_iter().for_each(|own| beside_provinces(known, own, &provinces, &municipalities, area));
    for (region, there) in [("Area", true), ("Elsewhere", false)] {
        let parts: Vec<_> = municipalities.iter().filter(|code| area.contains(**code) == there).collect();
        for (at, total) in table(&format!("{region}, all")).iter().enumerate() {
            known.sum(total, parts.iter().map(|part| table(part)[at].clone()).collect());
        }
    }
    let told = ["any parents"].into_iter().chain(BY_PARENTS).chain(APART);
    across(known, told);
}

/// How counts by the parents, and of people, hang together over regions and groups.
pub(crate) fn across<'a>(known: &mut Known, by_parents: impl Iterator<Item = &'a str>) {
    let measures: Vec<String> = by_parents
        .flat_map(|parents| OWN.map(|own| format!("{own}, {parents}")))
        .chain(["people".to_owned()])
        .collect();
    for measure in &measures {
        for group in GROUPS {
            let of = |region: &str| format!("{region}, {group}: {measure}");
            known.sum(&of("Country"), vec![of("Area"), of("Elsewhere")]);
        }
        for region in REGIONS {
            let of = |group: &str| format!("{region}, {group}: {measure}");
            for division in DIVISIONS {
                let parts: Vec<String> = division.iter().map(|group| of(group)).collect();
                if parts.iter().any(|part| known.has(part)) {
                    known.sum(&of("all"), parts);
                }
            }
        }
    }
}

/// How counts of poverty through either parent hang together, over strata and provinces.
pub(crate) fn poverty_through_either(known: &mut Known) {
    const EVERYBODY: [&str; 4] = ["any parents", "a parent poor", "no parent poor", "parents not both known"];
    let groups: BTreeSet<String> =
        known.counts.keys().filter_map(|name| Some(name.rsplit_once(": ")?.0.to_owned())).collect();
    let provinces: Vec<&String> = groups.iter().filter(|group| group.starts_with("province of ")).collect();
    for own in OWN {
        let of = |group: &str, parents: &str| format!("{group}: {own}, {parents}");
        for group in &groups {
            known.rest(
                &of(group, EVERYBODY[3]),
                &of(group, EVERYBODY[0]),
                &[1, 2].map(|row| of(group, EVERYBODY[row])),
            );
            for row in &EVERYBODY[1..3] {
                known.rest(
                    &of(group, &format!("all but {row}")),
                    &of(group, EVERYBODY[0]),
                    &[of(group, row)],
                );
            }
        }
        if provinces.is_empty() {
            continue;
        }
        for parents in EVERYBODY {
            let [together, outside, beyond] =
                ["provinces", "provinces, outside the area", "outside the provinces"]
                    .map(|group| of(group, parents));
            known.together(&together, provinces.iter().map(|province| of(province, parents)).collect());
            known.rest(&outside, &together, &[of("Area, all", parents)]);
            known.rest(&beyond, &of("Country, all", parents), std::slice::from_ref(&together));
        }
        for group in ["provinces", "provinces, outside the area", "outside the provinces"] {
            known.sum(&of(group, EVERYBODY[0]), [1, 2, 3].map(|row| of(group, EVERYBODY[row])).to_vec());
        }
    }
    across(known, EVERYBODY.into_iter());
}

/// Who is in a province and not in the area, or in no province of the area, and of whom the parents are not told there.
pub(crate) fn beside_provinces(
    known: &mut Known,
    own: &str,
    provinces: &[&String],
    municipalities: &[&String],
    area: &BTreeSet<String>,
) {
    let all = |group: &str| format!("{group}: {own}, any parents");
    if !provinces.iter().any(|province| known.has(&all(province))) {
        return;
    }
    let rows = |group: &str| ROWS.map(|row| format!("{group}: {own}, {row}")).to_vec();
    let not_told = |group: &str| format!("{group}: {own}, parents not both known");
    for province in provinces {
        known.rest(&not_told(province), &all(province), &rows(province));
        for row in rows(province) {
            known.rest(&format!("all but {row}"), &all(province), &[row]);
        }
    }
    let [together, outside, beyond] = ["provinces", "provinces, outside the area", "outside the provinces"];
    known.together(&all(together), provinces.iter().map(|province| all(province)).collect());
    known.rest(&all(outside), &all(together), &[all("Area, all")]);
    known.rest(&all(beyond), &all("Country, all"), &[all(together)]);
    let within = |code: &str| provinces.iter().any(|province| lies_in(code, province));
    let elsewhere = municipalities.iter().filter(|code| !area.contains(**code));
    let (inside, others): (Vec<&&String>, Vec<_>) = elsewhere.partition(|code| within(code));
    for (group, parts) in [(outside, inside), (beyond, others)] {
        let parts: Vec<String> = parts.into_iter().flat_map(|code| rows(code)).collect();
        known.rest(&not_told(group), &all(group), &parts);
    }
}

/// How the counts of one stratum and own status hang together, by the parents.
pub(crate) fn parents(known: &mut Known, of: &dyn Fn(&str) -> String) {
    for parent in ["father", "mother"] {
        let [poor, not_poor] = ["poor", "not poor"].map(|status| of(&format!("{parent} {status}")));
        known.together(&of(&format!("{parent} known")), vec![poor.clone(), not_poor.clone()]);
        known.rest(&of(&format!("{parent} unknown")), &of("any parents"), &[of(&format!("{parent} known"))]);
        // With this parent poor, and the other not or unknown; and the other way round.
        known.rest(&of(&format!("just {parent} poor")), &poor, &[of("both parents poor")]);
        known.rest(&of(&format!("just {parent} not poor")), &not_poor, &[of("no parent poor")]);
    }
    known.together(&of("both known"), vec![of("a parent poor"), of("no parent poor")]);
    known.sum(&of("both known"), vec![of("both parents poor"), of("not both parents poor")]);
    known.rest(&of("not both known"), &of("any parents"), &[of("both known")]);
    for row in BY_PARENTS {
        known.rest(&of(&format!("all but {row}")), &of("any parents"), &[of(row)]);
    }
    known.rest(&of("just one"), &of("a parent poor"), &[of("both parents poor")]);
    known.sum(&of("not both parents poor"), vec![of("just one"), of("no parent poor")]);
    for parent in ["father", "mother"] {
        known.rest(
            &of(&format!("only {parent} known")),
            &of(&format!("{parent} known")),
            &[of("both known")],
        );
    }
}

/// That everybody has one father and one mother: all counts by the parents are sums of those by both.
///
/// How many have just a poor father is told nowhere, and tells the others; any number that fits serves, since what follows from
/// the told counts is the same whichever of the possible ones is true.
pub(crate) fn parents_apart(known: &mut Known, own: &str) {
    let of = |region: &str, group: &str, parents: &str| format!("{region}, {group}: {own}, {parents}");
    let mut country: BTreeMap<&str, u64> = BTreeMap::new();
    for region in ["Area", "Elsewhere"] {
        let range = |group: &str| just_a_poor_father(known, &|parents| of(region, group, parents));
        let there = |group: &&&str| known.has_any(&format!("{region}, {group}: "));
        let divisions: Vec<Vec<&str>> = DIVISIONS
            .iter()
            .map(|division| division.iter().filter(there).copied().collect::<Vec<&str>>())
            .filter(|division| !division.is_empty())
            .collect();
        let least = |division: &Vec<&str>| division.iter().map(|group| range(group)[0]).sum();
        let all = divisions.iter().map(least).chain([range("all")[0]]).max().unwrap();
        let mut of_group = BTreeMap::from([("all", all)]);
        for division in &divisions {
            let mut left = all - least(division);
            for group in division {
                let [low, high] = range(group);
                let more = left.min(high - low);
                of_group.insert(group, low + more);
                left -= more;
            }
            assert_eq!(left, 0, "{region}, {division:?}");
        }
        for (group, fathers) in of_group {
            *country.entry(group).or_default() += fathers;
            by_both(known, &|parents| of(region, group, parents), fathers);
        }
    }
    for (group, fathers) in country {
        by_both(known, &|parents| of("Country", group, parents), fathers);
    }
}

/// The fewest and the most who can have a poor father and a mother who is not.
pub(crate) fn just_a_poor_father(known: &Known, of: &dyn Fn(&str) -> String) -> [u64; 2] {
    let count = |parents: &str| known.counts.get(&of(parents)).copied().unwrap_or(0);
    let both = count("both parents poor");
    let neither = count("no parent poor");
    let one = count("a parent poor") - both;
    let low = (one + both).saturating_sub(count("mother poor"));
    let high = one.min(count("father poor") - both).min(count("mother not poor") - neither);
    [low.max((neither + one).saturating_sub(count("father not poor"))), high]
}

/// The counts by both parents of one stratum, and what they make up.
pub(crate) fn by_both(known: &mut Known, of: &dyn Fn(&str) -> String, just_fathers: u64) {
    if !known.has_any(&of("")) {
        return;
    }
    let one = known.counts.get(&of("just one")).copied().unwrap_or(0);
    let [both, neither] = ["both parents poor", "no parent poor"].map(of);
    let [fathers, mothers] = [APART[0], APART[1]].map(of);
    known.counts.insert(fathers.clone(), just_fathers);
    known.counts.insert(mothers.clone(), one - just_fathers);
    known.sum(&of("just one"), vec![fathers.clone(), mothers.clone()]);
    let one_known = [
        ("father poor", [&both, &fathers]),
        ("father not poor", [&mothers, &neither]),
        ("mother poor", [&both, &mothers]),
        ("mother not poor", [&fathers, &neither]),
    ];
    for ((parents, both_known), one_known) in one_known.into_iter().zip(&APART[2..6]) {
        known.rest(&of(one_known), &of(parents), &both_known.map(String::clone));
    }
    let all: Vec<String> = APART[..6].iter().map(|parents| of(parents)).chain([both, neither]).collect();
    known.rest(&of(APART[6]), &of("any parents"), &all);
}

/// By both parents' statuses, everybody.
const BY_BOTH: [&str; 9] = {
    let [a, b, c, d, e, f, g] = APART;
    ["both parents poor", "no parent poor", a, b, c, d, e, f, g]
};

/// By poverty through either parent, everybody.
const BY_EITHER: [&str; 3] = ["a parent poor", "no parent poor", "parents not both known"];

/// The counts of each group that are added for those of one own status, or of both, with parents of one kind or another: every set of
/// kinds.
pub(crate) fn sets_of_kinds(known: &Known) -> BTreeSet<Vec<String>> {
    let group = |name: &String| Some(name.rsplit_once(": ")?.0.to_owned());
    let groups: BTreeSet<String> = known.counts.keys().filter_map(group).collect();
    let mut sets = BTreeSet::new();
    for group in &groups {
        for kinds in [&BY_BOTH[..], &BY_EITHER] {
            for set in 1_u16..1 << kinds.len() {
                let of = |own: &str| {
                    let kinds = (0..kinds.len()).filter(|kind| set >> kind & 1 == 1).map(|kind| kinds[kind]);
                    let names = kinds.map(|kind| format!("{group}: {own}, {kind}"));
                    names.filter(|name| known.has(name)).collect::<Vec<String>>()
                };
                let [poor, not_poor] = OWN.map(of);
                let both = [&poor[..], &not_poor].concat();
                sets.extend([poor, not_poor, both]);
            }
        }
    }
    sets
}
