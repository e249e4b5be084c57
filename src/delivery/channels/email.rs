//! E-mail over SMTP: one message with a text and an HTML part, an unsubscribe link and a return address for bounces.
//!
//! Enters: an [`EmailMessage`]. Leaves: a [`DeliveryReport`]. Sending has two halves: failures in `open` have
//! certainly delivered nothing; failures in `hand_over` may have.

use super::DeliveryReport;
use super::smtp::{SmtpConversation, SmtpOpenError, SmtpServer};
use crate::config::{Config, ConfigError};
use crate::delivery::messages::RenderedMessage;
use crate::delivery::rules::AttemptOutcome;
use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::response::Category;
use std::time::Duration;

/// Timeout for the SMTP dialogue up to the `DATA` command.
const OPENING_LIMIT: Duration = Duration::from_secs(60);

/// One e-mail to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailMessage {
    pub to: String,
    /// Name of the recipient, if known.
    pub name: Option<String>,
    pub message: RenderedMessage,
    /// Idempotency key, the same for each attempt.
    pub key: String,
    /// Local-part suffix of the return address; identifies the message in a bounce.
    pub return_name: String,
    /// One-click unsubscribe URL.
    pub unsubscribe: Option<String>,
}

/// Sends e-mail.
pub struct EmailChannel {
    server: SmtpServer,
    from: Mailbox,
    bounce_to: Option<Address>,
}

/// An SMTP dialogue waiting for the message; nothing has been delivered until it is handed over.
pub struct OpenEmail {
    conversation: SmtpConversation,
    bytes: Vec<u8>,
    message_id: String,
}

impl EmailChannel {
    /// Builds the channel from the configuration; `None` without `smtp_url`.
    ///
    /// # Errors
    /// An invalid address, or a certificate file that cannot be read.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.smtp_url else { return Ok(None) };
        let server = SmtpServer::parse(url.reveal(), root(config)?)?;
        Ok(Some(Self { server, from: sender(config)?, bounce_to: bounce_to(config)? }))
    }

    /// Every configuration error that would make `new` fail.
    pub(super) fn faults(config: &Config) -> Vec<ConfigError> {
        let Some(url) = &config.smtp_url else { return Vec::new() };
        let (root, root_fault) = match root(config) {
            Ok(root) => (root, None),
            Err(fault) => (None, Some(fault)),
        };
        let server = SmtpServer::parse(url.reveal(), root);
        [root_fault, server.err(), sender(config).err(), bounce_to(config).err()].into_iter().flatten().collect()
    }

    /// Runs the SMTP dialogue up to the point where the server asks for the message.
    ///
    /// # Errors
    /// The report of the attempt, which has certainly delivered nothing.
    pub async fn open(&self, letter: &EmailMessage) -> Result<OpenEmail, DeliveryReport> {
        let Ok((envelope, bytes)) = self.written(letter) else {
            return Err(DeliveryReport::failed(AttemptOutcome::Refused, "no usable address"));
        };
        let opening = self.server.open(&envelope, bytes.is_ascii());
        match tokio::time::timeout(OPENING_LIMIT, opening).await {
            Ok(Ok(conversation)) => Ok(OpenEmail { conversation, bytes, message_id: self.message_id(&letter.key) }),
            Ok(Err(SmtpOpenError::Recipient(error))) => Err(said(&error).unwrap_or_else(|| unreached(&error))),
            Ok(Err(SmtpOpenError::Sender(error))) => Err(unreached(&error)),
            Ok(Err(SmtpOpenError::Lacking)) => {
                Err(DeliveryReport::failed(AttemptOutcome::Unreached, "the server lacks what is needed"))
            }
            Err(_elapsed) => Err(DeliveryReport::failed(AttemptOutcome::Unreached, "timeout")),
        }
    }

    fn message_id(&self, key: &str) -> String {
        format!("<{key}@{}>", self.from.email.domain())
    }

    /// Envelope and bytes. The envelope sender identifies the message, so that a bounce can be matched.
    fn written(&self, letter: &EmailMessage) -> Result<(Envelope, Vec<u8>), Box<dyn std::error::Error>> {
        let to: Address = letter.to.parse()?;
        let sender = match &self.bounce_to {
            Some(address) => Address::new(format!("{}+{}", address.user(), letter.return_name), address.domain())?,
            None => self.from.email.clone(),
        };
        let RenderedMessage { subject, text, html } = letter.message.clone();
        let header = |name: &'static str, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(letter.name.clone(), to.clone()))
            .subject(subject)
            .message_id(Some(self.message_id(&letter.key)))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        if let Some(link) = &letter.unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", format!("<{link}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        let written = builder.multipart(MultiPart::alternative_plain_html(text, html))?;
        Ok((Envelope::new(Some(sender), vec![to])?, written.formatted()))
    }
}

/// The configured certificate that is trusted in addition to those of the system.
fn root(config: &Config) -> Result<Option<Certificate>, ConfigError> {
    let Some(file) = &config.smtp_ca_file else { return Ok(None) };
    let pem = std::fs::read(file).map_err(|_| ConfigError::unusable("smtp_ca_file", "cannot be read"))?;
    Certificate::from_pem(&pem).map(Some).map_err(|_| ConfigError::unusable("smtp_ca_file", "holds no certificate"))
}

fn sender(config: &Config) -> Result<Mailbox, ConfigError> {
    let from = config.mail_from.as_deref().ok_or_else(|| ConfigError::unusable("mail_from", "is needed with smtp_url"))?;
    from.parse().map_err(unusable_address("mail_from"))
}

fn bounce_to(config: &Config) -> Result<Option<Address>, ConfigError> {
    let address = config.mail_bounce_to.as_deref().map(str::parse).transpose();
    address.map_err(unusable_address("mail_bounce_to"))
}

fn unusable_address<E>(key: &'static str) -> impl Fn(E) -> ConfigError {
    move |_| ConfigError::unusable(key, "is no e-mail address")
}

impl OpenEmail {
    /// Sends the message within a time limit.
    pub async fn hand_over(self, limit: Duration) -> DeliveryReport {
        match tokio::time::timeout(limit, self.conversation.hand_over(&self.bytes)).await {
            Ok(Ok(answer)) => DeliveryReport::delivered(Some(format!("{} {}", answer.code(), self.message_id))),
            Ok(Err(error)) => said(&error).unwrap_or_else(|| DeliveryReport::failed(AttemptOutcome::Uncertain, "broken off")),
            Err(_elapsed) => DeliveryReport::failed(AttemptOutcome::Uncertain, "timeout"),
        }
    }
}

/// Reports the server's response. Only the status code is kept: the text may repeat the address.
fn said(error: &smtp::Error) -> Option<DeliveryReport> {
    let code = error.status()?;
    // RFC 4954: authentication failures are for the operator to fix; the message can wait.
    let is_final = error.is_permanent() && code.category != Category::Unspecified3;
    let outcome = if is_final { AttemptOutcome::Refused } else { AttemptOutcome::Unreached };
    Some(DeliveryReport::failed(outcome, format!("SMTP {code}")))
}

/// For failures before the recipient was mentioned: any other message would fail the same way, so this is retried.
fn unreached(error: &smtp::Error) -> DeliveryReport {
    let why = if let Some(code) = error.status() {
        format!("SMTP {code}")
    } else if error.is_tls() {
        "TLS".to_owned()
    } else if error.is_client() {
        "the server lacks what is needed".to_owned()
    } else if error.is_timeout() {
        "timeout".to_owned()
    } else {
        "connection".to_owned()
    };
    DeliveryReport::failed(AttemptOutcome::Unreached, why)
}
