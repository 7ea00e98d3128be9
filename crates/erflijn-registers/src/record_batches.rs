//! Record batches of arrow, taken and given.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Float64Array, LargeStringArray, LargeStringBuilder, RecordBatch, UInt8Array,
};
use arrow::error::ArrowError;
use erflijn_core::{Date, PersonKey};

use crate::arrow_blocks::Blocks;
use crate::columns::{self, Cells};
use crate::scan::{self, Each, Plan, Progress, Source, Stop};
use crate::{Columns, Keep, RegisterError, Want};

/// What errors call record batches, where they would name a file.
pub(crate) const NAME: &str = "record batches";

pub(crate) type Batches<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, ArrowError>>;

pub(crate) fn batches(
    plan: Plan<'_>,
    batches: Batches<'_>,
    progress: Progress<'_>,
    each: Each<'_>,
) -> Result<(), Stop> {
    let mut rows = 0;
    for records in batches {
        let records = records.map_err(|source| RegisterError::BrokenOff { rows, source })?;
        let schema = records.schema();
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let places = scan::places(plan, &names)?;
        let fields: Vec<_> = places.iter().map(|place| schema.field(*place)).collect();
        // Columns are looked up and checked anew: a dictionary may give way to plain text half-way.
        let mut blocks = Blocks::new(plan, &fields)?;
        blocks.before = rows;
        let arrays: Vec<_> = places.iter().map(|place| records.column(*place)).collect();
        blocks.give(&arrays, records.num_rows(), each)?;
        rows = blocks.before;
        progress(rows, None);
    }
    progress(rows, Some(rows));
    Ok(())
}

/// Named columns on their way to a record batch.
pub(crate) type Named = Vec<(String, ArrayRef)>;

/// Class and number of keys, with leading zeros; null where there is none.
pub(crate) fn keys(names: [&str; 2], keys: impl Iterator<Item = Option<PersonKey>> + Clone) -> Named {
    let texts = keys.map(|key| key.map(|key| key.to_string()));
    let part = |of: fn(&str) -> &str| {
        let mut column = LargeStringBuilder::new();
        texts.clone().for_each(|text| column.append_option(text.as_deref().map(of)));
        Arc::new(column.finish()) as ArrayRef
    };
    vec![(names[0].to_owned(), part(|text| &text[..1])), (names[1].to_owned(), part(|text| &text[1..]))]
}

/// Text; null where there is none.
pub(crate) fn texts(cells: impl Iterator<Item = Option<impl AsRef<str>>>) -> ArrayRef {
    let mut column = LargeStringBuilder::new();
    cells.for_each(|cell| column.append_option(cell));
    Arc::new(column.finish())
}

pub(crate) fn numbers(cells: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(cells.collect::<Float64Array>())
}

pub(crate) fn codes(cells: impl Iterator<Item = Option<u8>>) -> ArrayRef {
    Arc::new(cells.collect::<UInt8Array>())
}

pub(crate) fn dates(cells: impl Iterator<Item = Date>) -> ArrayRef {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    let days = |date: Date| (date - EPOCH).get_days();
    Arc::new(cells.map(|date| Some(days(date))).collect::<Date32Array>())
}

pub(crate) fn batch(columns: Named) -> Result<RecordBatch, RegisterError> {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).map_err(|source| RegisterError::NoBatch { source })
}

impl Columns {
    /// Reads columns from record batches, as [`crate::read_columns_where`] does from a file.
    ///
    /// What pyarrow, Polars or DuckDB hand over is an iterator of batches that may break off; batches
    /// that are there already are mapped with `Ok`. Text may be of any kind that arrow has, dictionaries
    /// included. The crate `arrow` must be of the same major version as here, 57.
    ///
    /// # Errors
    /// As [`crate::read_columns_where`], with the words "record batches" for the file and rows counted
    /// over all batches; [`RegisterError::BrokenOff`].
    ///
    /// # Complexity
    /// One pass; one batch in memory besides what is kept.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    /// use erflijn_registers::{Columns, Want};
    ///
    /// let keys: ArrayRef = Arc::new(StringArray::from(vec!["000000012", "000000013"]));
    /// let wages: ArrayRef = Arc::new(Float64Array::from(vec![Some(1234.5), None]));
    /// let batch = RecordBatch::try_from_iter([("RINPERSOON", keys), ("SBASISLOON", wages)])?;
    /// let columns = Columns::from_record_batches([Ok(batch)], &[Want::number("sbasisloon")], &[])?;
    /// assert_eq!(columns.numbers("SBASISLOON"), Some(&[Some(1234.5), None][..]));
    /// assert_eq!(columns.to_record_batch()?.num_rows(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_record_batches(
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
        wants: &[Want],
        keep: &[Keep],
    ) -> Result<Self, RegisterError> {
        columns::collect(Source::Batches(&mut batches.into_iter()), wants, keep, &mut |_, _| {})
    }

    /// The columns as one record batch, in the order and under the names in which they were wanted:
    /// text as `LargeUtf8`, numbers as `Float64`, codes as `UInt8`; all may be null. An empty text is
    /// null, because that is what it stands for.
    ///
    /// # Errors
    /// [`RegisterError::NoBatch`].
    pub fn to_record_batch(&self) -> Result<RecordBatch, RegisterError> {
        let column = |cells: &Cells| match cells {
            Cells::Text(cells) => texts(cells.iter().map(|cell| (!cell.is_empty()).then_some(cell))),
            Cells::Numbers(cells) => numbers(cells.iter().copied()),
            Cells::Codes(cells) => codes(cells.iter().copied()),
        };
        batch(
            self.wants
                .iter()
                .zip(&self.cells)
                .map(|(want, cells)| (want.name.clone(), column(cells)))
                .collect(),
        )
    }
}

/// Texts as they are, without nulls.
pub(crate) fn all_texts<'a>(cells: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter_values(cells))
}
