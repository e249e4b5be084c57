//! Role-based access rights, as one readable table: a *right* belongs to a route, and each handler names the right
//! it needs in its signature ([`Right`]).
//!
//! Which petitions (rows) an account may see is decided in `petitions::access`.

use crate::accounts::rules::api_scope::ApiScope;
use crate::kernel::account::{Actor, Role};
use crate::kernel::ids::PetitionId;

/// A right that a route requires, and the roles that hold it.
pub trait Right {
    /// The name of the right in the API description.
    const NAME: &'static str;
    const ROLES: &'static [Role];
}

/// The credential that a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// No credential required; one that is sent is ignored.
    Nothing,
    /// An optional access token; an invalid one is refused.
    AccountOrNothing,
    /// An optional access token or an API key of another system in `X-Api-Key`; an invalid one is refused.
    AccountKeyOrNothing(ApiScope),
    /// An optional access token or a guest's tracking token.
    AccountOrTracking,
    /// An access token, required.
    Account,
    /// The API key of another system in `X-Api-Key`.
    Key(ApiScope),
    /// The API key of another system as a form field, as Open311 specifies.
    KeyInForm(ApiScope),
    /// A signature over the request body.
    Signature,
}

/// One row of the rights table: name, accepted credential, roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The name, shown as `x-right` in the API description.
    pub name: &'static str,
    pub credential: Credential,
    pub roles: &'static [Role],
}

/// A set of endpoints that API keys of other systems can access.
pub trait ApiKeyScope {
    /// The scope that the API key must have.
    const SCOPE: ApiScope;
    const NAME: &'static str;
}

/// Scope for the two-way exchange of petitions.
#[derive(Debug, Clone, Copy)]
pub struct PartnerScope;

impl ApiKeyScope for PartnerScope {
    const SCOPE: ApiScope = ApiScope::Partner;
    const NAME: &'static str = "key_exchange";
}

/// Scope for filing through Open311.
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

        /// All rights with their roles, for the tests and the documentation.
        pub const RIGHTS: &[(&str, &[Role])] = &[$(($name, $right::ROLES)),+];
    };
}

rights! {
    /// Any signed-in account: access to itself.
    AnyAccount = "any_account": [Citizen, Business, Clerk, Handler, Leader, Coordinator, Reviewer, Admin];
    /// A citizen or a business: access to its own petitions.
    Petitioner = "petitioner": [Citizen, Business];
    /// Officers of an agency: its register and inbox.
    Officer = "officer": [Clerk, Handler, Leader];
    /// Coordinators of the province: petitions that no rule routed.
    Coordinator = "coordinator": [Coordinator];
    /// Province-wide statistics and public data.
    Reviewer = "reviewer": [Reviewer];
    /// Directory, rules, calendar and accounts; never the identity of petitioners.
    Admin = "admin": [Admin];
    /// Leaders and coordinators: confirm that an account changed by an administrator is still controlled by its
    /// officer.
    OfficerConfirmer = "voucher": [Leader, Coordinator];
    /// The petitions behind a statistic, limited to the rows the account may see.
    FigureReader = "figure_reader": [Clerk, Handler, Leader, Coordinator, Reviewer];
    /// Reports; leaders see only those of their own agency.
    ReportReader = "report_reader": [Leader, Coordinator, Reviewer];
}

/// Who makes a request about one petition.
#[derive(Clone, Default)]
pub struct Caller {
    /// The signed-in account.
    pub actor: Option<Actor>,
    /// The guest's token from `X-Tracking-Token`.
    pub tracking_token: Option<String>,
    /// The petition that the caller filed in a conversation; the conversation itself proves it.
    pub proven: Option<PetitionId>,
}

impl Caller {
    /// Returns a caller for a signed-in account.
    #[must_use]
    pub const fn account(actor: Actor) -> Self {
        Self { actor: Some(actor), tracking_token: None, proven: None }
    }
}
