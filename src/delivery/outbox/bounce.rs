//! Bounces: an e-mail came back after a mail server had accepted it, so the next channel is tried.
//!
//! Enters: the bounce mail, as the local mail server passes it on. Rule: the return address contains a seal, so that
//! nobody can cause a second message to a person by forging a bounce.

use super::settle::bounced;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::bounce_report::{addressed_to, is_given_up, named};
use crate::kernel::seal::Sealer;

const ADDRESS: &str = "address of returns";
/// Hex digits of the seal in the return address; a local part has at most 64 characters.
const DIGITS: usize = 16;

/// Result of processing a bounce mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceOutcome {
    /// The e-mail is lost; the next channel is tried.
    Lost,
    /// Not a failure report: an out-of-office reply, or a server that is still retrying.
    NoLoss,
    /// Refers to no e-mail of ours, or to one already known to be lost.
    Unknown,
}

/// Returns the local-part suffix of the envelope sender that identifies an e-mail.
#[must_use]
pub fn bounce_name(seal: &Sealer, key: &str) -> String {
    let sealed = seal.of(ADDRESS, key);
    format!("{key}.{}", sealed.get(..DIGITS).unwrap_or_default())
}

/// Processes a bounce mail. `recipient` is the address it was sent to; without it the headers are searched.
pub async fn bounce(app: &App, mail: &str, recipient: Option<&str>) -> Result<BounceOutcome, ServiceError> {
    if !is_given_up(mail) {
        return Ok(BounceOutcome::NoLoss);
    }
    let names = recipient.into_iter().chain(addressed_to(mail)).filter_map(named);
    for name in names {
        // Some mail servers lowercase addresses.
        let Some((key, _)) = name.rsplit_once('.').map(|(key, digits)| (key.to_uppercase(), digits)) else { continue };
        if bounce_name(&app.seal, &key).eq_ignore_ascii_case(name) && bounced(app, &key).await? {
            return Ok(BounceOutcome::Lost);
        }
    }
    Ok(BounceOutcome::Unknown)
}
