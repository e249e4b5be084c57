//! The words of this wing in columns.

use crate::db::columns::text_columns;
use crate::delivery::rules::{AttemptOutcome, OutboxChannel, OutboxState};

text_columns!(OutboxChannel, OutboxState, AttemptOutcome);
