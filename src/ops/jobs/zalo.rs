//! One round of Zalo: what has come is handled, what was said is sent, and who left a conversation is reminded.
//!
//! Any number of instances may do it at once: each event and each message is with one of them.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::idle::{self, IdleSummary};
use crate::integrations::zalo::{handle, replies, tokens};

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationsOutcome {
    /// Events that were taken in hand.
    pub handled: usize,
    /// Messages that were taken in hand.
    pub said: usize,
    /// Conversations in which nothing was said.
    pub idle: IdleSummary,
}

/// Handles and sends until nothing is due; nothing where Zalo is not set up.
pub async fn run_zalo(app: &App) -> Result<ConversationsOutcome, ServiceError> {
    let idle = housekeeping(app).await?;
    let talked = process_conversations(app, &leases::new_lease_holder(app)).await?;
    Ok(ConversationsOutcome { idle, ..talked })
}

/// What is done now and then: reminding, forgetting, keeping the tokens good.
pub(super) async fn housekeeping(app: &App) -> Result<IdleSummary, ServiceError> {
    let Some(channel) = &app.channels.zalo else { return Ok(IdleSummary::default()) };
    let idle = idle::remind_and_drop(app).await?;
    tokens::refresh_expired(app, channel).await?;
    Ok(idle)
}

/// What somebody waits for.
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
