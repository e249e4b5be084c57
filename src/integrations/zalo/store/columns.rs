//! The words of this wing in columns.

use crate::db::columns::text_columns;
use crate::integrations::zalo::rules::{ConnectionState, EventState, Step};

text_columns!(ConnectionState, EventState, Step);
