//! Charts of the figures: takes the parameters of a query; returns an SVG for web pages, phones and reports.
//!
//! A chart calls the same service as the JSON endpoint, so that both show the same values and errors. Everything drawn
//! is also described in text, in Vietnamese or English.

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
