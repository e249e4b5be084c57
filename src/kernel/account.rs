//! Who acts: accounts, their kinds and roles.

use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId};

text_enum! {
    /// What stands behind an account.
    AccountKind {
        /// A person who files petitions.
        Citizen = "citizen",
        /// A business that files petitions.
        Business = "business",
        /// A person who works at an agency.
        Officer = "officer",
    }
}

text_enum! {
    /// What an account may do; the table of rights is `accounts::access`.
    Role {
        /// Files petitions as a person.
        Citizen = "citizen",
        /// Files petitions as a business.
        Business = "business",
        /// Văn thư: keeps the register, accepts, transfers, returns.
        Clerk = "clerk",
        /// Chuyên viên: works on the answer.
        Handler = "handler",
        /// Lãnh đạo: assigns, decides, approves.
        Leader = "leader",
        /// Điều phối: routes what no rule routed and what came back.
        Coordinator = "coordinator",
        /// Province reviewer: reads all figures and public data, changes nothing.
        Reviewer = "reviewer",
        /// Directory, accounts, rules; never a petitioner's identity.
        Admin = "admin",
    }
}

text_enum! {
    /// By what people are reached.
    ContactKind {
        /// A phone in E.164.
        Phone = "phone",
        /// An e-mail address in lower case.
        Email = "email",
    }
}

text_enum! {
    /// What the holder of an account is told about it.
    AccountMessageKind {
        /// A code that proves a contact.
        ContactCode = "contact_code",
        /// That something of the account was changed.
        AccountChanged = "account_changed",
    }
}

text_enum! {
    /// What of an account was changed, for its holder to know.
    AccountChange {
        /// Another phone, or none.
        Phone = "phone",
        /// Another e-mail, or none.
        Email = "email",
        /// Another password.
        Password = "password",
        /// A second factor was set up or given up, or its recovery codes were drawn anew.
        SecondFactor = "second_factor",
        /// An identity of a provider was linked or taken away.
        Identity = "identity",
    }
}

text_enum! {
    /// What an administrator did to an officer's account so that somebody else has to vouch for the person.
    CheckCause {
        /// Made it.
        Created = "created",
        /// Gave it another agency or more roles.
        Place = "place",
        /// Set its password.
        Reset = "reset",
        /// Took its second factor away.
        SecondFactor = "second_factor",
        /// Let it sign in again with a password that the administration knows.
        Enabled = "enabled",
    }
}

text_enum! {
    /// Whether an account may sign in.
    AccountState {
        /// May sign in.
        Active = "active",
        /// May not sign in any more; never deleted, its name stands in timelines.
        Disabled = "disabled",
    }
}

/// The signed-in account behind a request, as the token and the account row say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: AccountId,
    /// Citizen, business or officer.
    pub kind: AccountKind,
    /// Every role of the account.
    pub roles: Vec<Role>,
    /// The officer's agency; none for petitioners.
    pub agency_id: Option<AgencyId>,
}

impl Actor {
    /// Whether the account has the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// An account as the shelves know it, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Row number.
    pub id: AccountId,
    /// Citizen, business or officer.
    pub kind: AccountKind,
    /// What officers sign in with.
    pub username: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// E-mail in lower case.
    pub email: Option<String>,
    /// Full name.
    pub full_name: String,
    /// Whether the password is one that somebody else knows and therefore opens nothing but its own change.
    pub must_change_password: bool,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
    /// The officer's agency.
    pub agency_id: Option<AgencyId>,
    /// Số định danh cá nhân.
    pub personal_id: Option<String>,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Mã số thuế.
    pub tax_code: Option<String>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// When it was made.
    pub created_at: Instant,
    /// Raised by every change, for `If-Match`.
    pub version: i32,
    /// What it may do, in the order of [`Role::ALL`].
    pub roles: Vec<Role>,
    /// Contacts that are said to be the holder's and not proven; phone and e-mail above are.
    pub claims: Vec<UnverifiedContact>,
    /// Since when the roles that handle petitions wait for somebody who vouches for the officer.
    pub waits_since: Option<Instant>,
}

/// A contact that somebody says is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedContact {
    /// Phone or e-mail.
    pub kind: ContactKind,
    /// The contact.
    pub value: String,
    /// Whether the account was registered with it, and may be known by it until somebody proves it.
    pub opens_account: bool,
}

impl Account {
    /// The contact that is proven.
    #[must_use]
    pub fn proven(&self, kind: ContactKind) -> Option<&str> {
        match kind {
            ContactKind::Phone => self.phone.as_deref(),
            ContactKind::Email => self.email.as_deref(),
        }
    }

    /// The contact that the holder goes by: the proven one, otherwise that of the registration.
    #[must_use]
    pub fn contact(&self, kind: ContactKind) -> Option<&str> {
        let of_registration = || self.claims.iter().find(|claim| claim.kind == kind && claim.opens_account);
        self.proven(kind).or_else(|| of_registration().map(|claim| claim.value.as_str()))
    }

    /// The account as it acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { account_id: self.id, kind: self.kind, roles: self.roles.clone(), agency_id: self.agency_id }
    }
}

/// A hashed password in PHC form; it never shows in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// What stands in the place of a hash where nobody can sign in with a password.
const NO_PASSWORD: &str = "!";

impl PasswordHash {
    /// Of an account without a password.
    #[must_use]
    pub fn none() -> Self {
        Self(NO_PASSWORD.to_owned())
    }

    /// Whether there is a password.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0 != NO_PASSWORD
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// An account about to be stored; the meaning of the fields is that of [`Account`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Citizen, business or officer.
    pub kind: AccountKind,
    /// What officers sign in with.
    pub username: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// E-mail in lower case.
    pub email: Option<String>,
    /// Full name.
    pub full_name: String,
    /// The hashed password.
    pub password: PasswordHash,
    /// Whether the password has to be changed first.
    pub must_change_password: bool,
    /// The officer's agency.
    pub agency_id: Option<AgencyId>,
    /// Số định danh cá nhân.
    pub personal_id: Option<String>,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Mã số thuế.
    pub tax_code: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// What it may do.
    pub roles: Vec<Role>,
}

impl Role {
    /// The roles of officers, in the order of docs/contract.md §5.1.
    pub const OF_OFFICERS: &'static [Self] =
        &[Self::Clerk, Self::Handler, Self::Leader, Self::Coordinator, Self::Reviewer, Self::Admin];

    /// Whether the role means nothing without an agency.
    #[must_use]
    pub const fn needs_agency(self) -> bool {
        matches!(self, Self::Clerk | Self::Handler | Self::Leader)
    }

    /// Whether the role opens petitions and the people behind them.
    #[must_use]
    pub const fn handles_petitions(self) -> bool {
        matches!(self, Self::Clerk | Self::Handler | Self::Leader | Self::Coordinator)
    }

    /// Whether it is a role of petitioners.
    #[must_use]
    pub const fn is_petitioner(self) -> bool {
        matches!(self, Self::Citizen | Self::Business)
    }
}
