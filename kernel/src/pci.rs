//! PCI: finding devices, through the two configuration ports.

use crate::arch::port::Port;

const ADDRESS: Port = Port(0xcf8);
const DATA: Port = Port(0xcfc);

const COMMAND: u8 = 0x04;
const COMMAND_MEMORY: u32 = 1 << 1;
const COMMAND_MASTER: u32 = 1 << 2;
const COMMAND_NO_INTERRUPT: u32 = 1 << 10;
const HEADER_TYPE: u8 = 0x0c;
const FIRST_BAR: u8 = 0x10;
const BRIDGE_BUSES: u8 = 0x18;
const STATUS_CAPABILITIES: u32 = 1 << 20;

/// One function of one device.
#[derive(Clone, Copy)]
pub struct Function {
    bus: u8,
    device: u8,
    function: u8,
}

impl Function {
    fn read(self, register: u8) -> u32 {
        let place = u32::from(self.bus) << 16
            | u32::from(self.device) << 11
            | u32::from(self.function) << 8;
        ADDRESS.write32(1 << 31 | place | u32::from(register & !3));
        DATA.read32()
    }

    fn write(self, register: u8, value: u32) {
        self.read(register);
        DATA.write32(value);
    }

    /// Vendor and device number.
    pub fn identity(self) -> (u16, u16) {
        let word = self.read(0);
        (word as u16, (word >> 16) as u16)
    }

    /// All 256 bytes of the configuration, without capabilities if it has none.
    pub fn configuration(self) -> [u8; 256] {
        let mut bytes = [0; 256];
        for (register, word) in (0..=252).step_by(4).zip(bytes.as_chunks_mut::<4>().0) {
            *word = self.read(register).to_le_bytes();
        }
        if self.read(COMMAND) & STATUS_CAPABILITIES == 0 {
            bytes[0x34] = 0;
        }
        bytes
    }

    /// The address in a memory base address register, wherever in physical memory it is.
    pub fn memory(self, bar: u8) -> Option<u64> {
        let register = FIRST_BAR + 4 * bar;
        let low = self.read(register);
        let wide = low & 6 == 4;
        if low & 1 != 0 || (wide && bar >= 5) {
            return None;
        }
        let high = if wide { self.read(register + 4) } else { 0 };
        let address = u64::from(high) << 32 | u64::from(low & !15);
        (address != 0).then_some(address)
    }

    /// Lets the device answer in memory and reach memory itself; it must not interrupt.
    pub fn enable(self) {
        let command = self.read(COMMAND) & 0xffff;
        self.write(
            COMMAND,
            command | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTERRUPT,
        );
    }
}

/// Calls `see` for every function on every bus that the firmware made reachable.
pub fn each_function(mut see: impl FnMut(Function)) {
    let mut reachable = [false; 256];
    reachable[0] = true;
    for bus in 0..=255_u8 {
        if !reachable[usize::from(bus)] {
            continue;
        }
        for device in 0..32 {
            let first = Function {
                bus,
                device,
                function: 0,
            };
            if first.identity().0 == 0xffff {
                continue;
            }
            let functions = if first.read(HEADER_TYPE) & 1 << 23 != 0 {
                8
            } else {
                1
            };
            for function in (0..functions).map(|function| Function {
                bus,
                device,
                function,
            }) {
                if function.identity().0 == 0xffff {
                    continue;
                }
                if function.read(HEADER_TYPE) >> 16 & 0x7f == 1 {
                    // Bridges lead to buses with higher numbers, so each bus is seen once.
                    let behind = (function.read(BRIDGE_BUSES) >> 8) as u8;
                    reachable[usize::from(behind)] |= behind > bus;
                }
                see(function);
            }
        }
    }
}
