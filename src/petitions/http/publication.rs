//! Routes for moderators: the public version beside its source, and changes to it.

use crate::accounts::access::{Caller, Coordinator, Officer};
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::ids::DocumentId;
use crate::petitions::publication::{
    PublicationChanges, PublicationView, moderate_document, moderate_petition, of_document, of_petition,
};
use crate::petitions::rules::code::PetitionCode;
use crate::web::Problem;
use crate::web::extract::{IfMatch, JsonBody, Path, etag};
use actix_web::HttpResponse;
use actix_web::web::Data;
use pakn_route::{get, patch};

fn versioned(view: &PublicationView) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(view.version)).json(view)
}

/// The public version of the petition behind a document: what will be published, or what is, with what was masked.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The public version beside its source", body = PublicationView))
)]
#[get("/documents/{id}/publication")]
pub async fn read_document_publication(
    signed: Authorized<Officer>,
    app: Data<App>,
    id: Path<DocumentId>,
) -> Result<HttpResponse, Problem> {
    Ok(versioned(&of_document(&app, &signed.actor, id.0).await?))
}

/// Changes the public words, takes the publication down or puts it back; the leader decides. What is sent is masked.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = PublicationChanges,
    responses((status = 200, description = "The public version as it now stands", body = PublicationView))
)]
#[patch("/documents/{id}/publication")]
pub async fn change_document_publication(
    signed: Authorized<Officer>,
    app: Data<App>,
    version: IfMatch,
    id: Path<DocumentId>,
    body: JsonBody<PublicationChanges>,
) -> Result<HttpResponse, Problem> {
    moderate_document(&app, &signed.actor, id.0, version.0, body.0).await?;
    Ok(versioned(&of_document(&app, &signed.actor, id.0).await?))
}

/// The public version of any petition, for the coordinator.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path)),
    responses((status = 200, description = "The public version beside its source", body = PublicationView))
)]
#[get("/coordination/{code}/publication")]
pub async fn read_coordination_publication(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    code: Path<PetitionCode>,
) -> Result<HttpResponse, Problem> {
    Ok(versioned(&of_petition(&app, &signed.actor, &code.0).await?))
}

/// The same changes by the coordinator.
#[utoipa::path(
    tag = "coordination",
    params(("code" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = PublicationChanges,
    responses((status = 200, description = "The public version as it now stands", body = PublicationView))
)]
#[patch("/coordination/{code}/publication")]
pub async fn change_coordination_publication(
    signed: Authorized<Coordinator>,
    app: Data<App>,
    version: IfMatch,
    code: Path<PetitionCode>,
    body: JsonBody<PublicationChanges>,
) -> Result<HttpResponse, Problem> {
    let caller = Caller::account(signed.actor.clone());
    moderate_petition(&app, &caller, &code.0, version.0, body.0).await?;
    Ok(versioned(&of_petition(&app, &signed.actor, &code.0).await?))
}
