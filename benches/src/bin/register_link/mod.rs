//! The parts of `register-link`: Parquet files column by column, and sums over links.

pub(crate) mod columns;
pub(crate) mod sums;
