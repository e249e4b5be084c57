//! Settings of attachments: storage location and size limits, and their validation.

use super::Config;
use super::{ConfigError, ConfigFaults};
use crate::attachments::rules::{AttachmentKind, KindLimit};
use crate::db::file_store::{BucketAddress, FileStoreAddress};
use std::path::PathBuf;

impl Config {
    /// Returns the address of the file store.
    ///
    /// # Errors
    /// For an address of an unknown kind; the error names the key.
    pub fn files(&self) -> Result<FileStoreAddress, ConfigError> {
        match &self.attachments_url {
            Some(url) => self.files_at(url),
            None => Ok(FileStoreAddress::Folder(self.data_dir.join("files"))),
        }
    }

    /// Returns the file store at an address, with the configured credentials.
    ///
    /// # Errors
    /// For an address of an unknown kind.
    pub fn files_at(&self, url: &str) -> Result<FileStoreAddress, ConfigError> {
        let unusable = || ConfigError::unusable("attachments_url", "must be file:///folder or s3://bucket/prefix");
        if let Some(folder) = url.strip_prefix("file://") {
            return if folder.starts_with('/') { Ok(FileStoreAddress::Folder(PathBuf::from(folder))) } else { Err(unusable()) };
        }
        let place = url.strip_prefix("s3://").ok_or_else(unusable)?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() || self.s3_access_key.is_some() != self.s3_secret_key.is_some() {
            return Err(unusable());
        }
        Ok(FileStoreAddress::Bucket(BucketAddress {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key: self.s3_access_key.as_ref().map(|key| key.reveal().to_owned()),
            secret_key: self.s3_secret_key.as_ref().map(|key| key.reveal().to_owned()),
        }))
    }

    /// Returns the folder of uploads in progress.
    #[must_use]
    pub fn spool_folder(&self) -> PathBuf {
        self.data_dir.join("uploads")
    }

    /// Returns the limits of a kind of attachment.
    #[must_use]
    pub const fn attachment_limit(&self, kind: AttachmentKind) -> KindLimit {
        let (bytes, count) = match kind {
            AttachmentKind::Image => (self.attachment_image_max_bytes, self.attachment_image_max_count),
            AttachmentKind::Video => (self.attachment_video_max_bytes, self.attachment_video_max_count),
            AttachmentKind::Pdf => (self.attachment_pdf_max_bytes, self.attachment_pdf_max_count),
            AttachmentKind::Audio => (self.attachment_audio_max_bytes, self.attachment_audio_max_count),
        };
        KindLimit { bytes, count }
    }

    /// Returns the largest allowed file size of any kind, in bytes.
    #[must_use]
    pub fn largest_attachment(&self) -> u64 {
        AttachmentKind::ALL.iter().map(|kind| self.attachment_limit(*kind).bytes).max().unwrap_or_default()
    }

    pub(super) fn check_attachments(&self, faults: &mut ConfigFaults) {
        if self.link_key.as_ref().is_some_and(|key| key.reveal().len() < 32) {
            faults.unusable("link_key", "needs at least 32 characters");
        }
        let at_least_one = [("link_minutes", self.link_minutes), ("attachment_unused_hours", self.attachment_unused_hours)];
        at_least_one.iter().filter(|(_, value)| *value == 0).for_each(|(key, _)| faults.unusable(key, "must be at least 1"));
        if let Err(error) = self.files() {
            faults.add(error);
        }
    }
}
