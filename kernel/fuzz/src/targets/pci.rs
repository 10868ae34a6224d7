//! PCI configuration space: a device answers as it likes, and what is made of it stays in its bounds.

use super::Target;
use capos_core::pci::{ConfigSpace, Function, capabilities, memory_bar, scan};
use capos_core::virtio::hardware::Window;
use capos_core::virtio::pci::layout;

pub const TARGET: Target = Target {
    name: "pci",
    seeds: || vec![device(), bridges()],
    run: |input| {
        judge_function(&mut Machine::of(input));
        judge_scan(&Machine::of(input));
    },
};

const REGISTERS: usize = 256;
/// For each base address register, which of its bits a write changes.
const MASKS: usize = 6 * 4;
const FIRST_BAR: usize = 0x10;
const COMMAND: u8 = 4;
/// Other functions: bus, place on it, header type, and the bus behind it.
const OTHER: usize = 4;
const OTHERS: usize = 32;
const FIRST: Function = Function {
    bus: 0,
    device: 0,
    function: 0,
};

/// A virtio disk as QEMU shows it: three kinds of registers in one long range.
fn device() -> Vec<u8> {
    let mut input = vec![0; REGISTERS + MASKS];
    let mut set = |at: usize, word: u32| input[at..at + 4].copy_from_slice(&word.to_le_bytes());
    set(0x00, 0x1042_1af4);
    set(0x04, 1 << 20 | 2);
    set(0x20, 0x0000_000c);
    set(0x24, 0x0000_00e0);
    set(0x34, 0x40);
    for (at, head, offset, bytes) in [
        (0x40, 0x0110_5009, 0_u32, 0x1000_u32),
        (0x50, 0x0410_6009, 0x2000, 0x1000),
        (0x60, 0x0214_0009, 0x3000, 0x1000),
    ] {
        set(at, head);
        set(at + 4, 4);
        set(at + 8, offset);
        set(at + 12, bytes);
    }
    set(0x70, 4);
    set(REGISTERS + 16, 0xffff_c000);
    set(REGISTERS + 20, 0xffff_ffff);
    input
}

fn bridges() -> Vec<u8> {
    let mut input = device();
    input.extend_from_slice(&[0, 8, 1, 3, 3, 0, 1, 0, 3, 17, 0x80, 0]);
    input
}

struct Machine {
    registers: [u8; REGISTERS],
    masks: [u8; MASKS],
    others: Vec<[u8; OTHER]>,
}

impl Machine {
    fn of(input: &[u8]) -> Self {
        let (mut registers, mut masks) = ([0; REGISTERS], [0; MASKS]);
        let mut bytes = input.iter().copied();
        for byte in registers.iter_mut().chain(&mut masks) {
            *byte = bytes.next().unwrap_or(0);
        }
        let rest = input.get(REGISTERS + MASKS..).unwrap_or(&[]);
        let others = rest.as_chunks::<OTHER>().0.iter().take(OTHERS).copied();
        Self {
            registers,
            masks,
            others: others.collect(),
        }
    }

    fn word(bytes: &[u8], at: usize) -> u32 {
        let four = bytes.get(at..).unwrap_or(&[]).first_chunk();
        four.map_or(0, |four| u32::from_le_bytes(*four))
    }

    /// The function's header type and the bus behind it, if there is such a function.
    fn other(&self, function: Function) -> Option<(u8, u8)> {
        let place = function.device << 3 | function.function;
        let is_it = |other: &&[u8; OTHER]| other[0] == function.bus && other[1] == place;
        self.others
            .iter()
            .find(is_it)
            .map(|[.., header, behind]| (*header, *behind))
    }
}

impl ConfigSpace for Machine {
    fn read(&self, function: Function, register: u8) -> u32 {
        assert_eq!(register % 4, 0, "a torn register");
        if function == FIRST {
            return Self::word(&self.registers, register.into());
        }
        match (register, self.other(function)) {
            (_, None) => u32::MAX,
            (0x0c, Some((header, _))) => u32::from(header) << 16,
            (0x18, Some((_, behind))) => u32::from(behind) << 8,
            _ => 0x1042_1af4,
        }
    }

    fn write(&mut self, function: Function, register: u8, value: u32) {
        assert_eq!(function, FIRST, "written to another function");
        let at = usize::from(register);
        let mask = match at.checked_sub(FIRST_BAR).filter(|at| *at < MASKS) {
            Some(bar) => Self::word(&self.masks, bar),
            // Nothing else is to be written.
            None => {
                assert_eq!(register, COMMAND, "written to register {register:#x}");
                0x0000_0407
            }
        };
        let value = Self::word(&self.registers, at) & !mask | value & mask;
        self.registers[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
}

fn judge_function(machine: &mut Machine) {
    if let Ok(list) = capabilities(machine, FIRST) {
        assert!(list.iter().count() <= 48, "more than fit");
        let is_good = |offset: u8| offset >= 0x40 && offset.is_multiple_of(4);
        assert!(
            list.iter().all(|entry| is_good(entry.offset)),
            "among the registers"
        );
    }
    let before = machine.registers;
    let bars: Vec<_> = (0..7)
        .filter_map(|index| memory_bar(machine, FIRST, index).ok())
        .collect();
    for bar in &bars {
        assert!(bar.bytes.is_power_of_two(), "no size");
        assert!(
            bar.address != 0 && bar.address.is_multiple_of(bar.bytes),
            "not aligned"
        );
        assert!(bar.address + bar.bytes <= 1 << 52, "no such address");
    }
    let found = layout(machine, FIRST);
    assert_eq!(machine.registers, before, "not left as it was");
    let found = match found {
        Ok(found) => found,
        Err(reason) => return assert!(!reason.to_string().is_empty()),
    };
    for (range, least, most) in [
        (
            &found.common,
            Window::Common.bytes(),
            Window::Common.bytes(),
        ),
        (
            &found.device,
            Window::Device.bytes(),
            Window::Device.bytes(),
        ),
        (&found.notify, 2, 0x1_0000),
    ] {
        let bytes = range.end - range.start;
        assert!(
            (u64::from(least)..=most.into()).contains(&bytes),
            "{bytes} bytes"
        );
        let holds = |start: u64, end: u64| start <= range.start && range.end <= end;
        let inside = bars
            .iter()
            .any(|bar| holds(bar.address, bar.address + bar.bytes));
        assert!(
            inside && range.start.is_multiple_of(4),
            "outside every range"
        );
    }
    for queue in [0, 1, 7, u16::MAX] {
        if let Some(at) = found.notify_at(queue) {
            let end = found.notify.start + at + 2;
            assert!(at % 2 == 0 && end <= found.notify.end, "notified elsewhere");
        }
    }
}

fn judge_scan(machine: &Machine) {
    let mut seen = Vec::new();
    scan(machine, &mut |function, _| {
        let known = function == FIRST || machine.other(function).is_some();
        assert!(known, "{function} is not there");
        assert!(!seen.contains(&function), "{function} is there twice");
        seen.push(function);
    });
}
