//! How many letters about accounts one source may cause: codes for contacts and links for new passwords, to whomever they go.
//!
//! Enters the source of a request, leaves nothing or how long it has to wait. Rules kept here: it is counted in the transaction that writes
//! the letter, on both databases, and so over all instances; whoever has a whole IPv6 network of /48 is one source as well. One mailbox is
//! counted elsewhere; this is for whoever writes to many.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::client_address::ClientAddress;
use crate::web::shared_limits::{self, BucketSize, BucketUse, OverflowPolicy};

/// What is counted runs out within so many microseconds.
const WINDOW: i64 = 60 * 60 * 1_000_000;
/// How many households of a network of /48 may be at it.
const AROUND: i64 = 4;

const SIZE: BucketSize = BucketSize { high: WINDOW, most: WINDOW, overflow: OverflowPolicy::Refused };

/// Counts a letter; the seconds until the next one where there were too many, and then it is not to be written.
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
