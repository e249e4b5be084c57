//! Petition views for the petitioner, the holding agency and the coordinator.
//!
//! The views contain no person; `identity` is the only access to a name, and every access is logged.

use super::allowed::allowed_actions;
use super::concealed;
use super::deadline_view::DeadlineView;
use super::duplicates::{self, SharedAnswer};
use super::file::{CodeName, RegisterLine};
use crate::accounts::access::Caller;
use crate::app::App;
use crate::attachments::view::{self as attachments, AttachmentView, AttachmentViewer};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{CategoryId, PetitionId};
use crate::kernel::location::Location;
use crate::kernel::{Instant, Lang};
use crate::petitions::access;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::lifecycle::Capacity;
use crate::petitions::rules::{
    Action, Channel, Outcome, PetitionKind, PetitionerKind, PublicStatus, ReasonCode, RequestKind, RequestState, Status, guidance,
};
use crate::petitions::store::{self, AnswerRow, PetitionRow, answers, documents, petitioners, requests, texts, timeline};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a case is, rounded to about 100 m.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// An answer as the petitioner gets it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnswerView {
    /// The text; none where it answers the petition that this one repeats and is not public.
    pub content: Option<String>,
    /// What it says in one word.
    pub outcome: Outcome,
    /// The promised day.
    pub promised_on: Option<NaiveDate>,
    /// When it was sent; none for a draft.
    pub answered_at: Option<Instant>,
    /// The rating.
    pub score: Option<i32>,
    /// The words to the rating.
    pub comment: Option<String>,
    /// The agency that gave it, where it answers the petition that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<CodeName>,
}

impl AnswerView {
    fn of(answer: AnswerRow) -> Self {
        Self {
            content: Some(answer.content),
            outcome: answer.outcome,
            promised_on: answer.promised_on,
            answered_at: answer.answered_at,
            score: answer.score,
            comment: answer.comment,
            agency: None,
        }
    }

    fn shared(answer: SharedAnswer) -> Self {
        Self {
            content: answer.content,
            outcome: answer.outcome,
            promised_on: answer.promised_on,
            answered_at: answer.answered_at,
            score: None,
            comment: None,
            agency: answer.agency,
        }
    }
}

/// A request that somebody else decides.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestView {
    /// Where it stands.
    pub state: RequestState,
    /// Why it was asked.
    pub reason: Option<String>,
    /// The day asked for.
    pub until: Option<NaiveDate>,
}

/// Why a petition was refused and what its petitioner can do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RefusalView {
    /// The reason.
    pub reason_code: ReasonCode,
    /// What the officer added; never of the petition that this one repeats.
    pub note: Option<String>,
    /// Where to turn instead.
    pub guidance: String,
}

/// A petition without its person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PetitionView {
    /// The code.
    pub code: String,
    /// What sort of petition.
    pub kind: PetitionKind,
    /// The title.
    pub title: String,
    /// The content.
    pub content: String,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub area: CodeName,
    /// Where it is, rounded.
    pub location: Option<Place>,
    /// Street or hamlet; none for officers where the petitioner wants to stay unknown.
    pub address: Option<String>,
    /// How it came in.
    pub channel: Channel,
    /// How urgent it is.
    pub urgency: Urgency,
    /// Person or business.
    pub petitioner_kind: PetitionerKind,
    /// Whether the petitioner wants to stay unknown to the agency.
    pub hide_identity: bool,
    /// Where it stands.
    pub status: Status,
    /// What everybody may see of that.
    pub public_status: PublicStatus,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// The agency that holds it.
    pub agency: Option<CodeName>,
    /// Its line in that agency's register.
    pub document: Option<RegisterLine>,
    /// When it was received.
    pub received_at: Instant,
    /// Until when it will be answered.
    pub due_at: Instant,
    /// How the deadline was found.
    pub deadline: DeadlineView,
    /// A later deadline.
    pub extension: RequestView,
    /// Another look.
    pub reopening: RequestView,
    /// The answer sent last; of a duplicate, that of the petition it repeats, as everybody reads it and without its rating.
    pub answer: Option<AnswerView>,
    /// Why it was refused; of a duplicate, why the petition it repeats was.
    pub refusal: Option<RefusalView>,
    /// What came with it and with replies.
    pub attachments: Vec<AttachmentView>,
    /// The petition that it repeats.
    pub merged_into: Option<String>,
    /// What the caller may do now.
    pub allowed_actions: Vec<Action>,
}

/// Returns the petition with this code.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`] when there is none or the caller may not know of it.
pub async fn petition(app: &App, caller: &Caller, code: &PetitionCode, lang: Lang) -> Result<PetitionView, ServiceError> {
    let (app_, caller, code) = (app.clone(), caller.clone(), code.clone());
    app.db
        .read(move |connection| {
            let (row, hash) = visible(connection, &caller, &code)?;
            let directory = directory::current(&app_, connection)?;
            let actions = allowed_actions(&app_, connection, &caller, &row, hash.as_deref())?;
            let (subject, reader) = ((row.id, row.status), reader_of(&caller, &row, hash.as_deref()));
            let mut view = view(connection, &directory, row, actions, lang)?;
            view.attachments = attachments::of_petition(&app_, connection, subject, reader)?;
            if reader != AttachmentViewer::Petitioner
                && let Some(person) = concealed::person_of(connection, subject.0)?
            {
                person.conceal(&mut view);
            }
            Ok(view)
        })
        .await
}

/// Returns the capacity in which a caller views the attachments.
fn reader_of(caller: &Caller, row: &PetitionRow, hash: Option<&str>) -> AttachmentViewer {
    let capacities = access::capacities(caller, row, hash);
    let agency = row.agency_id.filter(|_| !capacities.contains(&Capacity::Coordinator));
    match agency {
        _ if capacities.contains(&Capacity::Petitioner) => AttachmentViewer::Petitioner,
        Some(agency) => AttachmentViewer::Agency(agency),
        None => AttachmentViewer::Coordinator,
    }
}

/// Returns the petition with this code, if the caller may see it, and the stored hash of its tracking token.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`] when there is none or the caller may not know of it.
pub fn visible(
    connection: &mut DbConnection,
    caller: &Caller,
    code: &PetitionCode,
) -> Result<(PetitionRow, Option<String>), ServiceError> {
    let row = store::state::find_by_code(connection, code.as_str())?.ok_or(ErrorCode::PetitionNotFound)?;
    let hash = petitioners::tracking_hash(connection, row.id)?;
    if !access::may_see_petition(caller, &row, hash.as_deref()) {
        return Err(ErrorCode::PetitionNotFound.into());
    }
    Ok((row, hash))
}

/// Builds the view of a petition, without its attachments.
pub fn view(
    connection: &mut DbConnection,
    directory: &Directory,
    row: PetitionRow,
    allowed_actions: Vec<Action>,
    lang: Lang,
) -> Result<PetitionView, ServiceError> {
    let text = texts::find(connection, row.id)?;
    let person = petitioners::find(connection, row.id)?;
    let document = documents::state::newest_of(connection, row.id)?.filter(|_| row.agency_id.is_some());
    let answer = match row.merged_into_id {
        Some(_) => duplicates::answer(connection, directory, &row)?.map(AnswerView::shared),
        None => answers::sent(connection, row.id)?.map(AnswerView::of),
    };
    let place = person.latitude.zip(person.longitude).and_then(|(latitude, longitude)| Location::new(latitude, longitude).ok());
    let merged_into = match row.merged_into_id {
        Some(id) => store::state::find(connection, id)?.map(|target| target.code),
        None => None,
    };
    Ok(PetitionView {
        deadline: DeadlineView::of(connection, directory, &row)?,
        extension: request_view(connection, &row, RequestKind::Extension)?,
        reopening: request_view(connection, &row, RequestKind::Reopening)?,
        refusal: refusal_view(connection, &row, lang)?,
        kind: row.kind,
        title: text.title,
        content: text.content,
        category: category_name(directory, &row, lang),
        area: area_name(directory, &row),
        location: place.map(Location::rounded_for_public).map(|it| Place { latitude: it.latitude(), longitude: it.longitude() }),
        address: person.address,
        channel: row.channel,
        urgency: row.urgency,
        petitioner_kind: row.petitioner_kind,
        hide_identity: person.hide_identity,
        status: row.status,
        public_status: row.status.public(),
        version: row.version,
        agency: agency_name(directory, &row),
        document: document.map(|it| RegisterLine { id: it.id, number: it.number, year: it.year }),
        received_at: row.received_at,
        due_at: row.due_at,
        answer,
        merged_into,
        attachments: Vec::new(),
        allowed_actions,
        code: row.code,
    })
}

/// Returns the current draft, for officers of the holding agency.
pub fn draft_view(connection: &mut DbConnection, petition: PetitionId) -> Result<Option<AnswerView>, ServiceError> {
    Ok(answers::draft(connection, petition)?.map(AnswerView::of))
}

/// Returns code and name of a petition's category.
#[must_use]
pub fn category_name(directory: &Directory, row: &PetitionRow, lang: Lang) -> CodeName {
    name_of_category(directory, row.category_id, lang)
}

/// Returns code and name of a category, in English if requested and available.
#[must_use]
pub fn name_of_category(directory: &Directory, id: CategoryId, lang: Lang) -> CodeName {
    directory.category(id).map_or_else(CodeName::unknown, |category| {
        let english = category.name_en.as_deref().unwrap_or(&category.name_vi);
        CodeName { code: category.code.clone(), name: lang.pick(&category.name_vi, english).to_owned() }
    })
}

/// Returns code and name of a petition's commune.
#[must_use]
pub fn area_name(directory: &Directory, row: &PetitionRow) -> CodeName {
    directory
        .area(row.area_id)
        .map_or_else(CodeName::unknown, |area| CodeName { code: area.code.clone(), name: area.name.clone() })
}

/// Returns code and name of the agency that holds a petition.
#[must_use]
pub fn agency_name(directory: &Directory, row: &PetitionRow) -> Option<CodeName> {
    let agency = directory.agency(row.agency_id?)?;
    Some(CodeName { code: agency.code.clone(), name: agency.name.clone() })
}

fn request_view(connection: &mut DbConnection, row: &PetitionRow, kind: RequestKind) -> Result<RequestView, ServiceError> {
    let state = match kind {
        RequestKind::Extension => row.extension,
        RequestKind::Reopening => row.reopening,
    };
    let request = match state {
        RequestState::None => None,
        _ => requests::newest(connection, row.id, kind)?,
    };
    let (reason, until) = request.map_or((None, None), |request| (Some(request.reason), request.until_on));
    Ok(RequestView { state, reason, until })
}

/// Returns the refusal; for a duplicate, that of the original without the note written to its petitioner.
fn refusal_view(connection: &mut DbConnection, row: &PetitionRow, lang: Lang) -> Result<Option<RefusalView>, ServiceError> {
    if row.status == Status::Duplicate {
        let Some(original) = duplicates::refused(connection, row)? else { return Ok(None) };
        let reason = refusal_of(connection, &original)?;
        return Ok(reason.map(|(reason_code, _)| RefusalView {
            reason_code,
            note: None,
            guidance: guidance::of_original(reason_code, lang).to_owned(),
        }));
    }
    if row.status != Status::Refused {
        return Ok(None);
    }
    let reason = refusal_of(connection, row)?;
    Ok(reason.map(|(reason_code, note)| RefusalView { reason_code, note, guidance: guidance::of(reason_code, lang).to_owned() }))
}

/// Finds the reason in the newest timeline entry of a refusing action.
fn refusal_of(connection: &mut DbConnection, row: &PetitionRow) -> Result<Option<(ReasonCode, Option<String>)>, ServiceError> {
    let entries = timeline::page(connection, row.id, true, 0, i64::from(row.version))?;
    let ended = entries.into_iter().rev().find(|(entry, _)| matches!(entry.action, Action::Refuse | Action::NoReply));
    let Some((entry, _)) = ended else { return Ok(None) };
    let detail: serde_json::Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let reason = detail.get("reason_code").and_then(|code| code.as_str()).and_then(|code| code.parse::<ReasonCode>().ok());
    Ok(reason.map(|reason| (reason, entry.note)))
}
