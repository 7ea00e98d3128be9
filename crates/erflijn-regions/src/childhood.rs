use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use erflijn_core::{Date, MunicipalityCode, Spell, birthday};

use crate::RegionError;

/// Oldest age that a window of a life may reach.
const OLDEST: i16 = 150;

/// Which of two municipalities counts when a child lived equally long in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EquallyLong {
    /// The one that the child lived in first.
    First,
    /// The one that the child lived in last.
    Last,
}

/// Where somebody lived longest in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LongestStay {
    /// The municipality.
    pub code: MunicipalityCode,
    /// Days lived there within the window, over all stays.
    pub days: u32,
    /// Days of the window on which a municipality is known.
    pub known_days: u32,
    /// Whether another municipality has as many days.
    pub tied: bool,
}

/// The days on which somebody has one of these ages, both ages included.
///
/// # Units
/// Completed years.
///
/// # Errors
/// [`RegionError::Ages`] unless `0 <= first <= last <= 150`.
///
/// # Examples
/// ```
/// use erflijn_core::Date;
/// use erflijn_regions::childhood;
/// let until_18 = childhood(Date::constant(1990, 3, 5), 0..=17)?;
/// assert_eq!((until_18.start(), until_18.end()), (Date::constant(1990, 3, 5), Date::constant(2008, 3, 4)));
/// # Ok::<(), erflijn_regions::RegionError>(())
/// ```
pub fn childhood(birth: Date, ages: RangeInclusive<i16>) -> Result<Spell, RegionError> {
    let (first, last) = (*ages.start(), *ages.end());
    let refused = RegionError::Ages { first, last };
    // Years beyond the calendar are no birth of a person; refused like ages beyond a life.
    if first < 0 || first > last || last > OLDEST || birth.year() > Date::MAX.year() - OLDEST - 2 {
        return Err(refused);
    }
    let Ok(end) = birthday(birth, last + 1).yesterday() else { return Err(refused) };
    Spell::new(birthday(birth, first), end).map_err(|_| refused)
}

/// The municipality in which somebody lived on the day of reaching an age.
///
/// `stays` are those of one person, in any order, all in the borders of one year. Of stays that overlap, the
/// one that started last counts, as in a spell table of `erflijn-linkage`.
///
/// # Units
/// `age`: completed years; 0 is the day of birth.
///
/// # Errors
/// [`RegionError::Ages`] unless `0 <= age <= 150`.
///
/// # Complexity
/// One pass over the stays.
///
/// # Examples
/// ```
/// use erflijn_core::{Date, Spell};
/// use erflijn_regions::region_at_age;
/// let (veendam, emmen) = ("0047".parse()?, "0114".parse()?);
/// let stays = [
///     (Spell::new(Date::constant(1990, 3, 5), Date::constant(2005, 3, 4))?, veendam),
///     (Spell::new(Date::constant(2005, 3, 5), Date::constant(2020, 1, 1))?, emmen),
/// ];
/// assert_eq!(region_at_age(Date::constant(1990, 3, 5), 15, &stays)?, Some(emmen)); // moved that day
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn region_at_age(
    birth: Date,
    age: i16,
    stays: &[(Spell, MunicipalityCode)],
) -> Result<Option<MunicipalityCode>, RegionError> {
    Ok(on(childhood(birth, age..=age)?.start(), stays))
}

/// The municipality in which somebody lived longest within a window, such as [`childhood`]; `None` when no
/// stay reaches into it.
///
/// Days of several stays in one municipality add up. Of stays that overlap, the one that started last has
/// the day, so no day counts twice. How much of the window is known is part of the answer.
///
/// # Units
/// Days, both ends of a stay included.
///
/// # Complexity
/// The square of the stays of one person.
///
/// # References
/// The choice of a place of childhood moves results: Chetty, R. and N. Hendren (2018), The Impacts of
/// Neighborhoods on Intergenerational Mobility I, Quarterly Journal of Economics 133, doi:10.1093/qje/qjy007.
///
/// # Examples
/// ```
/// use erflijn_core::{Date, Spell};
/// use erflijn_regions::{EquallyLong, longest_lived_region};
/// let (veendam, emmen) = ("0047".parse()?, "0114".parse()?);
/// let day = |day| Date::constant(2000, 1, day);
/// let stays = [(Spell::new(day(1), day(4))?, veendam), (Spell::new(day(5), day(10))?, emmen)];
/// let longest = longest_lived_region(Spell::new(day(1), day(9))?, &stays, EquallyLong::First);
/// let longest = longest.expect("stays reach into the window");
/// assert_eq!((longest.code, longest.days, longest.known_days), (emmen, 5, 9)); // 5 to 9 January
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn longest_lived_region(
    window: Spell,
    stays: &[(Spell, MunicipalityCode)],
    equally_long: EquallyLong,
) -> Option<LongestStay> {
    // Between two neighbouring starts, of stays or of the days after them, one stay has all days.
    let mut starts = vec![window.start()];
    for (spell, _) in stays {
        starts.push(spell.start());
        starts.extend(spell.end().tomorrow().ok());
    }
    starts.retain(|date| window.contains(*date));
    starts.sort_unstable();
    starts.dedup();

    let mut days_in: BTreeMap<MunicipalityCode, Lived> = BTreeMap::new();
    for (index, start) in starts.iter().enumerate() {
        let Some(code) = on(*start, stays) else { continue };
        let end = starts.get(index + 1).map_or(window.end(), |next| day_before(*next));
        let lived = days_in.entry(code).or_insert(Lived { days: 0, first: *start, last: end });
        lived.days += days_between(*start, end);
        lived.last = end;
    }

    let known_days = days_in.values().map(|lived| lived.days).sum();
    let days = days_in.values().map(|lived| lived.days).max()?;
    let tied: Vec<_> = days_in.into_iter().filter(|(_, lived)| lived.days == days).collect();
    let code = match equally_long {
        EquallyLong::First => tied.iter().min_by_key(|(_, lived)| lived.first),
        EquallyLong::Last => tied.iter().max_by_key(|(_, lived)| lived.last),
    };
    code.map(|(code, _)| LongestStay { code: *code, days, known_days, tied: tied.len() > 1 })
}

struct Lived {
    days: u32,
    first: Date,
    last: Date,
}

fn day_before(date: Date) -> Date {
    date.yesterday().expect("a date after another has a day before it")
}

fn days_between(start: Date, end: Date) -> u32 {
    Spell::new(start, end).expect("starts are in order").days()
}

fn on(date: Date, stays: &[(Spell, MunicipalityCode)]) -> Option<MunicipalityCode> {
    let there = stays.iter().filter(|(spell, _)| spell.contains(date));
    there.max_by_key(|(spell, _)| *spell).map(|(_, code)| *code)
}
