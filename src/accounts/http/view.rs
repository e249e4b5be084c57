//! Response bodies for accounts, as seen by their owners and by administrators.

use crate::accounts::{AgencyName, Profile, SignedIn};
use crate::kernel::Instant;
use crate::kernel::account::{Account, AccountKind, AccountState, ContactKind, Role};
use crate::kernel::ids::AccountId;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// An agency by its code and name.
#[derive(Serialize, ToSchema)]
pub struct AgencyNameView {
    /// Code.
    #[schema(example = "27-256-QLDT")]
    code: String,
    /// Official name.
    name: String,
}

impl From<AgencyName> for AgencyNameView {
    fn from(agency: AgencyName) -> Self {
        Self { code: agency.code, name: agency.name }
    }
}

/// By what somebody is reached.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountContact)]
pub struct ContactView {
    kind: ContactKind,
    #[schema(example = "+84912345678")]
    value: String,
    /// Whether it is proven to be the holder's.
    confirmed: bool,
}

impl ContactView {
    fn all_of(account: &Account) -> Vec<Self> {
        let proven = ContactKind::ALL
            .iter()
            .filter_map(|kind| Some(Self { kind: *kind, value: account.proven(*kind)?.to_owned(), confirmed: true }));
        let claimed = account.claims.iter().map(|claim| Self { kind: claim.kind, value: claim.value.clone(), confirmed: false });
        proven.chain(claimed).collect()
    }
}

/// One's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    id: AccountId,
    account_kind: AccountKind,
    /// What an officer signs in with.
    #[schema(required)]
    username: Option<String>,
    full_name: String,
    /// In E.164; the proven one, otherwise that of the registration.
    #[schema(required, example = "+84912345678")]
    phone: Option<String>,
    /// The same.
    #[schema(required)]
    email: Option<String>,
    /// Whether every contact is proven. One that is not is used for no messages and no new password.
    confirmed: bool,
    /// Every contact, those to be proven too; see `POST /me/contacts/confirm`.
    contacts: Vec<ContactView>,
    /// Số định danh cá nhân.
    #[schema(required)]
    personal_id: Option<String>,
    #[schema(required)]
    company_name: Option<String>,
    /// Mã số thuế.
    #[schema(required)]
    tax_code: Option<String>,
    /// An officer's agency.
    #[schema(required)]
    agency: Option<AgencyNameView>,
    roles: Vec<Role>,
    /// Until it was changed, every other call is answered 403 `password_change_required`.
    must_change_password: bool,
    /// Whether the sign-in asks for a code. Where a role needs one and there is none, every other call is answered 403
    /// `second_factor_required`.
    has_second_factor: bool,
    /// Whether the roles that handle petitions wait until a leader of the agency or a coordinator has confirmed the person, because an
    /// administrator has had the account in hand: what needs them is answered 403 `confirmation_required`.
    awaits_confirmation: bool,
    created_at: Instant,
    /// For `If-Match`.
    version: i32,
}

impl AccountView {
    /// Returns the version, for `ETag`.
    #[must_use]
    pub const fn version(&self) -> i32 {
        self.version
    }
}

impl From<Profile> for AccountView {
    fn from(profile: Profile) -> Self {
        let account = profile.account;
        let contacts = ContactView::all_of(&account);
        let contact = |kind: ContactKind| account.contact(kind).map(str::to_owned);
        Self {
            id: account.id,
            account_kind: account.kind,
            phone: contact(ContactKind::Phone),
            email: contact(ContactKind::Email),
            confirmed: contacts.iter().all(|contact| contact.confirmed),
            contacts,
            username: account.username,
            full_name: account.full_name,
            personal_id: account.personal_id,
            company_name: account.company_name,
            tax_code: account.tax_code,
            agency: profile.agency.map(AgencyNameView::from),
            roles: account.roles,
            must_change_password: account.must_change_password,
            has_second_factor: account.has_second_factor,
            awaits_confirmation: account.waits_since.is_some(),
            created_at: account.created_at,
            version: account.version,
        }
    }
}

/// An officer's account as the administration sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Officer)]
pub struct OfficerView {
    id: AccountId,
    #[schema(required)]
    username: Option<String>,
    full_name: String,
    #[schema(required)]
    phone: Option<String>,
    #[schema(required)]
    email: Option<String>,
    #[schema(required)]
    agency: Option<AgencyNameView>,
    roles: Vec<Role>,
    state: AccountState,
    must_change_password: bool,
    /// Whether the sign-in asks for a code.
    has_second_factor: bool,
    /// Whether the roles that handle petitions wait until a leader of the agency or a coordinator has confirmed the person.
    awaits_confirmation: bool,
    created_at: Instant,
    /// For `If-Match`.
    version: i32,
}

impl OfficerView {
    /// Returns the row id, for `Location` and cursors.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Returns the version, for `ETag`.
    #[must_use]
    pub const fn version(&self) -> i32 {
        self.version
    }
}

impl From<Profile> for OfficerView {
    fn from(profile: Profile) -> Self {
        let account = profile.account;
        Self {
            id: account.id,
            username: account.username,
            full_name: account.full_name,
            phone: account.phone,
            email: account.email,
            agency: profile.agency.map(AgencyNameView::from),
            roles: account.roles,
            state: account.state,
            must_change_password: account.must_change_password,
            has_second_factor: account.has_second_factor,
            awaits_confirmation: account.waits_since.is_some(),
            created_at: account.created_at,
            version: account.version,
        }
    }
}

/// A signed-in account with its tokens.
#[derive(Serialize, ToSchema)]
pub struct SignedInView {
    account: AccountView,
    /// JWT for `Authorization: Bearer`.
    access_token: String,
    /// Good for one `POST /auth/refresh`.
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
}

impl From<SignedIn> for SignedInView {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            account: signed_in.profile.into(),
            access_token: signed_in.access_token,
            refresh_token: signed_in.refresh_token,
            token_type: "Bearer",
            expires_in: signed_in.expires_in,
        }
    }
}

/// Deserializes a field of a PATCH: missing leaves it unchanged, `null` and an empty text both clear it.
///
/// # Errors
/// Those of the format.
pub fn null_empties<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| Some(text.unwrap_or_default()))
}
