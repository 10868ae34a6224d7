//! What a submission entry asks for, after every unused field was found to be zero.

use capos_abi::ring::{SQE_WORDS, flag, op};
use capos_abi::{CapError, CapId, limits};

/// A range of a program's memory, as it alleges: nothing about it was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alleged {
    /// First address.
    pub address: u64,
    /// Bytes.
    pub len: u32,
}

impl Alleged {
    /// No bytes.
    pub const NOTHING: Alleged = Alleged { address: 0, len: 0 };
}

/// A message that goes out, with the capabilities that go with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The message.
    pub message: Alleged,
    /// Where the transfer list lies.
    pub transfers: u64,
    /// Descriptors in it, at most `limits::TRANSFERS`.
    pub transfer_count: u16,
}

/// An answer to a received call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which call.
    pub call: u32,
    /// The results, or the exception.
    pub results: Outgoing,
    /// Whether `results` is a CapException.
    pub exception: bool,
}

/// What an entry asks for; the entry itself says of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing.
    Nop,
    /// Call a method of a capability.
    Call,
    /// Wait for a call.
    Receive,
    /// Answer a call.
    Return,
    /// Answer a call, then wait for the next.
    ReturnReceive,
    /// Give a capability up.
    Release,
    /// End what waits with the `user_data` that is in the place of an address.
    Cancel,
}

/// An entry as it was taken from a ring. Its fields mean something once they were checked, and then
/// only those that its operation uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry(pub [u64; SQE_WORDS]);

impl Entry {
    #[inline]
    fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().map_or(0, u64::from_le)
    }

    /// The method.
    #[inline]
    pub fn method(&self) -> u16 {
        (self.word(0) >> 16) as u16
    }

    /// The capability.
    #[inline]
    pub fn cap(&self) -> CapId {
        CapId((self.word(0) >> 32) as u32)
    }

    /// Bits of `flag`.
    #[inline]
    pub fn flags(&self) -> u32 {
        self.word(1) as u32
    }

    /// What comes back in the completion.
    #[inline]
    pub fn user_data(&self) -> u64 {
        self.word(2)
    }

    /// The message that goes out.
    #[inline]
    pub fn message(&self) -> Alleged {
        Alleged {
            address: self.word(3),
            len: self.word(4) as u32,
        }
    }

    /// The message that goes out, with the capabilities that go with it.
    #[inline]
    pub fn outgoing(&self) -> Outgoing {
        Outgoing {
            message: self.message(),
            transfers: self.word(6),
            transfer_count: self.word(7) as u16,
        }
    }

    /// Where a message that comes in goes.
    #[inline]
    pub fn buffer(&self) -> Alleged {
        Alleged {
            address: self.word(5),
            len: (self.word(4) >> 32) as u32,
        }
    }

    /// The answer that it gives.
    #[inline]
    pub fn answer(&self) -> Answer {
        Answer {
            call: (self.word(7) >> 32) as u32,
            results: self.outgoing(),
            exception: self.flags() & flag::EXCEPTION != 0,
        }
    }

    /// What the entry asks for, by its opcode. Whether the rest of it is right says `check`.
    #[inline]
    pub fn operation(&self) -> Result<Operation, CapError> {
        match self.word(0) as u8 {
            op::NOP => Ok(Operation::Nop),
            op::CALL => Ok(Operation::Call),
            op::RECV => Ok(Operation::Receive),
            op::RETURN => Ok(Operation::Return),
            op::RETURN_RECV => Ok(Operation::ReturnReceive),
            op::RELEASE => Ok(Operation::Release),
            op::CANCEL => Ok(Operation::Cancel),
            _ => Err(self.refusal()),
        }
    }

    /// Whether what an operation does not use is zero, which is asked of whole words, each with what
    /// is used cut away; and whether what goes out is within the limits.
    #[inline(always)]
    pub fn check(&self, operation: Operation) -> Result<(), CapError> {
        const OPCODE: u64 = 0xff;
        const METHOD: u64 = 0xffff << 16;
        const CAP: u64 = 0xffff_ffff << 32;
        const SILENT: u64 = flag::NO_CQE_ON_SUCCESS as u64;
        const EXCEPTION: u64 = flag::EXCEPTION as u64;
        const LEN: u64 = 0xffff_ffff;
        const BUFFER_LEN: u64 = LEN << 32;
        const COUNT: u64 = 0xffff;
        const CALL_ID: u64 = LEN << 32;
        const ALL: u64 = u64::MAX;
        // Head, flags, address, lengths, buffer, transfer list, tail.
        let used = match operation {
            Operation::Nop => [OPCODE, SILENT, 0, 0, 0, 0, 0],
            Operation::Call => [OPCODE | METHOD | CAP, SILENT, ALL, ALL, ALL, ALL, COUNT],
            Operation::Receive => [OPCODE | CAP, SILENT, 0, BUFFER_LEN, ALL, 0, 0],
            Operation::Return => {
                let tail = COUNT | CALL_ID;
                [OPCODE, SILENT | EXCEPTION, ALL, LEN, 0, ALL, tail]
            }
            Operation::ReturnReceive => {
                let tail = COUNT | CALL_ID;
                [OPCODE | CAP, SILENT | EXCEPTION, ALL, ALL, ALL, ALL, tail]
            }
            Operation::Release => [OPCODE | CAP, SILENT, 0, 0, 0, 0, 0],
            Operation::Cancel => [OPCODE, SILENT, ALL, 0, 0, 0, 0],
        };
        let [head, flags, _, address, lens, buffer, list, tail] = self.0.map(u64::from_le);
        let words = [head, flags, address, lens, buffer, list, tail];
        let unused = words.into_iter().zip(used);
        if unused.fold(0, |all, (word, used)| all | word & !used) != 0 {
            return Err(self.refusal());
        }
        // Of what sends nothing, both were just found to be zero.
        if lens & LEN > limits::MESSAGE_BYTES as u64 {
            return Err(CapError::Message);
        }
        if tail & COUNT > limits::TRANSFERS as u64 {
            return Err(CapError::Transfer);
        }
        Ok(())
    }

    /// Why an entry is refused whose opcode is unknown or that has something where nothing belongs.
    #[cold]
    fn refusal(&self) -> CapError {
        let opcode = self.word(0) as u8;
        let later = u64::from(flag::DISCLOSE_SESSION | flag::PIPELINE);
        let known = later | u64::from(flag::NO_CQE_ON_SUCCESS | flag::EXCEPTION);
        let wrong = self.word(1) & !known | self.word(0) & 0xff00 != 0;
        let excepts = self.flags() & flag::EXCEPTION != 0;
        if opcode > op::UNPARK {
            return CapError::Unsupported;
        }
        // PARK and UNPARK come later, too, if nothing else is wrong.
        let comes_later = self.word(1) & later != 0 || opcode > op::CANCEL && !excepts;
        if comes_later && !wrong {
            CapError::Unsupported
        } else {
            CapError::InvalidEntry
        }
    }
}

/// Whether an entry is a NOP that `decode` accepts: the one operation that is all overhead, so nothing
/// else is looked at for it.
#[inline]
pub fn is_nop(entry: &Entry) -> bool {
    let [head, flags, _, rest @ ..] = entry.0.map(u64::from_le);
    let unused = rest.into_iter().fold(0, |all, word| all | word);
    head == u64::from(op::NOP) && flags & !u64::from(flag::NO_CQE_ON_SUCCESS) == 0 && unused == 0
}

/// What an entry asks for, if nothing is wrong with it.
pub fn decode(entry: &Entry) -> Result<Operation, CapError> {
    let operation = entry.operation()?;
    entry.check(operation)?;
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use super::{Alleged, Answer, Entry, Operation, Outgoing, decode, is_nop};
    use capos_abi::ring::{Sqe, op};
    use capos_abi::{CapError, CapId};

    #[test]
    fn every_field_that_an_opcode_does_not_use_must_be_zero() {
        // Which of the 64 bytes each opcode may use, flags not counted.
        let used: [(u8, &[core::ops::Range<usize>]); 7] = [
            (op::NOP, &[16..24]),
            (op::CALL, &[2..8, 16..58]),
            (op::RECV, &[4..8, 16..24, 36..48]),
            (op::RETURN, &[16..36, 48..58, 60..64]),
            (op::RETURN_RECV, &[4..8, 16..58, 60..64]),
            (op::RELEASE, &[4..8, 16..24]),
            (op::CANCEL, &[16..32]),
        ];
        for (opcode, used) in used {
            for at in (1..64).filter(|at| !(8..12).contains(at)) {
                let mut bytes = [0; 64];
                bytes[0] = opcode;
                bytes[at] = 1;
                let refused = decode(&Entry(Sqe::from_bytes(&bytes).to_words()))
                    == Err(CapError::InvalidEntry);
                assert_eq!(
                    refused,
                    !used.iter().any(|range| range.contains(&at)),
                    "{opcode} {at}"
                );
            }
        }
    }

    #[test]
    fn a_nop_is_a_nop_by_words_and_by_fields() {
        for bit in (0..512).chain([512]) {
            let mut words = [0_u64; 8];
            if let Some(word) = words.get_mut(bit / 64) {
                *word = 1 << (bit % 64);
            }
            let entry = Entry(words);
            let by_fields = decode(&entry) == Ok(Operation::Nop);
            assert_eq!(is_nop(&entry), by_fields, "bit {bit}");
        }
    }

    #[test]
    fn fields_are_read_from_their_places() {
        let sqe = Sqe {
            method: 3,
            cap: 0x1002,
            flags: 5,
            user_data: 9,
            addr: 0x1000,
            len: 16,
            result_addr: 0x2000,
            result_len: 24,
            xfer_addr: 0x3000,
            xfer_count: 2,
            pipeline_dep: 0x7001,
            ..Sqe::default()
        };
        let outgoing = Outgoing {
            message: Alleged {
                address: 0x1000,
                len: 16,
            },
            transfers: 0x3000,
            transfer_count: 2,
        };
        let buffer = Alleged {
            address: 0x2000,
            len: 24,
        };
        let entry = Entry(sqe.to_words());
        assert_eq!((entry.method(), entry.cap()), (3, CapId(0x1002)));
        assert_eq!((entry.flags(), entry.user_data()), (5, 9));
        assert_eq!(
            (entry.message(), entry.outgoing()),
            (outgoing.message, outgoing)
        );
        assert_eq!(entry.buffer(), buffer);
        let answer = Answer {
            call: 0x7001,
            results: outgoing,
            exception: true,
        };
        assert_eq!(entry.answer(), answer);
    }

    #[test]
    fn flags_and_opcodes() {
        let entry = |opcode, flags| {
            let sqe = Sqe {
                opcode,
                flags,
                ..Sqe::default()
            };
            decode(&Entry(sqe.to_words()))
        };
        assert_eq!(entry(op::NOP, 1), Ok(Operation::Nop));
        assert_eq!(entry(op::NOP, 4), Err(CapError::InvalidEntry));
        assert_eq!(entry(op::CALL, 2), Err(CapError::Unsupported));
        assert_eq!(entry(op::CALL, 8), Err(CapError::Unsupported));
        assert_eq!(entry(op::CALL, 16), Err(CapError::InvalidEntry));
        for opcode in op::PARK..=u8::MAX {
            assert_eq!(entry(opcode, 0), Err(CapError::Unsupported));
        }
    }

    #[test]
    fn limits_are_checked_before_anything_is_looked_up() {
        let long = Sqe {
            opcode: op::CALL,
            len: 64 * 1024 + 1,
            ..Sqe::default()
        };
        assert_eq!(decode(&Entry(long.to_words())), Err(CapError::Message));
        let many = Sqe {
            opcode: op::CALL,
            xfer_count: 9,
            ..Sqe::default()
        };
        assert_eq!(decode(&Entry(many.to_words())), Err(CapError::Transfer));
    }
}
