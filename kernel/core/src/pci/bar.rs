//! Where a function's registers lie in memory.

use super::{COMMAND, COMMAND_MASK, COMMAND_MEMORY, COMMAND_PORTS, ConfigSpace, Function};

const FIRST: u8 = 0x10;
const BARS: u8 = 6;
const IS_PORTS: u32 = 1;
const KIND: u32 = 0b110;
const KIND_32: u32 = 0b000;
const KIND_64: u32 = 0b100;
const FLAGS: u32 = 0xf;
/// Physical addresses have at most this many bits.
const ADDRESS_BITS: u32 = 52;

/// A range of physical addresses at which a function answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The first address.
    pub address: u64,
    /// How many bytes: a power of two.
    pub bytes: u64,
}

/// Why a range cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBar {
    /// There are six, and the last cannot be 64 bits wide.
    Index,
    /// It lies in I/O space.
    Ports,
    /// It is of a kind that is not defined, or its size is none.
    Kind,
    /// The firmware gave it no address, or one that its size does not allow.
    Address,
}

/// Finds out where the range of a base address register lies and how long it is. While its size is
/// asked for, the function answers nowhere: it must not be in use.
pub fn memory_bar(
    space: &mut impl ConfigSpace,
    function: Function,
    index: u8,
) -> Result<Bar, BadBar> {
    if index >= BARS {
        return Err(BadBar::Index);
    }
    let low = FIRST.saturating_add(index.saturating_mul(4));
    let flags = space.read(function, low);
    if flags & IS_PORTS != 0 {
        return Err(BadBar::Ports);
    }
    let high = match flags & KIND {
        KIND_32 => None,
        KIND_64 if index.saturating_add(1) < BARS => Some(low.saturating_add(4)),
        KIND_64 => return Err(BadBar::Index),
        _ => return Err(BadBar::Kind),
    };

    let command = space.read(function, COMMAND) & COMMAND_MASK;
    let silent = command & !(COMMAND_PORTS | COMMAND_MEMORY);
    space.write(function, COMMAND, silent);
    let (address, mask) = match high {
        None => {
            let (value, mask) = probe(space, function, low);
            // The upper half of a short register reads as ones: no bit of it counts in the size.
            (value.into(), u64::from(u32::MAX) << 32 | u64::from(mask))
        }
        Some(high) => {
            let (low, low_mask) = probe(space, function, low);
            let (high, high_mask) = probe(space, function, high);
            (join(high, low), join(high_mask, low_mask))
        }
    };
    space.write(function, COMMAND, command);

    let flags = u64::from(FLAGS);
    let (address, bytes) = (address & !flags, (mask & !flags).wrapping_neg());
    if !bytes.is_power_of_two() {
        return Err(BadBar::Kind);
    }
    let aligned = address & bytes.wrapping_sub(1) == 0;
    let end = address.checked_add(bytes);
    if address == 0 || !aligned || end.is_none_or(|end| end > 1 << ADDRESS_BITS) {
        return Err(BadBar::Address);
    }
    Ok(Bar { address, bytes })
}

/// A register's value, and which of its bits can be changed; leaves the value as it was.
fn probe(space: &mut impl ConfigSpace, function: Function, register: u8) -> (u32, u32) {
    let value = space.read(function, register);
    space.write(function, register, u32::MAX);
    let mask = space.read(function, register);
    space.write(function, register, value);
    (value, mask)
}

fn join(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[cfg(test)]
mod tests {
    use super::super::double::{Machine, SOME};
    use super::super::{COMMAND, ConfigSpace};
    use super::{BadBar, Bar, memory_bar};

    #[test]
    fn short_and_long() {
        let mut machine = Machine::with(SOME);
        machine.set(SOME, COMMAND, 0x0010_0503);
        machine.bar(SOME, 1, 0xfebd_5000, 0xffff_f000);
        machine.bar(SOME, 4, 0x0000_000c, 0xffff_c000);
        machine.bar(SOME, 5, 0x0000_00e0, 0xffff_ffff);
        let short = Bar {
            address: 0xfebd_5000,
            bytes: 0x1000,
        };
        let long = Bar {
            address: 0xe0_0000_0000,
            bytes: 0x4000,
        };
        assert_eq!(memory_bar(&mut machine, SOME, 1), Ok(short));
        assert_eq!(memory_bar(&mut machine, SOME, 4), Ok(long));
        assert_eq!(
            memory_bar(&mut machine, SOME, 4),
            Ok(long),
            "left as it was"
        );
        assert_eq!(machine.read(SOME, COMMAND), 0x0010_0503);
        assert!(machine.never_answered_while_sized);
    }

    #[test]
    fn refuses() {
        let refused = |index, value, mask| {
            let mut machine = Machine::with(SOME);
            machine.bar(SOME, index, value, mask);
            memory_bar(&mut machine, SOME, index)
        };
        assert_eq!(refused(0, 0xc001, 0xffff_ffe0), Err(BadBar::Ports));
        assert_eq!(refused(0, 0xfe00_0002, 0xffff_f000), Err(BadBar::Kind));
        assert_eq!(refused(5, 0xfe00_0004, 0xffff_f000), Err(BadBar::Index));
        assert_eq!(refused(0, 0, 0), Err(BadBar::Address));
        assert_eq!(refused(0, 4, 0), Err(BadBar::Kind));
        assert_eq!(refused(0, 0, 0xffff_f000), Err(BadBar::Address));
        assert_eq!(refused(0, 0xfe00_1000, 0xffff_c000), Err(BadBar::Kind));
        assert_eq!(refused(0, 0xfe00_0000, 0xff0f_f000), Err(BadBar::Kind));
        assert_eq!(
            memory_bar(&mut Machine::with(SOME), SOME, 6),
            Err(BadBar::Index)
        );
        let mut machine = Machine::with(SOME);
        machine.bar(SOME, 0, 0xfe00_1000, 0xffff_f000);
        machine.sized = Some(0xffff_c000);
        assert_eq!(memory_bar(&mut machine, SOME, 0), Err(BadBar::Address));
        let mut machine = Machine::with(SOME);
        machine.bar(SOME, 2, 0x0000_0004, 0xffff_f000);
        machine.bar(SOME, 3, 0x0010_0000, 0xffff_ffff);
        assert_eq!(memory_bar(&mut machine, SOME, 2), Err(BadBar::Address));
    }
}
