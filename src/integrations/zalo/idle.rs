//! What happens to conversations in which nobody says anything: a reminder, and after as long again the draft is dropped.

use crate::app::App;
use crate::db::columns::Json;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::quiet_hours;
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep, phrases};
use crate::integrations::zalo::store::conversations::{self, ConversationRow};
use crate::integrations::zalo::store::{events, replies};
use chrono::Duration;

/// Conversations that are looked at in one round.
const BATCH: i64 = 100;
/// How long what was handled and said is kept; longer than Zalo repeats an event.
const KEPT_DAYS: i64 = 2;

/// What a round has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IdleSummary {
    /// People who were reminded.
    pub reminded: usize,
    /// Drafts that were dropped.
    pub dropped: usize,
}

/// Reminds and drops.
pub async fn remind_and_drop(app: &App) -> Result<IdleSummary, ServiceError> {
    let now = app.now();
    let before = now.plus(-Duration::minutes(i64::from(app.config.zalo_conversation_minutes)));
    let forgotten = now.plus(-Duration::days(KEPT_DAYS));
    // Nobody is woken by a reminder; whoever left in the evening finds the draft in the morning.
    let is_night = quiet_hours::outside_of(now) != now;
    app.db
        .write(move |connection| {
            let mut done = IdleSummary::default();
            for row in conversations::idle(connection, before, true, BATCH)? {
                let empty = ConversationRow {
                    step: ConversationStep::Menu,
                    draft: Json(ConversationDraft::default()),
                    reminded_at: None,
                    ..row.clone()
                };
                done.dropped += usize::from(conversations::replace(connection, &row, &empty)?);
            }
            if !is_night {
                for row in conversations::idle(connection, before, false, BATCH)? {
                    let reminded = ConversationRow { reminded_at: Some(now), ..row.clone() };
                    if conversations::replace(connection, &row, &reminded)? {
                        replies::insert(connection, &row.oa_user_id, phrases::REMINDER, now)?;
                        done.reminded += 1;
                    }
                }
            }
            events::purge(connection, forgotten)?;
            replies::purge(connection, forgotten)?;
            Ok(done)
        })
        .await
}
