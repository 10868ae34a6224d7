use crate::virtio::block::BlockDevice;
use crate::virtio::double::{
    Answer, BLOCK_SIZE, CACHE_SWITCH, Double, FLUSH, LONGEST_SEGMENT, READ_ONLY,
};
use crate::virtio::start::{Disk, Refused};

fn disk(change: impl FnOnce(&mut Double)) -> (Result<Disk, Refused>, Double) {
    let mut double = Double::new(1000);
    change(&mut double);
    let device = BlockDevice::start(&mut double);
    (device.map(|device| *device.disk()), double)
}

fn refused(change: impl FnOnce(&mut Double)) -> Refused {
    let (disk, double) = disk(change);
    assert!(double.cut_off, "what is refused is stopped");
    assert!(double.status == 0 || !double.resets);
    disk.unwrap_err()
}

#[test]
fn takes_what_it_knows() {
    let (plain, double) = disk(|_| {});
    let expected = Disk {
        block_bytes: 512,
        block_count: 1000,
        read_only: false,
        flush: true,
        request_bytes: 32768,
        notify: 0,
    };
    assert_eq!(plain, Ok(expected));
    assert_eq!(double.wanted, 1 << 32 | BLOCK_SIZE | FLUSH);
    let (other, _) = disk(|double| {
        double.offered |= READ_ONLY | LONGEST_SEGMENT | CACHE_SWITCH;
        double.block_bytes = 4096;
        double.longest_segment = 9000;
        double.changes.set(20);
        double.status = 0x0f; // the firmware used it
    });
    let expected = Disk {
        block_bytes: 4096,
        block_count: 125,
        read_only: true,
        request_bytes: 8192,
        ..expected
    };
    assert_eq!(other, Ok(expected));
    let (long, _) = disk(|double| {
        double.offered |= LONGEST_SEGMENT;
        double.longest_segment = u32::MAX;
    });
    assert_eq!(long.unwrap().request_bytes, 32768);
    let (bare, _) = disk(|double| {
        double.offered = 1 << 32;
        double.block_bytes = 7; // not said to count
        double.longest_segment = 7;
    });
    let bare = bare.unwrap();
    assert_eq!((bare.block_bytes, bare.request_bytes), (512, 32768));
    assert!(!bare.flush);
}

#[test]
fn refuses_what_it_cannot_use() {
    type Change = fn(&mut Double);
    let cases: [(Change, Refused); 15] = [
        (|d| (d.resets, d.status) = (false, 4), Refused::Reset),
        (|d| d.offered &= !(1 << 32), Refused::Version),
        (|d| d.offered = 0, Refused::Version),
        (
            |d| d.offered = 1 << 32 | CACHE_SWITCH,
            Refused::CacheWithoutFlush,
        ),
        (|d| d.refuses_features = true, Refused::Features),
        (|d| d.queues = 0, Refused::Queue),
        (|d| d.queue_max = 0, Refused::Queue),
        (|d| d.queue_max = 4, Refused::Queue),
        (|d| d.notify_exists = false, Refused::Queue),
        (|d| d.changes.set(u32::MAX), Refused::Unsteady),
        (|d| d.block_bytes = 256, Refused::BlockSize(256)),
        (|d| d.block_bytes = 65536, Refused::BlockSize(65536)),
        (
            |d| (d.offered, d.longest_segment) = (d.offered | LONGEST_SEGMENT, 511),
            Refused::SegmentSize(511),
        ),
        (|d| d.status_at_start = Some(0x4f), Refused::Failed(0x4f)),
        (|d| d.answer = Answer::Never, Refused::Serial),
    ];
    for (change, reason) in cases {
        assert_eq!(refused(change), reason);
        assert!(
            reason
                .to_string()
                .starts_with(|first: char| first.is_ascii_lowercase())
        );
    }
    assert_eq!(refused(|d| d.block_bytes = 0), Refused::BlockSize(0));
    assert_eq!(refused(|d| d.block_bytes = 1536), Refused::BlockSize(1536));
}

#[test]
fn serial_numbers() {
    let serial = |serial| {
        let mut double = Double::new(8);
        double.serial = serial;
        let device = BlockDevice::start(&mut double).unwrap();
        device.serial().text().to_owned()
    };
    assert_eq!(serial(Some(*b"data\0\0\0\0ignored\0\0\0\0\0")), "data");
    assert_eq!(
        serial(Some(*b"twenty-characters-ok")),
        "twenty-characters-ok"
    );
    assert_eq!(serial(Some([0; 20])), "");
    assert_eq!(
        serial(Some(*b"caf\xc3\xa9\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
        ""
    );
    assert_eq!(serial(Some(*b"line\nbreak\0\0\0\0\0\0\0\0\0\0")), "");
    assert_eq!(serial(None), "");
}
