//! `GET /documents/{id}` and the petitioner's identity.

use crate::accounts::access::Officer;
use crate::accounts::http::extract::Authorized;
use crate::app::App;
use crate::kernel::ids::DocumentId;
use crate::petitions::documents::identity::{IdentityView, of_document};
use crate::petitions::documents::read::{DocumentView, document};
use crate::petitions::rules::petitioner::LookPurpose;
use crate::web::Problem;
use crate::web::extract::{Language, Path, Query, etag};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use pakn_route::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// One document of the caller's agency.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The document", body = DocumentView))
)]
#[get("/documents/{id}")]
pub async fn read_document(
    signed: Authorized<Officer>,
    app: Data<App>,
    language: Language,
    id: Path<DocumentId>,
) -> Result<HttpResponse, Problem> {
    let view = document(&app, &signed.actor, id.0, language.0).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// What an identity is looked at for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityQuery {
    /// `handling` when it is left out; written down with the look.
    purpose: Option<LookPurpose>,
}

impl IdentityQuery {
    /// Returns the purpose, or the default.
    #[must_use]
    pub fn purpose(&self) -> LookPurpose {
        self.purpose.unwrap_or_default()
    }
}

/// The person or business behind a document, with the exact place; each look is written down.
#[utoipa::path(
    tag = "documents",
    params(("id" = i64, Path), IdentityQuery),
    responses((status = 200, description = "The petitioner", body = IdentityView))
)]
#[get("/documents/{id}/petitioner")]
pub async fn read_document_petitioner(
    signed: Authorized<Officer>,
    app: Data<App>,
    id: Path<DocumentId>,
    look: Query<IdentityQuery>,
) -> Result<Json<IdentityView>, Problem> {
    Ok(Json(of_document(&app, &signed.actor, id.0, look.0.purpose()).await?))
}
