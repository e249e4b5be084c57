//! Pagination: `?limit=` and `?cursor=` in, `{"items": […], "next_cursor": …}` out.
//!
//! A cursor contains the name of its list and the key of the last item (keyset pagination), so that inserts
//! neither repeat nor skip items. It is opaque to clients, but not secret.

use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::web::Problem;
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Default page size.
const USUAL: i64 = 20;
/// Maximum page size.
const MOST: i64 = 100;
/// Maximum cursor length.
const LONGEST_CURSOR: usize = 512;

/// The parameters of every list, for the description of the API.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// How many items, 1–100.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The requested page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Number of items, 1–100.
    pub limit: i64,
    cursor: Option<Cursor>,
}

/// The position in a list after which a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemPage<T> {
    /// The items of the page, in the order of the list.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl Page {
    /// Returns whether a query parameter belongs to the pagination.
    pub(crate) fn has(name: &str) -> bool {
        name == "limit" || name == "cursor"
    }

    pub(super) fn read(pairs: super::query_pairs::QueryPairs) -> Result<Self, Vec<FieldProblem>> {
        let PageParameters { limit, cursor } = super::query_pairs::gathered(pairs)?;
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(vec![FieldProblem::new("limit", FieldRule::Between("1".to_owned(), MOST.to_string()))]);
        }
        Ok(Self { limit, cursor: cursor.map(Cursor) })
    }

    /// Returns the key after which the page begins; `None` for the first page.
    ///
    /// # Errors
    /// 422 on `cursor` when this list did not issue it.
    pub fn after<K: DeserializeOwned>(&self, list: &str) -> Result<Option<K>, Problem> {
        self.cursor.as_ref().map(|cursor| cursor.key(list)).transpose()
    }

    /// Returns the response body: the items, and a cursor from the key of the last one if more follow.
    #[must_use]
    pub fn answer<T, K: Serialize>(&self, list: &str, items: Vec<T>, next: Option<&K>) -> ItemPage<T> {
        ItemPage { items, next_cursor: next.and_then(|key| Cursor::new(list, key)).map(|cursor| cursor.0) }
    }
}

impl Cursor {
    /// Creates the cursor after the item with this key; `None` only for a key that is not serialisable.
    #[must_use]
    pub fn new<K: Serialize>(list: &str, key: &K) -> Option<Self> {
        serde_json::to_vec(&(list, key)).ok().map(|json| Self(BASE64URL_NOPAD.encode(&json)))
    }

    /// Returns the key in the cursor.
    ///
    /// # Errors
    /// 422 on `cursor` when this list did not issue it.
    pub fn key<K: DeserializeOwned>(&self, list: &str) -> Result<K, Problem> {
        let foreign = || Problem::invalid_field("cursor", FieldRule::ForeignCursor);
        if self.0.len() > LONGEST_CURSOR {
            return Err(foreign());
        }
        let json = BASE64URL_NOPAD.decode(self.0.as_bytes()).map_err(|_| foreign())?;
        match serde_json::from_slice::<(String, K)>(&json) {
            Ok((name, key)) if name == list => Ok(key),
            _ => Err(foreign()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: &str, cursor: &str) -> Result<Page, Problem> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [pair("limit", limit), pair("cursor", cursor)].into_iter().filter(|(_, value)| !value.is_empty());
        Ok(Page::read(pairs.collect())?)
    }

    #[test]
    fn a_cursor_leads_back_to_its_key_in_its_own_list() {
        let first = page("", "").unwrap();
        assert_eq!((first.limit, first.after::<(i64, String)>("inbox").unwrap()), (20, None));
        let answer = first.answer("inbox", vec![1], Some(&(7_i64, "x")));
        let second = page("5", &answer.next_cursor.unwrap()).unwrap();
        assert_eq!(second.after("inbox").unwrap(), Some((7_i64, "x".to_owned())));
        assert!(second.after::<(i64, String)>("petitions").is_err(), "another list");
        assert!(second.after::<i64>("inbox").is_err(), "another key");
    }

    #[test]
    fn rubbish_is_refused() {
        for limit in ["0", "101", "-1", "x", "99999999999999999999"] {
            assert!(page(limit, "").is_err(), "{limit}");
        }
        for cursor in ["x", "AAAA", "đ", "bnVsbA", &"A".repeat(4096)] {
            assert!(page("", cursor).unwrap().after::<i64>("inbox").is_err(), "{cursor}");
        }
    }
}
