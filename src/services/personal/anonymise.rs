//! Taking the person out of a handled petition: name, contact, pin, tracking, account, files, and what masking finds in the words.
//!
//! What the figures are counted from stays as it is: the petition, its timeline, its register. Rules: an open petition keeps its
//! petitioner, who has to be answered, unless the petitioner wants to be forgotten; the entries of the timeline are not rewritten, because their chain would break.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::ids::PetitionId;
use crate::domain::masking::mask;
use crate::domain::search_text::fold;
use crate::services::audit::{self, By, Deed};
use crate::services::error::ServiceError;
use crate::storage::petitions::{PetitionRow, PetitionerRow, TextRow, petitioners, state, texts};
use crate::storage::{DbConnection, subjects};
use chrono::Months;

/// Petitions of one round.
const BATCH: i64 = 200;

/// Anonymises one petition; false when it is open or was anonymised before.
pub(super) fn anonymise(
    connection: &mut DbConnection,
    by: &By,
    id: PetitionId,
    cause: &str,
    now: Instant,
) -> Result<bool, ServiceError> {
    match state::find_for_change(connection, id)? {
        Some(petition) if !petition.status.is_open() => take_person_out(connection, by, &petition, cause, now),
        _ => Ok(false),
    }
}

/// Takes the person out of a petition in whatever state; false when it was done before.
pub(super) fn take_person_out(
    connection: &mut DbConnection,
    by: &By,
    petition: &PetitionRow,
    cause: &str,
    now: Instant,
) -> Result<bool, ServiceError> {
    let id = petition.id;
    if !subjects::note_anonymised(connection, id, cause, now)? {
        return Ok(false);
    }
    let person = petitioners::find(connection, id)?;
    let known = [&person.full_name, &person.company_name, &person.address];
    let names: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    let text = texts::find(connection, id)?;
    let (title, content) = (mask(&text.title, &names), mask(&text.content, &names));
    let search_text = fold(&format!("{title} {content}"));
    subjects::rewrite(connection, &TextRow { petition_id: id, title, content, search_text })?;
    subjects::rewrite_remarks(connection, id, &|remark| mask(remark, &names))?;
    let nobody = PetitionerRow {
        petition_id: id,
        full_name: None,
        phone: None,
        email: None,
        company_name: None,
        tax_code: None,
        latitude: None,
        longitude: None,
        address: None,
        hide_identity: person.hide_identity,
        tracking_hash: None,
    };
    petitioners::update(connection, &nobody)?;
    subjects::detach(connection, id)?;
    audit::write(connection, by, now, &Deed::new("anonymise_petition", "petition", &petition.code).tell("cause", cause))?;
    Ok(true)
}

/// Anonymises petitions that were settled more than the set number of years ago; says how many. Nothing where no number is set.
///
/// # Errors
/// Those of the database.
pub async fn anonymise_due(app: &App) -> Result<usize, ServiceError> {
    let now = app.now();
    let Some(day) = now.local_date().checked_sub_months(Months::new(app.config.retention_years.saturating_mul(12))) else {
        return Ok(0);
    };
    if app.config.retention_years == 0 {
        return Ok(0);
    }
    let before = Instant::start_of(day);
    let mut done = 0;
    loop {
        let due = app.db.read(move |connection| subjects::due(connection, before, BATCH)).await?;
        if due.is_empty() {
            return Ok(done);
        }
        for id in due {
            let by = By::system();
            let work = move |connection: &mut DbConnection| anonymise(connection, &by, id, "retention", now);
            done += usize::from(app.db.write(work).await?);
        }
    }
}
