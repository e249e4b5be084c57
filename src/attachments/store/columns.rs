//! Maps the text enums of attachments to database columns.

use crate::attachments::rules::{AttachmentKind, AttachmentState, Occasion};
use crate::db::columns::text_columns;

text_columns!(AttachmentKind, AttachmentState, Occasion);
