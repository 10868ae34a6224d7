//! The ring page and its entries.
//!
//! The structures are plain values with a fixed little-endian layout; reading and writing shared
//! memory in the right order is the business of each side.

use crate::{bytes_at, put_at};

/// First word of a ring page: `CRNG`.
pub const MAGIC: u32 = 0x474e_5243;
/// Version of this layout.
pub const VERSION: u16 = 1;

/// Where things lie in the ring page.
pub mod at {
    /// u32, kernel-written: `MAGIC`.
    pub const MAGIC: usize = 0x000;
    /// u16, kernel-written: `VERSION`.
    pub const VERSION: usize = 0x004;
    /// u32, kernel-written: entries taken so far.
    pub const SQ_HEAD: usize = 0x008;
    /// u32, kernel-written: completions posted so far.
    pub const CQ_TAIL: usize = 0x00c;
    /// u32, program-written: entries offered so far.
    pub const SQ_TAIL: usize = 0x040;
    /// u32, program-written: completions consumed so far.
    pub const CQ_HEAD: usize = 0x044;
    /// The submission entries.
    pub const SQ: usize = 0x400;
    /// The completion entries.
    pub const CQ: usize = 0x800;
}

/// Submission entries in a ring.
pub const SQ_ENTRIES: u32 = 16;
/// Completion entries in a ring.
pub const CQ_ENTRIES: u32 = 32;
/// Bytes of a submission entry.
pub const SQE_BYTES: usize = 64;
/// Words of a submission entry.
pub const SQE_WORDS: usize = SQE_BYTES / 8;
/// Bytes of a completion entry.
pub const CQE_BYTES: usize = 32;
/// Words of a completion entry.
pub const CQE_WORDS: usize = CQE_BYTES / 8;

/// Opcodes of submission entries.
pub mod op {
    /// Completes with 0.
    pub const NOP: u8 = 0;
    /// Calls a method of a capability.
    pub const CALL: u8 = 1;
    /// Waits for a call to an endpoint.
    pub const RECV: u8 = 2;
    /// Answers a received call.
    pub const RETURN: u8 = 3;
    /// Answers a call and waits for the next one.
    pub const RETURN_RECV: u8 = 4;
    /// Gives a capability up.
    pub const RELEASE: u8 = 5;
    /// Cancels a pending entry.
    pub const CANCEL: u8 = 6;
    /// Waits on a word of memory.
    pub const PARK: u8 = 7;
    /// Wakes what waits on a word of memory.
    pub const UNPARK: u8 = 8;
}

/// Flags of submission entries.
pub mod flag {
    /// Post no completion when the operation succeeds.
    pub const NO_CQE_ON_SUCCESS: u32 = 1 << 0;
    /// Reserved: disclose the session to the server.
    pub const DISCLOSE_SESSION: u32 = 1 << 1;
    /// RETURN and RETURN_RECV: the message is a CapException.
    pub const EXCEPTION: u32 = 1 << 2;
    /// Reserved: the capability is a result of an unreturned call.
    pub const PIPELINE: u32 = 1 << 3;
}

/// A submission entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Sqe {
    /// One of `op`.
    pub opcode: u8,
    /// Zero.
    pub reserved0: u8,
    /// CALL: the method.
    pub method: u16,
    /// The capability: CALL's target, RECV's endpoint, what RELEASE gives up.
    pub cap: u32,
    /// Bits of `flag`.
    pub flags: u32,
    /// Zero.
    pub reserved1: u32,
    /// Comes back in the completion.
    pub user_data: u64,
    /// The message that goes out: CALL's parameters, RETURN's results.
    pub addr: u64,
    /// Bytes at `addr`.
    pub len: u32,
    /// Bytes at `result_addr`.
    pub result_len: u32,
    /// Where a message may be written: CALL's results, RECV's call.
    pub result_addr: u64,
    /// The transfer list.
    pub xfer_addr: u64,
    /// Descriptors in the transfer list.
    pub xfer_count: u16,
    /// Reserved for pipelining.
    pub pipeline_field: u16,
    /// CALL: reserved for pipelining. RETURN, RETURN_RECV: the call that is answered.
    pub pipeline_dep: u32,
}

/// A completion entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Cqe {
    /// The submission entry's `user_data`.
    pub user_data: u64,
    /// Payload bytes written, or a negated `CapError`.
    pub result: i32,
    /// Zero.
    pub flags: u32,
    /// Capability records behind the payload.
    pub cap_count: u16,
    /// Zero.
    pub reserved0: u16,
    /// Payload bytes written, also when the result is an application exception.
    pub payload_len: u32,
    /// Zero.
    pub reserved1: u64,
}

const _: () = assert!(size_of::<Sqe>() == SQE_BYTES && size_of::<Cqe>() == CQE_BYTES);

impl Sqe {
    /// Reads an entry from its eight words, as the kernel takes it: each word once, so that what a
    /// program writes meanwhile cannot be seen twice. Any words make an entry; whether it means
    /// something is decided by whoever carries it out.
    #[inline]
    pub fn from_words(words: [u64; SQE_WORDS]) -> Sqe {
        let [
            head,
            flags,
            user_data,
            addr,
            lens,
            result_addr,
            xfer_addr,
            tail,
        ] = words.map(u64::from_le);
        Sqe {
            opcode: head as u8,
            reserved0: (head >> 8) as u8,
            method: (head >> 16) as u16,
            cap: (head >> 32) as u32,
            flags: flags as u32,
            reserved1: (flags >> 32) as u32,
            user_data,
            addr,
            len: lens as u32,
            result_len: (lens >> 32) as u32,
            result_addr,
            xfer_addr,
            xfer_count: tail as u16,
            pipeline_field: (tail >> 16) as u16,
            pipeline_dep: (tail >> 32) as u32,
        }
    }

    /// The entry's eight words.
    #[inline]
    pub fn to_words(&self) -> [u64; SQE_WORDS] {
        let head = u64::from(self.opcode)
            | u64::from(self.reserved0) << 8
            | u64::from(self.method) << 16
            | u64::from(self.cap) << 32;
        let tail = u64::from(self.xfer_count)
            | u64::from(self.pipeline_field) << 16
            | u64::from(self.pipeline_dep) << 32;
        [
            head,
            u64::from(self.flags) | u64::from(self.reserved1) << 32,
            self.user_data,
            self.addr,
            u64::from(self.len) | u64::from(self.result_len) << 32,
            self.result_addr,
            self.xfer_addr,
            tail,
        ]
        .map(u64::to_le)
    }

    /// Reads an entry from its 64 bytes.
    pub fn from_bytes(bytes: &[u8; SQE_BYTES]) -> Sqe {
        Sqe {
            opcode: bytes[0],
            reserved0: bytes[1],
            method: u16::from_le_bytes(bytes_at(bytes, 2)),
            cap: u32::from_le_bytes(bytes_at(bytes, 4)),
            flags: u32::from_le_bytes(bytes_at(bytes, 8)),
            reserved1: u32::from_le_bytes(bytes_at(bytes, 12)),
            user_data: u64::from_le_bytes(bytes_at(bytes, 16)),
            addr: u64::from_le_bytes(bytes_at(bytes, 24)),
            len: u32::from_le_bytes(bytes_at(bytes, 32)),
            result_len: u32::from_le_bytes(bytes_at(bytes, 36)),
            result_addr: u64::from_le_bytes(bytes_at(bytes, 40)),
            xfer_addr: u64::from_le_bytes(bytes_at(bytes, 48)),
            xfer_count: u16::from_le_bytes(bytes_at(bytes, 56)),
            pipeline_field: u16::from_le_bytes(bytes_at(bytes, 58)),
            pipeline_dep: u32::from_le_bytes(bytes_at(bytes, 60)),
        }
    }

    /// The entry's 64 bytes.
    pub fn to_bytes(&self) -> [u8; SQE_BYTES] {
        let mut out = [0; SQE_BYTES];
        put_at(&mut out, 0, &[self.opcode, self.reserved0]);
        put_at(&mut out, 2, &self.method.to_le_bytes());
        put_at(&mut out, 4, &self.cap.to_le_bytes());
        put_at(&mut out, 8, &self.flags.to_le_bytes());
        put_at(&mut out, 12, &self.reserved1.to_le_bytes());
        put_at(&mut out, 16, &self.user_data.to_le_bytes());
        put_at(&mut out, 24, &self.addr.to_le_bytes());
        put_at(&mut out, 32, &self.len.to_le_bytes());
        put_at(&mut out, 36, &self.result_len.to_le_bytes());
        put_at(&mut out, 40, &self.result_addr.to_le_bytes());
        put_at(&mut out, 48, &self.xfer_addr.to_le_bytes());
        put_at(&mut out, 56, &self.xfer_count.to_le_bytes());
        put_at(&mut out, 58, &self.pipeline_field.to_le_bytes());
        put_at(&mut out, 60, &self.pipeline_dep.to_le_bytes());
        out
    }
}

impl Cqe {
    /// Reads a completion from its 32 bytes.
    pub fn from_bytes(bytes: &[u8; CQE_BYTES]) -> Cqe {
        Cqe {
            user_data: u64::from_le_bytes(bytes_at(bytes, 0)),
            result: i32::from_le_bytes(bytes_at(bytes, 8)),
            flags: u32::from_le_bytes(bytes_at(bytes, 12)),
            cap_count: u16::from_le_bytes(bytes_at(bytes, 16)),
            reserved0: u16::from_le_bytes(bytes_at(bytes, 18)),
            payload_len: u32::from_le_bytes(bytes_at(bytes, 20)),
            reserved1: u64::from_le_bytes(bytes_at(bytes, 24)),
        }
    }

    /// Reads a completion from its four words.
    #[inline]
    pub fn from_words(words: [u64; CQE_WORDS]) -> Cqe {
        let [user_data, result, payload, reserved1] = words.map(u64::from_le);
        Cqe {
            user_data,
            result: result as i32,
            flags: (result >> 32) as u32,
            cap_count: payload as u16,
            reserved0: (payload >> 16) as u16,
            payload_len: (payload >> 32) as u32,
            reserved1,
        }
    }

    /// The completion's four words.
    #[inline]
    pub fn to_words(&self) -> [u64; CQE_WORDS] {
        let result = u64::from(self.result as u32) | u64::from(self.flags) << 32;
        let payload = u64::from(self.cap_count)
            | u64::from(self.reserved0) << 16
            | u64::from(self.payload_len) << 32;
        [self.user_data, result, payload, self.reserved1].map(u64::to_le)
    }

    /// The completion's 32 bytes.
    pub fn to_bytes(&self) -> [u8; CQE_BYTES] {
        let mut out = [0; CQE_BYTES];
        put_at(&mut out, 0, &self.user_data.to_le_bytes());
        put_at(&mut out, 8, &self.result.to_le_bytes());
        put_at(&mut out, 12, &self.flags.to_le_bytes());
        put_at(&mut out, 16, &self.cap_count.to_le_bytes());
        put_at(&mut out, 18, &self.reserved0.to_le_bytes());
        put_at(&mut out, 20, &self.payload_len.to_le_bytes());
        put_at(&mut out, 24, &self.reserved1.to_le_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{Cqe, Sqe};

    #[test]
    fn entries_come_back_byte_for_byte() {
        let bytes: [u8; 64] = core::array::from_fn(|index| index as u8 + 1);
        assert_eq!(Sqe::from_bytes(&bytes).to_bytes(), bytes);
        let bytes: [u8; 32] = core::array::from_fn(|index| index as u8 + 1);
        assert_eq!(Cqe::from_bytes(&bytes).to_bytes(), bytes);
    }

    #[test]
    fn words_and_bytes_are_the_same_entry() {
        let bytes: [u8; 64] = core::array::from_fn(|index| 255 - index as u8);
        let word = |at: usize| core::array::from_fn(|index| bytes[at * 8 + index]);
        let words = core::array::from_fn(|at| u64::from_ne_bytes(word(at)));
        assert_eq!(Sqe::from_words(words), Sqe::from_bytes(&bytes));
        assert_eq!(Sqe::from_bytes(&bytes).to_words(), words);
        let completion = Cqe::from_bytes(bytes.first_chunk().unwrap());
        assert_eq!(completion.to_words(), words[..4]);
        assert_eq!(Cqe::from_words(completion.to_words()), completion);
    }

    #[test]
    fn fields_lie_where_the_document_says() {
        let sqe = Sqe {
            opcode: 4,
            method: 0x0102,
            pipeline_dep: 0x0a0b_0c0d,
            ..Sqe::default()
        };
        let bytes = sqe.to_bytes();
        assert_eq!(bytes[..4], [4, 0, 2, 1]);
        assert_eq!(bytes[60..], [0x0d, 0x0c, 0x0b, 0x0a]);
        assert_eq!(core::mem::offset_of!(Sqe, pipeline_dep), 60);
        assert_eq!(core::mem::offset_of!(Sqe, result_addr), 40);
        assert_eq!(core::mem::offset_of!(Cqe, payload_len), 20);
    }
}
