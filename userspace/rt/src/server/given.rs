//! The capabilities that go with an answer.

use crate::cap::Cap;
use crate::error::Exception;
use crate::transport::Transport;
use capos_abi::generated::CapExceptionType;
use capos_abi::limits::TRANSFERS;
use capos_abi::message::{TRANSFER_MOVE, TransferDescriptor};

/// Collects the capabilities that go with an answer. What is moved belongs to the answer: if the
/// caller cannot take it, it is released.
pub struct Given<T: Transport> {
    list: [TransferDescriptor; TRANSFERS],
    moved: [Option<Cap<T>>; TRANSFERS],
    count: usize,
}

impl<T: Transport> Default for Given<T> {
    fn default() -> Self {
        Self {
            list: [TransferDescriptor::default(); TRANSFERS],
            moved: [const { None }; TRANSFERS],
            count: 0,
        }
    }
}

impl<T: Transport> Given<T> {
    /// Gives a capability away; what the results name it by. `Overloaded` with more than 8.
    pub fn give(&mut self, cap: Cap<T>) -> Result<u32, Exception> {
        let descriptor = TransferDescriptor {
            flags: TRANSFER_MOVE,
            ..cap.copied()
        };
        let place = self.moved.get_mut(self.count).ok_or_else(too_many)?;
        *place = Some(cap);
        self.add(descriptor)
    }

    /// Gives a copy of a capability, which has to be kept until the call is answered.
    pub fn copy(&mut self, cap: &Cap<T>) -> Result<u32, Exception> {
        self.add(cap.copied())
    }

    /// What goes with the answer, in the order in which it was given.
    pub fn transfers(&self) -> &[TransferDescriptor] {
        self.list.get(..self.count).unwrap_or(&[])
    }

    /// True if nothing was given.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, descriptor: TransferDescriptor) -> Result<u32, Exception> {
        let index = self.count;
        *self.list.get_mut(index).ok_or_else(too_many)? = descriptor;
        self.count = index.saturating_add(1);
        Ok(index as u32)
    }
}

#[cold]
fn too_many() -> Exception {
    Exception::new(
        CapExceptionType::Overloaded,
        "an answer carries at most 8 capabilities",
    )
}
