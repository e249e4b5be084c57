//! Closed sets of words as `Text`; a word that the program does not know is an unreadable value, never a default.

use crate::domain::account::{AccountChange, AccountKind, AccountMessageKind, AccountState, CheckCause, ContactKind, Role};
use crate::domain::agency::{AgencyKind, SuccessionRelation};
use crate::domain::area::{AreaKind, Level};
use crate::domain::attachment::{AttachmentKind, AttachmentState, Occasion};
use crate::domain::calendar::DayKind;
use crate::domain::deadline::{DeadlineUnit, Urgency};
use crate::domain::edxml::signature::SignatureCheck;
use crate::domain::exchange::{Direction, MessageKind, MessageState, Transport};
use crate::domain::lang::Lang;
use crate::domain::oidc::OidcRealm;
use crate::domain::outbox::{AttemptOutcome, OutboxChannel, OutboxState};
use crate::domain::partner::ApiScope;
use crate::domain::petition::{
    Action, Audience, Channel, DocumentStatus, Outcome, PetitionKind, PetitionerKind, RequestKind, RequestState, Status,
    Timeliness,
};
use crate::domain::petitioner::LookPurpose;
use crate::domain::statistics::{Dimension, Grain};
use crate::domain::timeline::ActorKind;
use crate::domain::zalo::{ConnectionState, EventState, Step};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;

macro_rules! text_columns {
    ($($words:ty),+ $(,)?) => {
        $(
            impl<DB> ToSql<Text, DB> for $words
            where
                DB: Backend,
                str: ToSql<Text, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                    self.as_str().to_sql(out)
                }
            }

            impl<DB> FromSql<Text, DB> for $words
            where
                DB: Backend,
                String: FromSql<Text, DB>,
            {
                fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                    let word = String::from_sql(value)?;
                    word.parse().map_err(|_| concat!("unknown word in a column of ", stringify!($words)).into())
                }
            }
        )+
    };
}

text_columns!(
    Action,
    ActorKind,
    Audience,
    Channel,
    DayKind,
    DeadlineUnit,
    Dimension,
    Grain,
    DocumentStatus,
    Outcome,
    PetitionKind,
    PetitionerKind,
    LookPurpose,
    RequestKind,
    RequestState,
    Status,
    Timeliness,
    Urgency,
    AccountKind,
    AccountMessageKind,
    AccountChange,
    CheckCause,
    ContactKind,
    AccountState,
    Role,
    AgencyKind,
    SuccessionRelation,
    AreaKind,
    Level,
    Lang,
    OidcRealm,
    OutboxChannel,
    OutboxState,
    AttemptOutcome,
    AttachmentKind,
    AttachmentState,
    Occasion,
    Direction,
    MessageKind,
    MessageState,
    SignatureCheck,
    Transport,
    ApiScope,
    ConnectionState,
    EventState,
    Step
);
