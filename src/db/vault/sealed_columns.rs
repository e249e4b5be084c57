//! The list of all columns with personal data, used for sealing, converting, key rotation and checks.

/// A sealed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    /// The column by which rows are iterated: a number or a text.
    pub key: &'static str,
    /// Whether `key` is a number.
    pub is_numbered: bool,
    /// SQL for the row identity that the value is bound to; empty where no column of the row is stable.
    pub row: &'static str,
    /// SQL condition for the rows with personal data.
    pub only: &'static str,
    /// Columns with lookup hashes of the value or its parts.
    pub hashes: &'static [(&'static str, LookupKind)],
}

/// The kind of a value that can be looked up by hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupKind {
    /// A phone number in E.164.
    Phone,
    /// An e-mail address in lower case.
    Email,
}

impl LookupKind {
    /// Returns the name used in the hash.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }
}

const ID: &str = "CAST(id AS TEXT)";

const fn numbered(table: &'static str, column: &'static str) -> SealedColumn {
    SealedColumn { table, column, key: "id", is_numbered: true, row: ID, only: "1 = 1", hashes: &[] }
}

impl SealedColumn {
    /// The petitioner of a petition.
    pub const PERSON: Self = Self {
        key: "petition_id",
        row: "CAST(petition_id AS TEXT)",
        hashes: &[("phone_hash", LookupKind::Phone), ("email_hash", LookupKind::Email)],
        ..numbered("petitioners", "person")
    };
    /// The phone of an account.
    pub const ACCOUNT_PHONE: Self = Self { hashes: &[("phone_hash", LookupKind::Phone)], ..numbered("accounts", "phone") };
    /// The e-mail of an account.
    pub const ACCOUNT_EMAIL: Self = Self { hashes: &[("email_hash", LookupKind::Email)], ..numbered("accounts", "email") };
    /// The name of a petitioner's account; officers' names are public, because they appear under answers.
    pub const ACCOUNT_NAME: Self = Self { only: "kind <> 'officer'", ..numbered("accounts", "full_name") };
    /// Số định danh cá nhân.
    pub const ACCOUNT_PERSONAL_ID: Self = numbered("accounts", "personal_id");
    /// The company name of an account.
    pub const ACCOUNT_COMPANY: Self = numbered("accounts", "company_name");
    /// The tax code of an account.
    pub const ACCOUNT_TAX_CODE: Self = numbered("accounts", "tax_code");
    /// An unverified phone.
    pub const CLAIMED_PHONE: Self =
        Self { hashes: &[("value_hash", LookupKind::Phone)], only: "kind = 'phone'", ..numbered("claimed_contacts", "value") };
    /// An unverified e-mail.
    pub const CLAIMED_EMAIL: Self =
        Self { hashes: &[("value_hash", LookupKind::Email)], only: "kind = 'email'", ..numbered("claimed_contacts", "value") };
    /// An address unsubscribed from e-mail.
    pub const UNSUBSCRIBED: Self = Self {
        key: "address_hash",
        is_numbered: false,
        row: "''",
        hashes: &[("address_hash", LookupKind::Email)],
        ..numbered("unsubscribed_addresses", "address")
    };
    /// Stored responses of idempotency keys.
    pub const FIRST_ANSWER: Self =
        Self { key: "key_hash", is_numbered: false, row: "key_hash", ..numbered("idempotency_keys", "response") };
    /// A name given in a Zalo conversation.
    pub const ZALO_NAME: Self = numbered("zalo_people", "full_name");
    /// A phone given in a Zalo conversation.
    pub const ZALO_PHONE: Self = numbered("zalo_people", "phone");
    /// Events received through the Zalo webhook.
    pub const ZALO_EVENT: Self = Self { row: "dedupe_key", ..numbered("zalo_events", "body") };
    /// Messages sent in a Zalo conversation.
    pub const ZALO_REPLY: Self = Self { row: "oa_user_id", ..numbered("zalo_replies", "text") };
    /// The petition draft of a Zalo conversation.
    pub const ZALO_DRAFT: Self =
        Self { key: "oa_user_id", is_numbered: false, row: "oa_user_id", ..numbered("zalo_conversations", "draft") };
    /// The signing secret of a webhook.
    pub const WEBHOOK_SECRET: Self = numbered("webhooks", "secret");
    /// The previous signing secret of a webhook during rotation.
    pub const WEBHOOK_OLD_SECRET: Self = numbered("webhooks", "old_secret");

    /// Returns the associated data for a row: the location that the value is bound to.
    #[must_use]
    pub fn bound(self, row: impl std::fmt::Display) -> String {
        format!("{}.{} {row}", self.table, self.column)
    }

    /// Returns `table.column`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// All sealed columns.
pub const SEALED_COLUMNS: &[SealedColumn] = &[
    SealedColumn::PERSON,
    SealedColumn::ACCOUNT_PHONE,
    SealedColumn::ACCOUNT_EMAIL,
    SealedColumn::ACCOUNT_NAME,
    SealedColumn::ACCOUNT_PERSONAL_ID,
    SealedColumn::ACCOUNT_COMPANY,
    SealedColumn::ACCOUNT_TAX_CODE,
    SealedColumn::CLAIMED_PHONE,
    SealedColumn::CLAIMED_EMAIL,
    SealedColumn::UNSUBSCRIBED,
    SealedColumn::FIRST_ANSWER,
    SealedColumn::ZALO_NAME,
    SealedColumn::ZALO_PHONE,
    SealedColumn::ZALO_EVENT,
    SealedColumn::ZALO_REPLY,
    SealedColumn::ZALO_DRAFT,
    SealedColumn::WEBHOOK_SECRET,
    SealedColumn::WEBHOOK_OLD_SECRET,
];
