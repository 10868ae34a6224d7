//! PCI configuration space, as far as finding a device and its registers needs.
//!
//! A device answers configuration reads as it likes: nothing here trusts a pointer, a size or a bus
//! number that came from one.

mod bar;
mod capabilities;
#[cfg(test)]
pub(crate) mod double;
mod scan;

use core::fmt;

pub use bar::{BadBar, Bar, memory_bar};
pub use capabilities::{BadCapabilities, Capabilities, Capability, capabilities};
pub use scan::{Identity, identify, scan};

/// The register of vendor and device id.
const ID: u8 = 0x00;
/// The register of command (low half) and status (high half).
const COMMAND: u8 = 0x04;
/// The device answers in I/O space.
const COMMAND_PORTS: u32 = 1 << 0;
/// The device answers in memory space.
const COMMAND_MEMORY: u32 = 1 << 1;
/// The device may read and write memory by itself.
const COMMAND_MASTER: u32 = 1 << 2;
/// The device never raises its interrupt line.
const COMMAND_NO_INTERRUPT: u32 = 1 << 10;
/// The half of that register that is the command: the status bits are cleared by writing ones.
const COMMAND_MASK: u32 = 0xffff;

/// One function of a device on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Which bus.
    pub bus: u8,
    /// Which device on it, below 32.
    pub device: u8,
    /// Which function of it, below 8.
    pub function: u8,
}

impl Function {
    /// What is written to port 0xcf8 to reach the 4-byte register at `register`.
    pub fn select(self, register: u8) -> u32 {
        1 << 31
            | u32::from(self.bus) << 16
            | u32::from(self.device & 0x1f) << 11
            | u32::from(self.function & 7) << 8
            | u32::from(register & 0xfc)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            into,
            "{:02x}:{:02x}.{}",
            self.bus, self.device, self.function
        )
    }
}

/// The configuration registers of all functions. Registers are 4 bytes, at multiples of 4.
pub trait ConfigSpace {
    /// Reads a register; all ones where there is no such function.
    fn read(&self, function: Function, register: u8) -> u32;
    /// Writes a register.
    fn write(&mut self, function: Function, register: u8, value: u32);
}

/// Lets a function answer in memory space and reach memory by itself, and keeps it from raising
/// its interrupt line.
pub fn enable(space: &mut impl ConfigSpace, function: Function) {
    let command = space.read(function, COMMAND) & COMMAND_MASK;
    let command = command | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTERRUPT;
    space.write(function, COMMAND, command);
}

/// Takes a function's access to memory away.
pub fn cut_off(space: &mut impl ConfigSpace, function: Function) {
    let command = space.read(function, COMMAND) & COMMAND_MASK;
    space.write(function, COMMAND, command & !COMMAND_MASTER);
}

#[cfg(test)]
mod tests {
    use super::double::{Machine, SOME};
    use super::{COMMAND, ConfigSpace, Function, cut_off, enable};

    #[test]
    fn selects_registers() {
        let function = Function {
            bus: 0x12,
            device: 0x1f,
            function: 7,
        };
        assert_eq!(function.select(0x43), 0x8012_ff40);
        assert_eq!(function.to_string(), "12:1f.7");
    }

    #[test]
    fn enables_and_cuts_off_without_clearing_status() {
        let mut machine = Machine::with(SOME);
        machine.set(SOME, COMMAND, 0xf010_0001);
        enable(&mut machine, SOME);
        assert_eq!(machine.read(SOME, COMMAND), 0xf010_0407);
        cut_off(&mut machine, SOME);
        assert_eq!(machine.read(SOME, COMMAND), 0xf010_0403);
    }
}
