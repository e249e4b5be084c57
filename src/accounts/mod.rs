//! Accounts: registration, sign-in, sessions and access rights.
//!
//! Called by HTTP handlers and the command line; one file per use case, named by its verb.

pub mod access;
pub(crate) mod audit_events;
pub(crate) mod authenticate;
pub mod challenge;
pub(crate) mod contacts;
pub(crate) mod fields;
pub mod http;
mod idle;
mod login;
pub mod login_throttle;
mod message_quota;
pub(crate) mod new_password;
mod own_account;
mod own_sessions;
pub(crate) mod password_reset;
pub mod passwords;
pub(crate) mod profile;
pub(crate) mod reauthentication;
pub(crate) mod register;
pub mod rules;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub mod store;
pub mod tokens;

pub use authenticate::{AuthenticatedAccount, OwnAccount, authenticate, authenticate_for_own_account, is_unchanged};
pub(crate) use contacts::{CODE_MINUTES, code_of, contact_of, is_proven, is_verified};
pub use contacts::{accept_verified, confirm_contact, send_contact_code};
pub use idle::disable_idle;
pub use login::{LoginRequest, login};
pub use login_throttle::purge_failures;
pub use own_account::{AccountUpdate, change_me, change_password, me};
pub use own_sessions::{OwnSession, end_other_sessions, end_session, list_sessions};
pub(crate) use password_reset::link as reset_link;
pub use password_reset::{LINK_MINUTES, check_reset_link, request_password_reset, reset_password, write_reset_letters};
pub use profile::{AgencyName, Profile};
pub use reauthentication::Reauthentication;
pub(crate) use reauthentication::reauthenticate;
pub use register::{Registration, register};
pub use second_factor::{
    Enrolment, begin as begin_second_factor, confirm as confirm_second_factor, disable as give_up_second_factor,
    renew_recovery_codes,
};
pub use sessions::{SignedIn, logout, purge_sessions, refresh};
