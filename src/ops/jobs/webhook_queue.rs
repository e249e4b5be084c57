//! Webhook deliveries to other systems: one task per system with due events, so that a slow system does not
//! block others.

use super::outbox_dispatcher::{BACK_OFF, PAUSE, wait};
use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::delivery::outbox::{self, DeliverySummary};
use crate::kernel::ids::WebhookId;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

/// Maximum number of systems served concurrently.
const MOST_AT_ONCE: usize = 64;

type WebhookTask = Result<DeliverySummary, ServiceError>;

/// Systems with a running delivery task.
struct WebhookTasks {
    tasks: JoinSet<WebhookTask>,
    to: HashMap<Id, WebhookId>,
}

impl WebhookTasks {
    fn begin(&mut self, app: &App, holder: &Arc<str>, webhook: WebhookId, stopped: &watch::Receiver<bool>) {
        if self.tasks.len() >= MOST_AT_ONCE || self.to.values().any(|busy| *busy == webhook) {
            return;
        }
        let (app, holder, stopped) = (app.clone(), Arc::clone(holder), stopped.clone());
        let begun = self.tasks.spawn(async move { outbox::deliver_to(&app, &holder, webhook, &|| *stopped.borrow()).await });
        self.to.insert(begun.id(), webhook);
    }

    fn ended(&mut self, ended: Result<(Id, WebhookTask), JoinError>) {
        match ended {
            Ok((id, done)) => {
                let webhook = self.to.remove(&id);
                if let Err(error) = done {
                    tracing::debug!(webhook = webhook.map(|id| id.0), %error, "webhook delivery failed, retrying");
                }
            }
            Err(error) => {
                let webhook = self.to.remove(&error.id());
                tracing::error!(webhook = webhook.map(|id| id.0), "webhook delivery panicked");
            }
        }
    }
}

/// Sends until the process stops, then finishes deliveries in progress.
pub(super) async fn run_webhook_queue(app: App, mut stopped: watch::Receiver<bool>) {
    let holder: Arc<str> = leases::new_lease_holder(&app).into();
    let mut rounds = WebhookTasks { tasks: JoinSet::new(), to: HashMap::new() };
    let mut is_away = false;
    while !*stopped.borrow() {
        let pause = match outbox::receivers_due(&app).await {
            Ok(receivers) => {
                receivers.into_iter().for_each(|webhook| rounds.begin(&app, &holder, webhook, &stopped));
                is_away = false;
                PAUSE
            }
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "database unavailable, retrying webhooks");
                }
                is_away = true;
                BACK_OFF
            }
        };
        wait(pause, &mut stopped).await;
        while let Some(ended) = rounds.tasks.try_join_next_with_id() {
            rounds.ended(ended);
        }
    }
    while let Some(ended) = rounds.tasks.join_next_with_id().await {
        rounds.ended(ended);
    }
    if let Err(error) = outbox::release(&app, &holder).await {
        tracing::warn!(%error, "cannot release claimed webhook lines, they return when their lease expires");
    }
}
