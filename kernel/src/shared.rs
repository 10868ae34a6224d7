//! The memory of memory objects: frames that programs share.

use capos_core::frames::Frame;
use capos_core::system::{MEMORY_OBJECTS, MEMORY_PAGES};

use crate::arch::phys;
use crate::console;
use crate::memory::FRAMES;

/// The frames of one object, listed in a frame of their own.
#[derive(Clone, Copy)]
struct Object {
    list: Frame,
    pages: u32,
}

/// The frames of all memory objects.
pub struct Shared {
    objects: [Option<Object>; MEMORY_OBJECTS],
}

// A list is one frame of 64-bit frame numbers.
const _: () = assert!(MEMORY_PAGES <= 512);

impl Shared {
    /// No objects.
    pub const fn new() -> Self {
        Self {
            objects: [None; MEMORY_OBJECTS],
        }
    }

    /// Makes an object of cleared frames; `false` where there are too few, and then nothing is taken.
    pub fn make(&mut self, place: u16, pages: u32) -> bool {
        let Some(slot) = self.objects.get_mut(usize::from(place)) else {
            return false;
        };
        let mut frames = FRAMES.lock();
        // One more for the list.
        if slot.is_some() || frames.free_count() <= pages as usize {
            return false;
        }
        let Some(list) = frames.take() else {
            return false;
        };
        for number in 0..pages {
            if let Some(frame) = frames.take() {
                phys::clear(frame);
                phys::set_table_entry(list, number as usize, frame.0.into());
            }
        }
        *slot = Some(Object { list, pages });
        true
    }

    /// Gives an object's frames back.
    pub fn free(&mut self, place: u16) {
        let slot = self.objects.get_mut(usize::from(place));
        let Some(object) = slot.and_then(Option::take) else {
            return;
        };
        let mut frames = FRAMES.lock();
        let listed = (0..object.pages).filter_map(|number| object.frame(number));
        for frame in listed.chain([object.list]) {
            if frames.give(frame).is_err() {
                console::kernel_line(format_args!("a shared frame was given back twice"));
            }
        }
    }

    /// The pages of an object.
    pub fn pages(&self, place: u16) -> u32 {
        self.object(place).map_or(0, |object| object.pages)
    }

    /// One frame of an object.
    pub fn frame(&self, place: u16, number: u32) -> Option<Frame> {
        self.object(place)?.frame(number)
    }

    /// Frames of all objects, their lists included.
    pub fn frames(&self) -> u64 {
        let objects = self.objects.iter().flatten();
        objects
            .map(|object| u64::from(object.pages).saturating_add(1))
            .fold(0, u64::saturating_add)
    }

    fn object(&self, place: u16) -> Option<&Object> {
        self.objects.get(usize::from(place))?.as_ref()
    }
}

impl Object {
    fn frame(&self, number: u32) -> Option<Frame> {
        if number >= self.pages {
            return None;
        }
        let entry = phys::table_entry(self.list, number as usize);
        Some(Frame(entry as u32))
    }
}
