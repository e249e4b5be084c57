//! The error type of all services; `web::problem` alone converts it to a response.

use crate::db::file_store::FileStoreError;
use crate::db::{AsStorageError, StorageError};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblem, FieldRule};

/// Why a service failed; nothing was stored in any case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// An expected error.
    #[error("refused: {}", .0.code())]
    Rejected(ErrorCode),
    /// An expected error caused by one field.
    #[error("refused: {}", .0.code())]
    RejectedField(ErrorCode, FieldProblem),
    /// An expected error that ends by itself after this many seconds (`Retry-After`).
    #[error("refused: {}", .0.code())]
    RetryAfter(ErrorCode, u32),
    /// Validation errors, all at once.
    #[error("{} fields break a rule", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A bug; the message is for the log and contains no data.
    #[error("{0}")]
    Internal(&'static str),
}

impl ServiceError {
    /// Creates a validation error for one field.
    #[must_use]
    pub fn invalid(field: impl Into<String>, rule: FieldRule) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, rule)])
    }
}

impl From<ErrorCode> for ServiceError {
    fn from(code: ErrorCode) -> Self {
        Self::Rejected(code)
    }
}

impl From<FileStoreError> for ServiceError {
    fn from(error: FileStoreError) -> Self {
        match error {
            FileStoreError::Missing => Self::Rejected(ErrorCode::AttachmentNotFound),
            FileStoreError::Full => {
                tracing::warn!("file store disk nearly full, uploads rejected");
                Self::Rejected(ErrorCode::StorageLow)
            }
            FileStoreError::Unavailable(cause) | FileStoreError::Settings(cause) => {
                tracing::warn!(%cause, "file store unavailable");
                Self::Rejected(ErrorCode::FilesAway)
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
