//! The triggers that refuse every change of the audit record: there, switched on, and as the migrations made them.
//!
//! Sound ones prove little: whoever owns the tables can take them away and put them back. Missing ones prove that somebody did.

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
