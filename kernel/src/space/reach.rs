//! Reaching into programs' memory: what they name is looked up in their page tables, page by page, and
//! copied through the direct map.
//!
//! Most ranges lie in one page that was found before (`near`); everything else takes the long way,
//! which asks the page tables.

use core::cell::Cell;

use capos_abi::PAGE_SIZE;
use capos_abi::layout::USER_END;
use capos_core::frames::FRAME_BYTES;
use capos_core::paging;
use capos_core::system::{BadAddress, BadCopy};

use super::Space;
use crate::arch::phys::{Page, Span};
use crate::memory::Tables;

/// Pages of a program that were found for one kind of access, each at its number's place.
pub struct Recent([Cell<(u64, Page)>; Recent::PLACES]);

impl Recent {
    const PLACES: usize = 8;
    /// No page of a program has this number.
    const NOTHING: (u64, Page) = (u64::MAX, Page::FIRST);

    /// None was found yet.
    pub fn new() -> Self {
        Self([const { Cell::new(Recent::NOTHING) }; Recent::PLACES])
    }

    /// Forgets all of them.
    pub fn forget(&self) {
        for place in &self.0 {
            place.set(Recent::NOTHING);
        }
    }

    #[inline]
    fn find(&self, number: u64) -> Option<Page> {
        let (found, page) = self.0.get(number as usize % Recent::PLACES)?.get();
        (found == number).then_some(page)
    }

    fn keep(&self, number: u64, page: Page) {
        if let Some(place) = self.0.get(number as usize % Recent::PLACES) {
            place.set((number, page));
        }
    }
}

impl Space {
    /// Copies out of the space.
    #[inline]
    pub fn read(&self, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        match self.near(address, into.len(), false) {
            Some(span) => {
                span.read(into);
                Ok(())
            }
            None => self.read_pages(address, into),
        }
    }

    #[inline(never)]
    fn read_pages(&self, address: u64, into: &mut [u8]) -> Result<(), BadAddress> {
        check_range(address, into.len())?;
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
        match self.near(address, from.len(), true) {
            Some(span) => {
                span.write(from);
                Ok(())
            }
            None => self.write_pages(address, from),
        }
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
    #[inline(never)]
    pub fn allows(&self, address: u64, len: usize, write: bool) -> bool {
        if check_range(address, len).is_err() {
            return false;
        }
        let mut rest = len;
        let mut at = address;
        while rest > 0 {
            let Some(span) = self.span(at, rest, write) else {
                return false;
            };
            at = at.wrapping_add(span.len() as u64);
            rest = rest.saturating_sub(span.len());
        }
        true
    }

    /// Copies words, and behind them a range of this space, into another space: all or nothing.
    #[inline]
    pub fn send<const HEAD: usize>(
        &self,
        from: u64,
        len: usize,
        head: [u64; HEAD],
        target: &Space,
        to: u64,
    ) -> Result<(), BadCopy> {
        let total = size_of_val(&head).wrapping_add(len);
        if let Some(read) = self.near(from, len, false)
            && let Some(written) = target.near(to, total, true)
            && let Some(behind) = written.write_words(head)
        {
            behind.copy_from(read);
            return Ok(());
        }
        self.send_pages(from, len, &head, target, to)
    }

    /// As `send`, wherever the two ranges lie.
    #[inline(never)]
    fn send_pages(
        &self,
        from: u64,
        len: usize,
        head: &[u64],
        target: &Space,
        to: u64,
    ) -> Result<(), BadCopy> {
        let total = size_of_val(head).saturating_add(len);
        if !self.allows(from, len, false) {
            return Err(BadCopy::Source);
        }
        if !target.allows(to, total, true) {
            return Err(BadCopy::Target);
        }
        let mut sink = to;
        for word in head {
            let written = target.write(sink, &word.to_ne_bytes());
            written.map_err(|_| BadCopy::Target)?;
            sink = sink.wrapping_add(size_of_val(word) as u64);
        }
        let (mut source, mut rest) = (from, len);
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

    /// A range that the program may use and that lies in one page which was found before. `None`
    /// says nothing about any other.
    #[inline]
    pub fn near(&self, address: u64, len: usize, write: bool) -> Option<Span> {
        let page = self.recent(write).find(address / FRAME_BYTES)?;
        Span::new(page, (address % FRAME_BYTES) as usize, len)
    }

    /// The bytes of `len` from an address on that lie in its page, if the program may use them.
    fn span(&self, address: u64, len: usize, write: bool) -> Option<Span> {
        let (offset, part) = chunk(address, len);
        Span::new(self.page(address, write)?, offset, part)
    }

    fn page(&self, address: u64, write: bool) -> Option<Page> {
        let number = address / FRAME_BYTES;
        let recent = self.recent(write);
        if let Some(page) = recent.find(number) {
            return Some(page);
        }
        // The tables are asked for a part of the address only.
        check_range(address, 1).ok()?;
        let frame = paging::user_frame(&Tables::unlimited(), self.root, address, write)?;
        recent.keep(number, Page::of(frame));
        Some(Page::of(frame))
    }

    #[inline]
    fn recent(&self, write: bool) -> &Recent {
        if write {
            &self.writable
        } else {
            &self.readable
        }
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

/// The offset of an address in its page, and how many of `len` bytes lie in that page.
#[inline]
pub(super) fn chunk(address: u64, len: usize) -> (usize, usize) {
    let offset = (address % FRAME_BYTES) as usize;
    (offset, len.min(PAGE_SIZE.saturating_sub(offset)))
}
