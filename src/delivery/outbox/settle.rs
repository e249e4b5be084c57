//! Decides the state of a row after an attempt: delivered, retried later, moved to the next channel, or given up.

use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::channels::DeliveryReport;
use crate::delivery::rules::back_off::{self, ATTEMPTS_BEFORE_NEXT_CHANNEL, MOST_ATTEMPTS};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel, OutboxState, quiet_hours};
use crate::delivery::store::outbox::{self, AttemptRow, OutboxRow};
use crate::delivery::webhooks;
use crate::kernel::Instant;

/// A finished attempt.
#[derive(Clone)]
pub(super) struct DeliveryAttempt {
    /// The row as it was claimed.
    pub line: OutboxRow,
    pub report: DeliveryReport,
    pub at: Instant,
    /// Random bits for the jitter of the retry delay.
    pub bits: u64,
    /// Delay after the first attempt, in seconds.
    pub retry_seconds: u32,
}

/// Stores the attempt and the new state of the row in one transaction; returns the row as stored.
pub(super) async fn settle(app: &App, holder: &str, attempt: DeliveryAttempt) -> Result<OutboxRow, ServiceError> {
    let holder = holder.to_owned();
    app.db
        .write(move |connection| {
            let DeliveryAttempt { line, report, at, .. } = &attempt;
            outbox::add_attempt(connection, &evidence(line, report, *at))?;
            if let (true, Some(webhook)) = (report.is_gone, line.webhook_id) {
                webhooks::end_as_gone(connection, webhook, *at)?;
            }
            let after = after(&attempt);
            outbox::settle(connection, &holder, &after)?;
            Ok(after)
        })
        .await
}

fn evidence(line: &OutboxRow, report: &DeliveryReport, at: Instant) -> AttemptRow {
    AttemptRow {
        outbox_id: line.id,
        channel: line.channel,
        attempted_at: at,
        outcome: report.outcome,
        problem: report.problem.clone(),
        reference: report.reference.clone(),
    }
}

/// Returns the row after an attempt.
fn after(DeliveryAttempt { line, report, at, bits, retry_seconds }: &DeliveryAttempt) -> OutboxRow {
    let mut row = OutboxRow { holder: None, held_until: None, problem: report.problem.clone(), ..line.clone() };
    row.attempts += 1;
    match report.outcome {
        AttemptOutcome::Delivered => close(&mut row, OutboxState::Delivered, *at),
        AttemptOutcome::Refused | AttemptOutcome::Skipped | AttemptOutcome::Bounced => next_channel(&mut row, *at),
        AttemptOutcome::Unreached | AttemptOutcome::Uncertain if report.is_gone => close(&mut row, OutboxState::Dead, *at),
        // Do not risk a duplicate message if the first one may have arrived.
        AttemptOutcome::Uncertain if !row.channel.knows_repetitions() => {
            row.is_uncertain = true;
            close(&mut row, OutboxState::Dead, *at);
        }
        AttemptOutcome::Unreached | AttemptOutcome::Uncertain => {
            row.is_uncertain |= report.outcome == AttemptOutcome::Uncertain;
            // If a message may have arrived, do not send it again through another channel.
            let may_go_on = row.webhook_id.is_none() && !row.is_uncertain && next_of(&row).is_some();
            if may_go_on && row.attempts >= ATTEMPTS_BEFORE_NEXT_CHANNEL {
                next_channel(&mut row, *at);
            } else if row.attempts >= MOST_ATTEMPTS {
                close(&mut row, OutboxState::Dead, *at);
            } else {
                row.due_at = waking(&row, at.plus(back_off::pause(*retry_seconds, row.attempts, *bits)));
            }
        }
    }
    row
}

fn close(row: &mut OutboxRow, state: OutboxState, at: Instant) {
    row.state = state;
    row.settled_at = Some(at);
}

/// Moves the row to the next channel or, if there is none, closes it: an unreachable recipient is not a failure, a
/// rejection is.
fn next_channel(row: &mut OutboxRow, at: Instant) {
    match next_of(row) {
        Some(channel) => {
            row.channel = channel;
            row.attempts = 0;
            row.is_uncertain = false;
            row.due_at = waking(row, at);
        }
        None if row.channel == OutboxChannel::Webhook => close(row, OutboxState::Dead, at),
        None => close(row, OutboxState::Dropped, at),
    }
}

/// Returns the next channel. Messages about an account go to one contact: a phone number is reached by ZNS or SMS.
fn next_of(row: &OutboxRow) -> Option<OutboxChannel> {
    match (row.account_message_id, row.channel) {
        (Some(_), OutboxChannel::Zns) => Some(OutboxChannel::Sms),
        (Some(_), _) => None,
        (None, channel) => channel.next(),
    }
}

fn waking(row: &OutboxRow, at: Instant) -> Instant {
    if row.is_urgent { at } else { quiet_hours::outside_of(at) }
}

/// Moves the row of a bounced e-mail to the next channel; returns whether there was such a row.
pub(super) async fn bounced(app: &App, key: &str) -> Result<bool, ServiceError> {
    let (now, key) = (app.now(), key.to_owned());
    app.db
        .write(move |connection| {
            let Some(line) = outbox::find_by_key(connection, &key)? else { return Ok(false) };
            if line.channel != OutboxChannel::Email || line.state != OutboxState::Delivered {
                return Ok(false);
            }
            let report = DeliveryReport::failed(AttemptOutcome::Bounced, "came back");
            outbox::add_attempt(connection, &evidence(&line, &report, now))?;
            let mut row = OutboxRow { state: OutboxState::Due, settled_at: None, problem: report.problem, ..line };
            next_channel(&mut row, now);
            outbox::replace(connection, &row)?;
            Ok(true)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{OutboxId, PetitionId};
    use AttemptOutcome::{Delivered, Refused, Skipped, Uncertain, Unreached};
    use OutboxChannel::{Email, InApp, Webhook, Zalo, Zns};

    fn at(hour: u32) -> Instant {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        Instant::from_local(day.and_hms_opt(hour, 0, 0).unwrap())
    }

    fn line(channel: OutboxChannel) -> OutboxRow {
        OutboxRow {
            id: OutboxId(1),
            key: "BN26-7K3QX9-C.1".to_owned(),
            petition_id: Some(PetitionId(1)),
            sequence: 1,
            webhook_id: (channel == Webhook).then_some(crate::kernel::ids::WebhookId(1)),
            channel,
            state: OutboxState::Due,
            is_urgent: false,
            attempts: 0,
            is_uncertain: false,
            due_at: at(9),
            holder: Some("x".to_owned()),
            held_until: Some(at(10)),
            problem: None,
            created_at: at(9),
            settled_at: None,
            password_reset_id: None,
            account_message_id: None,
        }
    }

    /// Channel, state and attempts after a series of outcomes.
    fn told(mut row: OutboxRow, outcomes: &[AttemptOutcome]) -> (OutboxChannel, OutboxState, i32) {
        for outcome in outcomes {
            let report = DeliveryReport { outcome: *outcome, problem: None, reference: None, is_gone: false, is_silent: false };
            row = after(&DeliveryAttempt { line: row, report, at: at(9), bits: 200, retry_seconds: 30 });
        }
        (row.channel, row.state, row.attempts)
    }

    #[test]
    fn a_refusal_gives_the_next_channel_its_turn() {
        assert_eq!(told(line(Zalo), &[Refused]), (Zns, OutboxState::Due, 0));
        assert_eq!(told(line(Zalo), &[Refused, Skipped, Delivered]), (Email, OutboxState::Delivered, 1));
        assert_eq!(told(line(Zalo), &[Refused, Skipped, Refused, Delivered]), (InApp, OutboxState::Delivered, 1));
        assert_eq!(told(line(Email), &[Skipped, Skipped]), (InApp, OutboxState::Dropped, 1));
    }

    #[test]
    fn who_may_have_been_reached_is_told_by_no_other_channel() {
        let six = [Unreached; 6];
        assert_eq!(told(line(Zalo), &six), (Zns, OutboxState::Due, 0));
        let mut uncertain = six;
        uncertain[2] = Uncertain;
        assert_eq!(told(line(Webhook), &uncertain), (Webhook, OutboxState::Due, 6));
        for channel in [Zalo, Zns, Email] {
            assert_eq!(told(line(channel), &[Unreached, Uncertain]), (channel, OutboxState::Dead, 2));
        }
    }

    #[test]
    fn another_system_is_tried_for_three_days() {
        assert_eq!(told(line(Webhook), &[Unreached; 19]), (Webhook, OutboxState::Due, 19));
        assert_eq!(told(line(Webhook), &[Unreached; 20]), (Webhook, OutboxState::Dead, 20));
        assert_eq!(told(line(Webhook), &[Refused]), (Webhook, OutboxState::Dead, 1));
    }

    #[test]
    fn an_attempt_that_would_fall_into_the_night_waits_for_the_morning() {
        let report = DeliveryReport::failed(Unreached, "x");
        let mut row = line(Email);
        row.attempts = 4;
        let late = after(&DeliveryAttempt {
            line: row.clone(),
            report: report.clone(),
            at: at(20).plus(chrono::Duration::minutes(59)),
            bits: 200,
            retry_seconds: 30,
        });
        assert_eq!(late.due_at.to_rfc3339(), "2026-03-03T07:00:00+07:00");
        row.is_urgent = true;
        let urgent = after(&DeliveryAttempt { line: row, report, at: at(21), bits: 200, retry_seconds: 30 });
        assert_eq!(urgent.due_at.to_rfc3339(), "2026-03-02T21:08:00+07:00");
    }
}
