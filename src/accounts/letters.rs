//! How many letters about accounts one source may cause: codes for contacts and links for new passwords, to whomever they go.
//!
//! Enters the source of a request, leaves nothing or how long it has to wait. Rules kept here: it is counted in the transaction that writes
//! the letter, on both databases, and so over all instances; whoever has a whole IPv6 network of /48 is one source as well. One mailbox is
//! counted elsewhere; this is for whoever writes to many.

use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::source::Source;
use crate::web::shared_limits::{self, Overflow, Size, Use};

/// What is counted runs out within so many microseconds.
const WINDOW: i64 = 60 * 60 * 1_000_000;
/// How many households of a network of /48 may be at it.
const AROUND: i64 = 4;

const SIZE: Size = Size { high: WINDOW, most: WINDOW, overflow: Overflow::Refused };

/// Counts a letter; the seconds until the next one where there were too many, and then it is not to be written.
pub(super) fn wait_of_source(app: &App, connection: &mut DbConnection, source: &Source) -> Result<Option<u32>, ServiceError> {
    let limit = i64::from(app.config.account_letters_per_hour_of_source);
    if !app.config.rate_limits || limit == 0 {
        return Ok(None);
    }
    let used = |name: &Source, limit: i64| Use { name: format!("account letters {}", name.as_str()), micros: WINDOW / limit };
    let around = source.around().map(|around| used(&around, limit.saturating_mul(AROUND)));
    let uses: Vec<Use> = std::iter::once(used(source, limit)).chain(around).collect();
    if shared_limits::take_within(app, connection, &uses, SIZE)? {
        return Ok(None);
    }
    let seconds = (WINDOW / limit).saturating_add(999_999) / 1_000_000;
    Ok(Some(u32::try_from(seconds).unwrap_or(u32::MAX)))
}
