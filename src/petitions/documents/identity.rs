//! The petitioner's identity, shown to those who handle the petition unless hidden; each access is logged.

use super::read::in_register_of;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::account::{Actor, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{DocumentId, PetitionId};
use crate::petitions::read::visible;
use crate::petitions::rules::PetitionerKind;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::store::{self, PetitionRow, petitioners};
use serde::Serialize;
use utoipa::ToSchema;

/// The person or business behind a petition, and the exact place.
#[derive(Clone, Serialize, ToSchema)]
pub struct IdentityView {
    /// Person or business.
    pub kind: PetitionerKind,
    /// Name.
    pub full_name: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Tax code of the business.
    pub tax_code: Option<String>,
    /// Exact degrees north.
    pub latitude: Option<f64>,
    /// Exact degrees east.
    pub longitude: Option<f64>,
    /// Street or hamlet.
    pub address: Option<String>,
}

/// Returns the identity for an officer of the holding agency.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`]; [`ErrorCode::IdentityHidden`] when the petitioner wants to stay unknown, or when the
/// agency no longer holds the petition.
pub async fn of_document(app: &App, actor: &Actor, id: DocumentId, purpose: LookPurpose) -> Result<IdentityView, ServiceError> {
    let (actor, by, now) = (actor.clone(), AuditActor::account(actor), app.now());
    app.db
        .write(move |connection| {
            let document = in_register_of(connection, &actor, id)?;
            let petition = store::state::find(connection, document.petition_id)?.ok_or(ErrorCode::DocumentNotFound)?;
            if petition.agency_id != actor.agency_id {
                return Err(ErrorCode::IdentityHidden.into());
            }
            let event = AuditEvent::new("read_document_petitioner", "petition", &petition.code).with("document", id.0);
            look(connection, &petition, (&actor, &by), false, ("document", purpose, event), now)
        })
        .await
}

/// Returns the identity for the coordinator, who must be able to contact people even if they hide from the agency.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`].
pub async fn of_petition(
    app: &App,
    actor: &Actor,
    code: &PetitionCode,
    purpose: LookPurpose,
) -> Result<IdentityView, ServiceError> {
    let (actor, by, code, now) = (actor.clone(), AuditActor::account(actor), code.clone(), app.now());
    app.db
        .write(move |connection| {
            let (petition, _) = visible(connection, &Caller::account(actor.clone()), &code)?;
            if !actor.has(Role::Coordinator) {
                return Err(ErrorCode::RoleMissing.into());
            }
            let event = AuditEvent::new("read_coordination_petitioner", "petition", &petition.code);
            look(connection, &petition, (&actor, &by), true, ("coordination", purpose, event), now)
        })
        .await
}

fn look(
    connection: &mut DbConnection,
    petition: &PetitionRow,
    (actor, by): (&Actor, &AuditActor),
    even_hidden: bool,
    occasion: (&str, LookPurpose, AuditEvent),
    now: Instant,
) -> Result<IdentityView, ServiceError> {
    let id: PetitionId = petition.id;
    let person = petitioners::find(connection, id)?;
    if person.hide_identity && !even_hidden {
        return Err(ErrorCode::IdentityHidden.into());
    }
    crate::petitions::identity_access::log_access(connection, by, petition, actor.account_id, now, occasion)?;
    Ok(IdentityView {
        kind: petition.petitioner_kind,
        full_name: person.full_name,
        phone: person.phone,
        email: person.email,
        company_name: person.company_name,
        tax_code: person.tax_code,
        latitude: person.latitude,
        longitude: person.longitude,
        address: person.address,
    })
}
