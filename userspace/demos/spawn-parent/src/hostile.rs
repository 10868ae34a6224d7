//! Spawns that must be refused, each for its own reason, and leave nothing behind.

use crate::Failure;
use crate::children::start;
use capos_abi::generated::CapExceptionType;
use capos_abi::generated::process_handle::wait;
use capos_abi::generated::process_spawner::spawn;
use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};
use capos_abi::wire::{MessageWriter, WireError};
use capos_rt::client::{Console, Interface, ProcessSpawner};
use capos_rt::ring::CallMemory;
use capos_rt::transport::{Call, LargeBuffer, SmallBuffer};
use capos_rt::{CapError, Error, Once, Transport, say};

static MESSAGE: Once<LargeBuffer> = Once::new(LargeBuffer::ZERO);
/// How often a child may end before its second waiter comes.
const ATTEMPTS: usize = 8;
static WAITS: [Once<CallMemory>; ATTEMPTS] = [const { Once::new(CallMemory::ZERO) }; ATTEMPTS];

/// A spawn request; what is not said is a sound one.
#[derive(Clone, Copy)]
struct Request<'a> {
    case: &'static str,
    binary: &'a str,
    args: &'a [&'a str],
    /// Names, and places in the transfer list.
    grants: &'a [(&'a str, u32)],
    transfers: &'a [TransferDescriptor],
    expected: Refusal,
}

/// How a request must be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Invalid,
    Code(CapError),
}

impl Refusal {
    fn is(self, error: &Error) -> bool {
        match (self, error) {
            (Refusal::Invalid, Error::Exception(exception)) => {
                exception.kind == CapExceptionType::InvalidArgument
            }
            (Refusal::Code(code), Error::Transport(error)) => code == *error,
            _ => false,
        }
    }
}

const NAME_33: &str = "a-name-of-thirty-three-characters";
const TEXT_300: &str = match core::str::from_utf8(&[b'x'; 300]) {
    Ok(text) => text,
    Err(_) => "",
};

/// Asks for everything that must be refused.
pub fn run(console: &Console, spawner: &ProcessSpawner) -> Result<(), Failure> {
    let Some(memory) = MESSAGE.take() else {
        return Ok(());
    };
    let mut attempt = Attempt {
        console,
        spawner,
        memory,
    };
    let stale = {
        let lost = console
            .derive("lost")
            .map_err(|error| Failure::Call("derive", error))?;
        lost.cap().id().0
    };
    let copy = |cap: u32| TransferDescriptor {
        cap,
        flags: 0,
        reserved: 0,
    };
    let own = copy(console.cap().id().0);
    let moved = TransferDescriptor {
        flags: TRANSFER_MOVE,
        ..own
    };
    let sound = Request {
        case: "",
        binary: "spawn-child",
        args: &[],
        grants: &[],
        transfers: &[],
        expected: Refusal::Invalid,
    };
    let nine = [
        ("a", 0),
        ("b", 1),
        ("c", 2),
        ("d", 3),
        ("e", 4),
        ("f", 5),
        ("g", 6),
        ("h", 7),
        ("i", 0),
    ];
    let transfer = Refusal::Code(CapError::Transfer);
    for request in [
        Request {
            case: "unknown-binary",
            binary: "no-such-program",
            ..sound
        },
        Request {
            case: "empty-binary",
            binary: "",
            ..sound
        },
        Request {
            case: "long-binary",
            binary: TEXT_300,
            ..sound
        },
        Request {
            case: "many-args",
            args: &["x"; 17],
            ..sound
        },
        Request {
            case: "long-args",
            args: &[TEXT_300; 16],
            ..sound
        },
        Request {
            case: "empty-name",
            grants: &[("", 0)],
            transfers: &[own],
            ..sound
        },
        Request {
            case: "long-name",
            grants: &[(NAME_33, 0)],
            transfers: &[own],
            ..sound
        },
        Request {
            case: "bad-name",
            grants: &[("A b", 0)],
            transfers: &[own],
            ..sound
        },
        Request {
            case: "one-name-twice",
            grants: &[("a", 0), ("a", 1)],
            transfers: &[own; 2],
            ..sound
        },
        Request {
            case: "one-capability-twice",
            grants: &[("a", 0), ("b", 0)],
            transfers: &[own],
            ..sound
        },
        Request {
            case: "nine-grants",
            grants: &nine,
            transfers: &[own; 8],
            ..sound
        },
        Request {
            case: "guessed-capability",
            transfers: &[copy(0x0040_1099)],
            expected: transfer,
            ..sound
        },
        Request {
            case: "no-capability",
            transfers: &[copy(0)],
            expected: transfer,
            ..sound
        },
        Request {
            case: "stale-capability",
            transfers: &[copy(stale)],
            expected: transfer,
            ..sound
        },
        Request {
            case: "moved-twice",
            transfers: &[moved, moved],
            expected: transfer,
            ..sound
        },
        Request {
            case: "unknown-flag",
            transfers: &[TransferDescriptor { flags: 2, ..own }],
            expected: transfer,
            ..sound
        },
        Request {
            case: "reserved-field",
            transfers: &[TransferDescriptor { reserved: 1, ..own }],
            expected: transfer,
            ..sound
        },
        Request {
            case: "capability-beyond-list",
            grants: &[("a", 1)],
            transfers: &[own],
            expected: Refusal::Code(CapError::Message),
            ..sound
        },
    ] {
        attempt.request(&request)?;
    }
    attempt.messages()?;
    attempt.handles()
}

struct Attempt<'a> {
    console: &'a Console,
    spawner: &'a ProcessSpawner,
    memory: &'static mut LargeBuffer,
}

impl Attempt<'_> {
    fn request(&mut self, request: &Request<'_>) -> Result<(), Failure> {
        let message = encode(request, &mut self.memory.0)
            .map_err(|error| Failure::Call("encode", Error::Message(error)))?;
        let mut results = SmallBuffer::ZERO;
        let reply =
            self.spawner
                .cap()
                .call(spawn::METHOD, message, request.transfers, &mut results.0);
        must_refuse(
            self.console,
            request.case,
            request.expected,
            reply.map(|_| ()),
        )
    }

    /// Messages that are none, and buffers that do not do.
    fn messages(&mut self) -> Result<(), Failure> {
        let refused = Refusal::Code(CapError::Message);
        let raw: [(&'static str, &[u8]); 5] = [
            ("no-message", &[]),
            ("half-a-word", &[0; 12]),
            ("pointer-outside", &[0xfc, 0xff, 0xff, 0x1f, 1, 0, 1, 0]),
            ("far-pointer", &[2, 0, 0, 0, 0, 0, 0, 0]),
            ("garbage", &[0xa5; 64]),
        ];
        for (case, message) in raw {
            let mut results = SmallBuffer::ZERO;
            let reply = self
                .spawner
                .cap()
                .call(spawn::METHOD, message, &[], &mut results.0);
            must_refuse(self.console, case, refused, reply.map(|_| ()))?;
        }
        let message = &[0; 8];
        let reply = self
            .spawner
            .cap()
            .call(spawn::METHOD, message, &[], &mut []);
        must_refuse(
            self.console,
            "no-room",
            Refusal::Code(CapError::Buffer),
            reply.map(|_| ()),
        )?;
        let mut results = SmallBuffer::ZERO;
        let reply = self.spawner.cap().call(1, message, &[], &mut results.0);
        must_refuse(
            self.console,
            "no-method",
            Refusal::Code(CapError::BadMethod),
            reply.map(|_| ()),
        )
    }

    /// What a handle must not do.
    fn handles(&mut self) -> Result<(), Failure> {
        let mut second = Ok(());
        // A child that was so quick that there was nothing left to wait for shows nothing.
        for memory in WAITS.iter().filter_map(Once::take) {
            second = self.wait_twice(memory)?;
            if second.is_err() {
                break;
            }
        }
        must_refuse(
            self.console,
            "second-waiter",
            Refusal::Code(CapError::Busy),
            second,
        )?;
        let failed = |error| Failure::Call("handle", error);
        let handle = start(self.spawner, "exit=4", None).map_err(failed)?;
        for _again in 0..2 {
            if !handle.wait().map_err(failed)?.is_exit(4) {
                return Err(Failure::Ended("a child that was waited for twice"));
            }
        }
        let (ring, cap) = (handle.cap().transport(), handle.cap().id());
        drop(handle);
        let call = Call {
            cap,
            method: wait::METHOD,
            params: &[0; 8],
            transfers: &[],
        };
        let mut results = SmallBuffer::ZERO;
        let stale = ring.call(call, &mut results.0).map(|_| ());
        must_refuse(
            self.console,
            "stale-handle",
            Refusal::Code(CapError::BadCap),
            stale,
        )
    }

    /// Waits for a child with two entries of one ring; what became of the second.
    fn wait_twice(&self, memory: &'static mut CallMemory) -> Result<Result<(), Error>, Failure> {
        let failed = |error| Failure::Call("second waiter", error);
        let handle = start(self.spawner, "exit=4", None).map_err(failed)?;
        let ring = handle.cap().transport();
        let first = ring
            .start(handle.cap().id(), wait::METHOD, &[0; 8], memory)
            .map_err(failed)?;
        let second = handle.wait().map(|_| ());
        first.wait().map_err(failed)?;
        Ok(second)
    }
}

fn encode<'b>(request: &Request<'_>, buffer: &'b mut [u8]) -> Result<&'b [u8], WireError> {
    let mut message = MessageWriter::new(buffer);
    let mut params = spawn::ParamsWriter::root(&mut message)?;
    params.set_binary(request.binary)?;
    let mut args = params.init_args(request.args.len())?;
    for (index, arg) in request.args.iter().enumerate() {
        args.set_text(index, arg)?;
    }
    let mut grants = params.init_grants(request.grants.len())?;
    for (index, (name, cap)) in request.grants.iter().enumerate() {
        let mut grant = grants.get(index)?;
        grant.set_name(name)?;
        grant.set_cap(*cap)?;
    }
    Ok(message.finish())
}

fn must_refuse(
    console: &Console,
    case: &'static str,
    expected: Refusal,
    result: Result<(), Error>,
) -> Result<(), Failure> {
    match result {
        Ok(()) => Err(Failure::Accepted(case)),
        Err(error) if expected.is(&error) => {
            say!(console, "refused {case}: {error}");
            Ok(())
        }
        Err(error) => Err(Failure::Refused(case, error)),
    }
}
