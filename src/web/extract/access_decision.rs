//! Who may come in is decided before anything else of a request is looked at.
//!
//! The framework polls all extractors of a handler side by side, and a body is read faster than an account: without this, a
//! stranger would be told what is wrong with the body. Extractors of accounts leave their decision here; those of bodies and
//! queries wait for it. Rule for handlers: the extractor of the account comes first.

use crate::web::Problem;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

#[derive(Clone)]
struct AccessDecision(Shared<LocalBoxFuture<'static, Result<(), Problem>>>);

/// Leaves a decision, and hands back what the extractor itself makes of it.
pub(crate) fn decide<T: Clone + 'static>(
    request: &HttpRequest,
    decision: impl Future<Output = Result<T, Problem>> + 'static,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let shared = decision.boxed_local().shared();
    let waited_for = shared.clone().map(|decision| decision.map(drop)).boxed_local().shared();
    request.extensions_mut().insert(AccessDecision(waited_for));
    shared.boxed_local()
}

/// Waits for the decision; whoever is refused learns nothing else.
pub(super) fn granted(request: &HttpRequest) -> impl Future<Output = Result<(), Problem>> + use<> {
    let entry = request.extensions().get::<AccessDecision>().cloned();
    async move {
        match entry {
            Some(AccessDecision(decision)) => decision.await,
            None => Ok(()),
        }
    }
}
