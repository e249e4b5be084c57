//! Prepares the demo year before the server starts: builds it once, recognises an existing one, and refuses a
//! database with real petitions.
//!
//! Called by `serve --demo` before the database is opened for service. An SQLite database is built in a
//! separate file that replaces the real one when complete, so that an interrupted build starts anew. On
//! PostgreSQL the year is built in place, and an incomplete one is refused with instructions.

use crate::app::App;
use crate::config::{Config, Secret};
use crate::db::{Db, DbSettings, Durability};
use crate::directory::load_reference;
use crate::figures::statistics;
use crate::kernel::clock::SystemClock;
use crate::ops::cli::migrate;
use crate::ops::cli::progress::Progress;
use crate::sample_data::demo::{self, ACCOUNTS, DemoStatus};
use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a build step may wait for the database.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the demo year unless it exists, and prints the demo accounts.
///
/// # Errors
/// When the database holds anything but the demo.
pub(super) async fn prepare(config: &Config) -> anyhow::Result<()> {
    let address = config.address()?;
    let app = super::open(config.clone()).await?;
    let standing = demo::status(&app).await;
    app.close().await;
    drop(app);
    match standing? {
        DemoStatus::Complete => {}
        DemoStatus::RealPetitions => bail!(
            "{} holds petitions that are not the demo's; --demo needs a database of its own (another --data-dir or \
             PAKN_DATABASE_URL)",
            address.without_password()
        ),
        DemoStatus::Interrupted => bail!(
            "{} holds a part of the demo year whose building was interrupted; drop this database, create it anew and start \
             again",
            address.without_password()
        ),
        DemoStatus::Empty => match address.sqlite_path() {
            Some(file) => build_beside(config, file).await?,
            None => build_in(config.clone()).await?,
        },
    }
    print_accounts();
    Ok(())
}

/// Builds in a copy of the file, which then replaces it.
async fn build_beside(config: &Config, file: &Path) -> anyhow::Result<()> {
    if beside(file, "-wal").exists() {
        bail!("{} is open in another process; stop it before the demo is built", file.display());
    }
    let building = beside(file, ".demo");
    for rest in ["", "-wal", "-shm"] {
        match fs::remove_file(beside(&building, rest)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    fs::copy(file, &building).with_context(|| format!("cannot write {}", building.display()))?;
    let url = Secret::new(format!("sqlite://{}", building.display()));
    let config = Config { database_url: Some(url), ..config.clone() };
    build_in(config.clone()).await?;
    // Closing the last connection merges the write-ahead log into the database file.
    migrate::up_to_date(&config).await?;
    if beside(&building, "-wal").exists() {
        bail!("{} could not be completed", building.display());
    }
    fs::File::open(&building)?.sync_all()?;
    fs::rename(&building, file).with_context(|| format!("cannot replace {}", file.display()))
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

async fn build_in(config: Config) -> anyhow::Result<()> {
    // No other process uses this database, and the build can be repeated.
    let settings =
        DbSettings { durability: Durability::Relaxed, statement_limit: Duration::ZERO, wait: PATIENCE, ..config.database()? };
    let mut app = App::open(config, Arc::new(SystemClock))?;
    app.db.close().await;
    app.db = Db::open(&settings)?;
    load_reference::ensure_loaded(&app).await?;
    let progress = Progress::start("building the demo year");
    let built = demo::build(&app, |done, total| progress.update(to_u64(done), to_u64(total))).await;
    progress.end();
    let counted = statistics::roll_up(&app).await;
    app.close().await;
    built?;
    counted?;
    Ok(())
}

fn print_accounts() {
    outln!("Demo accounts (POST /api/v1/auth/login):");
    outln!("  {:<12} {:<22} {:<22} {:<18} agency", "role", "login", "password", "name");
    for account in ACCOUNTS {
        let agency = account.agency.unwrap_or("-");
        outln!(
            "  {:<12} {:<22} {:<22} {:<18} {agency}",
            account.role.as_str(),
            account.login,
            account.password,
            account.full_name
        );
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
