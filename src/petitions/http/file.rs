//! `POST /petitions`: files a petition, signed in or as a guest; repeating an idempotency key returns the first
//! response.

use crate::accounts::http::challenges::ChallengeResponse;
use crate::accounts::http::extract::OptionalAccount;
use crate::app::App;
use crate::petitions::file::{Receipt, file};
use crate::petitions::filing::PetitionForm;
use crate::web::Problem;
use crate::web::extract::RepeatableBody;
use crate::web::flood_guard::GuestAction;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use pakn_route::post;

/// Files a petition.
#[utoipa::path(
    tag = "petitions",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again; of a guest at least 100 bits that others cannot guess, as a UUID, and the same `X-Device-Id`"),
        ("X-Proof-Of-Work" = Option<String>, Header, description = "Of guests, and of accounts without a proven contact, while the province asks for it: see `POST /challenges`")),
    request_body = PetitionForm,
    responses((status = 201, description = "Filed, numbered and routed", body = Receipt))
)]
#[post("/petitions")]
pub async fn file_petition(
    guest: OptionalAccount,
    app: Data<App>,
    shown: ChallengeResponse,
    body: RepeatableBody<PetitionForm>,
) -> Result<HttpResponse, Problem> {
    let OptionalAccount(actor) = guest;
    let key = match &actor {
        Some(actor) => body.key_of(&format!("account:{}", actor.account_id), "petitions"),
        None => body.key_of_guest("petitions")?,
    };
    let answered = file(&app, actor.as_ref(), &body.value, key, Some(&shown.of(GuestAction::Filing))).await?;
    let place = format!("/api/v1/petitions/{}", answered.body.code);
    Ok(HttpResponse::Created().insert_header((LOCATION, place)).json(answered.body))
}
