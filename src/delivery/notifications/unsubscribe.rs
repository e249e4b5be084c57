//! Ending all letters to an address with one click (RFC 8058): the link in a letter is sealed and needs no sign-in.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::store::{contacts, outbox};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::PetitionId;

const LINK: &str = "unsubscribe";
const ADDRESS: &str = "unsubscribed address";

/// The link in letters about a petition; none where the settings do not say how people reach the product.
#[must_use]
pub fn unsubscribe_link(app: &App, petition: PetitionId) -> Option<String> {
    let seal = app.seal.of(LINK, &petition.to_string());
    Some(format!("{}/api/v1/unsubscribe/{petition}.{seal}", app.config.public_url.as_ref()?))
}

/// Whether letters to an address are not wanted.
pub fn is_unsubscribed(app: &App, connection: &mut DbConnection, address: &str) -> Result<bool, ServiceError> {
    Ok(contacts::is_unsubscribed(connection, address, &app.seal.all(ADDRESS, address).collect::<Vec<_>>())?)
}

/// Ends all letters to the address behind a link; twice is once.
///
/// # Errors
/// [`ErrorCode::LinkInvalid`] for a link that is none of ours.
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

/// The petition of a link.
fn petition_of(app: &App, link: &str) -> Result<PetitionId, ServiceError> {
    let (petition, seal) = link.split_once('.').ok_or(ErrorCode::LinkInvalid)?;
    if !app.seal.fits(LINK, petition, seal) {
        return Err(ErrorCode::LinkInvalid.into());
    }
    Ok(PetitionId(petition.parse().map_err(|_| ErrorCode::LinkInvalid)?))
}
