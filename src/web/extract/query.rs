//! Extractors for query strings: the filter of a handler, and the pagination of lists.

use super::access_decision;
use super::page::Page;
use super::query_pairs;
use crate::web::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The query string as the fields of `T`; unknown parameters are rejected.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// The query string of a list: `limit` and `cursor`, and the filter `T`.
#[derive(Debug)]
pub struct ListQuery<T = NoFilter> {
    pub page: Page,
    pub filter: T,
}

/// No parameters except pagination.
#[derive(Debug, Deserialize)]
pub struct NoFilter {}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, passed) = (request.clone(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            query_pairs::split(request.query_string()).and_then(query_pairs::read).map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for ListQuery<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, passed) = (request.clone(), access_decision::granted(request));
        Box::pin(async move {
            passed.await?;
            let (of_page, of_filter) =
                query_pairs::split(request.query_string())?.into_iter().partition(|(name, _)| Page::has(name));
            match (Page::read(of_page), query_pairs::gathered(of_filter)) {
                (Ok(page), Ok(filter)) => Ok(Self { page, filter }),
                (page, filter) => Err([page.err(), filter.err()].into_iter().flatten().flatten().collect::<Vec<_>>().into()),
            }
        })
    }
}
