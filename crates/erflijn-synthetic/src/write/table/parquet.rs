use std::fs::File;
use std::io;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::{Kind, number};

/// Rows that are held before they are written.
const GROUP: usize = 1 << 18;

/// Cells of a column that are held.
enum Cells {
    /// Bytes of all cells, and where each ends.
    Text { bytes: Vec<u8>, ends: Vec<usize> },
    /// Numbers, and for each row 1 where there is one and 0 where there is none.
    Numbers { values: Vec<f64>, there: Vec<i16> },
}

pub(super) struct Sink {
    writer: SerializedFileWriter<File>,
    columns: Vec<Cells>,
    rows: usize,
}

impl Sink {
    pub(super) fn new(file: File, columns: Vec<(String, Kind)>) -> io::Result<Self> {
        let fields = columns.iter().map(|(name, kind)| {
            let field = match kind {
                Kind::Text(_) => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                    .with_repetition(Repetition::REQUIRED)
                    .with_logical_type(Some(LogicalType::String)),
                Kind::Number => {
                    Type::primitive_type_builder(name, Physical::DOUBLE).with_repetition(Repetition::OPTIONAL)
                }
            };
            Ok(Arc::new(field.build()?))
        });
        let fields = fields.collect::<Result<_, ParquetError>>()?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
        let properties =
            WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?)).build();
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
        let columns = columns
            .iter()
            .map(|(_, kind)| match kind {
                Kind::Text(_) => Cells::Text { bytes: Vec::new(), ends: Vec::new() },
                Kind::Number => Cells::Numbers { values: Vec::new(), there: Vec::new() },
            })
            .collect();
        Ok(Self { writer, columns, rows: 0 })
    }

    pub(super) fn row(&mut self, cells: &[&[u8]]) -> io::Result<()> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match column {
                Cells::Text { bytes, ends } => {
                    bytes.extend_from_slice(cell);
                    ends.push(bytes.len());
                }
                Cells::Numbers { values, there } => {
                    let value = number(cell);
                    values.extend(value);
                    there.push(i16::from(value.is_some()));
                }
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group()?;
        for cells in &mut self.columns {
            let mut column = group.next_column()?.ok_or_else(|| io::Error::other("a column is missing"))?;
            match cells {
                Cells::Text { bytes, ends } => {
                    let all = ByteArray::from(std::mem::take(bytes));
                    let mut start = 0;
                    let slices: Vec<ByteArray> = ends
                        .drain(..)
                        .map(|end| {
                            let slice = all.slice(start, end - start);
                            start = end;
                            slice
                        })
                        .collect();
                    column.typed::<ByteArrayType>().write_batch(&slices, None, None)?;
                }
                Cells::Numbers { values, there } => {
                    column.typed::<DoubleType>().write_batch(values, Some(there), None)?;
                    values.clear();
                    there.clear();
                }
            }
            column.close()?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.close()?;
        Ok(())
    }
}
