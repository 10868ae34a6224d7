//! The loop: take an input that is worth it, change it, run it, keep it if it went where none has gone.

use crate::coverage;
use crate::random::Random;
use crate::targets::Target;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Longer inputs are cut: nothing that is parsed here needs more to be wrong in every way.
const LONGEST: usize = 4096;
/// Changes to one input before it is run.
const CHANGES: usize = 6;
/// Values at which arithmetic goes wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    7,
    8,
    0xff,
    0x1000,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 47,
    1 << 63,
    u64::MAX,
];

/// How long a target is fuzzed.
#[derive(Clone, Copy)]
pub enum Budget {
    Cases(u64),
    Time(Duration),
}

pub struct Failure {
    pub input: Vec<u8>,
    pub message: String,
}

pub struct Run {
    pub cases: u64,
    pub kept: usize,
    pub edges: usize,
    pub failure: Option<Failure>,
}

pub fn fuzz(target: &Target, budget: Budget, seed: u64) -> Run {
    let began = Instant::now();
    coverage::forget_compared();
    let mut random = Random(seed);
    let mut seen = Seen::default();
    let mut kept: Vec<Vec<u8>> = (target.seeds)();
    kept.push(Vec::new());
    for input in &kept {
        if let Err(failure) = attempt(target, input) {
            return failed(target, 0, kept.len(), &seen, input.clone(), failure);
        }
        seen.learn();
    }
    let mut cases = 0;
    loop {
        let is_over = match budget {
            Budget::Cases(limit) => cases >= limit,
            // The clock is asked now and then; it costs more than a small parser.
            Budget::Time(limit) => cases % 256 == 0 && began.elapsed() >= limit,
        };
        if is_over {
            break;
        }
        cases += 1;
        let input = changed(&kept, &mut random);
        if let Err(message) = attempt(target, &input) {
            return failed(target, cases, kept.len(), &seen, input, message);
        }
        if seen.learn() {
            kept.push(input);
        }
    }
    Run {
        cases,
        kept: kept.len(),
        edges: seen.edges(),
        failure: None,
    }
}

/// Every edge with the classes of counts that it was taken with.
#[derive(Default)]
struct Seen(Vec<u8>);

impl Seen {
    /// Takes the counters of the last attempt in; whether anything of them is new.
    fn learn(&mut self) -> bool {
        let mut is_new = false;
        coverage::taken(|edge, class| {
            if edge >= self.0.len() {
                self.0.resize(edge + 1, 0);
            }
            if let Some(known) = self.0.get_mut(edge) {
                is_new |= *known & class == 0;
                *known |= class;
            }
        });
        is_new
    }

    fn edges(&self) -> usize {
        self.0.iter().filter(|classes| **classes != 0).count()
    }
}

/// Runs the target once, with nothing counted before it; what it panicked with.
fn attempt(target: &Target, input: &[u8]) -> Result<(), String> {
    coverage::clear();
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("it panicked").to_owned()
    })
}

fn failed(
    target: &Target,
    cases: u64,
    kept: usize,
    seen: &Seen,
    input: Vec<u8>,
    message: String,
) -> Run {
    Run {
        cases,
        kept,
        edges: seen.edges(),
        failure: Some(Failure {
            input: smaller(input, |one| attempt(target, one).is_err()),
            message,
        }),
    }
}

/// The input without what it fails without: pieces taken out, ever smaller ones, then bytes made zero.
fn smaller(mut input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut piece = input.len();
    while piece > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut shorter = input.clone();
            shorter.drain(at..input.len().min(at + piece));
            if fails(&shorter) {
                input = shorter;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    for at in 0..input.len() {
        let mut plainer = input.clone();
        if let Some(byte) = plainer.get_mut(at) {
            *byte = 0;
        }
        if fails(&plainer) {
            input = plainer;
        }
    }
    input
}

fn changed(kept: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = kept
        .get(random.below(kept.len()))
        .cloned()
        .unwrap_or_default();
    for _ in 0..=random.below(CHANGES) {
        change(&mut input, kept, random);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, kept: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    match random.below(8) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.next() as u8;
            }
        }
        // A number as the parsers read them, where one may stand.
        2 | 3 => {
            let value = match random.below(3) {
                0 => EDGES.get(random.below(EDGES.len())).copied().unwrap_or(0),
                _ => coverage::lately_compared(random.next() as usize),
            };
            let value = match random.below(4) {
                0 => value.wrapping_add(random.below(3) as u64).wrapping_sub(1),
                _ => value,
            };
            let width = [1, 2, 4, 8].get(random.below(4)).copied().unwrap_or(8);
            let at = at - at % width;
            if input.len() < at + width && random.below(2) == 0 {
                input.resize(at + width, 0);
            }
            let room = input.get_mut(at..).unwrap_or_default().iter_mut();
            for (byte, new) in room.zip(value.to_le_bytes().into_iter().take(width)) {
                *byte = new;
            }
        }
        4 => {
            let end = at + random.below(input.len() - at + 1);
            input.drain(at..end);
        }
        5 => {
            let new = (0..random.below(16))
                .map(|_| random.next() as u8)
                .collect::<Vec<_>>();
            input.splice(at..at, new);
        }
        // A piece of itself, over another: two of what should be there once.
        6 => {
            let from = random.below(input.len() + 1);
            let most = input.len() - from.max(at);
            let len = random.below(most.min(128) + 1);
            input.copy_within(from..from + len, at);
        }
        // The end of another one.
        _ => {
            if let Some(other) = kept.get(random.below(kept.len())) {
                let from = random.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(other.get(from..).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::TARGETS;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError};
    use std::thread;

    /// The counters are the whole program's, so one test runs at a time.
    fn alone() -> MutexGuard<'static, ()> {
        static ONE: Mutex<()> = Mutex::new(());
        ONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same inputs each time; `make fuzz` goes on with others.
    #[test]
    fn the_parsers_stand_a_bounded_run() {
        let _alone = alone();
        for target in TARGETS {
            let run = fuzz(target, Budget::Cases(20_000), 1);
            if let Some(failure) = run.failure {
                panic!(
                    "{}: {}: {:02x?}",
                    target.name, failure.message, failure.input
                );
            }
            assert_eq!(run.cases, 20_000);
        }
    }

    /// Four bytes deep: blind inputs find it once in four thousand million.
    const HIDDEN: Target = Target {
        name: "hidden",
        seeds: || vec![vec![0; 8]],
        run: |input| {
            let found = input
                .iter()
                .zip(b"find")
                .take_while(|(a, b)| a == b)
                .count();
            assert!(found < 4, "found it");
        },
    };

    #[test]
    fn what_coverage_leads_to_is_found_and_made_small() {
        let _alone = alone();
        if !coverage::is_there() {
            return;
        }
        let run = fuzz(&HIDDEN, Budget::Cases(1_000_000), 1);
        let failure = run.failure.expect("it is found");
        assert_eq!(failure.input, b"find");
        assert_eq!(failure.message, "found it");
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let _alone = alone();
        let others_compare = AtomicBool::new(true);
        let inputs = |seed| {
            coverage::forget_compared();
            let mut random = Random(seed);
            let mut input = vec![1, 2, 3];
            for _ in 0..50 {
                change(&mut input, &[vec![9; 9]], &mut random);
            }
            input
        };
        let made = thread::scope(|scope| {
            scope.spawn(|| {
                while others_compare.load(Ordering::Relaxed) {
                    smaller(vec![7; 9], |one| one.len() > 3);
                }
            });
            let made: Vec<_> = (0..100).map(|_| inputs(3)).collect();
            others_compare.store(false, Ordering::Relaxed);
            made
        });
        assert!(made.iter().all(|one| *one == inputs(3)));
        assert_ne!(inputs(3), inputs(4));
    }

    #[test]
    fn an_input_is_cut_down_to_what_fails() {
        let _alone = alone();
        let input = (0..200).collect::<Vec<u8>>();
        let found = smaller(input, |one| one.contains(&77) && one.len() >= 3);
        assert_eq!(found.len(), 3);
        assert_eq!(found.iter().filter(|byte| **byte != 0).count(), 1);
    }
}
