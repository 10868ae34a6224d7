//! QEMU's fw_cfg files, read by port.

use super::port::Port;

const SELECTOR: Port = Port(0x510);
const DATA: Port = Port(0x511);
const KEY_SIGNATURE: u16 = 0x0000;
const KEY_DIRECTORY: u16 = 0x0019;
const NAME_BYTES: usize = 56;
/// Directory entries looked at; QEMU has some dozens.
const ENTRIES_MAX: u32 = 1024;

/// Reads the file `name` into `buffer` and gives the part that was filled. `None` where there is no
/// fw_cfg device, no such file, or the file does not fit.
pub fn read<'a>(name: &str, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    select(KEY_SIGNATURE);
    if bytes::<4>() != *b"QEMU" {
        return None;
    }
    select(KEY_DIRECTORY);
    let count = u32::from_be_bytes(bytes()).min(ENTRIES_MAX);
    let mut found = None;
    for _ in 0..count {
        let size = u32::from_be_bytes(bytes());
        let key = u16::from_be_bytes(bytes());
        let _reserved: [u8; 2] = bytes();
        let entry: [u8; NAME_BYTES] = bytes();
        let entry_name = entry.split(|byte| *byte == 0).next().unwrap_or(&[]);
        if entry_name == name.as_bytes() {
            found = Some((key, size as usize));
        }
    }
    let (key, size) = found?;
    let part = buffer.get_mut(..size)?;
    select(key);
    part.fill_with(|| DATA.read8());
    Some(part)
}

fn select(key: u16) {
    SELECTOR.write16(key);
}

fn bytes<const N: usize>() -> [u8; N] {
    core::array::from_fn(|_| DATA.read8())
}
