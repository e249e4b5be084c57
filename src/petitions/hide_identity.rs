//! Showing or hiding the petitioner's identity from the handling agency, as often as the petitioner likes.
//!
//! Consent may be given later and withdrawn at any time (Luật 91/2025/QH15 on personal data). Past accesses stay in the
//! access log; an agency that holds the petition later sees the person only while the consent stands.

use super::step::on_petition;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience};
use crate::petitions::store::petitioners;

/// Hides the petitioner's identity from the handling agency, or shows it.
///
/// # Errors
/// [`ErrorCode::WrongState`] when it already is so, or when the petition was refused, withdrawn or merged; otherwise
/// see [`on_petition`].
pub async fn hide_identity(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    version: Option<i32>,
    hides: bool,
) -> Result<PetitionId, ServiceError> {
    let action = if hides { Action::HideIdentity } else { Action::ShowIdentity };
    on_petition(app, caller, code, version, action, move |step| {
        let id = step.petition.id;
        if petitioners::hides(step.connection, id)? == hides {
            return Err(ErrorCode::WrongState.into());
        }
        if step.petition.agency_id.is_some() {
            step.entry.notify.push(Audience::Agency);
        }
        Ok(petitioners::set_hides(step.connection, id, hides)?)
    })
    .await
}
