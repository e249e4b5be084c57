//! Taking the person out of a handled petition: name, contact, pin, tracking, account, files, and what masking finds in the words.
//!
//! What the figures are counted from stays as it is: the petition, its timeline, its register. Rules: an open petition keeps its
//! petitioner, who has to be answered; the entries of the timeline are not rewritten, because their chain would break.

use crate::app::App;
use crate::domain::Instant;
use crate::domain::ids::PetitionId;
use crate::domain::masking::mask;
use crate::domain::search_text::fold;
use crate::services::audit::{self, By, Deed};
use crate::services::error::ServiceError;
use crate::services::publication::{forget_person, known};
use crate::storage::petitions::{PetitionerRow, TextRow, petitioners, state, texts};
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
    let Some(petition) = state::find_for_change(connection, id)? else { return Ok(false) };
    if petition.status.is_open() || !subjects::note_anonymised(connection, id, cause, now)? {
        return Ok(false);
    }
    let person = petitioners::find(connection, id)?;
    let known = known(&person).name(person.address.as_deref());
    let text = texts::find(connection, id)?;
    let (title, content) = (mask(&text.title, &known), mask(&text.content, &known));
    let search_text = fold(&format!("{title} {content}"));
    subjects::rewrite(connection, &TextRow { petition_id: id, title, content, search_text })?;
    subjects::rewrite_remarks(connection, id, &|remark| mask(remark, &known))?;
    forget_person(connection, id, &known)?;
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
