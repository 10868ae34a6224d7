//! What the bindings promise, shown on messages of the real schema. The agreement with Cap'n Proto
//! itself is shown by the property tests of kernel/hosttests.

extern crate std;

use std::vec;
use std::vec::Vec;

use super::{Limits, ListWriter, MessageWriter, StructReader, StructSize, WireError};
use crate::generated::{
    BootManifestReader, CapExceptionReader, CapExceptionType, CapExceptionWriter,
    KernelGrantReader, KernelGrantSource, KernelGrantWriter, NamedCapReader, ProcessEndFault,
    ProcessEndReader, ProcessEndWhich, ProcessEndWriter, console, process_spawner, store,
};

#[test]
fn text_and_data_come_back() {
    let mut buffer = [0xff; 128];
    let mut message = MessageWriter::new(&mut buffer);
    let mut params = console::write_line::ParamsWriter::root(&mut message).unwrap();
    params.set_text(b"hello").unwrap();
    let bytes = message.finish();
    assert_eq!(bytes.len(), 24);

    let params = console::write_line::ParamsReader::read(bytes).unwrap();
    assert_eq!(params.text(), Ok(&b"hello"[..]));
}

#[test]
fn lists_of_texts_and_structs_come_back() {
    let mut buffer = [0; 1024];
    let mut message = MessageWriter::new(&mut buffer);
    let mut params = process_spawner::spawn::ParamsWriter::root(&mut message).unwrap();
    params.set_binary("store").unwrap();
    let mut args = params.init_args(2).unwrap();
    args.set_text(0, "--fresh").unwrap();
    args.set_text(1, "").unwrap();
    assert_eq!(args.set_text(2, "x"), Err(WireError::Bounds));
    let mut grants = params.init_grants(2).unwrap();
    for (index, name) in ["console", "disk"].into_iter().enumerate() {
        let mut grant = grants.get(index).unwrap();
        grant.set_name(name).unwrap();
        grant.set_cap(index as u32).unwrap();
    }
    let bytes = message.finish();

    let params = process_spawner::spawn::ParamsReader::read(bytes).unwrap();
    assert_eq!(params.binary(), Ok("store"));
    let args: Result<Vec<_>, _> = params.args().unwrap().iter().collect();
    assert_eq!(args, Ok(vec!["--fresh", ""]));
    let grants = params.grants().unwrap();
    assert_eq!(grants.len(), 2);
    let found: Vec<_> = grants
        .iter()
        .map(|grant| (grant.name(), grant.cap()))
        .collect();
    assert_eq!(found, [(Ok("console"), Ok(0)), (Ok("disk"), Ok(1))]);
    assert!(grants.get(2).is_none());
}

#[test]
fn unions_are_enums() {
    let mut buffer = [0; 128];
    let mut message = MessageWriter::new(&mut buffer);
    let mut grant = KernelGrantWriter::root(&mut message).unwrap();
    grant.set_name("disk").unwrap();
    grant.source().set_block("data").unwrap();
    let grant = KernelGrantReader::read(message.finish()).unwrap();
    assert_eq!(grant.source(), Ok(KernelGrantSource::Block("data")));

    let mut message = MessageWriter::new(&mut buffer);
    let mut end = ProcessEndWriter::root(&mut message).unwrap();
    end.set_exited(-3);
    let bytes = message.finish();
    assert_eq!(
        ProcessEndReader::read(bytes).unwrap().which(),
        Ok(ProcessEndWhich::Exited(-3))
    );

    let mut message = MessageWriter::new(&mut buffer);
    ProcessEndWriter::root(&mut message)
        .unwrap()
        .set_faulted(ProcessEndFault::Divide);
    let mut bytes = message.finish().to_vec();
    let end = ProcessEndReader::read(&bytes).unwrap();
    assert_eq!(
        end.which(),
        Ok(ProcessEndWhich::Faulted(ProcessEndFault::Divide))
    );
    // The discriminant is the third 16-bit slot of the data section.
    bytes[8 + 4] = 9;
    assert_eq!(
        ProcessEndReader::read(&bytes).unwrap().which(),
        Err(WireError::Unknown(9))
    );
}

#[test]
fn an_enum_and_an_embedded_struct_come_back() {
    let mut buffer = [0; 128];
    let mut message = MessageWriter::new(&mut buffer);
    let mut exception = CapExceptionWriter::root(&mut message).unwrap();
    exception.set_type(CapExceptionType::InvalidArgument);
    exception.set_reason("too long").unwrap();
    let exception = CapExceptionReader::read(message.finish()).unwrap();
    assert_eq!(exception.r#type(), Ok(CapExceptionType::InvalidArgument));
    assert_eq!(exception.reason(), Ok("too long"));

    let mut message = MessageWriter::new(&mut buffer);
    let mut results = store::put::ResultsWriter::root(&mut message).unwrap();
    results
        .init_result()
        .unwrap()
        .init_digest(32)
        .unwrap()
        .fill(7);
    let results = store::put::ResultsReader::read(message.finish()).unwrap();
    let which = results.result().unwrap().which();
    assert_eq!(
        which,
        Ok(crate::generated::PutResultWhich::Digest(&[7; 32]))
    );
}

#[test]
fn what_was_not_sent_reads_as_zero_or_empty() {
    // A null root, and a root without sections.
    for message in [[0; 8], [0xfc, 0xff, 0xff, 0xff, 0, 0, 0, 0]] {
        let manifest = BootManifestReader::read(&message).unwrap();
        assert_eq!(manifest.schema_version(), 0);
        assert_eq!(manifest.image(), Ok(""));
        assert!(manifest.binaries().unwrap().is_empty());
        assert_eq!(manifest.init().unwrap().binary(), 0);
        assert_eq!(
            NamedCapReader::read(&message).unwrap().cap(),
            Err(WireError::NoCapability)
        );
    }
}

#[test]
fn a_writer_without_room_says_so_and_writes_no_further() {
    for room in 0..24 {
        let mut buffer = [0xaa; 32];
        let mut message = MessageWriter::new(&mut buffer[..room]);
        let written = console::write_line::ParamsWriter::root(&mut message)
            .and_then(|mut params| params.set_text(b"hello"));
        assert_eq!(written, Err(WireError::Full), "room for {room} bytes");
        assert!(message.finish().len() <= room);
        assert!(buffer[room..].iter().all(|byte| *byte == 0xaa));
    }
}

#[test]
fn only_one_root_can_be_made() {
    let mut buffer = [0; 64];
    let mut message = MessageWriter::new(&mut buffer);
    assert!(ProcessEndWriter::root(&mut message).is_ok());
    assert_eq!(
        ProcessEndWriter::root(&mut message).err(),
        Some(WireError::Full)
    );
}

/// A message of the given words.
fn message(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn refusal(words: &[u64]) -> Option<WireError> {
    BootManifestReader::read(&message(words)).err()
}

/// A struct pointer with this offset, data words and pointers.
fn pointer(offset: i32, data: u64, pointers: u64) -> u64 {
    u64::from((offset as u32) << 2) | data << 32 | pointers << 48
}

#[test]
fn hostile_messages_are_refused_whole() {
    assert_eq!(BootManifestReader::read(&[]).err(), Some(WireError::Size));
    assert_eq!(
        BootManifestReader::read(&[0; 12]).err(),
        Some(WireError::Size)
    );
    assert_eq!(refusal(&[0; 8 * 1024 + 1]), Some(WireError::Size));
    // The root is a list, a far pointer, a capability; it lies behind the end, before the start.
    assert_eq!(refusal(&[1]), Some(WireError::Kind));
    assert_eq!(refusal(&[2, 0]), Some(WireError::Kind));
    assert_eq!(refusal(&[3]), Some(WireError::Kind));
    assert_eq!(refusal(&[pointer(0, 1, 0)]), Some(WireError::Bounds));
    assert_eq!(refusal(&[pointer(-2, 0, 0)]), Some(WireError::Bounds));
    // Its data section, then its pointers, reach one word too far.
    assert_eq!(refusal(&[pointer(0, 2, 0), 0]), Some(WireError::Bounds));
    assert_eq!(refusal(&[pointer(0, 1, 1), 0]), Some(WireError::Bounds));
    // A far pointer further inside.
    assert_eq!(refusal(&[pointer(0, 0, 1), 2, 0]), Some(WireError::Kind));
    // A text of 2^29 - 1 bytes.
    assert_eq!(
        refusal(&[pointer(0, 0, 1), 1 | 2 << 32 | 0x1fff_ffff << 35]),
        Some(WireError::Bounds)
    );
    // A list of structs whose tag promises more than its words; one whose tag is no struct pointer.
    assert_eq!(
        refusal(&[pointer(0, 0, 1), 1 | 7 << 32 | 1 << 35, pointer(2, 1, 0), 0]),
        Some(WireError::Bounds)
    );
    assert_eq!(
        refusal(&[pointer(0, 0, 1), 1 | 7 << 32 | 1 << 35, 1, 0]),
        Some(WireError::Kind)
    );
}

#[test]
fn nesting_ends_at_the_limit() {
    let chain = |structs: usize| {
        let mut words = vec![pointer(0, 0, 1); structs];
        words.push(0);
        refusal(&words)
    };
    assert_eq!(chain(Limits::MESSAGE.nesting), None);
    assert_eq!(chain(Limits::MESSAGE.nesting + 1), Some(WireError::Nesting));
    // A struct that contains itself.
    assert_eq!(
        refusal(&[pointer(0, 0, 1), pointer(-1, 0, 1)]),
        Some(WireError::Nesting)
    );
}

#[test]
fn a_message_is_not_larger_when_read_than_when_sent() {
    // A hundred pointers to one list of a hundred words.
    let mut words = vec![pointer(0, 0, 100)];
    for index in 0..100 {
        words.push(1 | ((99 - index) << 2) | 5 << 32 | 100 << 35);
    }
    words.extend([0; 100]);
    assert_eq!(refusal(&words), Some(WireError::Amplified));
    // The same with a struct of a hundred words, and with a list of structs.
    for index in 0..100 {
        words[index + 1] = pointer(99 - index as i32, 100, 0);
    }
    assert_eq!(refusal(&words), Some(WireError::Amplified));
    words[101] = pointer(99, 1, 0);
    for index in 0..100 {
        words[index + 1] = 1 | ((99 - index as u64) << 2) | 7 << 32 | 99 << 35;
    }
    assert_eq!(refusal(&words), Some(WireError::Amplified));
    // A list of structs without size costs no room, so their number is bounded.
    let many = |count: u64| refusal(&[pointer(0, 0, 1), 1 | 7 << 32, count << 2]);
    assert_eq!(many(200), None);
    assert_eq!(many(1 << 29), Some(WireError::Amplified));
}

#[test]
fn a_pointer_of_another_kind_is_refused_where_it_is_read() {
    // Pointer 0 of the manifest is text; here it is a list of words, then text without NUL, then not UTF-8.
    let text = |bits: u64, content: u64| {
        let bytes = message(&[pointer(0, 0, 1), bits, content]);
        BootManifestReader::read(&bytes).unwrap().image().err()
    };
    assert_eq!(text(1 | 5 << 32 | 1 << 35, 0), Some(WireError::Kind));
    assert_eq!(
        text(1 | 2 << 32 | 3 << 35, 0x61_6161),
        Some(WireError::Text)
    );
    assert_eq!(
        text(1 | 2 << 32 | 3 << 35, 0x00_ffff),
        Some(WireError::Text)
    );
    assert_eq!(text(1 | 2 << 32 | 3 << 35, 0x00_6161), None);
}

#[test]
fn what_lists_lead_to_is_checked_with_the_message() {
    let beyond = 1 | 100 << 2 | 2 << 32 | 1 << 35;
    // A list of one pointer, and a list of one struct with one pointer, that leads out of the message.
    assert_eq!(
        refusal(&[pointer(0, 0, 1), 1 | 6 << 32 | 1 << 35, beyond]),
        Some(WireError::Bounds)
    );
    let structs = 1 | 7 << 32 | 1 << 35;
    assert_eq!(
        refusal(&[pointer(0, 0, 1), structs, pointer(1, 0, 1), beyond]),
        Some(WireError::Bounds)
    );
    assert_eq!(
        refusal(&[pointer(0, 0, 1), structs, pointer(1, 0, 1), 0]),
        None
    );
}

#[test]
fn only_plain_capability_pointers_are_known() {
    let cap = |word: u64| {
        let bytes = message(&[pointer(0, 0, 2), 0, word]);
        NamedCapReader::read(&bytes).and_then(|named| named.cap())
    };
    assert_eq!(cap(3 | 7 << 32), Ok(7));
    assert_eq!(cap(0), Err(WireError::NoCapability));
    assert_eq!(cap(3 | 1 << 2), Err(WireError::Kind));
    assert_eq!(cap(3 | 1 << 31), Err(WireError::Kind));
    assert_eq!(cap(pointer(-1, 0, 0)), Err(WireError::Kind));
}

#[test]
fn a_field_can_be_set_again() {
    let mut buffer = [0; 64];
    let mut message = MessageWriter::new(&mut buffer);
    let mut end = ProcessEndWriter::root(&mut message).unwrap();
    end.set_exited(-1);
    end.set_exited(5);
    let bytes = message.finish();
    assert_eq!(
        ProcessEndReader::read(bytes).unwrap().which(),
        Ok(ProcessEndWhich::Exited(5))
    );
}

#[test]
fn a_message_without_fields_is_one_word() {
    let mut buffer = [0; 64];
    let mut message = MessageWriter::new(&mut buffer);
    console::write_line::ResultsWriter::root(&mut message).unwrap();
    assert_eq!(message.finish(), [0xfc, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
}

#[test]
fn bytes_to_fill_in_are_zero_and_the_number_of_empty_structs_is_bounded() {
    let mut buffer = [0xaa; 64];
    let mut message = MessageWriter::new(&mut buffer);
    let mut params = console::write_line::ParamsWriter::root(&mut message).unwrap();
    assert_eq!(params.init_text(13).unwrap(), [0; 13]);

    let mut message = MessageWriter::new(&mut buffer);
    let mut root = message.root(StructSize::new(0, 1)).unwrap();
    let list = root.init_structs::<ListWriter>(0, StructSize::new(0, 0), 1 << 20);
    assert_eq!(list.err(), Some(WireError::Full));
}

#[test]
fn a_message_that_is_all_data_is_read_as_any_other() {
    // The root says how many words and pointers there are, so many follow, and the first one reads as.
    let words = usize::from(u16::MAX);
    let cases = [
        ((1_u64, 0_u64), 1, Ok(7)),
        ((1, 0), 2, Ok(7)),
        ((2, 0), 1, Err(WireError::Bounds)),
        ((0, 0), 0, Ok(0)),
        ((0, 0), 1, Ok(0)),
        ((0xffff, 0), words, Ok(7)),
        // One word more is no more data, but a pointer.
        ((0, 1), words + 1, Err(WireError::Kind)),
    ];
    for ((data, pointers), words, wanted) in cases {
        let mut message = vec![[0; 8]; 1 + words];
        message[0] = (data << 32 | pointers << 48).to_le_bytes();
        if let Some(word) = message.get_mut(1) {
            *word = 7_u64.to_le_bytes();
        }
        let root = StructReader::root(message.as_flattened(), Limits::BOOT_MANIFEST);
        assert_eq!(
            root.map(|root| root.u64(0)),
            wanted,
            "{data} {pointers} {words}"
        );
    }
}
