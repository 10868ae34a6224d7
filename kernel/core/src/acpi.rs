//! The few facts that the kernel wants from ACPI: the power-management timer and how to power off.

use crate::bootinfo::ReadPhysical;
use crate::bytes::{u32_at, u64_at};

const TABLE_BYTES_MAX: u64 = 1 << 20;
const HEADER_BYTES: u64 = 36;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acpi {
    /// Port of the 3.579545 MHz counter (24 or 32 bits wide).
    pub timer_port: Option<u16>,
    /// How to power off.
    pub power_off: Option<PowerOff>,
}

/// Writes that put the machine into state S5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOff {
    /// The control port and the value for it.
    pub first: (u16, u16),
    /// A second control port, on machines that have one.
    pub second: Option<(u16, u16)>,
}

/// Looks through the tables behind the root pointer at `rsdp`. What is missing or damaged is simply
/// not found.
pub fn find(rsdp: u64, read: ReadPhysical<'_>) -> Acpi {
    fadt(rsdp, read).map_or_else(Acpi::default, |fadt| Acpi {
        timer_port: port(fadt, 76),
        power_off: power_off(fadt, read),
    })
}

/// A table whose length and checksum are right.
fn table<'a>(address: u64, read: ReadPhysical<'a>) -> Option<&'a [u8]> {
    let length = u64::from(u32_at(read(address, HEADER_BYTES)?, 4)?);
    if !(HEADER_BYTES..=TABLE_BYTES_MAX).contains(&length) {
        return None;
    }
    let table = read(address, length)?;
    let sum = table.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    (sum == 0).then_some(table)
}

fn fadt<'a>(rsdp: u64, read: ReadPhysical<'a>) -> Option<&'a [u8]> {
    let root = read(rsdp, 20)?;
    if !root.starts_with(b"RSD PTR ") {
        return None;
    }
    let extended = root.get(15).is_some_and(|revision| *revision >= 2);
    let xsdt = if extended {
        read(rsdp, 36).and_then(|root| u64_at(root, 24))
    } else {
        None
    };
    let wide = xsdt
        .filter(|address| *address != 0)
        .and_then(|address| table(address, read));
    let entries = HEADER_BYTES as usize..;
    let is_fadt = |table: &&[u8]| table.starts_with(b"FACP");
    if let Some(wide) = wide {
        let addresses = wide.get(entries)?.as_chunks::<8>().0.iter();
        addresses
            .filter_map(|address| table(u64::from_le_bytes(*address), read))
            .find(is_fadt)
    } else {
        let narrow = table(u32_at(root, 16)?.into(), read)?;
        let addresses = narrow.get(entries)?.as_chunks::<4>().0.iter();
        addresses
            .filter_map(|address| table(u32::from_le_bytes(*address).into(), read))
            .find(is_fadt)
    }
}

fn port(fadt: &[u8], at: usize) -> Option<u16> {
    let port = u16::try_from(u32_at(fadt, at)?).ok()?;
    (port != 0).then_some(port)
}

fn power_off(fadt: &[u8], read: ReadPhysical<'_>) -> Option<PowerOff> {
    const SLEEP_ENABLE: u16 = 1 << 13;
    let dsdt = u64::from(u32_at(fadt, 40)?);
    let (first, second) = sleep_types(table(dsdt, read)?)?;
    let value = |kind: u8| u16::from(kind & 7) << 10 | SLEEP_ENABLE;
    Some(PowerOff {
        first: (port(fadt, 64)?, value(first)),
        second: port(fadt, 68).map(|port| (port, value(second))),
    })
}

/// The first two numbers of the package named `_S5_`. Its AML is a fixed shape in practice, so that
/// no interpreter is needed: name, package operator, length (1 to 4 bytes), count, numbers.
fn sleep_types(aml: &[u8]) -> Option<(u8, u8)> {
    let at = aml.windows(5).position(|bytes| bytes == b"_S5_\x12")?;
    let package = aml.get(at.checked_add(4)?..)?;
    let extra = usize::from(package.get(1)? >> 6);
    let mut numbers = package.get(extra.checked_add(3)?..)?.iter();
    let mut number = || match numbers.next()? {
        0x0a => numbers.next().copied(),
        small @ (0 | 1) => Some(*small),
        _ => None,
    };
    Some((number()?, number()?))
}

/// The PM timer's frequency in hertz.
pub const TIMER_HERTZ: u64 = 3_579_545;

/// Ticks between two readings of the PM timer, whose upper byte need not exist.
pub fn ticks_between(earlier: u32, later: u32) -> u32 {
    later.wrapping_sub(earlier) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::{Acpi, PowerOff, find, sleep_types, ticks_between};

    fn table(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 36];
        bytes[..4].copy_from_slice(name);
        bytes.extend(body);
        let length = bytes.len() as u32;
        bytes[4..8].copy_from_slice(&length.to_le_bytes());
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes[9] = 0_u8.wrapping_sub(sum);
        bytes
    }

    fn machine() -> Vec<u8> {
        let mut memory = vec![0; 0x1000];
        memory[0x100..0x108].copy_from_slice(b"RSD PTR ");
        memory[0x110..0x114].copy_from_slice(&0x200_u32.to_le_bytes());
        let rsdt = table(b"RSDT", &0x300_u32.to_le_bytes());
        memory[0x200..0x200 + rsdt.len()].copy_from_slice(&rsdt);
        let mut body = [0; 80];
        body[4..8].copy_from_slice(&0x400_u32.to_le_bytes());
        body[28..32].copy_from_slice(&0x604_u32.to_le_bytes());
        body[40..44].copy_from_slice(&0x608_u32.to_le_bytes());
        let fadt = table(b"FACP", &body);
        memory[0x300..0x300 + fadt.len()].copy_from_slice(&fadt);
        let dsdt = table(b"DSDT", b"\x08_S5_\x12\x06\x04\x0a\x05\x00\x00\x00");
        memory[0x400..0x400 + dsdt.len()].copy_from_slice(&dsdt);
        memory
    }

    fn look(memory: &[u8]) -> Acpi {
        find(0x100, &|at, len| {
            memory.get(at as usize..(at as usize).checked_add(len as usize)?)
        })
    }

    #[test]
    fn timer_and_power_off_are_found() {
        let off = PowerOff {
            first: (0x604, 5 << 10 | 1 << 13),
            second: None,
        };
        assert_eq!(
            look(&machine()),
            Acpi {
                timer_port: Some(0x608),
                power_off: Some(off)
            }
        );
    }

    #[test]
    fn damage_is_not_believed() {
        for at in 0x100..0x450 {
            let mut memory = machine();
            memory[at] ^= 0x55;
            let _ = look(&memory);
        }
        let mut memory = machine();
        memory[0x310] ^= 1;
        assert_eq!(look(&memory), Acpi::default());
    }

    #[test]
    fn sleep_types_in_other_clothes() {
        assert_eq!(
            sleep_types(b"_S5_\x12\x47\x00\x04\x01\x0a\x07\x00\x00"),
            Some((1, 7))
        );
        assert_eq!(sleep_types(b"_S5_\x12"), None);
        assert_eq!(sleep_types(b"_S5"), None);
    }

    #[test]
    fn the_timer_wraps() {
        assert_eq!(ticks_between(0x00ff_fff0, 0x10), 0x20);
        assert_eq!(ticks_between(0xffff_fff0, 0x10), 0x20);
    }
}
