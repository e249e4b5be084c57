//! Places outside of the database to which signed heads of the audit record are handed: a file, standard output, another system.
//!
//! Rule: a head is handed over at least once and in order; whoever keeps it knows a repeated one by its hash. What is handed over holds
//! no personal data.

use super::http_client::client;
use crate::config::{Config, ConfigError};
use std::fmt;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// One place.
pub enum Anchor {
    /// Lines of JSON at the end of a file.
    File(PathBuf),
    /// Lines of JSON on standard output, for whatever collects it.
    Stdout,
    /// Posted to an address that the operator has named.
    Webhook(reqwest::Client, String),
}

/// The words do not repeat an address, which may hold a password.
impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Anchor {
    /// Every place that the settings name.
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
            // The operator names it, nobody who comes over the network: it may stand inside.
            all.push(Self::Webhook(client(true)?, url.reveal().to_owned()));
        }
        Ok(all)
    }

    /// Under which name it stands in the database and in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Stdout => "stdout",
            Self::Webhook(..) => "webhook",
        }
    }

    /// Whether the place would take a head, as far as this can be told without handing one over: whether the file can be added to.
    ///
    /// # Errors
    /// Why not, without the address.
    pub async fn probe(&self) -> Result<(), String> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                at_a_file(move || open(&path).map(drop)).await
            }
            Self::Stdout | Self::Webhook(..) => Ok(()),
        }
    }

    /// Hands over one line; returns once it is kept there.
    ///
    /// # Errors
    /// Why not, without the address.
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

/// The kind of an error only: its words may hold the address.
fn named(error: Error) -> String {
    error.kind().to_string()
}

async fn at_a_file(work: impl FnOnce() -> Result<(), Error> + Send + 'static) -> Result<(), String> {
    tokio::task::spawn_blocking(work).await.map_err(|_| "cancelled".to_owned())?.map_err(named)
}

/// The file, to be added to. A pipe is none: to open it would wait for a reader, and nothing that was written to it is kept.
fn open(path: &Path) -> Result<File, Error> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(Error::from(ErrorKind::InvalidInput));
    }
    File::options().create(true).append(true).open(path)
}

/// A head begins a line of its own, whatever was written before it: one that was glued to the rest of a line could not be read.
fn append(path: &Path, line: &str) -> Result<(), Error> {
    let mut file = open(path)?;
    let begin = if is_at_a_beginning(path, &file)? { "" } else { "\n" };
    file.write_all(format!("{begin}{line}\n").as_bytes())?;
    file.sync_data()
}

/// Whether what is added begins a line. Where it may not be read nobody knows, and an empty line more harms nobody.
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
