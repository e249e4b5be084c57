//! What surrounds every request: names, headers, health, figures, the page of the description.

use crate::app::TestApp;
use crate::life::{Office, file};
use reqwest::Method;

#[tokio::test]
async fn both_listeners_tell_whether_the_server_lives_and_is_ready() {
    let app = TestApp::start().await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(app.outside(Method::GET, path).send().await.expect(200).body["status"], "ok");
        assert_eq!(app.operator_get(path).send().await.expect(200).body["status"], "ok");
    }
}

#[tokio::test]
async fn a_server_that_has_lost_its_database_lives_and_is_not_ready() {
    let app = TestApp::start().await;
    app.app.db.close().await;
    app.outside(Method::GET, "/health/live").send().await.expect(200);
    let answer = app.outside(Method::GET, "/health/ready").send().await.expect_problem(503, "database_away");
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn the_callers_name_of_a_request_is_kept_when_it_is_sane() {
    let app = TestApp::start().await;
    let named = app.outside(Method::GET, "/health/live").header("x-request-id", "Ab-1.c:d_2").send().await;
    assert_eq!(named.header("x-request-id"), "Ab-1.c:d_2");
    let long = "x".repeat(65);
    for strange in ["a b", "<script>", &long, ""] {
        let answer = app.outside(Method::GET, "/health/live").header("x-request-id", strange).send().await;
        let name = answer.header("x-request-id");
        assert!(name != strange && name.len() == 32, "{strange} became {name}");
    }
}

#[tokio::test]
async fn answers_are_not_stored_nor_guessed_at() {
    let app = TestApp::start().await;
    for answer in [app.outside(Method::GET, "/health/live").send().await, app.get("/nix").send().await] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let app = TestApp::start().await;
    let answer = app.outside(Method::HEAD, "/health/live").send().await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), "15");
}

#[tokio::test]
async fn the_page_of_the_description_needs_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    for folder in ["/docs", "/api/v1/docs"] {
        let redirect = app.outside(Method::GET, folder).send().await;
        assert_eq!((redirect.status, redirect.header("location")), (308, &*format!("{folder}/")));
        let page = app.outside(Method::GET, &format!("{folder}/")).send().await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
        let local = page.text.split('"').filter(|part| part.ends_with(".js") || part.ends_with(".css"));
        for file in local {
            let answer = app.outside(Method::GET, &format!("{folder}/{}", file.trim_start_matches("./"))).send().await;
            assert_eq!(answer.status, 200, "{file}");
        }
        let start = app.outside(Method::GET, &format!("{folder}/swagger-initializer.js")).send().await;
        assert!(start.text.contains("/api/v1/openapi.json"), "{}", start.text);
    }
    app.outside(Method::GET, "/docs/nix.js").send().await.expect_problem(404, "route_not_found");
    assert_eq!(app.get("/openapi.json").send().await.expect(200).body["openapi"], "3.1.0");
}

#[tokio::test]
async fn figures_tell_how_many_petitions_are_open_overdue_and_waiting() {
    let app = TestApp::start().await;
    let (office, waiting) = Office::open(&app).await;
    office.ask(&app, &waiting).await;
    let (answered, again) = (file(&app).await, file(&app).await);
    for filed in [&answered, &again] {
        office.accept(&app, filed).await;
        office.answer(&app, filed).await;
    }
    file(&app).await;
    let level = {
        use diesel::prelude::*;
        use pakn::db::schema::{agencies, petitions};
        // Open again after it was answered, which its agency allows by a step that is not the subject here.
        let code = again.code.clone();
        let level = app.app.db.write(move |connection| {
            diesel::update(petitions::table.filter(petitions::code.eq(&code)))
                .set(petitions::status.eq(pakn::petitions::rules::Status::InProgress))
                .execute(connection)?;
            let levels = petitions::table.inner_join(agencies::table.on(petitions::agency_id.eq(agencies::id.nullable())));
            let level: String = levels.select(agencies::level).first(connection)?;
            Ok::<_, pakn::db::StorageError>(level)
        });
        level.await.unwrap()
    };
    app.advance(chrono::Duration::days(60));
    let figures = app.operator_get("/metrics").send().await.text;
    for (figure, count) in [("open", 3), ("overdue", 3), ("waiting", 1)] {
        for each in ["province", "district", "commune", "none"] {
            let line = format!("pakn_petitions_{figure}{{level=\"{each}\"}} {}", if each == level { count } else { 0 });
            assert!(figures.lines().any(|shown| shown == line), "{line}\n{figures}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn figures_name_routes_and_never_what_stands_in_their_place() {
    let app = TestApp::start().await;
    app.outside(Method::GET, "/health/live").send().await.expect(200);
    app.get("/petitions/BN26-7K3QX9-C").send().await;
    app.get("/someone/0912345678").send().await;
    app.outside(Method::from_bytes(b"SECRET").unwrap(), "/health/live").send().await;
    let figures = app.operator_get("/metrics").send().await;
    assert!(figures.header("content-type").starts_with("text/plain"));
    assert!(
        figures.text.contains(r#"pakn_http_requests_total{method="GET",route="/health/live",status="200"} 1"#),
        "{}",
        figures.text
    );
    assert!(figures.text.contains("pakn_build_info"), "{}", figures.text);
    assert!(figures.text.contains("process_resident_memory_bytes"), "{}", figures.text);
    assert!(figures.text.contains(r#"pakn_database_work{kind="write"} 0"#), "{}", figures.text);
    for secret in ["7K3QX9", "0912345678", "SECRET"] {
        assert!(!figures.text.contains(secret), "{}", figures.text);
    }
    app.outside(Method::GET, "/metrics").send().await.expect_problem(404, "route_not_found");
}
