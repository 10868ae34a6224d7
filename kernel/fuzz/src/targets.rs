//! Each parser that outsiders reach, and what must hold of whatever it accepts.

mod disk;
mod pci;
mod queue;
mod volume;

use crate::lent;
use capos_abi::PAGE_SIZE;
use capos_abi::capset::CapSet;
use capos_abi::generated::BootManifestReader;
use capos_abi::ring::{SQE_BYTES, SQE_WORDS, Sqe};
use capos_abi::wire::WireError;
use capos_core::bootinfo::{BootInfo, multiboot2, pvh};
use capos_core::entry::{Entry, Operation, decode, is_nop};
use capos_core::freshness::Freshness;
use capos_core::manifest::BootPlan;
use capos_core::{acpi, elf, label};

pub struct Target {
    pub name: &'static str,
    /// Where the search begins: inputs that are taken, at least as far as their first bytes.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics when the parser does, or when what it accepts is not as it says.
    pub run: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    Target {
        name: "elf",
        seeds: || vec![program()],
        run: read_program,
    },
    Target {
        name: "boot-module",
        seeds: || vec![module()],
        run: |input| {
            // SAFETY: the plan is dropped in the closure, and nothing else is kept.
            #[allow(unsafe_code)]
            unsafe {
                lent::for_ever(input, read_module);
            }
        },
    },
    Target {
        name: "message",
        seeds: || vec![message()],
        run: |input| _ = read_message(input),
    },
    Target {
        name: "pvh",
        seeds: || {
            vec![words32(&[
                0x336e_c578,
                1,
                0,
                1,
                64,
                0,
                0,
                0,
                0,
                0,
                96,
                0,
                2,
                0,
                0,
                0,
            ])]
        },
        run: |input| read_boot_info(pvh(0, &|at, len| physical(input, at, len))),
    },
    Target {
        name: "multiboot2",
        seeds: || vec![words32(&[40, 0, 3, 24, 8, 16, 0, 0, 0, 8])],
        run: |input| read_boot_info(multiboot2(0, &|at, len| physical(input, at, len))),
    },
    Target {
        name: "acpi",
        seeds: || vec![[b"RSD PTR ".as_slice(), &[0; 28]].concat()],
        run: |input| _ = acpi::find(0, &|at, len| physical(input, at, len)),
    },
    Target {
        name: "cap-set",
        seeds: || vec![vec![0; PAGE_SIZE]],
        run: read_cap_set,
    },
    Target {
        name: "ring-entry",
        seeds: || {
            (0..9)
                .map(|opcode| [&[opcode], &[0; SQE_BYTES - 1][..]].concat())
                .collect()
        },
        run: read_entry,
    },
    Target {
        name: "freshness",
        seeds: || vec![format!("nonce={} boot=1", "0".repeat(32)).into_bytes()],
        run: |input| drop(Freshness::parse(input).to_string()),
    },
    Target {
        name: "shown-text",
        seeds: || vec![b"a line\n".to_vec()],
        run: |input| label::show(input, |byte| assert!((b' '..=b'~').contains(&byte))),
    },
    volume::TARGET,
    pci::TARGET,
    queue::TARGET,
    disk::TARGET,
];

/// A whole static program of one executable page.
fn program() -> Vec<u8> {
    let mut file = vec![0; 256];
    let mut put =
        |at: usize, bytes: &[u8]| file.splice(at..at + bytes.len(), bytes.to_vec()).count();
    put(0, b"\x7fELF\x02\x01\x01");
    put(16, &[2, 0, 62, 0, 1, 0, 0, 0]);
    put(24, &0x40_0080_u64.to_le_bytes());
    put(32, &64_u64.to_le_bytes());
    put(52, &[64, 0, 56, 0, 1, 0]);
    put(64, &[1, 0, 0, 0, 5, 0, 0, 0]);
    put(80, &0x40_0000_u64.to_le_bytes());
    put(96, &256_u64.to_le_bytes());
    put(104, &256_u64.to_le_bytes());
    file
}

fn read_program(file: &[u8]) {
    let Ok(program) = elf::parse(file) else {
        return;
    };
    let mut end = 0;
    for segment in program.segments() {
        assert!(
            segment.memory_bytes >= segment.file_bytes,
            "larger in the file"
        );
        assert!(
            segment.file_offset + segment.file_bytes <= file.len() as u64,
            "not in the file"
        );
        assert!(
            segment.first_page() >= end,
            "out of order, or two on one page"
        );
        assert!(segment.end_page() > segment.first_page(), "empty");
        end = segment.end_page();
    }
    let inside =
        |s: &elf::Segment| (s.address..s.address + s.memory_bytes).contains(&program.entry);
    assert!(program.segments().iter().any(inside), "it begins nowhere");
    assert!(
        program.owned_pages() <= end / PAGE_SIZE as u64,
        "more pages than there are"
    );
}

/// A boot module with an empty manifest.
fn module() -> Vec<u8> {
    let message = message();
    let length = u32::try_from(message.len()).unwrap_or(0).to_le_bytes();
    [b"CAPOSBM1".as_slice(), &length, &[0; 4], &message].concat()
}

fn read_module(module: &'static [u8]) {
    let Ok(plan) = BootPlan::read(module) else {
        return;
    };
    assert!(
        plan.binaries().get(usize::from(plan.init)).is_some(),
        "init is nowhere"
    );
    for binary in plan.binaries() {
        assert!(
            module.get(binary.range.clone()).is_some(),
            "not in the module"
        );
        assert!(plan.find(binary.name).is_some(), "not found by its name");
    }
}

/// A boot manifest of version 1 with room for four pointers, which are null.
fn message() -> Vec<u8> {
    [1_u64 << 32 | 4 << 48, 1, 0, 0, 0, 0]
        .map(u64::to_le_bytes)
        .concat()
}

/// So many elements of each list are looked at: even a short message may hold thousands, which would only be waited for.
const ITEMS: usize = 32;

/// Goes to every place to which a boot manifest can point.
fn read_message(input: &[u8]) -> Result<usize, WireError> {
    let manifest = BootManifestReader::read(input)?;
    let mut seen = manifest.image()?.len();
    for binary in manifest.binaries()?.iter().take(ITEMS) {
        seen += binary.name()?.len();
    }
    for service in manifest.services()?.iter().take(ITEMS) {
        seen += service.name()?.len();
        for argument in service.args()?.iter().take(ITEMS) {
            seen += argument?.len();
        }
        for grant in service.grants()?.iter().take(ITEMS) {
            seen += grant.name()?.len();
        }
        for export in service.exports()?.iter().take(ITEMS) {
            seen += export.name()?.len();
        }
    }
    Ok(seen)
}

fn words32(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Memory that begins at 0 and holds the input only.
fn physical(memory: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    memory.get(start..end)
}

fn read_boot_info<E>(info: Result<BootInfo, E>) {
    let Ok(info) = info else {
        return;
    };
    for range in info.regions().iter().map(|region| &region.range) {
        assert!(
            range.start <= range.end,
            "a region that ends before it begins"
        );
    }
    for range in info.reserved() {
        assert!(
            range.start <= range.end,
            "what is reserved ends before it begins"
        );
    }
}

fn read_cap_set(input: &[u8]) {
    let mut page = [0; PAGE_SIZE];
    for (byte, given) in page.iter_mut().zip(input) {
        *byte = *given;
    }
    let Some(set) = CapSet::new(&page) else {
        return;
    };
    for entry in set.entries() {
        assert!(set.find(entry.name).is_some(), "not found by its name");
    }
    assert!(
        set.args().map(<[u8]>::len).sum::<usize>() <= PAGE_SIZE,
        "more than the page holds"
    );
}

/// What an accepted entry says word by word must be what it says field by field, and a NOP is a NOP.
fn read_entry(input: &[u8]) {
    let mut bytes = [0; SQE_BYTES];
    for (byte, given) in bytes.iter_mut().zip(input) {
        *byte = *given;
    }
    let sqe = Sqe::from_bytes(&bytes);
    assert_eq!(sqe.to_bytes(), bytes, "it is written as it was read");
    let mut words = [0; SQE_WORDS];
    for (word, part) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_ne_bytes(*part);
    }
    let entry = Entry(words);
    let operation = decode(&entry);
    assert_eq!(
        is_nop(&entry),
        operation == Ok(Operation::Nop),
        "a NOP is a NOP"
    );
    if operation.is_ok() {
        let (message, buffer) = (entry.message(), entry.buffer());
        assert_eq!((entry.cap().0, entry.method()), (sqe.cap, sqe.method));
        assert_eq!((message.address, message.len), (sqe.addr, sqe.len));
        assert_eq!(
            (buffer.address, buffer.len),
            (sqe.result_addr, sqe.result_len)
        );
        assert_eq!(entry.answer().call, sqe.pipeline_dep);
    }
}
