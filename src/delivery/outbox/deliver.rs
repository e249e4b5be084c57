//! Sends due outbox rows: claims them, prepares the messages, sends them concurrently and stores the results.
//!
//! Rule: each channel has its own worker loop ([`DeliveryLane`], [`super::webhook_delivery`]), so that a slow one
//! does not delay the others.

use super::account_messages::for_holder;
use super::bounce::bounce_name;
use super::contact::{MessageAddress, TOO_MANY, admit, is_confirmed};
use super::settle::{DeliveryAttempt, settle};
use super::webhook_delivery::{deliver_to, receivers_due};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError, leases};
use crate::delivery::channels::{DeliveryReport, EmailMessage, SmsMessage, WebhookRequest, ZnsNotice};
use crate::delivery::messages::{self, RenderedMessage, Template, TemplateContext};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel};
use crate::delivery::store::outbox::{self, OutboxRow, Recipient};
use crate::delivery::{notifications, webhooks};
use crate::directory;
use crate::integrations::zalo;
use crate::integrations::zalo::rules::phrases;
use crate::integrations::zalo::send::ZaloMessage;
use crate::kernel::ids::{OutboxId, PetitionId};
use crate::kernel::{Instant, Lang};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use serde_json::json;

/// Maximum rows per round.
const MOST_IN_ROUND: usize = 64;
/// Rows sent concurrently. No more are claimed, because a claim would expire while its row waits.
const AT_ONCE: usize = 8;

/// How often storing a result is retried while the database is busy.
const SETTLING_TRIES: u32 = 10;

/// Result of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliverySummary {
    /// Claimed rows.
    pub taken: usize,
    /// Successful attempts.
    pub delivered: usize,
}

/// The message for one row, loaded before anything is sent.
pub(super) enum Envelope {
    Email(Box<EmailMessage>),
    Webhook(Box<WebhookRequest>),
    Zalo(Box<ZaloMessage>),
    Sms(SmsMessage),
    /// Only shown in the application.
    InApp,
    /// This channel cannot reach the recipient; the reason.
    Nothing(&'static str),
}

/// Channels for people that do not wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryLane {
    /// Zalo messages and ZNS notifications.
    Zalo,
    Email,
    Sms,
    InApp,
}

impl DeliveryLane {
    pub const ALL: [Self; 4] = [Self::Zalo, Self::Email, Self::Sms, Self::InApp];

    const fn channels(self) -> &'static [OutboxChannel] {
        match self {
            Self::Zalo => &[OutboxChannel::Zalo, OutboxChannel::Zns],
            Self::Email => &[OutboxChannel::Email],
            Self::Sms => &[OutboxChannel::Sms],
            Self::InApp => &[OutboxChannel::InApp],
        }
    }
}

/// Result of one attempt.
pub(super) struct DeliveryOutcome {
    pub is_delivered: bool,
    /// When the receiver timed out: time of the next attempt.
    pub silent_until: Option<Instant>,
}

/// Sends everything that is due, through all channels at once: one batch for people, and for webhooks until nothing
/// is due.
///
/// # Errors
/// Those of the database; claimed rows become available again when their claim expires.
pub async fn deliver_due(app: &App, holder: &str) -> Result<DeliverySummary, ServiceError> {
    let to_people = join_all(DeliveryLane::ALL.map(|lane| deliver_by(app, holder, lane)));
    let to_systems = async {
        let receivers = receivers_due(app).await?;
        join_all(receivers.into_iter().map(|webhook| deliver_to(app, holder, webhook, &|| false))).await.into_iter().collect()
    };
    let (to_people, to_systems): (Vec<_>, Result<Vec<DeliverySummary>, ServiceError>) = tokio::join!(to_people, to_systems);
    let mut total = DeliverySummary::default();
    for done in to_people.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().chain(to_systems?) {
        total.taken += done.taken;
        total.delivered += done.delivered;
    }
    Ok(total)
}

/// Sends a bounded number of due rows for people on one lane.
///
/// # Errors
/// Those of the database; claimed rows become available again when their claim expires.
pub async fn deliver_by(app: &App, holder: &str, lane: DeliveryLane) -> Result<DeliverySummary, ServiceError> {
    let mut on_their_way = FuturesUnordered::new();
    let (mut total, mut is_all_claimed, mut failed) = (DeliverySummary::default(), false, None);
    loop {
        let wanted = (AT_ONCE - on_their_way.len()).min(MOST_IN_ROUND - total.taken);
        if !is_all_claimed && failed.is_none() && wanted > 0 {
            match claim(app, holder, lane, wanted).await {
                Ok(lines) => {
                    is_all_claimed = lines.len() < wanted;
                    total.taken += lines.len();
                    on_their_way.extend(lines.into_iter().map(|line| deliver(app, holder, line)));
                }
                Err(error) => failed = Some(error),
            }
        }
        match on_their_way.next().await {
            None => return failed.map_or(Ok(total), Err),
            Some(Ok(DeliveryOutcome { is_delivered, .. })) => total.delivered += usize::from(is_delivered),
            // Let the running attempts finish first: their results must be stored.
            Some(Err(error)) => failed = Some(error),
        }
    }
}

async fn claim(app: &App, holder: &str, lane: DeliveryLane, wanted: usize) -> Result<Vec<OutboxRow>, ServiceError> {
    let (now, until) = (app.now(), leases::delivery_lease(app));
    let (mine, limit) = (holder.to_owned(), i64::try_from(wanted).unwrap_or(1));
    app.db.write(move |connection| Ok(outbox::claim(connection, lane.channels(), &mine, (now, until), limit)?)).await
}

/// Releases the claims of this instance, so that another instance need not wait for them to expire.
pub async fn release(app: &App, holder: &str) -> Result<usize, ServiceError> {
    let holder = holder.to_owned();
    app.db.write(move |connection| Ok(outbox::release(connection, &holder)?)).await
}

/// Makes one attempt and stores the result.
pub(super) async fn deliver(app: &App, holder: &str, line: OutboxRow) -> Result<DeliveryOutcome, ServiceError> {
    let report = if line.is_uncertain && !line.channel.knows_repetitions() {
        DeliveryReport::failed(AttemptOutcome::Uncertain, "an instance was killed while it sent this")
    } else {
        match attempt(app, holder, &line).await? {
            Some(report) => report,
            None => return Ok(DeliveryOutcome { is_delivered: false, silent_until: None }),
        }
    };
    let (is_delivered, is_silent) = (report.outcome == AttemptOutcome::Delivered, report.is_silent);
    let attempt =
        DeliveryAttempt { line, report, at: app.now(), bits: app.entropy.bits(), retry_seconds: app.config.retry_seconds };
    let mut tries_left = SETTLING_TRIES;
    let after = loop {
        match settle(app, holder, attempt.clone()).await {
            // If the result were lost, an e-mail that arrived would count as uncertain.
            Err(ServiceError::Storage(StorageError::Busy | StorageError::Contention)) if tries_left > 0 => tries_left -= 1,
            settled => break settled?,
        }
    };
    Ok(DeliveryOutcome { is_delivered, silent_until: is_silent.then_some(after.due_at) })
}

/// Sends the message of a row; `None` when another instance has claimed the row meanwhile.
async fn attempt(app: &App, holder: &str, line: &OutboxRow) -> Result<Option<DeliveryReport>, ServiceError> {
    let envelope = pack(app, line).await?;
    let may_arrive = matches!(envelope, Envelope::Zalo(_) | Envelope::Sms(_));
    if !begin_attempt(app, holder, line.id, may_arrive).await? {
        return Ok(None);
    }
    Ok(Some(match envelope {
        Envelope::Nothing(why) => DeliveryReport::failed(AttemptOutcome::Skipped, why),
        Envelope::InApp => DeliveryReport::delivered(None),
        Envelope::Webhook(post) => app.channels.webhook.post(*post, app.now()).await,
        Envelope::Email(letter) => return send_letter(app, holder, line, &letter).await,
        Envelope::Sms(text) => match &app.channels.sms {
            Some(sms) => sms.send(text).await,
            None => DeliveryReport::failed(AttemptOutcome::Skipped, "not set up"),
        },
        Envelope::Zalo(dispatch) => match &app.channels.zalo {
            Some(channel) => zalo::send::send(app, channel, &dispatch).await?,
            None => DeliveryReport::failed(AttemptOutcome::Skipped, "not set up"),
        },
    }))
}

/// An e-mail can arrive only from the moment it is handed over; before that, a slow server means another instance may
/// take the row.
async fn send_letter(
    app: &App,
    holder: &str,
    line: &OutboxRow,
    letter: &EmailMessage,
) -> Result<Option<DeliveryReport>, ServiceError> {
    let Some(email) = &app.channels.email else { return Ok(Some(DeliveryReport::failed(AttemptOutcome::Skipped, "not set up"))) };
    let open = match email.open(letter).await {
        Ok(open) => open,
        Err(report) => return Ok(Some(report)),
    };
    if !begin_attempt(app, holder, line.id, true).await? {
        return Ok(None);
    }
    // Times out before the claim expires, so that the instance that sent the message also stores the result.
    let limit = std::time::Duration::from_secs(u64::from(app.config.delivery_hold_seconds)) * 3 / 4;
    Ok(Some(open.hand_over(limit).await))
}

async fn begin_attempt(app: &App, holder: &str, id: OutboxId, may_arrive: bool) -> Result<bool, ServiceError> {
    let (holder, until) = (holder.to_owned(), leases::delivery_lease(app));
    app.db.write(move |connection| Ok(outbox::begin_attempt(connection, &holder, id, until, may_arrive)?)).await
}

async fn pack(app: &App, line: &OutboxRow) -> Result<Envelope, ServiceError> {
    let (app_, read) = (app.clone(), line.clone());
    let (envelope, contact) = app
        .db
        .read(move |connection| match read.channel {
            OutboxChannel::Webhook => match webhooks::post(&app_, connection, &read)? {
                Some(post) => Ok((Envelope::Webhook(Box::new(post)), None)),
                None => Ok((Envelope::Nothing("the subscription has ended"), None)),
            },
            channel => match read.petition_id {
                Some(petition) => {
                    let recipient = outbox::recipient(connection, petition)?;
                    for_person(&app_, connection, (&read, petition), channel, recipient)
                }
                None => Ok((for_holder(&app_, connection, &read)?, None)),
            },
        })
        .await?;
    match contact {
        Some(contact) if !admit(app, line, &contact).await? => Ok(Envelope::Nothing(TOO_MANY)),
        _ => Ok(envelope),
    }
}

/// A message and the contact whose daily limit it counts against.
type AddressedMessage = (Envelope, Option<MessageAddress>);

fn for_person(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    channel: OutboxChannel,
    recipient: Recipient,
) -> Result<AddressedMessage, ServiceError> {
    match channel {
        OutboxChannel::InApp if recipient.account_id.is_some() => Ok((Envelope::InApp, None)),
        OutboxChannel::Email if app.channels.email.is_some() => letter(app, connection, line, recipient),
        OutboxChannel::Zalo | OutboxChannel::Zns if !recipient.wants_zalo => Ok((Envelope::Nothing("not wanted"), None)),
        OutboxChannel::Zalo if app.channels.zalo.is_some() => message(app, connection, line, recipient),
        OutboxChannel::Zns => notice(app, connection, line, recipient),
        OutboxChannel::Email | OutboxChannel::Zalo => Ok((Envelope::Nothing("not set up"), None)),
        OutboxChannel::InApp | OutboxChannel::Sms | OutboxChannel::Webhook => Ok((Envelope::Nothing("nobody to tell"), None)),
    }
}

fn letter(
    app: &App,
    connection: &mut DbConnection,
    (line, petition): (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<AddressedMessage, ServiceError> {
    let Some(to) = recipient.email.clone() else { return Ok((Envelope::Nothing("no address"), None)) };
    if !recipient.wants_email || notifications::is_unsubscribed(app, connection, &to)? {
        return Ok((Envelope::Nothing("not wanted"), None));
    }
    let (mut template, mut facts) = told(app, connection, (line, petition), &recipient)?;
    let is_confirmed = is_confirmed(&recipient);
    if !is_confirmed {
        (template, facts) = (Template::Notice, facts.without_words(recipient.lang));
    }
    let name = recipient.full_name.filter(|_| is_confirmed);
    let contact = MessageAddress::email(&to, is_confirmed);
    let unsubscribe = notifications::unsubscribe_link(app, petition);
    let message = filled(app, template, recipient.lang, &facts, unsubscribe.as_deref())?;
    let (key, return_name) = (line.key.clone(), bounce_name(&app.seal, &line.key));
    let letter = EmailMessage { to, name, message, key, return_name, unsubscribe };
    Ok((Envelope::Email(Box::new(letter)), Some(contact)))
}

/// Builds a message from the Official Account.
fn message(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<AddressedMessage, ServiceError> {
    let Some(user) = recipient.zalo_user.clone() else { return Ok((Envelope::Nothing("no address"), None)) };
    let (template, facts) = told(app, connection, line, &recipient)?;
    let mut text = filled(app, template, recipient.lang, &facts, None)?.text;
    let lang = recipient.lang;
    let what_to_do = match template {
        Template::Answered if facts.may_rate => Some(lang.pick(phrases::HOW_TO_RATE, phrases::HOW_TO_RATE_EN)),
        Template::Question => Some(lang.pick(phrases::HOW_TO_ANSWER, phrases::HOW_TO_ANSWER_EN)),
        _ => None,
    };
    if let Some(what_to_do) = what_to_do {
        text = format!("{text}\n\n{what_to_do}");
    }
    Ok((Envelope::Zalo(Box::new(ZaloMessage::Message { user, text: phrases::fitting(&text) })), None))
}

/// Builds a ZNS notification, for events that have a template at Zalo.
fn notice(
    app: &App,
    connection: &mut DbConnection,
    line: (&OutboxRow, PetitionId),
    recipient: Recipient,
) -> Result<AddressedMessage, ServiceError> {
    let Some(channel) = &app.channels.zalo else { return Ok((Envelope::Nothing("not set up"), None)) };
    let Some(phone) = recipient.phone.clone() else { return Ok((Envelope::Nothing("no address"), None)) };
    let (template, facts) = told(app, connection, line, &recipient)?;
    let Some(number) = channel.settings.templates.get(template.as_str()) else {
        return Ok((Envelope::Nothing("no template"), None));
    };
    let agency = facts.agency.clone().unwrap_or_default();
    // The parameters registered with Zalo's templates; no petition text goes to an unverified phone number.
    let data = json!({"code": facts.code, "agency": agency, "due_at": facts.due_at, "at": facts.at});
    let contact = MessageAddress::phone(&phone, is_confirmed(&recipient));
    let notice = ZnsNotice { phone, template: number.clone(), data, tracking: line.0.key.clone() };
    Ok((Envelope::Zalo(Box::new(ZaloMessage::Notice(notice))), Some(contact)))
}

/// Returns the template for an event and its context.
fn told(
    app: &App,
    connection: &mut DbConnection,
    (line, petition): (&OutboxRow, PetitionId),
    recipient: &Recipient,
) -> Result<(Template, TemplateContext), ServiceError> {
    let directory = directory::current(app, connection)?;
    let around = messages::TemplateInputs {
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
    facts: &TemplateContext,
    unsubscribe: Option<&str>,
) -> Result<RenderedMessage, ServiceError> {
    app.templates.fill(template, lang, facts, unsubscribe).map_err(|error| {
        tracing::error!(%error, "a template cannot be filled");
        ServiceError::Internal("a template cannot be filled")
    })
}
