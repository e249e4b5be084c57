//! Pictures of the figures: the words of a question enter, an SVG for pages, telephones and reports leaves.
//!
//! A chart asks the service of the figures what its reader would ask, so that both tell the same and refuse the same; what is drawn
//! is also told in words, in Vietnamese or English.

pub(super) mod backlog;
mod bars;
mod frame;
mod numbers;
mod plot;
pub(super) mod ranking;
pub(super) mod ratings;
mod scope;
mod text_metrics;
pub(super) mod trend;

pub use backlog::backlog;
pub use ranking::ranking;
pub use ratings::{ratings, ratings_words};
pub use trend::{trend, trend_words};

/// The media type of a chart.
pub const MEDIA_TYPE: &str = "image/svg+xml; charset=utf-8";
