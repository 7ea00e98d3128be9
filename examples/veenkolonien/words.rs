//! Words of the page that need no numbers.

use erflijn::core::Vintage;
use erflijn::poverty::low_income::RULE_BREAKS_FROM;
use erflijn::poverty::{Boundary, EquivalenceScale, LowIncomeAmounts};
use erflijn::regions::BorderHistory;
use erflijn::report::Language;
use erflijn_examples::{Line, Poverty};

use crate::study::Study;

/// Words and what they mean here; of some municipalities of the area nobody is in the study.
pub(crate) fn definitions(
    study: &Study,
    without_people: &[&str],
    language: Language,
) -> Vec<(String, String)> {
    let [first, last] = study.mobility.parent_years;
    let [youngest, oldest] = study.mobility.child_ages;
    let classes = study.mobility.classes;
    let [parent_year, of_parents] = year_of_parents(study);
    let places = municipalities(study.region.area.iter().map(String::as_str));
    let nobody = match without_people {
        [] => String::new(),
        codes => {
            let nobody = language.choose("Niemand in het onderzoek is uit", "Nobody in the study is from");
            format!(" {nobody} {}.", municipalities(codes.iter().copied()))
        }
    };
    let (area, borders) = (&study.region.area_name, study.region.classification_year);
    let at_the_line = study.poverty.boundary == Boundary::AtOrBelow;
    let words: Vec<(&str, String)> = language.choose(
        vec![
            (
                "Arm",
                format!(
                    "Het besteedbare inkomen van het huishouden ligt {} de armoedegrens van dat jaar.",
                    if at_the_line { "op of onder" } else { "onder" }
                ),
            ),
            (
                "Arme ouder",
                format!(
                    "Ten minste één juridische ouder is {parent_year} arm, elke ouder volgens het eigen huishouden. Jongvolwassenen van \
                     wie niet van beide ouders bekend is of zij arm zijn, tellen hierbij niet mee."
                ),
            ),
            ("Dit gebied", format!("{area}: wie opgroeide in {places}, in de gemeentegrenzen van {borders}.{nobody}")),
            (
                "Provincie",
                "Iedereen die opgroeide in een van de gemeenten van de provincie waarin dit gebied ligt: de hele provincie, dus ook de \
                 gemeenten erbuiten."
                    .into(),
            ),
            ("Rest van het land", "Iedereen in de registers die niet in dit gebied opgroeide, ook van wie de gemeente onbekend is.".into()),
            (
                "Inkomensgroep",
                format!(
                    "Een van de {classes} even grote groepen waarin alle kinderen van een geboortejaar op volgorde van inkomen verdeeld \
                     zijn. Hun ouders zijn net zo verdeeld, op volgorde van hun eigen inkomen."
                ),
            ),
            (
                "Rang",
                format!(
                    "De plaats op die volgorde, van 0 (laagste inkomen) tot 1 (hoogste). Inkomen is van ouders het gemiddelde over {first} \
                     tot en met {last}, van kinderen dat op een leeftijd van {youngest} tot en met {oldest} jaar."
                ),
            ),
            (
                "Interval",
                "De grenzen waartussen de werkelijke waarde waarschijnlijk ligt. Hoe minder mensen, hoe breder het interval.".into(),
            ),
            ("Niet getoond", "Het getal rust op te weinig personen, of zo'n getal zou eruit volgen.".into()),
            ("–", "Er is geen waarde: er is niemand van wie het te berekenen is, of dat jaar is niet gemeten.".into()),
        ],
        vec![
            (
                "Poor",
                format!(
                    "Disposable household income is {} the poverty line of that year.",
                    if at_the_line { "at or below" } else { "below" }
                ),
            ),
            (
                "Poor parent",
                format!(
                    "At least one legal parent is poor {of_parents}, each parent by the own household. Young adults are left out here \
                     where it is not known of both parents whether they are poor."
                ),
            ),
            ("This area", format!("{area}: who grew up in {places}, in the municipal borders of {borders}.{nobody}")),
            (
                "Province",
                "Everybody who grew up in one of the municipalities of a province in which this area lies: the whole province, the \
                 municipalities outside the area too."
                    .into(),
            ),
            ("Rest of the country", "Everybody in the registers who did not grow up in this area, and those whose municipality is unknown.".into()),
            (
                "Income class",
                format!(
                    "One of the {classes} equally large groups into which all children of a birth year are divided in the order of income. \
                     Their parents are divided likewise, in the order of their own income."
                ),
            ),
            (
                "Rank",
                format!(
                    "The place in that order, from 0 (lowest income) to 1 (highest). Income of parents is the mean over {first} to {last}, \
                     that of children at ages {youngest} to {oldest}."
                ),
            ),
            (
                "Interval",
                "The bounds between which the true value probably lies. The fewer people, the wider the interval.".into(),
            ),
            ("Withheld", "The number rests on too few persons, or such a number would follow from it.".into()),
            ("–", "There is no value: nobody is there of whom it can be worked out, or the year was not measured.".into()),
        ],
    );
    words.into_iter().map(|(word, meaning)| (word.to_owned(), meaning)).collect()
}

/// When parents are poor, seen from the year of the young adult.
fn year_of_parents(study: &Study) -> [String; 2] {
    let years = study.monitor.parent_year - study.monitor.year;
    match years {
        0 => ["in hetzelfde jaar".into(), "in the same year".into()],
        ..0 => [format!("{} jaar eerder", -years), format!("{} years earlier", -years)],
        _ => [format!("{years} jaar later"), format!("{years} years later")],
    }
}

fn municipalities<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let name = |code: &'a str| {
        code.parse().ok().and_then(|code| BorderHistory::netherlands().name(code)).unwrap_or(code)
    };
    codes.map(name).collect::<Vec<_>>().join(", ")
}

/// That the poverty line of later years is not the one that was published.
pub(crate) fn line_departs(language: Language) -> String {
    language
        .choose(
            format!(
                "Vanaf {RULE_BREAKS_FROM} wijkt de afgeleide armoedegrens van dit onderzoek af van de bedragen die het CBS publiceerde: een \
                 sprong in dat jaar kan van de grens komen."
            ),
            format!(
                "From {RULE_BREAKS_FROM} on, the derived poverty line of this study departs from the amounts that CBS published: a jump in \
                 that year can come from the line."
            ),
        )
}

/// What stands above all else when small numbers are shown.
pub(crate) fn nothing_withheld(language: Language) -> String {
    language
        .choose(
            "Met minimum_cell = 1 past dit onderzoek geen geheimhouding toe: elk getal wordt getoond, hoe weinig mensen het ook betreft. Deze \
             pagina is niet bedoeld om een beveiligde omgeving te verlaten.",
            "With minimum_cell = 1 this study applies no disclosure control: every number is shown, however few people it is about. This page \
             is not meant to leave a secure environment.",
        )
        .into()
}

/// What the results rest on, in the words of the page.
pub(crate) fn vintage(vintage: &Vintage, poverty: &Poverty, language: Language) -> Vintage {
    let mut told = vintage.clone();
    if language == Language::Dutch {
        told.definition = definition_in_dutch(poverty);
        told.population =
            "particuliere huishoudens met bekend inkomen; inkomens over een deel van het jaar zijn niet te onderscheiden"
                .into();
        for source in &mut told.sources {
            if let Some(name) = source.name.strip_prefix("made-up ") {
                source.name = format!("verzonnen {name}");
            }
        }
    }
    told
}

fn definition_in_dutch(poverty: &Poverty) -> String {
    let boundary = match poverty.boundary {
        Boundary::StrictlyBelow => "onder",
        Boundary::AtOrBelow => "op of onder",
    };
    let line = match &poverty.line {
        Line::CbsLowIncome { amounts } => {
            let amounts = match amounts {
                LowIncomeAmounts::Published => "gepubliceerde bedragen",
                LowIncomeAmounts::Derived => {
                    "9.249 euro van 2000 voor wie alleen woont, aangepast aan de consumentenprijzen"
                }
                LowIncomeAmounts::DerivedRounded => {
                    "9.249 euro van 2000 voor wie alleen woont, aangepast aan de consumentenprijzen en afgerond op tien euro per maand"
                }
            };
            format!("de lage-inkomensgrens van het CBS ({amounts})")
        }
        Line::Own { title, .. } => format!("een grens van dit onderzoek, {title}"),
    };
    let scale = match &poverty.scale {
        EquivalenceScale::Cbs1995 => "de CBS-schaal van 1995-2000",
        EquivalenceScale::Cbs2015 => "de CBS-schaal van 2015",
        EquivalenceScale::ModifiedOecd => "de aangepaste OESO-schaal",
        EquivalenceScale::Oxford => "de Oxfordschaal",
        EquivalenceScale::SquareRoot => "de wortel van het aantal personen",
        EquivalenceScale::PerCapita => "het aantal personen",
        other => {
            return format!("besteedbaar huishoudinkomen {boundary} {line}; equivalentiefactor: {other}");
        }
    };
    format!("besteedbaar huishoudinkomen {boundary} {line}; equivalentiefactor: {scale}")
}

/// How to cite the page.
pub(crate) fn citation(study: &Study, vintage: &Vintage, made_up: bool, language: Language) -> String {
    let (area, year, version) = (&study.region.area_name, study.monitor.year, &vintage.erflijn_version);
    let ([first, last], borders) = (study.mobility.cohorts, vintage.classification_year);
    let warning = match made_up {
        true => language.choose(" Verzonnen cijfers.", " Made-up figures."),
        false => "",
    };
    language.choose(
        format!(
            "Armoede van ouders en kinderen: {area}. Jongvolwassenen in {year} en geboortejaren {first} tot en met {last}, \
             gemeentegrenzen van {borders}.{warning} Gemaakt met erflijn {version}, programma veenkolonien."
        ),
        format!(
            "Poverty of parents and children: {area}. Young adults in {year} and birth years {first} to {last}, municipal borders of \
             {borders}.{warning} Made with erflijn {version}, program veenkolonien."
        ),
    )
}

/// What stands above all else when nobody on the page exists.
pub(crate) fn made_up_notice(language: Language) -> String {
    language
        .choose(
            "Deze mensen bestaan niet: het land is verzonnen, en geen getal op deze pagina zegt iets over echte gemeenten.",
            "These people do not exist: the country is made up, and no number on this page says anything about real municipalities.",
        )
        .into()
}

/// A table by the subject that its numbers are about.
pub(crate) fn place(table: &str, language: Language) -> String {
    let [dutch, english] = match table {
        "monitor" => ["Jongvolwassenen naar groep", "Young adults by group"],
        "monitor_heredity" => ["Jongvolwassenen en hun ouders", "Young adults and their parents"],
        "monitor_municipalities" => ["Jongvolwassenen naar gemeente", "Young adults by municipality"],
        "monitor_provinces" => ["Jongvolwassenen naar provincie", "Young adults by province"],
        "monitor_series" => ["Jongvolwassenen per jaar", "Young adults by year"],
        "monitor_trends" => {
            ["Arme jongvolwassenen naar plaats en jaar", "Poor young adults by place and year"]
        }
        "monitor_flow" => ["Wie meedoet: jongvolwassenen", "Who is in: young adults"],
        "mobility_flow" => ["Wie meedoet: geboortejaren", "Who is in: birth years"],
        "mobility" => ["Inkomen van ouders en kinderen", "Income of parents and children"],
        "classes_country" => ["Inkomensgroepen, hele land", "Income classes, whole country"],
        "classes_area" => ["Inkomensgroepen, dit gebied", "Income classes, this area"],
        "mobility_heredity" => ["Armoede van twee generaties", "Poverty of two generations"],
        "mobility_provinces" => ["Inkomen naar provincie", "Income by province"],
        "mobility_municipalities" => ["Inkomen naar gemeente", "Income by municipality"],
        "agreement" => ["Twee armoedegrenzen vergeleken", "Two poverty lines compared"],
        other => [other, other],
    };
    language.choose(dutch, english).to_owned()
}

/// That both designs tell of people born in a year, in a year of income.
pub(crate) fn told_by_both([cohort, year]: [i16; 2], language: Language) -> String {
    language.choose(
        format!(
            "Over wie geboren is in {cohort} gaan in {year} zowel de jongvolwassenen als de geboortejaren. Voor elk van beide is bewaakt dat er \
             geen klein aantal uit volgt, voor beide samen niet: maak niet allebei openbaar."
        ),
        format!(
            "Both designs, the monitor and the cohorts, tell of people born in {cohort} in {year}. That no small number follows is seen to \
             for each of them, not for both together: do not publish both."
        ),
    )
}

/// The command as it was given, without the folder of the program, as a shell reads it. Where it wrote is left out: it
/// changes no number.
pub(crate) fn command(mut words: impl Iterator<Item = String>) -> String {
    let program = words.next().unwrap_or_default();
    let name = std::path::Path::new(&program).file_stem().map(|name| name.to_string_lossy().into_owned());
    let mut told: Vec<String> = name.into_iter().collect();
    while let Some(word) = words.next() {
        if word == "--out" {
            words.next();
        } else if !word.starts_with("--out=") {
            told.push(quoted(word));
        }
    }
    told.join(" ")
}

fn quoted(word: String) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./,:=+@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let given =
            ["/bin/veenkolonien", "--out", "my out", "--study", "it's $HOME.toml", "--out=there", "", "a=1"];
        let told = command(given.into_iter().map(str::to_owned));
        assert_eq!(told, r"veenkolonien --study 'it'\''s $HOME.toml' '' a=1");
    }
}
