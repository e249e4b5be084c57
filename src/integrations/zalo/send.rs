//! Sending one message: enters to whom and what, leaves a [`Report`]. A token that is refused is exchanged once, and the message sent
//! once more.

use super::tokens;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::{Notice, Reply, Report, ZaloChannel, code_of};
use crate::delivery::rules::AttemptOutcome;
use crate::integrations::zalo::rules::verdict::{self, Verdict};
use serde_json::Value;

/// Something on its way to a person.
#[derive(Clone, PartialEq, Eq)]
pub enum Dispatch {
    /// A message of the Official Account.
    Message {
        /// To whom.
        user: String,
        /// What.
        text: String,
    },
    /// A notice by phone number.
    Notice(Notice),
}

/// Sends it.
///
/// # Errors
/// Only those of the database.
pub async fn send(app: &App, channel: &ZaloChannel, dispatch: &Dispatch) -> Result<Report, ServiceError> {
    let mut token = match tokens::current(app, channel).await? {
        Ok(token) => token,
        Err(lack) => return Ok(Report::failed(AttemptOutcome::Unreached, lack)),
    };
    let first = judge(&call(channel, &token.access, dispatch).await);
    let Judged::Token = first else { return Ok(first.report()) };
    token = match tokens::renew(app, channel, token.version).await? {
        Ok(token) => token,
        Err(lack) => return Ok(Report::failed(AttemptOutcome::Unreached, lack)),
    };
    Ok(judge(&call(channel, &token.access, dispatch).await).report())
}

async fn call(channel: &ZaloChannel, access: &str, dispatch: &Dispatch) -> Reply {
    match dispatch {
        Dispatch::Message { user, text } => channel.message(access, user, text).await,
        Dispatch::Notice(notice) => channel.notice(access, notice).await,
    }
}

enum Judged {
    Report(Report),
    Token,
}

impl Judged {
    /// A token that is refused although it is new says that something else is wrong.
    fn report(self) -> Report {
        match self {
            Self::Report(report) => report,
            Self::Token => Report::failed(AttemptOutcome::Unreached, "the access token is refused"),
        }
    }
}

fn judge(reply: &Reply) -> Judged {
    let report = match reply {
        Reply::TokenRefused => return Judged::Token,
        Reply::Unreached(why) => Report::failed(AttemptOutcome::Unreached, why.clone()),
        Reply::Uncertain(why) => Report::failed(AttemptOutcome::Uncertain, why.clone()),
        Reply::Said(answer) => {
            let Some(code) = code_of(answer) else {
                return Judged::Report(Report::failed(AttemptOutcome::Uncertain, "unreadable answer"));
            };
            let failed = |outcome| Report::failed(outcome, verdict::told(code));
            match verdict::of(code) {
                Verdict::Taken => Report::delivered(reference(answer)),
                Verdict::Token => return Judged::Token,
                Verdict::Later => failed(AttemptOutcome::Unreached),
                Verdict::NextChannel => failed(AttemptOutcome::Refused),
                // Nothing is sent again, and by no other channel, until somebody has looked at it.
                Verdict::Operator => Report { is_gone: true, ..failed(AttemptOutcome::Unreached) },
            }
        }
    };
    Judged::Report(report)
}

fn reference(answer: &Value) -> Option<String> {
    let id = ["/data/message_id", "/data/msg_id"].iter().find_map(|place| answer.pointer(place))?;
    match id {
        Value::String(text) => Some(text.chars().take(64).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
