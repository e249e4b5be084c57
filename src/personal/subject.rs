//! Data subject rights: resolves a phone or e-mail to a person, and erases that person.
//!
//! Accepts a phone or e-mail in any spelling. Rules: operators only, on the server, because administrators have
//! no access to identities; each use is recorded with the keyed hash of the contact and with counts, never with
//! the person. An account belongs to the person only if it has verified the contact, because anybody can
//! register with another person's. The agency owes an answer to an open petition, so that nothing is erased
//! while there is one.

use super::anonymise::{ErasureCause, anonymise};
use super::files;
use super::mentions;
use crate::accounts::store::{profiles, sessions, unverified_contacts};
use crate::app::App;
use crate::audit::{self, AuditActor, AuditEvent};
use crate::db::service_error::ServiceError;
use crate::db::vault::{self, LookupKind};
use crate::db::{DbConnection, StorageError, dialect};
use crate::kernel::account::{Account, AccountKind, ContactKind};
use crate::kernel::email::Email;
use crate::kernel::field_problem::FieldRule;
use crate::kernel::ids::{AccountId, PetitionId, ZaloPersonId};
use crate::kernel::phone::Phone;
use crate::personal::store::subjects;
use crate::petitions::rules::traces::KnownTraces;
use crate::petitions::store::{PetitionerRow, petitioners, state};
use chrono::NaiveDate;

/// The person that a request is about.
#[derive(Clone)]
pub struct DataSubject {
    lookup: LookupKind,
    value: String,
    account: SubjectAccount,
}

/// Which account to treat as the person's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubjectAccount {
    /// The one that has verified the contact; an error when accounts only claim it.
    #[default]
    Proven,
    /// This one, which has verified the contact, or claims it while no account has verified it.
    Named(AccountId),
    /// None of the accounts that claim the contact; only petitions filed by guests with it.
    NoneOfThem,
}

/// Result of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErasureOutcome {
    /// Nothing was erased, because these petitions are open.
    Refused(Vec<String>),
    /// Number of accounts, petitions and Zalo users that were anonymised.
    Done(usize, usize, usize),
}

/// The rows stored about a person.
pub(super) struct SubjectRecords {
    pub(super) account: Option<AccountId>,
    pub(super) petitions: Vec<PetitionId>,
    pub(super) zalo: Vec<(ZaloPersonId, Option<String>)>,
}

impl DataSubject {
    /// Returns the contact from the request, which identifies nobody else.
    fn known(&self) -> KnownTraces {
        let mut known = KnownTraces::default();
        match self.lookup {
            LookupKind::Phone => known.number(&self.value),
            LookupKind::Email => known.email(&self.value),
        }
        known
    }

    /// Parses a phone or an e-mail in any spelling.
    ///
    /// # Errors
    /// `Invalid` on `subject` when it is neither.
    pub fn read(text: &str) -> Result<Self, ServiceError> {
        if let Ok(phone) = text.trim().parse::<Phone>() {
            return Ok(Self { lookup: LookupKind::Phone, value: phone.to_string(), account: SubjectAccount::Proven });
        }
        let email: Email = text.trim().parse().map_err(|rule: FieldRule| ServiceError::invalid("subject", rule))?;
        Ok(Self { lookup: LookupKind::Email, value: email.to_string(), account: SubjectAccount::Proven })
    }

    /// Sets the account that the operator considers the person's.
    #[must_use]
    pub fn with_account(self, account: SubjectAccount) -> Self {
        Self { account, ..self }
    }

    /// Returns the pseudonym of the person in the audit record.
    pub(super) fn name(&self) -> Result<String, StorageError> {
        vault::hash(self.lookup, &self.value)
    }

    const fn kind(&self) -> ContactKind {
        match self.lookup {
            LookupKind::Phone => ContactKind::Phone,
            LookupKind::Email => ContactKind::Email,
        }
    }

    /// Returns the account of the person, if any.
    fn own_account(&self, connection: &mut DbConnection) -> Result<Option<AccountId>, ServiceError> {
        let owner = profiles::owner_of(connection, self.kind(), &self.value)?;
        if let Some(owner) = owner
            && profiles::find(connection, owner)?.kind == AccountKind::Officer
        {
            return Err(ServiceError::invalid("subject", FieldRule::NotAllowed));
        }
        let claiming = unverified_contacts::accounts_claiming(connection, self.kind(), &self.value)?;
        match (self.account, owner) {
            (SubjectAccount::Named(id), Some(owner)) if id == owner => Ok(Some(id)),
            (SubjectAccount::Named(id), None) if claiming.iter().any(|(other, _)| *other == id) => Ok(Some(id)),
            // If an account has verified the contact, no other one is the person's.
            (SubjectAccount::Named(_), _) | (SubjectAccount::NoneOfThem, Some(_)) => {
                Err(ServiceError::invalid("account", FieldRule::NotAllowed))
            }
            (SubjectAccount::Proven, None) if !claiming.is_empty() => {
                Err(ServiceError::invalid("subject", FieldRule::OnlyClaimed(claiming.len())))
            }
            (SubjectAccount::Proven | SubjectAccount::NoneOfThem, owner) => Ok(owner),
        }
    }

    pub(super) fn held(&self, connection: &mut DbConnection) -> Result<SubjectRecords, ServiceError> {
        let account = self.own_account(connection)?;
        let phone = (self.lookup == LookupKind::Phone).then_some(self.value.as_str());
        let mut petitions = of_guests(connection, &vault::hashes(self.lookup, &self.value)?)?;
        if let Some(account) = account {
            petitions.extend(subjects::petitions_of(connection, account)?);
        }
        petitions.sort_unstable();
        petitions.dedup();
        Ok(SubjectRecords { account, petitions, zalo: subjects::on_zalo(connection, account, phone)? })
    }
}

/// Returns petitions filed by guests with a contact; petitions of accounts that named it stay with those
/// accounts.
pub(super) fn of_guests(connection: &mut DbConnection, hashes: &[String]) -> Result<Vec<PetitionId>, ServiceError> {
    let mut found = Vec::new();
    for id in petitioners::with_hashes(connection, hashes)? {
        let is_of_guest = state::find(connection, id)?.is_some_and(|row| row.account_id.is_none());
        found.extend(Some(id).filter(|_| is_of_guest));
    }
    Ok(found)
}

/// Returns the accounts that claim the contact without having verified it, with their registration dates.
pub async fn claiming_accounts(app: &App, subject: &DataSubject) -> Result<Vec<(AccountId, NaiveDate)>, ServiceError> {
    let subject = subject.clone();
    app.db
        .read(move |connection| {
            let claiming = unverified_contacts::accounts_claiming(connection, subject.kind(), &subject.value)?;
            Ok(claiming.into_iter().map(|(id, created_at)| (id, created_at.local_date())).collect())
        })
        .await
}

/// Work that remains after the database transaction of an erasure.
#[derive(Debug, Clone, Default)]
pub(super) struct ErasureRest {
    pub(super) codes: Vec<String>,
    /// Phones and e-mails of the person, which identify nobody else.
    pub(super) contacts: KnownTraces,
    /// Names and addresses of the person.
    pub(super) known: KnownTraces,
    pub(super) files: Vec<String>,
    pub(super) uploads: Vec<String>,
}

impl ErasureRest {
    /// Deletes files, open uploads and messages of the document exchange.
    pub(super) async fn remove_files(&self, app: &App) -> Result<(), ServiceError> {
        files::remove_files(app, &self.files).await?;
        files::remove_uploads(app, &self.uploads).await?;
        files::remove_messages(app, self.codes.clone(), self.contacts.clone()).await.map(drop)
    }

    /// Redacts phone and e-mail in the texts of others, and purges deleted data from disk. Searches all data.
    pub(super) async fn remove_traces(&self, app: &App) -> Result<(), ServiceError> {
        mentions::redact_everywhere(app, &self.contacts, &self.known).await?;
        let url = app.db.url().clone();
        let scrubbed = tokio::task::spawn_blocking(move || dialect::scrub::scrub_texts(&url)).await;
        Ok(scrubbed.map_err(|_| StorageError::Panicked)??)
    }
}

/// Erases a person: anonymises their account and petitions, ends their sessions, deletes their files, drops
/// unverified claims of their contact, redacts their phone and e-mail in the texts of others, and purges the
/// deleted data from disk.
///
/// # Errors
/// As for the export; those of the file store, after which the erasure can be repeated.
pub async fn erase(app: &App, subject: &DataSubject) -> Result<ErasureOutcome, ServiceError> {
    let (erased, rest) = forget(app, subject).await?;
    if matches!(erased, ErasureOutcome::Refused(_)) {
        return Ok(erased);
    }
    rest.remove_files(app).await?;
    rest.remove_traces(app).await?;
    Ok(erased)
}

/// Erases a person in the database.
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
        // Other accounts that claim the contact stay, without it.
        let claims = unverified_contacts::drop_of_value(connection, subject.kind(), &subject.value)?;
        let (accounts, people) = (usize::from(held.account.is_some()), held.zalo.len());
        let event = AuditEvent::new("erase_subject", "personal_data", name)
            .with_json("accounts", &accounts)
            .with_json("petitions", &petitions)
            .with_json("zalo", &people)
            .with_json("claims_of_others", &claims);
        Ok(((ErasureOutcome::Done(accounts, petitions, people), rest), event))
    })
    .await
}

pub(super) fn add_contacts(known: &mut KnownTraces, phone: Option<&str>, email: Option<&str>) {
    phone.into_iter().for_each(|phone| known.number(phone));
    email.into_iter().for_each(|email| known.email(email));
}

/// Adds what a petition tells about the person.
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
