//! CapabilityManager and Revoker: what a program holds, and taking back what it gives.

use capos_abi::CapError;
use capos_abi::generated::capability_manager::{derive, list};
use capos_abi::generated::revoker::revoke;
use capos_abi::wire::MessageWriter;

use super::{Reply, Request, bad_message, no_room};
use crate::captable::Held;
use crate::ledger::Class;
use crate::object::Object;
use crate::system::places::count;
use crate::system::{Machine, System};

/// Capabilities that one `list` shows.
const SHOWN: usize = 32;
/// Root pointer, a word and a pointer; the list's tag; for each two words, a pointer and a name of
/// at most 24 bytes.
const LIST_RESULTS: usize = 8 * (3 + 1 + SHOWN * (3 + 3));
const DERIVE_RESULTS: usize = 24;
const REVOKE_RESULTS: usize = 16;

impl System {
    pub(super) fn capability_manager<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        match request.method() {
            list::METHOD => {
                let params = list::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(LIST_RESULTS, 0)?;
                self.list(request, params.start() as usize, output)
            }
            derive::METHOD => {
                let params = derive::ParamsReader::read(request.input).map_err(bad_message)?;
                let index = params.cap().map_err(bad_message)?;
                request.needs(DERIVE_RESULTS, 2)?;
                self.derive_cap(machine, request, index as usize, output)
            }
            _ => Err(CapError::BadMethod),
        }
    }

    fn list(
        &self,
        request: &Request<'_>,
        start: usize,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        let table = &self.processes.at(request.process).table;
        let shown = || table.each().skip(start).take(SHOWN);
        let mut message = MessageWriter::new(output);
        let mut results = list::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_total(table.len() as u32);
        let mut caps = results.init_caps(count(shown())).map_err(no_room)?;
        for (place, (id, held)) in (0..SHOWN).zip(shown()) {
            let mut cap = caps.get(place).map_err(no_room)?;
            cap.set_cap(id.0);
            cap.set_revoked(self.revocation.is_revoked(held.node));
            cap.set_interface_id(self.interface_of(held.object));
            cap.set_interface_name(held.object.interface_name())
                .map_err(no_room)?;
        }
        Ok(Reply::Results(message.finish().len()))
    }

    /// Derives from a capability of the transfer list, which stays with the caller, also if it was to
    /// move.
    fn derive_cap<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        index: usize,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        let transfers = self.transfers(
            machine,
            request.process,
            &request.invocation.entry.outgoing(),
        )?;
        let source = transfers.get(index).ok_or(CapError::Message)?.held;
        if self.processes.at(request.process).table.room() < 2 {
            return Err(CapError::Quota);
        }
        let mut message = MessageWriter::new(output);
        let mut results = derive::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_derived(0).map_err(no_room)?;
        results.set_revoker(1).map_err(no_room)?;
        let payer = self.charge(request.process, Class::Derivations)?;
        // Its one holder is the revoker; the derived capability counts when it is in the table.
        let node = match self.new_node(source.node, payer) {
            Ok(node) => node,
            Err(error) => {
                self.give_back(payer, Class::Derivations);
                return Err(error);
            }
        };
        // One holder more of the object itself.
        self.retain(Held::root(source.object));
        let derived = Held { node, ..source };
        let revoker = request.held(Object::Revoker(node));
        Ok(Reply::Given(message.finish().len(), [derived, revoker]))
    }

    pub(super) fn revoker<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        node: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != revoke::METHOD {
            return Err(CapError::BadMethod);
        }
        revoke::ParamsReader::read(request.input).map_err(bad_message)?;
        request.needs(REVOKE_RESULTS, 0)?;
        let mut message = MessageWriter::new(output);
        let mut results = revoke::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_revoked(self.revoke(machine, node));
        Ok(Reply::Results(message.finish().len()))
    }
}
