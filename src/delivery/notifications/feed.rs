//! The notification stream of one process: one database query serves all subscribers.
//!
//! Enters: rows written since the last poll, by any process. Leaves: to each subscriber the notifications its account
//! may see. On PostgreSQL a row can become visible after one with a higher id, so the last ids are read again, and
//! each row is sent once. Rules: a subscriber gets everything written after it subscribed, because the first one
//! marks what already exists as seen before its stream begins; streams per account are limited, and a new one ends
//! the oldest.

use super::list::{NotificationLine, line, reader_of};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::store::notifications::{self, NotificationReader, NotificationRow};
use crate::kernel::account::Actor;
use crate::kernel::ids::{AccountId, NotificationId};
use crate::petitions::rules::Audience;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Notify, broadcast};

/// Notifications a slow subscriber may fall behind before it has to reload the list.
const BACKLOG: usize = 1024;
/// Maximum number of streams per account: a phone, a computer and a few tabs.
const MOST_STREAMS: usize = 5;
/// Rows per query.
const BATCH: i64 = 500;
/// How many ids below the newest a row may still become visible.
const LOOKED_AT_AGAIN: i64 = 500;

/// A notification and the audience it is for.
#[derive(Debug, Clone)]
pub struct NotificationEvent {
    line: NotificationLine,
    row: NotificationRow,
    account: Option<AccountId>,
}

/// The stream.
#[derive(Clone)]
pub struct NotificationFeed {
    sender: broadcast::Sender<Arc<NotificationEvent>>,
    seen: Arc<Mutex<Option<FeedPosition>>>,
    streams: Arc<Mutex<HashMap<AccountId, Vec<Weak<Notify>>>>>,
}

/// The ids already sent.
#[derive(Default)]
struct FeedPosition {
    newest: i64,
    late: BTreeSet<i64>,
}

/// One open subscription.
pub struct FeedSubscriber {
    receiver: broadcast::Receiver<Arc<NotificationEvent>>,
    reader: NotificationReader,
    ended: Arc<Notify>,
    is_ended: bool,
}

/// Next event for a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedEvent {
    Line(Box<NotificationLine>),
    /// The subscriber missed this many notifications; they are in the list.
    Missed(u64),
    /// The account opened more streams than allowed, so this one ends.
    Replaced,
}

impl Default for NotificationFeed {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, seen: Arc::default(), streams: Arc::default() }
    }
}

impl NotificationFeed {
    /// Subscribes to the notifications the account may see, from now on.
    pub async fn listen(&self, app: &App, actor: &Actor) -> Result<FeedSubscriber, ServiceError> {
        let ended = self.enter(actor.account_id);
        let receiver = {
            // Hold the lock so that no concurrent poll resets the position because there are no subscribers yet.
            let _seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            self.sender.subscribe()
        };
        let listener = FeedSubscriber { receiver, reader: reader_of(actor), ended, is_ended: false };
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            self.poll(app).await?;
        }
        Ok(listener)
    }

    /// Registers a stream of an account and ends the oldest if there are too many.
    fn enter(&self, account: AccountId) -> Arc<Notify> {
        let ended = Arc::new(Notify::new());
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.retain(|_, open| {
            open.retain(|stream| stream.strong_count() > 0);
            !open.is_empty()
        });
        let open = streams.entry(account).or_default();
        if open.len() >= MOST_STREAMS
            && let Some(oldest) = open.remove(0).upgrade()
        {
            oldest.notify_one();
        }
        open.push(Arc::downgrade(&ended));
        ended
    }

    /// Reads new rows and sends them; does nothing while there are no subscribers.
    pub async fn poll(&self, app: &App) -> Result<(), ServiceError> {
        let from = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if self.sender.receiver_count() == 0 {
                *seen = None;
                return Ok(());
            }
            seen.as_ref().map(|seen| seen.newest)
        };
        let found = app.db.read(move |connection| read(connection, from)).await?;
        let mut guard = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = guard.is_none();
        let seen = guard.get_or_insert_default();
        // A concurrent poll may have been faster and already dropped old ids from the position.
        let forgotten = seen.newest - LOOKED_AT_AGAIN;
        for told in found {
            let id = told.row.id.0;
            if id > forgotten && seen.late.insert(id) && !is_first {
                // Fails without subscribers; nothing is lost, the list has the notifications.
                let _ = self.sender.send(Arc::new(told));
            }
            seen.newest = seen.newest.max(id);
        }
        let oldest = seen.newest - LOOKED_AT_AGAIN;
        seen.late = seen.late.split_off(&oldest);
        Ok(())
    }
}

fn read(connection: &mut crate::db::DbConnection, from: Option<i64>) -> Result<Vec<NotificationEvent>, ServiceError> {
    let newest = match from {
        Some(newest) => newest,
        None => notifications::newest(connection)?.0,
    };
    let rows = notifications::since(connection, NotificationId(newest - LOOKED_AT_AGAIN), LOOKED_AT_AGAIN + BATCH)?;
    let mut told = Vec::new();
    for (row, account, code) in rows {
        told.push(NotificationEvent { line: line(connection, &row, code, NotificationId(0))?, row, account });
    }
    Ok(told)
}

impl FeedSubscriber {
    /// Waits for the next event of this subscriber; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<FeedEvent> {
        if self.is_ended {
            return None;
        }
        loop {
            let told = tokio::select! {
                told = self.receiver.recv() => told,
                () = self.ended.notified() => {
                    self.is_ended = true;
                    return Some(FeedEvent::Replaced);
                }
            };
            match told {
                Ok(told) if self.concerns(&told) => return Some(FeedEvent::Line(Box::new(told.line.clone()))),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
                Err(broadcast::error::RecvError::Lagged(missed)) => return Some(FeedEvent::Missed(missed)),
            }
        }
    }

    fn concerns(&self, told: &NotificationEvent) -> bool {
        match told.row.audience {
            Audience::Petitioner => self.reader.account.is_some() && told.account == self.reader.account,
            Audience::Agency => self.reader.agency.is_some() && told.row.agency_id == self.reader.agency,
            Audience::Coordinator => self.reader.is_coordinator,
        }
    }
}
