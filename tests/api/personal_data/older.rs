//! A database from before: its clear values are put back by hand, then it is opened as by the next start.

use super::dump::execute;
use super::{assert_holds_none_of, assert_reads, dump, everybody, fill};
use crate::app::TestApp;
use diesel::prelude::*;
use pakn::accounts::store::profiles;
use pakn::db::StorageError;
use pakn::db::schema::accounts;
use pakn::kernel::ids::{AccountId, PetitionId};
use pakn::personal::ensure_sealed;
use pakn::petitions::store::petitioners;

const COUNT: i64 = 12;

fn quoted(text: Option<&String>) -> String {
    text.map_or_else(|| "NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

/// Puts everything back in clear, as the migration leaves it.
async fn put_back(app: &TestApp) {
    let read = app.app.db.read(|connection| {
        let persons = (1..=COUNT).map(|id| petitioners::find(connection, PetitionId(id))).collect::<Result<Vec<_>, _>>()?;
        let mut all = Vec::new();
        for id in accounts::table.select(accounts::id).load::<AccountId>(connection)? {
            all.push(profiles::find(connection, id)?);
        }
        Ok::<_, StorageError>((persons, all))
    });
    let (persons, accounts) = read.await.unwrap();
    let is_sqlite = matches!(app.app.db.url(), pakn::db::DatabaseUrl::Sqlite(_));
    let mut statements = String::from("DELETE FROM petitioners; UPDATE personal_state SET sealed_at = NULL;");
    for row in persons {
        let hide = if is_sqlite { i32::from(row.hide_identity).to_string() } else { row.hide_identity.to_string() };
        statements += &format!(
            "INSERT INTO petitioners_in_clear VALUES ({}, {}, {}, {}, NULL, NULL, {}, {}, {}, {hide}, {});",
            row.petition_id,
            quoted(row.full_name.as_ref()),
            quoted(row.phone.as_ref()),
            quoted(row.email.as_ref()),
            row.latitude.unwrap(),
            row.longitude.unwrap(),
            quoted(row.address.as_ref()),
            quoted(row.tracking_hash.as_ref()),
        );
    }
    for account in accounts {
        let (phone, email) = (quoted(account.phone.as_ref()), quoted(account.email.as_ref()));
        statements += &format!(
            "UPDATE accounts SET phone = {phone}, phone_hash = {phone}, email = {email}, email_hash = {email}, full_name = {} \
             WHERE id = {};",
            quoted(Some(&account.full_name)),
            account.id,
        );
    }
    execute(&app.app, &statements);
}

#[actix_web::test]
async fn an_older_database_is_sealed_at_the_next_start() {
    let app = TestApp::start().await;
    let (filed, _) = fill(&app, u32::try_from(COUNT).unwrap()).await;
    put_back(&app).await;
    let secrets = everybody(u32::try_from(COUNT).unwrap());
    let before = dump(&app.app);
    assert!(secrets.iter().filter(|secret| before.contains(*secret)).count() > secrets.len() / 2, "it lay in clear");

    // Two instances start at once.
    let (one, other) = tokio::join!(ensure_sealed(&app.app), ensure_sealed(&app.app));
    assert!(one.is_ok() || other.is_ok());
    ensure_sealed(&app.app).await.unwrap();
    assert_reads(&app, &filed).await;
    assert_holds_none_of(&dump(&app.app), &secrets);
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());
    app.stop().await;
}
