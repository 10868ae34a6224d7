//! PCI configuration space through ports 0xcf8 and 0xcfc.

use capos_core::pci::{ConfigSpace, Function};

use crate::arch::port::Port;

const SELECT: Port = Port(0xcf8);
const VALUE: Port = Port(0xcfc);

/// The two ports. An access takes both, and nothing may come between: only `Disks` uses them, at boot
/// and under the kernel's lock.
pub struct Ports;

impl ConfigSpace for Ports {
    fn read(&self, function: Function, register: u8) -> u32 {
        SELECT.write32(function.select(register));
        VALUE.read32()
    }

    fn write(&mut self, function: Function, register: u8, value: u32) {
        SELECT.write32(function.select(register));
        VALUE.write32(value);
    }
}
