//! What the boot loader handed over, and the kernel's first line.

use core::ops::Range;

use capos_abi::bootmodule;
use capos_abi::generated::KernelGrantSource;
use capos_abi::limits::CAPSET_ENTRIES;
use capos_core::acpi::{self, Acpi};
use capos_core::bootinfo::{self, BadBootInfo, BootInfo, Kind, ReadPhysical};
use capos_core::frames::{FRAME_BYTES, Frame};
use capos_core::freshness::{Freshness, Hex};
use capos_core::manifest::BootPlan;
use capos_core::object::Object;
use capos_core::sha256::Sha256;
use capos_core::system::InitGrant;

use crate::arch::{MULTIBOOT2_MAGIC, PVH_MAGIC, exit, fwcfg, image, phys};
use crate::drivers::Disks;
use crate::memory::FRAMES;
use crate::{console, run};

/// Prints the banner: who asked for this boot, and the digest of what was booted.
pub fn banner(boot: &Boot) {
    let mut buffer = [0; 128];
    let freshness = match fwcfg::read("opt/org.capos/boot", &mut buffer) {
        Some(told) => Freshness::parse(told),
        // No emulator of ours, but perhaps a stamp in the disk. Whoever wrote it has to come for the console, and a
        // machine that powers itself off would take that along.
        None => {
            let stamp = Freshness::parse(boot.command_line);
            if stamp.is_told() {
                exit::stay_when_done();
            }
            stamp
        }
    };
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
    /// What the boot loader was told for the kernel, or nothing.
    pub command_line: &'static [u8],
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
        let command_line = info.command_line.clone();
        let command_line =
            command_line.and_then(|range| read(range.start, range.end - range.start));
        Boot {
            info,
            module: module.unwrap_or(&[]),
            command_line: command_line.unwrap_or(&[]),
        }
    }

    /// What the firmware's tables say.
    pub fn acpi(&self) -> Acpi {
        let read: ReadPhysical<'static> = &|at, len| phys::boot_bytes(at, len);
        self.info
            .rsdp
            .map_or_else(Acpi::default, |rsdp| acpi::find(rsdp, read))
    }

    /// The usable ranges of memory, as far as the kernel uses them.
    pub fn usable(&self) -> impl Iterator<Item = Range<u64>> {
        let usable = self
            .info
            .regions()
            .iter()
            .filter(|region| region.kind == Kind::Usable);
        usable.map(|region| region.range.start..region.range.end.min(phys::BOOT_MAPPED))
    }

    /// Makes the module's pages fit to be mapped into programs: it must be page-aligned, and what lies
    /// behind its end in its last page is cleared. `false` where it does not lie in usable memory alone:
    /// then it has to be copied there (`move_module`).
    pub fn close_module(&self) -> bool {
        let Some(module) = self.info.module.clone() else {
            return true;
        };
        let end = module.end.next_multiple_of(FRAME_BYTES);
        if module.start % FRAME_BYTES != 0 {
            panic!("the boot module does not start on a page");
        }
        let mut others = self
            .info
            .reserved()
            .iter()
            .filter(|range| **range != module);
        let usable = |range: Range<u64>| range.start <= module.start && end <= range.end;
        if !self.usable().any(usable)
            || others.any(|range| range.start < end && module.start < range.end)
        {
            return false;
        }
        let offset = (module.end % FRAME_BYTES) as usize;
        if let Some(last) = Frame::containing(module.end)
            && offset > 0
        {
            const ZEROS: [u8; FRAME_BYTES as usize] = [0; FRAME_BYTES as usize];
            phys::copy_to(last, offset, &ZEROS[offset..]);
        }
        true
    }

    /// Copies the module into frames that nobody else has, one behind the other. Firmware may keep the
    /// memory in which the loader found room for it; its bytes are there all the same, as the digests
    /// will show.
    pub fn move_module(&mut self) {
        let bytes = self.module;
        let pages = bytes.len().div_ceil(FRAME_BYTES as usize);
        let Some(first) = FRAMES.lock().take_run(pages) else {
            panic!("there is no memory to copy the boot module to");
        };
        // The last page is padded with zeros.
        let parts = bytes.chunks(FRAME_BYTES as usize);
        for (number, part) in (0..pages as u32).zip(parts) {
            let frame = Frame(first.0 + number);
            phys::clear(frame);
            phys::copy_to(frame, 0, part);
        }
        let start = first.address();
        self.info.module = Some(start..start + bytes.len() as u64);
        match phys::boot_bytes(start, bytes.len() as u64) {
            Some(copied) => self.module = copied,
            None => panic!("the copied boot module cannot be reached"),
        }
    }

    /// Checks the manifest and starts init with what it says.
    pub fn start_init(self, disks: Disks) -> ! {
        let plan = match BootPlan::read(self.module) {
            Ok(plan) => plan,
            Err(reason) => panic!("the boot manifest is not valid: {reason:?}"),
        };
        let mut grants = [InitGrant {
            name: "",
            object: Object::None,
        }; CAPSET_ENTRIES];
        if plan.grants.len() > grants.len() {
            panic!("the boot manifest gives init too many capabilities");
        }
        for (slot, grant) in grants.iter_mut().zip(plan.grants.iter()) {
            let (Ok(name), Ok(source)) = (grant.name(), grant.source()) else {
                panic!("the boot manifest has a grant that cannot be read");
            };
            let object = match source {
                KernelGrantSource::Console => Object::Console(0),
                KernelGrantSource::ProcessSpawner => Object::ProcessSpawner,
                KernelGrantSource::EndpointFactory => Object::EndpointFactory,
                KernelGrantSource::BootPackage => Object::BootPackage,
                KernelGrantSource::NotificationFactory => Object::NotificationFactory,
                KernelGrantSource::CapabilityManager => Object::CapabilityManager,
                KernelGrantSource::SystemStats => Object::SystemStats,
                KernelGrantSource::VirtualMemory => Object::VirtualMemory,
                // Its number is a quota until init starts.
                KernelGrantSource::FrameAllocator(pages) => match u16::try_from(pages) {
                    Ok(pages) => Object::FrameAllocator(pages),
                    Err(_) => panic!("a frame allocator has at most 65535 pages"),
                },
                KernelGrantSource::Block(serial) => match disks.find(serial) {
                    Some(device) => Object::Block(device),
                    None => panic!("there is no block device with serial number {serial:?}"),
                },
            };
            *slot = InitGrant { name, object };
        }
        let (count, init) = (plan.grants.len(), plan.init);
        let address = self.info.module.clone().map_or(0, |range| range.start);
        run::KERNEL
            .lock()
            .world
            .start(address, self.module, plan, disks);
        run::start(init, &grants[..count])
    }
}
