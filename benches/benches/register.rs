//! Reading the register that says who lives in which household, the longest of all, from CSV at three
//! sizes, and the income register of the made-up country from `.zsav`. Peer: `pyreadstat`.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erflijn::registers::{HouseholdIncome, HouseholdOf, RegisterFile};
use erflijn_benches::{SIZES, household_rows};

const INCOME: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/registers-synthetic/INHA2022TABV1.zsav");

fn write_link_table(path: &Path, people: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "RINPERSOONS;RINPERSOON;RINPERSOONSHKW;RINPERSOONHKW")?;
    let (persons, households) = household_rows(people);
    for (person, household) in persons.iter().zip(&households) {
        writeln!(file, "R;{:09};R;{:09}", person.number(), household.0.number())?;
    }
    file.flush()
}

fn register(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("register");
    group.sample_size(10);
    let folder = tempfile::tempdir().expect("a folder for the registers");
    for people in SIZES {
        let path = folder.path().join("KOPPELPERSOONHUISHOUDEN2022V1.csv");
        write_link_table(&path, people).expect("room for the register");
        let file = RegisterFile::from_path(&path).expect("a register's name");
        group.throughput(Throughput::Elements(people as u64));
        group.bench_function(format!("csv/household_of/n={people}"), |bencher| {
            bencher.iter(|| HouseholdOf::read(&file).expect("a sound register"));
        });
    }
    let file = RegisterFile::from_path(INCOME).expect("a register's name");
    group.throughput(Throughput::Elements(9_794));
    group.bench_function("zsav/household_income/n=9794", |bencher| {
        bencher.iter(|| HouseholdIncome::read(&file).expect("a sound register"));
    });
    group.finish();
}

criterion_group!(benches, register);
criterion_main!(benches);
