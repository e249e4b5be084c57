//! HTTP endpoints for published figures and, for officers, the petitions behind them.
//!
//! Every handler parses strings, calls one service of `figures::statistics`, and returns its result unchanged.

pub mod answer_cache;
pub mod charts;
pub mod figures;
pub mod params;
pub mod petitions;
pub mod register;
pub mod reports;
pub mod snapshots;

use crate::figures::rules::snapshot_code::SnapshotCode;
use crate::kernel::error_code::ErrorCode;
use crate::web::extract::path::PathKey;

impl PathKey for SnapshotCode {
    const NAME: &'static str = "id";
    const MISSING: ErrorCode = ErrorCode::SnapshotNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
