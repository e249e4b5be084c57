//! Program, database and keys that do not belong together: refused before anything is created, with the file and the way out.

use crate::database::{TestDatabase, backend};
use crate::process::Installation;
use pakn::db::{Backend, DatabaseUrl};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const KEY: &str = "another key that is long enough for it";

/// An installation that was in use: an officer, a signed head, keys in its folder.
struct Used {
    database: TestDatabase,
    folder: TempDir,
}

impl Used {
    fn new() -> Self {
        let used = Self { database: TestDatabase::empty(), folder: TempDir::new().unwrap() };
        used.place().run(&["account", "create", "an.nguyen", "--agency", "27-09190", "--role", "clerk"]).expect("an officer");
        used.place().run(&["audit", "sign"]).expect("a head");
        used
    }

    fn place(&self) -> Installation {
        Installation::new(self.folder.path(), self.database.url_text())
    }

    fn key(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Another instance: a folder of its own, with these files.
    fn elsewhere(&self, files: &[&str]) -> (TempDir, Installation) {
        let folder = TempDir::new().unwrap();
        for file in files {
            fs::copy(self.key(file), folder.path().join(file)).unwrap();
        }
        let place = Installation::new(folder.path(), self.database.url_text());
        (folder, place)
    }
}

/// Starts the server, which must refuse with status 78; what it says.
#[track_caller]
fn refused(place: &Installation) -> String {
    let before = listing(place.folder());
    let ran = place.command(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(78), "{said}");
    assert!(!said.contains("is away"), "{said}");
    assert_eq!(listing(place.folder()), before, "nothing was created: {said}");
    said
}

fn listing(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // SQLite's own, which come and go with every reader.
    let mut names: Vec<String> = names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    names.sort();
    names
}

fn write_key(path: &Path, key: &str) {
    fs::write(path, format!("{key}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn another_key_is_refused_with_its_file() {
    let used = Used::new();
    for (file, way_out) in [
        ("personal.keys", "nothing of the personal data"),
        ("access-tokens.key", "PAKN_EARLIER_TOKEN_KEYS"),
        ("audit.key", "PAKN_AUDIT_PUBLIC_KEYS"),
    ] {
        let right = fs::read_to_string(used.key(file)).unwrap();
        write_key(&used.key(file), &"0f".repeat(32));
        let said = refused(&used.place());
        assert!(
            said.contains(used.key(file).to_str().unwrap()) && said.contains("is not the key") && said.contains(way_out),
            "{said}"
        );
        fs::remove_file(used.key(file)).unwrap();
        let said = refused(&used.place());
        assert!(said.contains(file) && said.contains("missing") && said.contains(way_out), "{said}");
        write_key(&used.key(file), right.trim());
    }
    used.place().serve().stop();
}

#[test]
fn another_key_as_a_setting_is_refused_with_its_variable() {
    let used = Used::new();
    let seed = "1f".repeat(32);
    for (variable, key) in [("PAKN_PERSONAL_KEYS", KEY), ("PAKN_TOKEN_KEY", KEY), ("PAKN_AUDIT_KEY", seed.as_str())] {
        let said = refused(&used.place().with(variable, key));
        assert!(said.contains(&format!("{variable} is not the key")), "{said}");
    }
    used.place().serve().stop();
}

#[test]
fn keys_that_others_can_read_are_refused() {
    let used = Used::new();
    for file in ["personal.keys", "access-tokens.key", "audit.key", "links.key"] {
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(used.key(file), fs::Permissions::from_mode(mode)).unwrap();
            let said = refused(&used.place());
            assert!(
                said.contains(&format!("chmod 600 {}", used.key(file).display())) && said.contains(&format!("{mode:o}")),
                "{said}"
            );
        }
        fs::set_permissions(used.key(file), fs::Permissions::from_mode(0o400)).unwrap();
    }
    used.place().serve().stop();
}

#[test]
fn an_emptied_database_beside_its_keys_is_refused() {
    let used = Used::new();
    let url = used.database.url();
    match &url {
        DatabaseUrl::Sqlite(path) => fs::remove_file(path).unwrap(),
        DatabaseUrl::Postgres(_) => {
            let schema = used.database.schema().unwrap();
            crate::database::on_server(&format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}"));
        }
    }
    let said = refused(&used.place());
    assert!(
        said.contains("nothing in the database") && said.contains("pakn restore") && said.contains("personal.keys"),
        "{said}"
    );
    if let Some(path) = url.sqlite_path() {
        assert!(!path.exists(), "no empty database was made");
    }
    for command in ["migrate", "rotate-token-key"] {
        let ran = used.place().command(&[command]).output().unwrap();
        assert!(ran.status.code() == Some(78) || url.sqlite_path().is_some_and(|_| command == "rotate-token-key"), "{command}");
    }
    // A new beginning is possible, on purpose.
    for file in ["personal.keys", "access-tokens.key", "audit.key", "links.key"] {
        fs::remove_file(used.key(file)).unwrap();
    }
    used.place().serve().stop();
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    let used = Used::new();
    let statement = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    match used.database.url() {
        DatabaseUrl::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statement).unwrap()
        }
        DatabaseUrl::Postgres(url) => PgConnection::establish(&url).unwrap().batch_execute(statement).unwrap(),
    }
    let said = refused(&used.place());
    assert!(said.contains("newer version") && said.contains("9999") && said.contains("restore a backup"), "{said}");
    for command in [&["verify"][..], &["migrate"], &["account", "list"], &["audit", "heads"], &["backup", "x"], &["rotate-keys"]]
    {
        let ran = used.place().command(command).output().unwrap();
        assert_eq!(ran.status.code(), Some(78), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

#[test]
fn new_keys_are_remembered() {
    let used = Used::new();
    used.place().run(&["rotate-token-key"]).expect("a new key");
    used.place().run(&["rotate-keys", "--forget"]).expect("a new key");
    assert_eq!(fs::read_to_string(used.key("personal.keys")).unwrap().lines().count(), 1);
    // Whoever still has the keys of before is another instance.
    let (_folder, old) = used.elsewhere(&["personal.keys", "audit.key", "links.key"]);
    write_key(&old.folder().join("access-tokens.key"), KEY);
    assert!(refused(&old).contains("access-tokens.key is not the key"));
    used.place().serve().stop();

    // More new keys than a file keeps earlier ones of.
    for _ in 0..7 {
        used.place().run(&["rotate-token-key"]).expect("a new key");
    }
    used.place().serve().stop();

    let old = fs::read_to_string(used.key("audit.key")).unwrap();
    let public = pakn::audit::rules::head::SigningKey::of_seed(&old).unwrap().public_key();
    write_key(&used.key("audit.key"), &"2f".repeat(32));
    assert!(refused(&used.place()).contains("audit.key"));
    used.place().with("PAKN_AUDIT_PUBLIC_KEYS", &public).serve().stop();
    // Remembered: the public key of before is needed for earlier heads, and no more for the start.
    used.place().serve().stop();
}

#[test]
fn a_key_that_is_lost_for_good_is_replaced_on_purpose_only() {
    let used = Used::new();
    let personal = fs::read_to_string(used.key("personal.keys")).unwrap();
    fs::remove_file(used.key("access-tokens.key")).unwrap();
    fs::remove_file(used.key("audit.key")).unwrap();
    assert!(refused(&used.place()).contains("adopt-keys"));
    used.place().run(&["adopt-keys"]).expect("adopted");
    used.place().serve().stop();
    let audited = used.place().run(&["audit", "export"]).unwrap();
    assert!(audited.contains("\"action\":\"adopt_keys\"") || audited.contains("\"adopt_keys\""), "{audited}");

    fs::remove_file(used.key("personal.keys")).unwrap();
    let ran = used.place().command(&["adopt-keys"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(78), "personal data are not given up");
    assert!(!used.key("personal.keys").exists());
    write_key(&used.key("personal.keys"), personal.trim());
    used.place().serve().stop();
}

#[test]
fn several_instances_need_the_same_keys() {
    if backend() == Backend::Sqlite {
        return;
    }
    let (database, folders) = (TestDatabase::empty(), [TempDir::new().unwrap(), TempDir::new().unwrap()]);
    let with = |at: usize, token: &str| {
        Installation::new(folders[at].path(), database.url_text())
            .with("PAKN_TOKEN_KEY", token)
            .with("PAKN_PERSONAL_KEYS", KEY)
            .with("PAKN_AUDIT_KEY", &"3f".repeat(32))
    };
    let (key, next) = ("the first key of all instances and long", "the second key of all instances and long");
    let (one, other) = (with(0, key).serve(), with(1, key).serve());
    assert!(refused(&with(1, next)).contains("PAKN_TOKEN_KEY is not the key"));
    one.stop();
    let one = with(0, next).with("PAKN_EARLIER_TOKEN_KEYS", key).serve();
    other.stop();
    assert!(refused(&with(1, key)).contains("PAKN_TOKEN_KEY"), "it would refuse what the first one signs");
    let other = with(1, next).with("PAKN_EARLIER_TOKEN_KEYS", key).serve();
    other.stop();
    one.stop();
}

#[test]
fn a_database_from_before_tells_by_what_was_sealed_and_signed() {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    let used = Used::new();
    used.place().run(&["subject", "export", "+84912345678"]).expect("a hash of a person");
    let forget = "DELETE FROM installation_keys";
    let run = |statement: &str| match used.database.url() {
        DatabaseUrl::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statement).unwrap()
        }
        DatabaseUrl::Postgres(url) => PgConnection::establish(&url).unwrap().batch_execute(statement).unwrap(),
    };
    run(forget);
    let right = fs::read_to_string(used.key("audit.key")).unwrap();
    write_key(&used.key("audit.key"), &"0f".repeat(32));
    assert!(refused(&used.place()).contains("audit.key is not the key"));
    fs::remove_file(used.key("audit.key")).unwrap();
    assert!(refused(&used.place()).contains("audit.key"));
    write_key(&used.key("audit.key"), right.trim());
    used.place().serve().stop();
    // Remembered from then on.
    write_key(&used.key("access-tokens.key"), &"0f".repeat(32));
    assert!(refused(&used.place()).contains("access-tokens.key"));
}
