//! Families against R `lm`, `lme4` and `nlme` (`../reference/families.R`), exact sums (`../reference/families.py`), slow twins, and where they must refuse.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

#[path = "../common/mod.rs"]
mod common;
mod generations;
mod inputs;
mod likelihood;
mod nested;
mod pairs;
mod siblings_by_variance;
