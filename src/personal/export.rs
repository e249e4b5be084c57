//! Everything that is held about one person as one JSON text.
//!
//! Enters whose data are meant. Rules: only the operator does this, as with the erasure, and it is written down; of what others wrote
//! it holds what was meant for the person.

use super::subject::DataSubject;
use crate::accounts::store::profiles;
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::store as zalo;
use crate::kernel::ids::{AccountId, PetitionId};
use crate::personal::store::subjects;
use crate::petitions::store::{petitioners, state, texts, timeline};
use serde_json::{Value, json};

/// Entries of a timeline that are exported.
const ENTRIES: i64 = 10_000;

/// Everything that is held about a person; the export itself is written down.
///
/// # Errors
/// A rule on `subject` for an officer, and where accounts only claim the contact; one on `account` where the one that is named is not the
/// person's; those of the database.
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
    Ok(json!({
        "kind": account.kind.as_str(), "full_name": account.full_name, "phone": account.phone, "email": account.email,
        "personal_id": account.personal_id, "company_name": account.company_name, "tax_code": account.tax_code,
        "created_at": account.created_at,
    }))
}

fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<Value, ServiceError> {
    let row = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let (person, text) = (petitioners::find(connection, id)?, texts::find(connection, id)?);
    let entries = timeline::page(connection, id, false, 0, ENTRIES)?;
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|(entry, _)| json!({"at": entry.at, "action": entry.action.as_str(), "status": entry.status.as_str(), "note": entry.note}))
        .collect();
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
    }))
}

fn on_zalo(connection: &mut DbConnection, user: Option<&str>) -> Result<Value, ServiceError> {
    let Some(user) = user else { return Ok(json!({})) };
    let person = zalo::people::by_oa_user(connection, user)?;
    let (draft, texts) = subjects::conversation(connection, user)?;
    let person = person.map(|person| json!({"full_name": person.full_name, "phone": person.phone, "since": person.created_at}));
    Ok(json!({"oa_user_id": user, "person": person, "draft": draft, "messages": texts}))
}
