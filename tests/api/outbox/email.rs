//! Letters, through a real mail server that refuses, delays and breaks off.

use super::{courier, lines, words};
use crate::mail_server::MailServer;
use crate::town::{OWNER, Petition, Town, form, form_of_account, form_with};
use chrono::Duration;
use pakn::config::Secret;
use pakn::delivery::outbox::{BounceOutcome, bounce};
use pakn::delivery::rules::{OutboxChannel, OutboxState};
use serde_json::{Value, json};
use std::process::Command;

pub(super) async fn town(server: &MailServer) -> Town {
    let url = format!("smtp://127.0.0.1:{}", server.port);
    Town::start_with(|config| {
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("PAKN Bắc Ninh <pakn@bacninh.gov.vn>".to_owned());
        config.mail_bounce_to = Some("tra-lai@bacninh.gov.vn".to_owned());
        config.public_url = Some("https://pakn.bacninh.gov.vn".to_owned());
    })
    .await
}

/// A guest with this address files.
pub(super) async fn file_for(town: &Town, email: &str) -> Petition {
    let form = form_with(json!({"petitioner": {"kind": "citizen", "full_name": "Nguyễn Thị Ánh", "email": email}}));
    town.file(&form).await
}

/// The header of a letter, with encoded words decoded by Python's own library, which is not ours.
pub(super) fn parsed(letter: &Value) -> Value {
    let script = "import sys,json,email,email.policy\n\
        m=email.message_from_string(sys.stdin.read(),policy=email.policy.default)\n\
        print(json.dumps({'subject':m['subject'],'from':str(m['from']),'to':str(m['to']),'id':m['message-id'],\
        'unsubscribe':m['list-unsubscribe'],'click':m['list-unsubscribe-post'],'auto':m['auto-submitted'],'type':m.get_content_type(),\
        'text':m.get_body(('plain',)).get_content(),'html':m.get_body(('html',)).get_content()}))";
    let python = std::env::var("PAKN_TEST_PYTHON").unwrap();
    let mut command = Command::new(python);
    command.args(["-c", script]).env("PYTHONIOENCODING", "utf-8");
    let mut child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), letter["letter"].as_str().unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

/// Nothing of `evil.example` is in a letter. The seals in our links and headers are random letters and may spell the short word.
pub(super) fn assert_without_bait(letter: &Value, read: &Value) {
    let all = format!("{read}{letter}").to_lowercase();
    assert!(!all.contains("evil.example") && !all.contains("evilreg"), "{all}");
    for part in ["subject", "from", "to", "text", "html"] {
        let words = read[part].as_str().unwrap().to_lowercase();
        let bait = words.split_whitespace().find(|word| word.contains("evil") && !word.contains("pakn.bacninh.gov.vn"));
        assert_eq!(bait, None, "{part}: {read}");
    }
}

#[tokio::test]
async fn a_letter_says_it_in_vietnamese_in_two_forms_with_a_way_out() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = file_for(&town, "anh@example.vn").await;
    assert_eq!(courier(&town).await, 1);
    let letter = server.letter();
    assert_eq!(letter["recipients"], json!(["anh@example.vn"]));
    let sender = letter["sender"].as_str().unwrap();
    assert!(sender.starts_with(&format!("tra-lai+{}.1.", petition.code)) && sender.ends_with("@bacninh.gov.vn"), "{sender}");
    let read = parsed(&letter);
    assert_eq!(read["subject"], json!(format!("Thông báo về phản ánh, kiến nghị {}", petition.code)));
    assert_eq!((&read["from"], &read["to"]), (&json!("PAKN Bắc Ninh <pakn@bacninh.gov.vn>"), &json!("anh@example.vn")));
    assert_eq!((&read["type"], &read["auto"]), (&json!("multipart/alternative"), &json!("auto-generated")));
    assert_eq!(read["click"], "List-Unsubscribe=One-Click");
    let text = read["text"].as_str().unwrap();
    for words in [&petition.code, "Ủy ban nhân dân phường Võ Cường", "mã tra cứu"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(text.contains(&format!("https://pakn.bacninh.gov.vn/petitions/{}", petition.code)), "{text}");
    assert!(!text.contains(&petition.tracking), "the token is shown once, when it is filed");
    assert!(read["html"].as_str().unwrap().contains("Cơ quan xử lý"));
    let line = &lines(&town, "").await[0];
    assert_eq!(words(line), "email delivered 1");
    let detail = town.get("admin", &format!("/admin/outbox/{}", line["id"])).await.expect(200);
    let reference = detail["tried"][0]["reference"].as_str().unwrap().to_owned();
    assert_eq!(reference, format!("250 {}", read["id"].as_str().unwrap()), "the evidence names the letter");
    assert!(!detail.text.contains("anh@example.vn") && !detail.text.contains("Nguyễn"), "{}", detail.text);
}

#[tokio::test]
async fn every_step_that_concerns_the_petitioner_is_told_once() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = town.file_as(OWNER, &form_of_account()).await;
    town.bring_to(&petition, "answered").await;
    courier(&town).await;
    let mut subjects: Vec<String> =
        (0..3).map(|_| parsed(&server.letter())["subject"].as_str().unwrap().replace(&petition.code, "X")).collect();
    subjects.sort();
    assert_eq!(subjects, ["Phản ánh X đang được xử lý", "Đã có trả lời cho phản ánh X", "Đã tiếp nhận phản ánh X"]);
    assert_eq!((courier(&town).await, server.more().len()), (0, 0));
}

#[tokio::test]
async fn what_the_mail_server_says_decides_what_happens_next() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    for (name, first) in [
        ("refuse", "in_app dropped 1"),
        ("late", "in_app dropped 1"),
        ("full", "email due 1"),
        ("grey", "email due 1"),
        ("drop", "email dead 1"),
        ("unsure", "email dead 1"),
    ] {
        file_for(&town, &format!("{name}@example.vn")).await;
        courier(&town).await;
        assert_eq!(words(lines(&town, "").await.last().unwrap()), first, "{name}");
    }
    let unsure = server.letter();
    assert_eq!(unsure["recipients"], json!(["unsure@example.vn"]));
    town.later(Duration::minutes(5));
    courier(&town).await;
    assert_eq!(server.letter()["recipients"], json!(["grey@example.vn"]));
    assert_eq!(server.more().len(), 0, "what may have arrived is not sent again");
    let states: Vec<String> = lines(&town, "").await.iter().map(words).collect();
    assert_eq!(states[2..], ["email due 2", "email delivered 2", "email dead 1", "email dead 1"]);
    let dead = lines(&town, "state=dead").await;
    let again = format!("/admin/outbox/{}/resend", dead[1]["id"]);
    town.post("admin", &again, &json!({})).await.expect(200);
    courier(&town).await;
    assert_eq!(parsed(&server.letter())["id"], parsed(&unsure)["id"], "an administrator may decide that it did not arrive");
}

#[tokio::test]
async fn a_mail_server_that_is_down_for_an_hour_loses_nothing_and_nobody_is_told_twice() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let account = town.file_as(OWNER, &form_of_account()).await;
    let guest = file_for(&town, "anh@example.vn").await;
    let port = server.port;
    drop(server);
    // Nobody listens here, nor may a server of another test get this port.
    let down = tokio::net::TcpSocket::new_v4().unwrap();
    down.set_reuseaddr(true).unwrap();
    down.bind(std::net::SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
    for _ in 0..5 {
        courier(&town).await;
        town.later(Duration::minutes(12));
    }
    let waiting: Vec<String> = lines(&town, "").await.iter().map(words).collect();
    assert_eq!(waiting, ["email due 5", "email due 5"]);
    // The sixth attempt is the last of which a person hears nothing: the application tells who has an account, the guest is asked
    // to look up the code.
    courier(&town).await;
    town.later(Duration::hours(2));
    courier(&town).await;
    let told: Vec<String> = lines(&town, "").await.iter().map(words).collect();
    assert_eq!(told, ["in_app delivered 1", "in_app dropped 1"], "{account:?} {guest:?} {port}");
    drop(down);
}

#[tokio::test]
async fn nobody_is_woken_unless_it_is_urgent() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.at("2026-03-02T22:30:00+07:00");
    file_for(&town, "anh@example.vn").await;
    let urgent = json!({"urgency": "urgent", "petitioner": {"kind": "citizen", "email": "khan@example.vn"}});
    town.file(&form_with(urgent)).await;
    assert_eq!(courier(&town).await, 1);
    assert_eq!(server.letter()["recipients"], json!(["khan@example.vn"]));
    town.at("2026-03-03T06:59:59+07:00");
    assert_eq!(courier(&town).await, 0);
    town.at("2026-03-03T07:00:00+07:00");
    assert_eq!(courier(&town).await, 1);
    assert_eq!(server.letter()["recipients"], json!(["anh@example.vn"]));
}

#[tokio::test]
async fn who_wants_no_letters_gets_none() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let petition = file_for(&town, "anh@example.vn").await;
    courier(&town).await;
    let link = parsed(&server.letter())["unsubscribe"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
    let path = link.strip_prefix("https://pakn.bacninh.gov.vn/api/v1").expect("our address");
    // Programs that look into letters open every link: that alone must change nothing.
    let page = town.get("", path).await.expect(200);
    assert!(page.text.contains("Ngừng nhận thư"), "{}", page.text);
    town.bring_to(&petition, "in_progress").await;
    courier(&town).await;
    server.letter();
    let click = town.app.request(reqwest::Method::POST, path);
    click.body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").send().await.expect(200);
    town.act("handler", petition.document, "ask", json!({"question": "Ở đoạn nào?"})).await.expect(200);
    file_for(&town, "anh@example.vn").await;
    courier(&town).await;
    assert_eq!(server.more().len(), 0);
    let last: Vec<String> = lines(&town, "").await.iter().skip(2).map(words).collect();
    assert_eq!(last, ["in_app dropped 1", "in_app dropped 1"]);
    for wrong in ["/unsubscribe/1.00000000000000000000000000000000", "/unsubscribe/x", "/unsubscribe/1"] {
        town.post("", wrong, &json!({})).await.expect_problem(404, "link_invalid");
    }
}

#[tokio::test]
async fn an_account_says_what_it_wants_and_in_which_language() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let wants = town.get(OWNER, "/me/preferences").await.expect(200);
    assert_eq!(wants.body, json!({"email": true, "zalo": true, "lang": "vi"}));
    let patch = async |body: Value| town.app.patch("/me/preferences", &body).token(&town.token(OWNER).await).send().await;
    assert_eq!(patch(json!({"lang": "en"})).await.expect(200).body, json!({"email": true, "zalo": true, "lang": "en"}));
    let petition = town.file_as(OWNER, &form_of_account()).await;
    courier(&town).await;
    assert_eq!(parsed(&server.letter())["subject"], json!(format!("Petition {} received", petition.code)));
    patch(json!({"email": false})).await.expect(200);
    town.bring_to(&petition, "in_progress").await;
    courier(&town).await;
    assert_eq!(server.more().len(), 0);
    assert_eq!(words(&lines(&town, "").await[1]), "in_app delivered 1");
    assert_eq!(patch(json!({"email": "yes", "sms": true})).await.expect(422).errors().len(), 2);
}

#[tokio::test]
async fn a_letter_that_comes_back_gives_the_next_channel_its_turn() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    town.file_as(OWNER, &form_of_account()).await;
    courier(&town).await;
    let sender = server.letter()["sender"].as_str().unwrap().to_owned();
    let report = |to: &str, action: &str| {
        format!("From: MAILER-DAEMON@example.vn\nTo: {to}\n\nReporting-MTA: dns; example.vn\n\nAction: {action}\nStatus: 5.1.1\n")
    };
    let came_back = async |mail: String, to: Option<&str>| bounce(&town.app.app, &mail, to).await.unwrap();
    assert_eq!(came_back(report(&sender, "delayed"), None).await, BounceOutcome::NoLoss);
    // Somebody who knows the code of a petition and not the seal.
    let (name, _) = sender.split_once('@').unwrap();
    let guessed = format!("{}.0123456789abcdef@bacninh.gov.vn", name.rsplit_once('.').unwrap().0);
    assert_eq!(came_back(report(&guessed, "failed"), Some(&guessed)).await, BounceOutcome::Unknown);
    assert_eq!(came_back(report("x@y.vn", "failed"), Some(&sender.to_lowercase())).await, BounceOutcome::Lost);
    assert_eq!(came_back(report(&sender, "failed"), None).await, BounceOutcome::Unknown, "it is known already");
    courier(&town).await;
    assert_eq!(words(&lines(&town, "").await[0]), "in_app delivered 1");
}

#[tokio::test]
async fn starttls_and_a_login_are_kept_to() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &at("key.pem"), "-out", &at("cert.pem")])
        .output();
    assert!(made.is_ok_and(|made| made.status.success()), "a certificate");
    let Some(server) = MailServer::start(&["--tls", &at("cert.pem"), &at("key.pem"), "--login", "pakn", "mật khẩu"]) else {
        return;
    };
    for (password, ca, expected) in
        [("mật khẩu", true, "email delivered 1"), ("sai", true, "email due 1"), ("mật khẩu", false, "email due 1")]
    {
        let password: String =
            reqwest::Url::parse(&format!("smtp://pakn:{password}@127.0.0.1:{}?tls=required", server.port)).unwrap().into();
        let town = Town::start_with(|config| {
            config.smtp_url = Some(Secret::new(password));
            config.smtp_ca_file = ca.then(|| folder.path().join("cert.pem"));
            config.mail_from = Some("pakn@bacninh.gov.vn".to_owned());
        })
        .await;
        file_for(&town, "anh@example.vn").await;
        courier(&town).await;
        assert_eq!(words(&lines(&town, "").await[0]), expected);
    }
    let letter = server.letter();
    assert_eq!((&letter["tls"], &letter["login"]), (&json!(true), &json!(true)));
    assert_eq!(server.more().len(), 0, "nothing goes out in clear or without the right password");
}

#[tokio::test]
async fn a_sender_that_the_server_does_not_take_costs_no_letter() {
    let Some(server) = MailServer::start(&["--no-sender"]) else { return };
    let town = town(&server).await;
    file_for(&town, "anh@example.vn").await;
    courier(&town).await;
    assert_eq!(words(&lines(&town, "").await[0]), "email due 1");
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_written_down_for_people() {
    let town = Town::start().await;
    town.file(&form()).await;
    assert_eq!(lines(&town, "").await.len(), 0);
    assert_eq!((OutboxChannel::Email.as_str(), OutboxState::Due.as_str()), ("email", "due"));
}

#[tokio::test]
async fn an_address_that_nobody_has_confirmed_gets_no_word_that_somebody_has_written() {
    let Some(server) = MailServer::start(&[]) else { return };
    let town = town(&server).await;
    let bait = json!({
        "title": "Trúng thưởng tại evil.example", "content": "Bấm vào evil.example để nhận thưởng ngay hôm nay.",
        "petitioner": {"kind": "citizen", "full_name": "Vào evil.example ngay", "email": "nan.nhan@example.vn"},
    });
    let petition = town.file(&form_with(bait)).await;
    town.bring_to(&petition, "waiting_for_petitioner").await;
    town.respond(&petition, "reply", json!({"text": "Xem evil.example"})).await.expect(200);
    let draft = json!({"content": "Đã xem evil.example, không có gì.", "outcome": "resolved"});
    town.act("handler", petition.document, "draft", draft).await.expect(200);
    town.act("handler", petition.document, "submit", json!({})).await.expect(200);
    town.act("leader", petition.document, "approve", json!({})).await.expect(200);
    let sent = courier(&town).await;
    assert!(sent >= 3, "{sent}");
    for _ in 0..sent {
        let letter = server.letter();
        let read = parsed(&letter);
        assert_without_bait(&letter, &read);
        assert!(read["text"].as_str().unwrap().contains(&petition.code));
    }
}

#[tokio::test]
async fn nobody_can_be_buried_in_letters_of_many_petitions() {
    let Some(server) = MailServer::start(&[]) else { return };
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let town = Town::start_with(|config| {
        config.smtp_url = Some(Secret::new(url));
        config.mail_from = Some("PAKN Bắc Ninh <pakn@bacninh.gov.vn>".to_owned());
        config.messages_per_recipient_per_day = 3;
    })
    .await;
    for address in
        ["nan.nhan@gmail.com", "Nan.Nhan@Gmail.com", "nannhan+1@googlemail.com", "nan.nhan+x+y@gmail.com", "n.a.n.nhan@gmail.com"]
    {
        file_for(&town, address).await;
    }
    file_for(&town, "khac@example.vn").await;
    courier(&town).await;
    for _ in 0..4 {
        server.letter();
    }
    assert_eq!(server.more().len(), 0);
    let states: Vec<String> = lines(&town, "").await.iter().map(words).collect();
    assert_eq!(states.iter().filter(|state| *state == "email delivered 1").count(), 4, "{states:?}");
    let dropped: Vec<Value> = lines(&town, "state=dropped").await;
    assert_eq!(dropped.len(), 2);
    let detail = town.get("admin", &format!("/admin/outbox/{}", dropped[0]["id"])).await.expect(200);
    assert_eq!(detail["tried"][0]["problem"], "too many for this recipient on one day");
    assert!(!detail.text.contains("gmail") && !detail.text.contains("googlemail"), "{}", detail.text);
    town.later(Duration::days(1));
    file_for(&town, "nan.nhan@gmail.com").await;
    courier(&town).await;
    server.letter();
    assert_eq!(server.more().len(), 0);
}
