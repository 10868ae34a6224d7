//! How one program asks the program `peer` to do something: two words there, two words back, and
//! perhaps a capability in either direction.
#![no_std]
#![deny(unsafe_code)]

use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};
use capos_abi::wire::WireError;
use capos_rt::{Buffer, Cap, Error, Ring};

/// What `peer` does, by method number.
pub mod does {
    /// Gives the words and the capabilities back.
    pub const ECHO: u16 = 0;
    /// Does not answer, and remembers the call.
    pub const KEEP: u16 = 1;
    /// Answers the call that it remembers: the result of that RETURN. With word 0 not zero, the held
    /// capability moves with it.
    pub const ANSWER_KEPT: u16 = 2;
    /// Ends without an answer.
    pub const END: u16 = 3;
    /// Raises an exception.
    pub const RAISE: u16 = 4;
    /// Holds the capability that comes with it.
    pub const HOLD: u16 = 5;
    /// Gives the held capability back: a copy, or with word 0 not zero itself.
    pub const GIVE: u16 = 6;
    /// Calls method word 0 of the held capability with word 1: the result and its first word.
    pub const USE: u16 = 7;
    /// Maps the held memory (for writing, if word 0 is not zero): the result.
    pub const MAP: u16 = 8;
    /// Adds up so many words of the mapped memory as word 0 says.
    pub const SUM: u16 = 9;
    /// Writes word 1 to word 0 of the mapped memory.
    pub const STORE: u16 = 10;
    /// Receives the next call with a buffer that is too small for a capability: the error.
    pub const SMALL: u16 = 11;
    /// Releases the held capability.
    pub const DROP: u16 = 12;
}

/// Bytes of each message: a root pointer and two words.
pub const MESSAGE: usize = 24;

/// Writes two words as a message.
pub fn write(words: [u64; 2]) -> [u8; MESSAGE] {
    let mut message = [0; MESSAGE];
    let all = [2 << 32, words[0], words[1]];
    let chunks = message.as_chunks_mut::<8>().0.iter_mut();
    chunks
        .zip(all)
        .for_each(|(to, word)| *to = word.to_le_bytes());
    message
}

/// Reads two words out of a message.
pub fn read(message: &[u8]) -> Option<[u64; 2]> {
    let (chunks, _) = message.as_chunks::<8>();
    let word = |at: usize| chunks.get(at).map(|bytes| u64::from_le_bytes(*bytes));
    Some([word(1)?, word(2)?])
}

/// A client of `peer`.
pub struct Peer(pub Cap<Ring>);

/// What goes with a question.
#[derive(Clone, Copy)]
pub enum With<'c> {
    /// Nothing.
    Nothing,
    /// A copy of a capability.
    Copy(&'c Cap<Ring>),
    /// A capability itself. It is the caller's again if the call fails.
    Move(&'c Cap<Ring>),
}

impl Peer {
    /// Asks for something; gives the two words, and the capability that came with them.
    pub fn ask(
        &self,
        what: u16,
        words: [u64; 2],
        with: With<'_>,
    ) -> Result<([u64; 2], Option<Cap<Ring>>), Error> {
        let describe = |cap: &Cap<Ring>, flags| TransferDescriptor {
            cap: cap.id().0,
            flags,
            reserved: 0,
        };
        let given = match with {
            With::Nothing => None,
            With::Copy(cap) => Some(describe(cap, 0)),
            With::Move(cap) => Some(describe(cap, TRANSFER_MOVE)),
        };
        let mut results = Buffer::<256>::ZERO;
        let params = Buffer(write(words));
        let mut reply = self
            .0
            .call(what, &params.0, given.as_slice(), &mut results.0)?;
        let answered = read(reply.payload).ok_or(Error::Message(WireError::Bounds))?;
        let cap = match reply.caps.is_empty() {
            true => None,
            false => Some(reply.caps.take(0)?),
        };
        Ok((answered, cap))
    }

    /// Asks for something that answers with an error code, as a positive number, or 0.
    pub fn code(&self, what: u16, words: [u64; 2], with: With<'_>) -> Result<u64, Error> {
        Ok(self.ask(what, words, with)?.0[0])
    }
}
