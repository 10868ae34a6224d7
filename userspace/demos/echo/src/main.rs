//! Answers every call with its own message: the least that a server can do.
//!
//! Method 0 gives the message back, and method 1 the message and the capability that came with it.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};
use capos_rt::client::{Console, Endpoint, Interface};
use capos_rt::ring::Answer;
use capos_rt::{Buffer, CapError, Env, Once, say};

capos_rt::program!(run);

/// Two halves, used in turns: while an answer is read out of one, the next call comes into the other.
static MEMORY: Once<[Buffer<1024>; 2]> = Once::new([Buffer::ZERO; 2]);

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let (Ok(endpoint), Some([one, two])) = (env.take::<Endpoint>("echo"), MEMORY.take()) else {
        say!(console, "failed: needs the export \"echo\"");
        return 1;
    };
    let ring = env.transport();
    let own = endpoint.cap().id();
    let (mut here, mut there) = (&mut one.0[..], &mut two.0[..]);
    let mut received = ring.receive(own, here).map(keep);
    loop {
        let call = match received {
            Ok(call) => call,
            Err(CapError::Disconnected) => return 0,
            Err(error) => {
                say!(console, "failed: {}", error.name());
                return 1;
            }
        };
        core::mem::swap(&mut here, &mut there);
        let given = call.cap.map(|cap| TransferDescriptor {
            cap,
            flags: TRANSFER_MOVE,
            reserved: 0,
        });
        let answer = Answer {
            call_id: call.id,
            message: there.get(64..64 + call.length).unwrap_or(&[]),
            is_exception: false,
            transfers: given.as_slice(),
        };
        received = ring.answer_and_receive(own, answer, here).map(keep);
    }
}

/// What is left of a call when its memory is used for the answer.
struct Kept {
    id: u32,
    length: usize,
    cap: Option<u32>,
}

fn keep(mut call: capos_rt::ring::Incoming<'_, capos_rt::Ring>) -> Kept {
    let cap = if call.caps.is_empty() {
        None
    } else {
        call.caps.take(0).ok()
    };
    Kept {
        id: call.call_id,
        length: call.payload.len(),
        cap: cap.map(|cap| cap.into_id().0),
    }
}
