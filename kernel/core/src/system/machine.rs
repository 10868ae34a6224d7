//! What the object system asks of the machine underneath. On the host a test double answers.

use capos_abi::ring::{CQE_WORDS, SQE_WORDS};
use capos_abi::{PAGE_SIZE, limits};

use crate::paging::Access;

/// A thread, by its place.
pub type ThreadId = u16;
/// A process, by its place.
pub type ProcessId = u16;

/// Memory that a program named is not mapped with the access that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAddress;

/// Which side of a copy was not mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCopy {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Target,
}

/// Why a program cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file is not a program.
    Elf,
    /// There is not enough memory.
    Memory,
}

/// Why a block device did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockError {
    /// The blocks are not all on the device, or too many.
    Range,
    /// The device can only be read.
    ReadOnly,
    /// The device failed, or answered nonsense.
    Device,
}

/// What a block device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockFacts {
    /// Bytes of a block.
    pub block_bytes: u32,
    /// Blocks on the device.
    pub block_count: u64,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Its serial number.
    pub serial: [u8; 20],
    /// Bytes of `serial` that count.
    pub serial_len: usize,
}

/// Why memory cannot be mapped as asked. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// The machine's frames, or those that the process may own, do not suffice.
    Memory,
    /// A page of the range is mapped, or is not.
    Pages,
}

/// Frames of the machine, and who has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameFacts {
    /// Nobody's.
    pub free: u64,
    /// Processes' own.
    pub owned: u64,
    /// Memory objects'.
    pub shared: u64,
}

/// What a machine has counted since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Interrupts of the timer.
    pub timer_interrupts: u64,
    /// Interrupts from one processor to another.
    pub processor_interrupts: u64,
    /// Times that a processor went from one thread to another.
    pub switches: u64,
}

/// What a walk over all page tables has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// Address spaces, the kernel's own included.
    pub spaces: u64,
    /// Mappings.
    pub pages: u64,
    /// Frames that somebody may execute.
    pub executable: u64,
    /// Mappings that let such a frame be written.
    pub violations: u64,
}

/// A program that is to be started.
pub struct Start<'a> {
    /// Which binary of the boot module.
    pub binary: u16,
    /// The place of the new process.
    pub process: ProcessId,
    /// The place of its first thread.
    pub thread: ThreadId,
    /// The number that the program is told as its process id.
    pub number: u64,
    /// Its CapSet page.
    pub capset: &'a [u8; PAGE_SIZE],
    /// The most frames that it may own.
    pub frames: usize,
}

/// The machine.
pub trait Machine {
    /// A thread's ring page. It stays true until the thread is unloaded.
    type Ring: Copy;
    /// A range of a program's memory that was found writable.
    type Landing: Copy;

    /// The ring page of a thread; `None` for a thread that has none.
    fn ring(&self, thread: ThreadId) -> Option<Self::Ring>;
    /// The program's own indices in a ring: its submission tail and completion head.
    fn indices(&self, ring: Self::Ring) -> (u32, u32);
    /// The words of a submission entry, each of them read once. `slot` is below `SQ_ENTRIES`.
    fn submission(&self, ring: Self::Ring, slot: u32) -> [u64; SQE_WORDS];
    /// Writes the words of a completion entry. `slot` is below `CQ_ENTRIES`.
    fn post(&mut self, ring: Self::Ring, slot: u32, entry: [u64; CQE_WORDS]);
    /// Shows the kernel's indices to the program.
    fn publish(&mut self, ring: Self::Ring, sq_head: u32, cq_tail: u32);

    /// Copies out of a program's memory.
    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress>;
    /// Copies into a program's memory. Nothing is written unless all of it can be.
    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress>;
    /// Whether a program may write all of a range.
    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool;
    /// Finds a range that a program may write, for `land`.
    fn landing(&self, process: ProcessId, address: u64, len: usize) -> Option<Self::Landing>;
    /// Copies to the beginning of a range that was found; what would lie behind its end is not
    /// copied. `BadAddress` where the program may write it no longer, and then nothing is written.
    fn land(&mut self, landing: Self::Landing, from: &[u8]) -> Result<(), BadAddress>;
    /// `land` of words; `BadAddress`, too, where they do not all fit.
    fn land_words<const N: usize>(
        &mut self,
        landing: Self::Landing,
        words: [u64; N],
    ) -> Result<(), BadAddress>;
    /// Copies between programs, behind words of the kernel's own. Nothing is written unless all of it
    /// can be.
    fn send<const HEAD: usize>(
        &mut self,
        head: [u64; HEAD],
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy>;

    /// Lets a thread that waits in `cap_enter` run again, with this result.
    fn wake(&mut self, thread: ThreadId, result: i64);
    /// As `wake`, for a thread that was waiting for what the running one has just done: it runs next
    /// if the running one stops to wait.
    fn hand_over(&mut self, thread: ThreadId, result: i64);
    /// Prints one line.
    fn print(&mut self, label: &[u8], text: &[u8]);

    /// The boot manifest message.
    fn manifest(&self) -> &'static [u8];
    /// The binary of this name.
    fn binary(&self, name: &str) -> Option<u16>;
    /// Makes an address space and a first thread, ready to run. On an error nothing is left.
    fn load(&mut self, start: &Start<'_>) -> Result<(), LoadError>;
    /// Takes a process's address space and threads away.
    fn unload(&mut self, process: ProcessId, thread: ThreadId);

    /// Makes the memory object at this place: cleared frames. `false` where there are too few.
    fn make_memory(&mut self, place: u16, pages: u32) -> bool;
    /// Takes a memory object away; nobody has it mapped.
    fn free_memory(&mut self, place: u16);
    /// Maps all of a memory object from an address on, where nothing is mapped.
    fn map_memory(
        &mut self,
        process: ProcessId,
        address: u64,
        place: u16,
        access: Access,
    ) -> Result<(), MapError>;
    /// Maps cleared memory of the process's own, where nothing is mapped, to be read and written.
    fn commit(&mut self, process: ProcessId, address: u64, pages: u32) -> Result<(), MapError>;
    /// Changes what a process may do with pages that are all mapped. With `Memory`, the first of them
    /// may have changed.
    fn protect(
        &mut self,
        process: ProcessId,
        address: u64,
        pages: u32,
        access: Access,
    ) -> Result<(), MapError>;
    /// Takes away what is mapped in a range; the process's own frames are given back.
    fn unmap(&mut self, process: ProcessId, address: u64, pages: u32);

    /// Who has how many frames.
    fn frames(&self) -> FrameFacts;
    /// What was counted.
    fn counters(&self) -> Counters;
    /// Walks all page tables.
    fn check_tables(&mut self) -> TableFacts;

    /// What a block device is.
    fn block_facts(&self, device: u16) -> Option<BlockFacts>;
    /// Reads whole blocks; `into` is a multiple of the block size, at most `limits::TRANSFER_BYTES`.
    fn block_read(&mut self, device: u16, start: u64, into: &mut [u8]) -> Result<(), BlockError>;
    /// Writes whole blocks, as `block_read`.
    fn block_write(&mut self, device: u16, start: u64, from: &[u8]) -> Result<(), BlockError>;
    /// Makes what was written durable.
    fn block_flush(&mut self, device: u16) -> Result<(), BlockError>;
}

/// Room for one message in and one out; one per processor.
pub struct Scratch {
    /// What came from a program.
    pub input: [u8; limits::MESSAGE_BYTES],
    /// What goes to a program.
    pub output: [u8; limits::TRANSFER_BYTES + 1024],
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// Cleared room.
    pub const fn new() -> Self {
        Self {
            input: [0; limits::MESSAGE_BYTES],
            output: [0; limits::TRANSFER_BYTES + 1024],
        }
    }
}
