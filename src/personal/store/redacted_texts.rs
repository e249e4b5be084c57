//! Replaces texts of a petition when a person is redacted, and deletes the traces left by message deliveries.

use crate::db::schema::{
    answers, delivery_attempts, exchange_messages, idempotency_keys, outbox, partner_petitions, petition_texts, requests,
    timeline,
};
use crate::db::{DbConnection, StorageError};
use crate::integrations::partner_api::store::HASH_OF_ERASED;
use crate::kernel::ids::{AnswerId, OutboxId, PetitionId};
use crate::petitions::store::TextRow;
use diesel::prelude::*;

/// Replaces title and content of a petition.
pub fn replace_texts(connection: &mut DbConnection, text: &TextRow) -> Result<(), StorageError> {
    diesel::update(petition_texts::table.find(text.petition_id))
        .set((
            petition_texts::title.eq(&text.title),
            petition_texts::content.eq(&text.content),
            petition_texts::search_text.eq(&text.search_text),
        ))
        .execute(connection)?;
    Ok(())
}

/// Replaces texts and salts of a timeline entry; its hashes stay.
pub fn replace_entry(
    connection: &mut DbConnection,
    (petition, sequence): (PetitionId, i32),
    note: Option<&str>,
    detail: &str,
    salts: &str,
) -> Result<(), StorageError> {
    let entry = timeline::table.filter(timeline::petition_id.eq(petition)).filter(timeline::sequence.eq(sequence));
    diesel::update(entry)
        .set((timeline::note.eq(note), timeline::detail.eq(detail), timeline::salts.eq(salts)))
        .execute(connection)?;
    Ok(())
}

/// Replaces the texts of an answer.
pub fn replace_answer(
    connection: &mut DbConnection,
    id: AnswerId,
    content: &str,
    comment: Option<&str>,
) -> Result<(), StorageError> {
    diesel::update(answers::table.find(id))
        .set((answers::content.eq(content), answers::comment.eq(comment)))
        .execute(connection)?;
    Ok(())
}

/// Replaces the reason of a request.
pub fn replace_reason(connection: &mut DbConnection, id: i64, reason: &str) -> Result<(), StorageError> {
    diesel::update(requests::table.find(id)).set(requests::reason.eq(reason)).execute(connection)?;
    Ok(())
}

/// Deletes delivery reports of mail servers, Zalo and other systems about a petition, because they repeat
/// addresses.
pub fn forget_deliveries(connection: &mut DbConnection, id: PetitionId) -> Result<(), StorageError> {
    let nothing: Option<String> = None;
    let lines: Vec<OutboxId> = outbox::table.filter(outbox::petition_id.eq(id)).select(outbox::id).load(connection)?;
    for part in lines.chunks(500) {
        diesel::update(delivery_attempts::table.filter(delivery_attempts::outbox_id.eq_any(part)))
            .set((delivery_attempts::problem.eq(&nothing), delivery_attempts::reference.eq(&nothing)))
            .execute(connection)?;
    }
    diesel::update(outbox::table.filter(outbox::petition_id.eq(id))).set(outbox::problem.eq(&nothing)).execute(connection)?;
    Ok(())
}

/// Deletes what other systems wrote or asked about a petition: problems and details of messages, and body
/// hashes.
pub fn forget_partners(connection: &mut DbConnection, id: PetitionId) -> Result<(), StorageError> {
    diesel::update(exchange_messages::table.filter(exchange_messages::petition_id.eq(id)))
        .set((
            exchange_messages::problem.eq(None::<String>),
            exchange_messages::sha256.eq(None::<String>),
            exchange_messages::detail.eq("{}"),
        ))
        .execute(connection)?;
    diesel::update(partner_petitions::table.filter(partner_petitions::petition_id.eq(id)))
        .set(partner_petitions::body_hash.eq(HASH_OF_ERASED))
        .execute(connection)?;
    Ok(())
}

/// Deletes the stored responses (idempotency keys) created at an instant; they include the response to the
/// guest who filed the petition of that instant.
pub fn forget_first_answers(connection: &mut DbConnection, at: crate::kernel::Instant) -> Result<(), StorageError> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.eq(at))).execute(connection)?;
    Ok(())
}
