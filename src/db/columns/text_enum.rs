//! Stores text enums as `Text`; an unknown word is a read error, never a default.

use crate::kernel::account::{AccountChange, AccountKind, AccountMessageKind, AccountState, CheckCause, ContactKind, Role};
use crate::kernel::lang::Lang;

/// Implements Diesel `Text` for enums of [`text_enum`]; called in the module that owns them.
macro_rules! text_columns {
    ($($words:ty),+ $(,)?) => {
        $(
            impl<DB> ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB> for $words
            where
                DB: ::diesel::backend::Backend,
                str: ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, DB>) -> ::diesel::serialize::Result {
                    ::diesel::serialize::ToSql::<::diesel::sql_types::Text, DB>::to_sql(self.as_str(), out)
                }
            }

            impl<DB> ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB> for $words
            where
                DB: ::diesel::backend::Backend,
                String: ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>,
            {
                fn from_sql(value: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                    let word = <String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>>::from_sql(value)?;
                    word.parse().map_err(|_| concat!("unknown word in a column of ", stringify!($words)).into())
                }
            }
        )+
    };
}

pub(crate) use text_columns;

text_columns!(AccountKind, AccountMessageKind, AccountChange, CheckCause, ContactKind, AccountState, Role, Lang);
