//! Every format holds the same cells, and the same bytes whenever and on however many threads they are written.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::fs::File;
use std::path::Path;

use erflijn_synthetic::{Country, Format, Output, Settings, Traps, Written};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

fn country() -> Country {
    Country::generate(&Settings { inhabitants: 600, seed: 3, ..Settings::default() }).unwrap()
}

fn write(country: &Country, folder: &Path, format: Format) -> Written {
    let output = Output { format, traps: Traps::default(), ..Output::default() };
    country.write_with(folder, &output, &|| {}).unwrap()
}

/// Every cell as CSV has it, the header first.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema();
    let mut rows = vec![schema.get_fields().iter().map(|field| field.name().to_owned()).collect()];
    for row in reader.get_row_iter(None).unwrap() {
        let cell = |field: &Field| match field {
            Field::Str(text) => text.clone(),
            Field::Double(number) => format!("{number}"),
            Field::Null => String::new(),
            other => panic!("a cell of another type: {other:?}"),
        };
        rows.push(row.unwrap().get_column_iter().map(|(_, field)| cell(field)).collect());
    }
    rows
}

#[test]
fn parquet_holds_what_csv_holds() {
    let country = country();
    let (csv, parquet) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) =
        (write(&country, csv.path(), Format::Csv), write(&country, parquet.path(), Format::Parquet));
    assert_eq!(first.files.len(), second.files.len());
    for (one, other) in first.files.iter().zip(&second.files) {
        assert_eq!((one.rows, one.missing_incomes), (other.rows, other.missing_incomes));
        assert_eq!(one.name.strip_suffix(".csv"), other.name.strip_suffix(".parquet"));
        let text = std::fs::read_to_string(csv.path().join(&one.name)).unwrap();
        let expected: Vec<Vec<String>> =
            text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect();
        assert!(cells(&parquet.path().join(&other.name)) == expected, "{}", one.name);
    }
    let truth = |folder: &Path| std::fs::read(folder.join("truth.json")).unwrap();
    assert!(truth(csv.path()) == truth(parquet.path()));
}

#[test]
fn same_bytes_in_every_format_on_any_number_of_threads() {
    for format in [Format::Csv, Format::Parquet] {
        same_bytes(format);
    }
    #[cfg(feature = "sav")]
    for format in [Format::Sav, Format::Zsav] {
        same_bytes(format);
    }
}

fn same_bytes(format: Format) {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let folder = tempfile::tempdir().unwrap();
            let written = write(&country(), folder.path(), format);
            let names = written.files.iter().map(|file| file.name.clone());
            names.map(|name| (std::fs::read(folder.path().join(&name)).unwrap(), name)).collect::<Vec<_>>()
        })
    };
    let one = on(1);
    for threads in [2, 16] {
        for ((bytes, name), (others, other)) in one.iter().zip(on(threads)) {
            assert!(*name == other && *bytes == others, "{name} on {threads} threads");
        }
    }
}
