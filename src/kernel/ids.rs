//! Row ids with one type per table, so that ids of different tables cannot be mixed up.

macro_rules! id_types {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
                     utoipa::ToSchema, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            #[serde(transparent)]
            #[schema(value_type = i64)]
            pub struct $name(pub i64);

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(f)
                }
            }
        )+
    };
}

id_types! {
    /// An account of a petitioner or an officer.
    AccountId,
    /// An agency during one span of validity.
    AgencyId,
    /// An area during one span of validity; the reform of 2025 gave old codes to new areas.
    AreaId,
    /// A category during one span of validity.
    CategoryId,
    /// A petition, inside the system only; the outside knows its code.
    PetitionId,
    /// An incoming document: one line of one register.
    DocumentId,
    /// An answer, from draft to approval.
    AnswerId,
    /// A routing rule.
    RoutingRuleId,
    /// A deadline rule.
    DeadlineRuleId,
    /// A working session of the calendar.
    WorkingSessionId,
    /// A signed-in session of an account.
    SessionId,
    /// A link between an account and an identity at another provider.
    OidcIdentityId,
    /// A link for a forgotten password.
    PasswordResetId,
    /// A contact that somebody says is theirs.
    UnverifiedContactId,
    /// A message about an account.
    AccountMessageId,
    /// A line of the outbox.
    OutboxId,
    /// A subscription of another system to events.
    WebhookId,
    /// Something that somebody is told in the application.
    NotificationId,
    /// A link of an agency to the document exchange.
    ExchangeLinkId,
    /// A message of the document exchange.
    ExchangeMessageId,
    /// A key of another system.
    ApiKeyId,
    /// A person as Zalo knows them.
    ZaloPersonId,
    /// An event that Zalo has sent.
    ZaloEventId,
    /// Something said in a conversation on Zalo.
    ZaloReplyId,
    /// A job of the worker.
    JobId,
}
