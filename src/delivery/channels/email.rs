//! E-mail by SMTP: one letter in two forms, with a way to unsubscribe and an address to which bounces come back.

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

/// How long the conversation may take up to the letter.
const OPENING_LIMIT: Duration = Duration::from_secs(60);

/// One letter on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailMessage {
    /// To whom.
    pub to: String,
    /// Their name, if known.
    pub name: Option<String>,
    /// What it says.
    pub message: RenderedMessage,
    /// The same at each attempt.
    pub key: String,
    /// What names it when it comes back.
    pub return_name: String,
    /// Where one click ends all letters.
    pub unsubscribe: Option<String>,
}

/// Sends letters.
pub struct EmailChannel {
    server: SmtpServer,
    from: Mailbox,
    bounce_to: Option<Address>,
}

/// A letter that the server waits for: until it is handed over nobody can have got it.
pub struct OpenEmail {
    conversation: SmtpConversation,
    bytes: Vec<u8>,
    message_id: String,
}

impl EmailChannel {
    /// From the settings; none without `smtp_url`.
    ///
    /// # Errors
    /// An address that is none, or a file of certificates that cannot be read.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.smtp_url else { return Ok(None) };
        let server = SmtpServer::parse(url.reveal(), root(config)?)?;
        Ok(Some(Self { server, from: sender(config)?, bounce_to: bounce_to(config)? }))
    }

    /// Everything that keeps `new` from its end.
    pub(super) fn faults(config: &Config) -> Vec<ConfigError> {
        let Some(url) = &config.smtp_url else { return Vec::new() };
        let (root, root_fault) = match root(config) {
            Ok(root) => (root, None),
            Err(fault) => (None, Some(fault)),
        };
        let server = SmtpServer::parse(url.reveal(), root);
        [root_fault, server.err(), sender(config).err(), bounce_to(config).err()].into_iter().flatten().collect()
    }

    /// Goes as far as the server's request for the letter.
    ///
    /// # Errors
    /// What became of the attempt, which has certainly delivered nothing.
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

    /// Envelope and bytes. The sender of the envelope names the letter, so that a bounce tells which one came back.
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

/// The certificate that the server may have beside those that the system trusts.
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
    /// Hands the letter over within a time.
    pub async fn hand_over(self, limit: Duration) -> DeliveryReport {
        match tokio::time::timeout(limit, self.conversation.hand_over(&self.bytes)).await {
            Ok(Ok(answer)) => DeliveryReport::delivered(Some(format!("{} {}", answer.code(), self.message_id))),
            Ok(Err(error)) => said(&error).unwrap_or_else(|| DeliveryReport::failed(AttemptOutcome::Uncertain, "broken off")),
            Err(_elapsed) => DeliveryReport::failed(AttemptOutcome::Uncertain, "timeout"),
        }
    }
}

/// What the server said of a letter. Its words may repeat the address, so that only the code is kept.
fn said(error: &smtp::Error) -> Option<DeliveryReport> {
    let code = error.status()?;
    // RFC 4954: what has to do with the login is the operator's to mend, and the letter can wait for it.
    let is_final = error.is_permanent() && code.category != Category::Unspecified3;
    let outcome = if is_final { AttemptOutcome::Refused } else { AttemptOutcome::Unreached };
    Some(DeliveryReport::failed(outcome, format!("SMTP {code}")))
}

/// Why the server has not even heard of the recipient: whatever it said, the next letter would fare no better.
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
