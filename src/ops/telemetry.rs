//! Logging to standard error, as text or as JSON.
//!
//! Started once by `cli`. Rule for all log statements: log identifiers and counts, never a name, a phone
//! number, petition text or a code that grants access to a petition.

use crate::config::{Config, ConfigError, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging with the settings `log` and `log_format`; later calls have no effect.
///
/// # Errors
/// When `log` is not a valid filter.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let mut filter = filter(config)?;
    // `actix_http` logs every malformed request as an error, so that anybody could flood the log.
    if !config.log.contains("actix_http") {
        filter = filter.add_directive("actix_http::h1::dispatcher=off".parse()?);
    }
    // Without this, a failed write would be reported to standard error, which is the closed stream, and the
    // process would die of it.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    // The default hook prints the panic message, which may contain user data.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    if started.is_err() {
        tracing::debug!("tracing subscriber already set");
    }
    Ok(())
}

/// Returns the log filter of the setting `log`.
///
/// # Errors
/// When it is not a valid filter.
pub fn filter(config: &Config) -> Result<EnvFilter, ConfigError> {
    EnvFilter::try_new(&config.log).map_err(|error| ConfigError::unusable("log", &error.to_string()))
}
