//! Checks the register rows of one petition: the newest one matches the state of the petition, all others are
//! closed.

use super::petitions::PetitionRecords;
use crate::petitions::rules::{DocumentStatus, Status};
use crate::petitions::store::documents::DocumentRow;
use chrono::Datelike;

pub(super) fn judge(case: &PetitionRecords<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let petition = case.petition;
    let Some((newest, earlier)) = case.documents.split_last() else {
        if petition.agency_id.is_some() {
            findings.push("an agency holds it, and it stands in no register".to_owned());
        }
        return findings;
    };
    if petition.agency_id.is_some_and(|agency| agency != newest.agency_id) {
        findings.push(format!("its newest document {} is not in the register of the agency that holds it", newest.id));
    }
    if !fits(petition.status, petition.agency_id.is_some(), newest.status) {
        findings.push(format!("it is {}, and its document {} is {}", petition.status, newest.id, newest.status));
    }
    if newest.handed_on_at.is_none() && (newest.due_at != petition.due_at || newest.assignee_id != petition.assignee_id) {
        findings.push(format!("its document {} has another deadline or officer", newest.id));
    }
    for document in earlier {
        if !matches!(document.status, DocumentStatus::Transferred | DocumentStatus::Returned) {
            findings.push(format!("its earlier document {} is still {}", document.id, document.status));
        }
    }
    case.documents.iter().for_each(|document| on_its_own(document, &mut findings));
    for (entry, _) in case.entries {
        if entry.document_id.is_some_and(|id| case.documents.iter().all(|document| document.id != id)) {
            findings.push(format!("entry {} names a document that is not its own", entry.sequence));
        }
    }
    findings
}

/// Checks that apply to every register row, whatever the state of its petition.
fn on_its_own(document: &DocumentRow, findings: &mut Vec<String>) {
    if document.year != document.arrived_at.local_date().year() {
        findings.push(format!("its document {} arrived in another year than {}", document.id, document.year));
    }
    if document.handed_on_at.is_some() != has_left(document.status) {
        findings.push(format!("its document {} is {}, which does not fit handed_on_at", document.id, document.status));
    }
}

const fn has_left(status: DocumentStatus) -> bool {
    use DocumentStatus as D;
    matches!(status, D::Completed | D::Returned | D::Transferred | D::Refused | D::Voided)
}

const fn fits(petition: Status, is_held: bool, document: DocumentStatus) -> bool {
    use DocumentStatus as D;
    if !is_held {
        return matches!(document, D::Returned | D::Transferred);
    }
    match petition {
        Status::Received => false,
        Status::Assigned => matches!(document, D::Arrived),
        Status::InProgress => matches!(document, D::Accepted | D::Assigned | D::InProgress),
        Status::WaitingForPetitioner => matches!(document, D::Waiting),
        Status::AwaitingApproval => matches!(document, D::AwaitingApproval),
        Status::Answered | Status::Closed => matches!(document, D::Completed),
        Status::Refused => matches!(document, D::Refused),
        Status::Withdrawn | Status::Duplicate => matches!(document, D::Voided),
    }
}
