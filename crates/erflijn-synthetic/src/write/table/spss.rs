use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::Arc;

use ambers::{Compression, SpssMetadata};
use arrow::array::{ArrayRef, Float64Builder, LargeStringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;

use super::{Kind, number};

/// The moment that every file says it was made: the clock would make no two files the same.
const MADE: &str = "2023-01-01 00:00:00";

/// How an SPSS file is compressed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Packing {
    Rows,
    Blocks,
}

enum Cells {
    /// With the width of the column.
    Text(LargeStringBuilder, u16),
    Numbers(Float64Builder),
}

pub(super) struct Sink {
    file: File,
    columns: Vec<(String, Cells)>,
    packing: Packing,
}

impl Sink {
    pub(super) fn new(file: File, columns: Vec<(String, Kind)>, packing: Packing) -> Self {
        let columns = columns.into_iter().map(|(name, kind)| {
            let cells = match kind {
                Kind::Text(width) => Cells::Text(LargeStringBuilder::new(), width),
                Kind::Number => Cells::Numbers(Float64Builder::new()),
            };
            (name, cells)
        });
        Self { file, columns: columns.collect(), packing }
    }

    pub(super) fn row(&mut self, cells: &[&[u8]]) -> io::Result<()> {
        for ((_, column), cell) in self.columns.iter_mut().zip(cells) {
            match column {
                Cells::Text(texts, _) => {
                    texts.append_value(std::str::from_utf8(cell).map_err(io::Error::other)?)
                }
                Cells::Numbers(numbers) => numbers.append_option(number(cell)),
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<()> {
        let mut metadata = SpssMetadata { creation_time: MADE.to_owned(), ..SpssMetadata::default() };
        let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
        for (name, cells) in self.columns {
            let (array, of, format): (ArrayRef, _, _) = match cells {
                Cells::Text(mut texts, width) => {
                    (Arc::new(texts.finish()), DataType::LargeUtf8, format!("A{width}"))
                }
                Cells::Numbers(mut numbers) => {
                    (Arc::new(numbers.finish()), DataType::Float64, "F12.0".to_owned())
                }
            };
            fields.push(Field::new(&name, of, true));
            arrays.push(array);
            metadata.variable_formats.insert(name, format);
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(io::Error::other)?;
        let compression = match self.packing {
            Packing::Rows => Compression::Bytecode,
            Packing::Blocks => Compression::Zlib,
        };
        let writer = BufWriter::with_capacity(1 << 20, self.file);
        ambers::write_sav_to_writer(writer, &batch, &metadata, compression, Some(1)).map_err(io::Error::other)
    }
}
