//! Files that come with petitions: received, recognised, scanned, made safe to show, joined, linked to, removed.
//!
//! Enters the bytes that anybody sends; leave an id, and later links to what may be seen. Rules: a file is believed by its bytes
//! alone; nobody sees one before it is clean; what is shown is made anew from the pixels, and the original is for the holding
//! agency only.

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

/// What a process needs for attachments.
pub struct Attachments {
    /// The store.
    pub files: FileStore,
    /// Signs and checks links.
    pub links: SignedLinks,
    /// One image is decoded at a time.
    pub image_queue: ImageQueue,
    /// A few files are scanned at a time.
    pub scanning: Semaphore,
    /// Bytes that have no row yet.
    pub in_flight: InFlightBytes,
}

/// The media type of every image made anew.
pub const SHOWN_AS: &str = "image/jpeg";

/// Pixels of images of one source that may wait to be decoded: ten photos of a telephone, several times.
const MOST_PIXELS_WAITING: u64 = 500_000_000;

/// How many files are handed to clamd at the same time.
const SCANS: usize = 4;

impl Attachments {
    /// Puts them together.
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
    /// What the agency that handles a petition gets of an original.
    OriginalAccess {
        /// It as it was uploaded.
        Whole = "whole",
        /// The petitioner wants to stay unknown: a copy in which nothing but picture and sound is left. A file that is built in an unusual
        /// way is withheld all the same.
        WithoutMetadata = "without_metadata",
        /// The petitioner wants to stay unknown, and the file may tell who sent it: only the coordinator can look at it, each look being
        /// written down.
        Withheld = "withheld",
    }
}

impl OriginalAccess {
    /// Of a file of this type, of somebody who hides or does not.
    #[must_use]
    pub fn of(media_type: &str, hides: bool) -> Self {
        match hides {
            false => Self::Whole,
            true if strip_metadata::is_known(media_type) => Self::WithoutMetadata,
            true => Self::Withheld,
        }
    }
}

/// Which of the files of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendition {
    /// As it was uploaded.
    Original,
    /// Made anew, at most 2560 pixels wide or high.
    Shown,
    /// Made anew, at most 320 pixels wide or high.
    Thumbnail,
}

impl Rendition {
    /// Every file of an attachment.
    pub const ALL: [Self; 3] = [Self::Original, Self::Shown, Self::Thumbnail];

    /// The name of the file in the store.
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
