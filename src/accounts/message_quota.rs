//! Limits how many account messages (contact codes, password reset links) one source may cause, whoever receives
//! them. Takes the source of a request, returns `None` or the seconds to wait.
//!
//! Rules: counted in the transaction that writes the message, in the database and so across all instances; an IPv6
//! /48 network is limited as a whole as well. The limit per mailbox is enforced elsewhere; this one is against
//! senders to many mailboxes.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::client_address::ClientAddress;
use crate::web::shared_limits::{self, BucketSize, BucketUse, OverflowPolicy};

/// The window of the limit in microseconds.
const WINDOW: i64 = 60 * 60 * 1_000_000;
/// How many times the limit of a single source applies to a whole /48 network.
const AROUND: i64 = 4;

const SIZE: BucketSize = BucketSize { high: WINDOW, most: WINDOW, overflow: OverflowPolicy::Refused };

/// Counts one message; returns the seconds to wait if the limit is reached, in which case the message must not be
/// written.
pub(super) fn retry_after_of_source(
    app: &App,
    connection: &mut DbConnection,
    source: &ClientAddress,
) -> Result<Option<u32>, ServiceError> {
    let limit = i64::from(app.config.account_letters_per_hour_of_source);
    if !app.config.rate_limits || limit == 0 {
        return Ok(None);
    }
    let used = |name: &ClientAddress, limit: i64| BucketUse {
        name: format!("account letters {}", name.as_str()),
        micros: WINDOW / limit,
    };
    let around = source.around().map(|around| used(&around, limit.saturating_mul(AROUND)));
    let uses: Vec<BucketUse> = std::iter::once(used(source, limit)).chain(around).collect();
    if shared_limits::charge_in(app, connection, &uses, SIZE)? {
        return Ok(None);
    }
    let seconds = (WINDOW / limit).saturating_add(999_999) / 1_000_000;
    Ok(Some(u32::try_from(seconds).unwrap_or(u32::MAX)))
}
