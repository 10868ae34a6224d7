//! What a submission entry asks for, after every unused field was found to be zero.

use capos_abi::ring::{SQE_WORDS, Sqe, flag, op};
use capos_abi::{CapError, CapId, limits};

/// A range of a program's memory, as it alleges: nothing about it was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alleged {
    /// First address.
    pub address: u64,
    /// Bytes.
    pub len: u32,
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

/// What an entry asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing.
    Nop,
    /// Call a method.
    Call {
        /// Of this capability.
        cap: CapId,
        /// The method.
        method: u16,
        /// Its parameters.
        params: Outgoing,
        /// Where results go.
        results: Alleged,
    },
    /// Wait for a call.
    Receive {
        /// To this endpoint.
        cap: CapId,
        /// Where it goes.
        buffer: Alleged,
    },
    /// Answer a call.
    Return(Answer),
    /// Answer a call, then wait for the next.
    ReturnReceive(Answer, CapId, Alleged),
    /// Give a capability up.
    Release(CapId),
    /// End what waits with this `user_data`.
    Cancel(u64),
}

/// Whether an entry's words are those of a NOP that `decode` accepts: the one operation that is all
/// overhead, so nothing else is looked at for it.
#[inline]
pub fn is_nop(words: &[u64; SQE_WORDS]) -> bool {
    let [head, flags, _, rest @ ..] = words.map(u64::from_le);
    let unused = rest.into_iter().fold(0, |all, word| all | word);
    head == u64::from(op::NOP) && flags & !u64::from(flag::NO_CQE_ON_SUCCESS) == 0 && unused == 0
}

/// A CALL that carries no capabilities: what most entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainCall {
    /// The capability.
    pub cap: CapId,
    /// The method.
    pub method: u16,
    /// Its parameters.
    pub params: Alleged,
    /// Where results go.
    pub results: Alleged,
}

/// The CALL in an entry's words, if it is a plain one that `decode` accepts. Everything else is left
/// to `decode`.
#[inline]
pub fn plain_call(words: &[u64; SQE_WORDS]) -> Option<PlainCall> {
    let [head, flags, _, address, lens, result_address, list, tail] = words.map(u64::from_le);
    let len = lens as u32;
    let plain = head as u16 == u16::from(op::CALL)
        && flags & !u64::from(flag::NO_CQE_ON_SUCCESS) | list | tail == 0
        && len as usize <= limits::MESSAGE_BYTES;
    plain.then_some(PlainCall {
        cap: CapId((head >> 32) as u32),
        method: (head >> 16) as u16,
        params: Alleged { address, len },
        results: Alleged {
            address: result_address,
            len: (lens >> 32) as u32,
        },
    })
}

/// Reads an entry.
#[inline]
pub fn decode(sqe: &Sqe) -> Result<Operation, CapError> {
    let allowed = match sqe.opcode {
        op::RETURN | op::RETURN_RECV => flag::NO_CQE_ON_SUCCESS | flag::EXCEPTION,
        _ => flag::NO_CQE_ON_SUCCESS,
    };
    if sqe.opcode > op::UNPARK
        || sqe.flags & !allowed != 0
        || sqe.reserved0 != 0
        || sqe.reserved1 != 0
    {
        return Err(refusal(sqe));
    }
    // What an opcode does not use is zero; each arm looks only at its own unused fields.
    let no_message = || sqe.xfer_addr | u64::from(sqe.len) | u64::from(sqe.xfer_count) == 0;
    let no_out = || no_message() && sqe.addr == 0;
    let no_in = || sqe.result_addr | u64::from(sqe.result_len) == 0;
    let no_cap = || sqe.cap == CapId::NONE.0;
    let no_method = sqe.method == 0;
    let no_field = sqe.pipeline_field == 0;
    let no_call = sqe.pipeline_dep == 0 && no_field;
    let cap = CapId(sqe.cap);
    let buffer = Alleged {
        address: sqe.result_addr,
        len: sqe.result_len,
    };
    match sqe.opcode {
        op::NOP if no_method && no_call && no_cap() && no_out() && no_in() => Ok(Operation::Nop),
        op::CALL if no_call => Ok(Operation::Call {
            cap,
            method: sqe.method,
            params: outgoing(sqe)?,
            results: buffer,
        }),
        op::RECV if no_method && no_call && no_out() => Ok(Operation::Receive { cap, buffer }),
        op::RETURN if no_method && no_field && no_cap() && no_in() => {
            Ok(Operation::Return(answer(sqe)?))
        }
        op::RETURN_RECV if no_method && no_field => {
            Ok(Operation::ReturnReceive(answer(sqe)?, cap, buffer))
        }
        op::RELEASE if no_method && no_call && no_out() && no_in() => Ok(Operation::Release(cap)),
        op::CANCEL if no_method && no_call && no_cap() && no_message() && no_in() => {
            Ok(Operation::Cancel(sqe.addr))
        }
        op::PARK | op::UNPARK => Err(CapError::Unsupported),
        _ => Err(CapError::InvalidEntry),
    }
}

/// Why an entry is refused for its opcode, flags or reserved fields.
#[cold]
fn refusal(sqe: &Sqe) -> CapError {
    let known = flag::NO_CQE_ON_SUCCESS | flag::DISCLOSE_SESSION | flag::EXCEPTION | flag::PIPELINE;
    let later = flag::DISCLOSE_SESSION | flag::PIPELINE;
    if sqe.opcode > op::UNPARK {
        CapError::Unsupported
    } else if sqe.flags & !known != 0 || sqe.reserved0 != 0 || sqe.reserved1 != 0 {
        CapError::InvalidEntry
    } else if sqe.flags & later != 0 {
        CapError::Unsupported
    } else {
        CapError::InvalidEntry
    }
}

/// The message that an entry sends, within the limits.
#[inline]
fn outgoing(sqe: &Sqe) -> Result<Outgoing, CapError> {
    if sqe.len as usize > limits::MESSAGE_BYTES {
        return Err(CapError::Message);
    }
    if usize::from(sqe.xfer_count) > limits::TRANSFERS {
        return Err(CapError::Transfer);
    }
    Ok(Outgoing {
        message: Alleged {
            address: sqe.addr,
            len: sqe.len,
        },
        transfers: sqe.xfer_addr,
        transfer_count: sqe.xfer_count,
    })
}

/// The answer that an entry gives.
#[inline]
fn answer(sqe: &Sqe) -> Result<Answer, CapError> {
    Ok(Answer {
        call: sqe.pipeline_dep,
        results: outgoing(sqe)?,
        exception: sqe.flags & flag::EXCEPTION != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::{Operation, Outgoing, decode, is_nop, plain_call};
    use capos_abi::CapError;
    use capos_abi::ring::{Sqe, op};

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
                let refused = decode(&Sqe::from_bytes(&bytes)) == Err(CapError::InvalidEntry);
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
            let by_fields = decode(&Sqe::from_words(words)) == Ok(Operation::Nop);
            assert_eq!(is_nop(&words), by_fields, "bit {bit}");
        }
    }

    #[test]
    fn a_plain_call_is_what_decode_says() {
        let call = |change: &dyn Fn(&mut Sqe)| {
            let mut sqe = Sqe {
                opcode: op::CALL,
                method: 3,
                cap: 0x1002,
                addr: 0x1000,
                len: 16,
                result_addr: 0x2000,
                result_len: 24,
                ..Sqe::default()
            };
            change(&mut sqe);
            (plain_call(&sqe.to_words()), decode(&sqe))
        };
        for flags in [0, 1] {
            let (Some(plain), decoded) = call(&|sqe| sqe.flags = flags) else {
                panic!("plain");
            };
            let params = Outgoing {
                message: plain.params,
                ..Outgoing::default()
            };
            let same = Operation::Call {
                cap: plain.cap,
                method: plain.method,
                params,
                results: plain.results,
            };
            assert_eq!(decoded, Ok(same));
        }
        // Whatever decode refuses, and whatever carries capabilities, is not plain.
        let others: [&dyn Fn(&mut Sqe); 8] = [
            &|sqe| sqe.opcode = op::RECV,
            &|sqe| sqe.reserved0 = 1,
            &|sqe| sqe.reserved1 = 1,
            &|sqe| sqe.flags = 2,
            &|sqe| sqe.len = 65537,
            &|sqe| sqe.xfer_count = 1,
            &|sqe| sqe.xfer_addr = 8,
            &|sqe| sqe.pipeline_dep = 1,
        ];
        for change in others {
            assert_eq!(call(change).0, None);
        }
    }

    #[test]
    fn flags_and_opcodes() {
        let entry = |opcode, flags| {
            decode(&Sqe {
                opcode,
                flags,
                ..Sqe::default()
            })
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
        assert_eq!(decode(&long), Err(CapError::Message));
        let many = Sqe {
            opcode: op::CALL,
            xfer_count: 9,
            ..Sqe::default()
        };
        assert_eq!(decode(&many), Err(CapError::Transfer));
    }
}
