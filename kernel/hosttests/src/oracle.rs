//! Cap'n Proto's side: reads and writes any struct through its reflection.

use capnp::introspect::{Introspect, Type, TypeVariant};
use capnp::message::{Builder, HeapAllocator, Reader, ReaderOptions, SegmentArray};
use capnp::schema::{Field, StructSchema};
use capnp::traits::{FromPointerBuilder, FromPointerReader, OwnedStruct};
use capnp::{dynamic_list, dynamic_struct, dynamic_value};

use crate::value::Value;

/// One struct of a schema.
pub struct Oracle {
    pub schema: fn() -> StructSchema,
    /// The value of a message of one segment.
    pub read: fn(&[u8]) -> capnp::Result<Value>,
    /// A message of one segment with this value.
    pub write: fn(&Value) -> capnp::Result<Vec<u8>>,
}

impl Oracle {
    pub const fn of<T>() -> Self
    where
        T: OwnedStruct + Introspect,
        for<'a> T::Reader<'a>: FromPointerReader<'a> + Into<dynamic_value::Reader<'a>>,
        for<'a> T::Builder<'a>: FromPointerBuilder<'a> + Into<dynamic_value::Builder<'a>>,
    {
        Self {
            schema: schema_of::<T>,
            read: read::<T>,
            write: write::<T>,
        }
    }
}

fn schema_of<T: Introspect>() -> StructSchema {
    struct_schema(T::introspect()).expect("a message is a struct")
}

/// The schema of a struct type.
pub fn struct_schema(of: Type) -> Option<StructSchema> {
    match of.which() {
        TypeVariant::Struct(raw) => Some(StructSchema::new(raw)),
        _ => None,
    }
}

fn read<T>(bytes: &[u8]) -> capnp::Result<Value>
where
    T: OwnedStruct,
    for<'a> T::Reader<'a>: FromPointerReader<'a> + Into<dynamic_value::Reader<'a>>,
{
    let segments = [bytes];
    let message = Reader::new(SegmentArray::new(&segments), ReaderOptions::new());
    let root: T::Reader<'_> = message.get_root()?;
    value_of(root.into())
}

fn write<T>(value: &Value) -> capnp::Result<Vec<u8>>
where
    T: OwnedStruct,
    for<'a> T::Builder<'a>: FromPointerBuilder<'a> + Into<dynamic_value::Builder<'a>>,
{
    // One segment that is large enough for every message.
    let mut message = Builder::new(HeapAllocator::new().first_segment_words(16 * 1024));
    let root: dynamic_value::Builder<'_> = message.init_root::<T::Builder<'_>>().into();
    fill(root.downcast(), value)?;
    let segments = message.get_segments_for_output();
    assert_eq!(segments.len(), 1);
    Ok(segments[0].to_vec())
}

fn value_of(value: dynamic_value::Reader<'_>) -> capnp::Result<Value> {
    use dynamic_value::Reader as R;
    Ok(match value {
        R::Void => Value::Void,
        R::Bool(value) => value.into(),
        R::Int8(value) => value.into(),
        R::Int16(value) => value.into(),
        R::Int32(value) => value.into(),
        R::Int64(value) => value.into(),
        R::UInt8(value) => value.into(),
        R::UInt16(value) => value.into(),
        R::UInt32(value) => value.into(),
        R::UInt64(value) => value.into(),
        R::Enum(value) => Value::Enum(value.get_value()),
        R::Text(value) => value.to_str()?.into(),
        R::Data(value) => value.into(),
        R::Struct(value) => value_of_struct(value)?,
        R::List(list) => Value::List(
            (0..list.len())
                .map(|i| value_of(list.get(i)?))
                .collect::<capnp::Result<_>>()?,
        ),
        R::Capability(_) | R::AnyPointer(_) => {
            unreachable!("capabilities are seen by their struct")
        }
        R::Float32(_) | R::Float64(_) => unreachable!("no schema of capos has floating point"),
    })
}

fn value_of_struct(reader: dynamic_struct::Reader<'_>) -> capnp::Result<Value> {
    let value = |field: Field| -> capnp::Result<(String, Value)> {
        let value = match field.get_type().which() {
            TypeVariant::Capability | TypeVariant::AnyPointer => {
                Value::Capability(reader.has(field)?.then_some(0))
            }
            _ => value_of(reader.get(field)?)?,
        };
        Ok((name_of(field)?, value))
    };
    let case = match reader.which()? {
        Some(field) => Some(Box::new(value(field)?)),
        None if reader.get_schema().get_union_fields()?.is_empty() => None,
        None => return Err(capnp::Error::failed("an unknown case".into())),
    };
    let mut fields = std::collections::BTreeMap::new();
    for field in reader.get_schema().get_non_union_fields()?.iter() {
        if !matches!(field.get_type().which(), TypeVariant::Void) {
            fields.extend([value(field)?]);
        }
    }
    Ok(Value::Struct { fields, case })
}

/// A field's name in the schema.
pub fn name_of(field: Field) -> capnp::Result<String> {
    Ok(field.get_proto().get_name()?.to_string()?)
}

fn fill(mut builder: dynamic_struct::Builder<'_>, value: &Value) -> capnp::Result<()> {
    let schema = builder.get_schema();
    let Value::Struct { fields, case } = value else {
        panic!("{value:?} is not a struct")
    };
    for (name, value) in fields
        .iter()
        .chain(case.iter().map(|case| (&case.0, &case.1)))
    {
        fill_field(builder.reborrow(), schema.get_field_by_name(name)?, value)?;
    }
    Ok(())
}

fn fill_field(
    mut builder: dynamic_struct::Builder<'_>,
    field: Field,
    value: &Value,
) -> capnp::Result<()> {
    match value {
        Value::Struct { .. } => fill(builder.init(field)?.downcast(), value),
        Value::List(items) => {
            let mut list: dynamic_list::Builder<'_> = builder
                .initn(field, u32::try_from(items.len()).expect("short"))?
                .downcast();
            for (index, item) in (0..).zip(items) {
                match item {
                    Value::Struct { .. } => fill(list.reborrow().get(index)?.downcast(), item)?,
                    _ => {
                        let of = list.element_type();
                        list.set(index, scalar(item, of))?;
                    }
                }
            }
            Ok(())
        }
        // Reflection cannot set capabilities; they stay null.
        Value::Capability(_) => Ok(()),
        _ => builder.set(field, scalar(value, field.get_type())),
    }
}

/// A value that is neither struct nor list, as the type `of` wants it.
fn scalar(value: &Value, of: Type) -> dynamic_value::Reader<'_> {
    match of.which() {
        TypeVariant::Void => dynamic_value::Reader::Void,
        TypeVariant::Bool => value.boolean().into(),
        TypeVariant::Int8 => value.number::<i8>().into(),
        TypeVariant::Int16 => value.number::<i16>().into(),
        TypeVariant::Int32 => value.number::<i32>().into(),
        TypeVariant::Int64 => value.number::<i64>().into(),
        TypeVariant::UInt8 => value.number::<u8>().into(),
        TypeVariant::UInt16 => value.number::<u16>().into(),
        TypeVariant::UInt32 => value.number::<u32>().into(),
        TypeVariant::UInt64 => value.number::<u64>().into(),
        TypeVariant::Enum(schema) => {
            dynamic_value::Enum::new(value.enumerant(), schema.into()).into()
        }
        TypeVariant::Text => capnp::text::Reader(value.text().as_bytes()).into(),
        TypeVariant::Data => value.data().into(),
        other => panic!("{value:?} cannot be a {other:?}"),
    }
}
