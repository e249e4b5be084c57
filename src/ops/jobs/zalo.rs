//! One round of Zalo: what has come is handled, what was said is sent, and who left a conversation is reminded.
//!
//! Any number of instances may do it at once: each event and each message is with one of them.

use crate::app::App;
use crate::db::leases;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::idle::{self, Idle};
use crate::integrations::zalo::{handle, replies, tokens};

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Talked {
    /// Events that were taken in hand.
    pub handled: usize,
    /// Messages that were taken in hand.
    pub said: usize,
    /// Conversations in which nothing was said.
    pub idle: Idle,
}

/// Handles and sends until nothing is due; nothing where Zalo is not set up.
///
/// # Errors
/// Those of the database.
pub async fn run_zalo(app: &App) -> Result<Talked, ServiceError> {
    let idle = look_around(app).await?;
    let talked = talk(app, &leases::new_holder(app)).await?;
    Ok(Talked { idle, ..talked })
}

/// What is done now and then: reminding, forgetting, keeping the tokens good.
pub(super) async fn look_around(app: &App) -> Result<Idle, ServiceError> {
    let Some(channel) = &app.channels.zalo else { return Ok(Idle::default()) };
    let idle = idle::look(app).await?;
    tokens::keep_fresh(app, channel).await?;
    Ok(idle)
}

/// What somebody waits for.
pub(super) async fn talk(app: &App, holder: &str) -> Result<Talked, ServiceError> {
    let mut talked = Talked::default();
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
