//! Console: one call, one line.

use capos_abi::generated::console::{derive, write_line};
use capos_abi::wire::MessageWriter;
use capos_abi::{CapError, limits};

use super::{EMPTY_RESULTS, Reply, Request, bad_message, invalid, no_room, nothing};
use crate::label::BadLabel;
use crate::ledger::Class;
use crate::object::Object;
use crate::system::{LabelPlace, Machine, System};

const DERIVE_RESULTS: usize = 16;

impl System {
    pub(super) fn console<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        match request.method() {
            write_line::METHOD => {
                let text =
                    write_line::ParamsReader::read(request.input).and_then(|params| params.text());
                let text = text.map_err(bad_message)?;
                if text.len() > limits::CONSOLE_LINE {
                    return invalid(output, "a line has at most 512 bytes");
                }
                request.needs(EMPTY_RESULTS, 0)?;
                let mut message = MessageWriter::new(output);
                write_line::ResultsWriter::root(&mut message).map_err(no_room)?;
                machine.print(self.labels.at(place).label.shown(), text);
                Ok(nothing(message))
            }
            derive::METHOD => {
                let name =
                    derive::ParamsReader::read(request.input).and_then(|params| params.label());
                let name = name.map_err(bad_message)?;
                request.needs(DERIVE_RESULTS, 1)?;
                self.derive(request, place, name, output)
            }
            _ => Err(CapError::BadMethod),
        }
    }

    fn derive(
        &mut self,
        request: &Request<'_>,
        place: u16,
        name: &str,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        let label = match self.labels.at(place).label.derive(name.as_bytes()) {
            Ok(label) => label,
            Err(BadLabel::Name) => {
                return invalid(output, "a label is [a-z0-9-]{1,24} and not kernel");
            }
            Err(BadLabel::TooLong) => return invalid(output, "a whole label has at most 80 bytes"),
        };
        if self.processes.at(request.process).table.room() == 0 {
            return Err(CapError::Quota);
        }
        let free = self
            .labels
            .find(|label| label.holders == 0)
            .ok_or(CapError::Quota)?;
        let mut message = MessageWriter::new(output);
        let mut results = derive::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_console(0).map_err(no_room)?;
        let payer = self.charge(request.process, Class::Labels)?;
        *self.labels.at_mut(free) = LabelPlace {
            label,
            holders: 1,
            payer,
        };
        Ok(request.one(message, Object::Console(free)))
    }
}
