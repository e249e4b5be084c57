//! The outgoing channels: e-mail, Zalo, SMS, webhooks and audit anchors.
//!
//! Built once from the configuration and owned by `App`. Each channel sends one message and returns a
//! [`DeliveryReport`]. Rules: a channel never decides what happens next, and its failure texts contain no address,
//! name or petition text, because they are stored and shown to administrators.

mod anchor;
mod email;
mod http_client;
mod sms;
mod smtp;
mod webhook;
mod zalo;

pub use anchor::Anchor;
pub use email::{EmailChannel, EmailMessage, OpenEmail};
pub use http_client::client;
pub use sms::{SmsChannel, SmsMessage};
pub use webhook::{SECRET_PREFIX, WebhookChannel, WebhookRequest, signature};
pub use zalo::{ZaloChannel, ZaloResponse, ZnsNotice, code_of};

use crate::config::{Config, ConfigError};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel};

/// Result of one delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    pub outcome: AttemptOutcome,
    /// Failure reason, without personal data.
    pub problem: Option<String>,
    /// Message id assigned by the receiver.
    pub reference: Option<String>,
    /// Whether the receiver declared that it never wants anything more (410).
    pub is_gone: bool,
    /// Whether the receiver timed out.
    pub is_silent: bool,
}

impl DeliveryReport {
    /// Returns the report of a successful delivery.
    #[must_use]
    pub const fn delivered(reference: Option<String>) -> Self {
        Self { outcome: AttemptOutcome::Delivered, problem: None, reference, is_gone: false, is_silent: false }
    }

    /// Returns the report of a failed attempt.
    #[must_use]
    pub fn failed(outcome: AttemptOutcome, problem: impl Into<String>) -> Self {
        Self { outcome, problem: Some(problem.into()), reference: None, is_gone: false, is_silent: false }
    }
}

/// Every configured channel.
pub struct Channels {
    pub email: Option<EmailChannel>,
    pub webhook: WebhookChannel,
    pub sms: Option<SmsChannel>,
    pub zalo: Option<ZaloChannel>,
    /// Receivers of the audit heads.
    pub anchors: Vec<Anchor>,
}

impl Channels {
    /// Builds the configured channels without connecting to anything.
    ///
    /// # Errors
    /// An unusable setting.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            email: EmailChannel::new(config)?,
            webhook: WebhookChannel::new(config)?,
            sms: SmsChannel::new(config)?,
            zalo: ZaloChannel::new(config)?,
            anchors: Anchor::all(config)?,
        })
    }

    /// Returns every configuration error that prevents a channel from being set up; connects to nothing.
    #[must_use]
    pub fn faults(config: &Config) -> Vec<ConfigError> {
        let others = [
            WebhookChannel::new(config).err(),
            SmsChannel::new(config).err(),
            ZaloChannel::new(config).err(),
            Anchor::all(config).err(),
        ];
        EmailChannel::faults(config).into_iter().chain(others.into_iter().flatten()).collect()
    }

    /// Returns the first channel for people; `None` if no channel is configured and people only see messages in the
    /// application.
    #[must_use]
    pub fn first_for_people(&self) -> Option<OutboxChannel> {
        let zalo = self.zalo.as_ref().map(|_| OutboxChannel::Zalo);
        zalo.or_else(|| self.email.as_ref().map(|_| OutboxChannel::Email))
    }
}
