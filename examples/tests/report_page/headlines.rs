//! Headlines in sentences, beside province and country.

use crate::rules;
use crate::runs::{DUTCH, ENGLISH, page};

/// A sentence with its numbers taken out, and these numbers; the hundred that they are of stays.
fn without_numbers(sentence: &str) -> (String, Vec<f64>) {
    let mut numbers = Vec::new();
    let words = sentence.split(' ').map(|word| {
        let end = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let digits = &word[..word.len() - end.len()];
        if digits.is_empty() || digits == "100" {
            return word.to_owned();
        }
        numbers.push(digits.parse().unwrap());
        format!("#{end}")
    });
    (words.collect::<Vec<_>>().join(" "), numbers)
}

/// Shares of the four headlines in the files, each of the area, both provinces, the rest of the country and the country.
fn headline_shares() -> [[Option<f64>; 5]; 4] {
    // The number in a column of a file, in the first row with these words; none if it is withheld.
    let share = |file: &str, words: &[&str], column: &str| -> Option<f64> {
        let table = rules::records(&ENGLISH[&format!("{file}.csv")]);
        let at = table[0].iter().position(|name| name == column).unwrap();
        let row =
            table[1..].iter().find(|row| words.iter().all(|words| row.iter().any(|field| field == words)));
        let field = &row.unwrap()[at];
        (field != "withheld").then(|| field.parse().unwrap())
    };
    let everywhere = |column: &str, [file, of_provinces]: [&str; 2], words: &[&str]| {
        let region = |name| share(file, &[&[name], words].concat(), column);
        let province = |name| share(of_provinces, &[name], column);
        let [area, elsewhere, country] = ["Veenkoloniën", "elsewhere", "country"].map(region);
        [area, province("Groningen"), province("Drenthe"), elsewhere, country]
    };
    let of_parents = ["monitor_heredity", "monitor_provinces"];
    [
        everywhere("poor", ["monitor", "monitor_provinces"], &["all"]),
        everywhere("poor if parent poor", of_parents, &["all", "either parent"]),
        everywhere("poor if not", of_parents, &["all", "either parent"]),
        everywhere("top if bottom", ["mobility", "mobility_provinces"], &[]),
    ]
}

/// Of whom, the verb after several, and the rest.
const CLAIMS: [[[&str; 3]; 4]; 2] = [
    [
        ["jongvolwassenen uit het gebied Veenkoloniën", "zijn", "arm"],
        ["jongvolwassenen uit het gebied Veenkoloniën met een arme ouder", "zijn", "zelf arm"],
        ["jongvolwassenen uit het gebied Veenkoloniën zonder arme ouder", "zijn", "zelf arm"],
        [
            "kinderen uit het gebied Veenkoloniën met ouders in de laagste inkomensgroep",
            "komen",
            "zelf in de hoogste",
        ],
    ],
    [
        ["young adults from the area Veenkoloniën", "are", "poor"],
        ["young adults from the area Veenkoloniën with a poor parent", "are", "poor"],
        ["young adults from the area Veenkoloniën without a poor parent", "are", "poor"],
        [
            "children from the area Veenkoloniën with parents in the lowest income class",
            "reach",
            "the highest class",
        ],
    ],
];

const DUTCH_PLACES: [&str; 4] =
    ["de provincie Groningen", "de provincie Drenthe", "de rest van het land", "het hele land"];

const ENGLISH_PLACES: [&str; 4] =
    ["the province of Groningen", "the province of Drenthe", "the rest of the country", "the whole country"];

/// The sentence of the area, and those of the other places, with # for each number.
fn dutch_sentences([whom, verb, rest]: [&str; 3], shares: &[Option<f64>; 5]) -> [String; 2] {
    let [shown, withheld] = by_outcome(DUTCH_PLACES, shares, "en", |nth, place| match nth {
        0 => format!("In {place} zijn dat er #"),
        _ => format!("in {place} #"),
    });
    match (shares[0], withheld.as_str()) {
        (Some(_), "") => [format!("Van elke 100 {whom} {verb} er # {rest}."), format!("{shown}.")],
        (Some(_), _) => [
            format!("Van elke 100 {whom} {verb} er # {rest}."),
            format!("{shown}. Voor {withheld} wordt het niet getoond."),
        ],
        (None, _) => [
            format!("Hoeveel van elke 100 {whom} {rest} {verb}, wordt niet getoond."),
            format!("Ook voor {withheld} wordt het niet getoond. {shown}."),
        ],
    }
}

fn english_sentences([whom, verb, rest]: [&str; 3], shares: &[Option<f64>; 5]) -> [String; 2] {
    let [shown, withheld] = by_outcome(ENGLISH_PLACES, shares, "and", |nth, place| match nth {
        0 => format!("In {place} it is #"),
        _ => format!("in {place} #"),
    });
    match (shares[0], withheld.as_str()) {
        (Some(_), "") => [format!("Of every 100 {whom}, # {verb} {rest}."), format!("{shown}.")],
        (Some(_), _) => [
            format!("Of every 100 {whom}, # {verb} {rest}."),
            format!("{shown}. For {withheld} it is withheld."),
        ],
        (None, _) => [
            format!("How many of every 100 {whom} {verb} {rest} is withheld."),
            format!("For {withheld} it is withheld too. {shown}."),
        ],
    }
}

/// The other places of which a number is shown, told, and of which none is, each in a row.
fn by_outcome(
    places: [&str; 4],
    shares: &[Option<f64>; 5],
    and: &str,
    told: impl Fn(usize, &str) -> String,
) -> [String; 2] {
    let of =
        |is_shown: bool| places.iter().zip(&shares[1..]).filter(move |(_, one)| one.is_some() == is_shown);
    let shown: Vec<_> = of(true).enumerate().map(|(nth, (place, _))| told(nth, place)).collect();
    let withheld: Vec<_> = of(false).map(|(place, _)| (*place).to_owned()).collect();
    [shown, withheld].map(|items| match &items[..] {
        [before @ .., last] if !before.is_empty() => format!("{} {and} {last}", before.join(", ")),
        _ => items.concat(),
    })
}

/// Each headline is a sentence with its number in it, and sentences with those of both provinces of the area, the rest of
/// the country and the country: the numbers of the files, in people of every hundred, and where one is withheld.
#[test]
fn every_headline_is_told_in_sentences_beside_province_and_country() {
    let expected = headline_shares();
    let (shown, all) = (expected.iter().flatten().flatten().count(), expected.iter().flatten().count());
    assert!(12 < shown && shown < all, "{shown} of {all} are shown: both kinds of sentences are there");
    for (files, language, claims) in [(&*DUTCH, "nl", CLAIMS[0]), (&*ENGLISH, "en", CLAIMS[1])] {
        let sentences = if language == "nl" { dutch_sentences } else { english_sentences };
        let page = page(files, language);
        let told = [page.texts(".headline .claim"), page.texts(".headline .claim + p")];
        assert_eq!(told.each_ref().map(Vec::len), [4; 2]);
        for (place, (claim, shares)) in claims.into_iter().zip(&expected).enumerate() {
            let [(claimed, mut numbers), (beside, others)] =
                told.each_ref().map(|sentences| without_numbers(&sentences[place]));
            assert_eq!([claimed, beside], sentences(claim, shares));
            numbers.extend(others);
            let shares: Vec<f64> = shares.iter().flatten().copied().collect();
            assert_eq!(numbers.len(), shares.len());
            for (number, share) in numbers.iter().zip(shares) {
                // Files have three decimals of a share.
                assert!((number - 100.0 * share).abs() < 0.5 + 0.05 + 1e-9, "{number} of every 100, {share}");
            }
        }
        // The number by itself is for the eye only.
        assert_eq!(page.all(".headline .value[aria-hidden='true']").count(), 4);
    }
}
