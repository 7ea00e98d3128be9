//! What a program cost, for those that print it.

use std::error::Error;
use std::fs;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Processor time of this process, from the kernel's books: hundredths of a second.
pub(crate) fn cpu_seconds() -> Outcome<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let books = fs::read_to_string("/proc/self/stat")?;
    // The name of the program stands in brackets and may hold blanks; the times are the 12th and 13th after it.
    let (_, after) = books.rsplit_once(')').ok_or("unexpected /proc/self/stat")?;
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// The most memory this process ever held.
pub(crate) fn peak_mib() -> Outcome<u64> {
    let books = fs::read_to_string("/proc/self/status")?;
    let line =
        books.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("unexpected /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}
