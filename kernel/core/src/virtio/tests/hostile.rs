//! Devices that lie in every way that the double knows, at any moment of any work.

use std::collections::BTreeMap;

use crate::virtio::block::{BlockDevice, CALL_NANOS, Error, Fault};
use crate::virtio::double::{Answer, Double, LONGEST_SEGMENT, Random};

const SECTORS: usize = 64;
/// The clock goes on by so much at each look of the driver, which looks this often at memory between.
const TICK: u64 = 100_000_000;
const LOOKS: u32 = 256;

fn started(change: impl FnOnce(&mut Double)) -> (BlockDevice, Double) {
    let mut double = Double::new(SECTORS);
    change(&mut double);
    let device = BlockDevice::start(&mut double).unwrap();
    (device, double)
}

/// Requests of one sector, so that a call is made of several.
fn in_parts(double: &mut Double) {
    double.offered |= LONGEST_SEGMENT;
    double.longest_segment = 512;
}

/// An answer that a device may not give, or one that it may, some of the time.
fn any(random: &mut Random) -> Answer {
    match random.below(40) {
        0 => Answer::Id(random.below(12) as u32),
        1 => Answer::Id(random.next() as u32),
        2 => Answer::Twice,
        3 => Answer::Longer(1 + random.below(600) as u32),
        4 => Answer::Longer(u32::MAX - 4096 - random.below(4096) as u32),
        5 => Answer::Shorter(1 + random.below(600) as u32),
        6 => Answer::Index(random.next() as u16 | 2),
        7 => Answer::Outcome(random.next() as u8),
        8 => Answer::NoOutcome,
        // Any but the status of a device that runs.
        9 => Answer::Status(0x10 + random.below(0xf0) as u8),
        10 => Answer::StatusThenLate(0),
        11 => Answer::Late,
        12 => Answer::Never,
        13 => Answer::Noise,
        14 => Answer::Scribble,
        15 => Answer::Slow(random.below(40) as u32 * LOOKS),
        16 => Answer::Outcome(1 + random.below(2) as u8),
        _ => Answer::Right,
    }
}

/// Whether a device that answers so may be believed: what it says is then what the disk holds.
fn is_honest(answer: Answer) -> bool {
    !matches!(answer, Answer::Noise)
}

#[test]
fn whatever_it_does_and_whenever() {
    let mut ends: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let (mut device, mut double) = started(|double| {
            double.random = Random::new(seed + 1);
            double.delay = [0, 1, 300][seed as usize % 3];
            if seed % 2 == 0 {
                in_parts(double);
            }
        });
        let mut dead = None;
        // Each sector holds one of these: a write that failed may have reached the disk or not.
        let mut may_hold = vec![vec![0_u8]; SECTORS];
        for step in 1..=30_u8 {
            let answer = any(&mut random);
            double.answer = answer;
            let start = random.below(SECTORS as u64 - 4);
            let sectors = start as usize..start as usize + 1 + random.below(4) as usize;
            let mut buffer = vec![step; sectors.len() * 512];
            let (notified, began) = (double.notified, double.elapsed());
            let result = match random.below(3) {
                0 => device.read(&mut double, start, &mut buffer),
                1 => {
                    let written = device.write(&mut double, start, &buffer);
                    for sector in sectors.clone() {
                        if written.is_ok() {
                            may_hold[sector].clear();
                        }
                        may_hold[sector].push(step);
                    }
                    buffer.clear();
                    written
                }
                _ => {
                    buffer.clear();
                    device.flush(&mut double)
                }
            };
            assert!(
                double.elapsed() - began <= CALL_NANOS + 2 * TICK,
                "seed {seed}: a call takes longer than it may"
            );
            if let Some(fault) = dead {
                assert_eq!(result, Err(Error::Dead(fault)), "seed {seed}");
                assert_eq!(double.notified, notified, "seed {seed}: it is left alone");
                continue;
            }
            match result {
                Ok(()) if is_honest(answer) => {
                    for (sector, bytes) in sectors.zip(buffer.chunks(512)) {
                        let held = &may_hold[sector];
                        assert!(held.contains(&bytes[0]), "seed {seed}: {held:?}");
                        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "seed {seed}");
                    }
                }
                Ok(()) => {}
                Err(Error::Failed) => {
                    assert!(matches!(answer, Answer::Outcome(1 | 2) | Answer::Noise));
                }
                Err(Error::Dead(fault)) => {
                    assert!(double.cut_off && double.status == 0, "seed {seed}");
                    *ends.entry(format!("{fault:?}")).or_default() += 1;
                    dead = Some(fault);
                }
                Err(error) => panic!("seed {seed}: {error:?}"),
            }
        }
        assert_eq!(device.fault(), dead, "seed {seed}");
    }
    let seen = [
        "Queue(Index)",
        "Queue(Id)",
        "Queue(NotHeld)",
        "Queue(Length)",
    ];
    for end in seen.into_iter().chain(["Short", "Status(0)", "Silent"]) {
        assert!(ends.contains_key(end), "{end} never came: {ends:?}");
    }
}

#[test]
fn an_answer_after_the_time_is_up_changes_nothing() {
    for (answer, fault) in [
        (Answer::Late, Fault::Silent),
        (Answer::StatusThenLate(0), Fault::Status(0)),
        (Answer::StatusThenLate(0x4f), Fault::Status(0x4f)),
    ] {
        let (mut device, mut double) = started(|double| double.delay = 3);
        device.write(&mut double, 8, &[5; 512]).unwrap();
        double.answer = answer;
        let mut buffer = [7; 512];
        let result = device.read(&mut double, 8, &mut buffer);
        assert_eq!((result, buffer), (Err(Error::Dead(fault)), [7; 512]));
        // It did answer, as if all were well, when nobody waited any more.
        assert_eq!(double.memory[0x102], 3);
        assert!(double.memory[4096..4608].iter().all(|byte| *byte == 5));
        let memory = double.memory.clone();
        let again = device.read(&mut double, 8, &mut buffer);
        assert_eq!((again, buffer), (Err(Error::Dead(fault)), [7; 512]));
        let written = device.write(&mut double, 8, &[9; 512]);
        assert_eq!(written, Err(Error::Dead(fault)));
        assert!(double.memory == memory, "nothing more is told to it");
    }
}

#[test]
fn a_late_write_may_reach_the_disk_but_is_never_said_to_be_done() {
    let (mut device, mut double) = started(|_| {});
    double.answer = Answer::Late;
    let written = device.write(&mut double, 2, &[3; 512]);
    assert_eq!(written, Err(Error::Dead(Fault::Silent)));
    assert_eq!(double.content[1024..1536], [3; 512]);
    let flushed = device.flush(&mut double);
    assert_eq!(flushed, Err(Error::Dead(Fault::Silent)));
    assert_ne!(double.durable, double.content);
}

/// All requests of a call have one deadline together.
#[test]
fn many_slow_answers_are_one_slow_call() {
    // Each takes about a tenth of what a call may.
    let slow = (CALL_NANOS / TICK / 10) as u32 * LOOKS;
    let read = |sectors: usize| {
        let (mut device, mut double) = started(in_parts);
        double.delay = slow;
        let began = double.elapsed();
        let result = device.read(&mut double, 0, &mut vec![0; sectors * 512]);
        (result, double.elapsed() - began)
    };
    let (result, took) = read(6);
    assert_eq!(result, Ok(()));
    assert!(took < CALL_NANOS);
    let (result, took) = read(12);
    assert_eq!(result, Err(Error::Dead(Fault::Silent)));
    assert!(took <= CALL_NANOS + 2 * TICK, "{took}");
}
