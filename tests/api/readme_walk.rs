//! Every line of the README's walk is run, in order, as a newcomer would.

use crate::app::TestApp;
use pakn::kernel::account::Role;
use pakn::officers::{self, Administrator, NewOfficer};
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The shell lines between the marks of the walk.
fn walk() -> String {
    let (_, rest) = README.split_once("<!-- walk: begin -->").expect("the walk begins");
    let (walk, _) = rest.split_once("<!-- walk: end -->").expect("the walk ends");
    let blocks = walk.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn the_walk_leads_from_a_phone_to_the_figures() {
    let app = TestApp::start().await;
    for (name, role) in [("clerk", Role::Clerk), ("handler", Role::Handler), ("leader", Role::Leader)] {
        let officer = NewOfficer {
            username: name.to_owned(),
            full_name: name.to_owned(),
            agency: Some("27-256-QLDT".to_owned()),
            roles: vec![role],
            password: Some(format!("demo-{name}-2023")),
            ..NewOfficer::default()
        };
        officers::create(&app.app, &Administrator::Operator, &officer, None).await.expect("make an officer");
    }
    let script = format!("set -euo pipefail\n{}", walk());
    let address = format!("http://{}", app.address());
    let ran = tokio::task::spawn_blocking(move || Command::new("bash").arg("-c").arg(script).env("PAKN", address).output());
    let ran = ran.await.unwrap().expect("bash runs");
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert!(!said.contains("problems/"), "{said}");
    for expected in
        ["\"status\":\"assigned\"", "\"outcome\":\"resolved\"", "\"rating\":5", "\"received\":1", "\"mean_rating\":5.0"]
    {
        assert!(said.contains(expected), "{expected} is missing in:\n{said}");
    }
}
