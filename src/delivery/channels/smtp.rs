//! One SMTP dialogue in two halves: up to the server's request for the message, and the message itself.
//!
//! Rule: a failure in the first half has certainly delivered nothing; after a failure in the second half the message
//! may have arrived. Between the two the caller can still abort.

use crate::config::ConfigError;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use std::time::Duration;

/// Timeout for connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);
/// Timeout for `QUIT`; the message has already been accepted by then.
const QUIT_LIMIT: Duration = Duration::from_secs(2);

const WRONG_URL: &str = "is no address as smtps://user:password@host or smtp://user:password@host?tls=required";

/// The configured mail server.
pub(super) struct SmtpServer {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello_name: ClientId,
}

/// Why the dialogue failed before the message was sent.
pub(super) enum SmtpOpenError {
    /// The server is unreachable or accepts nothing from us: login failed, sender rejected.
    Sender(Error),
    /// The server rejects this recipient.
    Recipient(Error),
    /// The server lacks an extension that the message needs.
    Lacking,
}

impl From<Error> for SmtpOpenError {
    fn from(error: Error) -> Self {
        Self::Sender(error)
    }
}

/// A dialogue waiting for the message.
pub(super) struct SmtpConversation(AsyncSmtpConnection);

impl SmtpServer {
    /// Parses `smtp_url`; `root` is trusted in addition to the system's certificates. Errors never repeat the URL,
    /// which may contain a password.
    pub(super) fn parse(url: &str, root: Option<Certificate>) -> Result<Self, ConfigError> {
        let wrong = || ConfigError::unusable("smtp_url", WRONG_URL);
        let parsed = reqwest::Url::parse(url).map_err(|_| wrong())?;
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(wrong)?.to_owned();
        let wish = parsed.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let parameters = || {
            let builder = TlsParameters::builder(host.clone());
            let builder = root.clone().into_iter().fold(builder, |builder, root| builder.add_root_certificate(root));
            builder.build_rustls().map_err(|_| ConfigError::unusable("smtp_ca_file", "cannot be used"))
        };
        let (tls, port) = match (parsed.scheme(), wish.as_deref()) {
            ("smtp", None) => (Tls::None, 25),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), 587),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtps", _) => (Tls::Wrapper(parameters()?), 465),
            _ => return Err(wrong()),
        };
        let decoded =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| wrong());
        let credentials = match parsed.password() {
            Some(password) => Some(Credentials::new(decoded(parsed.username())?, decoded(password)?)),
            None => None,
        };
        let hello_name = match parsed.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(Self { port: parsed.port().unwrap_or(port), host, tls, credentials, hello_name })
    }

    /// Runs the dialogue up to the point where the server asks for the message (`DATA`).
    pub(super) async fn open(&self, envelope: &Envelope, is_ascii: bool) -> Result<SmtpConversation, SmtpOpenError> {
        let wrapper = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT_LIMIT), &self.hello_name, wrapper, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello_name).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello_name).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        let options = options(&connection, envelope, is_ascii)?;
        connection.command(Mail::new(envelope.from().cloned(), options)).await?;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(SmtpOpenError::Recipient)?;
        }
        connection.command(Data).await.map_err(SmtpOpenError::Recipient)?;
        Ok(SmtpConversation(connection))
    }
}

/// The `MAIL` parameters the message needs beyond plain SMTP (RFC 6152, RFC 6531).
fn options(connection: &AsyncSmtpConnection, envelope: &Envelope, is_ascii: bool) -> Result<Vec<MailParameter>, SmtpOpenError> {
    let has_other_letters =
        envelope.from().into_iter().chain(envelope.to()).any(|address| !AsRef::<str>::as_ref(address).is_ascii());
    let needed = [
        (has_other_letters, Extension::SmtpUtfEight, MailParameter::SmtpUtfEight),
        (!is_ascii, Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)),
    ];
    let mut options = Vec::new();
    for (is_needed, extension, option) in needed {
        if is_needed && !connection.server_info().supports_feature(extension) {
            return Err(SmtpOpenError::Lacking);
        }
        options.extend(is_needed.then_some(option));
    }
    Ok(options)
}

impl SmtpConversation {
    /// Sends the message; from here on it may arrive whatever the response is.
    pub(super) async fn hand_over(mut self, bytes: &[u8]) -> Result<Response, Error> {
        let answer = self.0.message(bytes).await?;
        let _ = tokio::time::timeout(QUIT_LIMIT, self.0.quit()).await;
        Ok(answer)
    }
}
