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

/// A results message of one number.
#[inline]
pub(super) fn bits_message(bits: u64) -> Result<[u64; 2], WireError> {
    let mut output = [0; BITS_RESULTS];
    let mut message = MessageWriter::new(&mut output);
    wait::ResultsWriter::root(&mut message)?.set_bits(bits);
    let (words, _) = output.as_chunks();
    let word = |at: usize| words.get(at).map_or(0, |word| u64::from_ne_bytes(*word));
    Ok([word(0), word(1)])
}

impl System {
    /// Sets bits, and gives them to whoever waits for them: first come first served, each bit to one.
    #[inline(never)]
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
        let message = bits_message(bits).map(|words| words.map(u64::to_ne_bytes));
        let (process, address) = (waiter.ticket.process, waiter.results.address);
        match message {
            Ok(words)
                if machine
                    .write(process, address, words.as_flattened())
                    .is_ok() =>
            {
                Done::payload(BITS_RESULTS, 0)
            }
            _ => CapError::Buffer.into(),
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
