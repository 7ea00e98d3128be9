//! What may leave a secure room: rules for single numbers, complementary suppression for tables, and an
//! audit that tells what an outsider can work out from everything that is published.
//!
//! It never knows where a table came from.

mod error;
mod populations;
mod relations;
mod released;

pub use error::DisclosureError;
pub use populations::{Difference, Populations};
pub use relations::{Relations, Sum};
pub use released::{Outcome, Reason, Released};
