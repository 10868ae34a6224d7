//! What the programs of this crate share. They run on the host and use the system's own code for its on-disk
//! formats, so that what is checked there is what the guest would find.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod disk;
pub mod orders;
pub mod store;
