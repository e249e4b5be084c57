//! The recipient of a message about a petition: the petitioner's addresses and preferences.

use crate::accounts::store::profiles;
use crate::db::schema::{contact_preferences, petitioners, petitions};
use crate::db::{DbConnection, StorageError};
use crate::integrations::zalo::store::people;
use crate::kernel::Lang;
use crate::kernel::ids::{AccountId, PetitionId};
use crate::petitions::store::PetitionerIdentity;
use crate::petitions::store::petitioners::person;
use diesel::prelude::*;

/// The petitioner as a recipient. Personal data: for the worker only, never for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// `None` for guests.
    pub account_id: Option<AccountId>,
    pub full_name: Option<String>,
    pub email: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    pub wants_email: bool,
    /// Whether they want Zalo messages.
    pub wants_zalo: bool,
    /// Their user id at the Official Account, if it may write to them.
    pub zalo_user: Option<String>,
    /// Language of messages.
    pub lang: Lang,
}

/// Returns the recipient of messages about a petition.
///
/// # Errors
/// `Missing` when the petition has no petitioner, which means an inconsistent database.
pub fn recipient(connection: &mut DbConnection, petition: PetitionId) -> Result<Recipient, StorageError> {
    let (sealed, account_id): (String, Option<AccountId>) = petitioners::table
        .inner_join(petitions::table.on(petitions::id.eq(petitioners::petition_id)))
        .filter(petitioners::petition_id.eq(petition))
        .select((petitioners::person, petitions::account_id))
        .get_result(connection)?;
    let PetitionerIdentity { full_name, email, phone, .. } = person(petition, &sealed)?;
    // For accounts, use the currently verified contacts instead of those given when filing.
    let (email, phone) = match account_id {
        None => (email, phone),
        Some(account) => {
            let account = profiles::find(connection, account)?;
            (email.and(account.email), phone.and(account.phone))
        }
    };
    let wanted = match account_id {
        None => None,
        Some(account) => contact_preferences::table
            .find(account)
            .select((contact_preferences::email, contact_preferences::zalo, contact_preferences::lang))
            .get_result(connection)
            .optional()?,
    };
    let (wants_email, wants_zalo, lang) = wanted.unwrap_or((true, true, Lang::Vi));
    // Filing in a Zalo conversation counts as choosing Zalo.
    let in_conversation = people::who_filed(connection, petition)?;
    let wants_zalo = wants_zalo || in_conversation.is_some();
    let person = match (&in_conversation, account_id) {
        (Some(user), _) => people::by_oa_user(connection, user)?,
        (None, Some(account)) => people::by_account(connection, account)?,
        (None, None) => None,
    };
    let zalo_user = person.filter(|person| person.is_reachable).and_then(|person| person.oa_user_id);
    let full_name = full_name.filter(|name| !name.is_empty());
    Ok(Recipient { account_id, full_name, email, phone, wants_email, wants_zalo, zalo_user, lang })
}

/// Returns the holder of an account as the recipient of messages about the account, ignoring the preferences.
///
/// # Errors
/// `Missing` when there is no such account.
pub fn recipient_of_account(connection: &mut DbConnection, id: AccountId) -> Result<Recipient, StorageError> {
    let account = profiles::find(connection, id)?;
    let lang = contact_preferences::table.find(id).select(contact_preferences::lang).get_result(connection).optional()?;
    let person = people::by_account(connection, id)?;
    Ok(Recipient {
        account_id: Some(id),
        full_name: Some(account.full_name).filter(|name| !name.is_empty()),
        email: account.email,
        phone: account.phone,
        wants_email: true,
        wants_zalo: true,
        zalo_user: person.filter(|person| person.is_reachable).and_then(|person| person.oa_user_id),
        lang: lang.unwrap_or(Lang::Vi),
    })
}
