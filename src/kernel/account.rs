//! Accounts with their kinds, roles and states, and the `Actor` that a request acts as.
//!
//! Pure data types shared by all modules; which role may do what is defined in `accounts::access`.

use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, AgencyId};

text_enum! {
    /// The kind of account holder.
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
    /// A role of an account; the permission table is `accounts::access`.
    Role {
        /// Files petitions as a person.
        Citizen = "citizen",
        /// Files petitions as a business.
        Business = "business",
        /// Văn thư: keeps the register, accepts, transfers and returns documents.
        Clerk = "clerk",
        /// Chuyên viên: drafts answers.
        Handler = "handler",
        /// Lãnh đạo: assigns, decides, approves.
        Leader = "leader",
        /// Điều phối: routes petitions that no rule routed or that an agency returned.
        Coordinator = "coordinator",
        /// Province reviewer: reads all statistics and public data, changes nothing.
        Reviewer = "reviewer",
        /// Manages directory, accounts and rules; never sees a petitioner's identity.
        Admin = "admin",
    }
}

text_enum! {
    /// The kind of contact.
    ContactKind {
        /// A phone number in E.164.
        Phone = "phone",
        /// An e-mail address in lower case.
        Email = "email",
    }
}

text_enum! {
    /// The kind of message sent to an account holder about the account.
    AccountMessageKind {
        /// A code to verify a contact.
        ContactCode = "contact_code",
        /// A notice that the account was changed.
        AccountChanged = "account_changed",
    }
}

text_enum! {
    /// The changed part of an account, named in the notice to its holder.
    AccountChange {
        /// Phone changed or removed.
        Phone = "phone",
        /// E-mail changed or removed.
        Email = "email",
        Password = "password",
        /// Second factor set up or removed, or its recovery codes regenerated.
        SecondFactor = "second_factor",
        /// Identity of an OIDC provider linked or unlinked.
        Identity = "identity",
    }
}

text_enum! {
    /// The administrator's action on an officer account that requires another officer to confirm the person.
    CheckCause {
        /// Account created.
        Created = "created",
        /// Agency changed or roles added.
        Place = "place",
        /// Password set by the administrator.
        Reset = "reset",
        /// Second factor removed.
        SecondFactor = "second_factor",
        /// Account enabled again with a password that the administrator knows.
        Enabled = "enabled",
    }
}

text_enum! {
    /// Whether an account may sign in.
    AccountState {
        Active = "active",
        /// May not sign in. Accounts are never deleted, because timelines refer to their names.
        Disabled = "disabled",
    }
}

/// The signed-in account of a request, taken from the access token and the account row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account_id: AccountId,
    pub kind: AccountKind,
    pub roles: Vec<Role>,
    /// The officer's agency; `None` for petitioners.
    pub agency_id: Option<AgencyId>,
}

impl Actor {
    /// Returns whether the account has the role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// A stored account without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub kind: AccountKind,
    /// The login name; only officers have one.
    pub username: Option<String>,
    /// Verified phone in E.164.
    pub phone: Option<String>,
    /// Verified e-mail in lower case.
    pub email: Option<String>,
    pub full_name: String,
    /// Whether someone else knows the password, so that it only permits changing it.
    pub must_change_password: bool,
    /// Whether sign-in requires a second factor.
    pub has_second_factor: bool,
    /// The officer's agency; `None` for petitioners.
    pub agency_id: Option<AgencyId>,
    /// Số định danh cá nhân.
    pub personal_id: Option<String>,
    pub company_name: Option<String>,
    /// Mã số thuế.
    pub tax_code: Option<String>,
    pub state: AccountState,
    pub created_at: Instant,
    /// Incremented by every change, for `If-Match`.
    pub version: i32,
    /// Sorted in the order of [`Role::ALL`].
    pub roles: Vec<Role>,
    /// Unverified contacts; `phone` and `email` hold the verified ones.
    pub claims: Vec<UnverifiedContact>,
    /// Since when the petition-handling roles are suspended until another officer confirms the person.
    pub waits_since: Option<Instant>,
}

/// A contact that the holder has not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedContact {
    pub kind: ContactKind,
    pub value: String,
    /// Whether the account was registered with this contact and may sign in with it until someone verifies it.
    pub opens_account: bool,
}

impl Account {
    /// Returns the verified contact of the kind.
    #[must_use]
    pub fn proven(&self, kind: ContactKind) -> Option<&str> {
        match kind {
            ContactKind::Phone => self.phone.as_deref(),
            ContactKind::Email => self.email.as_deref(),
        }
    }

    /// Returns the verified contact, otherwise the unverified one from registration.
    #[must_use]
    pub fn contact(&self, kind: ContactKind) -> Option<&str> {
        let of_registration = || self.claims.iter().find(|claim| claim.kind == kind && claim.opens_account);
        self.proven(kind).or_else(|| of_registration().map(|claim| claim.value.as_str()))
    }

    /// Returns the account as an [`Actor`].
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { account_id: self.id, kind: self.kind, roles: self.roles.clone(), agency_id: self.agency_id }
    }
}

/// A password hash in PHC format; `Debug` hides it from logs.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// Stored instead of a hash when the account has no password.
const NO_PASSWORD: &str = "!";

impl PasswordHash {
    /// Returns the value for an account without a password.
    #[must_use]
    pub fn none() -> Self {
        Self(NO_PASSWORD.to_owned())
    }

    /// Returns whether the account has a password.
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

/// A new account to be inserted; the fields mean the same as in [`Account`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    pub kind: AccountKind,
    pub username: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub full_name: String,
    pub password: PasswordHash,
    pub must_change_password: bool,
    pub agency_id: Option<AgencyId>,
    pub personal_id: Option<String>,
    pub company_name: Option<String>,
    pub tax_code: Option<String>,
    pub created_at: Instant,
    pub roles: Vec<Role>,
}

impl Role {
    /// The roles of officers, in the order of docs/contract.md §5.1.
    pub const OF_OFFICERS: &'static [Self] =
        &[Self::Clerk, Self::Handler, Self::Leader, Self::Coordinator, Self::Reviewer, Self::Admin];

    /// Returns whether the role requires an agency.
    #[must_use]
    pub const fn needs_agency(self) -> bool {
        matches!(self, Self::Clerk | Self::Handler | Self::Leader)
    }

    /// Returns whether the role can read petitions and petitioners' identities.
    #[must_use]
    pub const fn handles_petitions(self) -> bool {
        matches!(self, Self::Clerk | Self::Handler | Self::Leader | Self::Coordinator)
    }

    /// Returns whether the role belongs to petitioners.
    #[must_use]
    pub const fn is_petitioner(self) -> bool {
        matches!(self, Self::Citizen | Self::Business)
    }
}
