//! Accounts and sessions: what is unique, what is used once, what lists leave out.

use crate::database::TestDatabase;
use chrono::{Duration, NaiveDate};
use pakn::accounts::store::officers::{self, OfficerFilter};
use pakn::accounts::store::profiles::{self, AccountChanges, LoginName};
use pakn::accounts::store::sessions::{self, NewSessionRow};
use pakn::db::{Constraint, Db, StorageError};
use pakn::kernel::Instant;
use pakn::kernel::account::{AccountKind, AccountState, NewAccount, PasswordHash, Role};
use pakn::kernel::ids::{AccountId, SessionId};

fn moment() -> Instant {
    Instant::start_of(NaiveDate::from_ymd_opt(2026, 3, 2).unwrap())
}

fn citizen(phone: &str) -> NewAccount {
    NewAccount {
        kind: AccountKind::Citizen,
        username: None,
        phone: Some(phone.to_owned()),
        email: None,
        full_name: "Nguyễn Văn An".to_owned(),
        password: PasswordHash("$argon2id$".to_owned()),
        must_change_password: false,
        agency_id: None,
        personal_id: None,
        company_name: None,
        tax_code: None,
        created_at: moment(),
        roles: vec![Role::Citizen],
    }
}

fn officer(username: &str, roles: &[Role]) -> NewAccount {
    NewAccount {
        kind: AccountKind::Officer,
        username: Some(username.to_owned()),
        phone: None,
        roles: roles.to_vec(),
        ..citizen("")
    }
}

async fn insert(db: &Db, account: NewAccount) -> Result<AccountId, StorageError> {
    db.write(move |connection| profiles::insert(connection, &account)).await
}

async fn session_of(db: &Db, account_id: AccountId, family: &str, token_hash: &str) -> SessionId {
    let session = NewSessionRow {
        account_id,
        family: family.to_owned(),
        token_hash: token_hash.to_owned(),
        created_at: moment(),
        expires_at: moment().plus(Duration::days(7)),
        device: None,
        begun_at: None,
        device_mark: None,
    };
    db.write(move |connection| sessions::insert(connection, &session)).await.unwrap()
}

#[actix_web::test]
async fn an_account_is_found_by_each_of_its_names_only() {
    let database = TestDatabase::new();
    let db = database.open();
    let id = insert(&db, citizen("+84912345678")).await.unwrap();
    let boss = insert(&db, officer("an.nguyen", &[Role::Leader, Role::Clerk])).await.unwrap();
    let found = |login: LoginName| {
        let db = db.clone();
        async move { db.read(move |c| profiles::find_by_login(c, &login)).await.unwrap().map(|(account, _)| account) }
    };
    let by_phone = found(LoginName { phone: Some("+84912345678".to_owned()), ..LoginName::default() }).await.unwrap();
    assert_eq!((by_phone.id, by_phone.roles.as_slice()), (id, [Role::Citizen].as_slice()));
    let by_name = found(LoginName { username: Some("an.nguyen".to_owned()), ..LoginName::default() }).await.unwrap();
    assert_eq!((by_name.id, by_name.roles.as_slice()), (boss, [Role::Clerk, Role::Leader].as_slice()));
    assert_eq!(by_name.created_at, moment());
    assert!(found(LoginName { email: Some("a@b.vn".to_owned()), ..LoginName::default() }).await.is_none());
    assert!(found(LoginName::default()).await.is_none());
}

#[actix_web::test]
async fn names_of_accounts_are_unique_and_missing_ones_are_not() {
    let database = TestDatabase::new();
    let db = database.open();
    insert(&db, citizen("+84912345678")).await.unwrap();
    insert(&db, officer("an.nguyen", &[Role::Clerk])).await.unwrap();
    insert(&db, officer("binh.tran", &[Role::Clerk])).await.unwrap();
    assert_eq!(insert(&db, citizen("+84912345678")).await.unwrap_err(), StorageError::Conflict(Constraint::AccountPhone));
    assert_eq!(insert(&db, officer("an.nguyen", &[])).await.unwrap_err(), StorageError::Conflict(Constraint::AccountUsername));
}

#[actix_web::test]
async fn a_change_needs_the_version_that_was_read() {
    let database = TestDatabase::new();
    let db = database.open();
    let id = insert(&db, officer("an.nguyen", &[Role::Clerk])).await.unwrap();
    let change = |version: i32| {
        let db = db.clone();
        async move {
            let changes = AccountChanges { email: Some(Some("a@b.vn".to_owned())), ..AccountChanges::default() };
            db.write(move |c| profiles::change(c, id, version, &changes, Some(&[Role::Leader]))).await.unwrap()
        }
    };
    assert!(!change(2).await);
    assert!(change(1).await);
    assert!(!change(1).await);
    let account = db.read(move |c| profiles::find(c, id)).await.unwrap();
    assert_eq!(
        (account.version, account.email.as_deref(), account.roles.as_slice()),
        (2, Some("a@b.vn"), [Role::Leader].as_slice())
    );
    let emptied = AccountChanges { email: Some(None), state: Some(AccountState::Disabled), ..AccountChanges::default() };
    assert!(db.write(move |c| profiles::change(c, id, 2, &emptied, None)).await.unwrap());
    let account = db.read(move |c| profiles::find(c, id)).await.unwrap();
    assert_eq!((account.email, account.state, account.roles), (None, AccountState::Disabled, vec![Role::Leader]));
}

#[actix_web::test]
async fn of_many_who_use_a_session_at_once_one_wins() {
    let database = TestDatabase::new();
    let db = database.open();
    let id = insert(&db, citizen("+84912345678")).await.unwrap();
    let session = session_of(&db, id, "f", "h").await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let db = db.clone();
            actix_web::rt::spawn(async move { db.write(move |c| sessions::use_up(c, session, moment())).await.unwrap() })
        })
        .collect();
    let mut wins = 0;
    for task in tasks {
        wins += u32::from(task.await.unwrap());
    }
    assert_eq!(wins, 1);
}

#[actix_web::test]
async fn an_ended_session_leads_to_nobody() {
    let database = TestDatabase::new();
    let db = database.open();
    let id = insert(&db, officer("an.nguyen", &[Role::Leader, Role::Clerk])).await.unwrap();
    let (one, next) = (session_of(&db, id, "f", "1").await, session_of(&db, id, "f", "2").await);
    let other = session_of(&db, id, "g", "3").await;
    let actor = |session: SessionId, account: AccountId| {
        let db = db.clone();
        async move { db.read(move |c| sessions::actor_of(c, session, account)).await.unwrap() }
    };
    let found = actor(one, id).await.unwrap();
    assert_eq!((found.actor.roles, found.state), (vec![Role::Clerk, Role::Leader], AccountState::Active));
    assert!(actor(one, AccountId(id.0 + 1)).await.is_none());
    db.write(move |c| sessions::end_all(c, id, Some(next), moment())).await.unwrap();
    assert!(actor(other, id).await.is_none());
    assert!(actor(one, id).await.is_some(), "the family of the session that is kept");
    db.write(move |c| sessions::end_family(c, "f", moment())).await.unwrap();
    assert!(actor(one, id).await.is_none() && actor(next, id).await.is_none());
    let purge = |day: i64| db.write(move |c| sessions::purge(c, moment().plus(Duration::days(day))));
    assert_eq!(purge(7).await.unwrap(), 0);
    assert_eq!(purge(8).await.unwrap(), 3);
}

#[actix_web::test]
async fn lists_hold_officers_only() {
    let database = TestDatabase::new();
    let db = database.open();
    insert(&db, citizen("+84912345678")).await.unwrap();
    let first = insert(&db, officer("an.nguyen", &[Role::Clerk, Role::Leader])).await.unwrap();
    let second = insert(&db, officer("binh.tran", &[Role::Leader])).await.unwrap();
    let list = |filter: OfficerFilter, after: AccountId, limit: i64| {
        let db = db.clone();
        async move {
            let found = db.read(move |c| officers::list(c, &filter, after, limit)).await.unwrap();
            found.into_iter().map(|account| account.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(OfficerFilter::default(), AccountId(0), 10).await, [first, second]);
    assert_eq!(list(OfficerFilter::default(), first, 10).await, [second]);
    assert_eq!(list(OfficerFilter::default(), AccountId(0), 1).await, [first]);
    let clerks = OfficerFilter { role: Some(Role::Clerk), state: Some(AccountState::Active), agencies: None };
    assert_eq!(list(clerks.clone(), AccountId(0), 10).await, [first]);
    assert!(list(OfficerFilter { agencies: Some(Vec::new()), ..clerks }, AccountId(0), 10).await.is_empty());
    let names = vec!["binh.tran".to_owned(), "chi.le".to_owned()];
    let named = db.read(move |c| officers::with_usernames(c, &names)).await.unwrap();
    assert_eq!(named.iter().map(|account| account.id).collect::<Vec<_>>(), [second]);
}
