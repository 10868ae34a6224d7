//! For every struct of both schemas: what either side writes, both read alike; what our reader accepts
//! of damaged bytes, Cap'n Proto reads alike; and no bytes make our reader panic.
//!
//! Each test has a fixed number of random cases for each struct, so its time is bounded. A failure names
//! the struct and the smallest value that was found to fail; it belongs into `kernel/abi/src/wire/tests.rs`.

mod arbitrary;

use capos_hosttests::glue::{capos, every};
use capos_hosttests::message::Message;
use capos_hosttests::value::Value;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::strategy::Strategy;
use proptest::test_runner::{TestCaseError, TestRunner};

fn messages() -> impl Iterator<Item = &'static Message> {
    capos::MESSAGES.iter().chain(every::MESSAGES)
}

/// Runs `test` on random input of `strategy`, and says which struct it failed for.
fn check<S: Strategy>(
    name: &str,
    cases: u32,
    strategy: S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&strategy, test) {
        panic!("{name}: {failure}");
    }
}

fn written(message: &Message, value: &Value) -> Vec<u8> {
    let mut buffer = vec![0xaa; 64 * 1024];
    let length = (message.write)(&mut buffer, value).expect("the buffer is large enough");
    buffer.truncate(length);
    buffer
}

fn agree(left: &Value, right: &Value, what: &str) -> Result<(), TestCaseError> {
    let (left, right) = (
        left.clone().without_indices(),
        right.clone().without_indices(),
    );
    if left == right {
        return Ok(());
    }
    Err(TestCaseError::fail(format!(
        "{what}:\n {left:?}\n {right:?}"
    )))
}

#[test]
fn the_schemas_are_covered() {
    let names: Vec<_> = messages().map(|message| message.name).collect();
    assert!(names.contains(&"oracle::boot_manifest::Owned"), "{names:?}");
    assert!(
        names.contains(&"oracle::store::put_results::Owned"),
        "{names:?}"
    );
    assert!(names.len() > 50, "{} structs", names.len());
}

#[test]
fn what_we_write_both_read_alike() {
    for message in messages() {
        check(
            message.name,
            200,
            arbitrary::structure((message.oracle.schema)()),
            |value| {
                let bytes = written(message, &value);
                let ours = (message.read)(&bytes);
                assert_eq!(ours.as_ref(), Ok(&value));
                let theirs = (message.oracle.read)(&bytes).expect("a sound message");
                agree(&value, &theirs, "written by us, read by Cap'n Proto")
            },
        );
    }
}

#[test]
fn what_cap_n_proto_writes_we_read_alike() {
    for message in messages() {
        check(
            message.name,
            200,
            arbitrary::structure((message.oracle.schema)()),
            |value| {
                let value = value.without_capabilities();
                let bytes = (message.oracle.write)(&value).expect("the value fits");
                let ours = (message.read)(&bytes).expect("a sound message");
                agree(&value, &ours, "written by Cap'n Proto, read by us")
            },
        );
    }
}

/// Reads damaged bytes with both; ours may refuse more.
fn compare_damaged(message: &Message, bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(ours) = (message.read)(bytes) else {
        return Ok(());
    };
    match (message.oracle.read)(bytes) {
        Ok(theirs) => agree(&ours, &theirs, "damaged, accepted by us"),
        Err(error) => Err(TestCaseError::fail(format!(
            "refused by Cap'n Proto: {error}"
        ))),
    }
}

#[test]
fn damaged_messages_are_refused_or_read_alike() {
    for message in messages() {
        let value = arbitrary::structure((message.oracle.schema)());
        let damage = vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6);
        let cut = any::<proptest::sample::Index>();
        check(
            message.name,
            400,
            (value, damage, proptest::option::of(cut)),
            |(value, damage, cut)| {
                let mut bytes = written(message, &value);
                for (at, byte) in damage {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
                if let Some(cut) = cut {
                    bytes.truncate(cut.index(bytes.len() / 8 + 1) * 8);
                }
                compare_damaged(message, &bytes)
            },
        );
    }
}

/// A word that is likely to be a pointer that makes sense, or nearly so.
fn pointer_word() -> impl Strategy<Value = u64> {
    let near = (-4_i32..12, 0_u64..6, 0_u64..6);
    let structure = near
        .prop_map(|(to, data, pointers)| u64::from((to as u32) << 2) | data << 32 | pointers << 48);
    let list = (-4_i32..12, 0_u64..8, 0_u64..40)
        .prop_map(|(to, size, count)| u64::from((to as u32) << 2) | 1 | size << 32 | count << 35);
    let tag = (0_u64..5, 0_u64..4, 0_u64..4)
        .prop_map(|(count, data, pointers)| count << 2 | data << 32 | pointers << 48);
    let capability = any::<u32>().prop_map(|index| 3 | u64::from(index) << 32);
    let text = proptest::sample::select(&[0_u64, 0x61, 0x6261, 0x0080_6261, 0xff][..]);
    proptest::prop_oneof![4 => structure, 6 => list, 3 => tag, 1 => capability, 3 => text, 1 => any::<u64>()]
}

#[test]
fn arbitrary_words_are_refused_or_read_alike() {
    for message in messages() {
        check(message.name, 1000, vec(pointer_word(), 0..24), |words| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            compare_damaged(message, &bytes)
        });
    }
}

#[test]
fn arbitrary_bytes_never_panic() {
    for message in messages() {
        check(message.name, 300, vec(any::<u8>(), 0..200), |bytes| {
            let _ = (message.read)(&bytes);
            Ok(())
        });
    }
}

#[test]
fn a_buffer_of_any_size_is_filled_whole_or_not_at_all() {
    for message in messages() {
        let value = arbitrary::structure((message.oracle.schema)());
        check(
            message.name,
            100,
            (value, any::<proptest::sample::Index>()),
            |(value, room)| {
                let whole = written(message, &value);
                let room = room.index(whole.len() + 16);
                let mut buffer = vec![0x55; whole.len() + 16];
                let result = (message.write)(&mut buffer[..room], &value);
                assert_eq!(result.is_ok(), room >= whole.len());
                assert!(buffer[room..].iter().all(|byte| *byte == 0x55));
                Ok(())
            },
        );
    }
}
