//! The outbox dispatcher: sends what is due in the outbox until the process stops.
//!
//! Started by `ops::cli::serve` where the settings have `worker`. Rule: any number of dispatchers may run at once and be killed at any
//! point; a line that a dead one had in hand is taken by another when its time is over.

use super::webhook_queue::run_webhook_queue;
use super::zalo::{housekeeping, process_conversations};
use crate::app::App;
use crate::db::leases;
use crate::delivery::outbox::{self, DeliveryLane, DeliverySummary};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The pause when nothing was due.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// The pause when the database is away.
pub(super) const BACK_OFF: Duration = Duration::from_secs(10);

/// Rounds of conversations between two looks at those in which nobody says anything.
const ROUNDS_BETWEEN_LOOKS: u32 = 60;

/// A running dispatcher.
pub struct OutboxDispatcher {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl OutboxDispatcher {
    /// Starts what the settings ask for: with `worker` the delivery, and always the stream for those who listen.
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

    /// Lets it finish the attempts in hand and ends it.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("outbox dispatcher panicked");
            }
        }
    }
}

/// Each way to people has a task of its own: a slow mail server must not keep a message on Zalo waiting.
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

/// Conversations have a task of their own: a slow mail server must not keep somebody waiting who has just written.
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
        // A failure shows everywhere else too; whoever listens catches up with the next look.
        if let Err(error) = app.feed.poll(&app).await {
            tracing::debug!(%error, "database unavailable, retrying notification feed");
        }
        wait(PAUSE, &mut stopped).await;
    }
}

pub(super) async fn wait(pause: Duration, stopped: &mut watch::Receiver<bool>) {
    let _ = tokio::time::timeout(pause, stopped.changed()).await;
}
