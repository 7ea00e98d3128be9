//! What a single cell may hold.

use erflijn_core::Date;

/// A number in a CSV cell: empty is missing, point or comma is the decimal mark.
pub(crate) fn number(cell: &[u8]) -> Result<Option<f64>, &'static str> {
    const EXPECTED: &str = "a number with point or comma as decimal mark, or nothing";
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Ok(None);
    }
    if let Some(whole) = whole_number(cell) {
        return Ok(Some(whole));
    }
    let mut text = std::str::from_utf8(cell).map_err(|_| EXPECTED)?.to_owned();
    if text.contains(',') {
        if text.contains('.') {
            return Err(EXPECTED);
        }
        text = text.replace(',', ".");
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => Err(EXPECTED),
    }
}

/// The fast way for what nearly every cell is: up to fifteen digits, exact in a double.
fn whole_number(cell: &[u8]) -> Option<f64> {
    let (sign, digits) = match cell.split_first()? {
        (b'-', digits) => (-1.0, digits),
        _ => (1.0, cell),
    };
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits fit in a double")]
    Some(sign * value as f64)
}

const EXPECTED_CODE: &str = "a code from 0 to 99, dashes or nothing";

/// A code in a text cell.
pub(crate) fn code(cell: &[u8]) -> Result<Option<u8>, &'static str> {
    let cell = cell.trim_ascii();
    if cell.iter().all(|byte| *byte == b'-') {
        return Ok(None);
    }
    match number(cell) {
        Ok(Some(value)) => code_of_number(value).map(Some),
        _ => Err(EXPECTED_CODE),
    }
}

/// A code in a number cell.
pub(crate) fn code_of_number(value: f64) -> Result<u8, &'static str> {
    if (0.0..=99.0).contains(&value) && value.fract().abs() <= 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked on the line above"
        )]
        return Ok(value as u8);
    }
    Err(EXPECTED_CODE)
}

/// What [`date`] expects.
pub(crate) const EXPECTED_DATE: &str = "a date of the calendar as yyyymmdd or yyyy-mm-dd";

/// A date written `yyyymmdd`, or `yyyy-mm-dd` as a column of dates is read; `None` when it is none.
///
/// `88888888` is no date here: it stands for an open end in other registers than those read by this crate.
pub(crate) fn date(cell: &str) -> Option<Date> {
    let (year, month, day) = match cell.as_bytes() {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => (y, [*m1, *m2], [*d1, *d2]),
        [y @ .., m1, m2, d1, d2] if y.len() == 4 => (y, [*m1, *m2], [*d1, *d2]),
        _ => return None,
    };
    let part = |digits: &[u8]| {
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
    };
    Date::new(part(year)?, i8::try_from(part(&month)?).ok()?, i8::try_from(part(&day)?).ok()?).ok()
}

/// A whole number of at most four digits and nothing else.
pub(crate) fn digits(text: &str) -> Option<i16> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.bytes().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
}

/// Whether a text cell says that its value is missing: nothing, or dashes only.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.trim().bytes().all(|byte| byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_in_both_decimal_marks() {
        for (cell, value) in [
            ("12", 12.0),
            ("-4210", -4210.0),
            ("1234,5", 1234.5),
            ("1234.5", 1234.5),
            (" 7 ", 7.0),
            ("1e3", 1000.0),
        ] {
            assert_eq!(number(cell.as_bytes()), Ok(Some(value)), "{cell}");
        }
        assert_eq!(number(b""), Ok(None));
        assert_eq!(number(b"  "), Ok(None));
        for cell in ["1.234,50", "1,2,3", "x", "NaN", "inf", "-", "NA", "1 000"] {
            assert!(number(cell.as_bytes()).is_err(), "{cell}");
        }
    }

    #[test]
    fn dates_that_do_not_exist() {
        assert_eq!(date("20040229"), Some(Date::constant(2004, 2, 29)));
        assert_eq!(date("2004-02-29"), Some(Date::constant(2004, 2, 29)));
        for cell in [
            "20210231",
            "20230229",
            "88888888",
            "2021010",
            "202101011",
            "2021-1-1",
            "20211301",
            "        ",
            "2021-02-31",
            "2021/01/01",
            "2021-01-1 ",
            "021-01-01",
            "-021-01-01",
            "20210101 ",
        ] {
            assert_eq!(date(cell), None, "{cell}");
        }
    }

    #[test]
    fn codes_as_text_and_as_number() {
        for (cell, value) in
            [("4", Some(4)), (" 4", Some(4)), ("07", Some(7)), ("-", None), ("--", None), ("", None)]
        {
            assert_eq!(code(cell.as_bytes()), Ok(value), "{cell}");
        }
        for cell in ["x", "100", "-1", "1.5"] {
            assert!(code(cell.as_bytes()).is_err(), "{cell}");
        }
    }

    proptest! {
        #[test]
        fn printed_numbers_are_read_back_exactly(value in -1e12_f64..1e12) {
            let cell = value.to_string();
            prop_assert_eq!(number(cell.as_bytes()), Ok(Some(value)));
            prop_assert_eq!(number(cell.replace('.', ",").as_bytes()), Ok(Some(value)));
        }

        #[test]
        fn any_cell_is_judged_without_panic(cell in ".{0,12}") {
            let _ = (number(cell.as_bytes()), code(cell.as_bytes()), date(&cell), digits(&cell));
        }
    }
}
