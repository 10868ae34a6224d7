//! The seam between typed clients and what carries their calls.

use crate::cap::Cap;
use crate::client::Interface;
use crate::error::Error;
use capos_abi::CapId;
use capos_abi::message::{CapRecord, RECORD_BYTES, TransferDescriptor};

/// A call on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The capability that is called.
    pub cap: CapId,
    /// The method's number.
    pub method: u16,
    /// The parameters, a whole message.
    pub params: &'a [u8],
    /// The capabilities that go with it; `params` names them by their place here.
    pub transfers: &'a [TransferDescriptor],
}

/// Carries calls to capabilities.
pub trait Transport: Copy {
    /// Calls and waits for the answer, which is written into `results`.
    fn call<'r>(self, call: Call<'_>, results: &'r mut [u8]) -> Result<Reply<'r, Self>, Error>;

    /// Gives a capability up. There is nothing to be done about a failure.
    fn release(self, cap: CapId);
}

/// An answer: a message and the capabilities that came with it.
pub struct Reply<'r, T: Transport> {
    /// The results, a whole message.
    pub payload: &'r [u8],
    /// The capabilities, named in `payload` by their place.
    pub caps: Received<'r, T>,
}

/// Capabilities that came with a message. Those that nobody takes are released, so that no sender can
/// fill the receiver's table.
pub struct Received<'r, T: Transport> {
    records: &'r [[u8; RECORD_BYTES]],
    taken: u32,
    transport: T,
}

impl<'r, T: Transport> Received<'r, T> {
    /// The capabilities that `records` list.
    #[inline]
    pub fn new(records: &'r [[u8; RECORD_BYTES]], transport: T) -> Self {
        Self {
            records,
            taken: 0,
            transport,
        }
    }

    /// How many came.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True if none came.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Takes the capability at `index`, which the message names; each can be taken once.
    pub fn take(&mut self, index: u32) -> Result<Cap<T>, Error> {
        let bit = 1_u32.checked_shl(index).ok_or(Error::Capability)?;
        let record = self.records.get(index as usize).ok_or(Error::Capability)?;
        if self.taken & bit != 0 {
            return Err(Error::Capability);
        }
        self.taken |= bit;
        let record = CapRecord::from_bytes(record);
        Ok(Cap::new(
            CapId(record.cap),
            record.interface_id,
            self.transport,
        ))
    }

    /// The same as a client of its interface; an error where it has another one.
    pub fn client<I: Interface<T>>(&mut self, index: u32) -> Result<I, Error> {
        self.take(index)?.typed()
    }
}

impl<T: Transport> Drop for Received<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Most answers bring none, and are done with here.
        if !self.records.is_empty() {
            release_others(self.transport, self.records, self.taken);
        }
    }
}

/// Releases the capabilities of a message that nobody took.
#[inline(never)]
fn release_others<T: Transport>(transport: T, records: &[[u8; RECORD_BYTES]], taken: u32) {
    for (index, record) in records.iter().enumerate() {
        if taken & (1 << index) == 0 {
            transport.release(CapId(CapRecord::from_bytes(record).cap));
        }
    }
}

/// Memory for a message, aligned to its words.
#[repr(C, align(8))]
pub struct Buffer<const BYTES: usize>(pub [u8; BYTES]);

impl<const BYTES: usize> Buffer<BYTES> {
    /// Zeros; in a static they cost no byte of the file.
    pub const ZERO: Self = Self([0; BYTES]);

    /// Zeros, for memory that is needed in one place only.
    #[inline]
    pub const fn zeroed() -> Self {
        Self::ZERO
    }
}

/// Memory for any message that has no more than 32 KiB of data in it, and for its capabilities.
pub type LargeBuffer = Buffer<{ 33 * 1024 }>;

/// Memory for the fixed parts and short texts of a message.
pub type SmallBuffer = Buffer<512>;
