//! Reading little-endian numbers from untrusted bytes.

/// The `N` bytes at `at`, if they are all there.
pub fn array<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// The u16 at `at`.
pub fn u16_at(from: &[u8], at: usize) -> Option<u16> {
    array(from, at).map(u16::from_le_bytes)
}

/// The u32 at `at`.
pub fn u32_at(from: &[u8], at: usize) -> Option<u32> {
    array(from, at).map(u32::from_le_bytes)
}

/// The u64 at `at`.
pub fn u64_at(from: &[u8], at: usize) -> Option<u64> {
    array(from, at).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::{u16_at, u32_at, u64_at};

    #[test]
    fn ends_are_ends() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(u16_at(&bytes, 6), Some(0x0807));
        assert_eq!(u16_at(&bytes, 7), None);
        assert_eq!(u32_at(&bytes, 4), Some(0x0807_0605));
        assert_eq!(u64_at(&bytes, 0), Some(0x0807_0605_0403_0201));
        assert_eq!(u64_at(&bytes, 1), None);
        assert_eq!(u64_at(&bytes, usize::MAX), None);
    }
}
