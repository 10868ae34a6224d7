//! Readers and writers of every message, and the numbers of every interface and method.
//!
//! Made from kernel/hosttests/every.capnp; do not edit: change the schema and make them anew.

pub mod calls;
mod colour;
mod empty;
mod holder;
mod lists;
mod numbers;
mod shapes;

pub use calls::{CallsPaintListWriter, CallsPaintReader, CallsPaintWriter, CallsShade};
pub use colour::Colour;
pub use empty::{EmptyListWriter, EmptyReader, EmptyWriter};
pub use holder::{
    HolderInnerReader, HolderInnerWriter, HolderListWriter, HolderReader, HolderWriter,
};
pub use lists::{ListsReader, ListsWriter};
pub use numbers::{NumbersListWriter, NumbersReader, NumbersWriter};
pub use shapes::{
    ShapesCornerReader, ShapesCornerWriter, ShapesPlaceReader, ShapesPlaceWhich1,
    ShapesPlaceWhich1Writer, ShapesPlaceWriter, ShapesReader, ShapesWhich, ShapesWriter,
};
