//! One struct of a schema as both sides see it.

use capos_abi::wire::WireError;

use crate::oracle::Oracle;
use crate::value::Value;

/// A struct that can be a message, read and written by our bindings and by Cap'n Proto.
pub struct Message {
    pub name: &'static str,
    /// Our reader.
    pub read: fn(&[u8]) -> Result<Value, WireError>,
    /// Our writer; returns the message's length.
    pub write: fn(&mut [u8], &Value) -> Result<usize, WireError>,
    pub oracle: Oracle,
}

macro_rules! message {
    ($read:ident, $write:ident, $reader:ty, $writer:ty, $oracle:ty) => {
        Message {
            name: stringify!($oracle),
            read: |bytes| $read(<$reader>::read(bytes)?),
            write: |buffer, value| {
                let mut message = capos_abi::wire::MessageWriter::new(buffer);
                $write(<$writer>::root(&mut message)?, value)?;
                Ok(message.finish().len())
            },
            oracle: crate::oracle::Oracle::of::<$oracle>(),
        }
    };
}

pub(crate) use message;
