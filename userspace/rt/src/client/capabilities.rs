//! `CapabilityManager`: what this program holds.

use super::CapabilityManager;
use crate::error::Error;
use crate::transport::{Buffer, Transport};
use capos_abi::CapId;

/// Memory for what one `list` shows.
pub type ListBuffer = Buffer<2048>;

/// One capability of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCap<'a> {
    /// Its id.
    pub cap: CapId,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The interface of the object behind it.
    pub interface_id: u64,
    /// The interface's name; empty for a client facet.
    pub interface_name: &'a str,
}

impl<T: Transport> CapabilityManager<T> {
    /// Shows each of at most 32 capabilities from the `start`-th on; gives how many there are in all.
    pub fn list(
        &self,
        start: u32,
        buffer: &mut ListBuffer,
        mut show: impl FnMut(HeldCap<'_>),
    ) -> Result<u32, Error> {
        let (caps, total) = self.call_list(start, &mut buffer.0)?;
        for cap in caps.iter() {
            show(HeldCap {
                cap: CapId(cap.cap()),
                revoked: cap.revoked(),
                interface_id: cap.interface_id(),
                interface_name: cap.interface_name()?,
            });
        }
        Ok(total)
    }
}
