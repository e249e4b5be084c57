//! Files that want to do harm: each is put aside with its reason, nothing moves, and the next one is read.

use super::{Exchange, file, status};

#[tokio::test]
async fn harmful_files_are_put_aside_and_the_next_one_is_read() {
    let exchange = Exchange::start().await;
    let (petition, document) = exchange.sent().await;
    let bad = ["xxe", "billion-laughs", "entity", "base64", "zip-bomb", "zip-broken", "zip-lies"];
    for name in bad {
        exchange.put(&format!("{name}.xml"), file(&format!("bad-{name}.xml")));
    }
    exchange.put("zz-good.edxml", status(&document, "03", ""));
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    for entry in std::fs::read_dir(exchange.folder.join("inbox")).unwrap() {
        std::fs::File::options().write(true).open(entry.unwrap().path()).unwrap().set_modified(old).unwrap();
    }
    let done = exchange.round().await.taken;
    assert_eq!((done.unreadable, done.stored, done.failed), (bad.len(), 1, 0));
    assert_eq!(exchange.files("failed").len(), bad.len());
    assert_eq!(exchange.state_of(&petition).await, "in_progress");
    let kept = exchange.messages("?state=unreadable").await;
    let mut problems: Vec<&str> =
        kept.iter().map(|message| message["problem"].as_str().unwrap().split(':').next().unwrap()).collect();
    problems.sort_unstable();
    problems.dedup();
    assert_eq!(problems, ["bad_base64", "bad_zip", "dtd", "unknown_entity", "zip_bomb"]);
    assert!(!serde_json::to_string(&kept).unwrap().contains("root:"), "nothing of another file was read");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_not_read_to_its_end() {
    let exchange = Exchange::start_with(|config| config.exchange_max_bytes = 4000).await;
    let (petition, document) = exchange.sent().await;
    exchange.put("1.edxml", status(&document, "03", &"ă".repeat(4000)));
    assert_eq!(exchange.round().await.taken.unreadable, 1);
    let problem = exchange.came_in("unreadable").await["problem"].clone();
    assert_eq!(problem, "too_large: more than 4000 bytes");
    assert_eq!(exchange.state_of(&petition).await, "assigned");
}
