//! Does what its clients ask, so that they can show what passes between two programs.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_abi::CapError;
use capos_abi::generated::{CapExceptionType, CapExceptionWriter};
use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};
use capos_abi::wire::MessageWriter;
use capos_peer::{does, read, write};
use capos_rt::client::{Console, Endpoint, Interface, MemoryObject, MemoryReader};
use capos_rt::mapped::Mapped;
use capos_rt::ring::{Answer, Incoming};
use capos_rt::{Buffer, Cap, Env, Error, Once, Ring, say};

capos_rt::program!(run);

static MEMORY: Once<Buffer<1024>> = Once::new(Buffer::ZERO);

/// What it remembers from one call to the next.
#[derive(Default)]
struct State {
    kept: Option<u32>,
    held: Option<Cap<Ring>>,
    mapped: Option<Mapped>,
    small: bool,
}

/// What becomes of a call.
enum Outcome {
    Words([u64; 2]),
    /// Words and a capability that goes with them, itself or a copy.
    Cap([u64; 2], Cap<Ring>, bool),
    Raise,
    Nothing,
    End,
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let (Ok(endpoint), Some(memory)) = (env.take::<Endpoint>("peer"), MEMORY.take()) else {
        say!(console, "failed: needs the export \"peer\"");
        return 1;
    };
    let ring = env.transport();
    let mut state = State::default();
    loop {
        let small = core::mem::take(&mut state.small);
        // Room for a header and the two words, but for no record of a capability.
        let room = if small { 64 + 24 } else { memory.0.len() };
        let buffer = memory.0.get_mut(..room).unwrap_or(&mut []);
        let call = match ring.receive(endpoint.cap().id(), buffer) {
            Ok(call) => call,
            Err(CapError::Disconnected) => return 0,
            Err(error) if small => {
                say!(console, "small buffer: {}", error.name());
                continue;
            }
            Err(error) => {
                say!(console, "failed: {}", error.name());
                return 1;
            }
        };
        let id = call.call_id;
        let outcome = state.carry_out(ring, call);
        let answered = match outcome {
            Outcome::Words(words) => answer(ring, id, &write(words), None, false),
            Outcome::Cap(words, cap, moves) => {
                let flags = if moves { TRANSFER_MOVE } else { 0 };
                let answered = answer(ring, id, &write(words), Some((cap.id().0, flags)), false);
                // If it moved, its id is stale from here on. If the caller could not take it, it is
                // still here, for the next GIVE.
                state.held = Some(cap);
                match answered {
                    Err(error @ (CapError::Transfer | CapError::Revoked)) => {
                        answer(ring, id, &write([error.code() as u64, 0]), None, false)
                    }
                    answered => answered,
                }
            }
            Outcome::Raise => answer(ring, id, exception(&mut [0; 64]), None, true),
            Outcome::Nothing => Ok(()),
            Outcome::End => return 0,
        };
        // A caller that has gone, or cancelled, is not missed.
        if let Err(error) = answered
            && error != CapError::StaleCall
        {
            say!(console, "failed: return: {}", error.name());
            return 1;
        }
    }
}

fn answer(
    ring: Ring,
    call_id: u32,
    message: &[u8],
    cap: Option<(u32, u32)>,
    is_exception: bool,
) -> Result<(), CapError> {
    let transfers = cap.map(|(cap, flags)| TransferDescriptor {
        cap,
        flags,
        reserved: 0,
    });
    ring.answer(Answer {
        call_id,
        message,
        is_exception,
        transfers: transfers.as_slice(),
    })
}

fn exception(buffer: &mut [u8]) -> &[u8] {
    let mut message = MessageWriter::new(buffer);
    if let Ok(mut body) = CapExceptionWriter::root(&mut message) {
        body.set_type(CapExceptionType::Failed);
        let _ = body.set_reason("asked to");
    }
    message.finish()
}

impl State {
    fn carry_out(&mut self, ring: Ring, mut call: Incoming<'_, Ring>) -> Outcome {
        let words = read(call.payload).unwrap_or([0; 2]);
        let [first, second] = words;
        match call.method {
            does::ECHO => match call.caps.take(0) {
                Ok(cap) => Outcome::Cap(words, cap, true),
                Err(_) => Outcome::Words(words),
            },
            does::KEEP => {
                self.kept = Some(call.call_id);
                Outcome::Nothing
            }
            does::ANSWER_KEPT => {
                let kept = self.kept.take().unwrap_or(0);
                let held = self.held.as_ref().filter(|_| first != 0);
                let cap = held.map(|cap| (cap.id().0, TRANSFER_MOVE));
                code(answer(ring, kept, &write([7, 7]), cap, false))
            }
            does::END => Outcome::End,
            does::RAISE => Outcome::Raise,
            does::HOLD => {
                self.held = call.caps.take(0).ok();
                Outcome::Words([u64::from(self.held.is_some()), 0])
            }
            does::GIVE => match self.held.take() {
                Some(cap) => Outcome::Cap(words, cap, first != 0),
                None => Outcome::Words([0; 2]),
            },
            does::USE => self.use_held(first as u16, second),
            does::MAP => self.map(first != 0),
            does::SUM => {
                let load = |at| self.mapped.as_ref()?.load(at);
                let sum = (0..first as usize)
                    .filter_map(load)
                    .fold(0, u64::wrapping_add);
                Outcome::Words([0, sum])
            }
            does::STORE => {
                let done = self.mapped.as_ref();
                let done = done.is_some_and(|mapped| mapped.store(first as usize, second));
                Outcome::Words([u64::from(!done), 0])
            }
            does::SMALL => {
                self.small = true;
                Outcome::Words([0; 2])
            }
            does::DROP => {
                self.held = None;
                Outcome::Words([0; 2])
            }
            _ => Outcome::Raise,
        }
    }

    fn use_held(&mut self, method: u16, word: u64) -> Outcome {
        let Some(held) = &self.held else {
            return Outcome::Words([u64::MAX, 0]);
        };
        let mut results = Buffer::<512>::ZERO;
        let params = Buffer(write([word, 0]));
        match held.call(method, &params.0, &[], &mut results.0) {
            Ok(reply) => {
                let first = reply.payload.as_chunks::<8>().0.get(1);
                Outcome::Words([0, first.map_or(0, |bytes| u64::from_le_bytes(*bytes))])
            }
            Err(error) => Outcome::Words([number(&error), 0]),
        }
    }

    fn map(&mut self, writable: bool) -> Outcome {
        let Some(held) = self.held.take() else {
            return Outcome::Words([u64::MAX, 0]);
        };
        let (mapped, held) = if held.interface_id() == <MemoryReader as Interface<Ring>>::ID {
            let reader = MemoryReader::from_cap(held);
            (reader.map(), reader.into_cap())
        } else {
            let object = MemoryObject::from_cap(held);
            (object.map(writable), object.into_cap())
        };
        self.held = Some(held);
        match mapped {
            Ok(mapped) => {
                let address = mapped.address();
                self.mapped = Some(mapped);
                Outcome::Words([0, address])
            }
            Err(error) => Outcome::Words([number(&error), 0]),
        }
    }
}

fn code(result: Result<(), CapError>) -> Outcome {
    Outcome::Words([result.map_or_else(|error| error.code() as u64, |()| 0), 0])
}

/// An error as a number: its code, 1000 for an exception, 2000 for anything else.
fn number(error: &Error) -> u64 {
    match error {
        Error::Transport(error) => error.code() as u64,
        Error::Exception(_) => 1000,
        _ => 2000,
    }
}
