//! Places outside the database that receive the signed heads of the audit record: a file, standard output or another
//! system.
//!
//! Enters: one JSON line per head. Rule: heads are delivered at least once and in order; the receiver recognises
//! duplicates by their hash. The lines contain no personal data.

use super::http_client::client;
use crate::config::{Config, ConfigError};
use std::fmt;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A place that receives audit heads.
pub enum Anchor {
    /// JSON lines appended to a file.
    File(PathBuf),
    /// JSON lines on standard output, for a log collector.
    Stdout,
    /// POST to a URL from the configuration.
    Webhook(reqwest::Client, String),
}

/// Never prints the URL, which may contain a password.
impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Anchor {
    /// Returns every anchor in the configuration.
    ///
    /// # Errors
    /// When the system's certificates cannot be read.
    pub fn all(config: &Config) -> Result<Vec<Self>, ConfigError> {
        let mut all = Vec::new();
        all.extend(config.audit_anchor_file.clone().map(Self::File));
        if config.audit_anchor_stdout {
            all.push(Self::Stdout);
        }
        if let Some(url) = &config.audit_anchor_url {
            // Private addresses are allowed: the URL comes from the operator, never from the network.
            all.push(Self::Webhook(client(true)?, url.reveal().to_owned()));
        }
        Ok(all)
    }

    /// Returns the name used in the database and in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Stdout => "stdout",
            Self::Webhook(..) => "webhook",
        }
    }

    /// Checks whether the anchor would accept a head without sending one: whether the file can be opened for
    /// appending.
    ///
    /// # Errors
    /// The reason, without the URL.
    pub async fn probe(&self) -> Result<(), String> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                at_a_file(move || open(&path).map(drop)).await
            }
            Self::Stdout | Self::Webhook(..) => Ok(()),
        }
    }

    /// Delivers one line and returns once it is stored there.
    ///
    /// # Errors
    /// The reason, without the URL.
    pub async fn hand_over(&self, line: &str) -> Result<(), String> {
        match self {
            Self::File(path) => {
                let (path, line) = (path.clone(), line.to_owned());
                at_a_file(move || append(&path, &line)).await
            }
            Self::Stdout => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "{line}").and_then(|()| out.flush()).map_err(named)
            }
            Self::Webhook(client, url) => {
                let sent = client.post(url).header("content-type", "application/json").body(line.to_owned()).send().await;
                match sent {
                    Ok(answer) if answer.status().is_success() => Ok(()),
                    Ok(answer) => Err(format!("HTTP {}", answer.status().as_u16())),
                    Err(error) if error.is_timeout() => Err("timeout".to_owned()),
                    Err(_) => Err("connection".to_owned()),
                }
            }
        }
    }
}

/// Only the kind of the error: its message may contain the path.
fn named(error: Error) -> String {
    error.kind().to_string()
}

async fn at_a_file(work: impl FnOnce() -> Result<(), Error> + Send + 'static) -> Result<(), String> {
    tokio::task::spawn_blocking(work).await.map_err(|_| "cancelled".to_owned())?.map_err(named)
}

/// Opens the file for appending. Refuses pipes: opening one blocks until there is a reader, and nothing written to it
/// is kept.
fn open(path: &Path) -> Result<File, Error> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(Error::from(ErrorKind::InvalidInput));
    }
    File::options().create(true).append(true).open(path)
}

/// Starts the head on its own line, even if the file ends in an incomplete line, which would make it unreadable.
fn append(path: &Path, line: &str) -> Result<(), Error> {
    let mut file = open(path)?;
    let begin = if is_at_a_beginning(path, &file)? { "" } else { "\n" };
    file.write_all(format!("{begin}{line}\n").as_bytes())?;
    file.sync_data()
}

/// Whether the file ends with a newline. If the file is not readable, assume it does not: an extra empty line is
/// harmless.
fn is_at_a_beginning(path: &Path, file: &File) -> Result<bool, Error> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let Ok(mut reader) = File::open(path) else { return Ok(false) };
    reader.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    reader.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
