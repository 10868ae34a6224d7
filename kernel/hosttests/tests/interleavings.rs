//! The two protocols that rest on the order of memory accesses, under every interleaving that the
//! memory model allows: the ring's indices (`kernel/src/world.rs`, `userspace/rt/src/page.rs`) and the
//! ticket lock (`kernel/src/lock.rs`). They are models: the same accesses with the same orderings,
//! over loom's atomics. Each has a twin with one ordering weakened, which must be caught.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use loom::thread;

const ENTRIES: u32 = 2;

/// As much of a ring page as the protocol needs: an entry is one word here.
struct Ring {
    sq_tail: AtomicU32,
    cq_tail: AtomicU32,
    submissions: [AtomicU64; ENTRIES as usize],
    completions: [AtomicU64; ENTRIES as usize],
}

/// A program submits and waits; a kernel on another processor takes and completes. The program must
/// see exactly what the kernel made of exactly what it wrote.
fn ring(publish: Ordering) {
    loom::model(move || {
        let ring = Arc::new(Ring {
            sq_tail: AtomicU32::new(0),
            cq_tail: AtomicU32::new(0),
            submissions: [AtomicU64::new(0), AtomicU64::new(0)],
            completions: [AtomicU64::new(0), AtomicU64::new(0)],
        });
        let kernel = {
            let ring = ring.clone();
            thread::spawn(move || {
                let mut head = 0;
                while head < ENTRIES {
                    if ring.sq_tail.load(Ordering::Acquire) == head {
                        thread::yield_now();
                        continue;
                    }
                    let slot = (head % ENTRIES) as usize;
                    let entry = ring.submissions[slot].load(Ordering::Relaxed);
                    ring.completions[slot].store(entry + 100, Ordering::Relaxed);
                    head += 1;
                    ring.cq_tail.store(head, publish);
                }
            })
        };
        for number in 0..ENTRIES {
            let slot = (number % ENTRIES) as usize;
            ring.submissions[slot].store(u64::from(number) + 1, Ordering::Relaxed);
            ring.sq_tail.store(number + 1, Ordering::Release);
        }
        for number in 0..ENTRIES {
            while ring.cq_tail.load(Ordering::Acquire) <= number {
                thread::yield_now();
            }
            let slot = (number % ENTRIES) as usize;
            let seen = ring.completions[slot].load(Ordering::Relaxed);
            assert_eq!(seen, u64::from(number) + 101);
        }
        kernel.join().unwrap();
    });
}

#[test]
fn a_completion_is_whole_when_its_index_shows_it() {
    ring(Ordering::Release);
}

#[test]
#[should_panic(expected = "assertion `left == right` failed")]
fn an_index_that_is_published_too_weakly_is_caught() {
    ring(Ordering::Relaxed);
}

struct Lock {
    next: AtomicU32,
    serving: AtomicU32,
    value: UnsafeCell<u32>,
}

/// Two processors count under the ticket lock; loom finds any access that is not ordered.
fn lock(release: Ordering) {
    loom::model(move || {
        let lock = Arc::new(Lock {
            next: AtomicU32::new(0),
            serving: AtomicU32::new(0),
            value: UnsafeCell::new(0),
        });
        let count = move |lock: &Lock| {
            let ticket = lock.next.fetch_add(1, Ordering::Relaxed);
            while lock.serving.load(Ordering::Acquire) != ticket {
                thread::yield_now();
            }
            lock.value.with_mut(|value| {
                // SAFETY: this ticket is being served; loom checks that nobody else is here.
                unsafe { *value += 1 }
            });
            let next = lock.serving.load(Ordering::Relaxed).wrapping_add(1);
            lock.serving.store(next, release);
        };
        let other = {
            let lock = lock.clone();
            thread::spawn(move || count(&lock))
        };
        count(&lock);
        other.join().unwrap();
        let counted = lock.value.with(|value| {
            // SAFETY: nobody else is left.
            unsafe { *value }
        });
        assert_eq!(counted, 2);
    });
}

#[test]
fn one_processor_at_a_time_holds_the_lock() {
    lock(Ordering::Release);
}

#[test]
#[should_panic(expected = "Causality violation")]
fn a_lock_that_is_given_up_too_weakly_is_caught() {
    lock(Ordering::Relaxed);
}
