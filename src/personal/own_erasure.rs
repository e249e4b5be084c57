//! Immediate erasure of an account by its holder, with the same effect as erasure by the operator.
//!
//! Requires proof that the caller owns the account; leaves an empty account without sessions. Open petitions
//! continue without the person, because the reported problem still exists: nobody is notified of the answer,
//! and questions to the petitioner stay unanswered. To end a petition, the petitioner withdraws it first. Rule:
//! petitions of other accounts with the same contact stay with those accounts.

use super::anonymise::{ErasureCause, remove_person};
use super::subject::{ErasureRest, add_account, add_contacts, of_guests};
use crate::accounts::store::{profiles, sessions};
use crate::accounts::{OwnAccount, Reauthentication, reauthenticate};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::db::vault::{self, LookupKind};
use crate::kernel::Instant;
use crate::kernel::account::{AccountKind, AccountState, ContactKind};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::AccountId;
use crate::personal::store::subjects;
use crate::petitions::rules::Status;
use crate::petitions::store::state;
use serde::Serialize;
use utoipa::ToSchema;

/// An open petition of somebody who is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrphanedPetition {
    /// Its code.
    #[schema(example = "BN26-7K3QX9-C")]
    pub code: String,
    /// How it stands.
    pub status: Status,
    /// What becomes of it.
    #[schema(example = "continues_without_person")]
    pub outcome: &'static str,
}

/// What erasing has done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct OwnErasure {
    /// From how many petitions the person was taken out.
    pub petitions: usize,
    /// Those of them that are open.
    pub open_petitions: Vec<OrphanedPetition>,
}

/// Erases the caller's own account.
///
/// # Errors
/// [`ErrorCode::OfficerMayNotDelete`] for officers; those of the ownership proof.
pub async fn erase_own(
    app: &App,
    own: &OwnAccount,
    visitor: &ClientInfo,
    proof: Reauthentication<'_>,
) -> Result<OwnErasure, ServiceError> {
    if own.actor.kind == AccountKind::Officer {
        return Err(ErrorCode::OfficerMayNotDelete.into());
    }
    reauthenticate(app, own, visitor, proof).await?;
    let (id, now) = (own.actor.account_id, app.now());
    let erased = audit::transaction(app, &AuditActor::system(), move |connection| forget(connection, id, now)).await?;
    let (erased, rest) = erased;
    rest.remove_files(app).await?;
    // Searches all data, so the response does not wait for it.
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = rest.remove_traces(&app).await {
            tracing::warn!(%error, "erasure incomplete, run `pakn subject erase`");
        }
    });
    tracing::info!(account = %id, "account erased by its owner");
    Ok(erased)
}

/// The result, the remaining work, and the audit event.
type ErasureResult = ((OwnErasure, ErasureRest), AuditEvent);

/// Erases the account in the database.
fn forget(connection: &mut DbConnection, id: AccountId, now: Instant) -> Result<ErasureResult, ServiceError> {
    let account = profiles::find(connection, id)?;
    if account.state != AccountState::Active {
        return Ok(((OwnErasure::default(), ErasureRest::default()), AuditEvent::none()));
    }
    let mut rest = ErasureRest::default();
    let (phone, email) = (account.proven(ContactKind::Phone), account.proven(ContactKind::Email));
    let mut petitions = subjects::petitions_of(connection, id)?;
    for (lookup, value) in [(LookupKind::Phone, phone), (LookupKind::Email, email)] {
        let Some(value) = value else { continue };
        petitions.extend(of_guests(connection, &vault::hashes(lookup, value)?)?);
        if lookup == LookupKind::Email {
            subjects::forget_address(connection, &vault::hashes(lookup, value)?)?;
        }
    }
    petitions.sort_unstable();
    petitions.dedup();
    let mut done = OwnErasure::default();
    add_contacts(&mut rest.contacts, phone, email);
    let mut known = rest.contacts.clone();
    account.personal_id.iter().for_each(|id| rest.contacts.number(id));
    add_account(&mut known, &account);
    add_account(&mut rest.known, &account);
    for petition in petitions {
        let Some(row) = state::find_for_change(connection, petition)? else { continue };
        rest.codes.push(row.code.clone());
        if let Some(files) = remove_person(connection, &AuditActor::system(), &row, (ErasureCause::Erasure, &known), now)? {
            done.petitions += 1;
            rest.files.extend(files);
        }
        if row.status.is_open() {
            done.open_petitions.push(OrphanedPetition {
                code: row.code,
                status: row.status,
                outcome: "continues_without_person",
            });
        }
    }
    let people = subjects::on_zalo(connection, Some(id), phone)?;
    for (person, user) in &people {
        subjects::forget_on_zalo(connection, Some(*person), user.as_deref())?;
    }
    sessions::end_all(connection, id, None, now)?;
    let (loose, uploads) = subjects::loose_files(connection, id)?;
    rest.files.extend(loose);
    rest.uploads = uploads;
    subjects::empty_account(connection, id)?;
    let event = AuditEvent::new("erase_own_account", "account", id)
        .with_json("petitions", &done.petitions)
        .with_json("open_petitions", &done.open_petitions.len())
        .with_json("zalo", &people.len());
    Ok(((done, rest), event))
}
