//! The settings of one process: defaults, then the file, the environment and the command line; later sources
//! win.
//!
//! Read once by `cli` and then owned by `App`. All keys are flat, so that `listen` in the file is `PAKN_LISTEN`
//! in the environment. An unknown key, an unknown variable or an invalid value is an error that names it: a
//! silently ignored setting would be noticed only when it is needed.

mod attachments;
mod check;
mod database;
mod defaults;
mod faults;
mod folders;
mod listeners;
mod nearest;
mod oidc;
mod personal;
mod provenance;
pub mod secrets;
mod sms;
pub mod sources;
mod zalo;

use crate::kernel::account::Role;
use crate::petitions::rules::PetitionKind;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub use faults::ConfigFaults;
pub use oidc::{OidcConfig, OidcSettings, ProviderConfig};
pub use personal::PERSONAL_KEYS_FILE;
pub use provenance::SettingProvenance;
pub use secrets::Secret;
pub use sources::{ConfigError, Overrides};
pub use zalo::ZaloSettings;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people at a terminal.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Everything that can be set; the sentence of a field is its documentation for operators.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of the embedded database and of the generated secrets.
    pub data_dir: PathBuf,
    /// `sqlite://path` or `postgres://…`; without it the embedded database `pakn.db` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<Secret>,
    /// Connections kept open, those that write on PostgreSQL and half as many that read; 0 takes what suits the database.
    pub database_connections: u32,
    /// How long PostgreSQL may take to count a limit over all instances, in milliseconds; then an instance counts for itself.
    pub database_count_ms: u64,
    /// How many questions about many petitions are worked on at once, for the public and for offices each; 0 takes what suits the
    /// database.
    pub database_questions: u32,
    /// How many of them may wait before further ones are answered with 503.
    pub database_question_queue: usize,
    /// How long such a question may take, in milliseconds.
    pub database_question_ms: u64,
    /// How long any other read, and any write, may take, in milliseconds; a write that takes longer is answered with 503 and may be stored
    /// all the same.
    pub database_limit_ms: u64,
    /// Most bytes of the write-ahead log of an embedded database; beyond, nothing is taken in until it can be cut.
    pub database_log_max_bytes: u64,
    /// Fewest bytes that stay free on the disk of an embedded database; below, nothing is taken in.
    pub database_free_min_bytes: u64,
    /// How many reads, and how many writes, may wait before further ones are answered with 503.
    pub database_queue: usize,
    /// How long a read or a write may wait for its turn, in milliseconds.
    pub database_wait_ms: u64,
    /// Address of the service.
    pub listen: String,
    /// Address of the metrics and the health checks, for operators only.
    pub admin_listen: String,
    /// Addresses or networks of proxies in front, as `10.0.0.0/8`; only what these say in `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Threads that answer requests.
    pub http_workers: usize,
    /// Connections that one worker serves at the same time.
    pub http_connections: usize,
    /// How many answers may be on their way to one source at once; 0 for any number. A proxy that is not trusted is one source.
    pub http_requests_of_source: usize,
    /// Largest JSON body, in bytes.
    pub max_body_bytes: usize,
    /// How long a client may take to send such a body, in seconds.
    pub body_seconds: u64,
    /// Largest file of old petitions, in bytes.
    pub import_max_bytes: usize,
    /// How long a server that is told to stop goes on as before while its readiness already says no, in seconds, so that whoever
    /// distributes the load can turn away.
    pub shutdown_delay: u64,
    /// How long a stopping server lets requests finish, in seconds.
    pub stop_seconds: u64,
    /// What is logged, as `info` or `info,pakn::ops=debug`.
    pub log: String,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Whether a demo, whose passwords everybody knows, may be reached from other machines.
    pub demo_public: bool,
    /// Whether this process also runs the jobs that nobody asks for.
    pub worker: bool,
    /// Kinds of petitions that need a photo or a video (Decision 17/2024 names `field` and `procedure`).
    pub kinds_requiring_photo: Vec<PetitionKind>,
    /// Days without a reply of the petitioner after which a petition is refused as `no_reply`.
    pub no_reply_days: u32,
    /// Days after the answer on which a petition is closed, and within which a reopening may be asked for.
    pub close_after_days: u32,
    /// Folder of the document exchange, below the data folder unless it is absolute; each link has a folder in it.
    pub exchange_dir: PathBuf,
    /// Addresses of gateways of the document exchange that links may use, as `https://bus.example/XRoad/VPCP`.
    pub exchange_gateways: Vec<String>,
    /// Our identifier at the gateways.
    pub exchange_system_id: String,
    /// Key with which calls of the gateways are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange_key: Option<Secret>,
    /// Our identifier as an organ in the document exchange, unless a link has another.
    pub exchange_organ_id: String,
    /// Our name in the document exchange.
    pub exchange_sender_name: String,
    /// How long a gateway may take for an answer, in milliseconds.
    pub exchange_timeout_ms: u64,
    /// Largest message of the document exchange, in bytes.
    pub exchange_max_bytes: usize,
    /// Most bytes of all files that go along with a document that is sent; the others are named in it.
    pub exchange_files_max_bytes: u64,
    /// Most bytes of all attachments of a message after unpacking.
    pub exchange_max_unpacked_bytes: u64,
    /// How many times larger an attachment may get by unpacking.
    pub exchange_max_unpack_ratio: u64,
    /// Files with public keys (PEM, RSA) with which signatures of messages are checked; without any they are not checked.
    pub exchange_signature_keys: Vec<PathBuf>,
    /// Key of the access tokens, at least 32 characters; without it one is generated in the data folder. Several instances on
    /// one PostgreSQL database need the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_key: Option<Secret>,
    /// Earlier keys of the access tokens: what they signed or sealed stays good.
    pub earlier_token_keys: Vec<Secret>,
    /// Keys of personal data, the present one first, for several instances on one database; without any the file `personal.keys` in the
    /// data folder, which the first start makes.
    pub personal_keys: Vec<Secret>,
    /// After how many years a handled petition is anonymised, its figures staying equal; 0 means never.
    pub retention_years: u32,
    /// Seconds within which a refresh token that is shown again by the same program gets the same next pair; 0 never.
    pub refresh_grace_seconds: u32,
    /// Wrong sign-ins under one name after which the next one waits, each time longer; 0 never.
    pub sign_in_failures_per_account: u32,
    /// The same from one source under any names; offices and carriers share one.
    pub sign_in_failures_per_source: u32,
    /// Whether requests are limited as the next eight settings say; each is a number for a minute, 0 is no limit.
    pub rate_limits: bool,
    /// Sign-ins, registrations and forgotten passwords from one source, which may be an office or a carrier.
    pub sign_ins_per_minute_of_source: u32,
    /// The same by one account or device.
    pub sign_ins_per_minute: u32,
    /// Petitions and what petitioners write, from one source.
    pub filings_per_minute_of_source: u32,
    /// The same by one account or device.
    pub filings_per_minute: u32,
    /// Files from one source.
    pub uploads_per_minute_of_source: u32,
    /// The same by one account or device.
    pub uploads_per_minute: u32,
    /// Searches, figures and petitions that are looked up, from one source.
    pub searches_per_minute_of_source: u32,
    /// The same by one account or device.
    pub searches_per_minute: u32,
    /// Codes for contacts and links for new passwords that one source may ask for in an hour, while requests are limited, an IPv6 network of
    /// /48 four times as many; 0 is no limit.
    pub account_letters_per_hour_of_source: u32,
    /// Zero bits of the proof of work that guests have to show before they file or upload, against floods; 0 is none, 18 is a second of an old telephone.
    pub guest_challenge_bits: u32,
    /// Petitions of guests from one source within ten minutes after which that source has to show a proof of work; 0 is never.
    pub guest_filings_before_challenge: u32,
    /// Petitions of all guests together within ten minutes after which every guest has to; 0 is never.
    pub guest_filings_of_all_before_challenge: u32,
    /// Zero bits of that proof in the beginning; one more each time the number doubles.
    pub guest_challenge_first_bits: u32,
    /// Zero bits of that proof at most.
    pub guest_challenge_most_bits: u32,
    /// Origins of web pages that may use the API, as `https://pakn.bacninh.gov.vn`; `*` is every one.
    pub cors_origins: Vec<String>,
    /// Certificate chain in PEM with which the service speaks TLS itself; needs `tls_key_file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate_file: Option<PathBuf>,
    /// Its private key in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key_file: Option<PathBuf>,
    /// Whether the routes of administrators are on the listener for operators only.
    pub admin_routes_apart: bool,
    /// Where weaknesses are reported, for `/.well-known/security.txt`, as `mailto:attt@bacninh.gov.vn`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_contact: Option<String>,
    /// Roles that open nothing without a second factor.
    pub second_factor_roles: Vec<Role>,
    /// Fewest characters of the password of an officer who signs in without a second factor.
    pub officer_password_min_length: usize,
    /// Days after which an officer's account that nobody uses is disabled; 0 never.
    pub idle_days: u32,
    /// Where people reach the product, as `https://pakn.bacninh.gov.vn`; links in messages begin with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The server for e-mail, as `smtps://user:password@host` or `smtp://user:password@host:587?tls=required`; without it no
    /// e-mail is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_url: Option<Secret>,
    /// A certificate that the server for e-mail may have beside those that the system trusts, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp_ca_file: Option<PathBuf>,
    /// From whom e-mail comes, as `PAKN Bắc Ninh <pakn@bacninh.gov.vn>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,
    /// To which address e-mail comes back that cannot be delivered; the key of the letter is put in after a plus sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_bounce_to: Option<String>,
    /// Folder with templates of messages that replace those of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates_dir: Option<PathBuf>,
    /// The pause after the first attempt to deliver something that failed, in seconds; each later one is twice as long, up to six
    /// hours.
    pub retry_seconds: u32,
    /// How long something stays with an instance that was killed while it delivered it, in seconds.
    pub delivery_hold_seconds: u32,
    /// Messages to one e-mail address or phone on one day, over all petitions, as long as nobody has confirmed that it is theirs; ten times as
    /// many afterwards; 0 is no limit.
    pub messages_per_recipient_per_day: u32,
    /// Whether webhooks may be posted to addresses of private networks, and without TLS.
    pub webhook_private_addresses: bool,
    /// How long another system may take to answer an event, in milliseconds.
    pub webhook_timeout_ms: u64,
    /// Where uploaded files lie: `file:///folder`, or `s3://bucket/prefix` for several instances; without it the folder `files` in
    /// the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments_url: Option<String>,
    /// Address of the S3 server, as `https://s3.example.vn`; without it that of AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_endpoint: Option<String>,
    /// Region of the bucket.
    pub s3_region: String,
    /// Id of the key of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_access_key: Option<Secret>,
    /// The key of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_secret_key: Option<Secret>,
    /// Largest image, in bytes.
    pub attachment_image_max_bytes: u64,
    /// Largest video, in bytes; clamd's `StreamMaxLength` has to be as large.
    pub attachment_video_max_bytes: u64,
    /// Largest PDF document, in bytes.
    pub attachment_pdf_max_bytes: u64,
    /// Largest recording, in bytes.
    pub attachment_audio_max_bytes: u64,
    /// Images on one petition.
    pub attachment_image_max_count: usize,
    /// Videos on one petition.
    pub attachment_video_max_count: usize,
    /// PDF documents on one petition.
    pub attachment_pdf_max_count: usize,
    /// Recordings on one petition.
    pub attachment_audio_max_count: usize,
    /// Attachments of all kinds on one petition.
    pub attachments_per_petition: usize,
    /// Images of more pixels are refused.
    pub image_max_pixels: u64,
    /// PNG and WebP images of more pixels are refused; they are decoded pixel by pixel.
    pub image_max_pixels_unscaled: u64,
    /// Memory for the one image that is decoded at a time, in bytes; images that need more are refused.
    pub image_memory_bytes: u64,
    /// Whether published petitions show the images that they were filed with.
    pub publish_images: bool,
    /// Where clamd listens: `127.0.0.1:3310` or `unix:/run/clamav/clamd.ctl`; without it nothing is scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clamd_address: Option<String>,
    /// Seconds for which an upload waits for clamd; after them it is taken and shown once it has been found clean.
    pub scan_wait_seconds: u64,
    /// Bytes that one source may upload in an hour, a partner with a key and an IPv6 network of /48 eight times as many; 0 is no limit.
    pub upload_bytes_per_hour_of_source: u64,
    /// Bytes of all files and open uploads that belong to no petition yet; 0 is no limit. One source fills a quarter at most, and an eighth
    /// with what it has only announced; the last quarter is for files of at most 10 MiB.
    pub upload_unjoined_bytes: u64,
    /// Free bytes on the disk of the files below which uploads are refused, and nothing else.
    pub upload_free_space_bytes: u64,
    /// The least bytes of a piece of an upload, except for the last one.
    pub upload_piece_min_bytes: u64,
    /// The most pieces of an upload.
    pub upload_pieces_max: usize,
    /// Hours after which an upload that belongs to no petition is removed.
    pub attachment_unused_hours: u32,
    /// Seconds after which a quiet stream of notifications says that it is there, and after which it ends with its session.
    pub event_heartbeat_seconds: u16,
    /// Minutes for which a link to a file is good.
    pub link_minutes: u32,
    /// Key of the links to files, at least 32 characters; without it one is generated in the data folder. Several instances need
    /// the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_key: Option<Secret>,
    /// Key (64 hexadecimal digits) that signs the heads of the audit record; without it one is generated in the data folder. Several
    /// instances need the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_key: Option<Secret>,
    /// Public keys (in hexadecimal) of earlier keys of the audit record, whose heads are good too.
    pub audit_public_keys: Vec<String>,
    /// File to whose end every signed head of the audit record is written; keep it where the database's owner cannot write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_anchor_file: Option<PathBuf>,
    /// Whether every signed head is written to standard output, for whatever collects it.
    pub audit_anchor_stdout: bool,
    /// Address to which every signed head is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_anchor_url: Option<Secret>,
    /// The gateway for text messages, which takes JSON by POST; without it none are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_url: Option<String>,
    /// What it is shown, as `Authorization: Bearer …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_token: Option<Secret>,
    /// From whom text messages come, as the gateway knows us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_from: Option<String>,
    /// Number of our application at Zalo; without it nothing of Zalo is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo_app_id: Option<String>,
    /// Secret of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo_app_secret: Option<Secret>,
    /// Secret of the Official Account with which its webhook is signed; another one than that of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo_oa_secret: Option<Secret>,
    /// Number of the Official Account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo_oa_id: Option<String>,
    /// A refresh token of the Official Account, taken into the database once; a later one replaces what is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zalo_refresh_token: Option<Secret>,
    /// Where tokens of the Official Account are exchanged.
    pub zalo_oauth_url: String,
    /// Where messages are sent.
    pub zalo_api_url: String,
    /// Where notices by phone number are sent.
    pub zalo_zns_url: String,
    /// Where the Mini App's tokens are looked up.
    pub zalo_graph_url: String,
    /// How long Zalo may take for an answer, in milliseconds.
    pub zalo_timeout_ms: u64,
    /// Templates of notices by phone number by the names of our own, as `answered=12345`; events without one send none.
    pub zalo_zns_templates: Vec<String>,
    /// Minutes after which somebody who left a conversation is reminded, and after as many more the draft is dropped.
    pub zalo_conversation_minutes: u32,
    /// The providers of identities; flat keys like the others, see [`ProviderConfig`].
    #[serde(skip)]
    pub oidc: OidcConfig,
    /// Where each setting comes from.
    #[serde(skip)]
    pub origins: SettingProvenance,
}

impl Config {
    /// Reads the settings of this process from all sources and checks them.
    ///
    /// # Errors
    /// The first unknown key or invalid value.
    pub fn load(overrides: Overrides) -> Result<Self, ConfigError> {
        let (config, faults) = Self::examine(overrides);
        faults.finish(config)
    }
}
