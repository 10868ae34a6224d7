//! The boot module: the boot manifest and, behind it, every ELF of the image.

use crate::bytes_at;
use crate::limits::{MANIFEST_BYTES, MODULE_BYTES};

/// First bytes of a boot module.
pub const MAGIC: [u8; 8] = *b"CAPOSBM1";
/// Bytes before the manifest message.
pub const HEADER_BYTES: usize = 16;
/// Each ELF starts at a multiple of this.
pub const ALIGNMENT: u64 = 4096;

/// Why bytes are not a boot module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadModule {
    /// It does not start with the magic.
    Magic,
    /// It is over the limit, or shorter than it says.
    Length,
    /// The manifest's length is zero, no multiple of eight, or over the limit.
    ManifestLength,
    /// The reserved word is not zero.
    Reserved,
}

/// The boot manifest message within a boot module.
///
/// ```
/// let mut module = *b"CAPOSBM1\x08\0\0\0\0\0\0\0message!";
/// assert_eq!(capos_abi::bootmodule::manifest(&module), Ok(&b"message!"[..]));
/// module[0] = 0;
/// assert!(capos_abi::bootmodule::manifest(&module).is_err());
/// ```
pub fn manifest(module: &[u8]) -> Result<&[u8], BadModule> {
    if module.len() < HEADER_BYTES || module.len() > MODULE_BYTES {
        return Err(BadModule::Length);
    }
    if bytes_at::<8>(module, 0) != MAGIC {
        return Err(BadModule::Magic);
    }
    if u32::from_le_bytes(bytes_at(module, 12)) != 0 {
        return Err(BadModule::Reserved);
    }
    let length = u32::from_le_bytes(bytes_at(module, 8)) as usize;
    if length == 0 || !length.is_multiple_of(8) || length > MANIFEST_BYTES {
        return Err(BadModule::ManifestLength);
    }
    let end = HEADER_BYTES.checked_add(length).ok_or(BadModule::Length)?;
    module.get(HEADER_BYTES..end).ok_or(BadModule::Length)
}

#[cfg(test)]
mod tests {
    use super::{BadModule, manifest};

    fn module(length: u32, reserved: u32, body: usize) -> ([u8; 64], usize) {
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(b"CAPOSBM1");
        bytes[8..12].copy_from_slice(&length.to_le_bytes());
        bytes[12..16].copy_from_slice(&reserved.to_le_bytes());
        (bytes, 16 + body)
    }

    #[test]
    fn each_rule_is_checked() {
        let cases = [
            (8, 0, 8, None),
            (8, 0, 7, Some(BadModule::Length)),
            (8, 1, 8, Some(BadModule::Reserved)),
            (7, 0, 8, Some(BadModule::ManifestLength)),
            (0, 0, 8, Some(BadModule::ManifestLength)),
            (u32::MAX & !7, 0, 8, Some(BadModule::ManifestLength)),
        ];
        for (length, reserved, body, expected) in cases {
            let (bytes, end) = module(length, reserved, body);
            assert_eq!(manifest(&bytes[..end]).err(), expected);
        }
        assert_eq!(manifest(&[0; 15]), Err(BadModule::Length));
        assert_eq!(manifest(&[0; 16]), Err(BadModule::Magic));
    }
}
