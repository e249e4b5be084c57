//! Checks the triggers that block changes to the audit record: present, enabled, and as the migrations created
//! them.
//!
//! Intact triggers prove little, because the owner of the tables can drop and recreate them. Missing ones prove
//! tampering.

use super::ReportSink;
use super::RunningCheck;
use crate::db::service_error::ServiceError;
use crate::db::{Db, dialect};

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let mut check = RunningCheck::new("audit triggers");
    let faults = db.read(dialect::audit_triggers::faults).await?;
    check.find_all(faults, sink);
    Ok(check.end("what refuses changes of the audit record".to_owned(), sink))
}
