//! `/challenges`: the proof-of-work challenge for guests, and the extractor for its answer.

use crate::accounts::challenge::{self, Challenge, ProofOfWork};
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::kernel::client_address::ClientAddress;
use crate::web::extract::app::app_data;
use crate::web::extract::{RequestClient, client_address};
use crate::web::flood_guard::GuestAction;
use crate::web::{HandlerResult, Problem};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use pakn_route::post;
use std::future::{Ready, ready};

const HEADER: &str = "x-proof-of-work";

/// The proof-of-work header of a request; the services decide whether one is required.
pub struct ChallengeResponse {
    source: ClientAddress,
    proof: Option<String>,
}

impl ChallengeResponse {
    /// Returns it as the proof of work for an action.
    #[must_use]
    pub fn of(self, kind: GuestAction) -> ProofOfWork {
        ProofOfWork { source: self.source, kind, shown: self.proof }
    }
}

impl FromRequest for ChallengeResponse {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(app_data(request).map(|app| {
            let proof = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
            Self { source: client_address(request, &app), proof }
        }))
    }
}

/// A puzzle for `X-Proof-Of-Work`; `bits` is 0 while nothing has to be shown. Guests have to when much is filed from their source, or by all
/// guests together, and then for each petition and each file; an account counts as a guest until it has proven a contact, and never has to from
/// then on. An answer of 403 `proof_of_work_needed` names the bits in `errors`: ask here, find a text, send the same request again with the
/// header. A puzzle is used up by what is stored, not by what is refused; a request with the `Idempotency-Key` of a petition that is stored
/// needs none.
#[utoipa::path(tag = "petitions", responses((status = 200, description = "A puzzle, good for ten minutes and once", body = Challenge)))]
#[post("/challenges")]
pub async fn pose_challenge(_anybody: Public, app: Data<App>, visitor: RequestClient) -> HandlerResult {
    Ok(HttpResponse::Ok().json(challenge::issue(&app, &visitor.0.source).await))
}
