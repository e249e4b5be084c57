//! Endpoints for published reports: reviewers publish and recompute them, everybody can read them.
//!
//! The full recompute result is for reviewers only: it names petitions, and it costs as much as counting every petition
//! of the period.

use crate::accounts::access::Reviewer;
use crate::accounts::http::extract::{Authorized, Public};
use crate::app::App;
use crate::figures::rules::RULE_VERSION;
use crate::figures::rules::snapshot_code::SnapshotCode;
use crate::figures::snapshots::{
    self, ChangePage, FigureChange, NewSnapshot, PetitionChange, Snapshot, SnapshotCursor, SnapshotHead, SnapshotMonth,
    SnapshotQuestion,
};
use crate::figures::statistics::answer::Summary;
use crate::kernel::{Instant, json_object};
use crate::web::extract::{ItemPage, Language, ListQuery, NoFilter, PageParameters, Path, Query, RepeatableBody};
use crate::web::{HandlerResult, Problem};
use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, ETag, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use pakn_route::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The list names in pagination cursors.
const LIST: &str = "snapshots";
const CHANGES: &str = "snapshot_changes";

/// What a reviewer publishes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishBody {
    /// 5–200 characters, one line.
    #[schema(example = "Báo cáo quý I năm 2023")]
    title: String,
    /// The parameters of `GET /statistics/summary`.
    #[serde(deserialize_with = "json_object::object")]
    question: SnapshotQuestion,
}

/// A published report. `sha256` is over these lines in UTF-8, each ended by a line feed: `pakn-snapshot-1`, `id`, `title`,
/// `created_at`, `as_of`, `rule_version`, `question` and `figures` as they stand here, then one line for each of `months`:
/// `<received_in> <petitions> <sha256>`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedSnapshot {
    #[serde(flatten)]
    head: SnapshotHead,
    /// How many petitions stand behind it, by month of receipt.
    months: Vec<SnapshotMonth>,
    /// The answer to the question.
    figures: Summary,
}

/// What has come out otherwise than it was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecomputedSnapshot {
    id: SnapshotCode,
    /// The hash of the report.
    sha256: String,
    /// The cut-off, the same as then.
    as_of: Instant,
    /// When this was counted.
    recomputed_at: Instant,
    /// The rules of counting then and now.
    rule_version: RuleVersions,
    /// Whether everything has come out as it was published.
    is_same: bool,
    /// Every figure that differs.
    figures: Vec<FigureChange>,
    /// How many petitions differ.
    count: i64,
    /// One page of those.
    #[serde(flatten)]
    page: ItemPage<PetitionChange>,
}

/// The rules of counting then and now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleVersions {
    old: String,
    new: &'static str,
}

/// Publishes a report: the answer to a question is kept for ever, with what stands behind it and a hash of everything.
#[utoipa::path(
    tag = "statistics",
    request_body = PublishBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes it safe to send the request again")),
    responses((status = 201, description = "The report", body = PublishedSnapshot, headers(("Location" = String), ("ETag" = String))))
)]
#[post("/statistics/snapshots")]
pub async fn publish_snapshot(
    app: Data<App>,
    by: Authorized<Reviewer>,
    language: Language,
    sent: RepeatableBody<PublishBody>,
) -> HandlerResult {
    let key = sent.key_of(&format!("account:{}", by.actor.account_id), "publish_snapshot");
    let PublishBody { title, question } = sent.value;
    let published = snapshots::publish(&app.for_staff(), &by.actor, NewSnapshot { title, question }, key, language.0).await?;
    let location = format!("/api/v1/statistics/snapshots/{}", published.head.id);
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, location));
    whole(answer, &published)
}

/// The published reports, newest first.
#[utoipa::path(
    tag = "statistics",
    params(PageParameters),
    responses((status = 200, description = "A page", body = ItemPage<SnapshotHead>))
)]
#[get("/statistics/snapshots")]
pub async fn list_snapshots(_anybody: Public, app: Data<App>, query: ListQuery<NoFilter>) -> HandlerResult {
    let before: Option<SnapshotCursor> = query.page.after(LIST)?;
    let (items, next) = snapshots::list(&app, before, query.page.limit).await?;
    Ok(HttpResponse::Ok().json(query.page.answer(LIST, items, next.as_ref())))
}

/// A published report, the same bytes for ever; `ETag` is its hash.
#[utoipa::path(
    tag = "statistics",
    params(
        ("id" = String, Path, description = "As it was published, in any case"),
        ("If-None-Match" = Option<String>, Header, description = "The hash of a copy; nothing is sent when it still holds")
    ),
    responses(
        (status = 200, description = "The report", body = PublishedSnapshot, headers(("ETag" = String))),
        (status = 304, description = "The copy still holds")
    )
)]
#[get("/statistics/snapshots/{id}")]
pub async fn read_snapshot(
    _anybody: Public,
    app: Data<App>,
    id: Path<SnapshotCode>,
    _query: Query<NoFilter>,
    request: HttpRequest,
) -> HandlerResult {
    let snapshot = snapshots::find(&app, &id.0).await?;
    let hash = EntityTag::new_strong(snapshot.head.sha256.clone());
    let is_held = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(copies)) => copies.iter().any(|copy| copy.weak_eq(&hash)),
        Err(_) => false,
    };
    let mut answer = if is_held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // The report never changes, but clients that cached it must revalidate so that they notice corruption.
    answer.insert_header((CACHE_CONTROL, "public, no-cache"));
    if is_held {
        return Ok(answer.insert_header(ETag(hash)).finish());
    }
    whole(answer, &snapshot)
}

/// Asks the same question again and tells what comes out otherwise: figure by figure, and petition by petition in pages.
#[utoipa::path(
    tag = "statistics",
    params(("id" = String, Path, description = "As it was published, in any case"), PageParameters),
    responses((status = 200, description = "The differences", body = RecomputedSnapshot))
)]
#[get("/statistics/snapshots/{id}/recompute")]
pub async fn recompute_snapshot(
    app: Data<App>,
    _by: Authorized<Reviewer>,
    id: Path<SnapshotCode>,
    query: ListQuery<NoFilter>,
) -> HandlerResult {
    let part = ChangePage { after: query.page.after(CHANGES)?, limit: usize::try_from(query.page.limit).unwrap_or(1) };
    let found = snapshots::recompute(&app.for_staff(), &id.0, part).await?;
    let is_same = found.is_same();
    let page = query.page.answer(CHANGES, found.items, found.next.as_ref());
    Ok(HttpResponse::Ok().json(RecomputedSnapshot {
        id: found.id,
        sha256: found.sha256,
        as_of: found.as_of,
        recomputed_at: found.recomputed_at,
        rule_version: RuleVersions { old: found.old_rule_version, new: RULE_VERSION },
        is_same,
        figures: found.figures,
        count: found.count,
        page,
    }))
}

/// Returns query and figures byte for byte as stored. Parsing and serializing them again could change the bytes, and
/// the hash covers exactly these bytes.
fn whole(mut answer: HttpResponseBuilder, snapshot: &Snapshot) -> HandlerResult {
    let body = body_of(snapshot).map_err(|cause| Problem::internal(cause.to_string()))?;
    answer.insert_header((ETAG, format!("\"{}\"", snapshot.head.sha256))).insert_header(ContentType::json());
    Ok(answer.body(body))
}

fn body_of(snapshot: &Snapshot) -> serde_json::Result<String> {
    let Snapshot { head, question, figures, months } = snapshot;
    let SnapshotHead { id, title, created_at, as_of, rule_version, sha256, question: _ } = head;
    let text = |value: &str| serde_json::to_string(value);
    Ok(format!(
        "{{\"id\":{},\"title\":{},\"created_at\":{},\"as_of\":{},\"rule_version\":{},\"sha256\":{},\"question\":{question},\
         \"months\":{},\"figures\":{figures}}}",
        text(id.as_str())?,
        text(title)?,
        serde_json::to_string(created_at)?,
        serde_json::to_string(as_of)?,
        text(rule_version)?,
        text(sha256)?,
        serde_json::to_string(months)?,
    ))
}
