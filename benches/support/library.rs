//! Uses the program as a library on the database of an installation: to prepare data, and to do a server's work
//! without HTTP.

use super::clients::key;
use super::petitions::Petitions;
use super::process::Installation;
use futures_util::future::join_all;
use pakn::app::App;
use pakn::config::{Config, Secret};
use pakn::db::idempotency::RequestKey;
use pakn::db::{Db, DbSettings, Durability};
use pakn::kernel::account::Role;
use pakn::kernel::clock::SystemClock;
use pakn::officers::{self, Administrator, NewOfficer};
use pakn::petitions::file::file;
use pakn::petitions::filing::PetitionForm;
use std::cell::Cell;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// The password of every officer created here.
pub const PASSWORD: &str = "gạch đỏ bên cầu";

/// The opened application.
pub struct Library {
    app: App,
    runtime: Runtime,
    petitions: Petitions,
}

impl Library {
    /// Opens an installation that a server has already initialized.
    pub fn open(place: &Installation) -> Self {
        let config = Config {
            data_dir: place.folder().to_path_buf(),
            database_url: Some(Secret::new(place.database_url().to_owned())),
            ..Config::default()
        };
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let inside = runtime.enter();
        let app = App::open(config, Arc::new(SystemClock)).expect("open");
        drop(inside);
        Self { app, runtime, petitions: Petitions::new() }
    }

    /// Like [`Self::open`], but commits do not wait for the disk; for preparing data.
    pub fn open_relaxed(place: &Installation) -> Self {
        let mut library = Self::open(place);
        let address = library.app.config.address().expect("an address");
        let settings =
            DbSettings { durability: Durability::Relaxed, vault: library.app.db.vault().clone(), ..DbSettings::new(address) };
        let inside = library.runtime.enter();
        library.app.db = Db::open(&settings).expect("open");
        drop(inside);
        library
    }

    /// Files petitions one after the other, each in its own transaction that is on disk before the next begins.
    pub fn file_one_by_one(&self, numbers: impl Iterator<Item = u64>) {
        self.runtime.block_on(async {
            for number in numbers {
                self.file(number).await;
            }
        });
    }

    /// Files petitions, 64 concurrently.
    pub fn file_many(&self, numbers: std::ops::Range<u64>) {
        let next = Cell::new(numbers.start);
        let client = async || {
            while next.get() < numbers.end {
                let number = next.replace(next.get() + 1);
                self.file(number).await;
            }
        };
        self.runtime.block_on(join_all((0..64).map(|_| client())));
    }

    /// Does what the handler of `POST /petitions` does.
    async fn file(&self, number: u64) {
        let body = self.petitions.body(number);
        let form: PetitionForm = serde_json::from_str(body).expect("a form");
        let key = RequestKey::new("guest", "petitions", &key(number), body.as_bytes());
        file(&self.app, None, &form, Some(key), None).await.expect("filed");
    }

    /// Creates an officer with [`PASSWORD`].
    pub fn officer(&self, username: &str, agency: &str, role: Role) {
        let officer = NewOfficer {
            username: username.to_owned(),
            full_name: "Trần Thị Bình".to_owned(),
            agency: Some(agency.to_owned()),
            roles: vec![role],
            password: Some(PASSWORD.to_owned()),
            ..NewOfficer::default()
        };
        let made = officers::create(&self.app, &Administrator::Operator, &officer, None);
        self.runtime.block_on(made).expect("an officer");
    }

    /// Closes the database.
    pub fn close(self) {
        self.runtime.block_on(self.app.close());
    }
}
