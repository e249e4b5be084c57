//! E-mail by SMTP: one letter in two forms, with a way to unsubscribe and an address to which bounces come back.

use super::Report;
use crate::config::{Config, ConfigError};
use crate::domain::outbox::AttemptOutcome;
use crate::services::messages::Message;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// How long the other side may take for one step of the conversation.
const PATIENCE: Duration = Duration::from_secs(30);

/// One letter on its way.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// Their name, if known.
    pub name: Option<String>,
    /// What it says.
    pub message: Message,
    /// The same at each attempt.
    pub key: String,
    /// What names it when it comes back.
    pub return_name: String,
    /// Where one click ends all letters.
    pub unsubscribe: Option<String>,
}

/// Sends letters.
pub struct EmailChannel {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    bounce_to: Option<Address>,
}

impl EmailChannel {
    /// From the settings; none without `smtp_url`.
    ///
    /// # Errors
    /// An address that is none, or a file of certificates that cannot be read.
    pub fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(url) = &config.smtp_url else { return Ok(None) };
        // The error of a wrong address may repeat the password in it.
        let unusable = |key: &'static str, why: &'static str| move |_| ConfigError::unusable(key, why);
        let wrong_url = "is no address as smtps://user:password@host or smtp://user:password@host?tls=required";
        let parsed = reqwest::Url::parse(url.reveal()).map_err(|_| ConfigError::unusable("smtp_url", wrong_url))?;
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal()).map_err(unusable("smtp_url", wrong_url))?;
        if let Some(file) = &config.smtp_ca_file {
            let pem = std::fs::read(file).map_err(|_| ConfigError::unusable("smtp_ca_file", "cannot be read"))?;
            let certificate =
                Certificate::from_pem(&pem).map_err(|_| ConfigError::unusable("smtp_ca_file", "holds no certificate"))?;
            let host = parsed.host_str().unwrap_or_default().to_owned();
            let parameters = TlsParameters::builder(host).add_root_certificate(certificate).build_rustls();
            let parameters = parameters.map_err(|_| ConfigError::unusable("smtp_ca_file", "cannot be used"))?;
            let is_wrapped = parsed.scheme() == "smtps";
            let is_required = parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
            builder = match (is_wrapped, is_required) {
                (true, _) => builder.tls(Tls::Wrapper(parameters)),
                (false, true) => builder.tls(Tls::Required(parameters)),
                (false, false) => builder,
            };
        }
        let from = config.mail_from.as_deref().ok_or_else(|| ConfigError::unusable("mail_from", "is needed with smtp_url"))?;
        let from = from.parse().map_err(unusable_address("mail_from"))?;
        let bounce_to = config.mail_bounce_to.as_deref().map(str::parse).transpose();
        let bounce_to = bounce_to.map_err(unusable_address("mail_bounce_to"))?;
        Ok(Some(Self { transport: builder.timeout(Some(PATIENCE)).build(), from, bounce_to }))
    }

    /// Sends one letter.
    pub async fn send(&self, letter: Letter) -> Report {
        let Ok((envelope, bytes)) = self.written(&letter) else {
            return Report::failed(AttemptOutcome::Refused, "no usable address");
        };
        match self.transport.send_raw(&envelope, &bytes).await {
            Ok(answer) => Report::delivered(Some(format!("{} {}", answer.code(), self.message_id(&letter.key)))),
            Err(error) => said(&error),
        }
    }

    fn message_id(&self, key: &str) -> String {
        format!("<{key}@{}>", self.from.email.domain())
    }

    /// Envelope and bytes. The sender of the envelope names the letter, so that a bounce tells which one came back.
    fn written(&self, letter: &Letter) -> Result<(Envelope, Vec<u8>), Box<dyn std::error::Error>> {
        let to: Address = letter.to.parse()?;
        let sender = match &self.bounce_to {
            Some(address) => Address::new(format!("{}+{}", address.user(), letter.return_name), address.domain())?,
            None => self.from.email.clone(),
        };
        let Message { subject, text, html } = letter.message.clone();
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

fn unusable_address<E>(key: &'static str) -> impl Fn(E) -> ConfigError {
    move |_| ConfigError::unusable(key, "is no e-mail address")
}

/// What an error means. The words of the other side may repeat the address, so that only its code is kept.
fn said(error: &smtp::Error) -> Report {
    let code = error.status().map(|code| format!("SMTP {code}"));
    if error.is_permanent() {
        Report::failed(AttemptOutcome::Refused, code.unwrap_or_default())
    } else if error.is_transient() {
        Report::failed(AttemptOutcome::Unreached, code.unwrap_or_default())
    } else if error.is_tls() {
        Report::failed(AttemptOutcome::Unreached, "TLS")
    } else if error.is_client() {
        Report::failed(AttemptOutcome::Unreached, "the server lacks what is needed")
    } else if is_before_the_conversation(error) {
        Report::failed(AttemptOutcome::Unreached, "connection")
    } else {
        Report::failed(AttemptOutcome::Uncertain, if error.is_timeout() { "timeout" } else { "broken off" })
    }
}

/// Whether nothing can have been sent yet, because nobody answered at all.
fn is_before_the_conversation(error: &smtp::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return matches!(io.kind(), std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::HostUnreachable);
        }
        cause = inner.source();
    }
    false
}
