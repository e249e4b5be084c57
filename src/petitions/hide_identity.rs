//! The petitioner lets the handling agency learn who it is, or hides again, as often as they like.
//!
//! Consent may be given later and taken back at any time (Luật 91/2025/QH15 on personal data); looks that were allowed stay in the
//! record of looks, and an agency that holds the petition later sees the person only while the consent stands.

use super::step::on_petition;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Action, Audience};
use crate::petitions::store::petitioners;

/// Hides the person behind a petition from the agency that handles it, or shows it.
///
/// # Errors
/// [`ErrorCode::WrongState`] when it already is so, or when the petition was refused, withdrawn or merged; otherwise see [`on_petition`].
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
