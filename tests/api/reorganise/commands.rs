//! `pakn reorganise`: the folder, the table, and what it says of faults.

use super::ON;
use crate::database::TestDatabase;
use crate::process::Installation;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A database of its own, a folder with the three files, and the command.
struct Scene {
    installation: Installation,
    reform: PathBuf,
    _database: TestDatabase,
    _folder: TempDir,
}

impl Scene {
    fn set() -> Self {
        let (database, folder) = (TestDatabase::new(), TempDir::new().unwrap());
        let reform = folder.path().join("reform");
        fs::create_dir(&reform).unwrap();
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        for name in ["agencies-2025.csv", "areas-2025.csv", "successors-2025.csv"] {
            fs::copy(data.join(name), reform.join(name)).unwrap();
        }
        let installation = Installation::new(&folder.path().join("pakn"), database.url_text());
        Self { installation, reform, _database: database, _folder: folder }
    }

    fn run(&self, folder: &Path, more: &[&str]) -> Result<String, String> {
        let folder = folder.to_str().unwrap();
        let mut arguments = vec!["reorganise", folder, "--on", ON];
        arguments.extend(more);
        self.installation.run(&arguments)
    }
}

#[test]
fn the_command_tries_applies_and_finds_nothing_left_to_do() {
    let scene = Scene::set();
    let create = ["account", "create", "truong.phong", "--agency", "27-256-QLDT", "--role", "leader"];
    scene.installation.run(&create).expect("an officer");
    let tried = scene.run(&scene.reform, &["--dry-run"]).unwrap();
    let row = tried.lines().find(|line| line.starts_with("27-256-QLDT")).expect("a row of the table").to_owned();
    assert!(row.contains(" → 24-") && row.contains("Phòng"), "{row}");
    let counts = "252 agencies ended, 513 begun; 135 areas ended, 100 begun; 651 successions; 0 petitions moved, \
                  0 to the coordinator; 1 officers moved; 0 rules changed";
    assert!(tried.ends_with(&format!("dry run, nothing was stored: {counts}\n")), "{tried}");
    // A folder that has the files of other years as well.
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let done = scene.run(&data, &[]).unwrap();
    assert!(done.contains(&row) && done.ends_with(&format!("done: {counts}\n")), "{done}");
    let again = scene.run(&scene.reform, &[]).unwrap();
    assert!(again.starts_with("nothing to change: everything is as the files say on 2025-07-01\n"), "{again}");
    let officers = scene.installation.run(&["account", "list"]).unwrap();
    let heir = row.split_whitespace().nth(2).unwrap();
    assert!(officers.contains(&format!("truong.phong,truong.phong,{heir},leader,active")), "{officers}");
    scene.installation.run(&["verify"]).expect("all is well");
}

#[test]
fn faults_are_told_with_file_line_and_column() {
    let scene = Scene::set();
    fs::remove_file(scene.reform.join("areas-2025.csv")).unwrap();
    let successors = scene.reform.join("successors-2025.csv");
    let text = fs::read_to_string(&successors).unwrap();
    fs::write(&successors, text.replacen("27-SNV,", "27-XYZ,", 1)).unwrap();
    let said = scene.run(&scene.reform, &[]).unwrap_err();
    assert!(said.contains("areas-2025.csv:0: the file is missing"), "{said}");
    assert!(said.contains("successors-2025.csv:3: old_code \"27-XYZ\": There is nothing with this code."), "{said}");
    assert!(said.ends_with("pakn: 2 problems, nothing was changed\n"), "{said}");

    fs::write(scene.reform.join("areas-2024.csv"), "").unwrap();
    let said = scene.run(&scene.reform, &[]).unwrap_err();
    assert!(said.contains("areas-2025.csv:0: the file is missing"), "the order of another year is not taken: {said}");
    let said = scene.installation.run(&["reorganise", scene.reform.to_str().unwrap(), "--on", "1.7.2025"]).unwrap_err();
    assert!(said.contains("--on"), "{said}");
}

#[test]
fn a_command_that_reads_makes_no_database() {
    let folder = TempDir::new().unwrap();
    let nowhere = folder.path().join("mistyped");
    let installation = Installation::embedded(&nowhere);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let output = folder.path().join("ranking.csv");
    for arguments in [
        vec!["report", "ranking", "--period", "2023", "--output", output.to_str().unwrap()],
        vec!["reorganise", data.to_str().unwrap(), "--on", ON],
    ] {
        let said = installation.run(&arguments).unwrap_err();
        assert!(said.contains("pakn.db"), "{said}");
        assert!(!nowhere.join("pakn.db").exists() && !output.exists(), "{arguments:?}");
    }
}
