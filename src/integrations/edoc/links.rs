//! Links of agencies to the document exchange, managed by administrators: created, changed, ended, never deleted.
//!
//! Rules: an agency has at most one link per day, and no two agencies share a folder. A folder is a plain name below
//! the exchange folder and a gateway must be listed in the configuration, so that an administrator cannot make the
//! server write to or call anything else. Each agency with a link gets an account for its document system, the author
//! of answers that come from there; nobody can sign in with it.

use super::folder;
use crate::accounts::passwords::initial_password;
use crate::accounts::store::profiles::{self, AccountChanges, LoginName};
use crate::app::App;
use crate::audit::{AuditActor, AuditEvent};
use crate::config::Config;
use crate::db::DbConnection;
use crate::db::idempotency::RequestKey;
use crate::db::service_error::ServiceError;
use crate::directory::areas::End;
use crate::directory::rules::agency::Agency;
use crate::directory::rules::directory::Directory;
use crate::directory::{ChangeScope, admin_change, admin_create, checks, snapshot};
use crate::integrations::edoc::rules::Transport;
use crate::integrations::edoc::rules::edxml::organ_id::OrganId;
use crate::integrations::edoc::store::{ExchangeLinkRow, links};
use crate::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash};
use crate::kernel::error_code::ErrorCode;
use crate::kernel::field_problem::{FieldProblems, FieldRule};
use crate::kernel::ids::{AccountId, AgencyId, ExchangeLinkId};
use crate::kernel::paging::KeysetPage;
use crate::kernel::validity::Validity;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A link as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExchangeLinkRecord {
    /// Row number, for the paths of this API.
    pub id: ExchangeLinkId,
    /// Code of the agency.
    pub agency: String,
    /// Its identifier in the exchange, in the form of QĐ 20/2020/QĐ-TTg.
    pub organ_id: String,
    /// The same as it was entered.
    pub organ_original: String,
    /// Under which identifier we send.
    pub sender_organ_id: String,
    /// How messages travel.
    pub transport: Transport,
    /// Name of a folder, or address of a gateway.
    pub address: String,
    /// The account that stands for the agency's document system.
    pub account: AccountId,
    /// First day on which documents are sent.
    pub active_from: NaiveDate,
    /// Last day, when it has been ended.
    #[schema(required)]
    pub active_until: Option<NaiveDate>,
    /// Raised by every change; for `If-Match`.
    pub version: i32,
}

/// A new link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExchangeLink {
    /// Code of the agency.
    pub agency: String,
    /// Its identifier in the exchange, in either form: `H05.14` or `000.00.14.H05`.
    pub organ_id: String,
    /// Under which identifier we send; that of the settings when absent.
    pub sender_organ_id: Option<String>,
    /// How messages travel.
    pub transport: Transport,
    /// Name of a folder below the folder of the exchange, or an address out of `exchange_gateways`.
    pub address: String,
    /// First day on which documents are sent; today unless said otherwise.
    pub active_from: Option<NaiveDate>,
}

/// What may be changed of a link; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeLinkChanges {
    /// The identifier of the agency.
    pub organ_id: Option<String>,
    /// Under which identifier we send.
    pub sender_organ_id: Option<String>,
    /// How messages travel.
    pub transport: Option<Transport>,
    /// Where to.
    pub address: Option<String>,
}

fn record(directory: &Directory, link: &ExchangeLinkRow) -> ExchangeLinkRecord {
    ExchangeLinkRecord {
        id: link.id,
        agency: directory.agency(link.agency_id).map(|agency| agency.code.clone()).unwrap_or_default(),
        organ_id: link.organ_id.clone(),
        organ_original: link.organ_original.clone(),
        sender_organ_id: link.sender_organ_id.clone(),
        transport: link.transport,
        address: link.address.clone(),
        account: link.account_id,
        active_from: link.active_from,
        active_until: link.active_until,
        version: link.version,
    }
}

const fn validity(link: &ExchangeLinkRow) -> Validity {
    Validity { from: link.active_from, to: link.active_until }
}

/// Returns one page of the links active on a day, or of all, in order of creation.
///
/// # Errors
/// 422 on `on`.
pub async fn list(
    app: &App,
    on: Option<NaiveDate>,
    after: Option<ExchangeLinkId>,
    limit: i64,
) -> Result<KeysetPage<ExchangeLinkRecord, ExchangeLinkId>, ServiceError> {
    on.map_or(Ok(()), |on| checks::day(on).map(|_| ())).map_err(|rule| ServiceError::invalid("on", rule))?;
    let (directory, links) = (snapshot(app).await?, app.db.read(links::all).await?);
    let fits = |link: &&ExchangeLinkRow| on.is_none_or(|on| validity(link).covers(on));
    let records = links.iter().filter(fits).map(|link| record(&directory, link));
    Ok(KeysetPage::of(records, |record| record.id, after, limit))
}

/// Returns one link.
///
/// # Errors
/// [`ErrorCode::ExchangeLinkNotFound`].
pub async fn read(app: &App, id: ExchangeLinkId) -> Result<ExchangeLinkRecord, ServiceError> {
    let directory = snapshot(app).await?;
    app.db.read(move |connection| find(connection, id).map(|link| record(&directory, &link))).await
}

fn find(connection: &mut DbConnection, id: ExchangeLinkId) -> Result<ExchangeLinkRow, ServiceError> {
    Ok(links::find(connection, id)?.ok_or(ErrorCode::ExchangeLinkNotFound)?)
}

/// Creates a link and, if missing, the account of the agency's document system.
///
/// # Errors
/// 422 for each invalid field; those of the idempotency key.
pub async fn create(
    app: &App,
    by: &AuditActor,
    new: NewExchangeLink,
    key: Option<RequestKey>,
) -> Result<ExchangeLinkRecord, ServiceError> {
    let now = app.now();
    // A random password that is never revealed.
    let password = app.passwords.hash(initial_password()).await?;
    let config = std::sync::Arc::clone(&app.config);
    admin_create(app, by, key, move |connection, directory| {
        let today = now.local_date();
        let mut problems = FieldProblems::default();
        let from = problems.take("active_from", checks::day(new.active_from.unwrap_or(today))).unwrap_or(today);
        let found = directory.agency_by_code(new.agency.trim(), from);
        let known = directory.knows_agency_code(new.agency.trim());
        let agency = problems.take("agency", checks::in_force(found, known, from));
        let organ = problems.take("organ_id", OrganId::check(&new.organ_id));
        let sender = new.sender_organ_id.as_deref().unwrap_or(&config.exchange_organ_id);
        let sender = problems.take("sender_organ_id", OrganId::check(sender));
        problems.take("address", address(&config, new.transport, &new.address));
        let all = links::all(connection)?;
        if let Some(agency) = agency {
            let mine = all.iter().filter(|link| link.agency_id == agency.id);
            let taken = mine.into_iter().any(|link| validity(link).overlaps(&Validity::since(from)));
            problems.take("agency", if taken { Err(FieldRule::Taken) } else { Ok(()) });
            let place = (new.transport, new.address.as_str());
            problems.take("address", folder_is_free(&all, agency.id, place, Validity::since(from)));
        }
        problems.finish()?;
        let (Some(agency), Some(organ), Some(sender)) = (agency, organ, sender) else {
            return Err(ServiceError::Internal("a link without problems is not complete"));
        };
        let mut link = ExchangeLinkRow {
            id: ExchangeLinkId(0),
            agency_id: agency.id,
            organ_id: organ.as_str().to_owned(),
            organ_original: organ.original().to_owned(),
            sender_organ_id: sender.original().to_owned(),
            transport: new.transport,
            address: new.address.clone(),
            account_id: account_of(connection, agency, &password, now)?,
            active_from: from,
            active_until: None,
            version: 1,
        };
        link.id = links::insert(connection, &link)?;
        let made = record(directory, &link);
        let event = AuditEvent::new("create_exchange_link", "exchange_link", link.id).created(&made);
        Ok((made, ChangeScope::Nothing, event))
    })
    .await
}

fn address(config: &Config, transport: Transport, address: &str) -> Result<(), FieldRule> {
    match transport {
        _ if address.is_empty() => Err(FieldRule::Required),
        Transport::Folder if folder::is_name(address) => Ok(()),
        Transport::Folder => Err(FieldRule::Malformed("ubnd-vo-cuong")),
        Transport::Gateway if config.exchange_gateways.iter().any(|known| known == address) => Ok(()),
        Transport::Gateway if config.exchange_gateways.is_empty() => Err(FieldRule::NoneConfigured("exchange_gateways")),
        Transport::Gateway => Err(FieldRule::OneOf(config.exchange_gateways.clone())),
    }
}

/// Rejects a folder another agency uses on overlapping days: each would read the other's messages. A gateway can be
/// shared, because its messages are addressed.
fn folder_is_free(
    links: &[ExchangeLinkRow],
    agency: AgencyId,
    (transport, address): (Transport, &str),
    span: Validity,
) -> Result<(), FieldRule> {
    let is_there =
        |link: &ExchangeLinkRow| link.transport == Transport::Folder && link.address == address && link.agency_id != agency;
    let is_taken = links.iter().any(|link| is_there(link) && validity(link).overlaps(&span));
    if is_taken && transport == Transport::Folder { Err(FieldRule::Taken) } else { Ok(()) }
}

/// Returns the account of an agency's document system; creates it with the first link.
fn account_of(
    connection: &mut DbConnection,
    agency: &Agency,
    password: &PasswordHash,
    now: crate::kernel::Instant,
) -> Result<AccountId, ServiceError> {
    let username = format!("lien-thong-{}", agency.id);
    let login = LoginName { username: Some(username.clone()), phone: None, email: None };
    if let Some((account, _)) = profiles::find_by_login(connection, &login)? {
        return Ok(account.id);
    }
    let account = NewAccount {
        kind: AccountKind::Officer,
        username: Some(username),
        phone: None,
        email: None,
        full_name: format!("Hệ thống quản lý văn bản – {}", agency.short_name),
        password: password.clone(),
        must_change_password: true,
        agency_id: Some(agency.id),
        personal_id: None,
        company_name: None,
        tax_code: None,
        created_at: now,
        roles: Vec::new(),
    };
    let id = profiles::insert(connection, &account)?;
    let disabled = AccountChanges { state: Some(AccountState::Disabled), ..AccountChanges::default() };
    profiles::change(connection, id, 1, &disabled, None)?;
    Ok(id)
}

/// Changes a link, for future messages.
///
/// # Errors
/// [`ErrorCode::ExchangeLinkNotFound`], [`ErrorCode::StaleVersion`]; 422 on the fields.
pub async fn amend(
    app: &App,
    by: &AuditActor,
    id: ExchangeLinkId,
    changes: ExchangeLinkChanges,
    expected: Option<i32>,
) -> Result<ExchangeLinkRecord, ServiceError> {
    let config = std::sync::Arc::clone(&app.config);
    admin_change(app, by, move |connection, directory| {
        let present = find(connection, id)?;
        checks::version(present.version, expected)?;
        let (mut link, mut problems) = (present.clone(), FieldProblems::default());
        if let Some(text) = &changes.organ_id
            && let Some(organ) = problems.take("organ_id", OrganId::check(text))
        {
            organ.as_str().clone_into(&mut link.organ_id);
            organ.original().clone_into(&mut link.organ_original);
        }
        if let Some(text) = &changes.sender_organ_id
            && let Some(organ) = problems.take("sender_organ_id", OrganId::check(text))
        {
            organ.original().clone_into(&mut link.sender_organ_id);
        }
        link.transport = changes.transport.unwrap_or(present.transport);
        link.address = changes.address.clone().unwrap_or_else(|| present.address.clone());
        if (link.transport, &link.address) != (present.transport, &present.address) {
            problems.take("address", address(&config, link.transport, &link.address));
            let place = (link.transport, link.address.as_str());
            problems.take("address", folder_is_free(&links::all(connection)?, link.agency_id, place, validity(&link)));
        }
        problems.finish()?;
        let before = record(directory, &present);
        if link == present {
            return Ok((before, ChangeScope::Nothing, AuditEvent::none()));
        }
        link.version += 1;
        links::update(connection, &link)?;
        let after = record(directory, &link);
        let event = AuditEvent::new("change_exchange_link", "exchange_link", id).updated(&before, &after);
        Ok((after, ChangeScope::Nothing, event))
    })
    .await
}

/// Ends a link; messages in progress are completed.
///
/// # Errors
/// [`ErrorCode::ExchangeLinkNotFound`], [`ErrorCode::StaleVersion`], [`ErrorCode::AlreadyEnded`]; 422 on `on`.
pub async fn end(
    app: &App,
    by: &AuditActor,
    id: ExchangeLinkId,
    end: End,
    expected: Option<i32>,
) -> Result<ExchangeLinkRecord, ServiceError> {
    let today = app.now().local_date();
    admin_change(app, by, move |connection, directory| {
        let mut link = find(connection, id)?;
        checks::version(link.version, expected)?;
        let before = record(directory, &link);
        link.active_until = checks::end(validity(&link), end.on, today)?.to;
        let all = links::all(connection)?;
        let mut others = all.iter().filter(|other| other.id != link.id && other.agency_id == link.agency_id);
        if others.any(|other| validity(other).overlaps(&validity(&link))) {
            return Err(ServiceError::invalid("on", FieldRule::Taken));
        }
        link.version += 1;
        links::update(connection, &link)?;
        let after = record(directory, &link);
        let event = AuditEvent::new("end_exchange_link", "exchange_link", id).updated(&before, &after);
        Ok((after, ChangeScope::Nothing, event))
    })
    .await
}
