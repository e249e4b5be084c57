//! The embedded files loaded into a database: complete, repeatable, and every category reaches an agency from
//! everywhere.

use super::problem::LoadFault;
use super::reference::{AGENCIES, AREAS, CATEGORIES, HOLIDAYS};
use super::*;
use crate::audit::AuditActor;
use crate::config::Config;
use crate::db::migrate;
use crate::directory::current;
use crate::directory::rules::area::Level;
use crate::directory::rules::deadline::Urgency;
use crate::directory::rules::directory::Directory;
use crate::directory::rules::routing_rule::RoutingInput;
use crate::kernel::Instant;
use crate::kernel::clock::FixedClock;
use crate::kernel::field_problem::FieldRule;
use crate::petitions::rules::{Channel, PetitionerKind};
use tempfile::TempDir;

fn app() -> (App, TempDir) {
    let folder = TempDir::new().unwrap();
    let config = Config {
        data_dir: folder.path().to_owned(),
        // Long enough for a busy machine.
        database_wait_ms: 60_000,
        database_limit_ms: 60_000,
        ..Config::default()
    };
    migrate::migrate(&config.address().unwrap()).unwrap();
    let clock = Arc::new(FixedClock::new(at("2023-06-01T09:00:00+07:00")));
    (App::open(config, clock).unwrap(), folder)
}

fn at(text: &str) -> Instant {
    serde_json::from_str(&format!("\"{text}\"")).unwrap()
}

async fn directory_of(app: &App) -> Arc<Directory> {
    let for_closure = app.clone();
    app.db.read(move |connection| current(&for_closure, connection)).await.unwrap()
}

#[tokio::test]
async fn the_default_directory_is_complete_and_a_second_load_changes_nothing() {
    let (app, _folder) = app();
    ensure_loaded(&app).await.unwrap();
    let first = directory_of(&app).await;
    assert_eq!(first.agencies().len(), 252);
    assert_eq!(first.areas().iter().filter(|area| area.level() == Level::Commune).count(), 126);
    assert_eq!(first.categories().len(), 30);
    assert_eq!(first.routing_rules().len(), 30);
    assert_eq!(first.deadline_rules().len(), 3);
    assert_eq!((first.version(), first.calendar_version()), (1, 1));

    let summary = load(&app, &AuditActor::operator(), &ReferenceFiles::embedded()).await.unwrap();
    assert_eq!((summary.added, summary.changed), (0, 0));
    let second = directory_of(&app).await;
    assert_eq!((second.version(), second.calendar_version()), (1, 1));
    assert!(Arc::ptr_eq(&first, &second));
}

#[tokio::test]
async fn every_category_reaches_an_agency_in_force_from_every_commune() {
    let (app, _folder) = app();
    ensure_loaded(&app).await.unwrap();
    let directory = directory_of(&app).await;
    let communes: Vec<_> = directory.areas().iter().filter(|area| area.level() == Level::Commune).collect();
    for moment in ["2023-01-01T00:00:00+07:00", "2023-12-31T23:59:59+07:00", "2026-11-22T08:30:00+07:00"].map(at) {
        for category in directory.categories() {
            for commune in &communes {
                let routing = directory.route(&RoutingInput {
                    category: category.id,
                    area: commune.id,
                    petitioner_kind: PetitionerKind::Citizen,
                    channel: Channel::Mobile,
                    folded_text: "",
                    at: moment,
                });
                assert!(routing.rule_id.is_some(), "{} has no rule", category.code);
                let agency = directory.agency(routing.agency_id.unwrap()).unwrap();
                assert!(agency.validity.covers(moment.local_date()));
                assert_eq!(agency.level, category.default_level, "{} in {} went to {}", category.code, commune.code, agency.code);
                assert!(directory.lies_in(commune.id, agency.area_id), "{} serves another place", agency.code);
            }
            for urgency in Urgency::ALL {
                directory.deadline(category.id, *urgency, moment).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn towns_and_rural_districts_have_different_divisions() {
    let (app, _folder) = app();
    ensure_loaded(&app).await.unwrap();
    let directory = directory_of(&app).await;
    let moment = at("2023-06-01T09:00:00+07:00");
    let reached = |category: &str, district: &str| {
        let day = moment.local_date();
        let district = directory.area_by_code(district, day).unwrap().id;
        let commune = directory.areas().iter().find(|area| area.parent_id == Some(district)).unwrap();
        let routing = directory.route(&RoutingInput {
            category: directory.category_by_code(category, day).unwrap().id,
            area: commune.id,
            petitioner_kind: PetitionerKind::Citizen,
            channel: Channel::Mobile,
            folded_text: "",
            at: moment,
        });
        directory.agency(routing.agency_id.unwrap()).unwrap().code.clone()
    };
    assert_eq!(reached("cong-trinh-xay-dung", "256"), "27-256-QLDT");
    assert_eq!(reached("cong-trinh-xay-dung", "260"), "27-260-KTHT");
    assert_eq!(reached("van-tai-hanh-khach", "260"), "27-SGTVT");
}

fn changed(file: fn(&mut ReferenceFiles) -> &mut Option<Vec<u8>>, from: &str, to: &str) -> ReferenceFiles {
    let mut files = ReferenceFiles::embedded();
    let text = String::from_utf8(file(&mut files).take().unwrap()).unwrap();
    assert!(text.contains(from), "{from}");
    *file(&mut files) = Some(text.replacen(from, to, 1).into_bytes());
    files
}

fn faults(files: &ReferenceFiles) -> Vec<(String, u64, LoadFault)> {
    let problems = reference::read(files).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.file, problem.line, problem.fault)).collect()
}

fn cell(column: &'static str, value: &str, rule: FieldRule) -> LoadFault {
    LoadFault::Cell { column, value: value.to_owned(), rule }
}

#[test]
fn a_broken_reference_is_reported_with_file_and_line() {
    let files = changed(|files| &mut files.agencies, "27-256,256", "27-999,256");
    let found = faults(&files);
    assert_eq!(found, [(AGENCIES.to_owned(), 32, cell("parent_code", "27-999", FieldRule::UnknownCode))]);
    let files = changed(|files| &mut files.areas, "thanh_pho,27", "thanh_pho,28");
    assert_eq!(faults(&files), [(AREAS.to_owned(), 3, cell("parent_code", "28", FieldRule::UnknownCode))]);
    let files = changed(|files| &mut files.areas, "tinh,,", "tinh,256,");
    assert!(faults(&files).contains(&(AREAS.to_owned(), 2, cell("parent_code", "256", FieldRule::NotAllowed))));
    let files = changed(|files| &mut files.categories, "27-SXD,QLDT|KTHT", "27-SX,QLDT|KTT");
    let found = faults(&files);
    assert_eq!(found[0], (CATEGORIES.to_owned(), 2, cell("default_provincial_agency_code", "27-SX", FieldRule::UnknownCode)));
    assert_eq!(found[1], (CATEGORIES.to_owned(), 2, cell("district_division", "QLDT|KTT", FieldRule::UnknownCode)));
}

#[test]
fn every_fault_of_every_file_is_reported_at_once() {
    let mut files = changed(|files| &mut files.holidays, "2022-01-03,", "2022-13-03,");
    let text = String::from_utf8(files.agencies.take().unwrap()).unwrap();
    let text = text.replacen("province,department", "national,department", 1).replacen("27-STP,", "27-SNV,", 1) + "x,y\n";
    files.agencies = Some(text.into_bytes());
    files.categories = Some(b"code,name_vi\nx,y\n".to_vec());
    let found = faults(&files);
    let on = |file: &str, line: u64| found.iter().filter(|(at, number, _)| at == file && *number == line).count();
    assert_eq!(on(AGENCIES, 3), 1);
    assert!(found.contains(&(
        AGENCIES.to_owned(),
        4,
        LoadFault::Repeated { column: "code", value: "27-SNV".to_owned(), earlier: 3 }
    )));
    assert!(found.contains(&(AGENCIES.to_owned(), 254, LoadFault::CellCount { expected: 7, found: 2 })));
    assert_eq!(on(CATEGORIES, 1), 6);
    assert_eq!(on(HOLIDAYS, 3), 1);
    assert_eq!(found.len(), 10);
}

#[test]
fn a_byte_order_mark_and_decomposed_accents_do_not_matter() {
    let mut files = ReferenceFiles::embedded();
    let text = String::from_utf8(files.areas.take().unwrap()).unwrap();
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(text.as_str()).collect();
    files.areas = Some([b"\xEF\xBB\xBF", decomposed.as_bytes()].concat());
    let reference = reference::read(&files).ok().unwrap();
    assert_eq!(reference.areas[0].name, "Tỉnh Bắc Ninh");
}

#[test]
fn missing_files_and_other_encodings_are_reported() {
    let mut files = ReferenceFiles::embedded();
    files.holidays = None;
    files.areas = None;
    let missing = |file: &str| (file.to_owned(), 0, LoadFault::FileMissing);
    assert_eq!(faults(&files), [missing(AREAS), missing(HOLIDAYS)]);
    files = ReferenceFiles::embedded();
    files.holidays = None;
    assert_eq!(faults(&files), [missing(HOLIDAYS)]);
    files.holidays = Some(b"date,name,kind,status\n2022-01-01,T\xEAt,holiday,official\n".to_vec());
    assert_eq!(faults(&files), [(HOLIDAYS.to_owned(), 2, LoadFault::NotUtf8)]);
}

#[tokio::test]
async fn nothing_is_half_loaded() {
    let (app, _folder) = app();
    let files = changed(|files| &mut files.holidays, "2022-01-03,", "2022-13-03,");
    assert!(matches!(load(&app, &AuditActor::operator(), &files).await, Err(LoadError::Faulty(problems)) if problems.len() == 1));
    let directory = directory_of(&app).await;
    assert_eq!((directory.agencies().len(), directory.version()), (0, 0));
}

#[tokio::test]
async fn a_changed_file_changes_what_it_speaks_of_and_raises_the_versions() {
    let (app, _folder) = app();
    ensure_loaded(&app).await.unwrap();
    let files = changed(|files| &mut files.agencies, "Sở Nội vụ tỉnh", "Sở Nội Vụ tỉnh");
    let summary = load(&app, &AuditActor::operator(), &files).await.unwrap();
    assert_eq!((summary.added, summary.changed), (0, 1));
    let directory = directory_of(&app).await;
    assert_eq!((directory.version(), directory.calendar_version()), (2, 1));
    let files = changed(|files| &mut files.holidays, "compensatory_off", "holiday");
    load(&app, &AuditActor::operator(), &files).await.unwrap();
    let directory = directory_of(&app).await;
    assert_eq!((directory.version(), directory.calendar_version()), (3, 2));
}
