//! The rights of one person: everything that is held about them as one JSON text, and its erasure.
//!
//! Enters a phone or an e-mail in any spelling. Rules: only the operator does this, on the server, because administrators have no
//! access to identities; each time is written down with the keyed hash of the phone or e-mail and with counts, never with the person.
//! An open petition is a duty towards its petitioner, so that nothing is erased while there is one.

use super::anonymise::{ErasureCause, anonymise};
use super::files;
use super::mentions;
use crate::accounts::store::profiles::{self, LoginName};
use crate::accounts::store::sessions;
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::vault::{self, LookupKind};
use crate::db::{DbConnection, StorageError, dialect};
use crate::integrations::zalo::store as zalo;
use crate::kernel::account::{Account, AccountKind};
use crate::kernel::email::Email;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{AccountId, PetitionId, ZaloPersonId};
use crate::kernel::phone::Phone;
use crate::personal::store::subjects;
use crate::petitions::rules::traces::KnownTraces;
use crate::petitions::store::{PetitionerRow, petitioners, state, texts, timeline};
use serde_json::{Value, json};

/// Entries of a timeline that are exported.
const ENTRIES: i64 = 10_000;

/// Whose data are meant.
#[derive(Clone)]
pub struct DataSubject {
    lookup: LookupKind,
    value: String,
}

/// What erasing has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureOutcome {
    /// Nothing, because these petitions are open.
    Refused(Vec<String>),
    /// So many accounts, petitions and people on Zalo were anonymised.
    Done(usize, usize, usize),
}

struct SubjectRecords {
    account: Option<AccountId>,
    petitions: Vec<PetitionId>,
    zalo: Vec<(ZaloPersonId, Option<String>)>,
}

impl DataSubject {
    /// What they were named by: it tells of nobody else.
    fn known(&self) -> KnownTraces {
        let mut known = KnownTraces::default();
        match self.lookup {
            LookupKind::Phone => known.number(&self.value),
            LookupKind::Email => known.email(&self.value),
        }
        known
    }

    /// Reads a phone or an e-mail in any spelling.
    ///
    /// # Errors
    /// A rule on `subject` when it is neither.
    pub fn read(text: &str) -> Result<Self, ServiceError> {
        if let Ok(phone) = text.trim().parse::<Phone>() {
            return Ok(Self { lookup: LookupKind::Phone, value: phone.to_string() });
        }
        let email: Email = text.trim().parse().map_err(|rule: FieldRule| ServiceError::invalid("subject", rule))?;
        Ok(Self { lookup: LookupKind::Email, value: email.to_string() })
    }

    /// What the record names them by.
    fn name(&self) -> Result<String, StorageError> {
        vault::hash(self.lookup, &self.value)
    }

    fn held(&self, connection: &mut DbConnection) -> Result<SubjectRecords, ServiceError> {
        let value = Some(self.value.clone());
        let (login, phone) = match self.lookup {
            LookupKind::Phone => (LoginName { phone: value, ..LoginName::default() }, Some(self.value.as_str())),
            LookupKind::Email => (LoginName { email: value, ..LoginName::default() }, None),
        };
        let account = profiles::find_by_login(connection, &login)?.map(|(account, _)| account);
        if account.as_ref().is_some_and(|account| account.kind == AccountKind::Officer) {
            return Err(ServiceError::invalid("subject", FieldRule::NotAllowed));
        }
        let account = account.map(|account| account.id);
        let mut petitions = petitioners::with_hashes(connection, &vault::hashes(self.lookup, &self.value)?)?;
        if let Some(account) = account {
            petitions.extend(subjects::petitions_of(connection, account)?);
        }
        petitions.sort_unstable();
        petitions.dedup();
        Ok(SubjectRecords { account, petitions, zalo: subjects::on_zalo(connection, account, phone)? })
    }
}

/// Everything that is held about a person; the export itself is written down.
///
/// # Errors
/// A rule on `subject` for an officer; those of the database.
pub async fn export(app: &App, subject: &DataSubject) -> Result<Value, ServiceError> {
    let subject = subject.clone();
    audit::transaction(app, &AuditActor::operator(), move |connection| {
        let held = subject.held(connection)?;
        let petitions = held.petitions.iter().map(|id| petition(connection, *id)).collect::<Result<Vec<_>, _>>()?;
        let account = held.account.map(|id| account(connection, id)).transpose()?;
        let mut people = Vec::new();
        for (_, user) in &held.zalo {
            people.push(on_zalo(connection, user.as_deref())?);
        }
        let event = AuditEvent::new("export_subject", "personal_data", subject.name()?)
            .with_json("petitions", &petitions.len())
            .with_json("accounts", &usize::from(account.is_some()));
        Ok::<_, ServiceError>((json!({"account": account, "petitions": petitions, "zalo": people}), event))
    })
    .await
}

fn account(connection: &mut DbConnection, id: AccountId) -> Result<Value, ServiceError> {
    let account = profiles::find(connection, id)?;
    Ok(json!({
        "kind": account.kind.as_str(), "full_name": account.full_name, "phone": account.phone, "email": account.email,
        "personal_id": account.personal_id, "company_name": account.company_name, "tax_code": account.tax_code,
        "created_at": account.created_at,
    }))
}

fn petition(connection: &mut DbConnection, id: PetitionId) -> Result<Value, ServiceError> {
    let row = state::find(connection, id)?.ok_or(StorageError::Missing)?;
    let (person, text) = (petitioners::find(connection, id)?, texts::find(connection, id)?);
    let entries = timeline::page(connection, id, false, 0, ENTRIES)?;
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|(entry, _)| json!({"at": entry.at, "action": entry.action.as_str(), "status": entry.status.as_str(), "note": entry.note}))
        .collect();
    let looks: Vec<Value> = subjects::looks(connection, id)?
        .into_iter()
        .map(|(at, occasion, purpose, username)| json!({"at": at, "occasion": occasion, "purpose": purpose, "by": username}))
        .collect();
    let messages: Vec<Value> = subjects::messages(connection, id)?
        .into_iter()
        .map(|(channel, state, at, settled)| json!({"channel": channel.as_str(), "state": state.as_str(), "at": at, "settled_at": settled}))
        .collect();
    Ok(json!({
        "code": row.code, "status": row.status.as_str(), "received_at": row.received_at, "title": text.title, "content": text.content,
        "full_name": person.full_name, "phone": person.phone, "email": person.email, "company_name": person.company_name,
        "tax_code": person.tax_code, "latitude": person.latitude, "longitude": person.longitude, "address": person.address,
        "hide_identity": person.hide_identity, "timeline": entries, "identity_looks": looks, "messages": messages,
    }))
}

fn on_zalo(connection: &mut DbConnection, user: Option<&str>) -> Result<Value, ServiceError> {
    let Some(user) = user else { return Ok(json!({})) };
    let person = zalo::people::by_oa_user(connection, user)?;
    let (draft, texts) = subjects::conversation(connection, user)?;
    let person = person.map(|person| json!({"full_name": person.full_name, "phone": person.phone, "since": person.created_at}));
    Ok(json!({"oa_user_id": user, "person": person, "draft": draft, "messages": texts}))
}

/// What is left to do once the database has forgotten somebody.
#[derive(Debug, Clone, Default)]
pub(super) struct ErasureRest {
    pub(super) codes: Vec<String>,
    /// Phones and e-mails of the person, which tell of nobody else.
    pub(super) contacts: KnownTraces,
    /// What else is known of them: names, addresses.
    pub(super) known: KnownTraces,
    pub(super) files: Vec<String>,
    pub(super) uploads: Vec<String>,
}

impl ErasureRest {
    /// Removes files, open uploads and messages of the document exchange.
    pub(super) async fn remove_files(&self, app: &App) -> Result<(), ServiceError> {
        files::remove_files(app, &self.files).await?;
        files::remove_uploads(app, &self.uploads).await?;
        files::remove_messages(app, self.codes.clone(), self.contacts.clone()).await.map(drop)
    }

    /// Takes phone and e-mail out where others mention them, and the bytes of what is gone off the disk; goes through everything.
    pub(super) async fn remove_traces(&self, app: &App) -> Result<(), ServiceError> {
        mentions::redact_everywhere(app, &self.contacts, &self.known).await?;
        let url = app.db.url().clone();
        let scrubbed = tokio::task::spawn_blocking(move || dialect::scrub::scrub_texts(&url)).await;
        Ok(scrubbed.map_err(|_| StorageError::Panicked)??)
    }
}

/// Erases a person: their account and petitions are anonymised, their sessions end, their files go, and where others mention them, their
/// phone and e-mail are taken out. At the end the bytes of what is gone are taken off the disk.
///
/// # Errors
/// A rule on `subject` for an officer; those of the database and of the store of files, and then it can be done again.
pub async fn erase(app: &App, subject: &DataSubject) -> Result<ErasureOutcome, ServiceError> {
    let (erased, rest) = forget(app, subject).await?;
    if matches!(erased, ErasureOutcome::Refused(_)) {
        return Ok(erased);
    }
    rest.remove_files(app).await?;
    rest.remove_traces(app).await?;
    Ok(erased)
}

/// Forgets a person in the database.
async fn forget(app: &App, subject: &DataSubject) -> Result<(ErasureOutcome, ErasureRest), ServiceError> {
    let (subject, now) = (subject.clone(), app.now());
    audit::transaction(app, &AuditActor::operator(), move |connection| {
        let held = subject.held(connection)?;
        let name = subject.name()?;
        let (mut open, mut rest) = (Vec::new(), ErasureRest { contacts: subject.known(), ..ErasureRest::default() });
        for id in &held.petitions {
            let Some(row) = state::find(connection, *id)? else { continue };
            if row.status.is_open() {
                open.push(row.code);
            } else {
                let person = petitioners::find(connection, *id)?;
                add_contacts(&mut rest.contacts, person.phone.as_deref(), person.email.as_deref());
                add_person(&mut rest.known, &person);
                rest.codes.push(row.code);
            }
        }
        if !open.is_empty() {
            let event = AuditEvent::new("refuse_erasure", "personal_data", name).with_json("open_petitions", &open.len());
            return Ok::<_, ServiceError>(((ErasureOutcome::Refused(open), ErasureRest::default()), event));
        }
        let mut known = rest.contacts.clone();
        if let Some(id) = held.account {
            let account = profiles::find(connection, id)?;
            add_contacts(&mut rest.contacts, account.phone.as_deref(), account.email.as_deref());
            account.personal_id.iter().for_each(|id| rest.contacts.number(id));
            add_account(&mut known, &account);
            add_account(&mut rest.known, &account);
        }
        let mut petitions = 0;
        for id in &held.petitions {
            if let Some(files) = anonymise(connection, &AuditActor::operator(), *id, (ErasureCause::Erasure, &known), now)? {
                petitions += 1;
                rest.files.extend(files);
            }
        }
        if let Some(account) = held.account {
            sessions::end_all(connection, account, None, now)?;
            let (loose, uploads) = subjects::loose_files(connection, account)?;
            rest.files.extend(loose);
            rest.uploads = uploads;
            subjects::empty_account(connection, account)?;
        }
        for (id, user) in &held.zalo {
            subjects::forget_on_zalo(connection, Some(*id), user.as_deref())?;
        }
        subjects::forget_address(connection, &vault::hashes(subject.lookup, &subject.value)?)?;
        let (accounts, people) = (usize::from(held.account.is_some()), held.zalo.len());
        let event = AuditEvent::new("erase_subject", "personal_data", name)
            .with_json("accounts", &accounts)
            .with_json("petitions", &petitions)
            .with_json("zalo", &people);
        Ok(((ErasureOutcome::Done(accounts, petitions, people), rest), event))
    })
    .await
}

pub(super) fn add_contacts(known: &mut KnownTraces, phone: Option<&str>, email: Option<&str>) {
    phone.into_iter().for_each(|phone| known.number(phone));
    email.into_iter().for_each(|email| known.email(email));
}

/// What is known of them besides, from a petition.
pub(super) fn add_person(known: &mut KnownTraces, person: &PetitionerRow) {
    person.full_name.iter().for_each(|name| known.name(name));
    person.address.iter().for_each(|address| known.description(address));
}

pub(super) fn add_account(known: &mut KnownTraces, account: &Account) {
    if !account.full_name.is_empty() {
        known.name(&account.full_name);
    }
    account.company_name.iter().for_each(|name| known.description(name));
    let numbers = [&account.phone, &account.tax_code, &account.personal_id];
    numbers.into_iter().flatten().for_each(|number| known.number(number));
    account.email.iter().for_each(|email| known.email(email));
}
