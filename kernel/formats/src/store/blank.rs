//! When a device counts as blank, so that it may be formatted.

use crate::device::{Device, ZERO};

/// Blocks at each end of a device that must be zero: 1 MiB. Partition tables, boot sectors and the
/// superblocks of every file system and volume manager in use lie there.
const END_BLOCKS: u64 = 256;

/// Blocks of one read.
const STEP: u64 = 8;

/// True when the first and the last MiB of the device (all of it, if it has no more) are zero.
pub(super) fn is_blank<D: Device>(device: &mut D) -> Result<bool, D::Error> {
    let blocks = device.blocks();
    let head_end = blocks.min(END_BLOCKS);
    let tail_start = blocks.saturating_sub(END_BLOCKS).max(head_end);
    Ok(is_zero(device, 0, head_end)? && is_zero(device, tail_start, blocks)?)
}

fn is_zero<D: Device>(device: &mut D, start: u64, end: u64) -> Result<bool, D::Error> {
    let mut buffer = [ZERO; STEP as usize];
    let mut at = start;
    while at < end {
        let count = end.saturating_sub(at).min(STEP);
        let Some(part) = buffer.get_mut(..count as usize) else {
            return Ok(false);
        };
        device.read(at, part)?;
        if part.iter().any(|block| *block != ZERO) {
            return Ok(false);
        }
        at = at.saturating_add(count);
    }
    Ok(true)
}
