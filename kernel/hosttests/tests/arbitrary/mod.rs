//! Random values of any struct, made from Cap'n Proto's reflection of its schema.

use std::collections::BTreeMap;

use capnp::introspect::{Type, TypeVariant};
use capnp::schema::{Field, StructSchema};
use capos_hosttests::oracle::{name_of, struct_schema};
use capos_hosttests::value::Value;
use proptest::collection::vec;
use proptest::prelude::{Just, any};
use proptest::strategy::{BoxedStrategy, Strategy, Union};

/// Any value of the struct.
pub fn structure(schema: StructSchema) -> BoxedStrategy<Value> {
    let fields: Vec<BoxedStrategy<(String, Value)>> = schema
        .get_non_union_fields()
        .expect("a struct has fields")
        .iter()
        .filter(|field| !matches!(field.get_type().which(), TypeVariant::Void))
        .map(named)
        .collect();
    let cases: Vec<_> = schema
        .get_union_fields()
        .expect("a struct has fields")
        .iter()
        .map(named)
        .collect();
    let case: BoxedStrategy<Option<Box<(String, Value)>>> = if cases.is_empty() {
        Just(None).boxed()
    } else {
        Union::new(cases)
            .prop_map(|case| Some(Box::new(case)))
            .boxed()
    };
    (fields, case)
        .prop_map(|(fields, case)| Value::Struct {
            fields: BTreeMap::from_iter(fields),
            case,
        })
        .boxed()
}

fn named(field: Field) -> BoxedStrategy<(String, Value)> {
    let name = name_of(field).expect("a field has a name");
    value(field.get_type())
        .prop_map(move |value| (name.clone(), value))
        .boxed()
}

fn value(of: Type) -> BoxedStrategy<Value> {
    match of.which() {
        TypeVariant::Void => Just(Value::Void).boxed(),
        TypeVariant::Bool => any::<bool>().prop_map(Value::from).boxed(),
        TypeVariant::Int8 => any::<i8>().prop_map(Value::from).boxed(),
        TypeVariant::Int16 => any::<i16>().prop_map(Value::from).boxed(),
        TypeVariant::Int32 => any::<i32>().prop_map(Value::from).boxed(),
        TypeVariant::Int64 => any::<i64>().prop_map(Value::from).boxed(),
        TypeVariant::UInt8 => any::<u8>().prop_map(Value::from).boxed(),
        TypeVariant::UInt16 => any::<u16>().prop_map(Value::from).boxed(),
        TypeVariant::UInt32 => any::<u32>().prop_map(Value::from).boxed(),
        TypeVariant::UInt64 => any::<u64>().prop_map(Value::from).boxed(),
        TypeVariant::Text => "[a-zé😀 -]{0,12}".prop_map(Value::Text).boxed(),
        TypeVariant::Data => vec(any::<u8>(), 0..40).prop_map(Value::Data).boxed(),
        TypeVariant::Enum(schema) => {
            let count = capnp::schema::EnumSchema::new(schema)
                .get_enumerants()
                .expect("an enum has values")
                .len();
            (0..count).prop_map(Value::Enum).boxed()
        }
        TypeVariant::List(element) => vec(value(element), 0..4).prop_map(Value::List).boxed(),
        TypeVariant::Struct(_) => structure(struct_schema(of).expect("it is a struct")),
        TypeVariant::Capability | TypeVariant::AnyPointer => proptest::option::of(any::<u32>())
            .prop_map(Value::Capability)
            .boxed(),
        TypeVariant::Float32 | TypeVariant::Float64 => {
            unreachable!("no schema of capos has floating point")
        }
    }
}
