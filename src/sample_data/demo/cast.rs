//! The people who act in the demo year: the staff of every agency, and the demo accounts whose passwords are
//! printed.
//!
//! The staff have random passwords that nobody knows, so that only the printed accounts can sign in.

use super::hours;
use super::people;
use super::seeded_random::SeededRandom;
use crate::accounts::{Registration, accept_verified, register};
use crate::app::App;
use crate::db::service_error::ServiceError;
use crate::directory::rules::directory::Directory;
use crate::kernel::account::{AccountKind, Actor, ContactKind, Role};
use crate::kernel::client_address::ClientInfo;
use crate::kernel::ids::AgencyId;
use crate::officers::{self, Administrator, NewOfficer};
use std::collections::HashMap;

/// Code of the agency of the demo's clerk, handler and leader: the one with the most open petitions.
pub const STAGE: &str = "27-256-QLDT";

/// A demo account whose credentials are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoAccount {
    pub role: Role,
    pub full_name: &'static str,
    /// User name, phone or e-mail for sign-in.
    pub login: &'static str,
    /// Publicly known password.
    pub password: &'static str,
    /// Code of the officer's agency.
    pub agency: Option<&'static str>,
}

const fn account(
    role: Role,
    full_name: &'static str,
    login: &'static str,
    password: &'static str,
    agency: Option<&'static str>,
) -> DemoAccount {
    DemoAccount { role, full_name, login, password, agency }
}

/// The demo accounts, one for each role.
pub const ACCOUNTS: &[DemoAccount] = &[
    account(Role::Citizen, "Nguyễn Thị Mai", "citizen@demo.example", "demo-citizen-2023", None),
    account(Role::Business, "Trần Quang Huy", "business@demo.example", "demo-business-2023", None),
    account(Role::Clerk, "Ngô Thị Lan", "clerk", "demo-clerk-2023", Some(STAGE)),
    account(Role::Handler, "Vũ Đức Minh", "handler", "demo-handler-2023", Some(STAGE)),
    account(Role::Leader, "Hoàng Văn Thắng", "leader", "demo-leader-2023", Some(STAGE)),
    account(Role::Coordinator, "Phạm Thu Hà", "coordinator", "demo-coordinator-2023", Some("27-VPUBND")),
    account(Role::Reviewer, "Đỗ Minh Nguyệt", "reviewer", "demo-reviewer-2023", Some("27-TTT")),
    account(Role::Admin, "Lê Hữu Phúc", "admin", "demo-admin-2023", Some("27-STTTT")),
];

/// Name and tax code of the company of the business account.
const COMPANY: (&str, &str) = ("Công ty TNHH Cơ khí Kinh Bắc Xanh", "9900000016");

/// The three officers of an agency.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Clerk (*văn thư*).
    pub clerk: Actor,
    /// Handler (*chuyên viên*).
    pub handler: Actor,
    /// The handler's user name.
    pub handler_username: String,
    /// Leader (*lãnh đạo*).
    pub leader: Actor,
}

/// All actors of the demo year.
pub struct Cast {
    /// Account of a citizen.
    pub citizen: Actor,
    /// Account of a business.
    pub business: Actor,
    /// Coordinator of the province.
    pub coordinator: Actor,
    staff: HashMap<AgencyId, Staff>,
}

impl Cast {
    /// Creates all accounts.
    ///
    /// # Errors
    /// When a name is taken, or the directory is not that of 2023.
    pub async fn assemble(app: &App, directory: &Directory) -> Result<Self, ServiceError> {
        let mut actors = Vec::new();
        for account in ACCOUNTS {
            actors.push((account.role, make(app, account).await?));
        }
        let of = |role: Role| {
            let found = actors.iter().find(|(of_actor, _)| *of_actor == role).map(|(_, actor)| actor.clone());
            found.ok_or(ServiceError::Internal("a role of the demo has no account"))
        };
        let mut staff = hire(app, directory, Some(STAGE)).await?;
        let stage = directory.agency_by_code(STAGE, hours::day(2023, 6, 1));
        let stage = stage.ok_or(ServiceError::Internal("the directory has no urban division of Bắc Ninh city"))?;
        let own = Staff {
            clerk: of(Role::Clerk)?,
            handler: of(Role::Handler)?,
            handler_username: "handler".to_owned(),
            leader: of(Role::Leader)?,
        };
        staff.insert(stage.id, own);
        Ok(Self { citizen: of(Role::Citizen)?, business: of(Role::Business)?, coordinator: of(Role::Coordinator)?, staff })
    }

    /// Returns the staff of an agency.
    ///
    /// # Errors
    /// When it has none, which the plan excludes.
    pub fn staff(&self, agency: AgencyId) -> Result<&Staff, ServiceError> {
        self.staff.get(&agency).ok_or(ServiceError::Internal("an agency of the demo has no staff"))
    }
}

async fn make(app: &App, account: &DemoAccount) -> Result<Actor, ServiceError> {
    let kind = match account.role {
        Role::Citizen => AccountKind::Citizen,
        Role::Business => AccountKind::Business,
        _ => return make_officer(app, account).await,
    };
    let company = (kind == AccountKind::Business).then_some(COMPANY);
    let registration = Registration {
        account_kind: kind,
        full_name: account.full_name.to_owned(),
        phone: None,
        email: Some(account.login.to_owned()),
        password: account.password.to_owned(),
        personal_id: None,
        company_name: company.map(|(name, _)| name.to_owned()),
        tax_code: company.map(|(_, code)| code.to_owned()),
    };
    let account = register(app, &registration, &ClientInfo::operator(), None).await?.profile.account;
    // Nobody can read verification e-mails in the demo, so contacts are marked as verified.
    let email = registration.email.as_deref().unwrap_or_default();
    Ok(accept_verified(app, account.id, ContactKind::Email, email).await?.account.actor())
}

async fn make_officer(app: &App, account: &DemoAccount) -> Result<Actor, ServiceError> {
    let officer = NewOfficer {
        username: account.login.to_owned(),
        full_name: account.full_name.to_owned(),
        agency: account.agency.map(str::to_owned),
        roles: vec![account.role],
        password: Some(account.password.to_owned()),
        must_change_password: false,
        ..NewOfficer::default()
    };
    Ok(officers::create(app, &Administrator::Operator, &officer, None).await?.profile.account.actor())
}

/// Creates three officers for every agency, except for `but`, which already has its own.
///
/// # Errors
/// When a name is taken.
pub async fn hire(app: &App, directory: &Directory, but: Option<&str>) -> Result<HashMap<AgencyId, Staff>, ServiceError> {
    let dice = SeededRandom::new(252);
    let today = app.now().local_date();
    let agencies: Vec<_> =
        directory.agencies().iter().filter(|it| it.validity.covers(today) && but != Some(it.code.as_str())).collect();
    let desks = [("vt", Role::Clerk), ("cv", Role::Handler), ("ld", Role::Leader)];
    let wanted: Vec<NewOfficer> = agencies
        .iter()
        .flat_map(|agency| desks.map(|(desk, role)| (agency, desk, role)))
        .map(|(agency, desk, role)| NewOfficer {
            username: format!("{desk}.{}", agency.code.to_lowercase()),
            full_name: people::name(&dice),
            agency: Some(agency.code.clone()),
            roles: vec![role],
            ..NewOfficer::default()
        })
        .collect();
    let hired = officers::create_locked(app, &Administrator::Operator, &wanted).await?;
    let mut staff = HashMap::new();
    for (agency, (three, names)) in agencies.iter().zip(hired.chunks(3).zip(wanted.chunks(3))) {
        if let ([clerk, handler, leader], [_, named, _]) = (three, names) {
            let (clerk, handler, leader) = (clerk.clone(), handler.clone(), leader.clone());
            staff.insert(agency.id, Staff { clerk, handler, handler_username: named.username.clone(), leader });
        }
    }
    Ok(staff)
}
