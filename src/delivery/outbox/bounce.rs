//! A letter that came back after a mail server had taken it: the next channel has its turn.
//!
//! Enters the mail as the mail server of the house hands it over. Rule: the address to which a letter comes back is sealed, so that
//! nobody can make the product write to a person twice by inventing a report.

use super::settle::bounced;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::delivery::rules::bounce_report::{addressed_to, is_given_up, named};
use crate::kernel::seal::Sealer;

const ADDRESS: &str = "address of returns";
/// Hexadecimal digits of the seal in an address, whose local part has 64 characters at most.
const DIGITS: usize = 16;

/// What a mail that came back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceOutcome {
    /// The letter is known to be lost; the person is told by the next channel.
    Lost,
    /// It is no report of a loss: of somebody on leave, or of a server that is still trying.
    NoLoss,
    /// It names no letter of ours, or one whose loss is known.
    Unknown,
}

/// What the sender of a letter's envelope carries to name it.
#[must_use]
pub fn bounce_name(seal: &Sealer, key: &str) -> String {
    let sealed = seal.of(ADDRESS, key);
    format!("{key}.{}", sealed.get(..DIGITS).unwrap_or_default())
}

/// Takes a mail that came back; `recipient` is the address it came to, otherwise that is looked for in its head.
pub async fn bounce(app: &App, mail: &str, recipient: Option<&str>) -> Result<BounceOutcome, ServiceError> {
    if !is_given_up(mail) {
        return Ok(BounceOutcome::NoLoss);
    }
    let names = recipient.into_iter().chain(addressed_to(mail)).filter_map(named);
    for name in names {
        // Some servers write addresses in small letters.
        let Some((key, _)) = name.rsplit_once('.').map(|(key, digits)| (key.to_uppercase(), digits)) else { continue };
        if bounce_name(&app.seal, &key).eq_ignore_ascii_case(name) && bounced(app, &key).await? {
            return Ok(BounceOutcome::Lost);
        }
    }
    Ok(BounceOutcome::Unknown)
}
