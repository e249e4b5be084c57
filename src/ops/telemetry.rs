//! The log: to standard error, as text for people or as JSON for programs.
//!
//! Called once by `cli`. Rule for everybody who logs: identifiers and counts, never a name, a phone number, a text of a petition
//! or a code that opens one.

use crate::config::{Config, ConfigError, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts the log with the settings `log` and `log_format`; later calls change nothing.
///
/// # Errors
/// When `log` is no list of levels.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let mut filter = filter(config)?;
    // It tells of everything that is no HTTP as an error: anybody could fill the log with it.
    if !config.log.contains("actix_http") {
        filter = filter.add_directive("actix_http::h1::dispatcher=off".parse()?);
    }
    // Of a line that cannot be written it would tell standard error, which is what is closed then, and end the process by that.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let started = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    // The usual hook prints the message, which may hold what somebody wrote.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    if started.is_err() {
        tracing::debug!("tracing subscriber already set");
    }
    Ok(())
}

/// What is logged, by the setting `log`.
///
/// # Errors
/// When it is no list of levels.
pub fn filter(config: &Config) -> Result<EnvFilter, ConfigError> {
    EnvFilter::try_new(&config.log).map_err(|error| ConfigError::unusable("log", &error.to_string()))
}
