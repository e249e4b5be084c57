//! Queries and removal of one person's data other than petitioner rows and accounts.

use crate::accounts::store::sessions::SessionRow;
use crate::accounts::store::{account_digest, messages as account_messages, unverified_contacts};
use crate::attachments::store::AttachmentRow;
use crate::db::dialect::on_backend::on_backend;
use crate::db::schema::{
    accounts, anonymisations, attachments, contact_preferences, delivery_attempts, earlier_passwords, idempotency_keys,
    identity_looks, notification_marks, oidc_identities, oidc_sign_ins, outbox, password_resets, petitions, recovery_codes,
    second_factors, sessions, unsubscribed_addresses, uploads, zalo_conversations, zalo_events, zalo_people, zalo_petitions,
    zalo_replies,
};
use crate::db::vault::{self, SealedColumn};
use crate::db::{DbConnection, StorageError};
use crate::kernel::Instant;
use crate::kernel::ids::{AccountId, OutboxId, PetitionId, ZaloPersonId};
use crate::petitions::rules::Status;
use crate::petitions::rules::petitioner::LookPurpose;
use diesel::prelude::*;

/// An identity access: time, purpose, user name.
pub type IdentityAccessLine = (Instant, String, LookPurpose, Option<String>);

/// A message: channel, state, time of creation, time of completion.
pub type MessageLine = (crate::delivery::rules::OutboxChannel, crate::delivery::rules::OutboxState, Instant, Option<Instant>);

/// Returns the petitions of an account.
pub fn petitions_of(connection: &mut DbConnection, account: AccountId) -> Result<Vec<PetitionId>, StorageError> {
    let own = petitions::table.filter(petitions::account_id.eq(account)).order(petitions::id);
    Ok(own.select(petitions::id).load(connection)?)
}

/// Returns who viewed the petitioner's identity.
pub fn looks(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<IdentityAccessLine>, StorageError> {
    Ok(identity_looks::table
        .inner_join(accounts::table.on(accounts::id.eq(identity_looks::account_id)))
        .filter(identity_looks::petition_id.eq(petition))
        .order(identity_looks::id)
        .select((identity_looks::looked_at, identity_looks::occasion, identity_looks::purpose, accounts::username))
        .load(connection)?)
}

/// Returns the messages sent about a petition.
pub fn messages(connection: &mut DbConnection, petition: PetitionId) -> Result<Vec<MessageLine>, StorageError> {
    Ok(outbox::table
        .filter(outbox::petition_id.eq(petition).and(outbox::webhook_id.is_null()))
        .order(outbox::id)
        .select((outbox::channel, outbox::state, outbox::created_at, outbox::settled_at))
        .load(connection)?)
}

/// Returns Zalo users with the account, or with the phone and no account. The phone is compared with every row,
/// because there is no lookup hash for it.
pub fn on_zalo(
    connection: &mut DbConnection,
    account: Option<AccountId>,
    phone: Option<&str>,
) -> Result<Vec<(ZaloPersonId, Option<String>)>, StorageError> {
    type ZaloPersonColumns = (ZaloPersonId, Option<String>, Option<AccountId>, Option<String>);
    let key = (zalo_people::id, zalo_people::oa_user_id, zalo_people::account_id, zalo_people::phone);
    let rows: Vec<ZaloPersonColumns> = zalo_people::table.order(zalo_people::id).select(key).load(connection)?;
    let mut found = Vec::new();
    for (id, user, owner, sealed) in rows {
        let same_account = account.is_some() && owner == account;
        let own = vault::open_some(SealedColumn::ZALO_PHONE, id, sealed.as_deref())?;
        if same_account || (owner.is_none() && phone.is_some() && own.as_deref() == phone) {
            found.push((id, user));
        }
    }
    Ok(found)
}

/// Returns the petition draft collected in a conversation, and its pending replies.
pub fn conversation(connection: &mut DbConnection, user: &str) -> Result<(Option<String>, Vec<String>), StorageError> {
    let draft: Option<String> =
        zalo_conversations::table.find(user).select(zalo_conversations::draft).get_result(connection).optional()?;
    let draft = vault::open_some(SealedColumn::ZALO_DRAFT, user, draft.as_deref())?;
    let texts: Vec<String> =
        zalo_replies::table.filter(zalo_replies::oa_user_id.eq(user)).select(zalo_replies::text).load(connection)?;
    let open = |text: &String| vault::open(SealedColumn::ZALO_REPLY, user, text);
    Ok((draft, texts.iter().filter(|text| !text.is_empty()).map(open).collect::<Result<_, _>>()?))
}

/// Deletes a Zalo user with their whole conversation.
pub fn forget_on_zalo(connection: &mut DbConnection, id: Option<ZaloPersonId>, user: Option<&str>) -> Result<(), StorageError> {
    if let Some(user) = user {
        diesel::delete(zalo_conversations::table.find(user)).execute(connection)?;
        diesel::delete(zalo_replies::table.filter(zalo_replies::oa_user_id.eq(user))).execute(connection)?;
        diesel::delete(zalo_events::table.filter(zalo_events::oa_user_id.eq(user))).execute(connection)?;
        diesel::delete(zalo_petitions::table.filter(zalo_petitions::oa_user_id.eq(user))).execute(connection)?;
    }
    if let Some(id) = id {
        diesel::delete(zalo_people::table.find(id)).execute(connection)?;
    }
    Ok(())
}

/// Empties an account: nobody can sign in any more; its id stays valid in timelines.
pub fn empty_account(connection: &mut DbConnection, id: AccountId) -> Result<(), StorageError> {
    let nothing: Option<String> = None;
    diesel::update(accounts::table.find(id))
        .set((
            accounts::phone.eq(&nothing),
            accounts::phone_hash.eq(&nothing),
            accounts::email.eq(&nothing),
            accounts::email_hash.eq(&nothing),
            accounts::full_name.eq(""),
            accounts::personal_id.eq(&nothing),
            accounts::company_name.eq(&nothing),
            accounts::tax_code.eq(&nothing),
            accounts::password_hash.eq("!"),
            accounts::state.eq(crate::kernel::account::AccountState::Disabled),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(connection)?;
    unverified_contacts::drop_all(connection, id)?;
    account_messages::forget_contacts_of(connection, id)?;
    account_digest::renew(connection, id.0)?;
    let calls = format!("account:{id} %");
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::caller.like(calls))).execute(connection)?;
    diesel::update(sessions::table.filter(sessions::account_id.eq(id))).set(sessions::device.eq(&nothing)).execute(connection)?;
    diesel::delete(oidc_identities::table.filter(oidc_identities::account_id.eq(id))).execute(connection)?;
    diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::account_id.eq(id))).execute(connection)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(id))).execute(connection)?;
    diesel::delete(second_factors::table.find(id)).execute(connection)?;
    diesel::delete(earlier_passwords::table.filter(earlier_passwords::account_id.eq(id))).execute(connection)?;
    diesel::delete(contact_preferences::table.find(id)).execute(connection)?;
    diesel::delete(notification_marks::table.find(id)).execute(connection)?;
    let resets = password_resets::table.filter(password_resets::account_id.eq(id)).select(password_resets::id);
    let letters: Vec<OutboxId> =
        outbox::table.filter(outbox::password_reset_id.eq_any(resets.nullable())).select(outbox::id).load(connection)?;
    for part in letters.chunks(500) {
        diesel::update(delivery_attempts::table.filter(delivery_attempts::outbox_id.eq_any(part)))
            .set((delivery_attempts::problem.eq(&nothing), delivery_attempts::reference.eq(&nothing)))
            .execute(connection)?;
        diesel::update(outbox::table.filter(outbox::id.eq_any(part))).set(outbox::problem.eq(&nothing)).execute(connection)?;
    }
    Ok(())
}

/// Deletes the address of an unsubscription; the unsubscription itself stays under its hashes.
pub fn forget_address(connection: &mut DbConnection, hashes: &[String]) -> Result<(), StorageError> {
    let of_subject = unsubscribed_addresses::table.filter(unsubscribed_addresses::address_hash.eq_any(hashes.to_vec()));
    diesel::update(of_subject).set(unsubscribed_addresses::address.eq(None::<String>)).execute(connection)?;
    Ok(())
}

/// Marks a petition as anonymised; returns false when it was before.
pub fn note_anonymised(connection: &mut DbConnection, id: PetitionId, cause: &str, at: Instant) -> Result<bool, StorageError> {
    let row = (anonymisations::petition_id.eq(id), anonymisations::cause.eq(cause), anonymisations::anonymised_at.eq(at));
    let statement = diesel::insert_into(anonymisations::table).values(row).on_conflict_do_nothing();
    Ok(on_backend!(connection, either => statement.execute(either))? == 1)
}

/// Returns petitions that were settled before an instant and are not anonymised yet.
pub fn due(connection: &mut DbConnection, before: Instant, limit: i64) -> Result<Vec<PetitionId>, StorageError> {
    let done = anonymisations::table.select(anonymisations::petition_id);
    let open = Status::ALL.iter().copied().filter(|status| status.is_open()).collect::<Vec<_>>();
    Ok(petitions::table
        .filter(petitions::settled_at.lt(before))
        .filter(petitions::status.ne_all(open))
        .filter(petitions::id.ne_all(done))
        .order(petitions::settled_at)
        .limit(limit)
        .select(petitions::id)
        .load(connection)?)
}

/// Detaches account, conversation and files from a petition; returns the files, which are unused now.
pub fn detach(connection: &mut DbConnection, id: PetitionId) -> Result<Vec<String>, StorageError> {
    diesel::update(petitions::table.find(id)).set(petitions::account_id.eq(None::<AccountId>)).execute(connection)?;
    diesel::delete(zalo_petitions::table.find(id)).execute(connection)?;
    let own = attachments::table.filter(attachments::petition_id.eq(id)).order(attachments::id);
    let files: Vec<String> = own.select(attachments::id).load(connection)?;
    diesel::update(attachments::table.filter(attachments::petition_id.eq(id)))
        .set((
            attachments::petition_id.eq(None::<PetitionId>),
            attachments::account_id.eq(None::<AccountId>),
            attachments::state.eq(crate::attachments::rules::AttachmentState::Damaged),
        ))
        .execute(connection)?;
    Ok(files)
}

/// Returns files and uploads of an account that are attached to nothing and no longer can be.
pub fn loose_files(connection: &mut DbConnection, account: AccountId) -> Result<(Vec<String>, Vec<String>), StorageError> {
    let loose = attachments::table.filter(attachments::account_id.eq(account).and(attachments::petition_id.is_null()));
    let files: Vec<String> = loose.order(attachments::id).select(attachments::id).load(connection)?;
    let own = uploads::table.filter(uploads::account_id.eq(account)).order(uploads::id);
    Ok((files, own.select(uploads::id).load(connection)?))
}

/// Returns the unattached files of an account, oldest first.
pub fn unjoined_files(connection: &mut DbConnection, account: AccountId) -> Result<Vec<AttachmentRow>, StorageError> {
    let loose = attachments::table.filter(attachments::account_id.eq(account).and(attachments::petition_id.is_null()));
    let rows = loose.order((attachments::created_at, attachments::id)).select(AttachmentRow::as_select());
    Ok(rows.load(connection)?)
}

/// Returns the stored sessions of an account, one row per refresh token, oldest first.
pub fn session_links(connection: &mut DbConnection, account: AccountId) -> Result<Vec<SessionRow>, StorageError> {
    let own = sessions::table.filter(sessions::account_id.eq(account)).order(sessions::id);
    Ok(own.select(SessionRow::as_select()).load(connection)?)
}

/// Returns the Zalo users whose conversation concerned a petition.
pub fn zalo_users_of(connection: &mut DbConnection, id: PetitionId) -> Result<Vec<String>, StorageError> {
    Ok(zalo_petitions::table.find(id).select(zalo_petitions::oa_user_id).load(connection)?)
}

/// Returns the stored Zalo person of a Zalo user id; `None` when unknown.
pub fn zalo_person(connection: &mut DbConnection, user: &str) -> Result<Option<ZaloPersonId>, StorageError> {
    let own = zalo_people::table.filter(zalo_people::oa_user_id.eq(user));
    Ok(own.select(zalo_people::id).first(connection).optional()?)
}
