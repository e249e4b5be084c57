//! HTTP routes for petitioners: file, follow and respond.

pub mod coordination;
pub mod documents;
pub mod file;
pub mod list;
pub mod public;
pub mod publication;
pub mod read;
pub mod respond;
pub mod serve;

use crate::kernel::error_code::ErrorCode;
use crate::petitions::rules::code::PetitionCode;
use crate::web::extract::path::PathKey;

impl PathKey for PetitionCode {
    const NAME: &'static str = "code";
    const MISSING: ErrorCode = ErrorCode::PetitionNotFound;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
