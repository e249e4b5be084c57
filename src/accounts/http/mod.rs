//! Accounts over HTTP: `/auth/*` for getting in and out, `/me` for one's own account.

pub(crate) mod answers;
pub mod auth;
pub mod challenges;
pub mod extract;
pub mod me;
pub mod password_reset;
pub mod right;
pub mod second_factor;
pub mod sessions;
pub mod view;
