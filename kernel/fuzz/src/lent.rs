//! Bytes for what wants them for ever, but is gone before they are.
#![allow(unsafe_code)]

/// Lends `bytes` as if they were static while `user` runs.
///
/// # Safety
///
/// `user` must keep nothing of what it is lent: neither in a static nor in another thread.
pub unsafe fn for_ever(bytes: &[u8], user: impl FnOnce(&'static [u8])) {
    // SAFETY: the bytes outlive `user`, which by the caller's word keeps nothing of them.
    user(unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) });
}
