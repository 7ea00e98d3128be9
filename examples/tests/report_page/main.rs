//! The page of `veenkolonien` as a browser reads it, over studies of several kinds.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod files;
mod headlines;
mod parts;
mod rules;
mod runs;
mod studies;
mod years;
