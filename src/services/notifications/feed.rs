//! The stream of notifications of one process: one question to the database for all who listen, however many they are.
//!
//! Enters what was written since the last look, by this process or by another one; leaves what each listener may know. On
//! PostgreSQL a row may become visible after one with a higher number, so that the last ones are looked at again and sent once.

use super::list::{NotificationLine, line, reader_of};
use crate::app::App;
use crate::domain::account::Actor;
use crate::domain::ids::{AccountId, NotificationId};
use crate::domain::petition::Audience;
use crate::services::error::ServiceError;
use crate::storage::notifications::{self, NotificationRow, Reader};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Notifications that a slow listener may fall behind before it has to ask the list.
const BACKLOG: usize = 1024;
/// Rows that are read at a time.
const BATCH: i64 = 500;
/// How many numbers back a row may still turn up.
const LOOKED_AT_AGAIN: i64 = 500;

/// What was told, for whoever it concerns.
#[derive(Debug, Clone)]
pub struct Told {
    line: NotificationLine,
    row: NotificationRow,
    account: Option<AccountId>,
}

/// The stream.
#[derive(Clone)]
pub struct Feed {
    sender: broadcast::Sender<Arc<Told>>,
    seen: Arc<Mutex<Option<Seen>>>,
}

/// What was sent already.
#[derive(Default)]
struct Seen {
    newest: i64,
    late: BTreeSet<i64>,
}

/// Somebody who listens.
pub struct Listener {
    receiver: broadcast::Receiver<Arc<Told>>,
    reader: Reader,
}

impl Default for Feed {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, seen: Arc::default() }
    }
}

impl Feed {
    /// Listens from now on, for what the account may know.
    #[must_use]
    pub fn listen(&self, actor: &Actor) -> Listener {
        Listener { receiver: self.sender.subscribe(), reader: reader_of(actor) }
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Looks for what is new and sends it; costs nothing while nobody listens.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn look(&self, app: &App) -> Result<(), ServiceError> {
        if !self.is_heard() {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(());
        }
        let from = self.seen.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|seen| seen.newest);
        let found = app.db.read(move |connection| read(connection, from)).await?;
        let mut guard = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = guard.is_none();
        let seen = guard.get_or_insert_default();
        for told in found {
            let id = told.row.id.0;
            if seen.late.insert(id) && !is_first {
                // Nobody listens any more: nothing is lost, the list has it.
                let _ = self.sender.send(Arc::new(told));
            }
            seen.newest = seen.newest.max(id);
        }
        let oldest = seen.newest - LOOKED_AT_AGAIN;
        seen.late = seen.late.split_off(&oldest);
        Ok(())
    }
}

fn read(connection: &mut crate::storage::DbConnection, from: Option<i64>) -> Result<Vec<Told>, ServiceError> {
    let newest = match from {
        Some(newest) => newest,
        None => notifications::newest(connection)?.0,
    };
    let rows = notifications::since(connection, NotificationId(newest - LOOKED_AT_AGAIN), LOOKED_AT_AGAIN + BATCH)?;
    let mut told = Vec::new();
    for (row, account, code) in rows {
        told.push(Told { line: line(connection, &row, code, NotificationId(0))?, row, account });
    }
    Ok(told)
}

impl Listener {
    /// The next notification for this listener; an error means that it fell behind and has to ask the list.
    ///
    /// # Errors
    /// How many were missed.
    pub async fn next(&mut self) -> Result<Option<NotificationLine>, u64> {
        loop {
            match self.receiver.recv().await {
                Ok(told) if self.concerns(&told) => return Ok(Some(told.line.clone())),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return Ok(None),
                Err(broadcast::error::RecvError::Lagged(missed)) => return Err(missed),
            }
        }
    }

    fn concerns(&self, told: &Told) -> bool {
        match told.row.audience {
            Audience::Petitioner => self.reader.account.is_some() && told.account == self.reader.account,
            Audience::Agency => self.reader.agency.is_some() && told.row.agency_id == self.reader.agency,
            Audience::Coordinator => self.reader.is_coordinator,
        }
    }
}
