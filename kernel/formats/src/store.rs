//! `CAPOSST1`: objects of at most 32 KiB, keyed by their SHA-256, on a block device.
//!
//! ```text
//! block 0        superblock slot 0     generations 1, 3, 5, ...
//! block 1        superblock slot 1     generations 2, 4, 6, ...
//! then           index area 0          the index that a superblock in slot 0 names
//! then           index area 1          the index that a superblock in slot 1 names
//! then           object blocks
//! ```
//!
//! The state of a volume is its newest valid superblock and nothing else. It carries the digest of
//! its index; each index entry carries the digest of its object. Whatever a commit has not yet named
//! lies in blocks and in an index area that the committed state does not use, so a power cut at any
//! moment leaves the old state or the new one. A commit is: index, flush, superblock, flush.
//!
//! Everything read is checked before it is believed; a volume that breaks a rule is refused with the
//! reason, and only a blank device is ever formatted.

mod blank;
mod check;
mod entry;
mod index;
mod refused;
mod space;
mod superblock;
mod volume;

pub use check::{Finding, Summary, check};
pub use entry::{Entry, OBJECT_BLOCKS, OBJECT_BYTES, Object};
pub use index::IndexFault;
pub use refused::{Error, Refused};
pub use superblock::Slot;
pub use volume::{Get, Memory, Put, Volume};

/// SHA-256 of an object: its name.
pub type Digest = [u8; 32];

#[cfg(test)]
mod tests;
