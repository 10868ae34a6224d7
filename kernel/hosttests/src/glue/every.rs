//! Moves every struct of kernel/hosttests/every.capnp between its bindings and a value. Made from it by
//! `CAPOS_UPDATE=1 npx vitest run harness/build/bindings/drift.test.ts`; do not edit.
#![allow(unused_variables, unused_mut)]

use crate::every as tree;
use crate::every_capnp as oracle;
use crate::message::{Message, message};
use crate::value::Value;
use capos_abi::wire::WireError;

/// Every struct that can be a message.
#[rustfmt::skip]
pub const MESSAGES: &[Message] = &[
    message! {
        read_numbers, write_numbers,
        tree::NumbersReader, tree::NumbersWriter,
        oracle::numbers::Owned
    },
    message! {
        read_lists, write_lists,
        tree::ListsReader, tree::ListsWriter,
        oracle::lists::Owned
    },
    message! {
        read_empty, write_empty,
        tree::EmptyReader, tree::EmptyWriter,
        oracle::empty::Owned
    },
    message! {
        read_shapes, write_shapes,
        tree::ShapesReader, tree::ShapesWriter,
        oracle::shapes::Owned
    },
    message! {
        read_holder, write_holder,
        tree::HolderReader, tree::HolderWriter,
        oracle::holder::Owned
    },
    message! {
        read_calls_move_params, write_calls_move_params,
        tree::calls::r#move::ParamsReader, tree::calls::r#move::ParamsWriter,
        oracle::calls::move_params::Owned
    },
    message! {
        read_calls_move_results, write_calls_move_results,
        tree::calls::r#move::ResultsReader, tree::calls::r#move::ResultsWriter,
        oracle::calls::move_results::Owned
    },
    message! {
        read_calls_ping_params, write_calls_ping_params,
        tree::calls::ping::ParamsReader, tree::calls::ping::ParamsWriter,
        oracle::calls::ping_params::Owned
    },
    message! {
        read_calls_ping_results, write_calls_ping_results,
        tree::calls::ping::ResultsReader, tree::calls::ping::ResultsWriter,
        oracle::calls::ping_results::Owned
    },
    message! {
        read_calls_mix_params, write_calls_mix_params,
        tree::calls::mix::ParamsReader, tree::calls::mix::ParamsWriter,
        oracle::calls::mix_params::Owned
    },
    message! {
        read_calls_mix_results, write_calls_mix_results,
        tree::calls::mix::ResultsReader, tree::calls::mix::ResultsWriter,
        oracle::calls::mix_results::Owned
    },
];

#[rustfmt::skip]
fn read_numbers(reader: tree::NumbersReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bit", Value::from(reader.bit())),
        ("small", Value::from(reader.small())),
        ("otherBit", Value::from(reader.other_bit())),
        ("medium", Value::from(reader.medium())),
        ("word", Value::from(reader.word())),
        ("large", Value::from(reader.large())),
        ("byte", Value::from(reader.byte())),
        ("half", Value::from(reader.half())),
        ("single", Value::from(reader.single())),
        ("double", Value::from(reader.double())),
        ("colour", Value::Enum(reader.colour()?.to_wire())),
    ], case))
}

#[rustfmt::skip]
fn write_numbers(mut writer: tree::NumbersWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_bit(value.field("bit").boolean());
    writer.set_small(value.field("small").number::<i8>());
    writer.set_other_bit(value.field("otherBit").boolean());
    writer.set_medium(value.field("medium").number::<i16>());
    writer.set_word(value.field("word").number::<i32>());
    writer.set_large(value.field("large").number::<i64>());
    writer.set_byte(value.field("byte").number::<u8>());
    writer.set_half(value.field("half").number::<u16>());
    writer.set_single(value.field("single").number::<u32>());
    writer.set_double(value.field("double").number::<u64>());
    writer.set_colour(tree::Colour::from_wire(value.field("colour").enumerant())?);
    Ok(())
}

#[rustfmt::skip]
fn read_lists(reader: tree::ListsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("bytes", Value::list(reader.bytes()?.iter().map(|each| Ok(Value::from(each))))?),
        ("shorts", Value::list(reader.shorts()?.iter().map(|each| Ok(Value::from(each))))?),
        ("words", Value::list(reader.words()?.iter().map(|each| Ok(Value::from(each))))?),
        ("longs", Value::list(reader.longs()?.iter().map(|each| Ok(Value::from(each))))?),
        ("texts", Value::list(reader.texts()?.iter().map(|each| each.map(Value::from)))?),
        ("blobs", Value::list(reader.blobs()?.iter().map(|each| each.map(Value::from)))?),
        ("numbers", Value::list(reader.numbers()?.iter().map(read_numbers))?),
        ("empties", Value::list(reader.empties()?.iter().map(read_empty))?),
    ], case))
}

#[rustfmt::skip]
fn write_lists(mut writer: tree::ListsWriter<'_>, value: &Value) -> Result<(), WireError> {
    let values = value.field("bytes").items();
    let mut list = writer.init_bytes(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set(index, each.number())?;
    }
    let values = value.field("shorts").items();
    let mut list = writer.init_shorts(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set(index, each.number())?;
    }
    let values = value.field("words").items();
    let mut list = writer.init_words(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set(index, each.number())?;
    }
    let values = value.field("longs").items();
    let mut list = writer.init_longs(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set(index, each.number())?;
    }
    let values = value.field("texts").items();
    let mut list = writer.init_texts(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set_text(index, each.text())?;
    }
    let values = value.field("blobs").items();
    let mut list = writer.init_blobs(values.len())?;
    for (index, each) in values.iter().enumerate() {
        list.set_data(index, each.data())?;
    }
    let values = value.field("numbers").items();
    let mut list = writer.init_numbers(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_numbers(list.get(index)?, each)?;
    }
    let values = value.field("empties").items();
    let mut list = writer.init_empties(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_empty(list.get(index)?, each)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_empty(reader: tree::EmptyReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_empty(mut writer: tree::EmptyWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_shapes(reader: tree::ShapesReader<'_>) -> Result<Value, WireError> {
    let case = Some(match reader.which()? {
        tree::ShapesWhich::None => ("none", Value::Void),
        tree::ShapesWhich::Flag(value) => ("flag", Value::from(value)),
        tree::ShapesWhich::Numbers(value) => ("numbers", read_numbers(value)?),
        tree::ShapesWhich::Lists(value) => ("lists", read_lists(value)?),
        tree::ShapesWhich::Corner(value) => ("corner", read_shapes_corner(value)?),
        tree::ShapesWhich::Type(value) => ("type", Value::Enum(value.to_wire())),
    });
    Ok(Value::structure([
        ("name", Value::from(reader.name()?)),
        ("place", read_shapes_place(reader.place())?),
        ("holder", read_holder(reader.holder()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_shapes(mut writer: tree::ShapesWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_name(value.field("name").text())?;
    write_shapes_place(writer.place(), value.field("place"))?;
    write_holder(writer.init_holder()?, value.field("holder"))?;
    let (case, value) = value.case();
    match case {
        "none" => {
            writer.set_none();
        }
        "flag" => {
            writer.set_flag(value.boolean());
        }
        "numbers" => {
            write_numbers(writer.init_numbers()?, value)?;
        }
        "lists" => {
            write_lists(writer.init_lists()?, value)?;
        }
        "corner" => {
            write_shapes_corner(writer.init_corner(), value)?;
        }
        "type" => {
            writer.set_type(tree::Colour::from_wire(value.enumerant())?);
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_shapes_corner(reader: tree::ShapesCornerReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("x", Value::from(reader.x())),
        ("y", Value::from(reader.y())),
    ], case))
}

#[rustfmt::skip]
fn write_shapes_corner(mut writer: tree::ShapesCornerWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_x(value.field("x").number::<i32>());
    writer.set_y(value.field("y").number::<i32>());
    Ok(())
}

#[rustfmt::skip]
fn read_shapes_place(reader: tree::ShapesPlaceReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("line", Value::from(reader.line())),
        ("file", Value::from(reader.file()?)),
        ("which1", read_shapes_place_which1(reader.which1()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_shapes_place(mut writer: tree::ShapesPlaceWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_line(value.field("line").number::<u32>());
    writer.set_file(value.field("file").text())?;
    write_shapes_place_which1(writer.which1(), value.field("which1"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_shapes_place_which1(reader: tree::ShapesPlaceWhich1<'_>) -> Result<Value, WireError> {
    let case = Some(match reader {
        tree::ShapesPlaceWhich1::Whole => ("whole", Value::Void),
        tree::ShapesPlaceWhich1::Column(value) => ("column", Value::from(value)),
        tree::ShapesPlaceWhich1::Self1(value) => ("self1", read_empty(value)?),
    });
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_shapes_place_which1(mut writer: tree::ShapesPlaceWhich1Writer<'_>, value: &Value) -> Result<(), WireError> {
    let (case, value) = value.case();
    match case {
        "whole" => {
            writer.set_whole();
        }
        "column" => {
            writer.set_column(value.number::<u16>());
        }
        "self1" => {
            write_empty(writer.init_self1()?, value)?;
        }
        _ => unreachable!(),
    }
    Ok(())
}

#[rustfmt::skip]
fn read_holder(reader: tree::HolderReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("any", Value::capability(reader.any())?),
        ("typed", Value::capability(reader.typed())?),
        ("inner", read_holder_inner(reader.inner()?)?),
    ], case))
}

#[rustfmt::skip]
fn write_holder(mut writer: tree::HolderWriter<'_>, value: &Value) -> Result<(), WireError> {
    if let Some(index) = value.field("any").index() {
        writer.set_any(index)?;
    }
    if let Some(index) = value.field("typed").index() {
        writer.set_typed(index)?;
    }
    write_holder_inner(writer.init_inner()?, value.field("inner"))?;
    Ok(())
}

#[rustfmt::skip]
fn read_holder_inner(reader: tree::HolderInnerReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("depth", Value::from(reader.depth())),
    ], case))
}

#[rustfmt::skip]
fn write_holder_inner(mut writer: tree::HolderInnerWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_depth(value.field("depth").number::<u8>());
    Ok(())
}

#[rustfmt::skip]
fn read_calls_paint(reader: tree::CallsPaintReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("shade", Value::Enum(reader.shade()?.to_wire())),
        ("name", Value::from(reader.name()?)),
    ], case))
}

#[rustfmt::skip]
fn write_calls_paint(mut writer: tree::CallsPaintWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_shade(tree::CallsShade::from_wire(value.field("shade").enumerant())?);
    writer.set_name(value.field("name").text())?;
    Ok(())
}

#[rustfmt::skip]
fn read_calls_move_params(reader: tree::calls::r#move::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("from", Value::from(reader.from()?)),
        ("to", Value::list(reader.to()?.iter().map(read_holder))?),
    ], case))
}

#[rustfmt::skip]
fn write_calls_move_params(mut writer: tree::calls::r#move::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_from(value.field("from").text())?;
    let values = value.field("to").items();
    let mut list = writer.init_to(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_holder(list.get(index)?, each)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_calls_move_results(reader: tree::calls::r#move::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("colour", Value::Enum(reader.colour()?.to_wire())),
        ("done", Value::from(reader.done())),
    ], case))
}

#[rustfmt::skip]
fn write_calls_move_results(mut writer: tree::calls::r#move::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_colour(tree::Colour::from_wire(value.field("colour").enumerant())?);
    writer.set_done(value.field("done").boolean());
    Ok(())
}

#[rustfmt::skip]
fn read_calls_ping_params(reader: tree::calls::ping::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_calls_ping_params(mut writer: tree::calls::ping::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_calls_ping_results(reader: tree::calls::ping::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
    ], case))
}

#[rustfmt::skip]
fn write_calls_ping_results(mut writer: tree::calls::ping::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    Ok(())
}

#[rustfmt::skip]
fn read_calls_mix_params(reader: tree::calls::mix::ParamsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("shade", Value::Enum(reader.shade()?.to_wire())),
        ("paint", read_calls_paint(reader.paint()?)?),
        ("holder", Value::capability(reader.holder())?),
        ("any", Value::capability(reader.any())?),
    ], case))
}

#[rustfmt::skip]
fn write_calls_mix_params(mut writer: tree::calls::mix::ParamsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_shade(tree::CallsShade::from_wire(value.field("shade").enumerant())?);
    write_calls_paint(writer.init_paint()?, value.field("paint"))?;
    if let Some(index) = value.field("holder").index() {
        writer.set_holder(index)?;
    }
    if let Some(index) = value.field("any").index() {
        writer.set_any(index)?;
    }
    Ok(())
}

#[rustfmt::skip]
fn read_calls_mix_results(reader: tree::calls::mix::ResultsReader<'_>) -> Result<Value, WireError> {
    let case = None;
    Ok(Value::structure([
        ("shade", Value::Enum(reader.shade()?.to_wire())),
        ("used", Value::list(reader.used()?.iter().map(read_calls_paint))?),
    ], case))
}

#[rustfmt::skip]
fn write_calls_mix_results(mut writer: tree::calls::mix::ResultsWriter<'_>, value: &Value) -> Result<(), WireError> {
    writer.set_shade(tree::CallsShade::from_wire(value.field("shade").enumerant())?);
    let values = value.field("used").items();
    let mut list = writer.init_used(values.len())?;
    for (index, each) in values.iter().enumerate() {
        write_calls_paint(list.get(index)?, each)?;
    }
    Ok(())
}
