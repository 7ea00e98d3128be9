//! Which cells of a publication are hidden, and what outsiders can work out of them.

use crate::audit::audit_some;
use crate::suppress::{Need, Table};
use crate::{Audit, Cost, DisclosureError, Relations, SuppressionOptions};

/// Hides the cells with needs, those that are never shown, and others until all needs are met; then audits what is withheld.
///
/// Few people are hidden beside them. What is not meant to be shown and has no need may be worked out, and is not audited.
pub(super) fn suppress(
    relations: &Relations,
    values: &[u64],
    needs: &[Option<Need>],
    latent: &[bool],
) -> Result<(Vec<bool>, Audit), DisclosureError> {
    let options = SuppressionOptions { cost: Cost::LogCount, ..SuppressionOptions::default() };
    let table = Table::new(relations, values, needs.to_vec(), latent.to_vec(), &options)?;
    let hidden = table.quick_pattern()?;
    let withheld: Vec<bool> =
        (0..values.len()).map(|cell| hidden[cell] && (!latent[cell] || needs[cell].is_some())).collect();
    let audit = audit_some(relations, values, &hidden, &withheld, options.method)?;
    Ok((hidden, audit))
}
