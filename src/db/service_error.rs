//! What every service returns when it does not do what was asked.
//!
//! Made by the services, turned into an answer by `web::problem` and nowhere else.

use crate::db::files::FilesError;
use crate::db::{AsStorageError, StorageError};
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::refusal::Refusal;

/// Why a service did not do what was asked; in every case nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// An expected refusal.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// An expected refusal that one field is the reason of.
    #[error("refused: {}", .0.code())]
    RefusedFor(Refusal, FieldProblem),
    /// An expected refusal that ends by itself after so many seconds.
    #[error("refused: {}", .0.code())]
    Wait(Refusal, u32),
    /// Fields that break rules, all that were found at once.
    #[error("{} fields break a rule", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The shelves failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Something that cannot happen did; the sentence is for the log and carries no data.
    #[error("{0}")]
    Internal(&'static str),
}

impl ServiceError {
    /// One field that breaks one rule.
    #[must_use]
    pub fn invalid(field: impl Into<String>, rule: FieldRule) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, rule)])
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<FilesError> for ServiceError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Missing => Self::Refused(Refusal::AttachmentNotFound),
            FilesError::Full => {
                tracing::warn!("the disk of the files is nearly full: uploads are refused");
                Self::Refused(Refusal::StorageLow)
            }
            FilesError::Away(cause) | FilesError::Settings(cause) => {
                tracing::warn!(%cause, "the store of files does not serve");
                Self::Refused(Refusal::FilesAway)
            }
        }
    }
}

impl From<Vec<FieldProblem>> for ServiceError {
    fn from(problems: Vec<FieldProblem>) -> Self {
        Self::Invalid(problems)
    }
}

impl From<FieldProblem> for ServiceError {
    fn from(problem: FieldProblem) -> Self {
        Self::Invalid(vec![problem])
    }
}

impl AsStorageError for ServiceError {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            _ => None,
        }
    }
}
