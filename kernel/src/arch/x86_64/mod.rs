//! x86_64: everything that is an instruction, a register or a port.

mod entry32;
pub mod exit;
pub mod fwcfg;
pub mod image;
pub mod phys;
pub mod port;
pub mod serial;

pub use entry32::{MULTIBOOT2_MAGIC, PVH_MAGIC};
