//! Who may do what, as one readable table: *rights* belong to routes, and each handler names one in its signature ([`Right`]).
//!
//! Which rows of petitions somebody may see stands in `petitions::access`.

use crate::accounts::rules::api_scope::ApiScope;
use crate::kernel::account::{Actor, Role};
use crate::kernel::ids::PetitionId;

/// A right that a route needs, and the roles that have it.
pub trait Right {
    /// The name of the right, for the description of the API.
    const NAME: &'static str;
    /// The roles that have it.
    const ROLES: &'static [Role];
}

/// What somebody shows at the door of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Nothing is asked for, and what is shown is not looked at.
    Nothing,
    /// An access token, or nothing; one that is not good is refused.
    AccountOrNothing,
    /// An access token, the key of another system in `X-Api-Key`, or nothing; one that is not good is refused.
    AccountKeyOrNothing(ApiScope),
    /// An access token, a guest's tracking token, or nothing.
    AccountOrTracking,
    /// An access token.
    Account,
    /// The key of another system in `X-Api-Key`.
    Key(ApiScope),
    /// The key of another system among the fields of a form, as Open311 has it.
    KeyInForm(ApiScope),
    /// A signature over the body.
    Signature,
}

/// A line of the table of rights: its name, what it asks for, and the roles that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The name, in the description of the API as `x-right`.
    pub name: &'static str,
    /// What has to be shown.
    pub credential: Credential,
    /// The roles that have it.
    pub roles: &'static [Role],
}

/// What the keys of other systems open.
pub trait ApiKeyScope {
    /// The scope that a key needs.
    const SCOPE: ApiScope;
    /// The name of the right.
    const NAME: &'static str;
}

/// Keys for the two-way exchange of petitions.
#[derive(Debug, Clone, Copy)]
pub struct PartnerScope;

impl ApiKeyScope for PartnerScope {
    const SCOPE: ApiScope = ApiScope::Partner;
    const NAME: &'static str = "key_exchange";
}

/// Keys for filing by Open311.
#[derive(Debug, Clone, Copy)]
pub struct Open311Scope;

impl ApiKeyScope for Open311Scope {
    const SCOPE: ApiScope = ApiScope::Open311;
    const NAME: &'static str = "key_open311";
}

macro_rules! rights {
    ($($(#[$meta:meta])* $right:ident = $name:literal: [$($role:ident),+];)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $right;

            impl Right for $right {
                const NAME: &'static str = $name;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )+

        /// Every right with its roles, for the tests and the documentation.
        pub const RIGHTS: &[(&str, &[Role])] = &[$(($name, $right::ROLES)),+];
    };
}

rights! {
    /// Anybody who is signed in: their own account.
    AnyAccount = "any_account": [Citizen, Business, Clerk, Handler, Leader, Coordinator, Reviewer, Admin];
    /// A person or a business: their own petitions.
    Petitioner = "petitioner": [Citizen, Business];
    /// Officers of an agency: its register and inbox.
    Officer = "officer": [Clerk, Handler, Leader];
    /// The province's desk for what no rule routed.
    Coordinator = "coordinator": [Coordinator];
    /// Figures of the whole province, public data.
    Reviewer = "reviewer": [Reviewer];
    /// Directory, rules, calendar and accounts; never an identity.
    Admin = "admin": [Admin];
    /// Leaders and coordinators: whether an account that an administrator had in hand is in the hands of its officer.
    OfficerConfirmer = "voucher": [Leader, Coordinator];
    /// The petitions behind a figure, within the rows that one sees.
    FigureReader = "figure_reader": [Clerk, Handler, Leader, Coordinator, Reviewer];
    /// Reports; leaders those of their own agency.
    ReportReader = "report_reader": [Leader, Coordinator, Reviewer];
}

/// Who stands behind a request about one petition.
#[derive(Clone, Default)]
pub struct Caller {
    /// The signed-in account.
    pub actor: Option<Actor>,
    /// What a guest sent in `X-Tracking-Token`.
    pub tracking_token: Option<String>,
    /// The petition that the caller has filed in a conversation, which the conversation has proven.
    pub proven: Option<PetitionId>,
}

impl Caller {
    /// A signed-in account.
    #[must_use]
    pub const fn account(actor: Actor) -> Self {
        Self { actor: Some(actor), tracking_token: None, proven: None }
    }
}
