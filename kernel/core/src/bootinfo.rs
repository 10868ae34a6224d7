//! What boot loaders hand over: PVH start info and the multiboot2 information block.
//!
//! Both are read through a function that gives physical bytes or nothing, so that the parsers run on
//! the host. A loader is not an enemy, but its block is not believed either: every length is bounded.

use core::ops::Range;

use crate::bytes::{u32_at, u64_at};

/// Gives `len` bytes of physical memory at an address, if they can be read at all.
pub type ReadPhysical<'a> = &'a dyn Fn(u64, u64) -> Option<&'a [u8]>;

/// Memory map entries kept; what is over stays unused.
pub const REGIONS: usize = 128;
/// Ranges that must not be handed out, kept from one block.
pub const RESERVED: usize = 16;

const MULTIBOOT2_BLOCK_MAX: u64 = 1 << 20;
const PVH_START_MAGIC: u32 = 0x336e_c578;
const PVH_START_BYTES: u64 = 56;
const PVH_RECORD: u64 = 32;
const PVH_MAP_RECORD: u64 = 24;
const COMMAND_LINE_MAX: u64 = 4096;

/// What a range of physical memory is, as far as the kernel cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free for use.
    Usable,
    /// Everything else.
    Other,
}

/// One range of the memory map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Physical addresses.
    pub range: Range<u64>,
    /// What it is.
    pub kind: Kind,
}

/// What was handed over.
#[derive(Debug)]
pub struct BootInfo {
    regions: [Region; REGIONS],
    region_count: usize,
    reserved: [Range<u64>; RESERVED],
    reserved_count: usize,
    /// The boot module (the first module).
    pub module: Option<Range<u64>>,
    /// The ACPI root pointer, or a copy of it.
    pub rsdp: Option<u64>,
    /// What the boot loader was told for the kernel, without the zero byte behind it. Only multiboot2's is looked at.
    pub command_line: Option<Range<u64>>,
}

/// Why a block cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBootInfo {
    /// The loader is neither PVH nor multiboot2.
    Loader,
    /// The block is not readable or says something impossible.
    Block,
    /// More ranges must be kept than there is room for.
    TooMany,
}

impl BootInfo {
    fn empty() -> Self {
        const NOTHING: Range<u64> = 0..0;
        const NO_REGION: Region = Region {
            range: NOTHING,
            kind: Kind::Other,
        };
        Self {
            regions: [NO_REGION; REGIONS],
            region_count: 0,
            reserved: [NOTHING; RESERVED],
            reserved_count: 0,
            module: None,
            rsdp: None,
            command_line: None,
        }
    }

    /// The memory map as it was given.
    pub fn regions(&self) -> &[Region] {
        self.regions.get(..self.region_count).unwrap_or(&[])
    }

    /// Ranges that hold what was handed over, the module included.
    pub fn reserved(&self) -> &[Range<u64>] {
        self.reserved.get(..self.reserved_count).unwrap_or(&[])
    }

    fn region(&mut self, start: u64, len: u64, kind: u32) {
        let kind = if kind == 1 { Kind::Usable } else { Kind::Other };
        if let Some(slot) = self.regions.get_mut(self.region_count) {
            *slot = Region {
                range: start..start.saturating_add(len),
                kind,
            };
            self.region_count = self.region_count.saturating_add(1);
        }
    }

    fn reserve(&mut self, start: u64, len: u64) -> Result<(), BadBootInfo> {
        if len == 0 {
            return Ok(());
        }
        let slot = self
            .reserved
            .get_mut(self.reserved_count)
            .ok_or(BadBootInfo::TooMany)?;
        *slot = start..start.checked_add(len).ok_or(BadBootInfo::Block)?;
        self.reserved_count = self.reserved_count.saturating_add(1);
        Ok(())
    }

    fn add_module(&mut self, range: Range<u64>) -> Result<(), BadBootInfo> {
        self.reserve(range.start, range.end.saturating_sub(range.start))?;
        self.module.get_or_insert(range);
        Ok(())
    }
}

/// Reads PVH start info at `address`.
pub fn pvh(address: u64, read: ReadPhysical<'_>) -> Result<BootInfo, BadBootInfo> {
    let mut info = BootInfo::empty();
    let block = read(address, PVH_START_BYTES).ok_or(BadBootInfo::Block)?;
    let word = |at| u32_at(block, at).ok_or(BadBootInfo::Block);
    let long = |at| u64_at(block, at).ok_or(BadBootInfo::Block);
    // The memory map came with version 1.
    if word(0)? != PVH_START_MAGIC || word(4)? < 1 {
        return Err(BadBootInfo::Block);
    }
    info.reserve(address, PVH_START_BYTES)?;
    let (modules, module_list) = (u64::from(word(12)?), long(16)?);
    let (command_line, rsdp) = (long(24)?, long(32)?);
    let (map, entries) = (long(40)?, u64::from(word(48)?));
    info.rsdp = (rsdp != 0).then_some(rsdp);
    if command_line != 0 {
        info.reserve(command_line, COMMAND_LINE_MAX)?;
    }

    let list_bytes = modules.saturating_mul(PVH_RECORD);
    if modules > 0 {
        let list = read(module_list, list_bytes).ok_or(BadBootInfo::Block)?;
        info.reserve(module_list, list_bytes)?;
        for record in list.as_chunks::<{ PVH_RECORD as usize }>().0 {
            let (start, len) = (u64_at(record, 0), u64_at(record, 8));
            let (start, len) = (start.unwrap_or(0), len.unwrap_or(0));
            info.add_module(start..start.checked_add(len).ok_or(BadBootInfo::Block)?)?;
            let line = u64_at(record, 16).unwrap_or(0);
            if line != 0 {
                info.reserve(line, COMMAND_LINE_MAX)?;
            }
        }
    }

    let map_bytes = entries.saturating_mul(PVH_MAP_RECORD);
    let records = read(map, map_bytes).ok_or(BadBootInfo::Block)?;
    info.reserve(map, map_bytes)?;
    for record in records.as_chunks::<{ PVH_MAP_RECORD as usize }>().0 {
        let (start, len) = (u64_at(record, 0), u64_at(record, 8));
        let kind = u32_at(record, 16).unwrap_or(0);
        info.region(start.unwrap_or(0), len.unwrap_or(0), kind);
    }
    Ok(info)
}

/// Reads the multiboot2 information block at `address`.
pub fn multiboot2(address: u64, read: ReadPhysical<'_>) -> Result<BootInfo, BadBootInfo> {
    const COMMAND_LINE: u32 = 1;
    const MODULE: u32 = 3;
    const MEMORY_MAP: u32 = 6;
    const RSDP_OLD: u32 = 14;
    const RSDP_NEW: u32 = 15;
    const TAG_HEADER: u64 = 8;

    let mut info = BootInfo::empty();
    let head = read(address, TAG_HEADER).ok_or(BadBootInfo::Block)?;
    let total = u64::from(u32_at(head, 0).unwrap_or(0));
    if !(TAG_HEADER..=MULTIBOOT2_BLOCK_MAX).contains(&total) {
        return Err(BadBootInfo::Block);
    }
    let block = read(address, total).ok_or(BadBootInfo::Block)?;
    info.reserve(address, total)?;
    let mut at = TAG_HEADER;
    // Each turn moves on by at least a header, so the block's length bounds the loop.
    while let Some(tag) = block.get(at as usize..) {
        let (Some(kind), Some(size)) = (u32_at(tag, 0), u32_at(tag, 4)) else {
            break;
        };
        let body = tag
            .get(TAG_HEADER as usize..size as usize)
            .ok_or(BadBootInfo::Block)?;
        match kind {
            0 => break,
            COMMAND_LINE => {
                let text = body.split(|byte| *byte == 0).next().unwrap_or(&[]);
                let start = address.saturating_add(at).saturating_add(TAG_HEADER);
                info.command_line = Some(start..start.saturating_add(text.len() as u64));
            }
            MODULE => {
                let (start, end) = (u32_at(body, 0), u32_at(body, 4));
                if let (Some(start), Some(end)) = (start, end)
                    && start < end
                {
                    info.add_module(u64::from(start)..u64::from(end))?;
                }
            }
            MEMORY_MAP => {
                let stride = u32_at(body, 0).unwrap_or(0) as usize;
                if stride < PVH_MAP_RECORD as usize {
                    return Err(BadBootInfo::Block);
                }
                for record in body.get(8..).unwrap_or(&[]).chunks_exact(stride) {
                    let (start, len) = (u64_at(record, 0), u64_at(record, 8));
                    let kind = u32_at(record, 16).unwrap_or(0);
                    info.region(start.unwrap_or(0), len.unwrap_or(0), kind);
                }
            }
            // The newer pointer wins: it also leads to tables above 4 GiB.
            RSDP_OLD | RSDP_NEW if kind == RSDP_NEW || info.rsdp.is_none() => {
                info.rsdp = address
                    .checked_add(at)
                    .and_then(|tag| tag.checked_add(TAG_HEADER));
            }
            _ => {}
        }
        at = at.saturating_add(u64::from(size).next_multiple_of(8));
    }
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::{BadBootInfo, Kind, Region, multiboot2, pvh};

    /// Physical memory from 0x1000 on.
    struct Memory(Vec<u8>);

    impl Memory {
        fn read(&self, address: u64, len: u64) -> Option<&[u8]> {
            let start = usize::try_from(address.checked_sub(0x1000)?).ok()?;
            self.0
                .get(start..start.checked_add(usize::try_from(len).ok()?)?)
        }

        fn put(&mut self, address: usize, bytes: &[u8]) {
            let start = address - 0x1000;
            self.0[start..start + bytes.len()].copy_from_slice(bytes);
        }
    }

    fn pvh_memory() -> Memory {
        let mut memory = Memory(vec![0; 0x4000]);
        memory.put(0x1000, &0x336e_c578_u32.to_le_bytes());
        memory.put(0x1004, &1_u32.to_le_bytes());
        memory.put(0x100c, &1_u32.to_le_bytes());
        memory.put(0x1010, &0x2000_u64.to_le_bytes());
        memory.put(0x1018, &0x3000_u64.to_le_bytes());
        memory.put(0x1020, &0xf_0000_u64.to_le_bytes());
        memory.put(0x1028, &0x2800_u64.to_le_bytes());
        memory.put(0x1030, &1_u32.to_le_bytes());
        memory.put(0x2000, &0x70_0000_u64.to_le_bytes());
        memory.put(0x2008, &0x1234_u64.to_le_bytes());
        memory.put(0x2800, &0x10_0000_u64.to_le_bytes());
        memory.put(0x2808, &0x700_0000_u64.to_le_bytes());
        memory.put(0x2810, &1_u32.to_le_bytes());
        memory
    }

    #[test]
    fn pvh_start_info() {
        let memory = pvh_memory();
        let info = pvh(0x1000, &|at, len| memory.read(at, len)).unwrap();
        assert_eq!(info.module, Some(0x70_0000..0x70_1234));
        assert_eq!(info.rsdp, Some(0xf_0000));
        let usable = Region {
            range: 0x10_0000..0x710_0000,
            kind: Kind::Usable,
        };
        assert_eq!(info.regions(), [usable]);
        assert!(info.reserved().contains(&(0x2800..0x2818)));
        assert!(info.reserved().contains(&(0x3000..0x4000)));
    }

    #[test]
    fn pvh_lies_are_refused() {
        for (at, bytes) in [
            (0x1000, [0; 4]),
            (0x1004, [0; 4]),
            (0x100c, [0xff; 4]),
            (0x1030, [0xff; 4]),
            (0x2004, [0xff; 4]),
        ] {
            let mut memory = pvh_memory();
            memory.put(at, &bytes);
            if at == 0x2004 {
                memory.put(0x2000, &[0xff; 16]);
            }
            let found = pvh(0x1000, &|at, len| memory.read(at, len));
            assert!(matches!(found, Err(BadBootInfo::Block)), "{at:#x}");
        }
    }

    fn block(tags: &[(u32, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; 8];
        for (kind, body) in tags.iter().chain([&(0, &[][..])]) {
            bytes.extend(kind.to_le_bytes());
            bytes.extend((body.len() as u32 + 8).to_le_bytes());
            bytes.extend(*body);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        let total = bytes.len() as u32;
        bytes[..4].copy_from_slice(&total.to_le_bytes());
        bytes
    }

    #[test]
    fn multiboot2_block() {
        let mut module = [0x4000_u32.to_le_bytes(), 0x6_5a80_u32.to_le_bytes()].concat();
        module.push(0);
        let mut map = [24_u32.to_le_bytes(), 0_u32.to_le_bytes()].concat();
        map.extend(0x10_0000_u64.to_le_bytes());
        map.extend(0x1000_u64.to_le_bytes());
        map.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        let memory = Memory(block(&[
            (14, &[1; 20]),
            (1, b"nonce=1\0"),
            (3, &module),
            (6, &map),
            (15, &[2; 36]),
        ]));
        let info = multiboot2(0x1000, &|at, len| memory.read(at, len)).unwrap();
        assert_eq!(info.module, Some(0x4000..0x6_5a80));
        assert_eq!(info.regions().len(), 1);
        let rsdp = info.rsdp.unwrap();
        assert_eq!(memory.read(rsdp, 36), Some(&[2; 36][..]));
        let line = info.command_line.unwrap();
        let text = memory.read(line.start, line.end - line.start);
        assert_eq!(text, Some(&b"nonce=1"[..]));
    }

    #[test]
    fn multiboot2_never_runs_off_its_end() {
        let whole = block(&[(14, &[1; 20]), (6, &[24, 0, 0, 0, 0, 0, 0, 0])]);
        for size in 0..40_u32 {
            for at in (8..whole.len() - 4).step_by(4) {
                let mut bytes = whole.clone();
                bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
                let memory = Memory(bytes);
                let _ = multiboot2(0x1000, &|at, len| memory.read(at, len));
            }
        }
        let memory = Memory(block(&[(6, &[0; 8])]));
        let found = multiboot2(0x1000, &|at, len| memory.read(at, len));
        assert!(matches!(found, Err(BadBootInfo::Block)));
    }
}
