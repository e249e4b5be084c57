//! Sends one Zalo message. Enters: the recipient and the content. Leaves: a [`DeliveryReport`]. If the token is
//! rejected, it is renewed once and the message is sent again.

use super::tokens;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{DeliveryReport, ZaloChannel, ZaloResponse, ZnsNotice, code_of};
use crate::delivery::rules::AttemptOutcome;
use crate::integrations::zalo::rules::error_action::{self, ErrorAction};
use serde_json::Value;

/// A message to a person.
#[derive(Clone, PartialEq, Eq)]
pub enum ZaloMessage {
    /// A message from the Official Account.
    Message {
        /// User id at the Official Account.
        user: String,
        text: String,
    },
    /// A ZNS notification by phone number.
    Notice(ZnsNotice),
}

/// Sends a message.
pub async fn send(app: &App, channel: &ZaloChannel, dispatch: &ZaloMessage) -> Result<DeliveryReport, ServiceError> {
    let mut token = match tokens::current(app, channel).await? {
        Ok(token) => token,
        Err(lack) => return Ok(DeliveryReport::failed(AttemptOutcome::Unreached, lack)),
    };
    let first = judge(&call(channel, &token.access, dispatch).await);
    let SendVerdict::Token = first else { return Ok(first.report()) };
    token = match tokens::renew(app, channel, token.version).await? {
        Ok(token) => token,
        Err(lack) => return Ok(DeliveryReport::failed(AttemptOutcome::Unreached, lack)),
    };
    Ok(judge(&call(channel, &token.access, dispatch).await).report())
}

async fn call(channel: &ZaloChannel, access: &str, dispatch: &ZaloMessage) -> ZaloResponse {
    match dispatch {
        ZaloMessage::Message { user, text } => channel.message(access, user, text).await,
        ZaloMessage::Notice(notice) => channel.notice(access, notice).await,
    }
}

enum SendVerdict {
    Report(DeliveryReport),
    Token,
}

impl SendVerdict {
    /// Converts the result into a report. If even a new token is rejected, something else is wrong.
    fn report(self) -> DeliveryReport {
        match self {
            Self::Report(report) => report,
            Self::Token => DeliveryReport::failed(AttemptOutcome::Unreached, "the access token is refused"),
        }
    }
}

fn judge(reply: &ZaloResponse) -> SendVerdict {
    let report = match reply {
        ZaloResponse::TokenRefused => return SendVerdict::Token,
        ZaloResponse::Unreached(why) => DeliveryReport::failed(AttemptOutcome::Unreached, why.clone()),
        ZaloResponse::Uncertain(why) => DeliveryReport::failed(AttemptOutcome::Uncertain, why.clone()),
        ZaloResponse::Answered(answer) => {
            let Some(code) = code_of(answer) else {
                return SendVerdict::Report(DeliveryReport::failed(AttemptOutcome::Uncertain, "unreadable answer"));
            };
            let failed = |outcome| DeliveryReport::failed(outcome, error_action::told(code));
            match error_action::of(code) {
                ErrorAction::Accepted => DeliveryReport::delivered(reference(answer)),
                ErrorAction::RefreshToken => return SendVerdict::Token,
                ErrorAction::Retry => failed(AttemptOutcome::Unreached),
                ErrorAction::NextChannel => failed(AttemptOutcome::Refused),
                // Do not resend, not even through another channel, until an operator has looked at it.
                ErrorAction::Operator => DeliveryReport { is_gone: true, ..failed(AttemptOutcome::Unreached) },
            }
        }
    };
    SendVerdict::Report(report)
}

fn reference(answer: &Value) -> Option<String> {
    let id = ["/data/message_id", "/data/msg_id"].iter().find_map(|place| answer.pointer(place))?;
    match id {
        Value::String(text) => Some(text.chars().take(64).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
