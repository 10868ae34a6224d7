//! Hostile programs: whatever they submit, each entry completes exactly once, nothing panics, and
//! when all have ended nothing is left.

use std::collections::BTreeMap;

use capos_abi::ring::{Sqe, op};

use super::audit::audit;
use super::double::OUT;
use super::{
    CAPABILITIES, CONSOLE, ENDPOINTS, FRAMES, MEMORY, NOTIFICATIONS, SPAWNER, booted, endpoint,
    spawn,
};
use crate::system::{Entered, FaultKind, PROCESSES};

/// A small generator with a fixed seed, so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % bound
    }

    fn entry(&mut self, user_data: u64) -> Sqe {
        let odd = self.below(20) == 0;
        Sqe {
            opcode: self.below(if odd { 256 } else { 7 }) as u8,
            user_data,
            cap: (1 + self.below(2)) << 12 | self.below(16),
            method: if self.below(2) == 0 {
                self.below(5) as u16
            } else {
                0
            },
            flags: if odd { 1 << self.below(5) } else { 0 },
            ..Sqe::default()
        }
    }

    /// Fills in what an opcode uses, sensibly or not.
    fn complete(&mut self, mut sqe: Sqe) -> Sqe {
        let outgoing = matches!(sqe.opcode, op::CALL | op::RETURN | op::RETURN_RECV);
        let incoming = matches!(sqe.opcode, op::CALL | op::RECV | op::RETURN_RECV);
        if outgoing {
            let place = 8 * self.below(24) + if self.below(16) == 0 { 0x3_f000 } else { 0 };
            sqe.addr = 0x1000 + u64::from(place);
            let most = if self.below(4) == 0 { 40 } else { 5 };
            sqe.len = 8 * self.below(most);
            if self.below(4) == 0 {
                (sqe.xfer_addr, sqe.xfer_count) = (0x2000, self.below(3) as u16);
            }
        }
        if incoming {
            (sqe.result_addr, sqe.result_len) = (OUT, self.below(1024));
        }
        match sqe.opcode {
            op::NOP => sqe.cap = 0,
            op::CANCEL => {
                (sqe.cap, sqe.method) = (0, 0);
                sqe.addr = (sqe.user_data >> 8).saturating_sub(self.below(9).into()) << 8;
            }
            op::RECV | op::RELEASE => sqe.method = 0,
            op::RETURN => {
                (sqe.cap, sqe.method) = (0, 0);
                sqe.pipeline_dep = (1 + self.below(3)) << 12 | self.below(8);
            }
            op::RETURN_RECV => {
                sqe.method = 0;
                sqe.pipeline_dep = (1 + self.below(3)) << 12 | self.below(8);
            }
            _ => {}
        }
        sqe
    }
}

/// What each of three processes is given; the letters stand for `kind`.
const GIVEN: [&str; 3] = ["cseofOnm", "fvnmofte", "cnmfvofO"];

/// Messages that nearly make sense: structs of a word or two with small numbers and a capability.
fn messages(random: &mut Random) -> Vec<u8> {
    let word = |random: &mut Random| -> u64 {
        match random.below(5) {
            0 => 1 << 32,
            1 => 2 << 32 | u64::from(random.below(2)) << 48,
            2 => u64::from(random.below(4)) | u64::from(random.below(3)) << 32,
            3 => 3,
            // A range may start there.
            _ => 0x4000_1000 + (u64::from(random.below(6)) << 12),
        }
    };
    (0..40).flat_map(|_| word(random).to_le_bytes()).collect()
}

#[test]
fn every_entry_completes_exactly_once_and_nothing_is_left() {
    for seed in 1..200_u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (mut system, mut machine) = booted();
        let (owner, client) = endpoint(&mut system, &mut machine, 0);
        let (other, facet) = endpoint(&mut system, &mut machine, 0);
        let (owner, client) = (owner, client);
        for process in 1..4_u16 {
            let kind = |letter| match letter {
                'c' => CONSOLE,
                's' => SPAWNER,
                'e' => ENDPOINTS,
                'n' => NOTIFICATIONS,
                'm' => CAPABILITIES,
                'f' => FRAMES,
                'v' => MEMORY,
                'o' => owner,
                'O' => other,
                't' => facet,
                _ => client,
            };
            let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
            let given = GIVEN[usize::from(process) - 1].chars();
            let grants: Vec<_> = given
                .zip(names)
                .map(|(letter, name)| (name, kind(letter), false))
                .collect();
            assert_eq!(
                spawn(&mut system, &mut machine, "program", &grants).cap_count,
                1
            );
            let list: Vec<u8> = (0..8_u32)
                .flat_map(|slot| [1 << 12 | slot * 2, slot & 1, 0, 0])
                .flat_map(u32::to_le_bytes)
                .collect();
            machine.put(process, 0x2000, &list);
        }
        let mut open: [BTreeMap<u64, u32>; 4] = Default::default();
        let mut waiting = [false; 4];
        let mut alive = [true; 4];
        for step in 0..400_u64 {
            let thread = 1 + random.below(3) as u16;
            let place = usize::from(thread);
            if !alive[place] || waiting[place] {
                continue;
            }
            let sent = messages(&mut random);
            machine.put(thread, 0x1000, &sent);
            for part in 0..u64::from(random.below(4)) {
                if open[place].len() < 16 {
                    let user_data = step << 8 | part;
                    let entry = random.entry(user_data);
                    let entry = random.complete(entry);
                    machine.offer(thread, entry);
                    open[place].insert(user_data, entry.flags & 1);
                }
            }
            machine.woken.clear();
            waiting[place] = matches!(
                machine.enter(&mut system, thread, random.below(3)),
                Entered::Short(_)
            );
            for (woken, _) in std::mem::take(&mut machine.woken) {
                waiting[usize::from(woken).min(3)] = false;
            }
            for other in (1..4_u16).filter(|other| alive[usize::from(*other)]) {
                while let Some(done) = machine.take(other) {
                    let known = open[usize::from(other)].remove(&done.user_data);
                    assert!(known.is_some(), "seed {seed}: {done:?} completed twice");
                }
            }
            // Entries that succeed in silence are not waited for.
            open[place].retain(|_, silent| *silent == 0);
            audit(&system, &machine);
            if random.below(150) == 0 {
                system.fault(&mut machine, thread, FaultKind::Other);
                alive[place] = false;
            }
        }
        for thread in 0..PROCESSES as u16 {
            if system.threads.at(thread).live {
                system.exit(&mut machine, thread, 0);
            }
        }
        assert!(system.finished().is_some());
        audit(&system, &machine);
        assert_eq!(system.calls.live, 0, "seed {seed}");
        assert_eq!(system.revocation.used(), 0, "seed {seed}");
        assert_eq!(machine.taken(), 0, "seed {seed}");
        assert!(
            system
                .endpoints
                .each()
                .all(|(_, endpoint)| endpoint.is_free()),
            "seed {seed}"
        );
        assert!(
            system.labels.each().all(|(_, label)| label.holders == 0),
            "seed {seed}"
        );
        assert!(
            system
                .processes
                .each()
                .all(|(_, process)| process.handles == 0),
            "seed {seed}"
        );
        assert!((0..PROCESSES as u16).all(|process| !machine.is_loaded(process)));
    }
}
