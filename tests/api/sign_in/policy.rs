//! What a password has to be.

use crate::app::{PASSWORD, TestApp};
use pakn::kernel::account::Role;
use serde_json::json;

#[actix_web::test]
async fn officers_without_a_second_factor_need_a_longer_password() {
    let app = TestApp::start_with(|config| config.second_factor_roles = vec![Role::Reviewer]).await;
    let clerk = app.officer("van.thu", Some("27-256-QLDT"), &[Role::Clerk]).await;
    let change = async |token: &str, from: &str, to: &str| {
        app.post("/me/password", &json!({"current_password": from, "new_password": to})).token(token).send().await
    };
    let short = change(&clerk, PASSWORD, "gạch đỏ cầu").await.expect(422);
    assert_eq!(short.errors(), ["new_password=too_short"]);
    assert!(short.text.contains("12"), "{}", short.text);
    change(&clerk, PASSWORD, "gạch đỏ cầu gỗ").await.expect(204);
    let reviewer = app.officer("giam.sat", None, &[Role::Reviewer]).await;
    change(&reviewer, PASSWORD, "gạch đỏ cầu").await.expect(204);
    app.stop().await;
}

#[actix_web::test]
async fn what_everybody_tries_first_is_refused() {
    let app = TestApp::start().await;
    for (at, weak) in
        ["iloveyou123", "qwertyuiop", "Passw0rd!", "matkhau@123", "19851985", "trustno1", "abcdefgh"].iter().enumerate()
    {
        let phone = format!("091234567{at}");
        let body = json!({"account_kind": "citizen", "full_name": "Nguyễn Văn An", "phone": phone, "password": weak});
        let answer = app.post("/auth/register", &body).send().await.expect(422);
        assert_eq!(answer.errors(), ["password=weak_password"], "{weak}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn the_own_names_repeated_turned_around_and_with_years_are_refused() {
    let app = TestApp::start().await;
    let clerk = app.officer("hoa.le", Some("27-256-QLDT"), &[Role::Clerk]).await;
    for weak in [
        "hoa.lehoa.lehoa.le",
        "HoaLe.HoaLe.2026",
        "eLaoH-eLaoH-eLaoH",
        "hoa.le.1990.2026",
        "Tran Thi Binh 1985",
        "HNIB IHT NART 1985",
    ] {
        let body = json!({"current_password": PASSWORD, "new_password": weak});
        let answer = app.post("/me/password", &body).token(&clerk).send().await.expect(422);
        assert_eq!(answer.errors(), ["new_password=weak_password"], "{weak}");
    }
    for weak in ["thu.hoa2026", "aoh.uht.1990", "8765432190", "0912345678-0912345678", "gomphulang2026"] {
        let body = json!({"account_kind": "business", "full_name": "Lê Thu Hoa", "phone": "0912345678", "email": "thu.hoa@example.vn",
                          "company_name": "Gốm Phù Lãng", "tax_code": "0100233488", "password": weak});
        assert_eq!(app.post("/auth/register", &body).send().await.expect(422).errors(), ["password=weak_password"], "{weak}");
    }
    app.stop().await;
}

#[actix_web::test]
async fn an_administrator_does_not_go_back_to_one_of_the_last_ten() {
    let app = TestApp::start().await;
    let admin = app.officer("quan.tri", None, &[Role::Admin]).await;
    let clerk = app.officer("van.thu", Some("27-256-QLDT"), &[Role::Clerk]).await;
    let change = async |token: &str, from: &str, to: &str| {
        app.post("/me/password", &json!({"current_password": from, "new_password": to})).token(token).send().await
    };
    let nth = |at: usize| if at == 0 { PASSWORD.to_owned() } else { format!("câu dài để nhớ số {at}") };
    for at in 1..10 {
        change(&admin, &nth(at - 1), &nth(at)).await.expect(204);
    }
    let again = change(&admin, &nth(9), PASSWORD).await.expect(422);
    assert_eq!(again.errors(), ["new_password=earlier_password"]);
    change(&admin, &nth(9), &nth(10)).await.expect(204);
    change(&admin, &nth(10), PASSWORD).await.expect(204);
    change(&clerk, PASSWORD, &nth(1)).await.expect(204);
    change(&clerk, &nth(1), PASSWORD).await.expect(204);
    app.stop().await;
}
