//! What the boot loader handed over, and the kernel's first line.

use capos_abi::bootmodule;
use capos_core::bootinfo::{self, BadBootInfo, BootInfo, ReadPhysical};
use capos_core::freshness::{Freshness, Hex};
use capos_core::sha256::Sha256;

use crate::arch::{MULTIBOOT2_MAGIC, PVH_MAGIC, fwcfg, image, phys};
use crate::console;

/// Prints the banner: who asked for this boot, and the digest of what was booted.
pub fn banner(boot: &Boot) {
    let mut buffer = [0; 128];
    let told = fwcfg::read("opt/org.capos/boot", &mut buffer).unwrap_or(&[]);
    let freshness = Freshness::parse(told);
    match bootmodule::manifest(boot.module) {
        Ok(manifest) => {
            let mut hash = Sha256::default();
            hash.update(image::build_id());
            hash.update(manifest);
            console::banner(format_args!("{freshness} system={}", Hex(&hash.finish())));
        }
        Err(reason) => {
            console::banner(format_args!("{freshness} system=none"));
            panic!("the boot module is not valid: {reason:?}");
        }
    }
}

/// What the loader handed over, in one form for every way of booting.
pub struct Boot {
    /// Memory map, reserved ranges and the ACPI root pointer.
    pub info: BootInfo,
    /// The boot module, or nothing.
    pub module: &'static [u8],
}

impl Boot {
    /// Reads the loader's block. Stops the machine where there is none that can be understood.
    pub fn from_loader(magic: u32, address: u32) -> Boot {
        let read: ReadPhysical<'static> = &|at, len| phys::boot_bytes(at, len);
        let info = match magic {
            PVH_MAGIC => bootinfo::pvh(address.into(), read),
            MULTIBOOT2_MAGIC => bootinfo::multiboot2(address.into(), read),
            _ => Err(BadBootInfo::Loader),
        };
        let info = match info {
            Ok(info) => info,
            Err(reason) => panic!("the boot loader's information is not usable: {reason:?}"),
        };
        let module = info
            .module
            .clone()
            .and_then(|range| read(range.start, range.end - range.start));
        Boot {
            info,
            module: module.unwrap_or(&[]),
        }
    }
}
