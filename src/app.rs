//! What one process owns; `serve`, the commands and the tests build the same.
//!
//! Handlers, jobs and commands hand `&App` to the services. Cheap to clone: every field is shared.

use crate::accounts::login_throttle::LoginThrottle;
use crate::accounts::passwords::{PasswordCost, Passwords};
use crate::accounts::tokens::AccessTokens;
use crate::attachments::Attachments;
use crate::attachments::signed_links::SignedLinks;
use crate::audit::AuditActor;
use crate::audit::rules::head::SigningKey;
use crate::config::{Config, ConfigError, PERSONAL_KEYS_FILE, Secret, secrets};
use crate::db::file_store::{FileStore, FileStoreError};
use crate::db::service_error::ServiceError;
use crate::db::{Db, StorageError};
use crate::delivery::channels::Channels;
use crate::delivery::messages::{TemplateError, Templates};
use crate::delivery::notifications::NotificationFeed;
use crate::delivery::petition_events::{PetitionNotifications, PetitionOutbox};
use crate::directory::DirectoryCache;
use crate::directory::rules::directory::Directory;
use crate::figures::petition_events::PetitionCounts;
use crate::integrations::edoc::petition_events::ExchangedDocuments;
use crate::integrations::edoc::rules::edxml::signature::SignatureKeys;
use crate::integrations::oidc::Providers;
use crate::integrations::partner_api::petition_events::PartnerFilings;
use crate::integrations::zalo::petition_events::ZaloFilings;
use crate::kernel::Instant;
use crate::kernel::client_address::ClientAddress;
use crate::kernel::clock::Clock;
use crate::kernel::entropy::{Entropy, SystemEntropy};
use crate::kernel::seal::Sealer;
use crate::ops::worker_status::WorkerStatus;
use crate::petitions::audit_events::PetitionAudit;
use crate::petitions::event::PetitionSubscribers;
use crate::petitions::record::{RecordContext, SystemPeriods};
use crate::web::flood_guard::FloodGuard;
use std::path::Path;
use std::sync::Arc;

/// File of the key that signs access tokens, in the data folder.
pub const TOKEN_KEY_FILE: &str = "access-tokens.key";
/// File of the key that signs links to files, in the data folder.
pub(crate) const LINK_KEY_FILE: &str = "links.key";
/// File of the key that signs the heads of the audit record, in the data folder.
pub(crate) const AUDIT_KEY_FILE: &str = "audit.key";

/// Everything that one process owns.
#[derive(Clone)]
pub struct App {
    /// The gate to the database.
    pub db: Db,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where chance comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The settings.
    pub config: Arc<Config>,
    /// The keys that sign and check access tokens.
    pub tokens: Arc<AccessTokens>,
    /// The one place where passwords are hashed.
    pub passwords: Passwords,
    /// How much guests do at this moment.
    pub flood: FloodGuard,
    /// Throttles sign-ins.
    pub login_throttle: LoginThrottle,
    /// The newest directory that this process has read.
    pub directory: DirectoryCache,
    /// The key that signs the heads of the audit record.
    pub audit_key: Arc<SigningKey>,
    /// The store of files and what is needed to show them.
    pub attachments: Arc<Attachments>,
    /// The ways out of the house.
    pub channels: Arc<Channels>,
    /// The providers of identities.
    pub oidc: Arc<Providers>,
    /// Who is told of every step of a petition.
    pub subscribers: PetitionSubscribers,
    /// The words that people get.
    pub templates: Arc<Templates>,
    /// Seals links and addresses.
    pub seal: Sealer,
    /// Notifications for those who listen.
    pub feed: NotificationFeed,
    /// The public keys with which messages of the document exchange are checked.
    pub signature_keys: Arc<SignatureKeys>,
    /// The status of the worker of this process.
    pub worker_status: Arc<WorkerStatus>,
}

/// Why the application could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder or a secret in it.
    #[error("cannot use the data folder {folder}: {cause}")]
    DataFolder {
        /// The folder.
        folder: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// A key of the document exchange.
    #[error("cannot use the public key {file}: {why}")]
    SignatureKey {
        /// The file.
        file: String,
        /// Why not.
        why: String,
    },
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The store of files.
    #[error(transparent)]
    Files(#[from] FileStoreError),
    /// Something that the settings ask for and that cannot be.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A setting that turns out to be unusable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A template of the province that cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl App {
    /// Opens everything; does not migrate, and connects to the database only when it is first needed.
    ///
    /// # Errors
    /// When the data folder or the database file cannot be used.
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        choose_cryptography();
        let keys = token_keys(&config)?;
        if config.personal_keys.is_empty() {
            secret(&config, None, PERSONAL_KEYS_FILE)?;
        }
        let channels = Channels::new(&config)?;
        Ok(Self {
            subscribers: subscribers(&channels),
            channels: Arc::new(channels),
            oidc: Arc::new(Providers::new(&config)?),
            templates: Arc::new(Templates::load(config.templates_dir.as_deref())?),
            seal: Sealer::new(keys.current(), &keys.earlier()),
            feed: NotificationFeed::default(),
            db: Db::open(&config.database()?)?,
            clock,
            entropy: Arc::new(SystemEntropy),
            tokens: Arc::new(AccessTokens::new(keys.current(), &keys.earlier())),
            passwords: Passwords::new(PasswordCost::default())?,
            flood: FloodGuard::default(),
            login_throttle: LoginThrottle::default(),
            directory: DirectoryCache::default(),
            audit_key: Arc::new(audit_key(&config)?),
            attachments: Arc::new(attachments(&config)?),
            signature_keys: Arc::new(signature_keys(&config)?),
            worker_status: Arc::default(),
            config: Arc::new(config),
        })
    }

    /// Everything in the settings that would keep `open` from its end, as far as it shows without the database and the data folder;
    /// files that the settings name are read.
    #[must_use]
    pub fn faults(config: &Config) -> Vec<ConfigError> {
        choose_cryptography();
        let unusable = |key: &str, why: &dyn std::fmt::Display| ConfigError::unusable(key, &why.to_string());
        let mut faults = Channels::faults(config);
        faults.extend(Templates::load(config.templates_dir.as_deref()).err().map(|error| unusable("templates_dir", &error)));
        faults.extend(config.audit_key.as_ref().and_then(|seed| signing_key(seed).err()));
        let keys = config.exchange_signature_keys.iter();
        let refused = keys.filter_map(|file| add_signature_key(&mut SignatureKeys::default(), file).err());
        faults.extend(refused.map(|error| unusable("exchange_signature_keys", &error)));
        let store = config.files().ok().and_then(|address| address.check().err());
        faults.extend(store.map(|error| unusable("attachments_url", &error)));
        faults
    }

    /// The same application for whoever works for the administration: their questions about figures do not wait behind those of the
    /// public.
    #[must_use]
    pub fn for_staff(&self) -> Self {
        Self { db: self.db.for_staff(), ..self.clone() }
    }

    /// The same application for questions that come from this source: it has a share of the line of the public and no more.
    #[must_use]
    pub fn for_source(&self, source: &ClientAddress) -> Self {
        Self { db: self.db.for_source(source), ..self.clone() }
    }

    /// The same application for work that may take as long as it takes.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { db: self.db.in_background(), ..self.clone() }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The periods after which the system acts by itself.
    #[must_use]
    pub fn system_periods(&self) -> SystemPeriods {
        SystemPeriods {
            no_reply: chrono::Duration::days(i64::from(self.config.no_reply_days)),
            close_after: chrono::Duration::days(i64::from(self.config.close_after_days)),
        }
    }

    /// What stands around a step that is stored now; by whom, when it is a step of an officer.
    #[must_use]
    pub fn record_context<'a>(&'a self, directory: &'a Directory, by: Option<&'a AuditActor>) -> RecordContext<'a> {
        let (periods, subscribers) = (self.system_periods(), &self.subscribers);
        RecordContext { periods, subscribers, is_history: false, directory, by }
    }

    /// Finishes the work that was handed in; the last thing a process does.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// The one provider of this process for whatever speaks TLS; whoever was first has chosen the same.
fn choose_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A key that cannot be read is no reason to go on without checking.
fn signature_keys(config: &Config) -> Result<SignatureKeys, OpenError> {
    let mut keys = SignatureKeys::default();
    config.exchange_signature_keys.iter().try_for_each(|file| add_signature_key(&mut keys, file))?;
    Ok(keys)
}

fn add_signature_key(keys: &mut SignatureKeys, file: &Path) -> Result<(), OpenError> {
    let refuse = |why: String| OpenError::SignatureKey { file: file.display().to_string(), why };
    let pem = std::fs::read_to_string(file).map_err(|cause| refuse(cause.to_string()))?;
    match keys.add(&pem) {
        true => Ok(()),
        false => Err(refuse("it holds no RSA public key in PEM".to_owned())),
    }
}

fn secret(config: &Config, given: Option<&Secret>, file: &str) -> Result<Secret, OpenError> {
    let refuse = |cause| OpenError::DataFolder { folder: config.data_dir.display().to_string(), cause };
    secrets::create_data_dir(&config.data_dir).map_err(refuse)?;
    match given {
        Some(key) => Ok(key.clone()),
        None => secrets::load_or_create(&config.data_dir.join(file)).map_err(refuse),
    }
}

/// The keys of the access tokens: the one that signs, and those whose tokens and seals stay good.
struct TokenKeys {
    current: Secret,
    earlier: Vec<Secret>,
}

impl TokenKeys {
    fn current(&self) -> &[u8] {
        self.current.reveal().as_bytes()
    }

    fn earlier(&self) -> Vec<&[u8]> {
        self.earlier.iter().map(|key| key.reveal().as_bytes()).collect()
    }
}

fn token_keys(config: &Config) -> Result<TokenKeys, OpenError> {
    let refuse = |cause| OpenError::DataFolder { folder: config.data_dir.display().to_string(), cause };
    secrets::create_data_dir(&config.data_dir).map_err(refuse)?;
    let (current, mut earlier) = match &config.token_key {
        Some(key) => (key.clone(), Vec::new()),
        None => secrets::load_or_create_with_earlier(&config.data_dir.join(TOKEN_KEY_FILE)).map_err(refuse)?,
    };
    earlier.extend(config.earlier_token_keys.iter().cloned());
    Ok(TokenKeys { current, earlier })
}

fn audit_key(config: &Config) -> Result<SigningKey, OpenError> {
    Ok(signing_key(&secret(config, config.audit_key.as_ref(), AUDIT_KEY_FILE)?)?)
}

/// The seed is what is kept; the public key follows from it.
fn signing_key(seed: &Secret) -> Result<SigningKey, ConfigError> {
    let unusable = || ConfigError::unusable("audit_key", "must be 64 hexadecimal digits");
    SigningKey::of_seed(seed.reveal()).ok_or_else(unusable)
}

fn attachments(config: &Config) -> Result<Attachments, OpenError> {
    let key = secret(config, config.link_key.as_ref(), LINK_KEY_FILE)?;
    let links = SignedLinks::new(key.reveal().as_bytes()).ok_or(ServiceError::Internal("the key of links cannot be used"))?;
    let address = config.files().map_err(|error| FileStoreError::Settings(error.to_string()))?;
    Ok(Attachments::new(FileStore::open(&address, &config.spool_folder(), config.upload_free_space_bytes)?, links))
}

/// What follows from a step of a petition. Zalo comes behind the outbox: it brings forward the receipt that the outbox holds.
fn subscribers(channels: &Channels) -> PetitionSubscribers {
    PetitionSubscribers::new(vec![
        Box::new(PetitionCounts),
        Box::new(PetitionNotifications),
        Box::new(PetitionOutbox { first_channel: channels.first_for_people() }),
        Box::new(ExchangedDocuments),
        Box::new(ZaloFilings),
        Box::new(PartnerFilings),
        Box::new(PetitionAudit),
    ])
}
