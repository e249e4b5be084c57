//! Finds and lists officer accounts.

use super::Administrator;
use super::officer;
use crate::accounts::profile::{Profile, profile_of, profiles_of};
use crate::accounts::store::officers::{OfficerFilter, list as list_rows, with_usernames};
use crate::app::App;
use crate::db::DbConnection;
use crate::db::service_error::ServiceError;
use crate::directory;
use crate::kernel::account::{Account, AccountState, Role};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::AccountId;
use crate::kernel::search_text::fold;

/// Rows per query of a search by name; there are at most a few thousand officers.
const ROWS_AT_ONCE: i64 = 500;

/// The filter of a list; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct OfficerSearch {
    /// Code of the agency, in force or not.
    pub agency: Option<String>,
    pub role: Option<Role>,
    pub state: Option<AccountState>,
    /// Part of the user name, the name or the e-mail, with or without accents.
    pub q: Option<String>,
}

/// Returns one page of officers after a row id, and whether more follow.
///
/// # Errors
/// [`ServiceError::Invalid`] for an agency that never existed; `role_missing` for anybody but an administrator.
pub async fn list(
    app: &App,
    by: &Administrator,
    search: OfficerSearch,
    after: Option<AccountId>,
    limit: usize,
) -> Result<(Vec<Profile>, bool), ServiceError> {
    by.require()?;
    let (owned, folded) = (app.clone(), search.q.as_deref().map(fold).filter(|words| !words.is_empty()));
    app.db
        .read(move |connection| {
            let filter = filter(&owned, connection, &search)?;
            let mut found = matching(connection, &filter, folded.as_deref(), after, limit.saturating_add(1))?;
            let has_more = found.len() > limit;
            found.truncate(limit);
            Ok((profiles_of(&owned, connection, found)?, has_more))
        })
        .await
}

fn filter(app: &App, connection: &mut DbConnection, search: &OfficerSearch) -> Result<OfficerFilter, ServiceError> {
    let agencies = match &search.agency {
        None => None,
        Some(code) => {
            let directory = directory::current(app, connection)?;
            let ids: Vec<_> = directory.agencies_of_code(code.trim()).map(|agency| agency.id).collect();
            if ids.is_empty() {
                return Err(ServiceError::invalid("agency", FieldRule::UnknownCode));
            }
            Some(ids)
        }
    };
    Ok(OfficerFilter { agencies, role: search.role, state: search.state })
}

fn matching(
    connection: &mut DbConnection,
    filter: &OfficerFilter,
    folded: Option<&str>,
    after: Option<AccountId>,
    wanted: usize,
) -> Result<Vec<Account>, ServiceError> {
    let mut after = after.unwrap_or(AccountId(0));
    let at_once = if folded.is_some() { ROWS_AT_ONCE } else { i64::try_from(wanted).unwrap_or(ROWS_AT_ONCE) };
    let mut found = Vec::new();
    loop {
        let rows = list_rows(connection, filter, after, at_once)?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < at_once);
        after = rows.last().map_or(after, |account| account.id);
        found.extend(rows.into_iter().filter(|account| folded.is_none_or(|words| holds(account, words))));
        if is_last || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
    }
}

fn holds(account: &Account, words: &str) -> bool {
    let names = [account.username.as_deref(), Some(account.full_name.as_str()), account.email.as_deref()];
    names.into_iter().flatten().any(|name| fold(name).contains(words))
}

/// Returns one officer.
///
/// # Errors
/// [`ErrorCode::AccountNotFound`], also for petitioners; `role_missing` for anybody but an administrator.
pub async fn find(app: &App, by: &Administrator, id: AccountId) -> Result<Profile, ServiceError> {
    by.require()?;
    let owned = app.clone();
    app.db
        .read(move |connection| {
            let account = officer(connection, id)?;
            profile_of(&owned, connection, account)
        })
        .await
}

/// Returns the officer with a user name.
///
/// # Errors
/// [`ErrorCode::AccountNotFound`]; `role_missing` for anybody but an administrator.
pub async fn find_by_username(app: &App, by: &Administrator, username: &str) -> Result<Profile, ServiceError> {
    by.require()?;
    let (owned, username) = (app.clone(), username.trim().to_lowercase());
    app.db
        .read(move |connection| -> Result<_, ServiceError> {
            let account = with_usernames(connection, std::slice::from_ref(&username))?.pop().ok_or(ErrorCode::AccountNotFound)?;
            profile_of(&owned, connection, account)
        })
        .await
}
