//! Inequality against laeken, convey, ineq and DescTools, against more digits than doubles have, slow twins,
//! numerical derivatives, properties, and the edges.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
#![allow(clippy::float_cmp, reason = "compared are exact zeros and results that take the same path")]

#[path = "../people/mod.rs"]
mod people;

mod by_hand;
mod derivatives;
mod edges;
mod measures;
mod packages;
mod properties;
