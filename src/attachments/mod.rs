//! Petition attachments: receiving, recognising, scanning, rendering, joining, linking and removing files.
//!
//! Takes bytes uploaded by anybody; returns an ID, and later links to files that may be seen. The file type is
//! decided by the bytes only. Nobody sees a file before it passed the malware scan. Images are shown re-encoded
//! from pixels; the original is for the agency that holds the petition only.

pub mod http;
pub mod image_queue;
pub mod images;
pub mod in_flight;
pub mod join;
pub mod jpeg;
pub mod png;
pub mod processing;
pub mod purge;
pub mod receive;
pub mod recognise;
pub mod rules;
pub mod scan;
pub mod signed_links;
pub mod store;
pub mod strip_metadata;
pub mod transfer;
pub mod upload_quota;
pub mod uploads;
pub mod view;

use crate::db::file_store::FileStore;
use image_queue::ImageQueue;
use in_flight::InFlightBytes;
use signed_links::SignedLinks;
use tokio::sync::Semaphore;

/// The services that attachments need.
pub struct Attachments {
    pub files: FileStore,
    pub links: SignedLinks,
    /// Decodes one image at a time.
    pub image_queue: ImageQueue,
    /// Limits concurrent scans.
    pub scanning: Semaphore,
    /// Bytes being received that have no row yet.
    pub in_flight: InFlightBytes,
}

/// The media type of every rendition.
pub const SHOWN_AS: &str = "image/jpeg";

/// Maximum pixels of waiting images per source: ten phone photos, several times over.
const MOST_PIXELS_WAITING: u64 = 500_000_000;

/// How many files are scanned by clamd at the same time.
const SCANS: usize = 4;

impl Attachments {
    /// Creates the attachment services.
    #[must_use]
    pub fn new(files: FileStore, links: SignedLinks) -> Self {
        Self {
            files,
            links,
            image_queue: ImageQueue::new(MOST_PIXELS_WAITING),
            scanning: Semaphore::new(SCANS),
            in_flight: InFlightBytes::default(),
        }
    }
}

text_enum! {
    /// The access of the handling agency to an original.
    OriginalAccess {
        /// As uploaded.
        Whole = "whole",
        /// The petitioner wants to stay anonymous: a copy reduced to picture and sound. A file with an unexpected
        /// structure is withheld nevertheless.
        WithoutMetadata = "without_metadata",
        /// The petitioner wants to stay anonymous, and the file may identify the sender: only the coordinator can open
        /// it, and each access is logged.
        Withheld = "withheld",
    }
}

impl OriginalAccess {
    /// Returns the access to an original of this type; `hides` means that the petitioner wants to stay anonymous.
    #[must_use]
    pub fn of(media_type: &str, hides: bool) -> Self {
        match hides {
            false => Self::Whole,
            true if strip_metadata::is_known(media_type) => Self::WithoutMetadata,
            true => Self::Withheld,
        }
    }
}

/// The files of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendition {
    /// The original as uploaded.
    Original,
    /// Re-encoded, at most 2560 pixels wide or high.
    Shown,
    /// Re-encoded, at most 320 pixels wide or high.
    Thumbnail,
}

impl Rendition {
    /// All files of an attachment.
    pub const ALL: [Self; 3] = [Self::Original, Self::Shown, Self::Thumbnail];

    /// Returns the file name in the store.
    #[must_use]
    pub fn name(self, id: &str) -> String {
        let file = match self {
            Self::Original => "original",
            Self::Shown => "shown.jpg",
            Self::Thumbnail => "thumbnail.jpg",
        };
        format!("attachments/{id}/{file}")
    }
}
