//! Column types for the enums of the document exchange.

use crate::db::columns::text_columns;
use crate::integrations::edoc::rules::edxml::signature::SignatureCheck;
use crate::integrations::edoc::rules::{Direction, MessageKind, MessageState, Transport};

text_columns!(Direction, MessageKind, MessageState, SignatureCheck, Transport);
