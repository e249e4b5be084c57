//! Every column that holds personal data, in one list: what is sealed, converted, sealed anew and checked.

/// A column that is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// Its table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// The column by which rows are gone through: a number or a text.
    pub key: &'static str,
    /// Whether that is a number.
    pub is_numbered: bool,
    /// What the value is bound to in its row, as SQL; an empty text where the row can be known by nothing that stays.
    pub row: &'static str,
    /// Which rows hold personal data, as SQL.
    pub only: &'static str,
    /// The columns that hold hashes of the value, or of its parts.
    pub hashes: &'static [(&'static str, LookupKind)],
}

/// What a value can be found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupKind {
    /// A phone in E.164.
    Phone,
    /// An e-mail address in lower case.
    Email,
}

impl LookupKind {
    /// Its name in the hash.
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
    /// The person behind a petition.
    pub const PERSON: Self = Self {
        key: "petition_id",
        row: "CAST(petition_id AS TEXT)",
        hashes: &[("phone_hash", LookupKind::Phone), ("email_hash", LookupKind::Email)],
        ..numbered("petitioners", "person")
    };
    /// Phone of an account.
    pub const ACCOUNT_PHONE: Self = Self { hashes: &[("phone_hash", LookupKind::Phone)], ..numbered("accounts", "phone") };
    /// E-mail of an account.
    pub const ACCOUNT_EMAIL: Self = Self { hashes: &[("email_hash", LookupKind::Email)], ..numbered("accounts", "email") };
    /// Name of a petitioner's account; an officer's name is public, it stands under answers.
    pub const ACCOUNT_NAME: Self = Self { only: "kind <> 'officer'", ..numbered("accounts", "full_name") };
    /// Số định danh cá nhân.
    pub const ACCOUNT_PERSONAL_ID: Self = numbered("accounts", "personal_id");
    /// Company of an account.
    pub const ACCOUNT_COMPANY: Self = numbered("accounts", "company_name");
    /// Tax code of an account.
    pub const ACCOUNT_TAX_CODE: Self = numbered("accounts", "tax_code");
    /// A phone that somebody says is theirs.
    pub const CLAIMED_PHONE: Self =
        Self { hashes: &[("value_hash", LookupKind::Phone)], only: "kind = 'phone'", ..numbered("claimed_contacts", "value") };
    /// An e-mail that somebody says is theirs.
    pub const CLAIMED_EMAIL: Self =
        Self { hashes: &[("value_hash", LookupKind::Email)], only: "kind = 'email'", ..numbered("claimed_contacts", "value") };
    /// An address that wants no letters.
    pub const UNSUBSCRIBED: Self = Self {
        key: "address_hash",
        is_numbered: false,
        row: "''",
        hashes: &[("address_hash", LookupKind::Email)],
        ..numbered("unsubscribed_addresses", "address")
    };
    /// First answers to idempotency keys.
    pub const FIRST_ANSWER: Self =
        Self { key: "key_hash", is_numbered: false, row: "key_hash", ..numbered("idempotency_keys", "response") };
    /// The name that was given in a conversation.
    pub const ZALO_NAME: Self = numbered("zalo_people", "full_name");
    /// The phone that was given in a conversation.
    pub const ZALO_PHONE: Self = numbered("zalo_people", "phone");
    /// What came by the webhook of Zalo.
    pub const ZALO_EVENT: Self = Self { row: "dedupe_key", ..numbered("zalo_events", "body") };
    /// What is said in a conversation.
    pub const ZALO_REPLY: Self = Self { row: "oa_user_id", ..numbered("zalo_replies", "text") };
    /// What was gathered in a conversation.
    pub const ZALO_DRAFT: Self =
        Self { key: "oa_user_id", is_numbered: false, row: "oa_user_id", ..numbered("zalo_conversations", "draft") };
    /// With what events for another system are signed.
    pub const WEBHOOK_SECRET: Self = numbered("webhooks", "secret");
    /// The same, while the other side changes it.
    pub const WEBHOOK_OLD_SECRET: Self = numbered("webhooks", "old_secret");

    /// What a value in a row is bound to.
    #[must_use]
    pub fn bound(self, row: impl std::fmt::Display) -> String {
        format!("{}.{} {row}", self.table, self.column)
    }

    /// Finds a place by its column.
    #[must_use]
    pub fn name(self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// All of them.
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
