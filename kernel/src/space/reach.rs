//! Reaching into programs' memory: what they name is looked up in their page tables, page by page, and
//! copied through the direct map.

use capos_abi::PAGE_SIZE;
use capos_abi::layout::USER_END;
use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::paging;
use capos_core::system::{BadAddress, BadCopy};

use super::{RECENT, Recent, Space};
use crate::arch::phys::Span;
use crate::memory::Tables;

impl Space {
    /// Copies out of the space.
    #[inline]
    pub fn read(&self, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        check_range(address, into.len())?;
        if crosses(address, into.len()) {
            return self.read_pages(address, into);
        }
        if into.is_empty() {
            return Ok(());
        }
        let span = self.span(address, into.len(), false).ok_or(BadAddress)?;
        span.read(into);
        Ok(())
    }

    #[inline(never)]
    fn read_pages(&self, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        let mut rest = into;
        let mut at = address;
        while !rest.is_empty() {
            let span = self.span(at, rest.len(), false).ok_or(BadAddress)?;
            let (now, later) = rest.split_at_mut_checked(span.len()).ok_or(BadAddress)?;
            span.read(now);
            at = at.wrapping_add(span.len() as u64);
            rest = later;
        }
        Ok(())
    }

    /// Copies into the space, all or nothing.
    #[inline]
    pub fn write(&self, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        check_range(address, from.len())?;
        if crosses(address, from.len()) {
            return self.write_pages(address, from);
        }
        if from.is_empty() {
            return Ok(());
        }
        let span = self.span(address, from.len(), true).ok_or(BadAddress)?;
        span.write(from);
        Ok(())
    }

    #[inline(never)]
    fn write_pages(&self, address: u64, from: &[u8]) -> Result<(), BadAddress> {
        if !self.allows(address, from.len(), true) {
            return Err(BadAddress);
        }
        let mut rest = from;
        let mut at = address;
        while !rest.is_empty() {
            let span = self.span(at, rest.len(), true).ok_or(BadAddress)?;
            let (now, later) = rest.split_at_checked(span.len()).ok_or(BadAddress)?;
            span.write(now);
            at = at.wrapping_add(span.len() as u64);
            rest = later;
        }
        Ok(())
    }

    /// Whether the program may write (or read) the whole range.
    #[inline]
    pub fn allows(&self, address: u64, len: usize, write: bool) -> bool {
        if check_range(address, len).is_err() {
            return false;
        }
        if crosses(address, len) {
            return self.allows_pages(address, len, write);
        }
        len == 0 || self.frame(address, write).is_some()
    }

    #[inline(never)]
    fn allows_pages(&self, address: u64, len: usize, write: bool) -> bool {
        let mut rest = len;
        let mut at = address;
        while rest > 0 {
            if self.frame(at, write).is_none() {
                return false;
            }
            let (_, part) = chunk(at, rest);
            at = at.wrapping_add(part as u64);
            rest = rest.saturating_sub(part);
        }
        true
    }

    /// Copies from this space into another, all or nothing.
    #[inline]
    pub fn copy(&self, from: u64, target: &Space, to: u64, len: usize) -> Result<(), BadCopy> {
        check_range(from, len).map_err(|_| BadCopy::Source)?;
        check_range(to, len).map_err(|_| BadCopy::Target)?;
        if crosses(from, len) || crosses(to, len) {
            return self.copy_pages(from, target, to, len);
        }
        if len == 0 {
            return Ok(());
        }
        let read = self.span(from, len, false).ok_or(BadCopy::Source)?;
        let written = target.span(to, len, true).ok_or(BadCopy::Target)?;
        written.copy_from(read);
        Ok(())
    }

    #[inline(never)]
    fn copy_pages(&self, from: u64, target: &Space, to: u64, len: usize) -> Result<(), BadCopy> {
        if !self.allows(from, len, false) {
            return Err(BadCopy::Source);
        }
        if !target.allows(to, len, true) {
            return Err(BadCopy::Target);
        }
        let (mut source, mut sink, mut rest) = (from, to, len);
        while rest > 0 {
            let most = chunk(sink, rest).1;
            let read = self.span(source, most, false).ok_or(BadCopy::Source)?;
            let part = read.len();
            let written = target.span(sink, part, true).ok_or(BadCopy::Target)?;
            written.copy_from(read);
            source = source.wrapping_add(part as u64);
            sink = sink.wrapping_add(part as u64);
            rest = rest.saturating_sub(part);
        }
        Ok(())
    }

    /// The bytes of `len` from an address on that lie in its page, if the program may use them.
    #[inline]
    fn span(&self, address: u64, len: usize, write: bool) -> Option<Span> {
        let (offset, part) = chunk(address, len);
        Span::new(self.frame(address, write)?, offset, part)
    }

    #[inline]
    fn frame(&self, address: u64, write: bool) -> Option<Frame> {
        let page = address / FRAME_BYTES;
        let place = self.recent.get(page as usize % RECENT)?;
        let recent = place.get();
        if recent.page == page && (recent.write || !write) {
            return Some(recent.frame);
        }
        let frame = self.walk(address, write)?;
        place.set(Recent { page, frame, write });
        Some(frame)
    }

    #[inline(never)]
    fn walk(&self, address: u64, write: bool) -> Option<Frame> {
        paging::user_frame(&Tables::unlimited(), self.root, address, write)
    }
}

/// Whether a range lies in the users' half.
#[inline]
fn check_range(address: u64, len: usize) -> Result<(), BadAddress> {
    match address.checked_add(len as u64) {
        Some(end) if end <= USER_END => Ok(()),
        _ => Err(BadAddress),
    }
}

/// Whether a range touches more than one page.
#[inline]
fn crosses(address: u64, len: usize) -> bool {
    len > PAGE_SIZE.saturating_sub((address % FRAME_BYTES) as usize)
}

/// The offset of an address in its page, and how many of `len` bytes lie in that page.
#[inline]
pub(super) fn chunk(address: u64, len: usize) -> (usize, usize) {
    let offset = (address % FRAME_BYTES) as usize;
    (offset, len.min(PAGE_SIZE.saturating_sub(offset)))
}
