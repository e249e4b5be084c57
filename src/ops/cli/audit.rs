//! `pakn audit …`: works on the audit record outside of the server: signs and exports heads, exports entries,
//! and checks exported heads against the database.

use super::verify::{print, signers};
use crate::app::{AUDIT_KEY_FILE, App};
use crate::audit::rules::head::SigningKey;
use crate::audit::{AuditActor, AuditEvent, external_heads, heads, store as audit, transaction};
use crate::config::Config;
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbSettings};
use crate::kernel::clock::SystemClock;
use crate::ops::verify;
use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// File name of the audit key in the data folder.
pub(super) const KEY_FILE: &str = AUDIT_KEY_FILE;
/// Entries read per query.
const AT_ONCE: i64 = 1000;

/// What can be done with the audit record.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Signs the head of this hour now, unless it is signed
    Sign,
    /// Prints every signed head as a line of JSON, to be kept where nobody of this server can write
    Heads,
    /// Prints every entry as a line of JSON, chain by chain
    Export,
    /// Checks heads that were kept (as `heads`, an anchor or `GET /api/v1/audit/heads` gave them) against the database; exit status 1 and
    /// what is wrong, when something is, or when a line of the file holds no head
    Check {
        /// The file
        file: PathBuf,
    },
}

/// Runs the command.
pub(super) async fn run(config: Config, command: AuditCommand) -> anyhow::Result<()> {
    super::must_exist(&config)?;
    if let AuditCommand::Sign = command {
        return super::with_app(config, async |app| sign(app).await).await;
    }
    let db = Db::open(&DbSettings { statement_limit: Duration::ZERO, connections: 1, ..config.database()? })?;
    let done = match command {
        AuditCommand::Sign => Ok(()),
        AuditCommand::Heads => print_heads(&db).await,
        AuditCommand::Export => export(&db).await,
        AuditCommand::Check { file } => check(&db, &config, &file).await,
    };
    db.close().await;
    done
}

async fn sign(app: &App) -> anyhow::Result<()> {
    match heads::sign(app).await? {
        Some(head) => write_line(&serde_json::to_value(&head)?),
        None => {
            errln!("the head of this hour is signed already");
            Ok(())
        }
    }
}

async fn print_heads(db: &Db) -> anyhow::Result<()> {
    for head in heads::all(db).await? {
        write_line(&serde_json::to_value(&head)?)?;
    }
    Ok(())
}

async fn export(db: &Db) -> anyhow::Result<()> {
    let mut after: Option<(String, i64)> = None;
    loop {
        let place = after.clone();
        let page = db.read(move |connection| audit::page(connection, place.as_ref(), AT_ONCE)).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some((last.stream.clone(), last.sequence));
        for (entry, hash) in page {
            // The texts exactly as stored, so that the hash can be recomputed.
            write_line(&json!({
                "stream": entry.stream,
                "sequence": entry.sequence,
                "at": entry.at,
                "account_id": entry.account_id,
                "roles": entry.roles,
                "action": entry.action,
                "subject_kind": entry.subject_kind,
                "subject": entry.subject,
                "source": entry.source,
                "request_id": entry.request_id,
                "detail": entry.detail,
                "previous_hash": entry.previous_hash,
                "hash": hash,
            }))?;
        }
    }
}

/// Writes a line to standard output; a closed pipe (`… | head`) is no error.
fn write_line(value: &Value) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{value}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

async fn check(db: &Db, config: &Config, file: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    // Invalid UTF-8 spoils only its own line.
    let kept = external_heads::read(&String::from_utf8_lossy(&bytes));
    let mut findings = kept.faults;
    if !kept.heads.is_empty() {
        findings.extend(heads::compare(db, &kept.heads).await?);
    }
    findings.iter().for_each(|finding| outln!("    kept heads: {finding}"));
    if kept.heads.is_empty() {
        bail!("{} holds no heads", file.display());
    }
    let (count, verdict) = (findings.len(), if findings.is_empty() { "ok " } else { "BAD" });
    outln!("{verdict} kept heads: {} heads of {} against the database", kept.heads.len(), file.display());
    match count + verify::record(db, &mut print).await? + signers(db, config).await? {
        0 => Ok(()),
        1 => bail!("1 thing is wrong"),
        count => bail!("{count} things are wrong"),
    }
}

/// Records an operator action done without the application, such as a backup.
pub(super) async fn written_down(config: &Config, event: AuditEvent) -> anyhow::Result<()> {
    let app = App::open(config.clone(), Arc::new(SystemClock))?;
    let written = transaction(&app, &AuditActor::operator(), move |_| Ok::<_, ServiceError>(((), event.clone()))).await;
    app.close().await;
    Ok(written?)
}

/// Returns the trusted public keys: that of this installation, if available, and the earlier ones from the
/// settings.
pub(super) fn trusted(config: &Config) -> Vec<String> {
    let stored = || std::fs::read_to_string(config.data_dir.join(KEY_FILE)).ok();
    let seed = config.audit_key.as_ref().map(|key| key.reveal().to_owned()).or_else(stored);
    let own = seed.and_then(|seed| SigningKey::of_seed(&seed)).map(|key| key.public_key());
    own.into_iter().chain(config.audit_public_keys.iter().map(|key| key.to_ascii_lowercase())).collect()
}
