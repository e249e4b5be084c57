//! Made petitions are as lived ones: the same order through the bulk path and, step by step, through the services leaves the same
//! tables.

use crate::history::{House, house, now};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Text;
use pakn::accounts::access::Caller;
use pakn::app::App;
use pakn::db::service_error::ServiceError;
use pakn::db::{DbConnection, StorageError};
use pakn::directory;
use pakn::figures::statistics::{recount, roll_up};
use pakn::kernel::Instant;
use pakn::kernel::account::Actor;
use pakn::kernel::clock::FixedClock;
use pakn::kernel::ids::{AgencyId, DocumentId, PetitionId};
use pakn::petitions::draft::{self, Draft};
use pakn::petitions::refuse::{self, RefusalDecision};
use pakn::petitions::rules::ReasonCode;
use pakn::petitions::rules::code::PetitionCode;
use pakn::petitions::store::{documents, petitioners};
use pakn::petitions::{accept, approve, close, file, rate, submit, transfer, withdraw};
use pakn::sample_data::demo::cast::{Staff, hire};
use pakn::sample_data::generate::course::{
    GeneratedAction, GeneratedCourses, REFUSAL_NOTE, TRANSFER_REASON, WITHDRAWAL_REASON, transfer_target,
};
use pakn::sample_data::generate::{GenerateOptions, context, generate};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const PETITIONS: u64 = 150;

fn order() -> GenerateOptions {
    GenerateOptions { petitions: PETITIONS, years: 2, until: NaiveDate::from_ymd_opt(2023, 5, 31).unwrap() }
}

/// A petition on its way through the services.
struct Live {
    code: PetitionCode,
    id: PetitionId,
    petitioner: Caller,
}

struct Stage {
    app: App,
    staff: HashMap<AgencyId, Staff>,
}

impl Stage {
    async fn place(&self, live: &Live) -> (DocumentId, Staff, String) {
        let (id, owned) = (live.id, self.app.clone());
        let work = move |connection: &mut DbConnection| {
            let document = documents::state::newest_of(connection, id)?.unwrap();
            let directory = directory::current(&owned, connection)?;
            let petition = pakn::petitions::store::state::find(connection, id)?.unwrap();
            let holder = directory.agency(document.agency_id).unwrap();
            let target = transfer_target(directory.category(petition.category_id).unwrap(), &holder.code);
            Ok::<_, ServiceError>((document.id, document.agency_id, target))
        };
        let (document, agency, target) = self.app.db.read(work).await.unwrap();
        (document, self.staff.get(&agency).unwrap().clone(), target)
    }

    async fn step(&self, live: &Live, deed: &GeneratedAction) {
        let (document, Staff { clerk, handler, leader, .. }, target) = self.place(live).await;
        let (app, who, code) = (&self.app, &live.petitioner, &live.code);
        match deed {
            GeneratedAction::Accept => drop(accept::accept(app, &clerk, document, None).await.unwrap()),
            GeneratedAction::Transfer => {
                let _ = transfer::transfer(app, &clerk, document, None, target, TRANSFER_REASON.to_owned()).await.unwrap();
            }
            GeneratedAction::Draft(content, outcome) => {
                let words = Draft::check(content, *outcome, None).unwrap();
                draft::draft(app, &handler, document, None, words).await.unwrap();
            }
            GeneratedAction::Submit => drop(submit::submit(app, &handler, document, None).await.unwrap()),
            GeneratedAction::Approve => drop(approve::approve(app, &leader, document, None).await.unwrap()),
            GeneratedAction::Rate(score, comment) => {
                rate::rate(app, who, code, None, *score, comment.clone()).await.unwrap();
            }
            GeneratedAction::Close => assert!(close::act(app, live.id).await.unwrap()),
            GeneratedAction::Refuse => {
                let decision = RefusalDecision::check(ReasonCode::AlreadySettled, Some(REFUSAL_NOTE.to_owned())).unwrap();
                refuse::refuse_document(app, &leader, document, None, decision).await.unwrap();
            }
            GeneratedAction::Withdraw => {
                withdraw::withdraw(app, who, code, None, Some(WITHDRAWAL_REASON.to_owned())).await.unwrap();
            }
        }
    }
}

async fn live_through_the_services(house: &House) {
    let owned = house.app.clone();
    let directory = house.app.db.read(move |connection| directory::current(&owned, connection)).await.unwrap();
    let staff = hire(&house.app, &directory, None).await.unwrap();
    let clock = Arc::new(FixedClock::new(order().from().and_hms_opt(0, 0, 0).map(Instant::from_local).unwrap()));
    let app = App { clock: clock.clone(), entropy: Arc::from(context::entropy()), ..house.app.clone() };
    let stage = Stage { app, staff };
    let courses = GeneratedCourses::new(&directory, order()).unwrap();
    let mut script: BTreeMap<(Instant, u64, usize), Option<GeneratedAction>> = BTreeMap::new();
    let mut forms = Vec::new();
    for number in 0..PETITIONS {
        let course = courses.draw(number).unwrap();
        script.insert((course.received, number, 0), None);
        script.extend(course.actions.into_iter().zip(1..).map(|((at, deed), place)| ((at, number, place), Some(deed))));
        forms.push(course.form);
    }
    let mut lives: HashMap<u64, Live> = HashMap::new();
    for ((at, number, _), deed) in script {
        clock.set(at);
        match deed {
            Some(deed) => stage.step(lives.get(&number).unwrap(), &deed).await,
            None => {
                let nobody: Option<&Actor> = None;
                let receipt = file::file(&stage.app, nobody, forms.get(usize::try_from(number).unwrap()).unwrap(), None, None)
                    .await
                    .unwrap()
                    .body;
                let petitioner = Caller { actor: None, tracking_token: receipt.tracking_token, proven: None };
                let id = PetitionId(i64::try_from(number).unwrap() + 1);
                lives.insert(number, Live { code: receipt.code.parse().unwrap(), id, petitioner });
            }
        }
    }
}

/// Columns that are drawn by the system or that nothing refers to.
const LEFT_OUT: &[(&str, &str)] = &[
    ("timeline", "id"),
    ("answers", "id"),
    ("notifications", "id"),
    ("accounts", "password_hash"),
    ("accounts", "imprint"),
    // Texts are hashed behind salts that are drawn each time, and the chain over them.
    ("timeline", "texts"),
    ("timeline", "salts"),
    ("timeline", "chain_hash"),
    ("statistics_changes", "id"),
    // Sealed under a fresh number each time; opened it stands among the persons.
    ("petitioners", "person"),
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of a table as a line, in order.
fn lines(connection: &mut DbConnection, table: &str) -> Result<Vec<String>, StorageError> {
    let is_sqlite = matches!(connection, DbConnection::Sqlite(_));
    let columns = match is_sqlite {
        true => format!("SELECT name AS line FROM pragma_table_info('{table}') ORDER BY name"),
        false => format!(
            "SELECT column_name::text AS line FROM information_schema.columns WHERE table_name = '{table}' AND table_schema = current_schema() ORDER BY column_name"
        ),
    };
    let columns: Vec<Line> = diesel::sql_query(columns).load(connection)?;
    let kept = columns.iter().filter(|column| !LEFT_OUT.contains(&(table, column.line.as_str())));
    let told = kept.map(|column| match is_sqlite {
        true => format!("'{} ' || quote({})", column.line, column.line),
        false => format!("'{} ' || COALESCE({}::text, 'NULL')", column.line, column.line),
    });
    let line = told.collect::<Vec<_>>().join(" || ', ' || ");
    let rows: Vec<Line> = diesel::sql_query(format!("SELECT {line} AS line FROM {table}")).load(connection)?;
    let mut lines: Vec<String> =
        rows.into_iter().map(|row| if table == "statistics_times" { in_order(&row.line) } else { row.line }).collect();
    lines.sort();
    Ok(lines)
}

/// Processing times stand in the order in which they came; what counts is which there are.
fn in_order(line: &str) -> String {
    let (added, rest) = line.split_once(", agency_id").unwrap();
    let digits = added.trim_start_matches("added ").trim_start_matches("\\x").trim_start_matches("X'").trim_end_matches('\'');
    let mut times: Vec<String> = digits.as_bytes().chunks(10).map(|time| String::from_utf8_lossy(time).to_uppercase()).collect();
    times.sort();
    format!("{} {rest}", times.join(" "))
}

/// What is sealed in the rows of petitioners, opened.
fn persons(connection: &mut DbConnection) -> Result<Vec<String>, StorageError> {
    let ids = 1..=i64::try_from(PETITIONS).unwrap();
    ids.map(|id| {
        let row = petitioners::find(connection, PetitionId(id))?;
        let words = [row.full_name, row.phone, row.email, row.company_name, row.tax_code, row.address];
        Ok(format!("{id} {words:?} {:?} {:?}", row.latitude, row.longitude))
    })
    .collect()
}

/// Without the audit record: what is made up was done by nobody, and is one entry of whoever ordered it.
async fn dump(house: &House) -> BTreeMap<&'static str, Vec<String>> {
    const TABLES: &[&str] = &[
        "petitions",
        "petition_texts",
        "petitioners",
        "documents",
        "register_counters",
        "deadlines",
        "timeline",
        "answers",
        "requests",
        "publications",
        "notifications",
        "identity_looks",
        "idempotency_keys",
        "accounts",
        "account_roles",
        "statistics_changes",
        "statistics_sums",
        "statistics_times",
        "agencies",
        "areas",
        "categories",
        "routing_rules",
        "deadline_rules",
        "directory_state",
    ];
    let work = |connection: &mut DbConnection| {
        let mut tables = TABLES
            .iter()
            .map(|table| Ok((*table, lines(connection, table)?)))
            .collect::<Result<BTreeMap<_, _>, StorageError>>()?;
        tables.insert("persons", persons(connection)?);
        Ok::<_, StorageError>(tables)
    };
    house.app.db.read(work).await.unwrap()
}

#[tokio::test]
async fn made_petitions_are_as_lived_ones() {
    let (made, lived) = (house().await, house().await);
    generate(&made.app, order(), |_| ()).await.unwrap();
    roll_up(&made.app).await.unwrap();
    live_through_the_services(&lived).await;
    roll_up(&lived.app).await.unwrap();
    let (made_tables, lived_tables) = (dump(&made).await, dump(&lived).await);
    for (table, rows) in &lived_tables {
        let other = made_tables.get(table).unwrap();
        let differing = rows.iter().zip(other).find(|(lived, made)| lived != made);
        assert!(differing.is_none(), "{table}:\nlived {}\nmade  {}", differing.unwrap().0, differing.unwrap().1);
        assert_eq!(rows.len(), other.len(), "{table}");
    }
    for (table, least) in
        [("petitions", 150), ("timeline", 700), ("documents", 151), ("publications", 100), ("statistics_sums", 1000)]
    {
        assert!(made_tables.get(table).unwrap().len() >= least, "{table}");
    }
    assert_eq!(made.app.db.read(recount).await.map_err(|error: StorageError| error).unwrap(), Vec::new());
    let mut found = Vec::new();
    let findings = pakn::ops::verify::everything(&made.app.db, &mut |line| found.push(format!("{line:?}"))).await.unwrap();
    assert_eq!(findings, 0, "{found:#?}");
    assert!(now().local_date() > order().until);
    made.app.close().await;
    lived.app.close().await;
}

#[tokio::test]
async fn a_database_with_petitions_is_left_alone() {
    let house = house().await;
    crate::history::live(&house, 1, 2).await;
    let refused = generate(&house.app, order(), |_| ()).await;
    assert!(
        matches!(refused, Err(ServiceError::Invalid(problems)) if problems.iter().any(|problem| problem.field == "petitions"))
    );
    house.app.close().await;
}

#[tokio::test]
async fn nothing_is_made_from_before_the_directory() {
    let house = house().await;
    let refused = generate(&house.app, GenerateOptions { years: 30, ..order() }, |_| ()).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(problems)) if problems.iter().any(|problem| problem.field == "years")));
    house.app.close().await;
}
