//! Column types for the enums of the delivery module.

use crate::db::columns::text_columns;
use crate::delivery::rules::{AttemptOutcome, OutboxChannel, OutboxState};

text_columns!(OutboxChannel, OutboxState, AttemptOutcome);
