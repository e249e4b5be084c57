//! `/challenges`: the puzzle that guests solve while the province is under a flood, and its answer as an argument of handlers.

use crate::app::App;
use crate::http::extract::app::app_of;
use crate::http::extract::{FromVisitor, Public, source_of};
use crate::http::{Answer, Problem};
use crate::services::challenge::{self, Challenge};
use crate::services::flood::Kind;
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use pakn_route::post;

const HEADER: &str = "x-proof-of-work";

/// Whoever has an account, or has shown the work where it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Worked;

impl FromRequest for Worked {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let headers = request.headers();
            // A token that is not good is refused by the extractor of the account.
            let has_account = headers.contains_key(AUTHORIZATION);
            let is_upload = request.match_pattern().is_some_and(|pattern| pattern.contains("/attachments"));
            // Of uploads only, where a key that is not good is refused.
            let is_partner = is_upload && headers.contains_key("x-api-key");
            if !has_account && !is_partner {
                let app = app_of(&request)?;
                let kind = if is_upload { Kind::Upload } else { Kind::Filing };
                let shown = headers.get(HEADER).and_then(|value| value.to_str().ok());
                challenge::take(&app, &source_of(&request, &app), kind, shown).await?;
            }
            Ok(Self)
        }
        .boxed_local()
    }
}

/// A puzzle for `X-Proof-Of-Work`; `bits` is 0 while nothing has to be shown. Guests have to when much is filed from their source, or by all
/// guests together, and then for each petition and each file; who has an account never has to. An answer of 403 `proof_of_work_needed` names
/// the bits in `errors`: ask here, find a text, send the same request again with the header.
#[utoipa::path(tag = "petitions", responses((status = 200, description = "A puzzle, good for ten minutes and once", body = Challenge)))]
#[post("/challenges")]
pub async fn pose_challenge(_anybody: Public, app: Data<App>, visitor: FromVisitor) -> Answer {
    Ok(HttpResponse::Ok().json(challenge::pose(&app, &visitor.0.source).await))
}
