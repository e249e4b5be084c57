//! The figures: kept with every event, answered for any period, and recounted from the timeline.
//!
//! Everything that a figure means is in `shared` rules of `domain::statistics`; here are the transaction borders.

mod apply;
mod facts;

pub use crate::domain::statistics::Facts;
pub use apply::apply;
