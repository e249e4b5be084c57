//! Performs the effects of a conversation (file, rate, look up …) through the same services as every other channel.

use super::photos::{self, PhotoError};
use crate::accounts::access::Caller;
use crate::accounts::store::profiles;
use crate::app::App;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::integrations::zalo::rules::{ConversationDraft, ConversationEffect, EffectOutcome, phrases};
use crate::integrations::zalo::store::people::{self, ZaloPersonRow};
use crate::kernel::Lang;
use crate::kernel::account::{AccountState, Actor};
use crate::kernel::error_code::ErrorCode;
use crate::petitions::file::file;
use crate::petitions::filing::{LocationForm, PetitionForm, PetitionerForm};
use crate::petitions::rate::rate;
use crate::petitions::read::{PetitionView, petition};
use crate::petitions::reply::reply;
use crate::petitions::rules::code::PetitionCode;
use crate::petitions::rules::{Channel, Status};
use crate::petitions::store::{PetitionRow, state, texts};

/// Maximum petitions in a list.
const SHOWN: i64 = 5;
/// Attempts to download photos before the person is told that it failed.
const PHOTO_ATTEMPTS: i32 = 3;

/// The acting person and the number of previous attempts.
pub(super) struct EffectContext<'a> {
    /// User id at the Official Account.
    pub user: &'a str,
    /// `None` for somebody unknown so far.
    pub person: Option<&'a ZaloPersonRow>,
    /// Previous attempts at this event.
    pub attempts: i32,
}

/// An external service failed; the whole event is retried later.
pub(super) struct RetryLater(pub &'static str);

/// Performs an effect.
///
/// # Errors
/// Those of the database and of the file store.
pub(super) async fn perform(
    app: &App,
    who: &EffectContext<'_>,
    draft: &ConversationDraft,
    effect: ConversationEffect,
) -> Result<Result<EffectOutcome, RetryLater>, ServiceError> {
    match effect {
        ConversationEffect::TakePhotos(urls) => take_photos(app, who, &urls).await,
        ConversationEffect::File => file_draft(app, who, draft).await.map(Ok),
        ConversationEffect::Rate { code, score, comment } => give_rating(app, who, &code, score, comment).await.map(Ok),
        ConversationEffect::Answer { code, text } => answer(app, who, &code, text).await.map(Ok),
        ConversationEffect::LookUp(code) => look_up(app, who, &code).await.map(Ok),
        ConversationEffect::Mine => mine(app, who).await.map(Ok),
    }
}

async fn take_photos(
    app: &App,
    who: &EffectContext<'_>,
    urls: &[String],
) -> Result<Result<EffectOutcome, RetryLater>, ServiceError> {
    let (mut ids, mut problem) = (Vec::new(), None);
    for url in urls {
        match photos::fetch(app, who.user, url).await? {
            Ok(id) => ids.push(id),
            Err(PhotoError::Refused(why)) => problem = Some(why.to_owned()),
            // Photos already downloaded are removed later with other unused uploads.
            Err(PhotoError::Unavailable) if who.attempts + 1 < PHOTO_ATTEMPTS => {
                return Ok(Err(RetryLater("a photo could not be fetched")));
            }
            Err(PhotoError::Unavailable) => problem = Some("Không tải được ảnh, xin gửi lại sau.".to_owned()),
        }
    }
    Ok(Ok(EffectOutcome::Photos(ids, problem)))
}

/// Returns the linked account, unless it has been disabled.
async fn actor(app: &App, who: &EffectContext<'_>) -> Result<Option<Actor>, ServiceError> {
    let Some(id) = who.person.and_then(|person| person.account_id) else { return Ok(None) };
    let account = app.db.read(move |connection| Ok::<_, ServiceError>(profiles::find(connection, id)?)).await?;
    Ok(Some(account).filter(|account| account.state == AccountState::Active).map(|account| account.actor()))
}

async fn file_draft(app: &App, who: &EffectContext<'_>, draft: &ConversationDraft) -> Result<EffectOutcome, ServiceError> {
    let actor = actor(app, who).await?;
    if let (Some(actor), Some(name)) = (&actor, &draft.full_name) {
        crate::integrations::zalo::sign_in::name_from_zalo(app, actor.account_id, name).await?;
    }
    let form = form(who, draft, actor.is_none());
    let body = serde_json::to_vec(&form).map_err(|_| ServiceError::Internal("a form cannot be written as JSON"))?;
    // Derived with this installation's secret, so that nobody else can compute the key and with it the guest's
    // tracking token.
    let secret = app.seal.of("zalo draft", &format!("{} {}", who.user, draft.number));
    let key = RequestKey::new(&format!("zalo:{}", who.user), "petitions", &secret, &body);
    match file(app, actor.as_ref(), &form, Some(key), None).await {
        Ok(_) => Ok(EffectOutcome::Filed),
        Err(ServiceError::Invalid(problems)) => {
            let told = problems.into_iter().map(|problem| (problem.field, problem.rule.message(Lang::Vi)));
            Ok(EffectOutcome::NotFiled(told.collect()))
        }
        Err(error) => Err(error),
    }
}

fn form(who: &EffectContext<'_>, draft: &ConversationDraft, is_guest: bool) -> PetitionForm {
    let known = |of: fn(&ZaloPersonRow) -> Option<String>| who.person.and_then(of);
    let petitioner = is_guest.then(|| PetitionerForm {
        full_name: draft.full_name.clone().or_else(|| known(|person| person.full_name.clone())),
        phone: draft.phone.clone().or_else(|| known(|person| person.phone.clone()).filter(|_| !draft.without_phone)),
        ..PetitionerForm::default()
    });
    PetitionForm {
        title: Some(draft.title()),
        content: draft.content.clone(),
        category: draft.category.as_ref().map(|choice| choice.code.clone()),
        area: draft.area.as_ref().map(|choice| choice.code.clone()),
        location: draft.point.map(|(latitude, longitude)| LocationForm {
            latitude: Some(latitude),
            longitude: Some(longitude),
            address: None,
        }),
        petitioner,
        channel: Some(Channel::Zalo),
        attachments: draft.photos.clone(),
        zalo_user: Some(who.user.to_owned()),
        ..PetitionForm::default()
    }
}

async fn give_rating(
    app: &App,
    who: &EffectContext<'_>,
    code: &str,
    score: i32,
    comment: Option<String>,
) -> Result<EffectOutcome, ServiceError> {
    let Some((caller, code, _)) = own(app, who, code).await? else { return Ok(EffectOutcome::NotRated) };
    match rate(app, &caller, &code, None, score, comment).await {
        Ok(_) => Ok(EffectOutcome::Rated),
        Err(ServiceError::Rejected(_) | ServiceError::Invalid(_)) => Ok(EffectOutcome::NotRated),
        Err(error) => Err(error),
    }
}

async fn answer(app: &App, who: &EffectContext<'_>, code: &str, text: String) -> Result<EffectOutcome, ServiceError> {
    let told = |words: &str| Ok(EffectOutcome::Replied(words.to_owned()));
    let Some((caller, code, _)) = own(app, who, code).await? else { return told(phrases::NOT_FOUND) };
    match reply(app, &caller, &code, None, text, Vec::new()).await {
        Ok(_) => told(phrases::ANSWER_TAKEN),
        Err(ServiceError::Rejected(_) | ServiceError::Invalid(_)) => told(phrases::ANSWER_TOO_LATE),
        Err(error) => Err(error),
    }
}

/// Returns one of the person's own petitions and the caller that may act on it.
async fn own(
    app: &App,
    who: &EffectContext<'_>,
    code: &str,
) -> Result<Option<(Caller, PetitionCode, PetitionRow)>, ServiceError> {
    let Ok(code) = code.parse::<PetitionCode>() else { return Ok(None) };
    let actor = actor(app, who).await?;
    let (user, account, asked) = (who.user.to_owned(), actor.as_ref().map(|actor| actor.account_id), code.clone());
    let found = app
        .db
        .read(move |connection| -> Result<_, ServiceError> {
            let Some(row) = state::find_by_code(connection, asked.as_str())? else { return Ok(None) };
            let is_own = people::who_filed(connection, row.id)?.as_deref() == Some(user.as_str())
                || (account.is_some() && row.account_id == account);
            Ok(Some(row).filter(|_| is_own))
        })
        .await?;
    Ok(found.map(|row| (Caller { actor, tracking_token: None, proven: Some(row.id) }, code, row)))
}

async fn look_up(app: &App, who: &EffectContext<'_>, code: &str) -> Result<EffectOutcome, ServiceError> {
    let Some((caller, code, _)) = own(app, who, code).await? else {
        return Ok(EffectOutcome::Replied(phrases::NOT_FOUND.to_owned()));
    };
    match petition(app, &caller, &code, Lang::Vi).await {
        Ok(view) => Ok(EffectOutcome::Replied(told(&view))),
        Err(ServiceError::Rejected(ErrorCode::PetitionNotFound)) => Ok(EffectOutcome::Replied(phrases::NOT_FOUND.to_owned())),
        Err(error) => Err(error),
    }
}

fn told(view: &PetitionView) -> String {
    let mut lines = vec![format!("Phản ánh {}: “{}”", view.code, view.title), format!("Tình trạng: {}", words(view.status))];
    if let Some(agency) = &view.agency {
        lines.push(format!("Cơ quan xử lý: {}", agency.name));
    }
    match &view.answer {
        None => lines.push(format!("Hạn trả lời: {}", view.due_at.local().format("%H:%M ngày %d/%m/%Y"))),
        Some(answer) => {
            // The answer to another petition may not be public.
            let content = answer.content.as_deref().unwrap_or("(nội dung trả lời không được công khai)");
            lines.push(format!("Trả lời: {}", content.chars().take(1200).collect::<String>()));
            if view.status == Status::Answered && answer.score.is_none() {
                lines.push(phrases::HOW_TO_RATE.to_owned());
            }
        }
    }
    if let Some(code) = &view.refusal {
        lines.push(code.guidance.clone());
    }
    lines.join("\n")
}

async fn mine(app: &App, who: &EffectContext<'_>) -> Result<EffectOutcome, ServiceError> {
    let (user, account) = (who.user.to_owned(), who.person.and_then(|person| person.account_id));
    let lines = app
        .db
        .read(move |connection| -> Result<Vec<String>, ServiceError> {
            let rows = people::petitions_of(connection, &user, account, SHOWN)?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let mut titles = texts::titles(connection, &ids)?;
            let line = |row: &PetitionRow| {
                let title = titles.remove(&row.id).unwrap_or_default();
                format!("• {}: “{title}” – {}", row.code, words(row.status))
            };
            Ok(rows.iter().map(line).collect())
        })
        .await?;
    if lines.is_empty() {
        return Ok(EffectOutcome::Replied(phrases::NONE_FILED.to_owned()));
    }
    Ok(EffectOutcome::Replied(format!("Các phản ánh gần đây:\n{}\n\nNhắn “tra cứu <mã>” để xem chi tiết.", lines.join("\n"))))
}

/// Returns a status in the wording for petitioners.
const fn words(status: Status) -> &'static str {
    match status {
        Status::Received => "đã tiếp nhận",
        Status::Assigned => "đã chuyển cơ quan xử lý",
        Status::InProgress | Status::AwaitingApproval => "đang xử lý",
        Status::WaitingForPetitioner => "chờ ông/bà bổ sung thông tin",
        Status::Answered => "đã có trả lời",
        Status::Closed => "đã kết thúc",
        Status::Refused => "không tiếp nhận xử lý",
        Status::Withdrawn => "đã rút",
        Status::Duplicate => "đã gộp với phản ánh khác",
    }
}
