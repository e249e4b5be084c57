//! Zalo: incoming webhook events, conversations that produce petitions, outgoing messages, Mini App sign-in.
//!
//! [`intake`] verifies an event's signature and stores it once; [`handle`] processes events in order per person,
//! through the same services as every other channel; [`replies`] sends the replies, never twice; [`tokens`] keeps the
//! tokens of the Official Account, whose refresh token can be used only once.

pub mod authorise;
mod effects;
pub mod handle;
pub mod http;
pub mod idle;
pub mod intake;
pub mod mini_app;
mod people;
pub mod petition_events;
mod photos;
pub mod replies;
pub mod rules;
pub mod send;
pub mod sign_in;
pub mod store;
pub mod tokens;

use crate::app::App;
use crate::delivery::channels::ZaloChannel;
use crate::kernel::error_code::ErrorCode;

/// Returns the configured Zalo channel.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`].
pub fn channel(app: &App) -> Result<&ZaloChannel, ErrorCode> {
    app.channels.zalo.as_ref().ok_or(ErrorCode::ZaloNotSetUp)
}
