//! `pakn copy`: copies a whole database to another one, between SQLite and PostgreSQL or within one kind.
//!
//! Copies every row, id, counter, hash chain, encrypted value and aggregate unchanged, then reads everything
//! back and compares it before it commits. The copy is not recorded in the audit record, because both databases
//! must hold the same data.

use crate::attachments::transfer::{self, KnownFile};
use crate::config::Config;
use crate::db::copy::{self, DatabaseContents};
use crate::db::file_store::{FileStore, FileStoreAddress};
use crate::db::{DatabaseUrl, Db, DbSettings};
use crate::ops::cli::progress::Progress;
use anyhow::{Context, bail};
use std::sync::Arc;

/// Copies everything into an empty database of either kind; stop the servers of both before.
#[derive(Debug, clap::Args)]
pub(super) struct CopyArgs {
    #[arg(long, help = "The database to be copied, as sqlite://path or postgres://…; that of the settings unless given")]
    from: Option<String>,
    /// Where it goes; absent, empty, or migrated and without data
    #[arg(long)]
    to: String,
    #[arg(
        long,
        help = "Also copies the uploaded files, from where the settings say into this folder or s3://bucket/prefix (with the s3_… settings)"
    )]
    files_to: Option<String>,
    /// Copies nothing and compares both databases instead, row by row; exit status 1 and the tables that differ, when some do
    #[arg(long, conflicts_with = "files_to")]
    compare: bool,
}

impl CopyArgs {
    /// Copies or compares, and prints the result.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        let from = match &self.from {
            Some(url) => DatabaseUrl::parse(url).context("--from")?,
            None => config.address()?,
        };
        let to = DatabaseUrl::parse(&self.to).context("--to")?;
        if self.compare {
            return compare(from, to).await;
        }
        // Report problems with the file stores before the long copy.
        let files = self.files_to.as_deref().map(|place| stores(config, place)).transpose()?;
        // Files first, because this step can be repeated: a file with the same bytes is left alone.
        if let Some((source, target)) = files {
            carried(&from, &source, &target).await?;
        }
        let copied = copied(from.clone(), to.clone()).await?;
        let rows: u64 = copied.values().map(|held| held.rows).sum();
        outln!("copied {} rows of {} tables to {}; each was read back and is equal", rows, copied.len(), to.without_password());
        if let Some(table) = moved_on(from, copied).await? {
            bail!(
                "the source was written to meanwhile ({table}), which is not in the copy: stop its servers, empty the target, copy again"
            );
        }
        outln!(
            "The keys in {} belong to the copy as well; take its *.key and personal.keys along, and the settings PAKN_TOKEN_KEY, \
             PAKN_LINK_KEY, PAKN_AUDIT_KEY and PAKN_PERSONAL_KEYS where several instances share it.",
            config.data_dir.display()
        );
        Ok(())
    }
}

fn stores(config: &Config, place: &str) -> anyhow::Result<(FileStore, FileStore)> {
    let address = match place.contains("://") {
        true => config.files_at(place)?,
        false => FileStoreAddress::Folder(std::path::absolute(place)?),
    };
    let source = config.files()?;
    if source == address {
        bail!("--files-to names the place where the files lie already");
    }
    Ok((FileStore::open(&source, &config.spool_folder(), 0)?, FileStore::open(&address, &config.spool_folder(), 0)?))
}

async fn copied(from: DatabaseUrl, to: DatabaseUrl) -> anyhow::Result<DatabaseContents> {
    let progress = Arc::new(Progress::start("copying"));
    let told = Arc::clone(&progress);
    let copied = tokio::task::spawn_blocking(move || copy::copy(&from, &to, &mut |done, total| told.update(done, total))).await?;
    progress.end();
    Ok(copied?)
}

async fn carried(from: &DatabaseUrl, source: &FileStore, target: &FileStore) -> anyhow::Result<()> {
    let db = Db::open(&DbSettings { connections: 1, ..DbSettings::new(from.clone()) })?;
    let known = transfer::known(&db).await;
    db.close().await;
    let known: Vec<KnownFile> = known?;
    let total = u64::try_from(known.len()).unwrap_or(u64::MAX);
    let progress = Progress::start("copying files");
    let (mut files, mut bytes) = (0_u64, 0);
    for (file, done) in known.iter().zip(1..) {
        if let Some(lying) = transfer::transfer(source, target, file).await? {
            files += 1;
            bytes += lying.size;
        }
        progress.update(done, total);
    }
    progress.end();
    outln!("copied {files} files of {bytes} bytes; each was read back and is equal");
    Ok(())
}

/// Returns a table whose id counter has advanced since the copy.
async fn moved_on(from: DatabaseUrl, copied: DatabaseContents) -> anyhow::Result<Option<String>> {
    let counters = tokio::task::spawn_blocking(move || copy::counters(&from)).await??;
    let has_moved =
        |(table, now): &(String, i64)| copied.get(table).and_then(|held| held.counter).is_some_and(|then| *now > then);
    Ok(counters.into_iter().find(has_moved).map(|(table, _)| table))
}

async fn compare(from: DatabaseUrl, to: DatabaseUrl) -> anyhow::Result<()> {
    let (one, other) = tokio::task::spawn_blocking(move || {
        let one = copy::contents(&from, Some(&to))?;
        Ok::<_, copy::CopyError>((one, copy::contents(&to, Some(&from))?))
    })
    .await??;
    let mut differing = 0;
    for (table, held) in &one {
        let same = other.get(table);
        let is_equal = same == Some(held);
        differing += usize::from(!is_equal);
        let rows = same.map_or(0, |same| same.rows);
        outln!("{} {table}: {} rows, {rows} rows", if is_equal { "ok " } else { "BAD" }, held.rows);
    }
    match differing {
        0 => Ok(()),
        1 => bail!("1 table differs"),
        count => bail!("{count} tables differ"),
    }
}
