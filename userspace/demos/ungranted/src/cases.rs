//! What this program holds, used for what it is not.

use crate::probe::{self, place};
use crate::{Failure, Holdings, must_be};
use capos_abi::limits::MESSAGE_BYTES;
use capos_abi::ring::{Sqe, op};
use capos_rt::client::Interface;
use capos_rt::transport::Buffer;
use capos_rt::{CapError, Once, system};

/// Parameters and results of the probes: an empty message, and room.
static GOOD: Once<Buffer<1024>> = Once::new(Buffer::ZERO);

/// Makes each case.
pub fn run(holdings: &Holdings) -> Result<(), Failure> {
    let Some(good) = GOOD.take() else {
        return Ok(());
    };
    let (params, results) = good.0.split_at_mut(512);
    let (params, results) = (params.as_ptr() as u64, results.as_mut_ptr() as u64);
    let console = &holdings.console;
    let ring = console.cap().transport();
    let call = Sqe {
        opcode: op::CALL,
        cap: console.cap().id().0,
        addr: params,
        len: 8,
        result_addr: results,
        result_len: 512,
        ..Sqe::default()
    };
    let receive = Sqe {
        opcode: op::RECV,
        addr: 0,
        len: 0,
        ..call
    };
    let answer = Sqe {
        opcode: op::RETURN,
        cap: 0,
        result_addr: 0,
        result_len: 0,
        ..call
    };
    let nop = Sqe {
        opcode: op::NOP,
        ..Sqe::default()
    };
    let (own, facet) = (holdings.own.cap().id().0, holdings.facet.id().0);
    let stale = {
        let Ok(lost) = console.derive("lost") else {
            return Err(Failure::Refused("derive", 0));
        };
        lost.cap().id().0
    };
    let cases: [(&str, CapError, Sqe); 30] = [
        (
            "stale-capability",
            CapError::BadCap,
            Sqe { cap: stale, ..call },
        ),
        (
            "release-of-stale",
            CapError::BadCap,
            Sqe {
                opcode: op::RELEASE,
                cap: stale,
                ..nop
            },
        ),
        (
            "console-method-2",
            CapError::BadMethod,
            Sqe { method: 2, ..call },
        ),
        (
            "console-method-65535",
            CapError::BadMethod,
            Sqe {
                method: u16::MAX,
                ..call
            },
        ),
        ("recv-on-console", CapError::WrongInterface, receive),
        (
            "recv-on-facet",
            CapError::WrongInterface,
            Sqe {
                cap: facet,
                ..receive
            },
        ),
        (
            "call-on-owner",
            CapError::WrongInterface,
            Sqe { cap: own, ..call },
        ),
        (
            "recv-on-stale",
            CapError::BadCap,
            Sqe {
                cap: stale,
                ..receive
            },
        ),
        ("return-of-no-call", CapError::StaleCall, answer),
        (
            "return-of-any-call",
            CapError::StaleCall,
            Sqe {
                pipeline_dep: 0x0010_0001,
                ..answer
            },
        ),
        ("opcode-9", CapError::Unsupported, Sqe { opcode: 9, ..nop }),
        (
            "opcode-255",
            CapError::Unsupported,
            Sqe {
                opcode: u8::MAX,
                ..nop
            },
        ),
        (
            "unknown-flag",
            CapError::InvalidEntry,
            Sqe {
                flags: 1 << 31,
                ..nop
            },
        ),
        (
            "reserved-byte",
            CapError::InvalidEntry,
            Sqe {
                reserved0: 1,
                ..call
            },
        ),
        (
            "reserved-word",
            CapError::InvalidEntry,
            Sqe {
                reserved1: 1,
                ..call
            },
        ),
        (
            "unused-field",
            CapError::InvalidEntry,
            Sqe {
                cap: call.cap,
                ..nop
            },
        ),
        (
            "params-in-kernel",
            CapError::Buffer,
            Sqe {
                addr: place::KERNEL,
                ..call
            },
        ),
        (
            "params-nowhere",
            CapError::Buffer,
            Sqe {
                addr: place::NOWHERE,
                ..call
            },
        ),
        (
            "params-not-canonical",
            CapError::Buffer,
            Sqe {
                addr: place::NOT_CANONICAL,
                ..call
            },
        ),
        (
            "params-at-the-end",
            CapError::Buffer,
            Sqe {
                addr: place::END,
                len: 64,
                ..call
            },
        ),
        (
            "results-in-kernel",
            CapError::Buffer,
            Sqe {
                result_addr: place::KERNEL,
                ..call
            },
        ),
        (
            "results-read-only",
            CapError::Buffer,
            Sqe {
                result_addr: place::READ_ONLY,
                ..call
            },
        ),
        (
            "results-nowhere",
            CapError::Buffer,
            Sqe {
                result_addr: place::NOWHERE,
                ..call
            },
        ),
        (
            "nine-transfers",
            CapError::Transfer,
            Sqe {
                xfer_addr: params,
                xfer_count: 9,
                ..call
            },
        ),
        ("half-a-word", CapError::Message, Sqe { len: 4, ..call }),
        ("no-message", CapError::Message, Sqe { len: 0, ..call }),
        (
            "long-message",
            CapError::Message,
            Sqe {
                len: MESSAGE_BYTES as u32 + 8,
                ..call
            },
        ),
        (
            "longest-length",
            CapError::Message,
            Sqe {
                len: u32::MAX,
                ..call
            },
        ),
        (
            "pipelined",
            CapError::Unsupported,
            Sqe {
                flags: 1 << 3,
                ..call
            },
        ),
        (
            "disclosing",
            CapError::Unsupported,
            Sqe {
                flags: 1 << 1,
                ..call
            },
        ),
    ];
    for (case, expected, sqe) in cases {
        must_be(console, case, expected, probe::entry(ring, sqe))?;
    }
    for (case, number) in [("system-call-2", 2), ("system-call-max", u64::MAX)] {
        must_be(
            console,
            case,
            CapError::Unsupported,
            system::system_call(number, 0, 0),
        )?;
    }
    must_be(
        console,
        "too-many-entries",
        CapError::Ring,
        probe::run_ahead(),
    )?;
    must_be(
        console,
        "completions-from-nowhere",
        CapError::Ring,
        probe::take_ahead(),
    )
}
