//! The words of this wing in columns.

use crate::accounts::rules::api_scope::ApiScope;
use crate::db::columns::text_columns;

text_columns!(ApiScope);
