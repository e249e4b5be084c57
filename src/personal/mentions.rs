//! Redacts a person from the petitions of others. Where their phone, e-mail or personal id occurs, it is
//! removed together with everything else known of them. A name alone may be another person's and stays, except
//! in the original of which their own petition was a duplicate.

use super::redact::redact;
use super::redaction::{self, ERASE_MENTION, Redaction};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::PetitionId;
use crate::personal::store::span::{PetitionSpan, span};
use crate::petitions::publication;
use crate::petitions::rules::traces::KnownTraces;
use crate::petitions::store::state;

/// Petitions searched at a time.
const SPAN: i64 = 500;

/// Searches every text of every petition and redacts the person. Returns the number of changed petitions.
pub(super) async fn redact_everywhere(app: &App, known: &KnownTraces, more: &KnownTraces) -> Result<usize, ServiceError> {
    let (mut after, mut changed) = (PetitionId(0), 0);
    loop {
        let looked_for = known.clone();
        let found = app
            .db
            .read(move |connection| {
                Ok::<_, StorageError>(span(connection, after, SPAN)?.map(|span| mentioning(&span, &looked_for)))
            })
            .await?;
        let Some((last, mentioning)) = found else { return Ok(changed) };
        after = last;
        for id in mentioning {
            let (known, more, now) = (known.clone(), more.clone(), app.now());
            let work = move |connection: &mut DbConnection| {
                let taken_out = |text: &str| match known.is_in(text) {
                    true => more.redacted(&known.redacted(text)),
                    false => text.to_owned(),
                };
                redact_in(connection, &AuditActor::operator(), id, &taken_out, now)
            };
            app.db.write(work).await?;
            changed += 1;
        }
    }
}

/// Redacts a person from the texts of another person's petition, including its publication.
pub(super) fn redact_in(
    connection: &mut DbConnection,
    by: &AuditActor,
    id: PetitionId,
    taken_out: &dyn Fn(&str) -> String,
    now: Instant,
) -> Result<(), ServiceError> {
    let Some(petition) = state::find_for_change(connection, id)? else { return Ok(()) };
    let mut lost = redact(connection, id, &|_, text| Some(taken_out(text)))?;
    lost.extend(publication::republish(connection, id, taken_out)?.map(Redaction::of_chosen_words));
    if lost.is_empty() {
        return Ok(());
    }
    let event = AuditEvent::new(ERASE_MENTION, "petition", &petition.code).with_json(redaction::FIELD, &lost);
    audit::write(connection, by, now, &event)
}

fn mentioning(span: &PetitionSpan, known: &KnownTraces) -> (PetitionId, Vec<PetitionId>) {
    let last = span.petitions.last().map_or(PetitionId(i64::MAX), |petition| petition.id);
    let mut found: Vec<PetitionId> = Vec::new();
    let mut look = |id: PetitionId, texts: &[Option<&str>]| {
        if texts.iter().flatten().any(|text| known.is_in(text)) {
            found.push(id);
        }
    };
    for text in span.texts.values() {
        look(text.petition_id, &[Some(&text.title), Some(&text.content)]);
    }
    for (entry, _) in &span.entries {
        look(entry.petition_id, &[entry.note.as_deref(), Some(&entry.detail)]);
    }
    for answer in span.answers.values().flatten() {
        look(answer.petition_id, &[Some(&answer.content), answer.comment.as_deref()]);
    }
    for request in span.requests.values().flatten() {
        look(request.petition_id, &[Some(&request.reason)]);
    }
    found.sort_unstable();
    found.dedup();
    (last, found)
}
