//! A single incoming document, for officers of the agency in whose register it is.

use super::forwarded::{LeftPetition, left};
use crate::accounts::access::Caller;
use crate::accounts::store::profiles;
use crate::app::App;
use crate::attachments::view::{self as attachments, AttachmentView, AttachmentViewer};
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::Actor;
use crate::kernel::error_code::ErrorCode;
use crate::kernel::ids::{AgencyId, DocumentId};
use crate::kernel::{Instant, Lang};
use crate::petitions::allowed::allowed_actions;
use crate::petitions::concealed;
use crate::petitions::deadline_view::DeadlineView;
use crate::petitions::file::CodeName;
use crate::petitions::read::{AnswerView, PetitionView, draft_view, view};
use crate::petitions::rules::{Action, DocumentStatus};
use crate::petitions::store::documents::{self, DocumentRow};
use crate::petitions::store::{self, PetitionRow};
use serde::Serialize;
use utoipa::ToSchema;

/// The petition behind a document.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DocumentPetition {
    /// Of the agency that holds it.
    Held(Box<PetitionView>),
    /// Of an agency that has handed it on: as it left, and nothing of later.
    Left(Box<LeftPetition>),
}

/// A petition as it stands in the register of one agency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentView {
    /// The document.
    pub id: DocumentId,
    /// Its number in the register.
    pub number: i64,
    /// The year of the register.
    pub year: i32,
    /// Whose register.
    pub agency: CodeName,
    /// Where it stands.
    pub status: DocumentStatus,
    /// When it arrived.
    pub arrived_at: Instant,
    /// The deadline.
    pub due_at: Instant,
    /// The officer who works on it, by user name.
    pub assignee: Option<String>,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// The petition, without its person.
    pub petition: DocumentPetition,
    /// How the deadline was found; none once the petition was handed on.
    pub deadline: Option<DeadlineView>,
    /// The draft in work.
    pub draft: Option<AnswerView>,
    /// What came with the petition; the originals are at `/documents/{id}/attachments/{attachment}/original`.
    pub attachments: Vec<AttachmentView>,
    /// What the caller may do now.
    pub allowed_actions: Vec<Action>,
}

/// Returns the document with this row number.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`] when it is not in the register of the officer's agency.
pub async fn document(app: &App, actor: &Actor, id: DocumentId, lang: Lang) -> Result<DocumentView, ServiceError> {
    let (app_, actor) = (app.clone(), actor.clone());
    app.db
        .read(move |connection| {
            let row = in_register_of(connection, &actor, id)?;
            let directory = directory::current(&app_, connection)?;
            document_view(&app_, connection, &directory, &actor, row, lang)
        })
        .await
}

/// Returns the row of a document in the register of the officer's agency.
///
/// # Errors
/// [`ErrorCode::DocumentNotFound`] otherwise.
pub fn in_register_of(connection: &mut DbConnection, actor: &Actor, id: DocumentId) -> Result<DocumentRow, ServiceError> {
    let row = documents::state::find(connection, id)?;
    row.filter(|row| actor.agency_id == Some(row.agency_id)).ok_or_else(|| ErrorCode::DocumentNotFound.into())
}

fn document_view(
    app: &App,
    connection: &mut DbConnection,
    directory: &Directory,
    actor: &Actor,
    row: DocumentRow,
    lang: Lang,
) -> Result<DocumentView, ServiceError> {
    let petition = store::state::find(connection, row.petition_id)?.ok_or(ErrorCode::PetitionNotFound)?;
    let is_present = documents::state::newest_of(connection, row.petition_id)?.is_some_and(|newest| newest.id == row.id);
    let holds = is_present && petition.agency_id == Some(row.agency_id);
    let assignee = match row.assignee_id {
        Some(id) => profiles::find(connection, id)?.username,
        None => None,
    };
    let seen = if holds {
        DocumentContents::held(app, connection, directory, actor, petition, lang)?
    } else {
        DocumentContents::left(left(connection, directory, &petition, &row, lang)?)
    };
    Ok(DocumentView {
        id: row.id,
        number: row.number,
        year: row.year,
        agency: agency_name(directory, row.agency_id),
        status: row.status,
        arrived_at: row.arrived_at,
        due_at: row.due_at,
        assignee,
        version: row.version,
        petition: seen.petition,
        deadline: seen.deadline,
        draft: seen.draft,
        attachments: seen.attachments,
        allowed_actions: seen.allowed_actions,
    })
}

/// What an agency sees of the petition of its document.
struct DocumentContents {
    petition: DocumentPetition,
    deadline: Option<DeadlineView>,
    draft: Option<AnswerView>,
    attachments: Vec<AttachmentView>,
    allowed_actions: Vec<Action>,
}

impl DocumentContents {
    fn held(
        app: &App,
        connection: &mut DbConnection,
        directory: &Directory,
        actor: &Actor,
        petition: PetitionRow,
        lang: Lang,
    ) -> Result<Self, ServiceError> {
        let allowed_actions = allowed_actions(app, connection, &Caller::account(actor.clone()), &petition, None)?;
        let draft = draft_view(connection, petition.id)?;
        let reader = actor.agency_id.map_or(AttachmentViewer::Public, AttachmentViewer::Agency);
        let attachments = attachments::of_petition(app, connection, (petition.id, petition.status), reader)?;
        let id = petition.id;
        let mut view = view(connection, directory, petition, allowed_actions.clone(), lang)?;
        view.attachments.clone_from(&attachments);
        if let Some(person) = concealed::person_of(connection, id)? {
            person.conceal(&mut view);
        }
        let deadline = Some(view.deadline.clone());
        Ok(Self { petition: DocumentPetition::Held(Box::new(view)), deadline, draft, attachments, allowed_actions })
    }

    fn left(petition: LeftPetition) -> Self {
        Self {
            petition: DocumentPetition::Left(Box::new(petition)),
            deadline: None,
            draft: None,
            attachments: Vec::new(),
            allowed_actions: Vec::new(),
        }
    }
}

/// Returns code and name of an agency.
#[must_use]
pub fn agency_name(directory: &Directory, id: AgencyId) -> CodeName {
    directory
        .agency(id)
        .map_or_else(CodeName::unknown, |agency| CodeName { code: agency.code.clone(), name: agency.name.clone() })
}
