//! Notifications: bits that are set by one and taken by another.

use capos_abi::CapError;
use capos_abi::generated::notification::wait;
use capos_abi::wire::{MessageWriter, WireError};

use super::ring::Done;
use super::waiting::Waiter;
use super::{Machine, Payer, System};
use crate::fifo::Fifo;
use crate::ledger::Class;

/// Entries that may wait for one notification.
pub(super) const NOTIFICATION_WAITERS: usize = 8;
/// Bytes of a results message with one number.
pub(super) const BITS_RESULTS: usize = 16;

/// A notification.
pub(super) struct Notification {
    /// Bits that were signalled and not taken.
    pub bits: u64,
    /// Capabilities that name it.
    pub holders: u32,
    /// Who waits, in the order in which they came, and for which bits.
    pub waiters: Fifo<(Waiter, u64), NOTIFICATION_WAITERS>,
    pub payer: Payer,
}

impl Notification {
    pub const fn new() -> Self {
        Self {
            bits: 0,
            holders: 0,
            waiters: Fifo::new((Waiter::NOBODY, 0)),
            payer: Payer::NOBODY,
        }
    }

    /// Takes the bits of a mask that are set.
    pub fn take(&mut self, mask: u64) -> u64 {
        let taken = self.bits & mask;
        self.bits &= !taken;
        taken
    }
}

/// Writes a results message of one number; gives its length.
#[inline]
pub(super) fn write_bits(output: &mut [u8], bits: u64) -> Result<usize, WireError> {
    let mut message = MessageWriter::new(output);
    wait::ResultsWriter::root(&mut message)?.set_bits(bits);
    Ok(message.finish().len())
}

impl System {
    /// Sets bits, and gives them to whoever waits for them: first come first served, each bit to one.
    pub(super) fn signal<M: Machine>(&mut self, machine: &mut M, place: u16, bits: u64) {
        let notification = self.notifications.at_mut(place);
        notification.bits |= bits;
        for _ in 0..notification.waiters.len() {
            let notification = self.notifications.at_mut(place);
            let Some((waiter, mask)) = notification.waiters.pop() else {
                return;
            };
            if notification.bits & mask == 0 {
                // What was just taken out leaves room.
                let _ = notification.waiters.push((waiter, mask));
                continue;
            }
            let taken = notification.bits & mask;
            let done = self.deliver_bits(machine, &waiter, taken);
            if done.result >= 0 {
                self.notifications.at_mut(place).take(taken);
            }
            self.complete(machine, waiter.ticket, done);
        }
    }

    /// Writes the bits to where a waiter wants them. Where that is not possible, nothing is taken.
    fn deliver_bits<M: Machine>(&self, machine: &mut M, waiter: &Waiter, bits: u64) -> Done {
        let mut output = [0; BITS_RESULTS];
        let process = waiter.ticket.process;
        let len = write_bits(&mut output, bits).unwrap_or(0);
        let written = machine.write(process, waiter.results.address, &output);
        if written.is_ok() && len == output.len() {
            Done::payload(len, 0)
        } else {
            CapError::Buffer.into()
        }
    }

    /// One capability less that names a notification.
    pub(super) fn drop_notification(&mut self, place: u16) {
        let notification = self.notifications.at_mut(place);
        notification.holders = notification.holders.saturating_sub(1);
        if notification.holders == 0 {
            let payer = notification.payer;
            *notification = Notification::new();
            self.give_back(payer, Class::Notifications);
        }
    }
}
