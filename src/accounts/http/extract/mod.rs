//! Extractors for authorization: the type of a handler's first argument names the right it requires.

pub mod access_policy;
pub mod account;
pub(crate) mod api_key;

pub use access_policy::{Public, ZaloSignature};
pub use account::{AnyCaller, Authorized, CurrentAccount, OptionalAccount};
pub use api_key::{ApiClient, Uploader};
