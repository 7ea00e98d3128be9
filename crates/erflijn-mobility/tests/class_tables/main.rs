//! Association models against R `glm`, `gnm` and `survey` (`../reference/class_tables.R`), by hand, and where they must refuse.
#![allow(clippy::float_cmp, reason = "counts, zeros and whole degrees of freedom are exact")]
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod coverage;
mod distances;
mod edges;
mod inputs;
mod models;
mod persons;
mod properties;
