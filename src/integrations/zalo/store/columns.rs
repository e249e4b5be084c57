//! Column types for the enums of the Zalo integration.

use crate::db::columns::text_columns;
use crate::integrations::zalo::rules::{ConnectionState, ConversationStep, ZaloEventState};

text_columns!(ConnectionState, ZaloEventState, ConversationStep);
