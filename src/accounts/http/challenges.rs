//! `/challenges`: the puzzle that guests solve while the province is under a flood, and its answer as an argument of handlers.

use crate::accounts::challenge::{self, Challenge, Work};
use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::kernel::source::Source;
use crate::web::extract::app::app_of;
use crate::web::extract::{FromVisitor, source_of};
use crate::web::flood::Kind;
use crate::web::{Answer, Problem};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use pakn_route::post;
use std::future::{Ready, ready};

const HEADER: &str = "x-proof-of-work";

/// What somebody shows of the work that guests are asked for; the services know whether it is asked of this one.
pub struct Shown {
    source: Source,
    proof: Option<String>,
}

impl Shown {
    /// As work for something.
    #[must_use]
    pub fn of(self, kind: Kind) -> Work {
        Work { source: self.source, kind, shown: self.proof }
    }
}

impl FromRequest for Shown {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(app_of(request).map(|app| {
            let proof = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
            Self { source: source_of(request, &app), proof }
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
pub async fn pose_challenge(_anybody: Public, app: Data<App>, visitor: FromVisitor) -> Answer {
    Ok(HttpResponse::Ok().json(challenge::pose(&app, &visitor.0.source).await))
}
