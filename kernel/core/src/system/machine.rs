//! What the object system asks of the machine underneath. On the host a test double answers.

use capos_abi::ring::{Cqe, SQE_WORDS};
use capos_abi::{PAGE_SIZE, limits};

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
    /// The program's own indices in a ring: its submission tail and completion head. `None` for a
    /// thread that has no ring.
    fn indices(&self, thread: ThreadId) -> Option<(u32, u32)>;
    /// The words of a submission entry, each of them read once. `slot` is below `SQ_ENTRIES`.
    fn submission(&self, thread: ThreadId, slot: u32) -> Option<[u64; SQE_WORDS]>;
    /// Writes a completion entry; nothing where there is no ring. `slot` is below `CQ_ENTRIES`.
    fn post(&mut self, thread: ThreadId, slot: u32, entry: &Cqe);
    /// Shows the kernel's indices to the program; nothing where there is no ring.
    fn publish(&mut self, thread: ThreadId, sq_head: u32, cq_tail: u32);

    /// Copies out of a program's memory.
    fn read(&self, process: ProcessId, address: u64, into: &mut [u8]) -> Result<(), BadAddress>;
    /// Copies into a program's memory. Nothing is written unless all of it can be.
    fn write(&mut self, process: ProcessId, address: u64, from: &[u8]) -> Result<(), BadAddress>;
    /// Whether a program may write all of a range.
    fn writable(&self, process: ProcessId, address: u64, len: usize) -> bool;
    /// Copies between programs. Nothing is written unless all of it can be.
    fn copy(
        &mut self,
        from: (ProcessId, u64),
        to: (ProcessId, u64),
        len: usize,
    ) -> Result<(), BadCopy>;

    /// Lets a thread that waits in `cap_enter` run again, with this result.
    fn wake(&mut self, thread: ThreadId, result: i64);
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
