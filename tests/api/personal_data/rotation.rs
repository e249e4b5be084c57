//! A new key while the server runs: it seals under the new one, opens what is left under the earlier one, and finds everybody.

use super::{Somebody, assert_holds_none_of, assert_reads, dump, everybody, fill};
use crate::app::TestApp;
use crate::process::Installation;
use pakn::db::vault::SEALED_COLUMNS;
use pakn::personal::store::reseal::reseal;
use serde_json::Value;

async fn start() -> (TestApp, Installation) {
    let app = TestApp::start_with(|config| config.personal_keys = Vec::new()).await;
    // As the start of the program does.
    pakn::personal::ensure_sealed(&app.app).await.unwrap();
    let config = &app.app.config;
    let installation = Installation::new(&config.data_dir, config.database_url.as_ref().unwrap().reveal());
    (app, installation)
}

fn keys(app: &TestApp) -> Vec<String> {
    let text = std::fs::read_to_string(app.app.config.personal_keys_file()).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The keys under which anything is sealed.
async fn used(app: &TestApp) -> Vec<String> {
    pakn::personal::key_use(&app.app).await.unwrap().into_keys().collect()
}

fn rotate(installation: &Installation, flags: &[&str]) -> Result<String, String> {
    let installation = installation.clone();
    installation.run(&[&["rotate-keys"], flags].concat())
}

#[actix_web::test]
async fn everything_reads_after_a_new_key_and_nothing_needs_the_earlier_one() {
    let (app, installation) = start().await;
    let (filed, _) = fill(&app, 20).await;
    let before = app.app.db.vault().key_names().unwrap();
    let said = rotate(&installation, &[]).unwrap();
    assert_eq!(said, format!("{} can be removed: nothing is sealed under it\n", before[0]));
    assert_eq!(keys(&app).len(), 2);
    assert_eq!(used(&app).await.len(), 1, "nothing is sealed under the earlier key");
    assert_reads(&app, &filed).await;
    // The running server seals under the new one.
    Somebody(50).files(&app).await;
    let now = app.app.db.vault().key_names().unwrap();
    assert!(now.len() == 2 && now[1] == before[0] && now[0] != before[0]);
    assert_eq!(used(&app).await, [now[0].clone()]);

    let said = rotate(&installation, &["--resume", "--forget"]).unwrap();
    assert_eq!(said, format!("{} is forgotten\n", before[0]));
    assert_eq!(keys(&app).len(), 1);
    assert_reads(&app, &filed).await;
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());
    assert_holds_none_of(&dump(&app.app), &everybody(51));
    let audit = dump(&app.app);
    assert!(audit.contains("rotate_keys"), "the operator's record names it");
    app.stop().await;
}

#[actix_web::test]
async fn between_two_keys_everybody_is_found_and_no_phone_is_taken_twice() {
    let (app, installation) = start().await;
    let (filed, _) = fill(&app, 8).await;
    // As when the command was killed right after it had drawn the key.
    pakn::config::secrets::renew(&app.app.config.personal_keys_file(), usize::MAX).unwrap();
    app.app.db.vault().key_names().unwrap();
    assert_reads(&app, &filed).await;
    Somebody(11).registers(&app).await;
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());
    // Run again it goes on, and draws no third one.
    rotate(&installation, &[]).unwrap();
    assert_eq!(keys(&app).len(), 2);
    assert_reads(&app, &filed).await;
    app.stop().await;
}

/// Each batch is one transaction: wherever the command is killed, it stood between two of them.
#[actix_web::test]
async fn a_rotation_that_was_killed_half_way_harms_nobody_and_is_gone_on_with() {
    let (app, installation) = start().await;
    let (filed, _) = fill(&app, 8).await;
    pakn::config::secrets::renew(&app.app.config.personal_keys_file(), usize::MAX).unwrap();
    let names = app.app.db.vault().key_names().unwrap();
    for place in SEALED_COLUMNS {
        app.app.db.write(move |connection| reseal(connection, *place, None, 2)).await.unwrap();
    }
    let mut both = names.clone();
    both.sort();
    assert_eq!(used(&app).await, both, "some are sealed anew, the rest is not");
    assert_reads(&app, &filed).await;
    Somebody(11).registers(&app).await;
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());

    let said = rotate(&installation, &["--forget"]).unwrap();
    assert_eq!(said, format!("{} is forgotten\n", names[1]));
    assert_eq!(used(&app).await, [names[0].clone()]);
    assert_reads(&app, &filed).await;
    assert_eq!(crate::verify::report(&app).await.0, Vec::<String>::new());
    app.stop().await;
}

#[actix_web::test]
async fn without_its_key_a_database_is_not_served() {
    let (app, installation) = start().await;
    fill(&app, 4).await;
    std::fs::write(app.app.config.personal_keys_file(), format!("{}\n", "0".repeat(64))).unwrap();
    app.app.db.vault().key_names().unwrap();
    let answer = app.login(&Somebody(3).phone(), crate::app::PASSWORD).await;
    assert_eq!((answer.status, &answer.body["access_token"]), (401, &Value::Null), "nobody is found by a foreign key");
    let said = installation.run(&["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]).unwrap_err();
    assert!(said.contains("personal.keys is not the key that the database"), "{said}");
    let said = installation.run(&["verify"]).unwrap_err();
    assert!(said.contains("personal data: petitioners.person of row 1 does not open"), "{said}");
    assert!(rotate(&installation, &[]).is_err());
    app.stop().await;
}
