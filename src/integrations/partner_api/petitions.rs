//! Petitions of a partner: filed once under the partner's own id, and their current state.

use crate::app::App;
use crate::db::idempotency::IdempotentResponse;
use crate::db::service_error::ServiceError;
use crate::db::{DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::integrations::partner_api::file::file_for_partner;
use crate::integrations::partner_api::store::{self, ApiKeyRow, PartnerPetitionRow};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::PetitionId;
use crate::kernel::{Instant, Lang, json_object, text};
use crate::petitions::checked;
use crate::petitions::duplicates::{self, SharedAnswer};
use crate::petitions::file::{CodeName, Receipt};
use crate::petitions::filing::{LocationForm, PetitionForm, PetitionerForm};
use crate::petitions::read::{agency_name, area_name, category_name};
use crate::petitions::rules::{Channel, Outcome, PetitionKind, PublicStatus, Status};
use crate::petitions::store::{AnswerRow, answers, state};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a partner files: a petition under the partner's own id.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerForm {
    /// The partner's own id of the petition, 1–100 characters.
    #[schema(required, example = "DVCQG-2026-000123")]
    pub partner_id: Option<String>,
    /// What sort of petition; `field` when absent.
    pub kind: Option<PetitionKind>,
    /// 5–200 characters, one line.
    #[schema(required)]
    pub title: Option<String>,
    /// 10–5000 characters.
    #[schema(required)]
    pub content: Option<String>,
    /// Code of a category.
    #[schema(required)]
    pub category: Option<String>,
    /// Code of a commune that exists today.
    #[schema(required)]
    pub area: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "json_object::optional")]
    pub location: Option<LocationForm>,
    /// Who files.
    #[serde(default, deserialize_with = "json_object::optional")]
    pub petitioner: Option<PetitionerForm>,
    /// Whether the handling agency must not learn who it is.
    #[serde(default)]
    pub hide_identity: bool,
    /// How urgent it is; `normal` when absent.
    pub urgency: Option<Urgency>,
    /// How it came in; only what the key says, so that it may as well be left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Ids of files that were uploaded by `POST /attachments` before, with the key or without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// How a petition of a partner stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartnerPetition {
    /// The partner's own id.
    pub partner_id: String,
    /// Our code.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// What everybody may see of that.
    pub public_status: PublicStatus,
    /// Raised by every step.
    pub version: i32,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub area: CodeName,
    /// The agency that holds it.
    pub agency: Option<CodeName>,
    /// When it was received.
    pub received_at: Instant,
    /// Until when it will be answered.
    pub due_at: Instant,
    /// The answer sent last; of a duplicate, that of the petition it repeats, as everybody reads it.
    pub answer: Option<PartnerAnswer>,
}

/// An answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartnerAnswer {
    /// Its text; none where it answers the petition that this one repeats and is not public.
    pub content: Option<String>,
    /// What it says in one word.
    pub outcome: Outcome,
    /// When it was sent.
    pub answered_at: Option<Instant>,
}

impl PartnerAnswer {
    fn of(answer: AnswerRow) -> Self {
        Self { content: Some(answer.content), outcome: answer.outcome, answered_at: answer.answered_at }
    }

    fn shared(answer: SharedAnswer) -> Self {
        Self { content: answer.content, outcome: answer.outcome, answered_at: answer.answered_at }
    }
}

/// Files a partner's petition; idempotent by its id.
///
/// # Errors
/// Every violated field rule; [`ErrorCode::PartnerIdReused`] when the id was used with other content.
pub async fn file(app: &App, key: &ApiKeyRow, mut form: PartnerForm) -> Result<IdempotentResponse<Receipt>, ServiceError> {
    let mut problems = FieldProblems::default();
    let partner_id = problems.take("partner_id", form.partner_id.as_deref().map_or(Err(FieldRule::Required), id));
    if form.channel.take().is_some_and(|channel| channel != key.channel) {
        problems.add("channel", FieldRule::OneOf(vec![key.channel.to_string()]));
    }
    let Some(partner_id) = partner_id.filter(|_| problems.is_empty()) else {
        // Include the problems the filing service would report, so that one response contains them all.
        let mut told = problems.finish().err().unwrap_or_default();
        if let Err(ServiceError::Invalid(more)) = checked(app, &petition_form(form, key.channel), None).await {
            told.extend(more);
        }
        return Err(told.into());
    };
    // Replace the id by its normalised form, so that a repeated request may differ only in the spelling of the id.
    form.partner_id = Some(partner_id.clone());
    let written = serde_json::to_string(&form).map_err(|_| ServiceError::Internal("a form cannot be written as JSON"))?;
    let name = PartnerPetitionRow {
        partner_id,
        partner: key.partner.clone(),
        petition_id: PetitionId(0),
        body_hash: super::keys::hash(&written),
    };
    file_for_partner(app, &petition_form(form, key.channel), &name).await
}

/// Normalises an id by trimming it.
fn id(text: &str) -> Result<String, FieldRule> {
    text::clean_line(text, 1, 100)
}

fn petition_form(form: PartnerForm, channel: Channel) -> PetitionForm {
    PetitionForm {
        kind: form.kind,
        title: form.title,
        content: form.content,
        category: form.category,
        area: form.area,
        location: form.location,
        petitioner: form.petitioner,
        hide_identity: form.hide_identity,
        channel: Some(channel),
        urgency: form.urgency,
        attachments: form.attachments,
        zalo_user: None,
    }
}

/// Returns the state of the petition with that partner id.
///
/// # Errors
/// [`ErrorCode::PetitionNotFound`] when the partner has none with that id.
pub async fn read(app: &App, key: &ApiKeyRow, partner_id: String) -> Result<PartnerPetition, ServiceError> {
    let (app_, partner) = (app.clone(), key.partner.clone());
    let partner_id = id(&partner_id).map_err(|_| ErrorCode::PetitionNotFound)?;
    app.db
        .read(move |connection| {
            let known = store::petition(connection, &partner, &partner_id)?.ok_or(ErrorCode::PetitionNotFound)?;
            let directory = directory::current(&app_, connection)?;
            view(connection, &directory, known.partner_id, known.petition_id)
        })
        .await
}

/// Builds the partner's view of a petition.
pub(super) fn view(
    connection: &mut DbConnection,
    directory: &Directory,
    partner_id: String,
    id: PetitionId,
) -> Result<PartnerPetition, ServiceError> {
    let row = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let answer = match row.merged_into_id {
        Some(_) => duplicates::answer(connection, directory, &row)?.map(PartnerAnswer::shared),
        None => answers::sent(connection, row.id)?.map(PartnerAnswer::of),
    };
    Ok(PartnerPetition {
        partner_id,
        status: row.status,
        public_status: row.status.public(),
        version: row.version,
        category: category_name(directory, &row, Lang::Vi),
        area: area_name(directory, &row),
        agency: agency_name(directory, &row),
        received_at: row.received_at,
        due_at: row.due_at,
        answer,
        code: row.code,
    })
}
