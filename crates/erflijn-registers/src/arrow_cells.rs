//! Cells out of the arrays of arrow, as SPSS files, Parquet files and callers hand them over.

use arrow::array::cast::AsArray;
use arrow::array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::array::{
    AnyDictionaryArray, Array, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow::datatypes::{DataType, TimeUnit};
use erflijn_core::Date;

use crate::cell;
use crate::columns::{Cells, TextColumn};
use crate::keep::Test;
use crate::scan::{CellFault, Kept};
use crate::{ColumnKind, Keep};

/// What a column holds; `None` for one that holds nothing but nulls and fits everywhere.
pub(crate) fn kind(data_type: &DataType) -> Option<ColumnKind> {
    Some(match data_type {
        DataType::Null => return None,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => ColumnKind::Text,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            ColumnKind::Text
        }
        DataType::Dictionary(_, values) => match kind(values) {
            Some(kind @ (ColumnKind::Text | ColumnKind::Number)) => kind,
            Some(_) => ColumnKind::Nested,
            None => return None,
        },
        DataType::Date32 | DataType::Date64 => ColumnKind::Date,
        DataType::Timestamp(_, zone) => match zone.as_deref() {
            None | Some("UTC" | "Etc/UTC" | "Z" | "+00:00" | "+00" | "GMT") => ColumnKind::Date,
            Some(_) => ColumnKind::Time,
        },
        DataType::Time32(_) | DataType::Time64(_) | DataType::Duration(_) | DataType::Interval(_) => {
            ColumnKind::Time
        }
        DataType::Boolean => ColumnKind::Boolean,
        numeric if numeric.is_numeric() => ColumnKind::Number,
        _ => ColumnKind::Nested,
    })
}

/// A cell that does not fit: where it stands in its array, and what is wrong.
pub(crate) type Fault = (usize, CellFault);

/// Adds the cells of the rows kept to a column.
pub(crate) fn fill(array: &dyn Array, kept: Kept<'_>, column: &mut Cells) -> Result<(), Fault> {
    match (column, kind(array.data_type())) {
        (column, None) => kept.iter().for_each(|_| column.push_missing()),
        (Cells::Text(column), Some(ColumnKind::Date)) => {
            each_date(array, kept, &mut |_, date| {
                push_date(date, column);
                Ok(())
            })?;
        }
        (Cells::Text(column), _) => {
            let texts = Texts::of(array);
            kept.iter().try_for_each(|place| {
                column.push(texts.get(place)?.unwrap_or_default());
                Ok(())
            })?;
        }
        (Cells::Codes(column), Some(ColumnKind::Text)) => {
            let texts = Texts::of(array);
            kept.iter().try_for_each(|place| {
                let text = texts.get(place)?.unwrap_or_default();
                column
                    .push(cell::code(text.as_bytes()).map_err(|expected| cell_fault(place, text, expected))?);
                Ok(())
            })?;
        }
        (Cells::Codes(column), _) => each_number(array, kept, &mut |place, number| {
            let code = number.map(cell::code_of_number).transpose();
            column.push(code.map_err(|expected| cell_fault(place, number.unwrap_or_default(), expected))?);
            Ok(())
        })?,
        (Cells::Numbers(column), _) => each_number(array, kept, &mut |_, number| {
            column.push(number);
            Ok(())
        })?,
    }
    Ok(())
}

/// Leaves of `kept` the rows that meet a condition; a fault comes with the place of its column among
/// those of the condition.
pub(crate) fn select(keep: &Keep, arrays: &[&dyn Array], kept: Kept<'_>) -> Result<Vec<u32>, (usize, Fault)> {
    let mut selected = Vec::new();
    let mut judge = |place: usize, meets: bool| {
        if meets {
            selected.push(u32::try_from(place).expect("a batch has fewer than 2^32 rows"));
        }
    };
    let first = arrays[0];
    match (&keep.test, kind(first.data_type())) {
        (Test::Persons(_), _) => {
            let (classes, numbers) = (Texts::of(first), Texts::of(arrays[1]));
            for place in kept.iter() {
                let class = classes.get(place).map_err(|fault| (0, fault))?.unwrap_or_default();
                let number = numbers.get(place).map_err(|fault| (1, fault))?.unwrap_or_default();
                let meets = keep.test.meets_key(class, number);
                judge(place, meets.map_err(|(column, fault)| (column, (place, fault)))?);
            }
        }
        (_, None) => {}
        (test, Some(ColumnKind::Text)) => {
            let texts = Texts::of(first);
            for place in kept.iter() {
                let text = texts.get(place).map_err(|fault| (0, fault))?.unwrap_or_default();
                let meets = test.meets_text(text).map_err(|expected| (0, cell_fault(place, text, expected)));
                judge(place, meets?);
            }
        }
        (Test::Dates(range), _) => each_date(first, kept, &mut |place, date| {
            judge(place, date.is_some_and(|date| range.contains(&date)));
            Ok(())
        })
        .map_err(|fault| (0, fault))?,
        (test, _) => each_number(first, kept, &mut |place, number| {
            let Some(number) = number else { return Ok(()) };
            let meets = test.meets_number(number).map_err(|expected| cell_fault(place, number, expected));
            judge(place, meets?);
            Ok(())
        })
        .map_err(|fault| (0, fault))?,
    }
    Ok(selected)
}

fn cell_fault(place: usize, found: impl ToString, expected: &'static str) -> Fault {
    (place, CellFault::Cell { found: found.to_string(), expected })
}

/// A date as `2020-12-31`; nothing where it is missing.
fn push_date(date: Option<Date>, column: &mut TextColumn) {
    column.push(&date.map_or_else(String::new, |date| date.to_string()));
}

/// Text in any of the forms that arrow has for it.
enum Texts<'a> {
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    BinaryView(&'a BinaryViewArray),
    Fixed(&'a FixedSizeBinaryArray),
    /// Each text once, and which of them stands where.
    Dictionary(&'a dyn AnyDictionaryArray, Vec<usize>, Box<Self>),
    Nulls,
}

impl<'a> Texts<'a> {
    fn of(array: &'a dyn Array) -> Self {
        match array.data_type() {
            DataType::Utf8 => Self::Utf8(array.as_string()),
            DataType::LargeUtf8 => Self::LargeUtf8(array.as_string()),
            DataType::Utf8View => Self::Utf8View(array.as_string_view()),
            DataType::Binary => Self::Binary(array.as_binary()),
            DataType::LargeBinary => Self::LargeBinary(array.as_binary()),
            DataType::BinaryView => Self::BinaryView(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => Self::Fixed(array.as_fixed_size_binary()),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                match dictionary.values().len() {
                    0 => Self::Nulls,
                    _ => Self::Dictionary(
                        dictionary,
                        dictionary.normalized_keys(),
                        Box::new(Self::of(dictionary.values().as_ref())),
                    ),
                }
            }
            DataType::Null => Self::Nulls,
            _ => unreachable!("the kinds of columns were checked on opening"),
        }
    }

    /// The text at a place; `None` where it is null.
    #[inline]
    fn get(&self, place: usize) -> Result<Option<&'a str>, Fault> {
        match self {
            Self::Utf8(array) => Ok(array.is_valid(place).then(|| array.value(place))),
            Self::LargeUtf8(array) => Ok(array.is_valid(place).then(|| array.value(place))),
            Self::Utf8View(array) => Ok(array.is_valid(place).then(|| array.value(place))),
            Self::Binary(array) => utf8(array.is_valid(place).then(|| array.value(place)), place),
            Self::LargeBinary(array) => utf8(array.is_valid(place).then(|| array.value(place)), place),
            Self::BinaryView(array) => utf8(array.is_valid(place).then(|| array.value(place)), place),
            Self::Fixed(array) => utf8(array.is_valid(place).then(|| array.value(place)), place),
            Self::Dictionary(array, keys, values) => match array.keys().is_null(place) {
                true => Ok(None),
                false => values.get(keys[place]).map_err(|(_, fault)| (place, fault)),
            },
            Self::Nulls => Ok(None),
        }
    }
}

fn utf8(bytes: Option<&[u8]>, place: usize) -> Result<Option<&str>, Fault> {
    let Some(bytes) = bytes else { return Ok(None) };
    std::str::from_utf8(bytes).map(Some).map_err(|_| cell_fault(place, bytes.escape_ascii(), "text in UTF-8"))
}

/// What is done with each number, and with each date.
type EachNumber<'a> = &'a mut dyn FnMut(usize, Option<f64>) -> Result<(), Fault>;
type EachDate<'a> = &'a mut dyn FnMut(usize, Option<Date>) -> Result<(), Fault>;

fn each_number(array: &dyn Array, kept: Kept<'_>, each: EachNumber<'_>) -> Result<(), Fault> {
    const FINITE: &str = "a finite number or system-missing";
    match array.data_type() {
        DataType::Int8 => numbers::<Int8Type>(array, kept, each, |value| Ok(value.into())),
        DataType::Int16 => numbers::<Int16Type>(array, kept, each, |value| Ok(value.into())),
        DataType::Int32 => numbers::<Int32Type>(array, kept, each, |value| Ok(value.into())),
        DataType::Int64 => numbers::<Int64Type>(array, kept, each, |value| whole(value.into())),
        DataType::UInt8 => numbers::<UInt8Type>(array, kept, each, |value| Ok(value.into())),
        DataType::UInt16 => numbers::<UInt16Type>(array, kept, each, |value| Ok(value.into())),
        DataType::UInt32 => numbers::<UInt32Type>(array, kept, each, |value| Ok(value.into())),
        DataType::UInt64 => numbers::<UInt64Type>(array, kept, each, |value| whole(value.into())),
        DataType::Float16 => numbers::<Float16Type>(array, kept, each, |value| {
            Some(f64::from(value)).filter(|v| v.is_finite()).ok_or(FINITE)
        }),
        DataType::Float32 => numbers::<Float32Type>(array, kept, each, |value| {
            Some(f64::from(value)).filter(|v| v.is_finite()).ok_or(FINITE)
        }),
        DataType::Float64 => numbers::<Float64Type>(array, kept, each, |value| {
            Some(value).filter(|v| v.is_finite()).ok_or(FINITE)
        }),
        DataType::Decimal32(_, scale) => {
            numbers::<Decimal32Type>(array, kept, each, |value| decimal(value.into(), *scale))
        }
        DataType::Decimal64(_, scale) => {
            numbers::<Decimal64Type>(array, kept, each, |value| decimal(value.into(), *scale))
        }
        DataType::Decimal128(_, scale) => {
            numbers::<Decimal128Type>(array, kept, each, |value| decimal(value, *scale))
        }
        DataType::Decimal256(_, scale) => {
            numbers::<Decimal256Type>(array, kept, each, |value| match value.to_i128() {
                Some(value) => decimal(value, *scale),
                None => decimal_of_digits(&value.to_string(), *scale),
            })
        }
        DataType::Dictionary(..) => dictionary_numbers(array.as_any_dictionary(), kept, each),
        _ => unreachable!("the kinds of columns were checked on opening"),
    }
}

fn numbers<T: ArrowPrimitiveType>(
    array: &dyn Array,
    kept: Kept<'_>,
    each: EachNumber<'_>,
    convert: impl Fn(T::Native) -> Result<f64, &'static str>,
) -> Result<(), Fault> {
    let array: &PrimitiveArray<T> = array.as_primitive();
    kept.iter().try_for_each(|place| {
        if array.is_null(place) {
            return each(place, None);
        }
        let value = array.value(place);
        match convert(value) {
            Ok(number) => each(place, Some(number)),
            Err(expected) => Err(cell_fault(place, format!("{value:?}"), expected)),
        }
    })
}

/// A whole number, if a double holds it as it is.
fn whole(value: i128) -> Result<f64, &'static str> {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "checked by going back")]
    let (double, back) = (value as f64, value as f64 as i128);
    if back == value { Ok(double) } else { Err("a whole number that a double holds exactly") }
}

/// The double nearest to a decimal: one division of numbers that a double holds exactly, or else as
/// its digits are read from text.
fn decimal(unscaled: i128, scale: i8) -> Result<f64, &'static str> {
    const LARGEST_EXACT: u128 = 1 << f64::MANTISSA_DIGITS;
    const LARGEST_EXACT_POWER: i8 = 22;
    if unscaled.unsigned_abs() <= LARGEST_EXACT && (0..=LARGEST_EXACT_POWER).contains(&scale) {
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
        return Ok(unscaled as f64 / 10_f64.powi(scale.into()));
    }
    decimal_of_digits(&unscaled.to_string(), scale)
}

fn decimal_of_digits(unscaled: &str, scale: i8) -> Result<f64, &'static str> {
    const EXPECTED: &str = "a decimal number in the range of a double";
    let number = format!("{unscaled}e{}", -i16::from(scale)).parse::<f64>();
    number.ok().filter(|number| number.is_finite()).ok_or(EXPECTED)
}

/// Numbers that are stored once each, and which of them stands where.
fn dictionary_numbers(
    array: &dyn AnyDictionaryArray,
    kept: Kept<'_>,
    each: EachNumber<'_>,
) -> Result<(), Fault> {
    let mut values = Vec::new();
    for place in 0..u32::try_from(array.values().len()).unwrap_or(u32::MAX) {
        let mut value = None;
        let read = each_number(array.values().as_ref(), Kept::Some(&[place]), &mut |_, number| {
            value = number;
            Ok(())
        });
        values.push(read.map(|()| value));
    }
    let keys = if values.is_empty() { Vec::new() } else { array.normalized_keys() };
    kept.iter().try_for_each(|place| {
        if array.keys().is_null(place) {
            return each(place, None);
        }
        match &values[keys[place]] {
            Ok(number) => each(place, *number),
            Err((_, fault)) => Err((place, fault.clone())),
        }
    })
}

fn each_date(array: &dyn Array, kept: Kept<'_>, each: EachDate<'_>) -> Result<(), Fault> {
    const DAY: i64 = 86_400;
    match array.data_type() {
        DataType::Date32 => dates::<Date32Type>(array, kept, each, |days| Some(days.into())),
        DataType::Date64 => dates::<Date64Type>(array, kept, each, |time| whole_days(time, DAY * 1000)),
        DataType::Timestamp(TimeUnit::Second, _) => {
            dates::<TimestampSecondType>(array, kept, each, |time| whole_days(time, DAY))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            dates::<TimestampMillisecondType>(array, kept, each, |time| whole_days(time, DAY * 1000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            dates::<TimestampMicrosecondType>(array, kept, each, |time| whole_days(time, DAY * 1_000_000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            dates::<TimestampNanosecondType>(array, kept, each, |time| whole_days(time, DAY * 1_000_000_000))
        }
        _ => unreachable!("the kinds of columns were checked on opening"),
    }
}

fn whole_days(time: i64, day: i64) -> Option<i64> {
    (time % day == 0).then_some(time / day)
}

fn dates<T: ArrowPrimitiveType>(
    array: &dyn Array,
    kept: Kept<'_>,
    each: EachDate<'_>,
    days: impl Fn(T::Native) -> Option<i64>,
) -> Result<(), Fault> {
    const EXPECTED: &str = "a date of the years -9999 to 9999, or its midnight";
    let array: &PrimitiveArray<T> = array.as_primitive();
    kept.iter().try_for_each(|place| {
        if array.is_null(place) {
            return each(place, None);
        }
        let value = array.value(place);
        match days(value).and_then(date) {
            Some(date) => each(place, Some(date)),
            None => Err(cell_fault(place, format!("{value:?}"), EXPECTED)),
        }
    })
}

/// The day so many days after 1 January 1970.
pub(crate) fn date(days: i64) -> Option<Date> {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
