//! Reading the register that says who lives in which household, a million persons, from CSV and from
//! Parquet: all of it, one person in a hundred scattered over the file, and one in a hundred in a row,
//! where the statistics of row groups help. Peers: Polars and DuckDB with a filter in the scan.

use std::fs::File;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::registers::{Era, HouseholdOf, Keep, RegisterFile};
use erflijn_benches::household_rows;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

const PEOPLE: usize = 1_000_000;
/// What DuckDB writes; other writers have larger ones.
const ROW_GROUP: usize = 122_880;

fn write(folder: &Path) -> Result<[RegisterFile; 2], Box<dyn std::error::Error>> {
    let (mut person, mut household) = household_rows(PEOPLE);
    // In order of person, as registers are.
    let mut order: Vec<usize> = (0..person.len()).collect();
    order.sort_unstable_by_key(|index| person[*index]);
    person = order.iter().map(|index| person[*index]).collect();
    household = order.iter().map(|index| household[*index]).collect();

    let csv = folder.join("KOPPELPERSOONHUISHOUDEN2022V1.csv");
    let mut text = String::from("RINPERSOONS;RINPERSOON;RINPERSOONSHKW;RINPERSOONHKW\n");
    for (person, household) in person.iter().zip(&household) {
        text.push_str(&format!("R;{:09};R;{:09}\n", person.number(), household.0.number()));
    }
    std::fs::write(&csv, text)?;

    let parquet = folder.join("KOPPELPERSOONHUISHOUDEN2022V1.parquet");
    let links = HouseholdOf { person, household, ..HouseholdOf::default() };
    let batch = links.to_record_batch(Era::From2011)?;
    let properties = WriterProperties::builder().set_max_row_group_size(ROW_GROUP).build();
    let mut writer = ArrowWriter::try_new(File::create(&parquet)?, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok([RegisterFile::from_path(csv)?, RegisterFile::from_path(parquet)?])
}

fn readers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("readers");
    group.sample_size(10).throughput(Throughput::Elements(PEOPLE as u64));
    let folder = tempfile::tempdir().expect("a folder for the registers");
    let files = write(folder.path()).expect("room for the registers");
    let all = HouseholdOf::read(&files[0]).expect("a sound register").person;
    let persons = |chosen: Vec<_>| vec![Keep::persons("RINPERSOONS", "RINPERSOON", chosen)];
    let conditions = [
        ("all", Vec::new()),
        ("one in 100, scattered", persons(all.iter().copied().step_by(100).collect())),
        ("one in 100, in a row", persons(all[all.len() / 2..][..all.len() / 100].to_vec())),
    ];
    for (format, file) in ["csv", "parquet"].into_iter().zip(&files) {
        for (name, keep) in &conditions {
            group.bench_function(format!("{format}/{name}/n={PEOPLE}"), |bencher| {
                bencher
                    .iter(|| HouseholdOf::read_where(file, keep, &mut |_, _| {}).expect("a sound register"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, readers);
criterion_main!(benches);
