//! What the holder of an account is told about the account itself: the link for a forgotten password.
//!
//! Enters a line without a petition, leaves what is to be sent. Rules kept here: it goes out whatever somebody wants to hear about petitions,
//! only by ways that are theirs alone (a conversation on Zalo, their e-mail), and no more once the link is of no use.

use super::deliver::{Parcel, filled};
use super::returned::return_name;
use crate::app::App;
use crate::domain::outbox::OutboxChannel;
use crate::domain::zalo::speech;
use crate::services::accounts;
use crate::services::channels::Letter;
use crate::services::error::ServiceError;
use crate::services::messages::{self, Template};
use crate::services::zalo::send::Dispatch;
use crate::storage::DbConnection;
use crate::storage::accounts::resets;
use crate::storage::outbox::{self, OutboxRow};

/// What is to be sent for a line about an account.
pub(super) fn for_holder(app: &App, connection: &mut DbConnection, line: &OutboxRow) -> Result<Parcel, ServiceError> {
    let reset = match line.password_reset_id {
        Some(id) => resets::find(connection, id)?,
        None => None,
    };
    let Some(reset) = reset else { return Ok(Parcel::Nothing("about nothing")) };
    let Some(link) = accounts::reset_link(app, &reset) else { return Ok(Parcel::Nothing("the link is of no use")) };
    let recipient = outbox::recipient_of_account(connection, reset.account_id)?;
    let lang = recipient.lang;
    let facts = messages::reset_facts(recipient.full_name.clone(), link, (reset.begun_at, accounts::LINK_MINUTES), lang);
    let message = filled(app, Template::PasswordReset, lang, &facts, None)?;
    Ok(match (line.channel, recipient.zalo_user, recipient.email) {
        (OutboxChannel::Zalo, Some(user), _) if app.channels.zalo.is_some() => {
            Parcel::Zalo(Box::new(Dispatch::Message { user, text: speech::fitting(&message.text) }))
        }
        (OutboxChannel::Email, _, Some(to)) if app.channels.email.is_some() => {
            let (key, return_name) = (line.key.clone(), return_name(&app.seal, &line.key));
            Parcel::Letter(Box::new(Letter { to, name: recipient.full_name, message, key, return_name, unsubscribe: None }))
        }
        _ => Parcel::Nothing("no way on this channel"),
    })
}
