//! The Mini App: signing in, the phone, the place, and one person with two numbers.

use super::{STORY, ZaloTown};
use chrono::Duration;
use serde_json::json;

const PROOF: &str = "7196be12396e82d498574863aab45f32c0f0c84c6d6d4038d19a0d78120bdf44";

#[tokio::test]
async fn a_person_signs_in_and_is_the_same_the_next_time() {
    let zalo = ZaloTown::start().await;
    zalo.zalo.knows("access-token-for-tests", json!({"id": "app-7", "name": "Nguyễn Thị Ánh", "error": 0}));
    let sign_in = || zalo.town.app.post("/auth/zalo", &json!({"access_token": "access-token-for-tests"})).send();
    let first = sign_in().await.expect(200);
    assert_eq!((&first["account"]["full_name"], &first["account"]["roles"]), (&json!("Nguyễn Thị Ánh"), &json!(["citizen"])));
    assert_eq!(first.header("cache-control"), "no-store");
    let asked = &zalo.zalo.received("GET /v2.0/me?")[0];
    assert_eq!((asked.header("appsecret_proof"), asked.header("access_token")), (PROOF, "access-token-for-tests"));
    let (one, two) = tokio::join!(sign_in(), sign_in());
    assert_eq!(one.expect(200)["account"]["id"], first["account"]["id"]);
    assert_eq!(two.expect(200)["account"]["id"], first["account"]["id"]);
    let token = first.text_of("/access_token");
    let me = zalo.town.app.get("/me").token(&token).send().await.expect(200);
    assert_eq!(me["phone"], json!(null));
    let named = zalo.town.app.patch("/me", &json!({"full_name": "Nguyễn Thị Ánh Tuyết"})).token(&token).send().await;
    assert_eq!(named.expect(200)["full_name"], "Nguyễn Thị Ánh Tuyết", "a person whom Zalo reaches needs no phone");
    zalo.town.app.post("/auth/refresh", &json!({"refresh_token": first.text_of("/refresh_token")})).send().await.expect(200);
    // No password opens it, and who has just signed in may set one.
    zalo.town.later(Duration::minutes(11));
    let change = json!({"current_password": "!", "new_password": "gạch đỏ bên cầu"});
    zalo.town.app.post("/me/password", &change).token(&token).send().await.expect_problem(403, "fresh_sign_in_needed");
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_account() {
    let zalo = ZaloTown::start().await;
    // Without consent only the number comes.
    zalo.zalo.knows("token-8", json!({"id": "app-8", "name": ""}));
    let sign_in = || zalo.town.app.post("/auth/zalo", &json!({"access_token": "token-8"})).send();
    let (one, two, three) = tokio::join!(sign_in(), sign_in(), sign_in());
    let ids: Vec<_> = [one, two, three].into_iter().map(|answer| answer.expect(200)["account"]["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let zalo = ZaloTown::start().await;
    let sign_in = |body| zalo.town.app.post("/auth/zalo", &body).send();
    sign_in(json!({"access_token": "made-up"})).await.expect_problem(422, "zalo_token_refused");
    assert_eq!(sign_in(json!({"access_token": ""})).await.wrong_fields(), ["access_token=required"]);
    assert_eq!(sign_in(json!({"access_token": "a\nb"})).await.wrong_fields(), ["access_token=control_character"]);
    assert_eq!(sign_in(json!({"access_token": "ă".repeat(10)})).await.wrong_fields(), ["access_token=control_character"]);
    assert_eq!(sign_in(json!({"access_token": "x".repeat(5000)})).await.wrong_fields(), ["access_token=too_long"]);
    assert_eq!(sign_in(json!({})).await.wrong_fields(), ["access_token=required"]);
    for person in [json!({"error": {"code": 5}}), json!({"id": ""}), json!({"id": "x".repeat(65)}), json!({"error": 452})] {
        zalo.zalo.knows("odd", person);
        sign_in(json!({"access_token": "odd"})).await.expect_problem(422, "zalo_token_refused");
    }
    let away = ZaloTown::start_with(|config| config.zalo_graph_url = "http://127.0.0.1:1".to_owned()).await;
    let answer = away.town.app.post("/auth/zalo", &json!({"access_token": "x"})).send().await;
    assert_eq!(answer.expect_problem(503, "zalo_away").header("retry-after"), "5");
}

#[tokio::test]
async fn one_time_tokens_give_phone_and_place_once_and_to_their_owner() {
    let zalo = ZaloTown::start().await;
    zalo.zalo.knows("token-7", json!({"id": "app-7", "name": "Nguyễn Thị Ánh"}));
    zalo.zalo.knows("token-9", json!({"id": "app-9"}));
    let token_of = async |access: &str| {
        let answer = zalo.town.app.post("/auth/zalo", &json!({"access_token": access})).send().await;
        answer.expect(200).text_of("/access_token")
    };
    let (mine, others) = (token_of("token-7").await, token_of("token-9").await);
    let call = |path: &str, bearer: &str, access: &str, code: &str| {
        zalo.town.app.post(path, &json!({"access_token": access, "code": code})).token(bearer).send()
    };
    zalo.zalo.gives_once("phone-code", json!({"number": "84912345678"}));
    call("/me/zalo/phone", &others, "token-7", "phone-code").await.expect_problem(409, "zalo_not_linked");
    let taken = call("/me/zalo/phone", &mine, "token-7", "phone-code").await.expect(200);
    assert_eq!(taken["phone"], "+84912345678");
    call("/me/zalo/phone", &mine, "token-7", "phone-code").await.expect_problem(422, "zalo_token_refused");
    zalo.zalo.gives_once("same-phone", json!({"number": "84912345678"}));
    assert_eq!(call("/me/zalo/phone", &others, "token-9", "same-phone").await.wrong_fields(), ["phone=taken"]);
    zalo.zalo.gives_once("odd-phone", json!({"number": "19001234"}));
    assert_eq!(call("/me/zalo/phone", &mine, "token-7", "odd-phone").await.wrong_fields(), ["phone=invalid_phone"]);

    zalo.zalo.gives_once("place", json!({"provider": "gps", "latitude": "21.18", "longitude": "106.07", "timestamp": "1"}));
    let place = call("/me/zalo/location", &mine, "token-7", "place").await.expect(200);
    assert_eq!((&place["latitude"], &place["longitude"]), (&json!(21.18), &json!(106.07)));
    zalo.zalo.gives_once("paris", json!({"latitude": "48.85", "longitude": "2.35"}));
    assert_eq!(call("/me/zalo/location", &mine, "token-7", "paris").await.wrong_fields(), ["location=outside_vietnam"]);
    zalo.town
        .post("owner@example.vn", "/me/zalo/phone", &json!({"access_token": "token-7", "code": "x"}))
        .await
        .expect_problem(409, "zalo_not_linked");
}

#[tokio::test]
async fn one_person_with_two_numbers_files_and_reads_in_both() {
    let zalo = ZaloTown::start().await;
    zalo.zalo.knows("token-7", json!({"id": "app-7", "name": "Nguyễn Thị Ánh"}));
    let signed = zalo.town.app.post("/auth/zalo", &json!({"access_token": "token-7"})).send().await.expect(200);
    let bearer = signed.text_of("/access_token");
    // The first event that names both numbers links them.
    let mut event = zalo.message("oa-7", "user_send_text", json!({"text": "phản ánh"}));
    event["user_id_by_app"] = json!("app-7");
    zalo.event(&event).await.expect(200);
    zalo.work().await;
    for text in [STORY, "phường Võ Cường", "1"] {
        zalo.says("oa-7", text).await;
    }
    let told = zalo.says("oa-7", "bỏ qua").await;
    assert!(told[0].contains("Nguyễn Thị Ánh"), "an account's own name is used: {told:?}");
    zalo.told("oa-7");
    let receipt = zalo.says("oa-7", "gửi").await;
    let code = super::code_in(&receipt[0]);
    let own = zalo.town.app.get("/petitions").token(&bearer).send().await.expect(200);
    assert_eq!(own["items"][0]["code"], json!(code));
    // What the Mini App files is seen in the conversation, and told there.
    let form = crate::town::form_with(json!({"channel": "zalo", "petitioner": null}));
    let filed = zalo.town.app.post("/petitions", &form).token(&bearer).send().await.expect(201);
    zalo.work().await;
    assert!(zalo.told("oa-7")[0].contains(filed["code"].as_str().unwrap()));
    let told = zalo.says("oa-7", "hồ sơ của tôi").await;
    assert!(told[0].contains(&code) && told[0].contains(filed["code"].as_str().unwrap()), "{told:?}");
}
