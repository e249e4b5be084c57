//! Exports everything stored about one person as JSON.
//!
//! Rules: operators only, as for erasure, and every export is recorded in the audit record. Of texts by others
//! the export holds those that were addressed to the person.

use super::subject::DataSubject;
use crate::accounts::store::profiles;
use crate::accounts::store::sessions::SessionRow;
use crate::app::App;
use crate::attachments::store::{self as files, AttachmentRow};
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::oidc::store as oidc;
use crate::integrations::zalo::store as zalo;
use crate::kernel::ids::{AccountId, PetitionId};
use crate::personal::store::subjects;
use crate::petitions::store::{AnswerRow, answers, petitioners, state, texts, timeline};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Maximum number of timeline entries exported.
const ENTRIES: i64 = 10_000;

/// Exports everything stored about a person and records the export.
///
/// # Errors
/// `Invalid` on `subject` for an officer, and when accounts only claim the contact; `Invalid` on `account` when
/// the named account is not the person's.
pub async fn export(app: &App, subject: &DataSubject) -> Result<Value, ServiceError> {
    let subject = subject.clone();
    audit::transaction(app, &AuditActor::operator(), move |connection| {
        let held = subject.held(connection)?;
        let petitions = held.petitions.iter().map(|id| petition(connection, *id)).collect::<Result<Vec<_>, _>>()?;
        let account = held.account.map(|id| account(connection, id)).transpose()?;
        let mut people = Vec::new();
        for (_, user) in &held.zalo {
            people.push(on_zalo(connection, user.as_deref())?);
        }
        let event = AuditEvent::new("export_subject", "personal_data", subject.name()?)
            .with_json("petitions", &petitions.len())
            .with_json("accounts", &usize::from(account.is_some()));
        Ok::<_, ServiceError>((json!({"account": account, "petitions": petitions, "zalo": people}), event))
    })
    .await
}

fn account(connection: &mut DbConnection, id: AccountId) -> Result<Value, ServiceError> {
    let account = profiles::find(connection, id)?;
    let claims: Vec<Value> =
        account.claims.iter().map(|claim| json!({"kind": claim.kind.as_str(), "value": claim.value})).collect();
    let identities: Vec<Value> = oidc::of_account(connection, id)?
        .into_iter()
        .map(|identity| {
            json!({
                "provider": identity.issuer, "realm": identity.realm.as_str(), "subject": identity.subject,
                "linked_at": identity.linked_at, "last_used_at": identity.last_used_at,
            })
        })
        .collect();
    let loose: Vec<Value> = subjects::unjoined_files(connection, id)?.iter().map(file).collect();
    Ok(json!({
        "kind": account.kind.as_str(), "full_name": account.full_name, "phone": account.phone, "email": account.email,
        "personal_id": account.personal_id, "company_name": account.company_name, "tax_code": account.tax_code,
        "created_at": account.created_at, "claimed_contacts": claims, "identities": identities, "files": loose,
        "sessions": chains(subjects::session_links(connection, id)?),
    }))
}

/// Groups sessions into token chains; one chain is one sign-in.
fn chains(links: Vec<SessionRow>) -> Vec<Value> {
    let mut chains: BTreeMap<String, (SessionRow, SessionRow)> = BTreeMap::new();
    for link in links {
        let chain = chains.entry(link.family.clone()).and_modify(|(_, last)| *last = link.clone());
        chain.or_insert_with(|| (link.clone(), link));
    }
    let mut chains: Vec<(SessionRow, SessionRow)> = chains.into_values().collect();
    chains.sort_by_key(|(first, _)| first.id);
    let told = |(first, last): (SessionRow, SessionRow)| {
        json!({
            "device": last.device, "created_at": last.begun_at.unwrap_or(first.created_at), "last_seen_at": last.created_at,
            "expires_at": last.expires_at, "ended_at": last.ended_at,
        })
    };
    chains.into_iter().map(told).collect()
}

/// A file; its name was never stored, and its bytes are in the file store under its id.
fn file(row: &AttachmentRow) -> Value {
    json!({
        "id": row.id, "kind": row.kind.as_str(), "media_type": row.media_type, "size": row.size,
        "day": row.created_at.local_date(), "state": row.state.as_str(),
    })
}

/// An answer as sent, with the person's rating and comment.
fn answer(row: &AnswerRow) -> Value {
    json!({
        "answered_at": row.answered_at, "outcome": row.outcome.as_str(), "promised_on": row.promised_on, "content": row.content,
        "score": row.score, "comment": row.comment, "rated_at": row.rated_at,
    })
}

fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<Value, ServiceError> {
    let row = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let (person, text) = (petitioners::find(connection, id)?, texts::find(connection, id)?);
    let entries = timeline::page(connection, id, false, 0, ENTRIES)?;
    // Internal notes of officers are not exported; the entries themselves are.
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|(entry, _)| (entry.note.filter(|_| entry.is_public), entry.at, entry.action, entry.status))
        .map(|(note, at, action, status)| json!({"at": at, "action": action.as_str(), "status": status.as_str(), "note": note}))
        .collect();
    let sent: Vec<Value> = answers::all_sent(connection, id)?.iter().map(answer).collect();
    let joined: Vec<Value> = files::of_petition(connection, id)?.iter().map(file).collect();
    let looks: Vec<Value> = subjects::looks(connection, id)?
        .into_iter()
        .map(|(at, occasion, purpose, username)| json!({"at": at, "occasion": occasion, "purpose": purpose, "by": username}))
        .collect();
    let messages: Vec<Value> = subjects::messages(connection, id)?
        .into_iter()
        .map(|(channel, state, at, settled)| json!({"channel": channel.as_str(), "state": state.as_str(), "at": at, "settled_at": settled}))
        .collect();
    Ok(json!({
        "code": row.code, "status": row.status.as_str(), "received_at": row.received_at, "title": text.title, "content": text.content,
        "full_name": person.full_name, "phone": person.phone, "email": person.email, "company_name": person.company_name,
        "tax_code": person.tax_code, "latitude": person.latitude, "longitude": person.longitude, "address": person.address,
        "hide_identity": person.hide_identity, "timeline": entries, "identity_looks": looks, "messages": messages,
        "answers": sent, "files": joined,
    }))
}

fn on_zalo(connection: &mut DbConnection, user: Option<&str>) -> Result<Value, ServiceError> {
    let Some(user) = user else { return Ok(json!({})) };
    let person = zalo::people::by_oa_user(connection, user)?;
    let (draft, texts) = subjects::conversation(connection, user)?;
    let person = person.map(|person| json!({"full_name": person.full_name, "phone": person.phone, "since": person.created_at}));
    Ok(json!({"oa_user_id": user, "person": person, "draft": draft, "messages": texts}))
}
