//! HTTP handlers of accounts: `/auth/*` for sign-in and sign-out, `/me` for one's own account.

pub mod auth;
pub mod challenges;
pub mod extract;
pub mod me;
pub mod password_reset;
pub mod policy_docs;
pub(crate) mod responses;
pub mod second_factor;
pub mod sessions;
pub mod view;
