//! Reads all petitions in pages and checks each with its timeline and documents.

use super::ReportSink;
use super::RunningCheck;
use super::chain;
use super::documents;
use super::evidence::{TextMismatch, settle};
use super::record_digests;
use super::row;
use crate::attachments::store::AttachmentRow;
use crate::db::service_error::ServiceError;
use crate::db::{Db, StorageError, dialect};
use crate::delivery::store::notifications::NotificationRow;
use crate::kernel::ids::PetitionId;
use crate::personal::store::span::{PetitionSpan, StoredPetitioner, next, span};
use crate::petitions::rules::Status;
use crate::petitions::rules::timeline::TimelineEntry;
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{AnswerRow, DeadlineRow, PetitionRow, RequestRow, TextRow};
use std::collections::HashMap;

/// Petitions per page; each may have two answers of ten thousand characters.
const SPAN: i64 = 500;

/// A petition with all its related rows.
pub(super) struct PetitionRecords<'a> {
    pub petition: &'a PetitionRow,
    pub entries: &'a [(TimelineEntry, String)],
    pub documents: &'a [DocumentRow],
    pub text: Option<&'a TextRow>,
    pub petitioner: Option<&'a StoredPetitioner>,
    pub deadline: Option<&'a DeadlineRow>,
    pub answers: &'a [AnswerRow],
    pub requests: &'a [RequestRow],
    pub files: &'a [AttachmentRow],
    pub notifications: &'a [NotificationRow],
    /// Status of the petition of which this one is a duplicate.
    pub original: Option<Status>,
}

/// Results of one page.
struct SpanFindings {
    last: PetitionId,
    petitions: usize,
    entries: usize,
    in_timelines: Vec<String>,
    in_petitions: Vec<String>,
    doubts: Vec<TextMismatch>,
}

pub(super) async fn check(db: &Db, sink: ReportSink<'_>) -> Result<usize, ServiceError> {
    let (mut timelines, mut rows) = (RunningCheck::new("timelines"), RunningCheck::new("petitions"));
    let (mut petitions, mut entries) = (0, 0);
    let mut after = PetitionId(0);
    // Number of petitions still to be read one by one, because one in the page cannot be read.
    let mut alone = 0;
    loop {
        let limit = if alone > 0 { 1 } else { SPAN };
        let seen = match db.read(move |connection| Ok::<_, StorageError>(span(connection, after, limit)?.map(look))).await {
            Ok(Some(seen)) => seen,
            Ok(None) => break,
            Err(StorageError::Corrupt { .. }) if alone == 0 => {
                alone = SPAN;
                continue;
            }
            Err(error @ StorageError::Corrupt { .. }) => {
                let Some((id, code)) = db.read(move |connection| next(connection, after)).await? else { break };
                timelines.find_all(vec![format!("{code}: the petition with the number {id} or its timeline: {error}")], sink);
                after = id;
                alone -= 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        alone = (alone - 1).max(0);
        after = seen.last;
        petitions += seen.petitions;
        entries += seen.entries;
        timelines.find_all(seen.in_timelines, sink);
        rows.find_all(seen.in_petitions, sink);
        let (chains, words) = settle(db, seen.doubts).await?;
        timelines.find_all(chains, sink);
        rows.find_all(words, sink);
    }
    timelines.find_all(db.read(dialect::integrity::timeline_faults).await?, sink);
    let findings = timelines.end(format!("{petitions} timelines, {entries} entries, chains unbroken"), sink);
    Ok(findings + rows.end(format!("{petitions} petitions, each as its timeline says"), sink))
}

fn look(span: PetitionSpan) -> SpanFindings {
    let entries: HashMap<PetitionId, &[(TimelineEntry, String)]> = span
        .entries
        .chunk_by(|(one, _), (next, _)| one.petition_id == next.petition_id)
        .filter_map(|chunk| chunk.first().map(|(entry, _)| (entry.petition_id, chunk)))
        .collect();
    let lines: HashMap<PetitionId, &[DocumentRow]> = span
        .documents
        .chunk_by(|one, next| one.petition_id == next.petition_id)
        .filter_map(|chunk| chunk.first().map(|document| (document.petition_id, chunk)))
        .collect();
    let mut seen = SpanFindings {
        last: span.petitions.last().map_or(PetitionId(i64::MAX), |petition| petition.id),
        petitions: span.petitions.len(),
        entries: span.entries.len(),
        in_timelines: Vec::new(),
        in_petitions: Vec::new(),
        doubts: Vec::new(),
    };
    for petition in &span.petitions {
        let id = petition.id;
        let case = PetitionRecords {
            petition,
            entries: entries.get(&id).copied().unwrap_or_default(),
            documents: lines.get(&id).copied().unwrap_or_default(),
            text: span.texts.get(&id),
            petitioner: span.petitioners.get(&id),
            deadline: span.deadlines.get(&id),
            answers: span.answers.get(&id).map(Vec::as_slice).unwrap_or_default(),
            requests: span.requests.get(&id).map(Vec::as_slice).unwrap_or_default(),
            files: span.files.get(&id).map(Vec::as_slice).unwrap_or_default(),
            notifications: span.notifications.get(&id).map(Vec::as_slice).unwrap_or_default(),
            original: petition.merged_into_id.and_then(|original| span.originals.get(&original).copied()),
        };
        let named = |finding: String| format!("{}: {finding}", petition.code);
        let (findings, doubts) = chain::judge(&case);
        seen.in_timelines.extend(findings.into_iter().map(named));
        seen.doubts.extend(doubts);
        let (findings, doubts) = record_digests::judge(&case);
        seen.in_petitions.extend(row::judge(&case).into_iter().chain(documents::judge(&case)).chain(findings).map(named));
        seen.doubts.extend(doubts);
    }
    seen
}
