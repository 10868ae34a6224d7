use crate::pci::double::{Machine, SOME};
use crate::pci::{BadBar, BadCapabilities, ConfigSpace, identify};
use crate::virtio::double::Random;
use crate::virtio::pci::{BadLayout, Layout, is_block_device, layout};

const LIST: u8 = 0x34;
const STATUS: u8 = 0x04;
const MULTIPLIER: u8 = 0x80;

/// A disk as QEMU shows it: MSI-X, then configuration, notification, device, interrupt, common.
fn disk() -> Machine {
    let mut machine = Machine::with(SOME);
    machine.set(SOME, STATUS, 0x0010_0003);
    machine.set(SOME, LIST, 0x98);
    let entries = [
        (0x98, 0x0003_8411, 0, 0, 0),
        (0x84, 0x0514_7009, 0, 0, 0),
        (0x70, 0x0214_6009, 4, 0x3000, 0x1000),
        (0x60, 0x0410_5009, 4, 0x2000, 0x1000),
        (0x50, 0x0310_4009, 4, 0x1000, 0x1000),
        (0x40, 0x0110_0009, 4, 0x0000, 0x1000),
    ];
    for (at, head, bar, offset, bytes) in entries {
        for (word, value) in [head, bar, offset, bytes].into_iter().enumerate() {
            machine.set(SOME, at + 4 * word as u8, value);
        }
    }
    machine.set(SOME, MULTIPLIER, 4);
    machine.bar(SOME, 4, 0x0000_000c, 0xffff_c000);
    machine.bar(SOME, 5, 0x0000_00e0, u32::MAX);
    machine
}

fn changed(register: u8, value: u32) -> Result<Layout, BadLayout> {
    let mut machine = disk();
    machine.set(SOME, register, value);
    layout(&mut machine, SOME)
}

#[test]
fn as_qemu_shows_it() {
    let mut machine = disk();
    let found = layout(&mut machine, SOME).unwrap();
    let expected = Layout {
        common: 0xe0_0000_0000..0xe0_0000_0038,
        device: 0xe0_0000_2000..0xe0_0000_2018,
        notify: 0xe0_0000_3000..0xe0_0000_4000,
        notify_multiplier: 4,
    };
    assert_eq!(found, expected);
    assert!(machine.never_answered_while_sized);
    assert_eq!(machine.read(SOME, STATUS), 0x0010_0003);
    assert!(is_block_device(identify(&machine, SOME).unwrap()));
}

#[test]
fn ranges_can_differ() {
    let mut machine = disk();
    machine.bar(SOME, 0, 0xfeb0_0000, 0xffff_f000);
    machine.set(SOME, 0x64, 0);
    machine.set(SOME, 0x68, 0x800);
    machine.set(SOME, 0x6c, 0x800);
    let found = layout(&mut machine, SOME).unwrap();
    assert_eq!(found.device, 0xfeb0_0800..0xfeb0_0818);
    assert_eq!(found.notify.start, 0xe0_0000_3000);
}

#[test]
fn only_block_devices() {
    let is = |id: u32, header: u32| {
        let mut machine = Machine::with(SOME);
        machine.set(SOME, 0, id);
        machine.set(SOME, 0x0c, header << 16);
        is_block_device(identify(&machine, SOME).unwrap())
    };
    assert!(is(0x1042_1af4, 0) && is(0x1001_1af4, 0) && is(0x1001_1af4, 0x80));
    assert!(!is(0x1041_1af4, 0) && !is(0x1042_8086, 0) && !is(0x1042_1af4, 1));
}

#[test]
fn notification_registers() {
    let at = |offset, multiplier| {
        let found = changed(MULTIPLIER, multiplier).unwrap();
        found.notify_at(offset)
    };
    assert_eq!((at(0, 4), at(5, 4), at(0, 0)), (Some(0), Some(20), Some(0)));
    assert_eq!((at(1023, 4), at(1024, 4)), (Some(4092), None));
    assert_eq!((at(1, 3), at(2, 2047)), (None, Some(4094)));
    assert_eq!(at(u16::MAX, u32::MAX), None);
}

#[test]
fn refuses() {
    use BadLayout::{Bar, List, Missing, Range};
    let circle = changed(0x40, 0x0110_7009);
    assert_eq!(circle, Err(List(BadCapabilities::Circle)));
    assert_eq!(changed(STATUS, 0), Err(Missing("common")));
    assert_eq!(changed(0x40, 0x0910_0009), Err(Missing("common")));
    assert_eq!(changed(0x40, 0x0110_0011), Err(Missing("common")));
    assert_eq!(
        changed(0x40, 0x010f_0009),
        Err(Missing("common")),
        "too short"
    );
    assert_eq!(changed(0x70, 0x0213_6009), Err(Missing("notification")));
    assert_eq!(changed(0x44, 6), Err(Missing("common")), "reserved range");
    assert_eq!(changed(0x44, 3), Err(Bar("common", BadBar::Address)));
    assert_eq!(changed(0x64, 0), Err(Bar("device", BadBar::Address)));
    assert_eq!(changed(0x48, 0x3fc8), Err(Range("common")), "ends too late");
    assert_eq!(changed(0x48, 2), Err(Range("common")), "not aligned");
    assert_eq!(changed(0x4c, 55), Err(Range("common")), "too short");
    assert_eq!(changed(0x6c, 23), Err(Range("device")));
    assert_eq!(changed(0x7c, 1), Err(Range("notification")));
    assert_eq!(changed(0x7c, u32::MAX), Err(Range("notification")));
    assert_eq!(changed(0x78, u32::MAX - 3), Err(Range("notification")));
    let said = changed(0x44, 3).unwrap_err().to_string();
    assert_eq!(
        said,
        "its common registers lie in no usable range (Address)"
    );
}

#[test]
fn a_capability_does_not_leave_configuration_space() {
    let mut machine = disk();
    machine.set(SOME, 0x50, 0x0310_f809);
    machine.set(SOME, 0xf8, 0x0110_0009);
    machine.set(SOME, 0xfc, 4);
    let found = layout(&mut machine, SOME);
    assert_eq!(found, Err(BadLayout::Missing("common")));
}

#[test]
fn the_first_of_a_kind_is_used() {
    let mut machine = disk();
    machine.set(SOME, 0x50, 0x0110_4009); // what was the interrupt status comes before 0x40
    let found = layout(&mut machine, SOME).unwrap();
    assert_eq!(found.common.start, 0xe0_0000_1000);
    machine.set(SOME, 0x54, 6); // in a reserved range: passed over
    let found = layout(&mut machine, SOME).unwrap();
    assert_eq!(found.common.start, 0xe0_0000_0000);
}

#[test]
fn any_bytes_are_judged() {
    let mut random = Random::new(5);
    let mut good = 0;
    for _ in 0..20_000 {
        let mut machine = disk();
        for _ in 0..=random.below(3) {
            let register = random.below(64) as u8 * 4;
            let old = machine.read(SOME, register);
            let flipped = old ^ 1 << random.below(32);
            let value = [flipped, random.next() as u32, 0][random.below(3) as usize];
            machine.set(SOME, register, value);
        }
        if let Ok(found) = layout(&mut machine, SOME) {
            good += 1;
            assert_eq!(found.common.end - found.common.start, 56);
            assert_eq!(found.device.end - found.device.start, 24);
            assert!(found.notify.end <= 1 << 52 && found.notify.start < found.notify.end);
            if let Some(at) = found.notify_at(random.next() as u16) {
                assert!(found.notify.start + at + 2 <= found.notify.end);
            }
        }
    }
    assert!((5_000..19_000).contains(&good), "{good}");
}
