//! virtio 1.x devices behind PCI, and the block device among them.
//!
//! Everything that a device says is checked before it is used: feature bits, registers, indices,
//! lengths. The driver keeps its own record of what the device holds and never reads it back from
//! memory that the device can write. A device that breaks the rules is reset, cut off from memory and
//! dead from then on; what it does later changes nothing.

pub mod block;
#[cfg(test)]
pub(crate) mod double;
pub mod hardware;
pub mod pci;
pub mod queue;
pub mod start;
#[cfg(test)]
mod tests;

use hardware::Hardware;

/// Resets a device and takes its access to memory away, in this order: a device that ignores the
/// first is stopped by the second.
fn stop(hardware: &mut impl Hardware) {
    hardware.write8(start::STATUS, 0);
    hardware.cut_off();
}
