//! What reading costs: big answers, questions that look through everything, and many answers at once to one source.

use super::limited;
use crate::app::{Answered, TestApp};
use reqwest::Method;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

async fn get_from(app: &TestApp, path: &str, source: &str) -> Answered {
    app.get(path).header("X-Forwarded-For", source).send().await
}

/// What is left, as the headers say.
fn left(answer: &Answered) -> u32 {
    let (_, left) = answer.header("ratelimit").split_once("r=").unwrap();
    left.split(';').next().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_big_answer_costs_what_its_bytes_do() {
    let app = limited(|config| config.searches_per_minute_of_source = 100).await;
    let description = get_from(&app, "/openapi.json", "14.162.0.9").await.expect(200);
    let weight = u32::try_from(description.text.len() / (64 * 1024)).unwrap();
    assert!(weight > 5, "the description has {} bytes", description.text.len());
    assert_eq!(left(&description), 99);
    assert_eq!(left(&get_from(&app, "/categories", "14.162.0.9").await.expect(200)), 98 - weight);
    // What has been made is given; whoever asks on has to wait.
    let mut answers = 0;
    while get_from(&app, "/openapi.json", "14.162.0.9").await.status == 200 {
        answers += 1;
        assert!(answers < 100 / weight + 2, "bytes do not weigh");
    }
    get_from(&app, "/categories", "14.162.0.10").await.expect(200);
    app.stop().await;
}

#[actix_web::test]
async fn looking_through_everything_costs_more_than_the_first_lines() {
    let app = limited(|config| config.searches_per_minute_of_source = 100).await;
    let mut source = 0;
    for (path, cost) in [
        ("/public/petitions", 1),
        ("/public/petitions?q=rac", 10),
        ("/public/petitions?category=DO_THI", 10),
        ("/open311/v2/requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-02-01T00:00:00Z", 10),
        ("/open311/v2/requests.json?service_request_id=KN2603020001", 1),
    ] {
        source += 1;
        let from = format!("14.162.0.{source}");
        let answer = match path.strip_prefix("/open311") {
            Some(_) => app.outside(Method::GET, path).header("X-Forwarded-For", &from).send().await,
            None => get_from(&app, path, &from).await,
        };
        assert!(answer.status < 500, "{path}: {}", answer.text);
        assert_eq!(left(&get_from(&app, "/categories", &from).await.expect(200)), 99 - cost, "{path}");
    }
    app.stop().await;
}

/// Sends the head of a filing and waits until its handler asks for the body.
fn half_a_filing(app: &TestApp, source: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    let head = format!(
        "POST /api/v1/petitions HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {source}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    stream
}

#[actix_web::test]
async fn so_many_answers_at_once_go_to_one_source() {
    let app = limited(|config| {
        config.http_requests_of_source = 2;
        // The first two must not be given up while a busy machine looks at the others.
        config.body_seconds = 3600;
    })
    .await;
    let held: Vec<TcpStream> = (0..2).map(|_| half_a_filing(&app, "14.162.0.9")).collect();
    let refused = get_from(&app, "/categories", "14.162.0.9").await.expect_problem(429, "too_many_attempts");
    assert_eq!((refused.header("retry-after"), refused.header("connection")), ("1", "close"));
    get_from(&app, "/categories", "14.162.0.10").await.expect(200);
    // An answer that has gone out leaves its place to the next, and so does a connection that ends.
    for mut stream in held {
        stream.write_all(&[b' '; 100]).unwrap();
        let mut answer = BufReader::new(&stream);
        let mut line = String::new();
        while !line.starts_with("HTTP/1.1 4") {
            line.clear();
            assert!(answer.read_line(&mut line).unwrap() > 0, "no answer");
        }
    }
    get_from(&app, "/categories", "14.162.0.9").await.expect(200);
    app.stop().await;
}
