//! `Empty`.
//!
//! Made from kernel/hosttests/every.capnp; do not edit.

use capos_abi::wire::{list_writer, reader, writer};

reader! {
    /// The struct `Empty`.
    EmptyReader
}

writer! {
    /// Writes [`EmptyReader`].
    EmptyWriter(0, 0)
}

list_writer! {
    /// Writes a list of [`EmptyReader`].
    EmptyListWriter of EmptyWriter
}
