//! Database column mappings of the domain words of accounts.

use crate::accounts::rules::api_scope::ApiScope;
use crate::db::columns::text_columns;

text_columns!(ApiScope);
