//! The outbox dispatcher: sends due outbox messages until the process stops.
//!
//! Started by `ops::cli::serve` when `worker` is set. Rule: any number of dispatchers may run at once and be
//! killed at any point; a row claimed by a dead dispatcher is taken over when its claim expires.

use super::webhook_queue::run_webhook_queue;
use super::zalo::{housekeeping, process_conversations};
use crate::app::App;
use crate::db::leases;
use crate::delivery::outbox::{self, DeliveryLane, DeliverySummary};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Pause when nothing was due.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// Pause when the database is unavailable.
pub(super) const BACK_OFF: Duration = Duration::from_secs(10);

/// Conversation rounds between two checks for idle conversations.
const ROUNDS_BETWEEN_LOOKS: u32 = 60;

/// A running dispatcher.
pub struct OutboxDispatcher {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl OutboxDispatcher {
    /// Starts the notification stream, and delivery when `worker` is set.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(run_notification_feed(app.clone(), stopped.clone()))];
        if app.config.worker {
            if app.channels.zalo.is_some() {
                tasks.push(tokio::spawn(run_conversations(app.clone(), stopped.clone())));
            }
            tasks.extend(DeliveryLane::ALL.map(|lane| tokio::spawn(run_lane(app.clone(), lane, stopped.clone()))));
            tasks.push(tokio::spawn(run_webhook_queue(app.clone(), stopped)));
        }
        Self { stop, tasks }
    }

    /// Finishes attempts in progress and stops.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("outbox dispatcher panicked");
            }
        }
    }
}

/// Each channel has its own task: a slow mail server must not delay a Zalo message.
async fn run_lane(app: App, lane: DeliveryLane, mut stopped: watch::Receiver<bool>) {
    let holder: Arc<str> = leases::new_lease_holder(&app).into();
    let mut is_away = false;
    while !*stopped.borrow() {
        let pause = match outbox::deliver_by(&app, &holder, lane).await {
            Ok(DeliverySummary { taken, delivered }) => {
                if taken > 0 {
                    tracing::debug!(?lane, taken, delivered, "outbox lane dispatched");
                }
                is_away = false;
                if taken > 0 { Duration::ZERO } else { PAUSE }
            }
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "database unavailable, retrying outbox dispatch");
                }
                is_away = true;
                BACK_OFF
            }
        };
        wait(pause, &mut stopped).await;
    }
    if let Err(error) = outbox::release(&app, &holder).await {
        tracing::warn!(%error, "cannot release claimed outbox lines, they return when their lease expires");
    }
}

/// Conversations have their own task: a slow mail server must not delay a reply to somebody who has just
/// written.
async fn run_conversations(app: App, mut stopped: watch::Receiver<bool>) {
    let holder: Arc<str> = leases::new_lease_holder(&app).into();
    let (mut is_away, mut rounds) = (false, 0_u32);
    while !*stopped.borrow() {
        let is_looking = rounds.is_multiple_of(ROUNDS_BETWEEN_LOOKS);
        let done = async {
            if is_looking {
                housekeeping(&app).await?;
            }
            process_conversations(&app, &holder).await
        };
        let pause = match done.await {
            Ok(_) => {
                is_away = false;
                rounds = rounds.wrapping_add(1);
                PAUSE
            }
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "database unavailable, retrying Zalo conversations");
                }
                is_away = true;
                BACK_OFF
            }
        };
        wait(pause, &mut stopped).await;
    }
}

async fn run_notification_feed(app: App, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        // The failure is reported elsewhere too; listeners catch up with the next poll.
        if let Err(error) = app.feed.poll(&app).await {
            tracing::debug!(%error, "database unavailable, retrying notification feed");
        }
        wait(PAUSE, &mut stopped).await;
    }
}

pub(super) async fn wait(pause: Duration, stopped: &mut watch::Receiver<bool>) {
    let _ = tokio::time::timeout(pause, stopped.changed()).await;
}
