//! Days as whole numbers, which events are planned in, and dates, which registers are written in.

use std::sync::OnceLock;

use erflijn_core::Date;

/// Days since 1 January 1850.
pub(crate) type Day = i32;

const FIRST_YEAR: i16 = 1850;
const LAST_YEAR: i16 = 2030;

/// First day of the registers: what was before is not written.
pub(crate) const REGISTERS_FROM: (i16, i8, i8) = (1994, 10, 1);

struct Calendar {
    dates: Vec<Date>,
    new_years: Vec<Day>,
}

fn calendar() -> &'static Calendar {
    static CALENDAR: OnceLock<Calendar> = OnceLock::new();
    CALENDAR.get_or_init(|| {
        let mut calendar = Calendar { dates: Vec::new(), new_years: Vec::new() };
        let mut date = Date::constant(FIRST_YEAR, 1, 1);
        while date.year() <= LAST_YEAR {
            if (date.month(), date.day()) == (1, 1) {
                calendar.new_years.push(calendar.dates.len() as Day);
            }
            calendar.dates.push(date);
            date = date.tomorrow().expect("the calendar goes on after 2030");
        }
        calendar
    })
}

/// The date of a day between 1850 and 2030.
pub(crate) fn date(day: Day) -> Date {
    calendar().dates[usize::try_from(day).expect("days are after 1850")]
}

/// 1 January of a year between 1850 and 2030.
pub(crate) fn new_year(year: i16) -> Day {
    calendar().new_years[usize::try_from(year - FIRST_YEAR).expect("years are after 1850")]
}

pub(crate) fn day(date: Date) -> Day {
    new_year(date.year()) + Day::from(date.day_of_year()) - 1
}

/// 1 October 1994.
pub(crate) fn registers_from() -> Day {
    let (year, month, of_month) = REGISTERS_FROM;
    day(Date::constant(year, month, of_month))
}

/// Days from the first day of the registers to the last, 31 December 2022.
pub(crate) fn last_registered() -> u16 {
    let days = new_year(2023) - 1 - registers_from();
    u16::try_from(days).expect("28 years are fewer than 65536 days")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_one_to_one() {
        assert_eq!(day(Date::constant(1850, 1, 1)), 0);
        // 1850 to 1994: 145 years, of which 35 had a 29 February (1852 to 1992, without 1900).
        assert_eq!(new_year(1995), 145 * 365 + 35);
        for number in 0..new_year(2030) {
            assert_eq!(day(date(number)), number);
        }
    }
}
