//! Ensures that authentication and authorisation are decided before any other part of a request is reported on.
//!
//! Actix polls all extractors of a handler concurrently, and reading a body is faster than loading an account:
//! without this, an unauthorised client would get validation errors. Account extractors store their decision here;
//! body and query extractors wait for it. Rule for handlers: the account extractor comes first.

use crate::web::Problem;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

#[derive(Clone)]
struct AccessDecision(Shared<LocalBoxFuture<'static, Result<(), Problem>>>);

/// Stores a decision in the request, and returns it for the extractor itself.
pub(crate) fn decide<T: Clone + 'static>(
    request: &HttpRequest,
    decision: impl Future<Output = Result<T, Problem>> + 'static,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let shared = decision.boxed_local().shared();
    let waited_for = shared.clone().map(|decision| decision.map(drop)).boxed_local().shared();
    request.extensions_mut().insert(AccessDecision(waited_for));
    shared.boxed_local()
}

/// Waits for the decision, so that a rejected client learns nothing else.
pub(super) fn granted(request: &HttpRequest) -> impl Future<Output = Result<(), Problem>> + use<> {
    let entry = request.extensions().get::<AccessDecision>().cloned();
    async move {
        match entry {
            Some(AccessDecision(decision)) => decision.await,
            None => Ok(()),
        }
    }
}
