//! Why a volume is refused, and why an operation on a mounted one failed.

use super::index::IndexFault;
use core::fmt;

/// Why a device is not mounted or not formatted. Nothing has been written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused<E> {
    /// The device holds nothing at all: it may be formatted.
    Blank,
    /// There is no superblock, but there is something else.
    Foreign,
    /// Asked to format a device that holds something.
    NotBlank,
    /// There was a volume, and neither superblock is whole.
    BadSuperblock,
    /// The volume was written by another version of the format.
    Version(u32),
    /// The two superblocks belong to different volumes.
    Mixed,
    /// The volume has more blocks than the device.
    Truncated {
        /// Blocks of the volume.
        volume: u64,
        /// Blocks of the device.
        device: u64,
    },
    /// The index does not agree with the superblock, or breaks a rule.
    Index(IndexFault),
    /// The volume needs more memory than it was given.
    Memory,
    /// The device is too small for a volume.
    TooSmall,
    /// The device failed.
    Device(E),
}

impl<E> From<E> for Refused<E> {
    fn from(error: E) -> Self {
        Refused::Device(error)
    }
}

impl<E: fmt::Display> fmt::Display for Refused<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Blank => out.write_str("the device is blank"),
            Refused::Foreign => {
                out.write_str("no CAPOSST1 superblock, and the device is not blank")
            }
            Refused::NotBlank => out.write_str("the device is not blank"),
            Refused::BadSuperblock => out.write_str("bad superblock"),
            Refused::Version(found) => write!(out, "version {found}, this store reads 1"),
            Refused::Mixed => out.write_str("superblocks of two volumes"),
            Refused::Truncated { volume, device } => {
                write!(
                    out,
                    "truncated: volume of {volume} blocks, device of {device}"
                )
            }
            Refused::Index(fault) => write!(out, "bad index: {fault}"),
            Refused::Memory => out.write_str("larger than this store's memory"),
            Refused::TooSmall => out.write_str("the device is too small"),
            Refused::Device(error) => write!(out, "device: {error}"),
        }
    }
}

/// Why an operation on a mounted volume failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// The device failed. After a `put` the volume is as before; after a `commit` it is halted.
    Device(E),
    /// An earlier commit failed, so what is on the disk is not known. Only reading goes on; mounting
    /// again finds the old state or the new one.
    Halted,
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Error::Device(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Device(error) => write!(out, "device: {error}"),
            Error::Halted => out.write_str("a commit failed; mount the volume again"),
        }
    }
}
