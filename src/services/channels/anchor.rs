//! Places outside of the database to which signed heads of the audit record are handed: a file, standard output, another system.
//!
//! Rule: a head is handed over at least once and in order; whoever keeps it knows a repeated one by its hash. What is handed over holds
//! no personal data.

use super::http_client::client;
use crate::config::{Config, ConfigError};
use std::fmt;
use std::fs::File;
use std::io::{Error, Write};
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

    /// Hands over one line; returns once it is kept there.
    ///
    /// # Errors
    /// Why not, without the address.
    pub async fn hand_over(&self, line: &str) -> Result<(), String> {
        let io = |error: Error| error.kind().to_string();
        match self {
            Self::File(path) => {
                let (path, line) = (path.clone(), line.to_owned());
                tokio::task::spawn_blocking(move || append(&path, &line)).await.map_err(|_| "cancelled".to_owned())?.map_err(io)
            }
            Self::Stdout => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "{line}").and_then(|()| out.flush()).map_err(io)
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

fn append(path: &Path, line: &str) -> Result<(), Error> {
    let mut file = File::options().create(true).append(true).open(path)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()
}
