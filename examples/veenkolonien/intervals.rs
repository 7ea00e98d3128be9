//! How sure a share is.

use anyhow::Result;
use erflijn::core::Interval;
use erflijn::report::Cell;
use erflijn_examples::{Basis, LEVEL, Shares, family_numbers};

use crate::groups::Subject;
use crate::heredity::Heir;

/// The interval of the share with `of` among those with `among`, siblings together; none where all of them are alike.
pub(crate) fn interval_of_share(
    basis: &Basis<'_>,
    subjects: &[&Subject],
    among: impl Fn(&Heir) -> bool,
    of: impl Fn(&Heir) -> bool,
) -> Result<Cell> {
    let heirs: Vec<&Heir> = subjects.iter().map(|subject| &subject.heir).filter(|heir| among(heir)).collect();
    let some = heirs.iter().filter(|heir| of(heir)).count();
    let families = family_numbers(heirs.iter().map(|heir| heir.family));
    let several = families.iter().any(|family| *family > 0);
    let interval = basis.work_out(|| {
        if some == 0 || some == heirs.len() || !several {
            return Ok(None);
        }
        let share = Shares::new(&families)?.estimate(|place| of(heirs[place]), |_| true)?;
        let Interval { low, high } = share.interval(LEVEL)?;
        Ok(Some(Interval { low: low.max(0.0), high: high.min(1.0) }))
    })?;
    Ok(Cell::ShareInterval(interval))
}
