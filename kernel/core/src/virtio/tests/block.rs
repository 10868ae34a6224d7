use crate::virtio::block::{BlockDevice, Error, Fault};
use crate::virtio::double::{Answer, Double, FLUSH, LONGEST_SEGMENT, READ_ONLY, Random};
use crate::virtio::queue::Lie;

const SECTORS: usize = 256;

fn started(change: impl FnOnce(&mut Double)) -> (BlockDevice, Double) {
    let mut double = Double::new(SECTORS);
    change(&mut double);
    let device = BlockDevice::start(&mut double).unwrap();
    (device, double)
}

#[test]
fn behaves_as_a_disk() {
    let mut random = Random::new(11);
    for round in 0..40_u64 {
        let block = 512 << random.below(4) as u32;
        let (mut device, mut double) = started(|double| {
            double.block_bytes = block;
            double.delay = [0, 3, 1000][round as usize % 3];
            if round % 2 == 0 {
                double.offered |= LONGEST_SEGMENT;
                double.longest_segment = block + random.below(9000) as u32;
            }
            if round % 5 == 0 {
                double.offered &= !FLUSH;
            }
        });
        let (block, blocks) = (block as usize, SECTORS as u64 * 512 / u64::from(block));
        let mut model = vec![0; SECTORS * 512];
        for _ in 0..60 {
            let count = random.below((32768 / block as u64).min(blocks)) + 1;
            let start = random.below(blocks - count + 1);
            let range = start as usize * block..(start + count) as usize * block;
            let mut buffer = vec![0xee; range.len()];
            match random.below(3) {
                0 => {
                    random.fill(&mut buffer);
                    device.write(&mut double, start, &buffer).unwrap();
                    model[range].copy_from_slice(&buffer);
                }
                1 => {
                    device.read(&mut double, start, &mut buffer).unwrap();
                    assert_eq!(buffer, model[range]);
                }
                _ => {
                    device.flush(&mut double).unwrap();
                    assert!(double.durable == model);
                }
            }
        }
        assert!(double.content == model);
    }
}

#[test]
fn ranges() {
    let (mut device, mut double) = started(|double| double.block_bytes = 4096);
    let blocks = device.disk().block_count;
    let before = double.notified;
    let mut read = |start: u64, bytes: usize| {
        device
            .read(&mut double, start, &mut vec![0; bytes])
            .map_err(|error| {
                assert_eq!(error, Error::Range);
            })
    };
    assert_eq!(read(blocks - 1, 4096), Ok(()));
    assert_eq!(read(blocks - 8, 32768), Ok(()));
    assert_eq!(read(blocks, 0), Ok(()));
    for (start, bytes) in [
        (blocks, 4096),
        (blocks - 7, 32768),
        (blocks + 1, 0),
        (u64::MAX, 4096),
        (u64::MAX, 0),
        (u64::MAX / 8, 4096),
        (0, 4095),
        (0, 512),
        (0, 32768 + 4096),
    ] {
        assert_eq!(read(start, bytes), Err(()), "{start} {bytes}");
    }
    assert_eq!(double.notified - before, 2);
    let bad = device.write(&mut double, blocks, &[0; 4096]);
    assert_eq!(bad, Err(Error::Range));
}

#[test]
fn read_only() {
    let (mut device, mut double) = started(|double| double.offered |= READ_ONLY);
    assert!(device.disk().read_only);
    let before = double.notified;
    assert_eq!(
        device.write(&mut double, 0, &[1; 512]),
        Err(Error::ReadOnly)
    );
    assert_eq!(
        device.write(&mut double, 9999, &[1; 512]),
        Err(Error::Range)
    );
    assert_eq!(double.notified, before);
    assert_eq!(device.read(&mut double, 0, &mut [1; 512]), Ok(()));
    assert_eq!(device.flush(&mut double), Ok(()));
}

#[test]
fn a_failure_is_not_the_end() {
    let (mut device, mut double) = started(|_| {});
    let mut buffer = [7; 512];
    for outcome in [1, 2] {
        double.answer = Answer::Outcome(outcome);
        let failed = device.read(&mut double, 0, &mut buffer);
        assert_eq!((failed, buffer), (Err(Error::Failed), [7; 512]));
        double.answer = Answer::Outcome(outcome);
        assert_eq!(device.flush(&mut double), Err(Error::Failed));
    }
    assert_eq!(device.read(&mut double, 0, &mut buffer), Ok(()));
    assert_eq!(buffer, [0; 512]);
    double.answer = Answer::Scribble;
    assert_eq!(device.read(&mut double, 0, &mut buffer), Ok(()));
    assert_eq!(device.write(&mut double, 0, &[9; 512]), Ok(()));
    assert_eq!(device.read(&mut double, 0, &mut buffer), Ok(()));
    assert_eq!(buffer, [9; 512]);
}

/// How a read fails, after which the device must be dead and left alone.
fn fault_of(answer: Answer) -> Fault {
    let (mut device, mut double) = started(|double| double.delay = 2);
    let mut buffer = [7; 1024];
    device.write(&mut double, 4, &[5; 1024]).unwrap();
    double.answer = answer;
    let mut result = device.read(&mut double, 4, &mut buffer);
    if answer == Answer::Twice {
        assert_eq!((result, buffer), (Ok(()), [5; 1024]));
        buffer = [7; 1024];
        result = device.read(&mut double, 4, &mut buffer);
    }
    let Err(Error::Dead(fault)) = result else {
        panic!("{answer:?}: {result:?}");
    };
    assert_eq!(buffer, [7; 1024], "nothing of what it gave is used");
    assert!(double.cut_off && double.status == 0);
    let (notified, dead) = (double.notified, Err(Error::Dead(fault)));
    // Late completions change nothing.
    double.memory.fill(0);
    double.memory[0x102] = 200;
    assert_eq!(device.read(&mut double, 4, &mut buffer), dead);
    assert_eq!(device.read(&mut double, 4, &mut []), dead);
    assert_eq!(device.write(&mut double, 4, &buffer), dead);
    assert_eq!(device.flush(&mut double), dead);
    assert_eq!((double.notified, buffer), (notified, [7; 1024]));
    fault
}

#[test]
fn lies_are_the_end() {
    assert_eq!(fault_of(Answer::Id(2)), Fault::Queue(Lie::NotHeld));
    assert_eq!(fault_of(Answer::Id(77)), Fault::Queue(Lie::Id));
    assert_eq!(fault_of(Answer::Twice), Fault::Queue(Lie::NotHeld));
    assert_eq!(fault_of(Answer::Longer(1)), Fault::Queue(Lie::Length));
    let most = Answer::Longer(u32::MAX - 1025);
    assert_eq!(fault_of(most), Fault::Queue(Lie::Length));
    assert_eq!(fault_of(Answer::Shorter(1)), Fault::Short);
    assert_eq!(fault_of(Answer::Shorter(1025)), Fault::Short);
    assert_eq!(fault_of(Answer::Index(2)), Fault::Queue(Lie::Index));
    assert_eq!(fault_of(Answer::Index(u16::MAX)), Fault::Queue(Lie::Index));
    assert_eq!(fault_of(Answer::Outcome(3)), Fault::Outcome(3));
    assert_eq!(fault_of(Answer::Outcome(0xff)), Fault::Outcome(0xff));
    assert_eq!(fault_of(Answer::NoOutcome), Fault::Outcome(0xff));
    assert_eq!(fault_of(Answer::Status(0)), Fault::Status(0));
    assert_eq!(fault_of(Answer::Status(0x4f)), Fault::Status(0x4f));
    assert_eq!(fault_of(Answer::Status(0xff)), Fault::Status(0xff));
    assert_eq!(fault_of(Answer::Never), Fault::Silent);
}

#[test]
fn noise_never_does_harm() {
    let mut ends = std::collections::BTreeMap::new();
    for seed in 0..3000 {
        let (mut device, mut double) = started(|double| double.random = Random::new(seed));
        let mut buffer = [7; 512];
        double.answer = Answer::Noise;
        let end = device.read(&mut double, 1, &mut buffer);
        assert!(end.is_ok() || buffer == [7; 512]);
        let kind = match end {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        *ends.entry(kind).or_insert(0) += 1;
    }
    // An index that is exactly one further comes once in 65536.
    assert!(ends.contains_key("Dead(Queue(Index))"), "{ends:?}");
}
