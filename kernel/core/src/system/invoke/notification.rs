//! NotificationFactory, Notification and Signaller.

use capos_abi::CapError;
use capos_abi::generated::notification::{poll, signal, wait};
use capos_abi::generated::notification_factory::create;
use capos_abi::generated::signaller;
use capos_abi::wire::MessageWriter;

use super::{EMPTY_RESULTS, Reply, Request, bad_message, no_room, nothing};
use crate::ledger::Class;
use crate::object::Object;
use crate::system::notification::{BITS_RESULTS, Notification, bits_message};
use crate::system::waiting::Waiter;
use crate::system::{Machine, System};

const CREATE_RESULTS: usize = 24;

impl System {
    pub(super) fn notification_factory(
        &mut self,
        request: &Request<'_>,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != create::METHOD {
            return Err(CapError::BadMethod);
        }
        create::ParamsReader::read(request.input).map_err(bad_message)?;
        request.needs(CREATE_RESULTS, 2)?;
        if self.processes.at(request.process).table.room() < 2 {
            return Err(CapError::Quota);
        }
        let free = self.notifications.find(|each| each.holders == 0);
        let place = free.ok_or(CapError::Quota)?;
        let mut message = MessageWriter::new(output);
        let mut results = create::ResultsWriter::root(&mut message).map_err(no_room)?;
        results.set_notification(0).map_err(no_room)?;
        results.set_signaller(1).map_err(no_room)?;
        let payer = self.charge(request.process, Class::Notifications)?;
        *self.notifications.at_mut(place) = Notification {
            holders: 2,
            payer,
            ..Notification::new()
        };
        let made = [Object::Notification(place), Object::Signaller(place)];
        Ok(Reply::Given(
            message.finish().len(),
            made.map(|object| request.held(object)),
        ))
    }

    #[inline(always)]
    pub(super) fn notification<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        match request.method() {
            poll::METHOD => {
                let params = poll::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(BITS_RESULTS, 0)?;
                let taken = self.notifications.at_mut(place).take(params.mask());
                Ok(Reply::Words(bits_message(taken).map_err(no_room)?))
            }
            wait::METHOD => {
                let params = wait::ParamsReader::read(request.input).map_err(bad_message)?;
                request.needs(BITS_RESULTS, 0)?;
                let notification = self.notifications.at_mut(place);
                let taken = notification.take(params.mask());
                if taken != 0 {
                    return Ok(Reply::Words(bits_message(taken).map_err(no_room)?));
                }
                let waiter = Waiter {
                    ticket: request.invocation.ticket(),
                    cap: request.invocation.entry.cap(),
                    results: request.invocation.entry.buffer(),
                };
                let waits = notification.waiters.push((waiter, params.mask()));
                waits.map_err(|_| CapError::Busy)?;
                Ok(Reply::Later)
            }
            signal::METHOD => {
                let params = signal::ParamsReader::read(request.input).map_err(bad_message)?;
                self.signal_by(machine, request, place, params.bits(), output)
            }
            _ => Err(CapError::BadMethod),
        }
    }

    pub(super) fn signaller<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        if request.method() != signaller::signal::METHOD {
            return Err(CapError::BadMethod);
        }
        let params = signaller::signal::ParamsReader::read(request.input).map_err(bad_message)?;
        self.signal_by(machine, request, place, params.bits(), output)
    }

    #[inline(always)]
    fn signal_by<M: Machine>(
        &mut self,
        machine: &mut M,
        request: &Request<'_>,
        place: u16,
        bits: u64,
        output: &mut [u8],
    ) -> Result<Reply, CapError> {
        request.needs(EMPTY_RESULTS, 0)?;
        let mut message = MessageWriter::new(output);
        signal::ResultsWriter::root(&mut message).map_err(no_room)?;
        self.signal(machine, place, bits);
        Ok(nothing(message))
    }
}
