//! The courier: takes what is due out of the outbox and sends it, again and again, until the process stops.
//!
//! Started by `ops::cli::serve` where the settings have `worker`. Rule: any number of couriers may run at once and be killed at any
//! point; a line that a dead one had in hand is taken by another when its time is over.

use super::posting::keep_posting;
use super::zalo::{look_around, talk};
use crate::app::App;
use crate::db::leases;
use crate::delivery::outbox::{self, Delivered, Lane};
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

/// A running courier.
pub struct Courier {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Courier {
    /// Starts what the settings ask for: with `worker` the delivery, and always the stream for those who listen.
    #[must_use]
    pub fn start(app: &App) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(look_for_listeners(app.clone(), stopped.clone()))];
        if app.config.worker {
            if app.channels.zalo.is_some() {
                tasks.push(tokio::spawn(keep_talking(app.clone(), stopped.clone())));
            }
            tasks.extend(Lane::ALL.map(|lane| tokio::spawn(keep_delivering(app.clone(), lane, stopped.clone()))));
            tasks.push(tokio::spawn(keep_posting(app.clone(), stopped)));
        }
        Self { stop, tasks }
    }

    /// Lets it finish the attempts in hand and ends it.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            if task.await.is_err() {
                tracing::error!("the courier panicked");
            }
        }
    }
}

/// Each way to people has a task of its own: a slow mail server must not keep a message on Zalo waiting.
async fn keep_delivering(app: App, lane: Lane, mut stopped: watch::Receiver<bool>) {
    let holder: Arc<str> = leases::new_holder(&app).into();
    let mut is_away = false;
    while !*stopped.borrow() {
        let pause = match outbox::deliver_by(&app, &holder, lane).await {
            Ok(Delivered { taken, delivered }) => {
                if taken > 0 {
                    tracing::debug!(?lane, taken, delivered, "the courier was out");
                }
                is_away = false;
                if taken > 0 { Duration::ZERO } else { PAUSE }
            }
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "the courier has to wait");
                }
                is_away = true;
                BACK_OFF
            }
        };
        wait(pause, &mut stopped).await;
    }
    if let Err(error) = outbox::release(&app, &holder).await {
        tracing::warn!(%error, "what the courier has in hand comes back when its time is over");
    }
}

/// Conversations have a task of their own: a slow mail server must not keep somebody waiting who has just written.
async fn keep_talking(app: App, mut stopped: watch::Receiver<bool>) {
    let holder: Arc<str> = leases::new_holder(&app).into();
    let (mut is_away, mut rounds) = (false, 0_u32);
    while !*stopped.borrow() {
        let is_looking = rounds.is_multiple_of(ROUNDS_BETWEEN_LOOKS);
        let done = async {
            if is_looking {
                look_around(&app).await?;
            }
            talk(&app, &holder).await
        };
        let pause = match done.await {
            Ok(_) => {
                is_away = false;
                rounds = rounds.wrapping_add(1);
                PAUSE
            }
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "conversations on Zalo have to wait");
                }
                is_away = true;
                BACK_OFF
            }
        };
        wait(pause, &mut stopped).await;
    }
}

async fn look_for_listeners(app: App, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        // A failure shows everywhere else too; whoever listens catches up with the next look.
        if let Err(error) = app.feed.look(&app).await {
            tracing::debug!(%error, "the stream has to wait");
        }
        wait(PAUSE, &mut stopped).await;
    }
}

pub(super) async fn wait(pause: Duration, stopped: &mut watch::Receiver<bool>) {
    let _ = tokio::time::timeout(pause, stopped.changed()).await;
}
