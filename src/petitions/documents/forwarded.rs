//! What an agency keeps of a document it has passed on.
//!
//! The document stays as it was when it left, with the steps of the agency's own officers. Of later events the agency
//! sees only the next agency and the public status, so that it can answer telephone calls.

use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::kernel::{Instant, Lang};
use crate::petitions::concealed;
use crate::petitions::file::CodeName;
use crate::petitions::read::{area_name, category_name};
use crate::petitions::rules::timeline::{ActorKind, TimelineEntry};
use crate::petitions::rules::{Action, PetitionKind, PetitionerKind, PublicStatus, Status};
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{PetitionRow, texts, timeline};
use serde::Serialize;
use utoipa::ToSchema;

/// Limit of timeline entries read; no petition has that many.
const ENTRIES: i64 = 10_000;

/// A petition for an agency that has handed it on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftPetition {
    /// The code.
    pub code: String,
    /// What sort of petition.
    pub kind: PetitionKind,
    /// The title.
    pub title: String,
    /// The content as it was filed.
    pub content: String,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub area: CodeName,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// Where it stood when it left.
    pub status: Status,
    /// What everybody may see of where it stands now.
    pub public_status: PublicStatus,
    /// Where it went; none for the coordinator's desk.
    pub agency: Option<CodeName>,
    /// When it was received.
    pub received_at: Instant,
    /// The deadline when it left.
    pub due_at: Instant,
    /// When it left.
    pub left_at: Instant,
    /// What officers did while it was here, in order.
    pub own_steps: Vec<OwnStep>,
}

/// Something that an officer of the agency did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnStep {
    /// When.
    pub at: Instant,
    /// What.
    pub action: Action,
    /// What they wrote.
    pub note: Option<String>,
}

/// The part of a timeline that belongs to one document.
struct AgencyStay {
    /// Entries after the arrival.
    own: Vec<TimelineEntry>,
    /// The step with which it left.
    leaving: Option<TimelineEntry>,
}

impl AgencyStay {
    fn of(entries: Vec<TimelineEntry>, document: &DocumentRow) -> Self {
        let is_own = |entry: &TimelineEntry| entry.document_id == Some(document.id);
        let last = entries.iter().rev().find(|entry| is_own(entry)).map(|entry| (entry.sequence, entry.action));
        let arrival = entries.iter().find(|entry| is_own(entry)).map(|entry| entry.sequence);
        let Some(((last, action), arrival)) = last.zip(arrival) else { return Self { own: Vec::new(), leaving: None } };
        // A step that enters the petition in another register names the new document.
        let leaves_here = last > arrival && matches!(action, Action::Return | Action::Transfer | Action::Reorganise);
        let leaving = if leaves_here { last } else { last + 1 };
        let mut stay = Self { own: Vec::new(), leaving: None };
        for entry in entries.into_iter().filter(|entry| entry.sequence > arrival && entry.sequence <= leaving) {
            if entry.sequence == leaving {
                stay.leaving = Some(entry.clone());
            }
            stay.own.push(entry);
        }
        stay
    }
}

/// Returns what the agency keeps of a petition under a document that has left it.
pub fn left(
    connection: &mut DbConnection,
    directory: &Directory,
    petition: &PetitionRow,
    document: &DocumentRow,
    lang: Lang,
) -> Result<LeftPetition, ServiceError> {
    let text = texts::find(connection, petition.id)?;
    let entries = timeline::page(connection, petition.id, false, 0, ENTRIES)?.into_iter().map(|(entry, _)| entry).collect();
    let AgencyStay { own, leaving } = AgencyStay::of(entries, document);
    let went_to = leaving.as_ref().and_then(|entry| directory.agency(entry.agency_id?));
    let mut left = LeftPetition {
        code: petition.code.clone(),
        kind: petition.kind,
        title: text.title,
        content: text.content,
        category: category_name(directory, petition, lang),
        area: area_name(directory, petition),
        petitioner_kind: petition.petitioner_kind,
        status: leaving.as_ref().map_or(Status::Received, |entry| entry.status),
        public_status: petition.status.public(),
        agency: went_to.map(|agency| CodeName { code: agency.code.clone(), name: agency.name.clone() }),
        received_at: petition.received_at,
        due_at: document.due_at,
        left_at: document.handed_on_at.unwrap_or(document.arrived_at),
        own_steps: own
            .into_iter()
            .filter(|entry| entry.author.kind == ActorKind::Officer)
            .map(|entry| OwnStep { at: entry.at, action: entry.action, note: entry.note })
            .collect(),
    };
    if let Some(person) = concealed::person_of(connection, petition.id)? {
        left.title = person.mask(&left.title);
        left.content = person.mask(&left.content);
        for note in left.own_steps.iter_mut().filter_map(|step| step.note.as_mut()) {
            *note = person.mask(note);
        }
    }
    Ok(left)
}
