//! The `text_enum!` macro for closed sets of words: a value has the same word in JSON, SQL and Rust code.

use serde::Deserializer;
use serde::de::{Error, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Deserialises one of the words. Serde's derived code would report any other JSON type as a syntax error.
///
/// # Errors
/// The deserializer's error when the value is not a string or not one of the words.
pub fn deserialize<'de, D: Deserializer<'de>, T: FromStr>(
    deserializer: D,
    words: &'static [&'static str],
) -> Result<T, D::Error> {
    struct WordVisitor<T>(&'static [&'static str], PhantomData<T>);

    impl<T: FromStr> Visitor<'_> for WordVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(|_| E::unknown_variant(text, self.0))
        }
    }

    deserializer.deserialize_str(WordVisitor(words, PhantomData))
}

/// Defines an enum whose variants are words of the API (docs/contract.md §1.1), with `ALL`, `as_str`, `FromStr`,
/// serde, OpenAPI and Diesel `Text` support.
///
/// The column implementations are in `db::columns`, which lists every stored enum.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every value, in the order of docs/contract.md §1.1.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Returns the word used in JSON and in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::kernel::text_enum::deserialize(deserializer, &[$($word),+])
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, Type};
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some([$($word),+])).into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = $crate::kernel::field_problem::FieldRule;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err($crate::kernel::field_problem::FieldRule::OneOf(vec![$($word.to_owned()),+])),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
