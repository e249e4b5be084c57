//! Sending what is due: lines are claimed, prepared, sent side by side, and what happened is stored.
//!
//! Rule: each way has a round of its own ([`Lane`], [`super::receivers`]), so that a slow one holds up no other.

use super::about_account::for_holder;
use super::receivers::{deliver_to, receivers_due};
use super::returned::return_name;
use super::settle::{Attempt, settle};
use crate::app::App;
use crate::domain::ids::{OutboxId, PetitionId};
use crate::domain::outbox::{AttemptOutcome, OutboxChannel};
use crate::domain::zalo::speech;
use crate::domain::{Instant, Lang};
use crate::services::channels::{Letter, Notice, Post, Report};
use crate::services::error::ServiceError;
use crate::services::messages::{self, Facts, Message, Template};
use crate::services::zalo::send::Dispatch;
use crate::services::{directory, notifications, webhooks, zalo};
use crate::storage::DbConnection;
use crate::storage::outbox::{self, OutboxRow, Recipient};
use chrono::Duration;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::json;

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
pub(super) enum Parcel {
    /// For a person by e-mail.
    Letter(Box<Letter>),
    /// For another system.
    Post(Box<Post>),
    /// For a person on Zalo.
    Zalo(Box<Dispatch>),
    /// For somebody who looks into the application.
    InApp,
    /// There is no way on this channel.
    Nothing(&'static str),
}

/// Ways to people that do not wait for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Messages and notices on Zalo.
    Zalo,
    /// Letters.
    Letters,
    /// What stays in the application.
    InApp,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 3] = [Self::Zalo, Self::Letters, Self::InApp];

    const fn channels(self) -> &'static [OutboxChannel] {
        match self {
            Self::Zalo => &[OutboxChannel::Zalo, OutboxChannel::Zns],
            Self::Letters => &[OutboxChannel::Email],
            Self::InApp => &[OutboxChannel::InApp],
        }
    }
}

/// What became of one attempt.
pub(super) struct Done {
    /// Whether the other side took it.
    pub is_delivered: bool,
    /// Where the other side did not answer in time: when this line is tried again.
    pub silent_until: Option<Instant>,
}

/// Sends everything whose turn has come, by every way at once: one batch for people, and to other systems until nothing is due.
///
/// # Errors
/// Those of the database; lines in hand then come back when their time is over.
pub async fn deliver_due(app: &App, holder: &str) -> Result<Delivered, ServiceError> {
    let to_people = join_all(Lane::ALL.map(|lane| deliver_by(app, holder, lane)));
    let to_systems = async {
        let receivers = receivers_due(app).await?;
        join_all(receivers.into_iter().map(|webhook| deliver_to(app, holder, webhook, &|| false))).await.into_iter().collect()
    };
    let (to_people, to_systems): (Vec<_>, Result<Vec<Delivered>, ServiceError>) = tokio::join!(to_people, to_systems);
    let mut total = Delivered::default();
    for done in to_people.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().chain(to_systems?) {
        total.taken += done.taken;
        total.delivered += done.delivered;
    }
    Ok(total)
}

/// Sends lines for people whose turn has come on one lane, one batch of them.
///
/// # Errors
/// Those of the database; lines in hand then come back when their time is over.
pub async fn deliver_by(app: &App, holder: &str, lane: Lane) -> Result<Delivered, ServiceError> {
    let now = app.now();
    let until = now.plus(Duration::seconds(i64::from(app.config.delivery_hold_seconds)));
    let mine = holder.to_owned();
    let claim = move |connection: &mut DbConnection| {
        Ok::<_, ServiceError>(outbox::claim(connection, lane.channels(), &mine, (now, until), BATCH)?)
    };
    let lines = app.db.write(claim).await?;
    let taken = lines.len();
    let sent = futures_util::stream::iter(lines).map(|line| deliver(app, holder, line));
    let sent: Vec<Result<Done, ServiceError>> = sent.buffer_unordered(AT_ONCE).collect().await;
    let mut delivered = 0;
    for done in sent {
        delivered += usize::from(done?.is_delivered);
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

/// One attempt.
pub(super) async fn deliver(app: &App, holder: &str, line: OutboxRow) -> Result<Done, ServiceError> {
    let report = if line.is_uncertain && !line.channel.knows_repetitions() {
        Report::failed(AttemptOutcome::Uncertain, "an instance was killed while it sent this")
    } else {
        let parcel = pack(app, &line).await?;
        if matches!(parcel, Parcel::Zalo(_)) && !set_out(app, holder, line.id).await? {
            return Ok(Done { is_delivered: false, silent_until: None });
        }
        send(app, parcel).await?
    };
    let (is_delivered, is_silent) = (report.outcome == AttemptOutcome::Delivered, report.is_silent);
    let attempt = Attempt { line, report, at: app.now(), bits: app.entropy.bits(), retry_seconds: app.config.retry_seconds };
    let after = settle(app, holder, attempt).await?;
    Ok(Done { is_delivered, silent_until: is_silent.then_some(after.due_at) })
}

/// Notes that an attempt begins whose message nobody could tell from a second one.
async fn set_out(app: &App, holder: &str, id: OutboxId) -> Result<bool, ServiceError> {
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(outbox::set_out(connection, &holder, id)?)).await
}

async fn send(app: &App, parcel: Parcel) -> Result<Report, ServiceError> {
    Ok(match parcel {
        Parcel::Nothing(why) => Report::failed(AttemptOutcome::Skipped, why),
        Parcel::InApp => Report::delivered(None),
        Parcel::Post(post) => app.channels.webhook.post(*post, app.now()).await,
        Parcel::Letter(letter) => match &app.channels.email {
            Some(email) => email.send(*letter).await,
            None => Report::failed(AttemptOutcome::Skipped, "not set up"),
        },
        Parcel::Zalo(dispatch) => match &app.channels.zalo {
            Some(channel) => zalo::send::send(app, channel, &dispatch).await?,
            None => Report::failed(AttemptOutcome::Skipped, "not set up"),
        },
    })
}

async fn pack(app: &App, line: &OutboxRow) -> Result<Parcel, ServiceError> {
    let (app_, line) = (app.clone(), line.clone());
    app.db
        .read(move |connection| match line.channel {
            OutboxChannel::Webhook => match webhooks::post(&app_, connection, &line)? {
                Some(post) => Ok(Parcel::Post(Box::new(post))),
                None => Ok(Parcel::Nothing("the subscription has ended")),
            },
            channel => match line.petition_id {
                Some(petition) => {
                    let recipient = outbox::recipient(connection, petition)?;
                    for_person(&app_, connection, (&line, petition), channel, recipient)
                }
                None => for_holder(&app_, connection, &line),
            },
        })
        .await
}

fn for_person(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    channel: OutboxChannel,
    recipient: Recipient,
) -> Result<Parcel, ServiceError> {
    match channel {
        OutboxChannel::InApp if recipient.account_id.is_some() => Ok(Parcel::InApp),
        OutboxChannel::Email if app.channels.email.is_some() => letter(app, connection, line, recipient),
        OutboxChannel::Zalo | OutboxChannel::Zns if !recipient.wants_zalo => Ok(Parcel::Nothing("not wanted")),
        OutboxChannel::Zalo if app.channels.zalo.is_some() => message(app, connection, line, recipient),
        OutboxChannel::Zns => notice(app, connection, line, recipient),
        OutboxChannel::Email | OutboxChannel::Zalo => Ok(Parcel::Nothing("not set up")),
        OutboxChannel::InApp | OutboxChannel::Webhook => Ok(Parcel::Nothing("nobody to tell")),
    }
}

fn letter(
    app: &App,
    connection: &mut DbConnection,
    (line, petition): (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<Parcel, ServiceError> {
    let Some(to) = recipient.email.clone() else { return Ok(Parcel::Nothing("no address")) };
    if !recipient.wants_email || notifications::is_unsubscribed(app, connection, &to)? {
        return Ok(Parcel::Nothing("not wanted"));
    }
    let (template, facts) = told(app, connection, (line, petition), &recipient)?;
    let unsubscribe = notifications::unsubscribe_link(app, petition);
    let message = filled(app, template, recipient.lang, &facts, unsubscribe.as_deref())?;
    let (key, return_name) = (line.key.clone(), return_name(&app.seal, &line.key));
    Ok(Parcel::Letter(Box::new(Letter { to, name: recipient.full_name, message, key, return_name, unsubscribe })))
}

/// A message of the Official Account.
fn message(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<Parcel, ServiceError> {
    let Some(user) = recipient.zalo_user.clone() else { return Ok(Parcel::Nothing("no address")) };
    let (template, facts) = told(app, connection, line, &recipient)?;
    let mut text = filled(app, template, recipient.lang, &facts, None)?.text;
    let lang = recipient.lang;
    let what_to_do = match template {
        Template::Answered if facts.may_rate => Some(lang.pick(speech::HOW_TO_RATE, speech::HOW_TO_RATE_EN)),
        Template::Question => Some(lang.pick(speech::HOW_TO_ANSWER, speech::HOW_TO_ANSWER_EN)),
        _ => None,
    };
    if let Some(what_to_do) = what_to_do {
        text = format!("{text}\n\n{what_to_do}");
    }
    Ok(Parcel::Zalo(Box::new(Dispatch::Message { user, text: speech::fitting(&text) })))
}

/// A notice by phone number, for events that have a template at Zalo.
fn notice(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<Parcel, ServiceError> {
    let Some(channel) = &app.channels.zalo else { return Ok(Parcel::Nothing("not set up")) };
    let Some(phone) = recipient.phone.clone() else { return Ok(Parcel::Nothing("no address")) };
    let (template, facts) = told(app, connection, line, &recipient)?;
    let Some(number) = channel.settings.templates.get(template.as_str()) else { return Ok(Parcel::Nothing("no template")) };
    let agency = facts.agency.clone().unwrap_or_default();
    // The names that the province registers its templates with; no words of a petition go to a phone number that nobody has proven.
    let data = json!({"code": facts.code, "agency": agency, "due_at": facts.due_at, "at": facts.at});
    let notice = Notice { phone, template: number.clone(), data, tracking: line.0.key.clone() };
    Ok(Parcel::Zalo(Box::new(Dispatch::Notice(notice))))
}

/// Which template tells of an event, and with which facts.
fn told(
    app: &App,
    connection: &mut DbConnection,
    (line, petition): (&OutboxRow, PetitionId),
    recipient: &Recipient,
) -> Result<(Template, Facts), ServiceError> {
    let directory = directory::current(app, connection)?;
    let around = messages::Surroundings {
        directory: &directory,
        reply_days: app.config.no_reply_days,
        reopen_days: app.config.close_after_days,
        public_url: app.config.public_url.as_deref(),
        lang: recipient.lang,
    };
    let event = (petition, line.sequence);
    let (action, facts) = messages::facts(connection, &around, event, recipient.full_name.clone())?;
    Ok((Template::of(action), facts))
}

pub(super) fn filled(
    app: &App,
    template: Template,
    lang: Lang,
    facts: &Facts,
    unsubscribe: Option<&str>,
) -> Result<Message, ServiceError> {
    app.templates.fill(template, lang, facts, unsubscribe).map_err(|error| {
        tracing::error!(%error, "a template cannot be filled");
        ServiceError::Internal("a template cannot be filled")
    })
}
