//! `pakn verify`: reads all stored data and reports inconsistencies; changes nothing.
//!
//! May run beside a server. Prints each finding and then one line per check to standard output; exit status 1
//! when there is any finding. Run it at night on a large database: it reads every row.

use crate::attachments::store as attachments;
use crate::config::Config;
use crate::db::file_store::{FileStore, FileStoreAddress};
use crate::db::service_error::ServiceError;
use crate::db::{Db, DbSettings};
use crate::ops::cli::audit;
use crate::ops::verify::{self, ReportLine};
use anyhow::{Context, bail};
use std::time::Duration;

/// Checks registers, timelines, petitions, publications, figures and the database below them.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// Leaves out the files of petitions, which are otherwise read from the first byte to the last
    #[arg(long)]
    skip_files: bool,
}

impl Verify {
    /// Prints the report; fails when there is any finding.
    pub async fn run(self, config: &Config) -> anyhow::Result<()> {
        // Opening would create an empty database and report success.
        super::must_exist(config)?;
        let db = Db::open(&DbSettings { statement_limit: Duration::ZERO, connections: 1, ..config.database()? })?;
        let outcome = self.look(&db, config).await;
        db.close().await;
        match outcome.context("not everything could be read to the end")? {
            0 => Ok(()),
            1 => bail!("1 thing is wrong"),
            count => bail!("{count} things are wrong"),
        }
    }

    async fn look(&self, db: &Db, config: &Config) -> anyhow::Result<usize> {
        let findings = verify::everything(db, &mut print).await? + signers(db, config).await?;
        if self.skip_files { Ok(findings) } else { Ok(findings + files(db, config).await?) }
    }
}

pub(super) fn print(line: ReportLine) {
    match line {
        ReportLine::Finding(finding) => outln!("    {finding}"),
        ReportLine::Check(check) => outln!("{check}"),
    }
}

/// Checks the uploaded files; a missing file store is reported and not created.
async fn files(db: &Db, config: &Config) -> anyhow::Result<usize> {
    let address = config.files()?;
    if let FileStoreAddress::Folder(folder) = &address
        && !folder.is_dir()
    {
        let count = db.read(|connection| attachments::of_all_petitions(connection, "", 1)).await?.len();
        if count > 0 {
            outln!("    files: there is no folder {}, and petitions have files", folder.display());
        }
        return Ok(count);
    }
    let files = FileStore::open(&address, &config.spool_folder(), 0)?;
    Ok(verify::files(db, &files, &mut print).await?)
}

/// Checks the signatures of audit heads. Without the key, for example on a copied database, it cannot be
/// checked.
pub(super) async fn signers(db: &Db, config: &Config) -> Result<usize, ServiceError> {
    let trusted = audit::trusted(config);
    if trusted.is_empty() {
        outln!("    audit keys: no audit_key, no audit_public_keys and no {} here", audit::KEY_FILE);
        return Ok(0);
    }
    verify::signers(db, &trusted, &mut print).await
}
