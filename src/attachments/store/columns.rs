//! The words of this wing in columns.

use crate::attachments::rules::{AttachmentKind, AttachmentState, Occasion};
use crate::db::columns::text_columns;

text_columns!(AttachmentKind, AttachmentState, Occasion);
