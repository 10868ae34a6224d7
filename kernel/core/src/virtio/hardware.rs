//! What the driver asks of the machine: a device's registers, memory shared with it, and time.

/// A range of a device's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The registers that every virtio device has.
    Common,
    /// Those of the device's kind.
    Device,
}

impl Window {
    /// Bytes that the driver uses: every access lies below this.
    pub const fn bytes(self) -> u32 {
        match self {
            Window::Common => 56,
            Window::Device => 24,
        }
    }
}

/// Memory that the device reads and writes: one range of physical memory, at least `SHARED_BYTES`
/// long and page-aligned, cleared at first. Offsets count from its start.
pub trait SharedMemory {
    /// The physical address of the start.
    fn address(&self) -> u64;
    /// Copies out of it.
    fn copy_out(&self, offset: usize, into: &mut [u8]);
    /// Copies into it.
    fn copy_in(&mut self, offset: usize, from: &[u8]);
    /// Reads a word at a multiple of 4, before anything that is read later.
    fn load(&self, offset: usize) -> u32;
    /// Writes a word at a multiple of 4, behind everything that was written earlier.
    fn store(&mut self, offset: usize, value: u32);
}

/// A device and the memory shared with it.
pub trait Hardware: SharedMemory {
    /// Reads a register of one byte.
    fn read8(&self, window: Window, offset: u32) -> u8;
    /// Reads a register of two bytes, at a multiple of 2.
    fn read16(&self, window: Window, offset: u32) -> u16;
    /// Reads a register of four bytes, at a multiple of 4.
    fn read32(&self, window: Window, offset: u32) -> u32;
    /// Writes a common register of one byte.
    fn write8(&mut self, offset: u32, value: u8);
    /// Writes a common register of two bytes, at a multiple of 2.
    fn write16(&mut self, offset: u32, value: u16);
    /// Writes a common register of four bytes, at a multiple of 4.
    fn write32(&mut self, offset: u32, value: u32);
    /// Says whether the notification register with this offset exists.
    fn can_notify(&self, queue_offset: u16) -> bool;
    /// Tells the device that queue 0 has something for it, behind everything that was written
    /// earlier.
    fn notify(&mut self, queue_offset: u16);
    /// Takes the device's access to memory away, for ever.
    fn cut_off(&mut self);
    /// Nanoseconds since some moment; never less than before.
    fn now(&self) -> u64;
    /// Called again and again while the device is awaited.
    fn relax(&mut self) {
        core::hint::spin_loop();
    }
}
