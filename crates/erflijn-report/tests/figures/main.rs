//! Every figure on whole, empty, withheld and hostile input; each drawing is parsed as XML.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

#[path = "../common/mod.rs"]
mod common;

mod checks;
mod hostile;
mod numbers;
mod phone;
mod trends;
mod withheld;
mod words;
