//! Accounts: getting one, signing in, staying signed in, and who may.
//!
//! Handlers and the command line come in; one file per use case, named by its verb.

mod authenticate;
mod fields;
mod from_zalo;
mod login;
pub mod officers;
mod own_account;
pub mod passwords;
mod profile;
mod register;
mod sessions;

pub use authenticate::{OwnAccount, authenticate, authenticate_for_own_account};
pub use from_zalo::{name_from_zalo, sign_in_from_zalo};
pub use login::login;
pub use own_account::{OwnChanges, change_me, change_password, me};
pub use profile::{AgencyName, Profile};
pub use register::{Registration, register};
pub use sessions::{SignedIn, logout, purge_sessions, refresh};
