//! Which cells of a publication are hidden, and what outsiders can work out of them.

use crate::suppress::{Need, Table};
use crate::{Audit, Cost, DisclosureError, Relations, SuppressionOptions, audit};

/// Hides the cells with needs, those that are never shown, and others until all needs are met; then audits what is hidden.
///
/// Few people are hidden beside them.
pub(super) fn suppress(
    relations: &Relations,
    values: &[u64],
    needs: &[Option<Need>],
    latent: &[bool],
) -> Result<(Vec<bool>, Audit), DisclosureError> {
    let options = SuppressionOptions { cost: Cost::LogCount, ..SuppressionOptions::default() };
    let table = Table::new(relations, values, needs.to_vec(), latent.to_vec(), &options)?;
    let hidden = table.quick_pattern()?;
    let audit = audit(relations, values, &hidden, options.method)?;
    Ok((hidden, audit))
}
