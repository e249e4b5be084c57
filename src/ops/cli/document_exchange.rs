//! `pakn exchange`: reports what was sent to document systems and what was acknowledged, for reconciliation
//! with the other side.

use crate::app::App;
use crate::integrations::edoc::message_list;
use chrono::Duration;

/// Maximum number of messages listed individually.
const MOST: i64 = 1000;

/// What to do about the document exchange.
#[derive(Debug, clap::Subcommand)]
pub(super) enum ExchangeCommand {
    /// Counts the messages of each link by state and names what was sent and not acknowledged.
    Report {
        /// The last so many days.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
        /// Hours after which an answer is missed.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=87600))]
        older_than_hours: u32,
    },
}

pub(super) async fn run(app: &App, command: ExchangeCommand) -> anyhow::Result<()> {
    let ExchangeCommand::Report { days, older_than_hours } = command;
    outln!("link\torgan\tdirection\tstate\tmessages");
    for count in message_list::counts(app, days).await? {
        outln!("{}\t{}\t{}\t{}\t{}", count.link, count.organ_id, count.direction, count.state, count.count);
    }
    let now = app.now();
    let mut filter = message_list::unacknowledged(now, Duration::hours(i64::from(older_than_hours)));
    filter.since = Some(now.plus(-Duration::days(i64::from(days))));
    let missing = message_list::list(app, filter, None, MOST).await?;
    outln!("\nsent and not acknowledged: {}{}", missing.items.len(), if missing.next.is_some() { " and more" } else { "" });
    for message in missing.items {
        let sent_at = message.sent_at.map(crate::kernel::Instant::to_rfc3339).unwrap_or_default();
        outln!("{}\t{}\t{sent_at}\t{}", message.id, message.petition.unwrap_or_default(), message.message_id);
    }
    Ok(())
}
