//! The transport of exchange messages behind one trait, so that sending and receiving are independent of whether a
//! folder or a gateway is used.
//!
//! Enters: the transport and address of a link. Leaves: a [`Carrier`]. Rule: a carrier delivers a message completely
//! or not at all, and removes an incoming one only after it has been told the outcome.

use super::folder::FolderCarrier;
use super::gateway::GatewayCarrier;
use crate::app::App;
use crate::integrations::edoc::rules::{MessageKind, Transport};
use futures_util::future::BoxFuture;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct ExchangeEnvelope {
    /// Base for file names, the same for each attempt.
    pub name: String,
    pub kind: MessageKind,
    /// Our organ identifier.
    pub from: String,
    pub bytes: Vec<u8>,
}

/// An incoming message waiting at the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingItem {
    /// Name of the message at the carrier.
    pub name: String,
    /// Whether it is so recent that it may still be incomplete.
    pub may_grow: bool,
}

/// How processing an incoming message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierOutcome {
    /// It has been stored.
    Done,
    /// It is unreadable.
    Failed,
}

/// Why a message could not be transported; the texts contain no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// The other side is unreachable; retry later, for every message.
    #[error("away: {0}")]
    Unavailable(String),
    /// The other side rejects this message.
    #[error("refused: {0}")]
    Refused(String),
    /// The configuration does not allow this address.
    #[error("settings: {0}")]
    Settings(&'static str),
    /// The attachments cannot be read at the moment; retry this message later.
    #[error("files: {0}")]
    Files(String),
}

/// Sends messages to one address and fetches them from there.
pub trait Carrier: Send + Sync {
    /// Sends a message.
    fn send<'a>(&'a self, envelope: &'a ExchangeEnvelope) -> BoxFuture<'a, Result<(), CarrierError>>;
    /// Returns the waiting messages, oldest first.
    fn arrived(&self) -> BoxFuture<'_, Result<Vec<IncomingItem>, CarrierError>>;
    /// Returns the bytes of a message, at most slightly more than the size limit, so that an oversized one is
    /// noticed.
    fn take<'a>(&'a self, arrived: &'a IncomingItem) -> BoxFuture<'a, Result<Vec<u8>, CarrierError>>;
    /// Reports the outcome of a message.
    fn finish<'a>(&'a self, arrived: &'a IncomingItem, ending: CarrierOutcome) -> BoxFuture<'a, Result<(), CarrierError>>;
}

/// Returns the carrier for an address.
///
/// # Errors
/// [`CarrierError::Settings`] when the configuration no longer allows it.
pub fn carrier(app: &App, transport: Transport, address: &str) -> Result<Box<dyn Carrier>, CarrierError> {
    Ok(match transport {
        Transport::Folder => Box::new(FolderCarrier::new(&app.config, address)?),
        Transport::Gateway => Box::new(GatewayCarrier::new(app, address)?),
    })
}
