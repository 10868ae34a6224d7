//! What a submission entry asks for, after every unused field was found to be zero.

use capos_abi::ring::{Sqe, flag, op};
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
}

/// Reads an entry.
pub fn decode(sqe: &Sqe) -> Result<Operation, CapError> {
    if sqe.opcode > op::UNPARK {
        return Err(CapError::Unsupported);
    }
    let allowed = match sqe.opcode {
        op::RETURN | op::RETURN_RECV => flag::NO_CQE_ON_SUCCESS | flag::EXCEPTION,
        _ => flag::NO_CQE_ON_SUCCESS,
    };
    let known = flag::NO_CQE_ON_SUCCESS | flag::DISCLOSE_SESSION | flag::EXCEPTION | flag::PIPELINE;
    if sqe.flags & !known != 0 || sqe.reserved0 != 0 || sqe.reserved1 != 0 {
        return Err(CapError::InvalidEntry);
    }
    if sqe.flags & (flag::DISCLOSE_SESSION | flag::PIPELINE) != 0 {
        return Err(CapError::Unsupported);
    }
    if sqe.flags & !allowed != 0 {
        return Err(CapError::InvalidEntry);
    }

    let outgoing = Outgoing {
        message: Alleged {
            address: sqe.addr,
            len: sqe.len,
        },
        transfers: sqe.xfer_addr,
        transfer_count: sqe.xfer_count,
    };
    let incoming = Alleged {
        address: sqe.result_addr,
        len: sqe.result_len,
    };
    let answer = Answer {
        call: sqe.pipeline_dep,
        results: outgoing,
        exception: sqe.flags & flag::EXCEPTION != 0,
    };
    let (no_out, no_in) = (
        outgoing == Outgoing::default(),
        incoming == Alleged::default(),
    );
    let no_method = sqe.method == 0;
    let no_call = sqe.pipeline_dep == 0 && sqe.pipeline_field == 0;
    let cap = CapId(sqe.cap);
    let no_cap = cap == CapId::NONE;
    let (clean, operation) = match sqe.opcode {
        op::NOP => (
            no_out && no_in && no_method && no_call && no_cap,
            Operation::Nop,
        ),
        op::CALL => (
            no_call,
            Operation::Call {
                cap,
                method: sqe.method,
                params: outgoing,
                results: incoming,
            },
        ),
        op::RECV => (
            no_out && no_method && no_call,
            Operation::Receive {
                cap,
                buffer: incoming,
            },
        ),
        op::RETURN => (
            no_in && no_method && no_cap && sqe.pipeline_field == 0,
            Operation::Return(answer),
        ),
        op::RETURN_RECV => (
            no_method && sqe.pipeline_field == 0,
            Operation::ReturnReceive(answer, cap, incoming),
        ),
        op::RELEASE => (
            no_out && no_in && no_method && no_call,
            Operation::Release(cap),
        ),
        _ => return Err(CapError::Unsupported),
    };
    if !clean {
        return Err(CapError::InvalidEntry);
    }
    if outgoing.message.len as usize > limits::MESSAGE_BYTES {
        return Err(CapError::Message);
    }
    if usize::from(outgoing.transfer_count) > limits::TRANSFERS {
        return Err(CapError::Transfer);
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use super::{Operation, decode};
    use capos_abi::CapError;
    use capos_abi::ring::{Sqe, op};

    #[test]
    fn every_field_that_an_opcode_does_not_use_must_be_zero() {
        // Which of the 64 bytes each opcode may use, flags not counted.
        let used: [(u8, &[core::ops::Range<usize>]); 6] = [
            (op::NOP, &[16..24]),
            (op::CALL, &[2..8, 16..58]),
            (op::RECV, &[4..8, 16..24, 36..48]),
            (op::RETURN, &[16..36, 48..58, 60..64]),
            (op::RETURN_RECV, &[4..8, 16..58, 60..64]),
            (op::RELEASE, &[4..8, 16..24]),
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
        for opcode in op::CANCEL..=u8::MAX {
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
