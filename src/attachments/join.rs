//! Joins uploaded attachments to a petition, on filing or with a reply.
//!
//! Takes IDs sent by a client; joins them in the caller's transaction, or returns every rule violation. An
//! ID can be joined once. An attachment uploaded by an account can be joined by that account only; anyone
//! else is told that the ID does not exist.

use crate::attachments::rules::{AttachmentKind, AttachmentState, FileId, Occasion};
use crate::attachments::store::{self, AttachmentRow};
use crate::config::Config;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::field_problem::{FieldProblem, FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, PetitionId};

/// The attachment IDs of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentIds {
    /// The IDs in the order in which they were sent.
    pub ids: Vec<FileId>,
    /// Whether at least one image or video is required.
    pub needs_picture: bool,
}

/// The maximum number of attachments per kind on a petition.
#[derive(Debug, Clone, Copy)]
pub struct AttachmentLimits {
    all: usize,
    kinds: [usize; 4],
}

impl AttachmentLimits {
    /// Reads the limits from the settings.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        use AttachmentKind::{Audio, Image, Pdf, Video};
        let kinds = [Image, Video, Pdf, Audio].map(|kind| config.attachment_limit(kind).count);
        Self { all: config.attachments_per_petition, kinds }
    }

    const fn of_kind(self, kind: AttachmentKind) -> usize {
        let [images, videos, documents, recordings] = self.kinds;
        match kind {
            AttachmentKind::Image => images,
            AttachmentKind::Video => videos,
            AttachmentKind::Pdf => documents,
            AttachmentKind::Audio => recordings,
        }
    }
}

/// Parses the IDs and checks everything that needs no database.
///
/// # Errors
/// Every rule violation found.
pub fn read(texts: &[String], most: usize) -> Result<Vec<FileId>, Vec<FieldProblem>> {
    let mut problems = FieldProblems::default();
    if texts.len() > most {
        return Err(vec![FieldProblem::new("attachments", FieldRule::TooMany(most))]);
    }
    let mut ids: Vec<FileId> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let field = format!("attachments[{place}]");
        match text.parse::<FileId>() {
            Ok(id) if ids.contains(&id) => problems.add(field, FieldRule::Duplicate),
            Ok(id) => ids.push(id),
            Err(rule) => problems.add(field, rule),
        }
    }
    problems.finish().map(|()| ids)
}

/// Joins the attachments to a stored petition.
///
/// # Errors
/// Every rule violation found; otherwise database errors.
pub fn join(
    connection: &mut DbConnection,
    limits: AttachmentLimits,
    named: &AttachmentIds,
    actor: Option<AccountId>,
    (petition, occasion): (PetitionId, Occasion),
    now: Instant,
) -> Result<(), ServiceError> {
    if named.ids.is_empty() {
        return Ok(());
    }
    let mut problems = FieldProblems::default();
    let mut all = store::of_petition(connection, petition)?;
    let mut has_picture = false;
    for (place, id) in named.ids.iter().enumerate() {
        let field = format!("attachments[{place}]");
        let found = store::find(connection, id.as_str())?;
        match usable(found, actor, &all, limits) {
            Err(rule) => problems.add(field, rule),
            Ok(row) => {
                has_picture |= matches!(row.kind, AttachmentKind::Image | AttachmentKind::Video);
                let position = i32::try_from(place).unwrap_or(i32::MAX);
                if store::join(connection, id.as_str(), petition, (occasion, position), now)? {
                    all.push(row);
                } else {
                    problems.add(field, FieldRule::Taken);
                }
            }
        }
    }
    if problems.is_empty() && named.needs_picture && !has_picture {
        problems.add("attachments", FieldRule::Required);
    }
    Ok(problems.finish()?)
}

fn usable(
    found: Option<AttachmentRow>,
    actor: Option<AccountId>,
    all: &[AttachmentRow],
    limits: AttachmentLimits,
) -> Result<AttachmentRow, FieldRule> {
    let row = found.filter(|row| row.account_id.is_none() || row.account_id == actor).ok_or(FieldRule::UnknownCode)?;
    if row.petition_id.is_some() {
        return Err(FieldRule::Taken);
    }
    match row.state {
        AttachmentState::Infected => return Err(FieldRule::Infected),
        AttachmentState::Damaged => return Err(FieldRule::DamagedFile),
        AttachmentState::Scanning | AttachmentState::Ready => {}
    }
    let most = limits.of_kind(row.kind);
    if all.len() >= limits.all {
        Err(FieldRule::TooMany(limits.all))
    } else if all.iter().filter(|other| other.kind == row.kind).count() >= most {
        Err(FieldRule::TooMany(most))
    } else {
        Ok(row)
    }
}
