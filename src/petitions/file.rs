//! Filing: stores a petition, routes it, sets its deadline and enters it in the register, in one transaction.
//!
//! Takes a checked [`Filing`], returns a [`Receipt`]. Repeating a call with the same idempotency key returns the same
//! receipt, including the tracking token, although neither key nor token is stored in clear: the token is derived from
//! the key and a stored salt. Anonymous callers must show proof of work where it is required. The key is looked up
//! first, so a repeated request needs no new work; the work is spent in the storing transaction, so a rejected request
//! does not use it up.

use super::decision::{FilingDecision, PreparedDecision, checked};
use super::event::{FiledRecords, FilingOrigin};
use super::filing::{Filing, PetitionForm};
use super::new_rows::{new_petition, petitioner_of, text_of};
use super::read::{agency_name, area_name, category_name};
use super::record::{StepChange, StepEntry, record};
use super::step_digests::StepDigests;
use crate::accounts::challenge::{self, ProofOfWork, VerifiedWork};
use crate::accounts::is_verified;
use crate::accounts::store::profiles;
use crate::app::App;
use crate::attachments::join::{AttachmentLimits, join};
use crate::attachments::rules::{FileId, Occasion};
use crate::audit::AuditActor;
use crate::db::idempotency::{self, IdempotentResponse, RequestKey};
use crate::db::service_error::ServiceError;
use crate::db::{Constraint, DbConnection, StorageError};
use crate::directory;
use crate::directory::rules::deadline::Deadline;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::{AccountKind, Actor};
use crate::kernel::entropy::Entropy;
use crate::kernel::ids::DocumentId;
use crate::kernel::{Instant, Lang};
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::timeline::Author;
use crate::petitions::rules::{Action, Audience, PublicStatus, Status};
use crate::petitions::store::documents::DocumentRow;
use crate::petitions::store::{DeadlineRow, PetitionRow};
use chrono::Datelike;
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// How often a new code is drawn when one is taken; with 29⁶ codes a year one collision is already rare.
pub(crate) const CODE_ATTEMPTS: usize = 5;

/// What the petitioner gets for a petition.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The code of the petition.
    #[schema(example = "BN26-7K3QX9-C")]
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// What everybody may see.
    pub public_status: PublicStatus,
    /// The version to send in `If-Match`.
    pub version: i32,
    /// Opens the petition to the guest who filed it; shown only here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_token: Option<String>,
    /// Its category.
    pub category: CodeName,
    /// Its commune.
    pub area: CodeName,
    /// The agency in whose register it stands; none on the coordinator's desk.
    pub agency: Option<CodeName>,
    /// The line in the register.
    pub document: Option<RegisterLine>,
    /// When it was received.
    pub received_at: Instant,
    /// Until when it will be answered.
    pub due_at: Instant,
}

/// A code and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Named)]
pub struct CodeName {
    /// The code.
    pub code: String,
    /// The Vietnamese name.
    pub name: String,
}

impl CodeName {
    /// Returns a placeholder for a code missing from the directory, which foreign keys rule out.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { code: String::new(), name: String::new() }
    }
}

/// Where a petition stands in a register.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RegisterLine {
    /// The document.
    pub id: DocumentId,
    /// Its number.
    pub number: i64,
    /// The year of the register.
    pub year: i32,
}

/// Files a petition for a petitioner's account, for a guest, or as an officer for a person at the counter. `work` is
/// the proof of work shown, `None` where it is never required.
///
/// # Errors
/// Every rule that a field breaks, [`IdempotencyKeyReused`](crate::kernel::error_code::ErrorCode::IdempotencyKeyReused),
/// [`ProofOfWorkNeeded`](crate::kernel::error_code::ErrorCode::ProofOfWorkNeeded).
pub async fn file(
    app: &App,
    actor: Option<&Actor>,
    form: &PetitionForm,
    key: Option<RequestKey>,
    work: Option<&ProofOfWork>,
) -> Result<IdempotentResponse<Receipt>, ServiceError> {
    let (account, is_known) = match actor.filter(|actor| actor.kind != AccountKind::Officer) {
        None => (None, actor.is_some()),
        Some(actor) => {
            let id = actor.account_id;
            let found = app.db.read(move |connection| {
                let account = profiles::find(connection, id)?;
                let is_known = is_verified(connection, &account)?;
                Ok::<_, ServiceError>((Some(account), is_known))
            });
            found.await?
        }
    };
    let work = work.filter(|_| !is_known);
    let is_guest = account.is_none();
    if work.is_some()
        && let Some(first) = repeated(app, key.as_ref(), is_guest).await?
    {
        return Ok(first);
    }
    let filing = checked(app, form, account.as_ref()).await?;
    let admitted = match work {
        None => None,
        Some(work) => match challenge::verify(app, work).await {
            Ok(admitted) => Some(admitted),
            // A concurrent request with the same key may have spent the same work.
            Err(refused) => return repeated(app, key.as_ref(), is_guest).await?.ok_or(refused),
        },
    };
    let typed_by = actor.filter(|actor| actor.kind == AccountKind::Officer).cloned();
    let mut attempts = CODE_ATTEMPTS;
    let answered = loop {
        match attempt(app, &filing, typed_by.as_ref(), key.as_ref(), admitted.as_ref()).await {
            Err(ServiceError::Storage(StorageError::Conflict(Constraint::PetitionCode))) if attempts > 1 => attempts -= 1,
            outcome => break outcome?,
        }
    };
    if let Some(admitted) = admitted.filter(|_| !answered.is_repeated) {
        admitted.count(app).await;
    }
    Ok(answered)
}

/// Returns the stored response to an earlier request with the same key and body.
async fn repeated(
    app: &App,
    key: Option<&RequestKey>,
    is_guest: bool,
) -> Result<Option<IdempotentResponse<Receipt>>, ServiceError> {
    let first = idempotency::repeated(app, key).await?;
    Ok(first.map(|answered| with_token(answered, is_guest, key)))
}

/// Adds the guest's tracking token, which stored responses never contain: it is derived again each time.
fn with_token(
    mut answered: IdempotentResponse<Receipt>,
    is_guest: bool,
    key: Option<&RequestKey>,
) -> IdempotentResponse<Receipt> {
    if is_guest {
        answered.body.tracking_token = Some(tracking_token(&answered.salt, key));
    }
    answered
}

async fn attempt(
    app: &App,
    filing: &Filing,
    typed_by: Option<&Actor>,
    key: Option<&RequestKey>,
    admitted: Option<&VerifiedWork>,
) -> Result<IdempotentResponse<Receipt>, ServiceError> {
    let now = app.now();
    let code = PetitionCode::new(now.local_date().year(), app.entropy.bits());
    let salt = salt(app.entropy.as_ref());
    let is_guest = filing.petitioner.account_id.is_none();
    let decided = PreparedDecision::ahead(app, filing, now);
    let by = typed_by.map(AuditActor::account);
    let (app_, filing, key, typed_by) = (app.clone(), filing.clone(), key.cloned(), typed_by.cloned());
    let admitted = admitted.cloned();
    app.db
        .write_queued(decided.agency(), move |connection| {
            let answered = idempotency::once(connection, key.as_ref(), &salt, now, |connection, salt| {
                if let Some(admitted) = &admitted {
                    admitted.spend(connection)?;
                }
                let token = is_guest.then(|| tracking_token(salt, key.as_ref()));
                let author = match &typed_by {
                    Some(officer) => Author::officer(officer.account_id),
                    None => Author::petitioner(filing.petitioner.account_id),
                };
                let author = (author, by.as_ref(), token.as_deref());
                store(&app_, connection, (&filing, &decided), &code, author, None, now)
            })?;
            Ok(with_token(answered, is_guest, key.as_ref()))
        })
        .await
}

/// Returns a new salt of 32 hex digits.
#[must_use]
pub fn salt(entropy: &dyn Entropy) -> String {
    format!("{:016x}{:016x}", entropy.bits(), entropy.bits())
}

/// Returns the guest's tracking token: 26 characters known only to the holder of the key or of the first response.
#[must_use]
pub fn tracking_token(salt: &str, key: Option<&RequestKey>) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tracking token");
    hash.update(salt.as_bytes());
    hash.update(key.map_or("", RequestKey::secret).as_bytes());
    let mut token = BASE32_NOPAD.encode(&hash.finalize());
    token.truncate(26);
    token
}

/// Stores a filing with all its related rows.
///
/// # Errors
/// Category or area codes that do not fit.
pub(crate) fn store(
    app: &App,
    connection: &mut DbConnection,
    (filing, decided): (&Filing, &PreparedDecision),
    code: &PetitionCode,
    (author, by, token): (Author, Option<&AuditActor>, Option<&str>),
    origin: Option<FilingOrigin>,
    now: Instant,
) -> Result<Receipt, ServiceError> {
    let directory = directory::current(app, connection)?;
    let decided = decided.for_directory(&directory, filing, now)?;
    let mut change = new_petition_change(&directory, filing, &decided, code, (author, token), now)?;
    if let (Some(filed), Some(origin)) = (&mut change.filed, origin) {
        filed.origin = Some(origin);
    }
    let (petition, document) = record(connection, app.record_context(&directory, by), change)?;
    join(
        connection,
        AttachmentLimits::of(&app.config),
        &filing.attachments,
        author.account_id,
        (petition.id, Occasion::File),
        now,
    )?;
    Ok(receipt(&directory, &petition, document.as_ref()))
}

/// Returns the first step of a petition, before it has a row number.
///
/// # Errors
/// `Internal` when something cannot be hashed for the timeline, which does not happen.
pub(crate) fn new_petition_change(
    directory: &Directory,
    filing: &Filing,
    decided: &FilingDecision,
    code: &PetitionCode,
    (author, token): (Author, Option<&str>),
    now: Instant,
) -> Result<StepChange, ServiceError> {
    let routing = &decided.routing;
    let mut entry = StepEntry::new(Action::File, author, now);
    entry.add_detail("channel", filing.channel.as_str());
    if let Some(agency) = routing.agency_id.and_then(|id| directory.agency(id)) {
        entry.add_detail("agency", agency.code.clone());
    }
    let holder = if routing.agency_id.is_some() { Audience::Agency } else { Audience::Coordinator };
    entry.notify = vec![Audience::Petitioner, holder];
    let mut petition = new_petition(filing, code, decided, now);
    petition.routing_rule_id = routing.rule_id;
    petition.status = if routing.agency_id.is_some() { Status::Assigned } else { Status::Received };
    let petition_id = petition.id;
    let filed = FiledRecords {
        text: text_of(petition_id, filing),
        petitioner: petitioner_of(petition_id, filing, token),
        deadline: DeadlineRow {
            petition_id,
            rule_id: decided.rule_id,
            calendar_version: decided.deadline.calendar_version,
            starts_at: now,
            paused_working_ms: 0,
            extended_until: None,
            explanation: decided.explanation.clone(),
        },
        origin: filing.zalo_user.clone().map(FilingOrigin::Zalo),
    };
    let mut cover = StepDigests::default();
    cover.filed(&filed.text, &filed.petitioner, petition.account_id)?;
    cover.deadline(&filed.deadline, filed.petitioner.hide_identity);
    cover.file_ids(filing.attachments.ids.iter().map(FileId::as_str));
    let (hand_to, filed) = (routing.agency_id, Some(Box::new(filed)));
    Ok(StepChange { before: None, after: petition, document: None, hand_to, entry, cover, filed })
}

/// Serialises the deadline explanation as stored.
///
/// # Errors
/// Never in practice: a deadline is plain data.
pub fn explanation(deadline: &Deadline) -> Result<String, ServiceError> {
    serde_json::to_string(deadline).map_err(|_| ServiceError::Internal("a deadline cannot be written as JSON"))
}

/// Builds the receipt for the petitioner.
pub(crate) fn receipt(directory: &Directory, petition: &PetitionRow, document: Option<&DocumentRow>) -> Receipt {
    Receipt {
        code: petition.code.clone(),
        status: petition.status,
        public_status: petition.status.public(),
        version: petition.version,
        tracking_token: None,
        category: category_name(directory, petition, Lang::Vi),
        area: area_name(directory, petition),
        agency: agency_name(directory, petition),
        document: document.map(|it| RegisterLine { id: it.id, number: it.number, year: it.year }),
        received_at: petition.received_at,
        due_at: petition.due_at,
    }
}
