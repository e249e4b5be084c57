//! Zalo: the webhook comes in, conversations lead to petitions, messages go out, the Mini App signs in.
//!
//! [`intake`] believes an event by its signature and stores it once; [`handle`] does what it says, in the order of each person's events,
//! through the same services as everybody else; [`replies`] says what was said, never twice; [`tokens`] keeps the tokens of the Official
//! Account, of which the refresh token is good for one exchange.

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

/// Zalo as it is set up.
///
/// # Errors
/// [`ErrorCode::ZaloNotSetUp`].
pub fn channel(app: &App) -> Result<&ZaloChannel, ErrorCode> {
    app.channels.zalo.as_ref().ok_or(ErrorCode::ZaloNotSetUp)
}
