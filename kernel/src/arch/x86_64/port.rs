//! Port input and output.

use core::arch::asm;

/// A port of the processor's I/O space.
///
/// Making one is safe because port access cannot break Rust's memory rules by itself: the kernel
/// talks to no device over ports that writes to memory.
#[derive(Clone, Copy)]
pub struct Port(pub u16);

impl Port {
    /// Reads a byte.
    pub fn read8(self) -> u8 {
        let value: u8;
        // SAFETY: see `Port`; `in` touches no memory and no flags.
        unsafe {
            asm!("in al, dx", out("al") value, in("dx") self.0, options(nomem, nostack, preserves_flags))
        };
        value
    }

    /// Writes a byte.
    pub fn write8(self, value: u8) {
        // SAFETY: as in `read8`.
        unsafe {
            asm!("out dx, al", in("al") value, in("dx") self.0, options(nomem, nostack, preserves_flags))
        };
    }

    /// Writes two bytes.
    pub fn write16(self, value: u16) {
        // SAFETY: as in `read8`.
        unsafe {
            asm!("out dx, ax", in("ax") value, in("dx") self.0, options(nomem, nostack, preserves_flags))
        };
    }

    /// Reads four bytes.
    pub fn read32(self) -> u32 {
        let value: u32;
        // SAFETY: as in `read8`.
        unsafe {
            asm!("in eax, dx", out("eax") value, in("dx") self.0, options(nomem, nostack, preserves_flags))
        };
        value
    }

    /// Writes four bytes.
    pub fn write32(self, value: u32) {
        // SAFETY: as in `read8`.
        unsafe {
            asm!("out dx, eax", in("eax") value, in("dx") self.0, options(nomem, nostack, preserves_flags))
        };
    }
}
