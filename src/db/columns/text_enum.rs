//! Closed sets of words as `Text`; a word that the program does not know is an unreadable value, never a default.

use crate::accounts::rules::api_scope::ApiScope;
use crate::attachments::rules::{AttachmentKind, AttachmentState, Occasion};
use crate::delivery::rules::{AttemptOutcome, OutboxChannel, OutboxState};
use crate::directory::rules::agency::{AgencyKind, SuccessionRelation};
use crate::directory::rules::area::{AreaKind, Level};
use crate::directory::rules::calendar::DayKind;
use crate::directory::rules::deadline::{DeadlineUnit, Urgency};
use crate::figures::rules::{Dimension, Grain};
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState, Transport};
use crate::integrations::oidc::rules::OidcRealm;
use crate::integrations::zalo::rules::{ConnectionState, EventState, Step};
use crate::kernel::account::{AccountChange, AccountKind, AccountMessageKind, AccountState, CheckCause, ContactKind, Role};
use crate::kernel::lang::Lang;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::rules::timeline::ActorKind;
use crate::petitions::rules::{
    Action, Audience, Channel, DocumentStatus, Outcome, PetitionKind, PetitionerKind, RequestKind, RequestState, Status,
    Timeliness,
};
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
