//! The timeline for a reader: petitioners read public entries, officers internal ones too.

use super::concealed;
use super::file::CodeName;
use super::read::visible;
use crate::accounts::access::Caller;
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::Instant;
use crate::petitions::access;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::lifecycle::Capacity;
use crate::petitions::rules::timeline::{ActorKind, TimelineEntry};
use crate::petitions::rules::{Action, PublicStatus, Status};
use crate::petitions::store::timeline;
use serde::Serialize;
use utoipa::ToSchema;

/// One event in the life of a petition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineView {
    /// 1, 2, 3 …; a petitioner does not see the internal ones between.
    pub sequence: i32,
    /// When.
    pub at: Instant,
    /// What was done.
    pub action: Action,
    /// On whose behalf.
    pub actor: ActorKind,
    /// The state that it left behind.
    pub status: Status,
    /// What everybody may see of that.
    pub public_status: PublicStatus,
    /// The agency that held it afterwards.
    pub agency: Option<CodeName>,
    /// The deadline afterwards.
    pub due_at: Instant,
    /// The rating, when it is one.
    pub score: Option<i32>,
    /// Whether the petitioner sees it.
    pub is_public: bool,
    /// What somebody wrote.
    pub note: Option<String>,
    /// What a program needs to know; fields depend on the action.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// Returns a page of a petition's timeline, in order, and the sequence number after which the next page begins.
///
/// # Errors
/// [`PetitionNotFound`](crate::kernel::error_code::ErrorCode::PetitionNotFound) when there is none or the caller may not know of it.
pub async fn timeline_of(
    app: &App,
    caller: &Caller,
    code: &PetitionCode,
    after: i32,
    limit: i64,
) -> Result<(Vec<TimelineView>, Option<i32>), ServiceError> {
    let (app_, caller, code) = (app.clone(), caller.clone(), code.clone());
    app.db
        .read(move |connection| {
            let (petition, hash) = visible(connection, &caller, &code)?;
            let capacities = access::capacities(&caller, &petition, hash.as_deref());
            let public_only = capacities.iter().all(|capacity| *capacity == Capacity::Petitioner);
            let directory = directory::current(&app_, connection)?;
            let is_petitioner = capacities.contains(&Capacity::Petitioner);
            let person = if is_petitioner { None } else { concealed::person_of(connection, petition.id)? };
            let mut entries = timeline::page(connection, petition.id, public_only, after, limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or(0);
            let is_more = entries.len() > limit;
            entries.truncate(limit);
            let next = entries.last().filter(|_| is_more).map(|(entry, _)| entry.sequence);
            let view = |entry: TimelineEntry| {
                let mut view = view(&directory, entry);
                if let (Some(person), Some(note)) = (&person, &mut view.note) {
                    *note = person.mask(note);
                }
                view
            };
            Ok((entries.into_iter().map(|(entry, _)| view(entry)).collect(), next))
        })
        .await
}

fn view(directory: &Directory, entry: TimelineEntry) -> TimelineView {
    let agency = entry.agency_id.and_then(|id| directory.agency(id));
    TimelineView {
        sequence: entry.sequence,
        at: entry.at,
        action: entry.action,
        actor: entry.author.kind,
        status: entry.status,
        public_status: entry.status.public(),
        agency: agency.map(|agency| CodeName { code: agency.code.clone(), name: agency.name.clone() }),
        due_at: entry.due_at,
        score: entry.score,
        is_public: entry.is_public,
        note: entry.note,
        detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
    }
}
