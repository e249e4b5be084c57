//! Prepared statements with fixed text, cached per connection.
//!
//! Diesel prepares `sql_query` and every `UPDATE` again at each run, because it cannot know that the text is
//! fixed. That is negligible for an administrator's statement, but a third of the work for those on the path of
//! each filing. The macro declares a type per statement: the text is part of the type, the fields are the bound
//! values.

/// Declares a statement as text and bound values in turn, ending with a text.
///
/// ```text
/// prepared_statement!(
///     /// Remembers a name.
///     Remember: "INSERT INTO names (id, name) VALUES (", id: BigInt = i64, ", ", name: Text = &'a str, ")"
/// );
/// ```
///
/// With `-> Type` the statement answers rows of one column of that SQL type.
macro_rules! prepared_statement {
    ($(#[$about:meta])* $name:ident $(-> $answer:ty)?: $begin:literal $(, $field:ident: $sql:ty = $value:ty, $text:literal)+) => {
        $(#[$about])*
        struct $name<'a> {
            $($field: $value,)+
            text: ::std::marker::PhantomData<&'a str>,
        }

        impl<'a> $name<'a> {
            #[allow(clippy::too_many_arguments, clippy::allow_attributes, reason = "as many as there are places in the statement")]
            fn new($($field: $value),+) -> Self {
                Self { $($field,)+ text: ::std::marker::PhantomData }
            }
        }

        impl ::diesel::query_builder::QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl<'a, DB: ::diesel::backend::Backend> ::diesel::query_builder::QueryFragment<DB> for $name<'a>
        where
            $(DB: ::diesel::sql_types::HasSqlType<$sql>, $value: ::diesel::serialize::ToSql<$sql, DB>,)+
        {
            fn walk_ast<'b>(&'b self, mut out: ::diesel::query_builder::AstPass<'_, 'b, DB>) -> ::diesel::QueryResult<()> {
                out.push_sql($begin);
                $(
                    out.push_bind_param::<$sql, _>(&self.$field)?;
                    out.push_sql($text);
                )+
                Ok(())
            }
        }

        impl<Conn> ::diesel::RunQueryDsl<Conn> for $name<'_> {}

        $(impl ::diesel::query_builder::Query for $name<'_> {
            type SqlType = $answer;
        })?
    };
}

pub(crate) use prepared_statement;
