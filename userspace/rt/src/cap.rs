//! A capability that this program holds.

use crate::client::Interface;
use crate::error::Error;
use crate::transport::{Call, Reply, Transport};
use capos_abi::CapId;
use capos_abi::message::TransferDescriptor;
use core::mem::ManuallyDrop;

/// Owns a capability of the table: dropping it releases the capability.
pub struct Cap<T: Transport> {
    id: CapId,
    interface_id: u64,
    transport: T,
}

impl<T: Transport> Cap<T> {
    /// Takes charge of a capability.
    pub fn new(id: CapId, interface_id: u64, transport: T) -> Self {
        Self {
            id,
            interface_id,
            transport,
        }
    }

    /// The capability's id, which stays valid as long as this value lives.
    #[inline]
    pub fn id(&self) -> CapId {
        self.id
    }

    /// The interface of the object behind it, as the kernel gave it.
    pub fn interface_id(&self) -> u64 {
        self.interface_id
    }

    /// What carries its calls.
    pub fn transport(&self) -> T {
        self.transport
    }

    /// How a message carries a copy of it.
    pub fn copied(&self) -> TransferDescriptor {
        TransferDescriptor {
            cap: self.id.0,
            ..TransferDescriptor::default()
        }
    }

    /// Leaves the table entry alone: it was moved away, or never belonged to this value.
    pub fn into_id(self) -> CapId {
        ManuallyDrop::new(self).id
    }

    /// A client of this capability's interface. An error where it has another one.
    pub fn typed<I: Interface<T>>(self) -> Result<I, Error> {
        if self.interface_id == I::ID {
            Ok(I::from_cap(self))
        } else {
            Err(Error::Capability)
        }
    }

    /// Calls a method and waits for its results.
    #[inline]
    pub fn call<'r>(
        &self,
        method: u16,
        params: &[u8],
        transfers: &[TransferDescriptor],
        results: &'r mut [u8],
    ) -> Result<Reply<'r, T>, Error> {
        self.transport.call(
            Call {
                cap: self.id,
                method,
                params,
                transfers,
            },
            results,
        )
    }
}

impl<T: Transport> Drop for Cap<T> {
    fn drop(&mut self) {
        self.transport.release(self.id);
    }
}
