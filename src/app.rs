//! The application state of one process, shared by `serve`, the commands and the tests.
//!
//! Handlers, jobs and commands pass `&App` to the services. Cloning is cheap: every field is shared.

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

/// File name, in the data folder, of the key that signs access tokens.
pub const TOKEN_KEY_FILE: &str = "access-tokens.key";
/// File name, in the data folder, of the key that signs download links.
pub(crate) const LINK_KEY_FILE: &str = "links.key";
/// File name, in the data folder, of the key that signs audit heads.
pub(crate) const AUDIT_KEY_FILE: &str = "audit.key";

/// The shared state of one process.
#[derive(Clone)]
pub struct App {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub config: Arc<Config>,
    pub tokens: Arc<AccessTokens>,
    /// Hashes passwords, for the whole process.
    pub passwords: Passwords,
    /// Counts the current load from guests, to decide when they need a proof of work.
    pub flood: FloodGuard,
    /// Rate-limits failed sign-ins.
    pub login_throttle: LoginThrottle,
    pub directory: DirectoryCache,
    pub audit_key: Arc<SigningKey>,
    pub attachments: Arc<Attachments>,
    /// Senders for e-mail, SMS and Zalo.
    pub channels: Arc<Channels>,
    pub oidc: Arc<Providers>,
    /// Subscribers that run after every step of a petition.
    pub subscribers: PetitionSubscribers,
    /// Templates of the messages sent to people.
    pub templates: Arc<Templates>,
    /// Encrypts links and addresses.
    pub seal: Sealer,
    pub feed: NotificationFeed,
    /// Public keys that verify signatures of document exchange messages.
    pub signature_keys: Arc<SignatureKeys>,
    pub worker_status: Arc<WorkerStatus>,
}

/// Error while opening the application.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder, or a secret in it, cannot be used.
    #[error("cannot use the data folder {folder}: {cause}")]
    DataFolder { folder: String, cause: std::io::Error },
    #[error("cannot use the public key {file}: {why}")]
    SignatureKey { file: String, why: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Files(#[from] FileStoreError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl App {
    /// Opens the application. Does not migrate, and connects to the database only on first use.
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

    /// Returns every configuration error that would make `open` fail and that can be detected without touching
    /// the database or the data folder. Files named in the settings are read.
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

    /// Returns a handle for staff requests: their statistics queries do not queue behind those of the public.
    #[must_use]
    pub fn for_staff(&self) -> Self {
        Self { db: self.db.for_staff(), ..self.clone() }
    }

    /// Returns a handle for requests from one client address, which gets a bounded share of the public query
    /// queue.
    #[must_use]
    pub fn for_source(&self, source: &ClientAddress) -> Self {
        Self { db: self.db.for_source(source), ..self.clone() }
    }

    /// Returns a handle for background work, without a query time limit.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self { db: self.db.in_background(), ..self.clone() }
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Returns the configured periods after which the system acts on a petition by itself.
    #[must_use]
    pub fn system_periods(&self) -> SystemPeriods {
        SystemPeriods {
            no_reply: chrono::Duration::days(i64::from(self.config.no_reply_days)),
            close_after: chrono::Duration::days(i64::from(self.config.close_after_days)),
        }
    }

    /// Returns the context for recording a step now; `by` is the officer, if an officer takes the step.
    #[must_use]
    pub fn record_context<'a>(&'a self, directory: &'a Directory, by: Option<&'a AuditActor>) -> RecordContext<'a> {
        let (periods, subscribers) = (self.system_periods(), &self.subscribers);
        RecordContext { periods, subscribers, is_history: false, directory, by }
    }

    /// Finishes pending work. Call it last, before the process exits.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Installs the process-wide TLS crypto provider. An error means it was already installed, with the same
/// provider.
fn choose_cryptography() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Fails on an unreadable key: continuing would mean accepting messages without checking signatures.
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

/// Access token keys: the signing key, and earlier keys whose tokens and seals stay valid.
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

/// The seed is stored; the public key is derived from it.
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

/// Subscribers of petition steps. Zalo runs after the outbox because it moves up the receipt that the outbox
/// queued.
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
