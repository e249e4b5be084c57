//! Lists of petitions: a petitioner's own petitions and the coordinator's desk.

use super::file::CodeName;
use super::read::{agency_name, area_name, category_name};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Actor;
use crate::kernel::ids::{AgencyId, PetitionId};
use crate::kernel::{Instant, Lang};
use crate::petitions::rules::{PublicStatus, Status};
pub use crate::petitions::store::list::OwnFilter;
use crate::petitions::store::{PetitionRow, list, texts};
use serde::Serialize;
use utoipa::ToSchema;

/// One line of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PetitionLine {
    /// The code.
    pub code: String,
    /// The title.
    pub title: String,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub area: CodeName,
    /// The agency that holds it; none on the coordinator's desk.
    pub agency: Option<CodeName>,
    /// Where it stands.
    pub status: Status,
    /// What everybody may see of that.
    pub public_status: PublicStatus,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// When it was received.
    pub received_at: Instant,
    /// Until when it will be answered.
    pub due_at: Instant,
    /// The latest rating.
    pub score: Option<i32>,
}

/// Returns a page of a signed-in petitioner's petitions, newest first, and the cursor of the next page.
pub async fn own(
    app: &App,
    actor: &Actor,
    filter: OwnFilter,
    before: Option<PetitionId>,
    limit: i64,
    lang: Lang,
) -> Result<(Vec<PetitionLine>, Option<PetitionId>), ServiceError> {
    let (app_, account) = (app.clone(), actor.account_id);
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let rows = list::of_account(connection, account, &filter, before, limit + 1)?;
            lines(connection, &directory, rows, limit, lang)
        })
        .await
}

/// Returns a page of the coordinator's desk, oldest first, and the cursor of the next page: petitions without an
/// agency, and reopening requests for agencies that have ended and have nobody to decide.
pub async fn coordination(
    app: &App,
    after: Option<PetitionId>,
    limit: i64,
    lang: Lang,
) -> Result<(Vec<PetitionLine>, Option<PetitionId>), ServiceError> {
    let (app_, today) = (app.clone(), app.now().local_date());
    app.db
        .read(move |connection| {
            let directory = directory::current(&app_, connection)?;
            let mut rows = list::on_coordination_desk(connection, after, limit + 1)?;
            let ended = directory.agencies().iter().filter(|agency| agency.validity.ended_before(today));
            let ended: Vec<AgencyId> = ended.map(|agency| agency.id).collect();
            if !ended.is_empty() {
                rows.extend(list::waiting_for_reopening(connection, &ended, after, limit + 1)?);
                rows.sort_by_key(|row| row.id);
            }
            lines(connection, &directory, rows, limit, lang)
        })
        .await
}

fn lines(
    connection: &mut DbConnection,
    directory: &Directory,
    mut rows: Vec<PetitionRow>,
    limit: i64,
    lang: Lang,
) -> Result<(Vec<PetitionLine>, Option<PetitionId>), ServiceError> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|row| row.id);
    let ids: Vec<PetitionId> = rows.iter().map(|row| row.id).collect();
    let mut titles = texts::titles(connection, &ids)?;
    let items = rows
        .into_iter()
        .map(|row| PetitionLine {
            title: titles.remove(&row.id).unwrap_or_default(),
            category: category_name(directory, &row, lang),
            area: area_name(directory, &row),
            agency: agency_name(directory, &row),
            status: row.status,
            public_status: row.status.public(),
            version: row.version,
            received_at: row.received_at,
            due_at: row.due_at,
            score: row.score,
            code: row.code,
        })
        .collect();
    Ok((items, next))
}
