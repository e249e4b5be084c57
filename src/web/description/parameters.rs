//! Describes parameters shared by all operations: path variables that handlers do not describe, the format of
//! common headers, and that parameters may be absent but never null.

use crate::web::extract::{IdempotencyKey, TrackingToken};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Required};

/// Adds undescribed path variables, and refines the schemas of all parameters.
pub fn complete(path: &str, operation: &mut Operation) {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    for name in names {
        let parameters = operation.parameters.get_or_insert_with(Vec::new);
        let is_there = parameters.iter().any(|known| matches!(known, RefOr::T(known) if is(known, name)));
        if !is_there {
            parameters.push(RefOr::T(variable(name)));
        }
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            sharpen(parameter);
        }
    }
}

fn sharpen(parameter: &mut Parameter) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let number = |least: i32| ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least));
    let known = match &*parameter.name {
        "If-Match" => Some(text().pattern(Some("^(\\*|\"[0-9]{1,9}\")$"))),
        IdempotencyKey::HEADER | TrackingToken::HEADER => Some(text().pattern(Some("^[!-~]{1,255}$"))),
        "Tus-Resumable" => Some(text().enum_values(Some(["1.0.0"]))),
        "Upload-Length" => Some(number(1)),
        "Upload-Offset" => Some(number(0)),
        _ => None,
    };
    match (known, &mut parameter.schema) {
        (Some(schema), _) => parameter.schema = Some(schema.into()),
        (None, Some(schema)) => never_null(schema),
        (None, None) => {}
    }
}

/// A text in a path or header cannot be null.
fn never_null(schema: &mut RefOr<Schema>) {
    let types = match schema {
        RefOr::T(Schema::Object(object)) => Some(&mut object.schema_type),
        RefOr::T(Schema::Array(array)) => Some(&mut array.schema_type),
        _ => None,
    };
    if let Some(types) = types
        && let SchemaType::Array(several) = types
    {
        several.retain(|one| *one != Type::Null);
        if let [one] = several.as_slice() {
            *types = SchemaType::Type(one.clone());
        }
    }
    if let RefOr::T(Schema::OneOf(choice)) = schema {
        choice.items.retain(
            |item| !matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null)),
        );
        if let [one] = choice.items.as_slice() {
            *schema = one.clone();
        }
    }
}

fn is(parameter: &Parameter, name: &str) -> bool {
    parameter.parameter_in == ParameterIn::Path && parameter.name == name
}

fn variable(name: &str) -> Parameter {
    let schema = match name {
        "id" => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(1)),
        "date" => ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))),
        _ => ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)),
    };
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(schema)).build()
}
