//! Which functions there are.

use super::{ConfigSpace, Function, ID};

const CLASS: u8 = 0x08;
const HEADER: u8 = 0x0c;
const BUSES: u8 = 0x18;
/// What a read gives where nothing answers.
const NOBODY: u16 = 0xffff;
const MANY_FUNCTIONS: u32 = 1 << 23;
const HEADER_BRIDGE: u8 = 1;

/// What a function says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who made it.
    pub vendor: u16,
    /// What it is, in the maker's numbers.
    pub device: u16,
    /// What it is in general: class, subclass and programming interface.
    pub class: u32,
    /// The form of its other registers: 0 for devices, 1 for bridges.
    pub header: u8,
    /// Whether the device may have functions besides the first.
    pub many_functions: bool,
}

/// What a function says it is, or nothing where there is none.
pub fn identify(space: &impl ConfigSpace, function: Function) -> Option<Identity> {
    let id = space.read(function, ID);
    let vendor = (id & 0xffff) as u16;
    if vendor == NOBODY {
        return None;
    }
    let header = space.read(function, HEADER);
    Some(Identity {
        vendor,
        device: (id >> 16) as u16,
        class: space.read(function, CLASS) >> 8,
        header: (header >> 16 & 0x7f) as u8,
        many_functions: header & MANY_FUNCTIONS != 0,
    })
}

/// Shows every function of every bus that can be reached from bus 0, each bus once: bridges that
/// name a bus twice, or in a circle, change nothing.
pub fn scan(space: &impl ConfigSpace, see: &mut dyn FnMut(Function, Identity)) {
    let mut reached = [false; 256];
    let mut waiting = [0_u8; 256];
    let mut count = 1_usize;
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut next = 0_usize;
    while next < count {
        let bus = waiting.get(next).copied().unwrap_or(0);
        next = next.saturating_add(1);
        each_on(space, bus, &mut |function, identity| {
            see(function, identity);
            if identity.header != HEADER_BRIDGE {
                return;
            }
            let behind = (space.read(function, BUSES) >> 8 & 0xff) as u8;
            let new = reached.get_mut(usize::from(behind));
            if let (Some(reached @ false), Some(slot)) = (new, waiting.get_mut(count)) {
                *reached = true;
                *slot = behind;
                count = count.saturating_add(1);
            }
        });
    }
}

fn each_on(space: &impl ConfigSpace, bus: u8, see: &mut dyn FnMut(Function, Identity)) {
    for device in 0..32 {
        for function in 0..8 {
            let place = Function {
                bus,
                device,
                function,
            };
            let identity = identify(space, place);
            if let Some(identity) = identity {
                see(place, identity);
            }
            // A device without a first function has none; most have no other.
            if function == 0 && identity.is_none_or(|identity| !identity.many_functions) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Function;
    use super::super::double::Machine;
    use super::{BUSES, HEADER, MANY_FUNCTIONS, scan};

    fn at(bus: u8, device: u8, function: u8) -> Function {
        Function {
            bus,
            device,
            function,
        }
    }

    fn seen(machine: &Machine) -> Vec<String> {
        let mut seen = Vec::new();
        scan(machine, &mut |function, _| seen.push(function.to_string()));
        seen
    }

    #[test]
    fn finds_functions_and_buses() {
        let mut machine = Machine::default();
        machine.add(at(0, 0, 0));
        machine.add(at(0, 3, 0));
        machine.add(at(0, 3, 5)); // hidden: the device does not say that it has many
        machine.set(at(0, 3, 0), BUSES, 0x0007_0700); // no bridge: an address
        machine.add(at(7, 0, 0));
        machine.add(at(0, 31, 0));
        machine.set(at(0, 31, 0), HEADER, MANY_FUNCTIONS);
        machine.add(at(0, 31, 7));
        machine.add(at(0, 4, 0));
        machine.set(at(0, 4, 0), HEADER, 1 << 16);
        machine.set(at(0, 4, 0), BUSES, 0x0005_0500);
        machine.add(at(5, 0, 0));
        assert_eq!(
            seen(&machine),
            [
                "00:00.0", "00:03.0", "00:04.0", "00:1f.0", "00:1f.7", "05:00.0"
            ]
        );
    }

    #[test]
    fn circles_end() {
        let mut machine = Machine::default();
        for (bus, behind) in [(0, 9), (9, 0), (9, 9), (9, 255), (255, 9)] {
            let device = machine.len() as u8;
            machine.add(at(bus, device, 0));
            machine.set(at(bus, device, 0), HEADER, 1 << 16);
            machine.set(at(bus, device, 0), BUSES, behind << 8);
        }
        assert_eq!(seen(&machine).len(), 5);
    }

    #[test]
    fn every_bus_at_most_once() {
        let mut machine = Machine::default();
        for bus in 0..=255_u8 {
            machine.add(at(bus, 1, 0));
            machine.set(at(bus, 1, 0), HEADER, 1 << 16);
            machine.set(at(bus, 1, 0), BUSES, u32::from(bus.wrapping_add(1)) << 8);
        }
        assert_eq!(seen(&machine).len(), 256);
    }
}
