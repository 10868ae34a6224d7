//! A machine's configuration space for tests.

use std::collections::BTreeMap;

use super::{COMMAND, COMMAND_MEMORY, ConfigSpace, Function, ID};

/// A function for tests of one function.
pub const SOME: Function = Function {
    bus: 0,
    device: 3,
    function: 0,
};

const FIRST_BAR: u8 = 0x10;

/// Functions with 256 bytes of registers each.
#[derive(Default)]
pub struct Machine {
    functions: BTreeMap<(u8, u8, u8), Registers>,
    /// What a base address register reads as after all ones were written, against all rules.
    pub sized: Option<u32>,
    /// No base address register was all ones while its function answered in memory space.
    pub never_answered_while_sized: bool,
}

struct Registers {
    values: [u32; 64],
    /// Which bits a write changes.
    masks: [u32; 64],
}

fn key(function: Function) -> (u8, u8, u8) {
    (function.bus, function.device, function.function)
}

impl Machine {
    /// A machine with one function.
    pub fn with(function: Function) -> Self {
        let mut machine = Self {
            never_answered_while_sized: true,
            ..Self::default()
        };
        machine.add(function);
        machine
    }

    /// Adds a function.
    pub fn add(&mut self, function: Function) {
        let mut registers = Registers {
            values: [0; 64],
            masks: [0; 64],
        };
        registers.masks[usize::from(COMMAND / 4)] = 0xffff;
        self.functions.insert(key(function), registers);
        self.set(function, ID, 0x1042_1af4);
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Sets a register, whatever a write could do.
    pub fn set(&mut self, function: Function, register: u8, value: u32) {
        let registers = self.functions.get_mut(&key(function)).unwrap();
        registers.values[usize::from(register / 4)] = value;
    }

    /// Sets a base address register, and which of its bits a write changes.
    pub fn bar(&mut self, function: Function, index: u8, value: u32, mask: u32) {
        self.set(function, FIRST_BAR + 4 * index, value);
        let registers = self.functions.get_mut(&key(function)).unwrap();
        registers.masks[usize::from(FIRST_BAR / 4 + index)] = mask;
    }
}

impl ConfigSpace for Machine {
    fn read(&self, function: Function, register: u8) -> u32 {
        let registers = self.functions.get(&key(function));
        registers.map_or(u32::MAX, |registers| {
            registers.values[usize::from(register / 4)]
        })
    }

    fn write(&mut self, function: Function, register: u8, value: u32) {
        let Some(registers) = self.functions.get_mut(&key(function)) else {
            return;
        };
        let answers = registers.values[usize::from(COMMAND / 4)] & COMMAND_MEMORY != 0;
        if (0x10..0x28).contains(&register) && answers {
            self.never_answered_while_sized = false;
        }
        let at = usize::from(register / 4);
        let mask = registers.masks[at];
        registers.values[at] = registers.values[at] & !mask | value & mask;
        if register == COMMAND {
            // The status bits are cleared by writing ones.
            registers.values[at] &= !(value & 0xffff_0000);
        }
        if let (Some(sized), u32::MAX) = (self.sized, value) {
            registers.values[at] = sized;
        }
    }
}
