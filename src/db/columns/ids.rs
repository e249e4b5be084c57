//! Stores row ids as `BigInt`.

use crate::kernel::ids::{
    AccountId, AccountMessageId, AgencyId, AnswerId, ApiKeyId, AreaId, CategoryId, DeadlineRuleId, DocumentId, ExchangeLinkId,
    ExchangeMessageId, JobId, NotificationId, OidcIdentityId, OutboxId, PasswordResetId, PetitionId, RoutingRuleId, SessionId,
    UnverifiedContactId, WebhookId, WorkingSessionId, ZaloEventId, ZaloPersonId, ZaloReplyId,
};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::BigInt;

macro_rules! id_columns {
    ($($id:ty),+ $(,)?) => {
        $(
            impl<DB> ToSql<BigInt, DB> for $id
            where
                DB: Backend,
                i64: ToSql<BigInt, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                    self.0.to_sql(out)
                }
            }

            impl<DB> FromSql<BigInt, DB> for $id
            where
                DB: Backend,
                i64: FromSql<BigInt, DB>,
            {
                fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                    i64::from_sql(value).map(Self)
                }
            }
        )+
    };
}

id_columns!(
    AccountId,
    AgencyId,
    AnswerId,
    ApiKeyId,
    AreaId,
    CategoryId,
    DeadlineRuleId,
    DocumentId,
    ExchangeLinkId,
    ExchangeMessageId,
    JobId,
    NotificationId,
    OidcIdentityId,
    OutboxId,
    PasswordResetId,
    UnverifiedContactId,
    AccountMessageId,
    PetitionId,
    RoutingRuleId,
    SessionId,
    WebhookId,
    WorkingSessionId,
    ZaloEventId,
    ZaloPersonId,
    ZaloReplyId,
);
