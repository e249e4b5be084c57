//! Accounts: getting one, signing in, staying signed in, and who may.
//!
//! Handlers and the command line come in; one file per use case, named by its verb.

pub mod access;
pub(crate) mod audited;
pub(crate) mod authenticate;
pub mod challenge;
pub(crate) mod contacts;
pub(crate) mod fields;
pub mod http;
mod idle;
mod letters;
pub mod lock_out;
mod login;
pub(crate) mod new_password;
mod own_account;
mod own_sessions;
pub(crate) mod password_reset;
pub mod passwords;
pub(crate) mod profile;
pub(crate) mod proof;
pub(crate) mod register;
pub mod rules;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub mod store;
pub mod tokens;

pub use authenticate::{OwnAccount, Present, authenticate, authenticate_for_own_account, is_unchanged};
pub(crate) use contacts::{CODE_MINUTES, code_of, contact_of, has_shown_who_it_is, is_proven};
pub use contacts::{confirm_contact, send_contact_code, take_vouched};
pub use idle::disable_idle;
pub use lock_out::purge_marks;
pub use login::{SignIn, login};
pub use own_account::{OwnChanges, change_me, change_password, me};
pub use own_sessions::{OwnSession, end_other_sessions, end_session, list_sessions};
pub(crate) use password_reset::link as reset_link;
pub use password_reset::{LINK_MINUTES, look_at_reset, request_password_reset, reset_password, write_reset_letters};
pub use profile::{AgencyName, Profile};
pub use proof::OwnerProof;
pub(crate) use proof::prove_owner;
pub use register::{Registration, register};
pub use second_factor::{
    Enrolment, begin as begin_second_factor, confirm as confirm_second_factor, give_up as give_up_second_factor,
    renew_recovery_codes,
};
pub use sessions::{SignedIn, logout, purge_sessions, refresh};
