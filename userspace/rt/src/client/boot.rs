//! `BootPackage`: the boot manifest.

use super::BootPackage;
use crate::error::Error;
use crate::transport::{LargeBuffer, Transport};
use capos_abi::limits::TRANSFER_BYTES;

/// A part of the boot manifest.
#[derive(Clone, Copy, Debug)]
pub struct Part<'r> {
    /// Its bytes.
    pub data: &'r [u8],
    /// Bytes of the whole manifest.
    pub total: usize,
}

impl<T: Transport> BootPackage<T> {
    /// The manifest's bytes from `offset` on, at most 32 KiB of them.
    pub fn read_manifest<'r>(
        &self,
        offset: usize,
        buffer: &'r mut LargeBuffer,
    ) -> Result<Part<'r>, Error> {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let length = TRANSFER_BYTES as u32;
        let (data, total) = self.call_read_manifest(offset, length, &mut buffer.0)?;
        Ok(Part {
            data,
            total: total as usize,
        })
    }

    /// Reads the whole manifest into `memory` and returns its length; `None` if it does not fit.
    pub fn read_all(
        &self,
        memory: &mut [u8],
        buffer: &mut LargeBuffer,
    ) -> Result<Option<usize>, Error> {
        let mut filled = 0;
        loop {
            let part = self.read_manifest(filled, buffer)?;
            let end = filled.saturating_add(part.data.len());
            let Some(room) = memory.get_mut(filled..end) else {
                return Ok(None);
            };
            room.copy_from_slice(part.data);
            filled = end;
            if part.data.is_empty() || filled >= part.total {
                return Ok(Some(filled));
            }
        }
    }
}
