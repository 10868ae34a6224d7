//! Puts an object into the store and commits; on a later boot finds it there and reads it back.
//!
//! Arguments: `bytes=<n>`, the object's length (4096 if not given); `objects=<n>`, how many it puts and commits together
//! (1 if not given); `variant=wrong-object` reads back another object than the one it reported, so that a proof can show
//! that it notices.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![deny(unsafe_code)]

use capos_abi::generated::{CommitResultWhich, GetResultWhich, PutResultWhich};
use capos_core::freshness::Hex;
use capos_core::sha256;
use capos_rt::client::{Console, Store};
use capos_rt::transport::{LargeBuffer, SmallBuffer};
use capos_rt::{Env, Error, Once, say};
use core::fmt;

capos_rt::program!(run);

/// A little more than the largest object, so that a store can be seen to refuse one.
const ROOM: usize = 33 * 1024 - 256;

static OBJECT: Once<[u8; ROOM]> = Once::new([0; ROOM]);
static BUFFER: Once<LargeBuffer> = Once::new(LargeBuffer::ZERO);

enum Failure {
    Call(&'static str, Error),
    Answer(&'static str, &'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Call(what, error) => write!(out, "{what}: {error:#}"),
            Failure::Answer(what, why) => write!(out, "{what}: {why}"),
        }
    }
}

/// The client and the memory that it works in.
struct Client {
    console: Console,
    store: Store,
    object: &'static mut [u8],
    buffer: &'static mut LargeBuffer,
    /// Objects that are committed together.
    objects: u64,
}

fn run(env: Env) -> i32 {
    let Ok(console) = env.take::<Console>("console") else {
        return 2;
    };
    let (store, object, buffer) = (env.take::<Store>("store"), OBJECT.take(), BUFFER.take());
    let (length, objects) = (number(&env, "bytes", 4096), number(&env, "objects", 1));
    let object = object
        .zip(length)
        .and_then(|(object, length)| object.get_mut(..length));
    let (Ok(store), Some(object), Some(buffer), Some(objects)) = (store, object, buffer, objects)
    else {
        say!(
            console,
            "failed: needs a store, bytes=<n> of at most {ROOM}, and objects=<n>"
        );
        return 1;
    };
    let wrong = env
        .arg("variant")
        .is_some_and(|variant| variant == b"wrong-object");
    let mut client = Client {
        console,
        store,
        object,
        buffer,
        objects: objects as u64,
    };
    match client.run(wrong) {
        Ok(()) => 0,
        Err(failure) => {
            say!(client.console, "failed: {failure}");
            1
        }
    }
}

/// An argument that is a number; `None` where it is something else.
fn number(env: &Env, name: &str, otherwise: usize) -> Option<usize> {
    match env.arg(name) {
        Some(text) => core::str::from_utf8(text).ok()?.parse().ok(),
        None => Some(otherwise),
    }
}

impl Client {
    fn run(&mut self, wrong: bool) -> Result<(), Failure> {
        let digest = self.make(1);
        let there = self
            .store
            .has(&digest)
            .map_err(|error| Failure::Call("has", error))?;
        if there {
            let wanted = if wrong { self.make(2) } else { digest };
            return self.get(&wanted);
        }
        if wrong {
            let other = self.make(2);
            self.put(&other)?;
            self.make(1);
        }
        // Seeds 1 and 2 are of the object itself and of the wrong one.
        for seed in 3..self.objects.saturating_add(2) {
            let other = self.make(seed);
            self.put(&other)?;
        }
        self.make(1);
        self.put(&digest)?;
        say!(
            self.console,
            "put sha256={} bytes={}",
            Hex(&digest),
            self.object.len()
        );
        self.commit()?;
        say!(self.console, "committed");
        Ok(())
    }

    /// Fills the object with bytes that follow from `seed`, and returns its digest.
    fn make(&mut self, seed: u64) -> [u8; 32] {
        let mut state = seed;
        for byte in self.object.iter_mut() {
            state = state
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x1405_7b7e_f767_814f);
            *byte = (state >> 56) as u8;
        }
        sha256::digest(self.object)
    }

    /// Puts the object; the store must name it as we do.
    fn put(&mut self, digest: &[u8; 32]) -> Result<(), Failure> {
        let mut results = SmallBuffer::ZERO;
        let put = self.store.put(self.object, self.buffer, &mut results);
        match put.map_err(|error| Failure::Call("put", error))? {
            PutResultWhich::Digest(found) if found == digest => Ok(()),
            PutResultWhich::Digest(_) => Err(Failure::Answer("put", "another digest")),
            PutResultWhich::Full => Err(Failure::Answer("put", "full")),
            PutResultWhich::TooLarge => Err(Failure::Answer("put", "too large")),
        }
    }

    fn commit(&self) -> Result<(), Failure> {
        let mut results = SmallBuffer::ZERO;
        let commit = self.store.commit(&mut results);
        match commit.map_err(|error| Failure::Call("commit", error))? {
            CommitResultWhich::Generation(_) => Ok(()),
            CommitResultWhich::Failed(_) => Err(Failure::Answer("commit", "failed")),
        }
    }

    /// Reads an object back and computes its digest from the bytes that came.
    fn get(&mut self, digest: &[u8; 32]) -> Result<(), Failure> {
        let got = self.store.get(digest, self.buffer);
        let data = match got.map_err(|error| Failure::Call("get", error))? {
            GetResultWhich::Data(data) => data,
            GetResultWhich::NotFound => return Err(Failure::Answer("get", "not found")),
            GetResultWhich::Corrupt => return Err(Failure::Answer("get", "corrupt")),
        };
        let found = sha256::digest(data);
        say!(
            self.console,
            "got sha256={} bytes={}",
            Hex(&found),
            data.len()
        );
        if found != *digest {
            return Err(Failure::Answer("get", "other bytes than asked for"));
        }
        Ok(())
    }
}
