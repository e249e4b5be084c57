//! One-click unsubscribe (RFC 8058): the link in an e-mail is sealed and needs no sign-in.
//!
//! Enters: the link. Rule: it ends all e-mail to the address, not only those about one petition.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::store::{contacts, outbox};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;

const LINK: &str = "unsubscribe";
const ADDRESS: &str = "unsubscribed address";

/// Returns the unsubscribe link for e-mails about a petition; `None` without a configured public URL.
#[must_use]
pub fn unsubscribe_link(app: &App, petition: PetitionId) -> Option<String> {
    let seal = app.seal.of(LINK, &petition.to_string());
    Some(format!("{}/api/v1/unsubscribe/{petition}.{seal}", app.config.public_url.as_ref()?))
}

/// Returns whether an address has unsubscribed.
pub fn is_unsubscribed(app: &App, connection: &mut DbConnection, address: &str) -> Result<bool, ServiceError> {
    Ok(contacts::is_unsubscribed(connection, address, &app.seal.all(ADDRESS, address).collect::<Vec<_>>())?)
}

/// Unsubscribes the address behind a link; idempotent.
///
/// # Errors
/// [`ErrorCode::LinkInvalid`] for a link this application did not issue.
pub async fn unsubscribe(app: &App, link: &str) -> Result<(), ServiceError> {
    let petition = petition_of(app, link)?;
    let now = app.now();
    app.db
        .write(move |connection| {
            if let Some(email) = outbox::recipient(connection, petition)?.email {
                contacts::unsubscribe(connection, &email, now)?;
            }
            Ok(())
        })
        .await
}

fn petition_of(app: &App, link: &str) -> Result<PetitionId, ServiceError> {
    let (petition, seal) = link.split_once('.').ok_or(ErrorCode::LinkInvalid)?;
    if !app.seal.fits(LINK, petition, seal) {
        return Err(ErrorCode::LinkInvalid.into());
    }
    Ok(PetitionId(petition.parse().map_err(|_| ErrorCode::LinkInvalid)?))
}
