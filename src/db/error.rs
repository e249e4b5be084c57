//! Storage errors in terms that callers can handle.
//!
//! Converts every Diesel error to a [`StorageError`], and every constraint violation of either database to a
//! [`Constraint`]. Rule: no error contains a bound value, because that may be personal data.

use crate::db::query_deadline::GIVEN_UP;
use diesel::result::{ConnectionError, DatabaseErrorInformation, DatabaseErrorKind, DeserializeFieldError, Error};

/// An error of the storage layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The queue is full, or a lock or statement timed out; worth a retry.
    #[error("the database is busy")]
    Busy,
    /// No answer in time; a write may have been committed nevertheless, and may be retried with the same
    /// idempotency key.
    #[error("the database did not answer in time")]
    Overdue,
    /// No writes until there is space again: the disk is nearly full, or the WAL cannot be truncated.
    #[error("there is no room to write: {0}")]
    Full(String),
    /// The database is unreachable or cannot store; the server recovers by itself when it is back.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// A conflict with another transaction (SQLSTATE 40001 and 40P01); `Db::write` retries by itself.
    #[error("another transaction came in between")]
    Contention,
    /// A constraint of the schema was violated.
    #[error("the row breaks the constraint {0:?}")]
    Conflict(Constraint),
    #[error("there is no such row")]
    Missing,
    /// A stored value that this program never writes.
    #[error("unreadable value in {table}.{column}")]
    Corrupt {
        /// `?` when unknown.
        table: String,
        column: String,
    },
    /// The database rejected the statement; a bug of this program.
    #[error("the database refused a statement: {0}")]
    Query(String),
    /// The closure panicked; its transaction was rolled back.
    #[error("the work panicked and was rolled back")]
    Panicked,
    /// The database settings are invalid.
    #[error("{0}")]
    Settings(String),
}

impl StorageError {
    /// Returns whether a retry in a moment is worthwhile.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy | Self::Contention | Self::Overdue)
    }

    /// Returns whether a write timed out and may have been stored nevertheless.
    #[must_use]
    pub const fn is_overdue(&self) -> bool {
        matches!(self, Self::Overdue)
    }

    /// Returns whether the disk has no space for writes.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Returns whether a unique value exists already.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Conflict(constraint) if *constraint != Constraint::Reference)
    }

    /// Returns whether nothing can be done until the database is back.
    #[must_use]
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_) | Self::Settings(_))
    }
}

/// Lets `Db` find a [`StorageError`] inside a closure's error, to decide whether to retry.
pub trait AsStorageError {
    /// Returns the underlying storage error, if any.
    fn as_storage_error(&self) -> Option<&StorageError>;
}

impl AsStorageError for StorageError {
    fn as_storage_error(&self) -> Option<&StorageError> {
        Some(self)
    }
}

/// A schema constraint that services can handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// Duplicate petition code.
    PetitionCode,
    /// Duplicate number in the register of an agency and year.
    DocumentNumber,
    /// Duplicate user name.
    AccountUsername,
    /// Duplicate phone of an account.
    AccountPhone,
    /// Duplicate e-mail of an account.
    AccountEmail,
    /// Duplicate area code from the same day on.
    AreaCode,
    /// Duplicate agency code from the same day on.
    AgencyCode,
    /// Duplicate category code from the same day on.
    CategoryCode,
    /// Duplicate position in a timeline: someone else acted on the petition at the same time.
    TimelineSequence,
    /// Duplicate partner id for a petition.
    PartnerPetition,
    /// Duplicate idempotency key of the same caller.
    IdempotencyKey,
    /// Duplicate Zalo user id.
    ZaloPerson,
    /// The OIDC identity is linked to another account.
    OidcSubject,
    /// The account already has an identity of this OIDC provider.
    OidcAccount,
    /// A reference to a missing row, or deletion of a referenced row.
    Reference,
    /// Any other, with the name given by the database.
    Other(String),
}

/// PostgreSQL name, columns as SQLite lists them, meaning. SQLite does not report names of unique constraints.
const CONSTRAINTS: &[(&str, &str, Constraint)] = &[
    ("petitions_code_unique", "petitions.code", Constraint::PetitionCode),
    ("documents_number_unique", "documents.agency_id, documents.year, documents.number", Constraint::DocumentNumber),
    ("accounts_username_unique", "accounts.username", Constraint::AccountUsername),
    ("accounts_phone_unique", "accounts.phone_hash", Constraint::AccountPhone),
    ("accounts_email_unique", "accounts.email_hash", Constraint::AccountEmail),
    ("areas_code_unique", "areas.code, areas.valid_from", Constraint::AreaCode),
    ("agencies_code_unique", "agencies.code, agencies.valid_from", Constraint::AgencyCode),
    ("categories_code_unique", "categories.code, categories.valid_from", Constraint::CategoryCode),
    ("timeline_sequence_unique", "timeline.petition_id, timeline.sequence", Constraint::TimelineSequence),
    ("partner_petitions_pkey", "partner_petitions.partner_id, partner_petitions.partner", Constraint::PartnerPetition),
    ("idempotency_keys_pkey", "idempotency_keys.caller, idempotency_keys.key_hash", Constraint::IdempotencyKey),
    ("zalo_people_oa_user_unique", "zalo_people.oa_user_id", Constraint::ZaloPerson),
    ("zalo_people_app_user_unique", "zalo_people.app_user_id", Constraint::ZaloPerson),
    (
        "oidc_identities_subject_unique",
        "oidc_identities.realm, oidc_identities.issuer, oidc_identities.subject",
        Constraint::OidcSubject,
    ),
    ("oidc_identities_account_unique", "oidc_identities.account_id, oidc_identities.issuer", Constraint::OidcAccount),
];

impl Constraint {
    /// Finds a constraint by its PostgreSQL name or by the columns in SQLite's message.
    fn find(name_or_columns: &str) -> Self {
        CONSTRAINTS
            .iter()
            .find(|(name, columns, _)| *name == name_or_columns || *columns == name_or_columns)
            .map_or_else(|| Self::Other(name_or_columns.to_owned()), |(_, _, constraint)| constraint.clone())
    }

    fn violated(information: &dyn DatabaseErrorInformation) -> Self {
        let message = information.message();
        match information.constraint_name() {
            Some(name) => Self::find(name),
            None => Self::find(message.split_once("failed: ").map_or(message, |(_, what)| what)),
        }
    }
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::Missing,
            Error::DatabaseError(kind, information) => from_database(&kind, information.as_ref()),
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            Error::BrokenTransactionManager => Self::Unavailable("the connection broke inside of a transaction".to_owned()),
            Error::DeserializationError(cause) => Self::Corrupt {
                table: "?".to_owned(),
                column: cause
                    .downcast_ref::<DeserializeFieldError>()
                    .and_then(|field| field.field_name.clone())
                    .unwrap_or_else(|| "?".to_owned()),
            },
            Error::SerializationError(_) => Self::Query("a value cannot be stored".to_owned()),
            Error::InvalidCString(_) => Self::Query("a text contains NUL".to_owned()),
            other => Self::Query(other.to_string()),
        }
    }
}

impl From<ConnectionError> for StorageError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::CouldntSetupConfiguration(cause) => Self::from(cause),
            // libpq repeats parts of a malformed URL, which may contain the password.
            ConnectionError::BadConnection(message) if message.contains("URI") || message.contains("percent-encoded") => {
                Self::Settings("the database URL is malformed".to_owned())
            }
            ConnectionError::BadConnection(message) => Self::Unavailable(message.trim().to_owned()),
            other => Self::Settings(format!("the database URL cannot be used: {}", variant_name(&other))),
        }
    }
}

const fn variant_name(error: &ConnectionError) -> &'static str {
    match error {
        ConnectionError::InvalidCString(_) => "it contains NUL",
        ConnectionError::InvalidConnectionUrl(_) => "it is malformed",
        _ => "the connection was refused",
    }
}

fn from_database(kind: &DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> StorageError {
    let message = information.message();
    match kind {
        DatabaseErrorKind::UniqueViolation => StorageError::Conflict(Constraint::violated(information)),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            StorageError::Conflict(Constraint::Reference)
        }
        DatabaseErrorKind::SerializationFailure => StorageError::Contention,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            StorageError::Unavailable(without_values(message))
        }
        _ => by_message(message),
    }
}

/// Diesel has no kind for these: SQLite result codes and most PostgreSQL SQLSTATEs are available only as text.
fn by_message(message: &str) -> StorageError {
    const BUSY: &[&str] =
        &["database is locked", "database table is locked", "lock timeout", "statement timeout", "user request", GIVEN_UP];
    const AWAY: &[&str] = &[
        "disk I/O error",
        "database or disk is full",
        "unable to open database",
        "readonly database",
        "is not a database",
        "disk image is malformed",
        "locking protocol",
        "could not extend file",
        "No space left on device",
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "no connection to the server",
        "too many clients",
        "remaining connection slots",
        "cannot execute",
    ];
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if message.contains("deadlock detected") {
        StorageError::Contention
    } else if says(BUSY) {
        StorageError::Busy
    } else if says(AWAY) {
        StorageError::Unavailable(without_values(message))
    } else {
        StorageError::Query(without_values(message))
    }
}

/// Removes the offending value that PostgreSQL quotes after a colon (`invalid input syntax for type bigint: "…"`).
fn without_values(message: &str) -> String {
    message.split_once(": \"").map_or(message, |(before, _)| before).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database_error(kind: DatabaseErrorKind, message: &str) -> StorageError {
        StorageError::from(Error::DatabaseError(kind, Box::new(message.to_owned())))
    }

    #[test]
    fn a_unique_violation_of_sqlite_is_known_by_its_columns() {
        let error = database_error(
            DatabaseErrorKind::UniqueViolation,
            "UNIQUE constraint failed: documents.agency_id, documents.year, documents.number",
        );
        assert_eq!(error, StorageError::Conflict(Constraint::DocumentNumber));
        let error = database_error(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: accounts.phone_hash");
        assert_eq!(error, StorageError::Conflict(Constraint::AccountPhone));
    }

    #[test]
    fn an_unknown_constraint_keeps_its_name() {
        let error = database_error(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: areas.name");
        assert_eq!(error, StorageError::Conflict(Constraint::Other("areas.name".to_owned())));
    }

    #[test]
    fn a_bound_value_does_not_reach_the_error() {
        let error = database_error(DatabaseErrorKind::Unknown, "invalid input syntax for type bigint: \"0912345678\"");
        assert_eq!(error, StorageError::Query("invalid input syntax for type bigint".to_owned()));
    }

    #[test]
    fn deadlocks_and_locks_are_told_apart() {
        assert_eq!(database_error(DatabaseErrorKind::Unknown, "deadlock detected"), StorageError::Contention);
        assert_eq!(database_error(DatabaseErrorKind::Unknown, "database is locked"), StorageError::Busy);
    }

    #[test]
    fn every_constraint_of_the_table_is_in_the_migrations() {
        let mut migrations = String::new();
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres")).unwrap() {
            migrations.push_str(&std::fs::read_to_string(entry.unwrap().path().join("up.sql")).unwrap());
        }
        for (name, columns, constraint) in CONSTRAINTS {
            assert!(migrations.contains(&format!("CONSTRAINT {name} ")), "{name}");
            assert_eq!(&Constraint::find(columns), constraint);
        }
    }
}
