//! Which addresses of databases are accepted, and that nothing is created by a wrong one.

use pakn::db::{Backend, DatabaseUrl, Db, DbSettings, StorageError, migrate};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

#[test]
fn only_three_schemes_are_known() {
    for url in [
        "",
        "pakn.db",
        "sqlite:pakn.db",
        "sqlite3://pakn.db",
        "SQLITE://pakn.db",
        "file://pakn.db",
        "mysql://host/pakn",
        "postgress://host/pakn",
        "host=localhost dbname=pakn",
        "sqlite://",
        "sqlite://folder/",
        "sqlite://:memory:",
        "sqlite://pakn.db?mode=ro",
        "postgres://",
    ] {
        assert!(matches!(DatabaseUrl::parse(url), Err(StorageError::Settings(_))), "{url} was accepted");
    }
    for url in ["postgres://u:p@host/pakn", "postgresql://host/pakn?sslmode=require"] {
        assert_eq!(DatabaseUrl::parse(url).unwrap().backend(), Backend::Postgres, "{url}");
    }
    assert_eq!(DatabaseUrl::parse("sqlite://pakn.db").unwrap().backend(), Backend::Sqlite);
    assert!(!std::path::Path::new("pakn.db").exists());
}

#[test]
fn the_password_is_never_shown() {
    let url = DatabaseUrl::parse("postgres://pakn:geheim@host:5433/pakn?password=geheim").unwrap();
    assert_eq!(url.without_password(), "postgres://pakn@host:5433/pakn");
    assert_eq!(format!("{url:?}"), "postgres://pakn@host:5433/pakn");
}

#[tokio::test]
async fn a_missing_folder_is_refused_and_not_created() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    let url = DatabaseUrl::parse(&format!("sqlite://{}/pakn.db", missing.display())).unwrap();
    assert!(matches!(migrate::migrate(&url), Err(StorageError::Unavailable(_))));
    assert!(matches!(Db::open(&DbSettings::new(url)), Err(StorageError::Unavailable(_))));
    assert!(!missing.exists());
}

#[test]
fn only_the_owner_may_read_the_files() {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::parse(&format!("sqlite://{}/pakn.db", folder.path().display())).unwrap();
    migrate::migrate(&url).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}
