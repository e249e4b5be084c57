//! Accounts: getting one, signing in, staying signed in, and who may.
//!
//! Handlers and the command line come in; one file per use case, named by its verb.

mod audited;
mod authenticate;
mod contacts;
mod fields;
mod from_zalo;
mod idle;
mod letters;
pub mod lock_out;
mod login;
mod new_password;
pub mod officers;
mod oidc;
mod own_account;
mod own_sessions;
mod password_reset;
pub mod passwords;
mod profile;
mod proof;
mod register;
mod second_factor;
mod sessions;

pub use authenticate::{OwnAccount, Present, authenticate, authenticate_for_own_account, is_unchanged};
pub(in crate::services) use contacts::{CODE_MINUTES, code_of, contact_of, has_shown_who_it_is, is_proven};
pub use contacts::{confirm_contact, send_contact_code, take_vouched};
pub use from_zalo::{name_from_zalo, sign_in_from_zalo};
pub use idle::disable_idle;
pub use lock_out::purge_marks;
pub use login::{SignIn, login};
pub use oidc::{
    BegunSignIn, Finish, OwnIdentities, OwnIdentity, Providers, begin_oidc, begin_oidc_link, finish_oidc, finish_oidc_link,
    list_identities, remove_identity,
};
pub use own_account::{OwnChanges, change_me, change_password, me};
pub use own_sessions::{OwnSession, end_other_sessions, end_session, list_sessions};
pub(in crate::services) use password_reset::link as reset_link;
pub use password_reset::{LINK_MINUTES, look_at_reset, request_password_reset, reset_password, write_reset_letters};
pub use profile::{AgencyName, Profile};
pub use proof::OwnerProof;
pub(in crate::services) use proof::prove_owner;
pub use register::{Registration, register};
pub use second_factor::{
    Enrolment, begin as begin_second_factor, confirm as confirm_second_factor, give_up as give_up_second_factor,
    renew_recovery_codes,
};
pub use sessions::{SignedIn, logout, purge_sessions, refresh};
