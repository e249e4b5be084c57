//! Accounts that nobody uses.

use crate::app::{PASSWORD, TestApp};
use chrono::Duration;
use pakn::kernel::account::Role;
use pakn::ops::jobs::run_maintenance;
use serde_json::json;

#[actix_web::test]
async fn an_officer_who_stays_away_is_let_in_again_by_an_administrator() {
    let app = TestApp::start_with(|config| config.idle_days = 45).await;
    app.officer("quan.tri", None, &[Role::Admin]).await;
    for name in ["o.day", "di.vang"] {
        app.officer(name, Some("27-256-QLDT"), &[Role::Clerk]).await;
    }
    let citizen = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": "0912345678", "password": PASSWORD});
    app.post("/auth/register", &citizen).send().await.expect(201);
    app.clock.advance(Duration::days(30));
    let sign_in = async |login: &str| app.post("/auth/login", &json!({"login": login, "password": PASSWORD})).send().await;
    sign_in("o.day").await.expect(200);
    app.clock.advance(Duration::days(15));
    assert_eq!(run_maintenance(&app.app).await.unwrap().idle_accounts, 0, "45 days are not too many");
    app.clock.advance(Duration::days(1));
    assert_eq!(run_maintenance(&app.app).await.unwrap().idle_accounts, 1, "the last administrator stays");
    sign_in("di.vang").await.expect_problem(401, "login_failed");
    sign_in("o.day").await.expect(200);
    sign_in("0912345678").await.expect(200);
    let admin = sign_in("quan.tri").await.expect(200).text_of("/access_token");
    let listed = app.get("/admin/accounts?q=di.vang").token(&admin).send().await.expect(200);
    assert_eq!(listed.body["items"][0]["state"], "disabled");
    let id = listed.body["items"][0]["id"].as_i64().unwrap();
    app.post(&format!("/admin/accounts/{id}/enable"), &json!({})).token(&admin).send().await.expect(200);
    assert_eq!(run_maintenance(&app.app).await.unwrap().idle_accounts, 0, "the days begin anew");
    sign_in("di.vang").await.expect(200);
    app.stop().await;
}
