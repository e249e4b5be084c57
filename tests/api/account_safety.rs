//! What keeps an account in the hands of its owner: proven contacts, refreshed sessions, officers whom an administrator had in hand, erasure.

mod confirmations;
mod contacts;
mod deciding;
mod erasure;
mod mailboxes;
mod refreshing;
