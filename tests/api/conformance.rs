//! The published description against the server: `schemathesis` with all of its checks, without a token and as every role.
//!
//! No answer outside the document, no 5xx, nothing that the document forbids accepted. What is excepted stands with its reason in
//! `tests/conformance/schemathesis.toml`. Bounded and seeded here; `PAKN_SCHEMATHESIS_EXAMPLES=300` makes it a long run, in
//! which every role calls everything.

use crate::outside::provided;
use crate::town::{OWNER, Town};
use std::path::Path;
use std::process::{Command, Output};

/// Who calls which operations (by tag) in the bounded run; what a role may not do at all is the matter of `rights`.
const RUNS: &[(&str, &[&str])] = &[
    ("", &[]),
    (OWNER, &["petitions", "accounts", "notifications", "attachments", "zalo"]),
    ("company@example.vn", &["petitions", "accounts"]),
    ("clerk", &["documents"]),
    ("handler", &["documents"]),
    ("leader", &["documents", "statistics", "petitions"]),
    ("coordinator", &["coordination", "statistics"]),
    ("reviewer", &["statistics"]),
    ("key", &["exchange"]),
    // Last, because an administrator can end accounts.
    ("admin", &["admin", "directory"]),
];

/// What a caller sends with every request.
async fn credentials(town: &Town, who: &str) -> Option<String> {
    match who {
        "" => None,
        "key" => {
            let body =
                serde_json::json!({"name": "Cổng", "partner": "dvcqg", "scope": "exchange", "requests_per_hour": 1_000_000});
            let key = town.post("admin", "/admin/api-keys", &body).await.expect(201).text_of("/key");
            Some(format!("X-Api-Key: {key}"))
        }
        who => Some(format!("Authorization: Bearer {}", town.token(who).await)),
    }
}

fn run(python: &str, town: &Town, credentials: Option<&str>, tags: &[&str], examples: &str) -> Command {
    let mut command = Command::new(Path::new(python).with_file_name("schemathesis"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let address = format!("http://{}", town.app.address());
    command.arg("--config-file").arg(root.join("tests/conformance/schemathesis.toml"));
    command.args(["run", &format!("{address}/api/v1/openapi.json"), "--url", &address, "--checks", "all"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--seed", "20260302"]);
    command.args(["--request-timeout", "120", "--continue-on-failure", "--no-color", "--no-shrink", "--warnings", "off"]);
    command.args(["--suppress-health-check", "all"]);
    if let Some(header) = credentials {
        command.args(["--header", header]);
    }
    for tag in tags {
        command.args(["--include-tag", tag]);
    }
    command.env("SCHEMATHESIS_HOOKS", root.join("tests/conformance/hooks.py"));
    command.env("NO_PROXY", "*").current_dir(std::env::temp_dir());
    command
}

#[tokio::test]
async fn the_server_does_what_its_description_says() {
    let Some(python) = provided("PAKN_TEST_PYTHON") else { return };
    let is_long = std::env::var("PAKN_SCHEMATHESIS_EXAMPLES");
    let examples = is_long.clone().unwrap_or_else(|_| "3".to_owned());
    let town = Town::start().await;
    for state in ["assigned", "in_progress", "awaiting_approval", "answered", "received"] {
        town.filed(state).await;
    }
    let mut said = Vec::new();
    for (who, tags) in RUNS {
        let credentials = credentials(&town, who).await;
        let tags = if is_long.is_ok() { &[] } else { *tags };
        let mut command = run(&python, &town, credentials.as_deref(), tags, &examples);
        let output: Output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().expect("schemathesis");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let summary = text.lines().filter(|line| line.contains("generated")).collect::<Vec<_>>().join(" ");
        println!("{:>22}: {}", if who.is_empty() { "nobody" } else { who }, summary.trim());
        if !output.status.success() {
            said.push(format!("as {who}:\n{text}"));
        }
    }
    assert!(said.is_empty(), "the server and its description differ\n{}", said.join("\n"));
}
