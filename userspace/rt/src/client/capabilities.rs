//! `CapabilityManager` and `Revoker`: what this program holds, and taking back what it gives.

use super::client;
use crate::cap::Cap;
use crate::error::Error;
use crate::transport::{Buffer, SmallBuffer, Transport};
use capos_abi::CapId;
use capos_abi::generated::capability_manager::{derive, list};
use capos_abi::generated::revoker::revoke;
use capos_abi::message::TransferDescriptor;
use capos_abi::wire::MessageWriter;

client! {
    /// Lists this program's capabilities and derives from them.
    CapabilityManager of capability_manager
}

client! {
    /// Takes back what was derived with it.
    Revoker of revoker
}

/// Memory for what one `list` shows.
pub type ListBuffer = Buffer<2048>;

/// One capability of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldCap<'a> {
    /// Its id.
    pub cap: CapId,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The interface of the object behind it.
    pub interface_id: u64,
    /// The interface's name; empty for a client facet.
    pub interface_name: &'a str,
}

impl<T: Transport> CapabilityManager<T> {
    /// Shows each of at most 32 capabilities from the `start`-th on; gives how many there are in all.
    pub fn list(
        &self,
        start: u32,
        buffer: &mut ListBuffer,
        mut show: impl FnMut(HeldCap<'_>),
    ) -> Result<u32, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        list::ParamsWriter::root(&mut message)?.set_start(start);
        let reply = self
            .0
            .call(list::METHOD, message.finish(), &[], &mut buffer.0)?;
        let found = list::ResultsReader::read(reply.payload)?;
        for cap in found.caps()?.iter() {
            show(HeldCap {
                cap: CapId(cap.cap()),
                revoked: cap.revoked(),
                interface_id: cap.interface_id(),
                interface_name: cap.interface_name()?,
            });
        }
        Ok(found.total())
    }

    /// A capability to the same object as `cap` that can be taken back, and what takes it back.
    pub fn derive(&self, cap: &Cap<T>) -> Result<(Cap<T>, Revoker<T>), Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        derive::ParamsWriter::root(&mut message)?.set_cap(0)?;
        let copy = TransferDescriptor {
            cap: cap.id().0,
            ..TransferDescriptor::default()
        };
        let mut results = SmallBuffer::ZERO;
        let mut reply = self
            .0
            .call(derive::METHOD, message.finish(), &[copy], &mut results.0)?;
        let made = derive::ResultsReader::read(reply.payload)?;
        let derived = reply.caps.take(made.derived()?)?;
        Ok((derived, reply.caps.take(made.revoker()?)?.typed()?))
    }
}

impl<T: Transport> Revoker<T> {
    /// Takes back the derived capability, its copies and all that was derived from them. Gives how
    /// many derivations that were.
    pub fn revoke(&self) -> Result<u32, Error> {
        let mut params = Buffer::<16>::ZERO;
        let mut message = MessageWriter::new(&mut params.0);
        revoke::ParamsWriter::root(&mut message)?;
        let mut results = SmallBuffer::ZERO;
        let reply = self
            .0
            .call(revoke::METHOD, message.finish(), &[], &mut results.0)?;
        Ok(revoke::ResultsReader::read(reply.payload)?.revoked())
    }
}
