//! Whole backups, of both databases: every part is in them and checked, every key is named, and a broken-off restore leaves nothing.

use crate::app::TestApp;
use crate::attachments::sent;
use crate::database::{PERSONAL_KEY, TestDatabase, backend};
use crate::life::file;
use crate::media::{jpeg, pdf};
use crate::process::Installation;
use crate::registers;
use crate::town::form_with;
use pakn::db::copy::{self, DatabaseContents};
use pakn::db::{Backend, DatabaseUrl};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// The files of the keys beside the one that is a setting here.
const KEYS: [&str; 3] = ["access-tokens.key", "audit.key", "links.key"];

/// A server with petitions and files, and a backup of it.
struct Backed {
    app: TestApp,
    photo: String,
    folder: TempDir,
}

impl Backed {
    async fn up() -> Self {
        let app = TestApp::start().await;
        let files = [sent(&app, &jpeg(300, 200)).await, sent(&app, &pdf("đơn")).await];
        app.post("/petitions", &form_with(json!({"attachments": files}))).send().await.expect(201);
        file(&app).await;
        let [photo, _] = files;
        let backed = Self { app, photo, folder: TempDir::new().unwrap() };
        let ran = backed.run(&["backup", backed.path().to_str().unwrap()]);
        assert!(ran.status.success(), "{}", said(&ran));
        backed
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("sao-luu")
    }

    fn url(&self) -> String {
        text(self.app.app.db.url())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let place = Installation::new(&self.app.app.config.data_dir, &self.url()).with("PAKN_PERSONAL_KEYS", PERSONAL_KEY);
        std::thread::scope(|scope| scope.spawn(|| place.command(arguments).output().unwrap()).join().unwrap())
    }

    fn manifest(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path().join("manifest.json")).unwrap()).unwrap()
    }

    /// Another machine with these keys, on a database.
    fn machine(&self, url: &str, keys: &[&str]) -> (TempDir, Installation) {
        let folder = TempDir::new().unwrap();
        for key in keys {
            fs::copy(self.app.app.config.data_dir.join(key), folder.path().join(key)).unwrap();
        }
        let place = Installation::new(folder.path(), url).with("PAKN_PERSONAL_KEYS", PERSONAL_KEY);
        (folder, place)
    }
}

fn text(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

fn said(ran: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
}

/// Runs a command apart from the runtime of the test.
fn run(place: &Installation, arguments: &[&str]) -> Output {
    std::thread::scope(|scope| scope.spawn(|| place.command(arguments).output().unwrap()).join().unwrap())
}

/// Every file below a folder, with its bytes.
fn below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => open.push(entry.path()),
                false => found.push((entry.path().strip_prefix(folder).unwrap().to_owned(), fs::read(entry.path()).unwrap())),
            }
        }
    }
    found.sort();
    found
}

async fn contents(of: &str, like: &str) -> DatabaseContents {
    let [of, like] = [of, like].map(|url| DatabaseUrl::parse(url).unwrap());
    let mut found = tokio::task::spawn_blocking(move || copy::contents(&of, Some(&like))).await.unwrap().unwrap();
    // The restore itself, and the backup, are entries of the record; the server of the tests remembers no keys.
    found.retain(|table, _| !matches!(table.as_str(), "audit" | "audit_streams" | "installation_keys"));
    found
}

#[tokio::test]
async fn a_backup_is_whole_and_comes_back_into_either_database() {
    let backed = Backed::up().await;
    let manifest = backed.manifest();
    assert_eq!((&manifest["format"], &manifest["source"]), (&json!("pakn backup 1"), &json!(backend().as_str())));
    assert_eq!((&manifest["rows"]["petitions"], &manifest["files"]["count"]), (&json!(2), &json!(4)));
    let keys: Vec<&str> = manifest["keys"].as_array().unwrap().iter().map(|key| key["file"].as_str().unwrap()).collect();
    assert_eq!(keys, ["personal.keys", "access-tokens.key", "audit.key", "links.key"]);
    let secrets = KEYS.map(|key| fs::read_to_string(backed.app.app.config.data_dir.join(key)).unwrap().trim().to_owned());
    for (name, bytes) in below(&backed.path()) {
        let holds = |secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds(PERSONAL_KEY) && !secrets.iter().any(|secret| holds(secret)), "{}", name.display());
        assert_eq!(fs::metadata(backed.path().join(&name)).unwrap().permissions().mode() & 0o077, 0, "{}", name.display());
    }
    assert_eq!(fs::metadata(backed.path()).unwrap().permissions().mode() & 0o777, 0o700);
    let beside: Vec<_> = fs::read_dir(backed.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["sao-luu"], "nothing else is left");

    for target in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let (folder, place) = backed.machine(target.url_text(), &KEYS);
        let ran = run(&place, &["restore", backed.path().to_str().unwrap()]);
        assert!(ran.status.success(), "{}", said(&ran));
        assert_eq!(below(&folder.path().join("files")), below(&backed.path().join("files")));
        assert_eq!(contents(target.url_text(), &backed.url()).await, contents(&backed.url(), target.url_text()).await);
        let verified = run(&place, &["verify"]);
        assert!(verified.status.success(), "{}", said(&verified));
        let exported = said(&run(&place, &["audit", "export"]));
        assert!(exported.contains("\"restore\""), "{exported}");
        let url = target.url_text().to_owned();
        let app = TestApp::on(target, |_| {});
        file(&app).await;
        std::thread::spawn(move || registers::check(&url, 3)).join().unwrap();
        app.stop().await;
    }
    backed.app.stop().await;
}

#[tokio::test]
async fn every_part_is_checked_before_anything_is_touched() {
    let backed = Backed::up().await;
    let (target, path) = (TestDatabase::sqlite(), backed.path());
    let (folder, place) = backed.machine(target.url_text(), &KEYS);
    let database = fs::read(target.url().sqlite_path().unwrap()).unwrap();
    let photo = format!("files/attachments/{}/original", backed.photo);
    for part in ["pakn.db", "files.jsonl", photo.as_str(), "manifest.json"] {
        let right = fs::read(path.join(part)).unwrap();
        let mut wrong = right.clone();
        let middle = wrong.len() / 2;
        wrong[middle] ^= 1;
        for bytes in [Some(&wrong[..]), Some(&right[..right.len() - 1]), None] {
            if part == "manifest.json" && bytes.is_some() {
                continue;
            }
            match bytes {
                Some(bytes) => fs::write(path.join(part), bytes).unwrap(),
                None => fs::remove_file(path.join(part)).unwrap(),
            }
            let ran = run(&place, &["restore", path.to_str().unwrap(), "--replace"]);
            let name = part.trim_start_matches("files/");
            assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
            assert!(said(&ran).contains("damaged") && said(&ran).contains(name), "{}", said(&ran));
            assert!(fs::read(target.url().sqlite_path().unwrap()).unwrap() == database, "the database is as it was");
            assert_eq!(below(&folder.path().join("files")), [], "no file was put");
            fs::write(path.join(part), &right).unwrap();
        }
    }
    let ran = run(&place, &["restore", path.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", said(&ran));
    backed.app.stop().await;
}

#[tokio::test]
async fn a_restore_asks_for_the_keys_and_makes_none() {
    let backed = Backed::up().await;
    let one_file = backed.folder.path().join("mot-tep.db");
    if backend() == Backend::Sqlite {
        assert!(backed.run(&["backup", "--database-only", one_file.to_str().unwrap()]).status.success());
    }
    let target = TestDatabase::sqlite();
    for (missing, keys) in [("access-tokens.key", &["audit.key"][..]), ("audit.key", &["access-tokens.key"])] {
        let (folder, place) = backed.machine(target.url_text(), keys);
        let ran = run(&place, &["restore", backed.path().to_str().unwrap()]);
        assert_eq!(ran.status.code(), Some(78), "{}", said(&ran));
        assert!(said(&ran).contains(missing) && said(&ran).contains("--adopt-keys"), "{}", said(&ran));
        assert!(!folder.path().join(missing).exists() && !folder.path().join("personal.keys").exists());
    }
    let backups = [Some(backed.path()), one_file.is_file().then(|| one_file.clone())];
    for backup in backups.into_iter().flatten() {
        for (setting, means) in [(None, "personal.keys"), (Some("a key of nobody that is long enough"), "PAKN_PERSONAL_KEYS")] {
            let (folder, _) = backed.machine(target.url_text(), &KEYS);
            let place = Installation::new(folder.path(), target.url_text());
            let place = setting.map_or_else(|| place.clone(), |key| place.clone().with("PAKN_PERSONAL_KEYS", key));
            for arguments in
                [vec!["restore", backup.to_str().unwrap()], vec!["restore", backup.to_str().unwrap(), "--adopt-keys"]]
            {
                let ran = run(&place, &arguments);
                assert_eq!(ran.status.code(), Some(78), "{}", said(&ran));
                assert!(said(&ran).contains(means), "{}", said(&ran));
                assert!(!folder.path().join("personal.keys").exists(), "no key is made over sealed data");
            }
        }
    }
    assert_eq!(contents(target.url_text(), &backed.url()).await["petitions"].rows, 0, "nothing was put in place");
    // What is lost for good and can be done without.
    let (folder, place) = backed.machine(target.url_text(), &[]);
    let ran = run(&place, &["restore", backed.path().to_str().unwrap(), "--adopt-keys"]);
    assert!(ran.status.success(), "{}", said(&ran));
    assert!(folder.path().join("access-tokens.key").exists());
    assert!(run(&place, &["account", "list"]).status.success());
    backed.app.stop().await;
}

#[tokio::test]
async fn a_list_of_the_files_does_as_well_and_a_lost_file_is_told() {
    let backed = Backed::up().await;
    let listed = backed.folder.path().join("danh-sach");
    let lost = backed.app.app.config.data_dir.join(format!("files/attachments/{}/original", backed.photo));
    let bytes = fs::read(&lost).unwrap();
    fs::remove_file(&lost).unwrap();
    let ran = backed.run(&["backup", "--without-files", listed.to_str().unwrap()]);
    assert!(ran.status.success() && said(&ran).contains("BAD") && said(&ran).contains(&backed.photo), "{}", said(&ran));
    let manifest: Value = serde_json::from_slice(&fs::read(listed.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["files"]["included"], &manifest["files"]["count"]), (&json!(false), &json!(3)));
    assert_eq!(fs::read_to_string(listed.join("files.jsonl")).unwrap().lines().count(), 3);
    assert!(!listed.join("files").exists());
    fs::write(&lost, bytes).unwrap();
    let again = backed.run(&["backup", listed.to_str().unwrap()]);
    assert!(!again.status.success() && said(&again).contains("exists already"), "{}", said(&again));
    let target = TestDatabase::sqlite();
    let (folder, place) = backed.machine(target.url_text(), &KEYS);
    let ran = run(&place, &["restore", listed.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", said(&ran));
    assert_eq!(below(&folder.path().join("files")), []);
    backed.app.stop().await;
}

#[tokio::test]
async fn a_restore_that_is_killed_leaves_all_or_nothing() {
    let backed = Backed::up().await;
    for target in [TestDatabase::sqlite(), TestDatabase::postgres()] {
        let (folder, place) = backed.machine(target.url_text(), &KEYS);
        let path = backed.path();
        let journal = folder.path().join("restore.journal");
        std::thread::scope(|scope| {
            let killed = scope.spawn(|| {
                let mut child = place.command(&["restore", path.to_str().unwrap()]).spawn().unwrap();
                while !journal.exists() && child.try_wait().unwrap().is_none() {
                    std::thread::yield_now();
                }
                let _ = child.kill();
                child.wait().unwrap();
            });
            killed.join().unwrap();
        });
        // Whatever it says, any next command clears up first.
        let ran = run(&place, &["migrate"]);
        let url = target.url();
        let count = tokio::task::spawn_blocking(move || copy::rows_of(&url, "petitions")).await.unwrap().unwrap();
        let names: Vec<String> = below(folder.path()).into_iter().map(|(name, _)| name.display().to_string()).collect();
        assert!(!names.iter().any(|name| name.contains("partial") || name.contains("restore.")), "{names:?}");
        if let Some(path) = target.url().sqlite_path() {
            let beside: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(!beside.iter().any(|name| name.to_string_lossy().contains("partial")), "{beside:?}");
        }
        let files = below(&folder.path().join("files")).len();
        assert!(matches!((count, files), (0, 0) | (2, 4)), "{count} petitions and {files} files: {}", said(&ran));
    }
    backed.app.stop().await;
}

#[test]
fn what_a_killed_restore_has_left_is_removed_by_the_next_start() {
    let folder = TempDir::new().unwrap();
    let place = Installation::embedded(folder.path());
    place.run(&["migrate"]).unwrap();
    let (own, foreign) = ("files/attachments/moi/original", "files/attachments/cu/original");
    for name in [own, foreign, "pakn.db.partial-42", "pakn.db.partial-42-wal", "pakn.db.replaced-20230306-090000"] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), "x").unwrap();
    }
    let copy = folder.path().join("pakn.db.partial-42");
    fs::write(folder.path().join("restore.journal"), format!("{}\nattachments/moi/original\n", copy.display())).unwrap();
    place.run(&["migrate"]).unwrap();
    let is_there = |name: &str| folder.path().join(name).exists();
    assert!(
        !is_there(own) && !is_there("pakn.db.partial-42") && !is_there("pakn.db.partial-42-wal") && !is_there("restore.journal")
    );
    assert!(is_there(foreign) && is_there("pakn.db.replaced-20230306-090000"));

    // The copy has become the database: the files are its own.
    fs::create_dir_all(folder.path().join(own).parent().unwrap()).unwrap();
    fs::write(folder.path().join(own), "x").unwrap();
    fs::write(folder.path().join("restore.journal"), format!("{}\nattachments/moi/original\n", copy.display())).unwrap();
    place.run(&["migrate"]).unwrap();
    assert!(is_there(own) && !is_there("restore.journal"));
}
