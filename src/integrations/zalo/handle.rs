//! Handles webhook events: each once, in order per person, with retries when an external service fails.
//!
//! Effects run first and are idempotent. Then one transaction marks the event as done, stores the new conversation
//! state and queues the replies.

use super::effects::{EffectContext, RetryLater, perform};
use super::people::met;
use crate::accounts::store::profiles;
use crate::app::App;
use crate::db::DbConnection;
use crate::db::columns::Json;
use crate::db::leases::delivery_lease;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::{OutboxChannel, back_off};
use crate::delivery::store::outbox;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::integrations::zalo::rules::event::{self, ConversationEvent, ZaloEvent};
use crate::integrations::zalo::rules::{
    Conversation, ConversationContext, ConversationPerson, ConversationTurn, EffectOutcome, ZaloEventState, handle_event,
    phrases, settle,
};
use crate::integrations::zalo::store::conversations::{self, ConversationRow};
use crate::integrations::zalo::store::events::{self, ZaloEventRow};
use crate::integrations::zalo::store::people::{self, ZaloPersonRow};
use crate::integrations::zalo::store::replies;
use crate::kernel::Instant;
use crate::petitions::rules::Status;
use futures_util::StreamExt;
use std::sync::Arc;

/// Events of different people handled concurrently. No more are claimed, because a claim would expire while its event
/// waits.
const AT_ONCE: u8 = 4;
/// Attempts before an event is given up and the person is asked to repeat it: about an hour.
const MOST_ATTEMPTS: i32 = 8;
/// Petitions searched for one that can be rated.
const LOOKED_THROUGH: i64 = 20;
/// Reply when an event could not be handled.
const SORRY: &str = "Hệ thống chưa xử lý được tin nhắn vừa rồi. Xin nhắn lại.";

/// State at the start of a turn.
struct TurnContext {
    person: Option<ZaloPersonRow>,
    known: ConversationPerson,
    conversation: Conversation,
    directory: Arc<Directory>,
}

/// Handles due events; returns how many were claimed.
///
/// # Errors
/// Those of the database; claimed events become available again when their claim expires.
pub async fn handle_due(app: &App, holder: &str) -> Result<usize, ServiceError> {
    let now = app.now();
    let until = delivery_lease(app);
    let mine = holder.to_owned();
    let rows = app
        .db
        .write(move |connection| Ok::<_, ServiceError>(events::claim(connection, &mine, now, until, AT_ONCE.into())?))
        .await?;
    let taken = rows.len();
    let done: Vec<Result<(), ServiceError>> =
        futures_util::stream::iter(rows).map(|row| handle(app, holder, row)).buffer_unordered(AT_ONCE.into()).collect().await;
    done.into_iter().collect::<Result<(), _>>()?;
    Ok(taken)
}

async fn handle(app: &App, holder: &str, row: ZaloEventRow) -> Result<(), ServiceError> {
    let id = row.id;
    match turn(app, &row).await {
        Ok(Ok((event, turn, filed_as))) => finish(app, holder, row, event, turn, filed_as).await,
        Ok(Err(why)) => put_off(app, holder, row, why).await,
        Err(ServiceError::Storage(error)) if error.is_busy() || error.is_away() => Err(error.into()),
        Err(error) => {
            tracing::error!(event = id.0, %error, "cannot process Zalo event");
            put_off(app, holder, row, "see the log").await
        }
    }
}

/// Name and phone number given when filing as a guest.
type GuestContact = Option<(Option<String>, Option<String>)>;

async fn turn(
    app: &App,
    row: &ZaloEventRow,
) -> Result<Result<(ZaloEvent, ConversationTurn, GuestContact), &'static str>, ServiceError> {
    let Some(event) = serde_json::from_str(&row.body).ok().and_then(|body| event::read(&body).ok()) else {
        return Ok(Err("an event that was stored cannot be read"));
    };
    if let ConversationEvent::Arrived(_) = event.event {
        return Ok(Ok((
            event,
            ConversationTurn { conversation: Conversation::default(), replies: Vec::new(), effect: None },
            None,
        )));
    }
    let scene = scene(app, &event).await?;
    // The same for each attempt at this event, so that a draft is filed only once.
    let fresh = row.id.to_string();
    let ctx = ConversationContext {
        directory: &scene.directory,
        day: app.now().local_date(),
        person: &scene.known,
        fresh: &fresh,
        most_photos: app.config.attachment_image_max_count.min(app.config.attachments_per_petition),
    };
    let mut turn = handle_event(scene.conversation, &event.event, &ctx);
    let mut filed_as = None;
    if let Some(effect) = turn.effect.take() {
        let doer = EffectContext { user: &event.sender, person: scene.person.as_ref(), attempts: row.attempts };
        let outcome = match perform(app, &doer, &turn.conversation.draft, effect).await? {
            Ok(outcome) => outcome,
            Err(RetryLater(why)) => return Ok(Err(why)),
        };
        if outcome == EffectOutcome::Filed && !scene.known.has_account {
            let draft = &turn.conversation.draft;
            filed_as = Some((draft.full_name.clone(), draft.phone.clone()));
        }
        let mut said = turn.replies;
        let after = settle(turn.conversation, outcome, &ctx);
        said.extend(after.replies);
        turn = ConversationTurn { conversation: after.conversation, replies: said, effect: None };
    }
    Ok(Ok((event, turn, filed_as)))
}

async fn scene(app: &App, event: &ZaloEvent) -> Result<TurnContext, ServiceError> {
    let (app_, user, app_user) = (app.clone(), event.sender.clone(), event.app_user.clone());
    app.db
        .read(move |connection| {
            let by_app = match &app_user {
                Some(id) => people::by_app_user(connection, id)?,
                None => None,
            };
            let here = people::by_oa_user(connection, &user)?;
            let account_id = here.as_ref().and_then(|row| row.account_id).or(by_app.as_ref().and_then(|row| row.account_id));
            let person = here.or(by_app).map(|row| ZaloPersonRow { account_id, ..row });
            let known = known(connection, &user, person.as_ref())?;
            let conversation = conversations::find(connection, &user)?;
            let conversation = conversation.map(|row| Conversation { step: row.step, draft: row.draft.0 }).unwrap_or_default();
            Ok(TurnContext { person, known, conversation, directory: directory::current(&app_, connection)? })
        })
        .await
}

fn known(connection: &mut DbConnection, user: &str, person: Option<&ZaloPersonRow>) -> Result<ConversationPerson, ServiceError> {
    let account_id = person.and_then(|person| person.account_id);
    let (full_name, phone) = match account_id {
        Some(id) => {
            let account = profiles::find(connection, id)?;
            (Some(account.full_name).filter(|name| !name.is_empty()), account.phone)
        }
        None => person.map_or((None, None), |person| (person.full_name.clone(), person.phone.clone())),
    };
    let rows = people::petitions_of(connection, user, account_id, LOOKED_THROUGH)?;
    let asked = rows.iter().find(|row| row.status == Status::WaitingForPetitioner).map(|row| row.code.clone());
    let to_be_rated = rows.into_iter().find(people::waits_for_rating).map(|row| row.code);
    Ok(ConversationPerson { full_name, phone, has_account: account_id.is_some(), to_be_rated, asked })
}

async fn finish(
    app: &App,
    holder: &str,
    row: ZaloEventRow,
    event: ZaloEvent,
    turn: ConversationTurn,
    filed_as: GuestContact,
) -> Result<(), ServiceError> {
    let (now, holder) = (app.now(), holder.to_owned());
    app.db
        .write(move |connection| {
            // Clear the body, which is no longer needed; the key stays for deduplication.
            let done = ZaloEventRow {
                state: ZaloEventState::Done,
                body: String::new(),
                attempts: row.attempts + 1,
                holder: None,
                held_until: None,
                settled_at: Some(now),
                ..row.clone()
            };
            if !events::settle(connection, &holder, &done)? {
                return Ok(());
            }
            if let ConversationEvent::Arrived(references) = &event.event {
                return arrived(connection, references, now);
            }
            let mut person = met(connection, &event.sender, event.app_user.as_deref(), now)?;
            person.is_reachable = event.event != ConversationEvent::Unfollow;
            if let Some((full_name, phone)) = &filed_as {
                person.full_name = full_name.clone().or(person.full_name);
                person.phone = phone.clone().or(person.phone);
            }
            people::update(connection, &person)?;
            let ConversationTurn { conversation, replies: said, .. } = &turn;
            let stands = ConversationRow {
                oa_user_id: event.sender.clone(),
                step: conversation.step,
                draft: Json(conversation.draft.clone()),
                changed_at: now,
                reminded_at: None,
            };
            conversations::put(connection, &stands)?;
            // Send one message per turn: each one is read by the person and billed to the account.
            if !said.is_empty() {
                replies::insert(connection, &event.sender, &phrases::fitting(&said.join("\n\n")), now)?;
            }
            Ok(())
        })
        .await
}

/// Marks messages as delivered whose result was uncertain.
fn arrived(connection: &mut DbConnection, references: &[String], now: Instant) -> Result<(), ServiceError> {
    for reference in references {
        let by_key = outbox::find_by_key(connection, reference)?.map(|line| line.id);
        let by_reference = match by_key {
            Some(id) => Some(id),
            None => outbox::find_by_reference(connection, OutboxChannel::Zns, reference)?,
        };
        if let Some(id) = by_reference {
            people::arrived(connection, id, now)?;
        }
    }
    Ok(())
}

async fn put_off(app: &App, holder: &str, row: ZaloEventRow, why: &'static str) -> Result<(), ServiceError> {
    let (now, bits, holder, retry) = (app.now(), app.entropy.bits(), holder.to_owned(), app.config.retry_seconds);
    app.db
        .write(move |connection| {
            let attempts = row.attempts + 1;
            let mut later =
                ZaloEventRow { attempts, holder: None, held_until: None, problem: Some(why.to_owned()), ..row.clone() };
            later.due_at = now.plus(back_off::pause(retry, attempts, bits));
            if attempts >= MOST_ATTEMPTS {
                later.state = ZaloEventState::Dead;
                later.settled_at = Some(now);
            }
            if !events::settle(connection, &holder, &later)? {
                return Ok(());
            }
            if later.state == ZaloEventState::Dead {
                replies::insert(connection, &row.oa_user_id, SORRY, now)?;
            }
            Ok::<_, ServiceError>(())
        })
        .await
}
