//! `pakn backup` and `pakn restore`: nothing that was acknowledged is lost, and nothing is overwritten by mistake. Here the file of the
//! database; whole backups in [`whole`].

use crate::app::TestApp;
use crate::database::{TestDatabase, backend};
use crate::life::file;
use pakn::db::backup::{BackupError, back_up, restore};
use pakn::db::{Backend, DatabaseUrl, Db, DbSettings};
use pakn::ops::verify;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

mod whole;

const KEPT: &str = ".replaced-now";

fn address(path: &Path) -> DatabaseUrl {
    DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap()
}

/// The codes in a database that `verify` finds nothing wrong with.
async fn codes(url: DatabaseUrl) -> Vec<String> {
    use diesel::prelude::*;
    use pakn::db::schema::petitions;
    // However long a busy machine takes to look at it all.
    let (wait, statement_limit) = (Duration::from_secs(60), Duration::ZERO);
    let db = Db::open(&DbSettings { wait, statement_limit, ..DbSettings::new(url) }).unwrap();
    let mut findings = Vec::new();
    verify::everything(&db, &mut |line| {
        if let verify::ReportLine::Finding(finding) = line {
            findings.push(finding.to_string());
        }
    })
    .await
    .unwrap();
    assert_eq!(findings, Vec::<String>::new());
    let codes = db
        .read(|connection| -> Result<Vec<String>, pakn::db::StorageError> {
            Ok(petitions::table.order(petitions::id).select(petitions::code).load(connection)?)
        })
        .await
        .unwrap();
    db.close().await;
    codes
}

#[tokio::test]
async fn a_backup_taken_while_petitions_are_filed_holds_all_that_were_acknowledged() {
    let app = TestApp::start().await;
    if backend() == Backend::Postgres {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (copy, fresh) = (folder.path().join("ban-sao.db"), folder.path().join("pakn.db"));
    let mut before = Vec::new();
    for _ in 0..20 {
        before.push(file(&app).await.code);
    }
    let (url, target) = (app.app.db.url().clone(), copy.clone());
    let mut running = tokio::task::spawn_blocking(move || back_up(&url, &target));
    let mut meanwhile = 0;
    let contents = loop {
        tokio::select! {
            done = &mut running => break done.unwrap().unwrap(),
            _ = file(&app) => meanwhile += 1,
        }
    };
    file(&app).await;
    assert!((20..=20 + meanwhile + 1).contains(&contents.petitions), "{contents:?} with {meanwhile} filed meanwhile");
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ban-sao.db"]);

    let restored = restore(&address(&fresh), &copy, false, KEPT).unwrap();
    assert_eq!((restored.contents.petitions, restored.replaced), (contents.petitions, None));
    assert_eq!(fresh.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let after = codes(address(&fresh)).await;
    assert_eq!(after[..20], before);
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_overwritten_by_mistake() {
    let app = TestApp::start().await;
    if backend() == Backend::Postgres {
        return;
    }
    let folder = TempDir::new().unwrap();
    let (early, late, path) = (folder.path().join("som.db"), folder.path().join("muon.db"), folder.path().join("pakn.db"));
    let first = file(&app).await.code;
    back_up(app.app.db.url(), &early).unwrap();
    let second = file(&app).await.code;
    back_up(app.app.db.url(), &late).unwrap();
    assert!(matches!(back_up(app.app.db.url(), &early), Err(BackupError::Exists(_))));
    assert!(matches!(restore(app.app.db.url(), &early, true, KEPT), Err(BackupError::InUse)));
    app.stop().await;

    let url = address(&path);
    restore(&url, &late, false, KEPT).unwrap();
    assert!(matches!(restore(&url, &early, false, KEPT), Err(BackupError::HoldsPetitions(2))));
    let garbage = folder.path().join("rac.db");
    std::fs::write(&garbage, vec![7; 8192]).unwrap();
    let torn = folder.path().join("rach.db");
    let bytes = std::fs::read(&early).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
    for unusable in [garbage, torn] {
        let refused = restore(&url, &unusable, true, KEPT);
        assert!(matches!(refused, Err(BackupError::Unusable { .. })), "{refused:?}");
    }
    assert!(matches!(restore(&url, &folder.path().join("khong-co.db"), true, KEPT), Err(BackupError::NoFile(_))));
    assert_eq!(codes(url.clone()).await, [first.clone(), second.clone()], "a failed restore changes nothing");

    let restored = restore(&url, &early, true, KEPT).unwrap();
    assert_eq!(codes(url).await, std::slice::from_ref(&first));
    let kept = restored.replaced.unwrap();
    assert_eq!(kept, folder.path().join("pakn.db.replaced-now"));
    assert_eq!(codes(address(&kept)).await, [first, second]);
}

#[tokio::test]
async fn a_copy_by_a_newer_version_is_refused() {
    use diesel::connection::SimpleConnection;
    let newer = TestDatabase::sqlite();
    let db = newer.open();
    db.write(|connection| {
        let statement = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
        Ok::<_, pakn::db::StorageError>(connection.batch_execute(statement)?)
    })
    .await
    .unwrap();
    db.close().await;
    let folder = TempDir::new().unwrap();
    let fresh = folder.path().join("pakn.db");
    let refused = restore(&address(&fresh), newer.url().sqlite_path().unwrap(), false, KEPT);
    assert!(refused.unwrap_err().to_string().contains("newer version"), "it names the reason");
    assert!(!fresh.exists());
}
