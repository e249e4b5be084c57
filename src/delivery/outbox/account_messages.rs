//! Messages about an account itself: the password-reset link, the code that verifies a contact, and change notices.
//!
//! Enters: an outbox row without a petition. Leaves: the [`Envelope`] to send. Rules: these messages ignore the
//! contact preferences. A reset link goes only through channels that belong to the account holder (Zalo conversation,
//! own e-mail), and not once it is used or expired. A code goes only to the contact it verifies. A contact that is
//! unverified or no longer belongs to the account gets no name and no other user-supplied text, because a stranger
//! may read it.

use super::bounce::bounce_name;
use super::deliver::{Envelope, filled};
use crate::accounts;
use crate::accounts::store::{messages as stored, password_resets, unverified_contacts};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{EmailMessage, SmsMessage, ZnsNotice};
use crate::delivery::messages::{self, Template};
use crate::delivery::rules::OutboxChannel;
use crate::delivery::store::outbox::{self, OutboxRow};
use crate::integrations::zalo::rules::phrases;
use crate::integrations::zalo::send::ZaloMessage;
use crate::kernel::account::{AccountMessageKind, ContactKind};
use crate::kernel::ids::AccountMessageId;
use serde_json::json;

/// Returns the message to send for a row about an account.
pub(super) fn for_holder(app: &App, connection: &mut DbConnection, line: &OutboxRow) -> Result<Envelope, ServiceError> {
    if let Some(id) = line.account_message_id {
        return message(app, connection, line, id);
    }
    let reset = match line.password_reset_id {
        Some(id) => password_resets::find(connection, id)?,
        None => None,
    };
    let Some(reset) = reset else { return Ok(Envelope::Nothing("about nothing")) };
    let Some(link) = accounts::reset_link(app, &reset) else { return Ok(Envelope::Nothing("the link is of no use")) };
    let recipient = outbox::recipient_of_account(connection, reset.account_id)?;
    let lang = recipient.lang;
    let is_theirs = match (line.channel, &recipient.email) {
        (OutboxChannel::Email, Some(to)) => accounts::is_proven(connection, reset.account_id, ContactKind::Email, to)?,
        _ => true,
    };
    let name = recipient.full_name.filter(|_| is_theirs);
    let facts = messages::reset_facts(name.clone(), link, (reset.begun_at, accounts::LINK_MINUTES), lang);
    let message = filled(app, Template::PasswordReset, lang, &facts, None)?;
    Ok(match (line.channel, recipient.zalo_user, recipient.email) {
        (OutboxChannel::Zalo, Some(user), _) if app.channels.zalo.is_some() => {
            Envelope::Zalo(Box::new(ZaloMessage::Message { user, text: phrases::fitting(&message.text) }))
        }
        (OutboxChannel::Email, _, Some(to)) if app.channels.email.is_some() => {
            let (key, return_name) = (line.key.clone(), bounce_name(&app.seal, &line.key));
            Envelope::Email(Box::new(EmailMessage { to, name, message, key, return_name, unsubscribe: None }))
        }
        _ => Envelope::Nothing("no way on this channel"),
    })
}

fn message(app: &App, connection: &mut DbConnection, line: &OutboxRow, id: AccountMessageId) -> Result<Envelope, ServiceError> {
    let Some(row) = stored::find(connection, id)? else { return Ok(Envelope::Nothing("about nothing")) };
    let recipient = outbox::recipient_of_account(connection, row.account_id)?;
    let contact = accounts::contact_of(app, &row);
    let is_theirs = match &contact {
        Some((kind, value)) => accounts::is_proven(connection, row.account_id, *kind, value)?,
        None => true,
    };
    // A code goes to an unproven contact chosen by the requester, possibly a stranger; it never contains the name,
    // even if the contact is verified by now.
    let name = recipient.full_name.filter(|_| is_theirs && row.kind != AccountMessageKind::ContactCode);
    let lang = recipient.lang;
    let template = match row.kind {
        AccountMessageKind::ContactCode => Template::ContactCode,
        AccountMessageKind::AccountChanged => Template::AccountChanged,
    };
    let facts = match row.kind {
        AccountMessageKind::ContactCode => {
            let claims = unverified_contacts::of_account(connection, row.account_id)?;
            let is_newest = claims.iter().any(|claim| claim.message_id == Some(id));
            let Some(code) = accounts::code_of(app, &row).filter(|_| is_newest) else {
                return Ok(Envelope::Nothing("the code is of no use"));
            };
            messages::code_facts(name.clone(), code, (row.created_at, accounts::CODE_MINUTES), lang)
        }
        AccountMessageKind::AccountChanged => {
            let Ok(change) = row.subject.parse() else { return Ok(Envelope::Nothing("about nothing")) };
            messages::change_facts(name.clone(), change, row.created_at, lang)
        }
    };
    let message = filled(app, template, lang, &facts, None)?;
    let key = line.key.clone();
    Ok(match (line.channel, contact) {
        (OutboxChannel::Email, Some((ContactKind::Email, to))) => {
            let return_name = bounce_name(&app.seal, &line.key);
            Envelope::Email(Box::new(EmailMessage { to, name, message, key, return_name, unsubscribe: None }))
        }
        // The subject says everything in one line.
        (OutboxChannel::Sms, Some((ContactKind::Phone, to))) => Envelope::Sms(SmsMessage { to, text: message.subject, key }),
        (OutboxChannel::Zns, Some((ContactKind::Phone, phone))) => {
            let number = app.channels.zalo.as_ref().and_then(|zalo| zalo.settings.templates.get(template.as_str()));
            let Some(number) = number else { return Ok(Envelope::Nothing("no template")) };
            let data = json!({"code": facts.code, "minutes": facts.minutes, "at": facts.at});
            Envelope::Zalo(Box::new(ZaloMessage::Notice(ZnsNotice { phone, template: number.clone(), data, tracking: key })))
        }
        (OutboxChannel::Zalo, None) => match recipient.zalo_user.filter(|_| row.contact_kind.is_none()) {
            Some(user) => Envelope::Zalo(Box::new(ZaloMessage::Message { user, text: phrases::fitting(&message.text) })),
            None => Envelope::Nothing("no address"),
        },
        _ => Envelope::Nothing("no way on this channel"),
    })
}
