//! What was written, what was planted, and what is true, in tables.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use erflijn_synthetic::{Living, StudyTruth, Through, Truth, Written};
use serde_json::Value;

pub(crate) fn print(text: &str) -> Result<()> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

pub(crate) fn report(folder: &Path, written: &Written, truth: &Truth) -> Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "A made-up country of {} inhabitants at the end of 2022, {} ever registered, seed {}.\n",
        truth.realised.inhabitants, truth.realised.registered, truth.settings.seed
    )?;
    writeln!(text, "Written to {}:\n{}\n", folder.display(), files(folder, written))?;
    writeln!(text, "Planted, and peculiar without being faults (exact counts):\n{}\n", planted(written)?)?;
    writeln!(text, "True of standing and outcome, which nobody sees:\n{}\n", mobility(truth))?;
    writeln!(
        text,
        "True of households, which a study of registers ought to find (realised.studies of truth.json):\n{}\n\
         Poor: below the line of this country, 9,249 euro of 2000 for a person alone, prices up {:.1} % a year, times the root of\n\
         adults + 0.8 children. Another line has another truth: veenkolonien and three-generations, by Dutch prices and published\n\
         factors, show theirs in their table \"truth\".",
        studies(truth),
        100.0 * truth.settings.income.prices
    )?;
    writeln!(text, "\nMore in truth.json and planted.json; settings in made-up-country.toml.")?;
    Ok(text)
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Files by register: the name without year, version and extension.
fn files(folder: &Path, written: &Written) -> Table {
    let mut registers: Vec<(String, u64, u64, u64)> = Vec::new();
    for file in &written.files {
        let register: String = file.name.chars().take_while(|letter| !letter.is_ascii_digit()).collect();
        let bytes = fs::metadata(folder.join(&file.name)).map_or(0, |metadata| metadata.len());
        match registers.iter_mut().find(|(known, ..)| *known == register) {
            Some((_, files, rows, size)) => {
                (*files, *rows, *size) = (*files + 1, *rows + file.rows, *size + bytes);
            }
            None => registers.push((register, 1, file.rows, bytes)),
        }
    }
    let mut table = table(&["register", "files", "rows", "MB"]);
    for (register, files, rows, bytes) in registers {
        let size = format!("{:.1}", bytes as f64 / 1e6);
        table.add_row([register, files.to_string(), rows.to_string(), size]);
    }
    table
}

/// Every count of `planted.json` that is not zero; those of single files are added up.
fn planted(written: &Written) -> Result<Table> {
    let mut table = table(&["what", "count"]);
    let mut add = |name: &str, count: u64| {
        if count > 0 {
            table.add_row([name.replace('_', " "), count.to_string()]);
        }
    };
    let Value::Object(all) = serde_json::to_value(written)? else { return Ok(table) };
    for (name, value) in &all {
        if let Some(count) = value.as_u64() {
            add(name, count);
        }
    }
    let files: Vec<&Value> = all.get("files").and_then(Value::as_array).into_iter().flatten().collect();
    let names = files.first().and_then(|file| file.as_object()).into_iter().flat_map(|file| file.keys());
    for name in names.filter(|name| *name != "rows") {
        add(name, files.iter().filter_map(|file| file.get(name).and_then(Value::as_u64)).sum());
    }
    Ok(table)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

fn mobility(truth: &Truth) -> Table {
    let mut table = table(&["statistic", "by formula", "in this country"]);
    let (expected, realised) = (&truth.expected, &truth.realised.mobility);
    for (name, expected, realised) in [
        (
            "correlation with parents' standing",
            Some(expected.standing_correlation),
            Some(realised.standing_correlation),
        ),
        ("rank slope of standing", Some(expected.standing_rank_slope), Some(realised.standing_rank_slope)),
        ("rank slope of outcome", Some(expected.outcome_rank_slope), Some(realised.outcome_rank_slope)),
        ("correlation of siblings", expected.sibling_correlation, realised.sibling_correlation),
        (
            "lowest fifth from lowest fifth",
            Some(expected.bottom_persistence),
            Some(realised.bottom_persistence),
        ),
        ("highest fifth from lowest fifth", Some(expected.bottom_to_top), Some(realised.bottom_to_top)),
    ] {
        table.add_row([name.to_owned(), number(expected), number(realised)]);
    }
    table
}

fn studies(truth: &Truth) -> Table {
    let studies = &truth.realised.studies;
    let mut table = table(&["statistic", "mobility", "monitor", "three generations"]);
    let all = [&studies.mobility, &studies.monitor, &studies.three_generations];
    let mut row = |name: &str, of: &dyn Fn(&StudyTruth) -> String| {
        table.add_row([vec![name.to_owned()], all.map(of).to_vec()].concat());
    };
    row("children", &|study| study.country.children.to_string());
    row("living with a parent", &|study| {
        let all = study.country.children as f64;
        number((all > 0.0).then(|| study.country.with_parent as f64 / all))
    });
    row("rank-rank slope of income", &|study| number(study.country.rank_slope));
    row("expected rank at p25", &|study| number(study.country.expected_rank_p25));
    row("correlation of siblings' log income", &|study| number(study.country.siblings.log_income));
    for (living, name) in [(Living::All, "all"), (Living::Independent, "not with a parent")] {
        let of = move |study: &StudyTruth| {
            let found = study.country.poverty.iter();
            found.into_iter().find(|one| one.living == living && one.through == Through::Either).cloned()
        };
        row(&format!("poor if a parent is (line of the country), {name}"), &|study| {
            number(of(study).and_then(|of| of.outflow))
        });
        row(&format!("poor if no parent is (line of the country), {name}"), &|study| {
            number(of(study).and_then(|of| of.outflow_of_others))
        });
        row(&format!("risk ratio (line of the country), {name}"), &|study| {
            number(of(study).and_then(|of| of.risk_ratio))
        });
    }
    let three = |study: &StudyTruth| study.three_generations.clone();
    row("poor if a grandparent is", &|study| {
        number(three(study).and_then(|three| three.poor_by_grandparents[1]))
    });
    row("the same, from two generations", &|study| number(three(study).and_then(|three| three.predicted[1])));
    table
}
