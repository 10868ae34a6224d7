//! Cap'n Proto messages of capos: what the generated readers and writers rest on.
//!
//! A message here is one segment without framing: word 0 is the root pointer. [`StructReader::root`]
//! walks every pointer of the message once, so that what it accepts is in bounds, no deeper than the
//! limit, and no larger when read than it was when sent (no object is reachable twice in a way that
//! adds up to more than the message). After that a reader is a plain value that borrows the bytes: it
//! can be copied, kept and read in any order, and nothing it does allocates or panics.
//!
//! Two things stay for the moment a field is read, because only the schema knows them: that a pointer
//! is of the kind the field wants, and that text is UTF-8. Those accessors return a `Result`.
//!
//! ```
//! use capos_abi::generated::{PutResultWhich, store};
//! use capos_abi::wire::MessageWriter;
//!
//! // A writer needs a buffer, which need not be cleared, and says `Full` when it is used up.
//! let mut buffer = [0; 128];
//! let mut message = MessageWriter::new(&mut buffer);
//! store::put::ResultsWriter::root(&mut message)?.init_result()?.set_digest(&[7; 32])?;
//! let bytes = message.finish();
//!
//! // What a reader returns borrows the bytes, so it may outlive the reader.
//! let digest = match store::put::ResultsReader::read(bytes)?.result()?.which()? {
//!     PutResultWhich::Digest(digest) => digest,
//!     PutResultWhich::Full | PutResultWhich::TooLarge => panic!("it was stored"),
//! };
//! assert_eq!(digest, [7; 32]);
//! # Ok::<(), capos_abi::wire::WireError>(())
//! ```

// Hostile bytes come through here, in the kernel and in every program.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod check;
mod declare;
mod list;
mod pointer;
mod read;
mod room;
mod write;
mod write_list;

#[doc(hidden)]
pub use declare::{list_writer, reader, writer};
pub use list::{DataList, Scalar, ScalarList, StructList, TextList};
pub use read::StructReader;
pub use room::StructSize;
pub use write::{MessageWriter, StructWriter};
pub use write_list::{BytesListWriter, ListWriter, ScalarListWriter};

use crate::limits;

/// A word of a message. Messages come from user memory, so they are never assumed to be aligned.
pub type Word = [u8; 8];

/// How large and how deep a message may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole message.
    pub bytes: usize,
    /// Pointers between the message's start and the deepest struct or list of pointers.
    pub nesting: usize,
}

impl Limits {
    /// What holds for every message that goes through a ring.
    pub const MESSAGE: Self = Self {
        bytes: limits::MESSAGE_BYTES,
        nesting: NESTING,
    };
    /// What holds for the boot manifest.
    pub const BOOT_MANIFEST: Self = Self {
        bytes: limits::MANIFEST_BYTES,
        nesting: NESTING,
    };
}

const NESTING: usize = limits::MESSAGE_NESTING;

/// Why a message cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The message is empty, not a whole number of words, or longer than the limit.
    Size,
    /// A pointer leads out of the message, or a list element was asked for that does not exist.
    Bounds,
    /// A pointer is of another kind than its field, or of a kind that capos does not use.
    Kind,
    /// Structs and lists are nested deeper than the limit.
    Nesting,
    /// The same bytes are reachable so often that reading all of it costs more than its length.
    Amplified,
    /// Text without its final NUL, or not UTF-8.
    Text,
    /// A capability field that must be set is null.
    NoCapability,
    /// A union or an enum holds a case that this version of the schema does not know.
    Unknown(u16),
    /// The writer's buffer, or the limit of a message, is used up.
    Full,
}

#[cfg(test)]
mod tests;
