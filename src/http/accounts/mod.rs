//! Accounts over HTTP: `/auth/*` for getting in and out, `/me` for one's own account.

pub mod auth;
pub mod me;
pub mod oidc;
pub mod password_reset;
pub mod second_factor;
pub mod sessions;
pub mod view;
