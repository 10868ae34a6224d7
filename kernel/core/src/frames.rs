//! Which physical frames are free.
//!
//! One bit a frame, set while the frame is free, so that nothing is free until the memory map says
//! so. Frames at or above `FRAMES_MAX` are never used.

use core::ops::Range;

use crate::bootinfo::{BootInfo, Kind};

/// Bytes of a frame.
pub const FRAME_BYTES: u64 = 4096;
/// Frames that can be managed: 4 GiB.
pub const FRAMES_MAX: usize = 1 << 20;
/// Below this nothing is handed out: real-mode data, firmware, and room for a start-up trampoline.
pub const LOW_MEMORY: u64 = 1 << 20;

const WORDS: usize = FRAMES_MAX / 64;

/// A physical frame, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Frame(pub u32);

impl Frame {
    /// The frame that holds a physical address below 4 GiB.
    #[inline]
    pub fn containing(address: u64) -> Option<Frame> {
        let number = address / FRAME_BYTES;
        (number < FRAMES_MAX as u64).then_some(Frame(number as u32))
    }

    /// The frame's first physical address.
    #[inline]
    pub fn address(self) -> u64 {
        u64::from(self.0) << 12
    }
}

/// A frame was given back that was not out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTaken(pub Frame);

/// The frames of the machine.
pub struct Frames {
    free: [u64; WORDS],
    free_count: usize,
    /// No free frame lies in a word below this one.
    first_word: usize,
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl Frames {
    /// No frame is free.
    pub const fn new() -> Self {
        Self {
            free: [0; WORDS],
            free_count: 0,
            first_word: 0,
        }
    }

    /// Frees what the memory map calls usable, except low memory, the kernel and everything that the
    /// loader handed over. A frame that only partly belongs to a usable range is not used, and where
    /// ranges of the map overlap, the one that is not usable wins.
    pub fn start(&mut self, info: &BootInfo, kernel: Range<u64>) {
        for region in info
            .regions()
            .iter()
            .filter(|region| region.kind == Kind::Usable)
        {
            let first = region.range.start.div_ceil(FRAME_BYTES);
            self.set(first..region.range.end / FRAME_BYTES, true);
        }
        let others = info
            .regions()
            .iter()
            .filter(|region| region.kind == Kind::Other);
        let keep = [0..LOW_MEMORY, kernel];
        let ranges = others
            .map(|region| &region.range)
            .chain(info.reserved())
            .chain(&keep);
        for range in ranges {
            self.set(
                range.start / FRAME_BYTES..range.end.div_ceil(FRAME_BYTES),
                false,
            );
        }
    }

    /// Free frames.
    pub fn free_count(&self) -> usize {
        self.free_count
    }

    /// Takes one frame.
    pub fn take(&mut self) -> Option<Frame> {
        let words = self.free.get_mut(self.first_word..).unwrap_or_default();
        for (index, word) in (self.first_word..WORDS).zip(words) {
            if *word != 0 {
                let bit = word.trailing_zeros();
                *word &= word.wrapping_sub(1);
                self.first_word = index;
                self.free_count = self.free_count.saturating_sub(1);
                return Some(Frame((index as u32).wrapping_mul(64).wrapping_add(bit)));
            }
        }
        self.first_word = WORDS;
        None
    }

    /// Takes `count` frames that lie one after the other; for devices, at boot.
    pub fn take_run(&mut self, count: usize) -> Option<Frame> {
        let mut run = 0_usize;
        for number in 0..FRAMES_MAX {
            run = if self.is_free(number) {
                run.saturating_add(1)
            } else {
                0
            };
            if run == count {
                let first = number.checked_add(1)?.checked_sub(count)?;
                self.set(first as u64..(number as u64).checked_add(1)?, false);
                return Some(Frame(first as u32));
            }
        }
        None
    }

    /// Gives a frame back.
    pub fn give(&mut self, frame: Frame) -> Result<(), NotTaken> {
        let number = frame.0 as usize;
        if number >= FRAMES_MAX || self.is_free(number) {
            return Err(NotTaken(frame));
        }
        self.set(
            u64::from(frame.0)..u64::from(frame.0).saturating_add(1),
            true,
        );
        Ok(())
    }

    fn is_free(&self, number: usize) -> bool {
        self.free
            .get(number / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Frees or withholds frames by number; numbers out of range are passed over.
    fn set(&mut self, numbers: Range<u64>, free: bool) {
        let end = numbers.end.min(FRAMES_MAX as u64) as usize;
        let start = numbers.start.min(FRAMES_MAX as u64) as usize;
        for number in start..end {
            let Some(word) = self.free.get_mut(number / 64) else {
                return;
            };
            let bit = 1_u64 << (number % 64);
            match (free, *word & bit != 0) {
                (true, false) => self.free_count = self.free_count.saturating_add(1),
                (false, true) => self.free_count = self.free_count.saturating_sub(1),
                _ => {}
            }
            *word = if free { *word | bit } else { *word & !bit };
        }
        if free {
            self.first_word = self.first_word.min(start / 64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FRAMES_MAX, Frame, Frames, NotTaken};

    fn with(range: core::ops::Range<u64>) -> Box<Frames> {
        let mut frames = Box::new(Frames::new());
        frames.set(range, true);
        frames
    }

    #[test]
    fn each_frame_is_out_once() {
        let mut frames = with(300..430);
        let mut out: Vec<Frame> = core::iter::from_fn(|| frames.take()).collect();
        assert_eq!(out.len(), 130);
        out.dedup();
        assert_eq!((out.len(), out[0], out[129]), (130, Frame(300), Frame(429)));
        assert_eq!((frames.free_count(), frames.take()), (0, None));
        frames.give(Frame(350)).unwrap();
        assert_eq!(frames.give(Frame(350)), Err(NotTaken(Frame(350))));
        assert_eq!((frames.take(), frames.take()), (Some(Frame(350)), None));
    }

    #[test]
    fn runs_are_whole() {
        let mut frames = with(10..20);
        frames.set(14..15, false);
        assert_eq!(frames.take_run(5), Some(Frame(15)));
        assert_eq!(frames.take_run(5), None);
        assert_eq!(
            (frames.take_run(4), frames.free_count()),
            (Some(Frame(10)), 0)
        );
    }

    #[test]
    fn nothing_beyond_the_end() {
        let mut frames = with(FRAMES_MAX as u64 - 1..u64::MAX);
        assert_eq!(frames.free_count(), 1);
        assert_eq!(frames.give(Frame(u32::MAX)), Err(NotTaken(Frame(u32::MAX))));
    }
}
