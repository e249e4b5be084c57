//! The ways out of the house: each takes one thing and says what became of it.
//!
//! Built once from the settings and owned by `App`. Rule: a channel never decides what happens next, and what it says about a
//! failure holds no address, no name and no text of a petition, because that is stored and shown to administrators.

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

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Why it failed, without personal data.
    pub problem: Option<String>,
    /// What the other side calls the message.
    pub reference: Option<String>,
    /// Whether the other side has said that it wants nothing more, ever.
    pub is_gone: bool,
    /// Whether the other side did not answer in time.
    pub is_silent: bool,
}

impl DeliveryReport {
    /// The other side took it.
    #[must_use]
    pub const fn delivered(reference: Option<String>) -> Self {
        Self { outcome: AttemptOutcome::Delivered, problem: None, reference, is_gone: false, is_silent: false }
    }

    /// It did not work out.
    #[must_use]
    pub fn failed(outcome: AttemptOutcome, problem: impl Into<String>) -> Self {
        Self { outcome, problem: Some(problem.into()), reference: None, is_gone: false, is_silent: false }
    }
}

/// Everything that is set up.
pub struct Channels {
    /// E-mail.
    pub email: Option<EmailChannel>,
    /// Other systems.
    pub webhook: WebhookChannel,
    /// Text messages.
    pub sms: Option<SmsChannel>,
    /// Zalo.
    pub zalo: Option<ZaloChannel>,
    /// Where heads of the audit record are handed to.
    pub anchors: Vec<Anchor>,
}

impl Channels {
    /// Sets up what the settings name; connects to nothing.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            email: EmailChannel::new(config)?,
            webhook: WebhookChannel::new(config)?,
            sms: SmsChannel::new(config)?,
            zalo: ZaloChannel::new(config)?,
            anchors: Anchor::all(config)?,
        })
    }

    /// Everything in the settings that keeps a channel from being set up; connects to nothing.
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

    /// The first channel for people; none where nothing is set up, and people look into the application.
    #[must_use]
    pub fn first_for_people(&self) -> Option<OutboxChannel> {
        let zalo = self.zalo.as_ref().map(|_| OutboxChannel::Zalo);
        zalo.or_else(|| self.email.as_ref().map(|_| OutboxChannel::Email))
    }
}
