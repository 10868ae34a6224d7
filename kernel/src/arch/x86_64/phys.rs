//! Physical memory through the direct map.

/// The direct map's first virtual address: physical address 0.
pub const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;

/// Physical addresses below this are mapped while the boot page tables are in use.
pub const BOOT_MAPPED: u64 = 1 << 32;

/// The bytes at a physical address, as the boot page tables map them.
///
/// `None` where the range is not below `BOOT_MAPPED`. Only for what the boot loader or the firmware
/// left behind, while nothing has been handed out from there.
pub fn boot_bytes(address: u64, len: u64) -> Option<&'static [u8]> {
    let end = address.checked_add(len)?;
    if address == 0 || end > BOOT_MAPPED {
        return None;
    }
    // SAFETY: the range is mapped by the boot tables; nothing writes it for as long as the slice is
    // used, because the memory that holds loader data is reserved before any frame is handed out.
    Some(unsafe { core::slice::from_raw_parts((DIRECT_MAP + address) as *const u8, len as usize) })
}
