//! Attachments become part of a petition: with its filing, or with a reply.
//!
//! Enter ids as a client sends them; leaves them joined, in the caller's transaction, or every rule that one of them breaks.
//! Rule: an id joins once, and one that an account uploaded joins by that account only; whoever may not is told that there is
//! no such id.

use crate::attachments::rules::{AttachmentKind, AttachmentState, FileId, Occasion};
use crate::attachments::store::{self, AttachmentRow};
use crate::config::Config;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::kernel::Instant;
use crate::kernel::field_problem::{FieldProblem, FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, PetitionId};

/// Attachments that somebody names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentIds {
    /// The ids in the order in which they were sent.
    pub ids: Vec<FileId>,
    /// Whether an image or a video has to be among them.
    pub needs_picture: bool,
}

/// How many attachments of each kind a petition may have, as the settings say.
#[derive(Debug, Clone, Copy)]
pub struct AttachmentLimits {
    all: usize,
    kinds: [usize; 4],
}

impl AttachmentLimits {
    /// From the settings.
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

/// Reads ids; everything that can be found wrong without the database.
///
/// # Errors
/// Every rule that one of them breaks.
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

/// Joins them to a petition that is stored already.
///
/// # Errors
/// Every rule that one of them breaks; otherwise those of the database.
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
