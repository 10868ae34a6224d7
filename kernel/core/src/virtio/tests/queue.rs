use crate::virtio::double::{Double, Random};
use crate::virtio::hardware::SharedMemory;
use crate::virtio::queue::{AVAILABLE, Full, Lie, Queue, SIZE, Segment, USED, Used};

fn parts(readable: usize, writable: usize) -> Vec<Segment> {
    let part = |device_writes| Segment {
        offset: 4096,
        bytes: 100,
        device_writes,
    };
    let writes = std::iter::repeat_n(part(true), writable);
    std::iter::repeat_n(part(false), readable)
        .chain(writes)
        .collect()
}

/// A device that is done with `id`.
fn done(memory: &mut Double, index: &mut u16, id: u32, written: u32) {
    let slot = usize::from(*index % SIZE);
    memory.store(USED + 4 + 8 * slot, id);
    memory.store(USED + 8 + 8 * slot, written);
    *index = index.wrapping_add(1);
    memory.store(USED, u32::from(*index) << 16);
}

#[test]
fn many_at_once_in_any_order() {
    let (mut memory, mut queue) = (Double::new(0), Queue::new());
    let (mut random, mut index) = (Random::new(3), 0);
    let mut held: Vec<(u16, u32)> = Vec::new();
    let mut held_descriptors = 0;
    // More rounds than the indices can count.
    for round in 0..200_000_u32 {
        let (readable, writable) = (random.below(3) as usize, random.below(3) as usize);
        let descriptors = (readable + writable) as u16;
        match queue.push(&mut memory, &parts(readable, writable)) {
            Ok(head) => {
                assert!(held.iter().all(|(other, _)| *other != head));
                held.push((head, descriptors.into()));
                held_descriptors += descriptors;
            }
            Err(Full) => assert!(descriptors == 0 || descriptors > SIZE - held_descriptors),
        }
        assert_eq!(queue.free(), SIZE - held_descriptors);
        if !held.is_empty() && round % 3 > 0 {
            let (head, descriptors) = held.swap_remove(random.below(held.len() as u64) as usize);
            done(&mut memory, &mut index, head.into(), 0);
            let used = Used { head, written: 0 };
            assert_eq!(queue.pop(&memory), Ok(Some(used)));
            held_descriptors -= descriptors as u16;
        }
        assert_eq!(queue.pop(&memory), Ok(None));
    }
}

#[test]
fn lies_are_seen() {
    let lie = |id: u32, written: u32, further: u16| {
        let (mut memory, mut queue) = (Double::new(0), Queue::new());
        assert_eq!(queue.push(&mut memory, &parts(1, 2)), Ok(0));
        assert_eq!(queue.push(&mut memory, &parts(1, 0)), Ok(3));
        let mut index = 0;
        done(&mut memory, &mut index, id, written);
        memory.store(USED, u32::from(further) << 16);
        queue.pop(&memory).map(|used| used.map(|used| used.head))
    };
    assert_eq!(lie(0, 200, 1), Ok(Some(0)));
    assert_eq!(lie(3, 0, 2), Ok(Some(3)));
    assert_eq!(lie(0, 201, 1), Err(Lie::Length));
    assert_eq!(lie(3, 1, 1), Err(Lie::Length));
    assert_eq!(lie(1, 0, 1), Err(Lie::NotHeld));
    assert_eq!(lie(7, 0, 1), Err(Lie::NotHeld));
    assert_eq!(lie(8, 0, 1), Err(Lie::Id));
    assert_eq!(lie(0x1_0000, 0, 1), Err(Lie::Id));
    assert_eq!(lie(u32::MAX, 0, 1), Err(Lie::Id));
    assert_eq!(lie(0, 0, 3), Err(Lie::Index));
    assert_eq!(lie(0, 0, u16::MAX), Err(Lie::Index));
}

#[test]
fn a_number_said_twice_is_a_lie() {
    let (mut memory, mut queue, mut index) = (Double::new(0), Queue::new(), 0);
    let first = queue.push(&mut memory, &parts(1, 2)).unwrap();
    done(&mut memory, &mut index, first.into(), 0);
    assert!(queue.pop(&memory).unwrap().is_some());
    done(&mut memory, &mut index, first.into(), 0);
    assert_eq!(queue.pop(&memory), Err(Lie::Index), "nothing is held");
    let second = queue.push(&mut memory, &parts(1, 2)).unwrap();
    assert_ne!(first, second);
    assert_eq!(queue.pop(&memory), Err(Lie::NotHeld));
}

#[test]
fn what_the_device_sees() {
    let (mut memory, mut queue) = (Double::new(0), Queue::new());
    queue.start(&mut memory);
    let head = queue.push(&mut memory, &parts(1, 1)).unwrap();
    assert_eq!(memory.load(AVAILABLE), 1 << 16 | 1);
    assert_eq!(memory.load(AVAILABLE + 4) & 0xffff, u32::from(head));
    let address = memory.address() + 4096;
    let descriptor = |at: usize| {
        let mut bytes = [0; 16];
        memory.copy_out(at * 16, &mut bytes);
        u128::from_le_bytes(bytes)
    };
    let expected =
        |flags: u128, next: u128| u128::from(address) | 100_u128 << 64 | flags << 96 | next << 112;
    assert_eq!(
        (descriptor(0), descriptor(1)),
        (expected(1, 1), expected(2, 0))
    );
}
