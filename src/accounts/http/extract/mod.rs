//! Who comes in: the type of a handler's first argument names the right that it needs.

pub mod account;
pub(crate) mod api_key;
pub mod entrance;

pub use account::{Anyone, Guest, Holder, Signed};
pub use api_key::{Keyed, Uploader};
pub use entrance::{Public, ZaloSigned};
