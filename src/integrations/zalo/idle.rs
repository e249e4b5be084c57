//! Idle conversations: sends a reminder, and drops the draft after the same time again.

use crate::app::App;
use crate::db::columns::Json;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::quiet_hours;
use crate::integrations::zalo::rules::{ConversationDraft, ConversationStep, phrases};
use crate::integrations::zalo::store::conversations::{self, ConversationRow};
use crate::integrations::zalo::store::{events, replies};
use chrono::Duration;

/// Conversations per round.
const BATCH: i64 = 100;
/// Days handled events and sent replies are kept; longer than Zalo retries an event.
const KEPT_DAYS: i64 = 2;

/// Result of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IdleSummary {
    /// Reminders sent.
    pub reminded: usize,
    /// Drafts dropped.
    pub dropped: usize,
}

/// Sends reminders and drops old drafts.
pub async fn remind_and_drop(app: &App) -> Result<IdleSummary, ServiceError> {
    let now = app.now();
    let before = now.plus(-Duration::minutes(i64::from(app.config.zalo_conversation_minutes)));
    let forgotten = now.plus(-Duration::days(KEPT_DAYS));
    // No reminders at night; a draft abandoned in the evening is still there in the morning.
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
