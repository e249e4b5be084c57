//! The `checked_text!` macro for validated strings: a value can only be created by parsing, with the same rules
//! everywhere.

/// Defines a newtype over `String` for a type that implements `FromStr<Err = FieldRule>`: `as_str`, `into_string`,
/// `Display`, serde through the parser, an OpenAPI string and Diesel `Text` (the column implementations are in
/// `db::columns`).
///
/// `private` types show only their last three characters in `Debug`, so that logs contain no personal data.
macro_rules! checked_text {
    ($(#[$meta:meta])* public $name:ident, $example:literal) => {
        checked_text!(@define $(#[$meta])* $name, $example);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
    ($(#[$meta:meta])* private $name:ident, $example:literal) => {
        checked_text!(@define $(#[$meta])* $name, $example);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let shown: String = self.0.chars().skip(self.0.chars().count().saturating_sub(3)).collect();
                write!(f, concat!(stringify!($name), "(…{})"), shown)
            }
        }
    };
    (@define $(#[$meta:meta])* $name:ident, $example:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// Returns the canonical text, as stored and sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the canonical text by value.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(|rule: $crate::kernel::field_problem::FieldRule| {
                    <D::Error as serde::de::Error>::custom(rule.message($crate::kernel::Lang::En))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, Type};
                ObjectBuilder::new().schema_type(Type::String).examples([$example]).into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
