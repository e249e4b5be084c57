//! One round of Zalo: handles incoming events, sends queued messages and reminds users who left a conversation.
//!
//! Any number of instances may run it at once: each event and each message is claimed by one of them.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::idle::{self, IdleSummary};
use crate::integrations::zalo::{handle, replies, tokens};

/// Result of a Zalo round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationsOutcome {
    /// Events that were claimed.
    pub handled: usize,
    /// Messages that were claimed.
    pub said: usize,
    /// Idle conversations.
    pub idle: IdleSummary,
}

/// Handles and sends until nothing is due; does nothing when Zalo is not configured.
pub async fn run_zalo(app: &App) -> Result<ConversationsOutcome, ServiceError> {
    let idle = housekeeping(app).await?;
    let talked = process_conversations(app, &leases::new_lease_holder(app)).await?;
    Ok(ConversationsOutcome { idle, ..talked })
}

/// Periodic work: sends reminders, drops old drafts, refreshes tokens.
pub(super) async fn housekeeping(app: &App) -> Result<IdleSummary, ServiceError> {
    let Some(channel) = &app.channels.zalo else { return Ok(IdleSummary::default()) };
    let idle = idle::remind_and_drop(app).await?;
    tokens::refresh_expired(app, channel).await?;
    Ok(idle)
}

/// Handles incoming events and sends the replies.
pub(super) async fn process_conversations(app: &App, holder: &str) -> Result<ConversationsOutcome, ServiceError> {
    let mut talked = ConversationsOutcome::default();
    let Some(channel) = &app.channels.zalo else { return Ok(talked) };
    loop {
        let handled = handle::handle_due(app, holder).await?;
        let said = replies::deliver_due(app, channel, holder).await?;
        talked.handled += handled;
        talked.said += said;
        if handled + said == 0 {
            return Ok(talked);
        }
    }
}
