//! Column types for the text enums of petitions.

use crate::db::columns::text_columns;
use crate::petitions::rules::petitioner::LookPurpose;
use crate::petitions::rules::timeline::ActorKind;
use crate::petitions::rules::{
    Action, Audience, Channel, DocumentStatus, Outcome, PetitionKind, PetitionerKind, RequestKind, RequestState, Status,
    Timeliness,
};

text_columns!(
    Action,
    ActorKind,
    Audience,
    Channel,
    DocumentStatus,
    Outcome,
    PetitionKind,
    PetitionerKind,
    LookPurpose,
    RequestKind,
    RequestState,
    Status,
    Timeliness
);
