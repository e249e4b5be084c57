//! Filing on behalf of another system: the same checks and the same storage as for everybody, under the partner's own
//! id for the petition.
//!
//! Rule: one partner id stands for one petition for ever; it is stored in the transaction of the filing.

use crate::app::App;
use crate::db::idempotency::IdempotentResponse;
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, DbConnection, StorageError};
use crate::directory;
use crate::integrations::partner_api::store::{self as partners, PartnerPetitionRow};
use crate::kernel::error_code::ErrorCode;
use crate::petitions::decision::{PreparedDecision, checked};
use crate::petitions::event::FilingOrigin;
use crate::petitions::file::{CODE_ATTEMPTS, Receipt, receipt, salt, store, tracking_token};
use crate::petitions::filing::PetitionForm;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::timeline::Author;
use crate::petitions::store::{documents, state};
use chrono::Datelike;

/// Files a petition under the partner's id; the same id with the same content returns the existing petition.
///
/// # Errors
/// Every violated field rule, [`PartnerIdReused`](crate::kernel::error_code::ErrorCode::PartnerIdReused) when the id
/// was used with other content.
pub async fn file_for_partner(
    app: &App,
    form: &PetitionForm,
    name: &PartnerPetitionRow,
) -> Result<IdempotentResponse<Receipt>, ServiceError> {
    let filing = checked(app, form, None).await?;
    let mut attempts = CODE_ATTEMPTS;
    loop {
        let now = app.now();
        let code = PetitionCode::new(now.local_date().year(), app.entropy.bits());
        let salt = salt(app.entropy.as_ref());
        let decided = PreparedDecision::ahead(app, &filing, now);
        let (app_, filing, name) = (app.clone(), filing.clone(), name.clone());
        let outcome = app
            .db
            .write_queued(decided.agency(), move |connection| {
                if let Some(known) = partners::petition(connection, &name.partner, &name.partner_id)? {
                    return again(&app_, connection, &known, &name.body_hash);
                }
                let author = Author::petitioner(None);
                let token = tracking_token(&salt, None);
                let parts = (&filing, &decided);
                let body = store(&app_, connection, parts, &code, (author, None, Some(&token)), Some(origin_of(&name)), now)?;
                Ok(IdempotentResponse { body, salt: salt.clone(), is_repeated: false })
            })
            .await;
        match outcome {
            // Another instance drew the same code, or filed the same petition concurrently.
            Err(ServiceError::Storage(StorageError::Conflict(Constraint::PetitionCode | Constraint::PartnerPetition)))
                if attempts > 1 =>
            {
                attempts -= 1;
            }
            outcome => return outcome,
        }
    }
}

fn origin_of(name: &PartnerPetitionRow) -> FilingOrigin {
    FilingOrigin::Partner {
        partner: name.partner.clone(),
        partner_id: name.partner_id.clone(),
        body_hash: name.body_hash.clone(),
    }
}

/// Returns the current receipt of a petition the partner filed before.
fn again(
    app: &App,
    connection: &mut DbConnection,
    known: &PartnerPetitionRow,
    body_hash: &str,
) -> Result<IdempotentResponse<Receipt>, ServiceError> {
    if !partners::are_same(&known.body_hash, body_hash) {
        return Err(ErrorCode::PartnerIdReused.into());
    }
    let directory = directory::current(app, connection)?;
    let petition = state::find(connection, known.petition_id)?.ok_or(StorageError::Missing)?;
    let document = documents::state::newest_of(connection, petition.id)?;
    let body = receipt(&directory, &petition, document.as_ref());
    Ok(IdempotentResponse { body, salt: String::new(), is_repeated: true })
}
