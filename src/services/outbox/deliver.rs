//! Sending what is due: lines are claimed, prepared, sent side by side, and what happened is stored.

use super::returned::return_name;
use super::settle::{Attempt, settle};
use crate::app::App;
use crate::domain::outbox::{AttemptOutcome, OutboxChannel};
use crate::services::channels::{Letter, Post, Report};
use crate::services::error::ServiceError;
use crate::services::messages::{self, Template};
use crate::services::{directory, notifications, webhooks};
use crate::storage::DbConnection;
use crate::storage::outbox::{self, OutboxRow, Recipient};
use chrono::Duration;
use futures_util::StreamExt;

/// Lines that one round takes at most.
const BATCH: i64 = 64;
/// Lines that are on their way at the same time.
const AT_ONCE: usize = 8;

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Lines that were taken in hand.
    pub taken: usize,
    /// Attempts that the other side took.
    pub delivered: usize,
}

/// What one line needs, read before anything is sent.
enum Parcel {
    /// For a person by e-mail.
    Letter(Box<Letter>),
    /// For another system.
    Post(Box<Post>),
    /// For somebody who looks into the application.
    InApp,
    /// There is no way on this channel.
    Nothing(&'static str),
}

/// Sends lines whose turn has come, one batch of them.
///
/// # Errors
/// Those of the database; lines in hand then come back when their time is over.
pub async fn deliver_due(app: &App, holder: &str) -> Result<Delivered, ServiceError> {
    let now = app.now();
    let until = now.plus(Duration::seconds(i64::from(app.config.delivery_hold_seconds)));
    let mine = holder.to_owned();
    let lines =
        app.db.write(move |connection| Ok::<_, ServiceError>(outbox::claim(connection, &mine, now, until, BATCH)?)).await?;
    let taken = lines.len();
    let settled: Vec<Result<bool, ServiceError>> =
        futures_util::stream::iter(lines).map(|line| deliver(app, holder, line)).buffer_unordered(AT_ONCE).collect().await;
    let mut delivered = 0;
    for outcome in settled {
        delivered += usize::from(outcome?);
    }
    Ok(Delivered { taken, delivered })
}

/// Gives back what this instance still has in hand; the next one need not wait for it.
///
/// # Errors
/// Only those of the database.
pub async fn release(app: &App, holder: &str) -> Result<usize, ServiceError> {
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(outbox::release(connection, &holder)?)).await
}

/// One attempt; true when the other side took it.
async fn deliver(app: &App, holder: &str, line: OutboxRow) -> Result<bool, ServiceError> {
    let parcel = pack(app, &line).await?;
    let report = send(app, parcel).await;
    let is_delivered = report.outcome == AttemptOutcome::Delivered;
    let attempt = Attempt { line, report, at: app.now(), bits: app.entropy.bits(), retry_seconds: app.config.retry_seconds };
    settle(app, holder, attempt).await?;
    Ok(is_delivered)
}

async fn send(app: &App, parcel: Parcel) -> Report {
    match parcel {
        Parcel::Nothing(why) => Report::failed(AttemptOutcome::Skipped, why),
        Parcel::InApp => Report::delivered(None),
        Parcel::Post(post) => app.channels.webhook.post(*post, app.now()).await,
        Parcel::Letter(letter) => match &app.channels.email {
            Some(email) => email.send(*letter).await,
            None => Report::failed(AttemptOutcome::Skipped, "not set up"),
        },
    }
}

async fn pack(app: &App, line: &OutboxRow) -> Result<Parcel, ServiceError> {
    let (app_, line) = (app.clone(), line.clone());
    app.db
        .read(move |connection| match line.channel {
            OutboxChannel::Webhook => match webhooks::post(&app_, connection, &line)? {
                Some(post) => Ok(Parcel::Post(Box::new(post))),
                None => Ok(Parcel::Nothing("the subscription has ended")),
            },
            channel => {
                let recipient = outbox::recipient(connection, line.petition_id)?;
                for_person(&app_, connection, &line, channel, recipient)
            }
        })
        .await
}

fn for_person(
    app: &App,
    connection: &mut DbConnection,
    line: &OutboxRow,
    channel: OutboxChannel,
    recipient: Recipient,
) -> Result<Parcel, ServiceError> {
    match channel {
        OutboxChannel::InApp if recipient.account_id.is_some() => Ok(Parcel::InApp),
        OutboxChannel::Email if app.channels.email.is_some() => letter(app, connection, line, recipient),
        OutboxChannel::Email | OutboxChannel::Zalo | OutboxChannel::Zns => Ok(Parcel::Nothing("not set up")),
        OutboxChannel::InApp | OutboxChannel::Webhook => Ok(Parcel::Nothing("nobody to tell")),
    }
}

fn letter(app: &App, connection: &mut DbConnection, line: &OutboxRow, recipient: Recipient) -> Result<Parcel, ServiceError> {
    let Some(to) = recipient.email.clone() else { return Ok(Parcel::Nothing("no address")) };
    if !recipient.wants_email || notifications::is_unsubscribed(app, connection, &to)? {
        return Ok(Parcel::Nothing("not wanted"));
    }
    let directory = directory::current(app, connection)?;
    let around = messages::Surroundings {
        directory: &directory,
        reply_days: app.config.no_reply_days,
        reopen_days: app.config.close_after_days,
        public_url: app.config.public_url.as_deref(),
        lang: recipient.lang,
    };
    let event = (line.petition_id, line.sequence);
    let (action, facts) = messages::facts(connection, &around, event, recipient.full_name.clone())?;
    let unsubscribe = notifications::unsubscribe_link(app, line.petition_id);
    let filled = app.templates.fill(Template::of(action), recipient.lang, &facts, unsubscribe.as_deref());
    let message = match filled {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(%error, "a template cannot be filled");
            return Err(ServiceError::Internal("a template cannot be filled"));
        }
    };
    let (key, return_name) = (line.key.clone(), return_name(&app.seal, &line.key));
    Ok(Parcel::Letter(Box::new(Letter { to, name: recipient.full_name, message, key, return_name, unsubscribe })))
}
