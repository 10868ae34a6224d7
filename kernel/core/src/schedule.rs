//! Which thread a processor runs next: round robin, in the order in which threads became ready.

use crate::fifo::Fifo;
use crate::system::{THREADS, ThreadId};

/// One processor's threads: the running one and those that are ready.
pub struct Schedule {
    current: Option<ThreadId>,
    /// Runs when the current one stops, before those that are ready: it was waiting for what the
    /// current one has done.
    next: Option<ThreadId>,
    ready: Fifo<ThreadId, THREADS>,
    /// When the current one has had its share; `None` while nobody else has asked for the processor.
    share_ends: Option<u64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new()
    }
}

impl Schedule {
    /// Nothing runs.
    pub const fn new() -> Self {
        Self {
            current: None,
            next: None,
            ready: Fifo::new(0),
            share_ends: None,
        }
    }

    /// The running thread.
    #[inline]
    pub fn current(&self) -> Option<ThreadId> {
        self.current
    }

    /// Whether a thread waits for the processor.
    #[inline]
    pub fn is_contended(&self) -> bool {
        self.next.is_some() || !self.ready.is_empty()
    }

    /// A thread became ready by what the current one did: where that one stops, it goes on at once.
    /// It runs within the time of the current one, which ends for both together.
    #[inline]
    pub fn hand_over(&mut self, thread: ThreadId) {
        if self.next.is_none() {
            self.next = Some(thread);
        } else {
            self.wake(thread);
        }
    }

    /// A thread became ready. There is room: each thread is in the queue at most once.
    #[inline]
    pub fn wake(&mut self, thread: ThreadId) {
        let _ = self.ready.push(thread);
    }

    /// The running thread waits from here on.
    #[inline]
    pub fn block(&mut self) {
        self.current = None;
    }

    /// When the share of the current thread ends; it begins when somebody else first asks for the
    /// processor. Times are nanoseconds.
    pub fn share_ends(&mut self, now: u64, share: u64) -> u64 {
        *self.share_ends.get_or_insert(now.saturating_add(share))
    }

    /// Time has passed: the current thread makes room if its share has ended. That a thread wakes
    /// is no reason yet, or one that sleeps for a moment again and again would leave no time to
    /// anybody.
    pub fn tick(&mut self, now: u64) {
        if self.share_ends.is_some_and(|end| end <= now) {
            self.preempt();
        }
    }

    /// The running thread had its share, and whoever it would hand over to with it.
    pub fn preempt(&mut self) {
        for thread in [self.current.take(), self.next.take()]
            .into_iter()
            .flatten()
        {
            self.wake(thread);
        }
    }

    /// A thread has gone.
    pub fn forget(&mut self, thread: ThreadId) {
        self.ready.retain(|ready| *ready != thread);
        if self.next == Some(thread) {
            self.next = None;
        }
        if self.current == Some(thread) {
            self.current = None;
        }
    }

    /// The thread to run: the current one goes on, else the first ready one starts.
    #[inline]
    pub fn pick(&mut self) -> Option<ThreadId> {
        if self.current.is_none() {
            self.current = match self.next.take() {
                None => {
                    self.share_ends = None;
                    self.ready.pop()
                }
                next => next,
            };
        }
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn threads_take_turns() {
        let mut schedule = Schedule::new();
        assert_eq!(schedule.pick(), None);
        (1..=3).for_each(|thread| schedule.wake(thread));
        let turns: Vec<_> = (0..6)
            .map(|_| {
                let thread = schedule.pick();
                schedule.preempt();
                thread.unwrap()
            })
            .collect();
        assert_eq!(turns, [1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn a_pair_that_hands_over_does_not_keep_others_waiting_for_ever() {
        let mut schedule = Schedule::new();
        (1..=3).for_each(|thread| schedule.wake(thread));
        assert_eq!(schedule.pick(), Some(1));
        // 1 and 4 hand over to each other until the time is up.
        for (runs, other) in [(1, 4), (4, 1), (1, 4)] {
            assert_eq!(schedule.current(), Some(runs));
            schedule.hand_over(other);
            schedule.block();
            assert_eq!(schedule.pick(), Some(other));
        }
        schedule.hand_over(1);
        schedule.preempt();
        let order = core::iter::from_fn(|| {
            let thread = schedule.pick();
            schedule.block();
            thread
        });
        assert_eq!(order.collect::<Vec<_>>(), [2, 3, 4, 1]);
    }

    #[test]
    fn one_that_sleeps_for_moments_leaves_others_their_share() {
        let mut schedule = Schedule::new();
        (1..=2).for_each(|thread| schedule.wake(thread));
        assert_eq!(schedule.pick(), Some(1));
        assert_eq!(schedule.share_ends(0, 100), 100);
        // 1 sleeps; 2 runs, and goes on although 1 wakes at once.
        schedule.block();
        assert_eq!(schedule.pick(), Some(2));
        schedule.wake(1);
        schedule.tick(50);
        assert_eq!(
            (schedule.pick(), schedule.share_ends(50, 100)),
            (Some(2), 150)
        );
        schedule.tick(149);
        assert_eq!(schedule.pick(), Some(2));
        schedule.tick(150);
        assert_eq!(schedule.pick(), Some(1));
        // A new share for a new thread, but not for one that is handed over to.
        assert_eq!(schedule.share_ends(150, 100), 250);
        schedule.hand_over(3);
        schedule.block();
        assert_eq!(
            (schedule.pick(), schedule.share_ends(200, 100)),
            (Some(3), 250)
        );
    }

    #[test]
    fn who_waits_or_has_gone_is_not_picked() {
        let mut schedule = Schedule::new();
        (1..=3).for_each(|thread| schedule.wake(thread));
        assert_eq!(schedule.pick(), Some(1));
        schedule.block();
        schedule.forget(2);
        assert_eq!((schedule.pick(), schedule.is_contended()), (Some(3), false));
        schedule.forget(3);
        assert_eq!(schedule.pick(), None);
    }
}
