//! The machine underneath. One architecture exists; the rest of the kernel names only this module.

mod x86_64;

pub use x86_64::*;
