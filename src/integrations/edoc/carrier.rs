//! How messages travel: one trait, so that sending and receiving do not know whether it is a folder or a gateway.
//!
//! Enters a link's transport and address, leaves something that carries. Rule: a carrier hands a message over whole or not at all,
//! and forgets one that came in only when it is told how that ended.

use super::folder::FolderCarrier;
use super::gateway::GatewayCarrier;
use crate::app::App;
use crate::integrations::edoc::rules::{MessageKind, Transport};
use futures_util::future::BoxFuture;

/// A message to be handed over.
#[derive(Debug, Clone)]
pub struct ExchangeEnvelope {
    /// A name for files, the same at each attempt.
    pub name: String,
    /// Document or status.
    pub kind: MessageKind,
    /// Our identifier.
    pub from: String,
    /// The message.
    pub bytes: Vec<u8>,
}

/// A message that waits for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingItem {
    /// How the carrier calls it.
    pub name: String,
    /// Whether it came so recently that it may still be growing.
    pub may_grow: bool,
}

/// How a message that came in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierOutcome {
    /// It is stored.
    Done,
    /// It cannot be read.
    Failed,
}

/// Why something was not carried; the sentence holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// The other side cannot be reached: another try later is worth it, for every message.
    #[error("away: {0}")]
    Unavailable(String),
    /// The other side does not want this one.
    #[error("refused: {0}")]
    Refused(String),
    /// The settings do not allow this address.
    #[error("settings: {0}")]
    Settings(&'static str),
    /// The files that go along cannot be read now: another try later is worth it, for this message.
    #[error("files: {0}")]
    Files(String),
}

/// What carries messages to one address and from it.
pub trait Carrier: Send + Sync {
    /// Hands a message over.
    fn send<'a>(&'a self, envelope: &'a ExchangeEnvelope) -> BoxFuture<'a, Result<(), CarrierError>>;
    /// What waits for us, oldest first.
    fn arrived(&self) -> BoxFuture<'_, Result<Vec<IncomingItem>, CarrierError>>;
    /// The bytes of a message; at most a little more than the limit, so that a larger one shows.
    fn take<'a>(&'a self, arrived: &'a IncomingItem) -> BoxFuture<'a, Result<Vec<u8>, CarrierError>>;
    /// Tells how a message ended.
    fn finish<'a>(&'a self, arrived: &'a IncomingItem, ending: CarrierOutcome) -> BoxFuture<'a, Result<(), CarrierError>>;
}

/// The carrier of an address.
///
/// # Errors
/// [`CarrierError::Settings`] when the settings do not allow it any more.
pub fn carrier(app: &App, transport: Transport, address: &str) -> Result<Box<dyn Carrier>, CarrierError> {
    Ok(match transport {
        Transport::Folder => Box::new(FolderCarrier::new(&app.config, address)?),
        Transport::Gateway => Box::new(GatewayCarrier::new(app, address)?),
    })
}
