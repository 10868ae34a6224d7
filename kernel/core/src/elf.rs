//! Reading a program's ELF file, which is believed in nothing.
//!
//! A program is a static x86-64 executable. Every loadable segment lies inside the image range, on
//! pages of its own, in ascending order, and is never writable and executable. A segment that is not
//! writable is mapped where it lies in the file, so its file part is all of it.

use capos_abi::layout::{IMAGE_END, IMAGE_START};

use crate::bytes::{array, u16_at, u32_at, u64_at};
use crate::paging::Access;

/// Loadable segments that a program may have.
pub const SEGMENTS: usize = 8;

const PAGE: u64 = 4096;
const HEADER_BYTES: usize = 64;
const PROGRAM_HEADER_BYTES: usize = 56;
const PROGRAM_HEADERS_MAX: usize = 32;

/// Why a file is not a program that can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadElf {
    /// Not a 64-bit little-endian x86-64 static executable.
    Kind,
    /// The program headers are not all in the file, or have another size.
    Headers,
    /// It wants an interpreter, dynamic linking or thread-local storage.
    Dynamic,
    /// There is no segment, or more than `SEGMENTS`.
    SegmentCount,
    /// A segment's bytes are not all in the file, or it is larger in the file than in memory.
    SegmentFile,
    /// A segment lies outside the image range, out of order, or shares a page with another.
    SegmentPlace,
    /// A segment is writable and executable, or not readable.
    SegmentAccess,
    /// File offset and address differ within the page, or a segment that is mapped from the file is
    /// larger than its file part.
    SegmentShape,
    /// The entry point is not in executable memory.
    Entry,
}

/// One loadable segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First address; not page-aligned.
    pub address: u64,
    /// Bytes in memory, at least one.
    pub memory_bytes: u64,
    /// Where its bytes start in the file; equal to `address` modulo the page size.
    pub file_offset: u64,
    /// Bytes in the file; the rest is zero.
    pub file_bytes: u64,
    /// What the program may do there.
    pub access: Access,
}

impl Segment {
    /// The first address of its first page.
    pub fn first_page(&self) -> u64 {
        self.address & !(PAGE.wrapping_sub(1))
    }

    /// The first address behind its last page.
    pub fn end_page(&self) -> u64 {
        self.address
            .saturating_add(self.memory_bytes)
            .checked_next_multiple_of(PAGE)
            .unwrap_or(u64::MAX)
    }
}

/// A program that can be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The first instruction.
    pub entry: u64,
    segments: [Segment; SEGMENTS],
    count: usize,
}

impl Program {
    /// The segments, in ascending order.
    pub fn segments(&self) -> &[Segment] {
        self.segments.get(..self.count).unwrap_or(&[])
    }

    /// Pages of memory that loading takes from the free frames, page tables not counted.
    pub fn owned_pages(&self) -> u64 {
        let writable = self
            .segments()
            .iter()
            .filter(|segment| segment.access == Access::Write);
        let pages =
            writable.map(|segment| segment.end_page().saturating_sub(segment.first_page()) / PAGE);
        pages.fold(0, u64::saturating_add)
    }
}

/// Reads the program in `file`.
pub fn parse(file: &[u8]) -> Result<Program, BadElf> {
    const LOAD: u32 = 1;
    const DYNAMIC: u32 = 2;
    const INTERPRETER: u32 = 3;
    const THREAD_LOCAL: u32 = 7;

    let header = file.get(..HEADER_BYTES).ok_or(BadElf::Kind)?;
    // Magic, 64-bit, little-endian, version 1; then executable, x86-64.
    let kind = (u16_at(header, 16), u16_at(header, 18));
    if array::<7>(header, 0) != Some(*b"\x7fELF\x02\x01\x01") || kind != (Some(2), Some(62)) {
        return Err(BadElf::Kind);
    }
    let entry = u64_at(header, 24).ok_or(BadElf::Kind)?;
    let table = u64_at(header, 32).ok_or(BadElf::Kind)?;
    let count = usize::from(u16_at(header, 56).ok_or(BadElf::Kind)?);
    if u16_at(header, 54) != Some(PROGRAM_HEADER_BYTES as u16) || count > PROGRAM_HEADERS_MAX {
        return Err(BadElf::Headers);
    }
    let start = usize::try_from(table).map_err(|_| BadElf::Headers)?;
    let end = start
        .checked_add(count.saturating_mul(PROGRAM_HEADER_BYTES))
        .ok_or(BadElf::Headers)?;
    let headers = file.get(start..end).ok_or(BadElf::Headers)?;

    let nothing = Segment {
        address: 0,
        memory_bytes: 0,
        file_offset: 0,
        file_bytes: 0,
        access: Access::Read,
    };
    let mut program = Program {
        entry,
        segments: [nothing; SEGMENTS],
        count: 0,
    };
    let mut free_from = IMAGE_START;
    for record in headers.as_chunks::<PROGRAM_HEADER_BYTES>().0 {
        match u32_at(record, 0) {
            Some(LOAD) => {}
            Some(DYNAMIC | INTERPRETER | THREAD_LOCAL) => return Err(BadElf::Dynamic),
            _ => continue,
        }
        let Some(segment) = segment(record, file.len() as u64)? else {
            continue;
        };
        if segment.first_page() < free_from || segment.end_page() > IMAGE_END {
            return Err(BadElf::SegmentPlace);
        }
        free_from = segment.end_page();
        *program
            .segments
            .get_mut(program.count)
            .ok_or(BadElf::SegmentCount)? = segment;
        program.count = program.count.saturating_add(1);
    }
    if program.count == 0 {
        return Err(BadElf::SegmentCount);
    }
    let runs = |segment: &Segment| {
        let end = segment.address.saturating_add(segment.memory_bytes);
        segment.access == Access::Execute && (segment.address..end).contains(&entry)
    };
    if program.segments().iter().any(runs) {
        Ok(program)
    } else {
        Err(BadElf::Entry)
    }
}

/// Reads one program header; an empty segment is none.
fn segment(record: &[u8], file_len: u64) -> Result<Option<Segment>, BadElf> {
    let field = |at| u64_at(record, at).ok_or(BadElf::Headers);
    let (file_offset, address) = (field(8)?, field(16)?);
    let (file_bytes, memory_bytes) = (field(32)?, field(40)?);
    if memory_bytes == 0 && file_bytes == 0 {
        return Ok(None);
    }
    let file_end = file_offset
        .checked_add(file_bytes)
        .ok_or(BadElf::SegmentFile)?;
    if file_end > file_len || file_bytes > memory_bytes {
        return Err(BadElf::SegmentFile);
    }
    if address
        .checked_add(memory_bytes)
        .is_none_or(|end| end > IMAGE_END)
    {
        return Err(BadElf::SegmentPlace);
    }
    let access = match u32_at(record, 4).map(|flags| flags & 7) {
        Some(4) => Access::Read,
        Some(5) => Access::Execute,
        Some(6) => Access::Write,
        _ => return Err(BadElf::SegmentAccess),
    };
    let mapped_from_file = access != Access::Write;
    if address % PAGE != file_offset % PAGE || (mapped_from_file && file_bytes != memory_bytes) {
        return Err(BadElf::SegmentShape);
    }
    Ok(Some(Segment {
        address,
        memory_bytes,
        file_offset,
        file_bytes,
        access,
    }))
}

#[cfg(test)]
mod tests {
    use super::{BadElf, parse};
    use crate::paging::Access;

    const HEADERS_AT: usize = 64;

    /// A file with text (4 KiB at 0x1000) and data (0x10 bytes at 0x2000, 0x2000 in memory).
    fn file() -> Vec<u8> {
        let mut file = vec![0; 0x2010];
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        put(&mut file, 16, &[2, 0, 62, 0]);
        put(&mut file, 24, &0x20_1000_u64.to_le_bytes());
        put(&mut file, 32, &(HEADERS_AT as u64).to_le_bytes());
        put(&mut file, 54, &[56, 0, 2, 0]);
        header(&mut file, 0, 5, [0x1000, 0x20_1000, 0x1000, 0x1000]);
        header(&mut file, 1, 6, [0x2000, 0x20_2000, 0x10, 0x2000]);
        file
    }

    fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
        file[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Offset, address, bytes in the file, bytes in memory.
    fn header(
        file: &mut [u8],
        index: usize,
        flags: u32,
        [offset, address, in_file, in_memory]: [u64; 4],
    ) {
        let at = HEADERS_AT + index * 56;
        put(file, at, &1_u32.to_le_bytes());
        put(file, at + 4, &flags.to_le_bytes());
        for (field, value) in [(8, offset), (16, address), (32, in_file), (40, in_memory)] {
            put(file, at + field, &value.to_le_bytes());
        }
    }

    #[test]
    fn a_program_is_read() {
        let program = parse(&file()).unwrap();
        assert_eq!(program.entry, 0x20_1000);
        assert_eq!(program.owned_pages(), 2);
        let [text, data] = program.segments() else {
            panic!("two segments")
        };
        assert_eq!((text.access, data.access), (Access::Execute, Access::Write));
        assert_eq!((data.first_page(), data.end_page()), (0x20_2000, 0x20_4000));
    }

    #[test]
    fn each_rule_has_its_error() {
        type Change = fn(&mut Vec<u8>);
        let cases: [(Change, BadElf); 17] = [
            (|file| file[3] = b'G', BadElf::Kind),
            (|file| file[16] = 3, BadElf::Kind),
            (|file| file.truncate(63), BadElf::Kind),
            (|file| file[54] = 55, BadElf::Headers),
            (|file| file[56] = 0, BadElf::SegmentCount),
            (|file| file[56] = 33, BadElf::Headers),
            (
                |file| put(file, 32, &u64::MAX.to_le_bytes()),
                BadElf::Headers,
            ),
            (|file| file[HEADERS_AT] = 3, BadElf::Dynamic),
            (
                |file| header(file, 0, 7, [0x1000, 0x20_1000, 0x1000, 0x1000]),
                BadElf::SegmentAccess,
            ),
            (
                |file| header(file, 0, 1, [0x1000, 0x20_1000, 0x1000, 0x1000]),
                BadElf::SegmentAccess,
            ),
            (
                |file| header(file, 0, 5, [0x1001, 0x20_1000, 0x1000, 0x1000]),
                BadElf::SegmentShape,
            ),
            (
                |file| header(file, 0, 5, [0x1000, 0x20_1000, 0x1000, 0x1001]),
                BadElf::SegmentShape,
            ),
            (
                |file| header(file, 1, 6, [0x2000, 0x20_2000, 0x11, 0x2000]),
                BadElf::SegmentFile,
            ),
            (
                |file| header(file, 1, 6, [u64::MAX, 0x20_2000, 0x10, 0x2000]),
                BadElf::SegmentFile,
            ),
            (
                |file| header(file, 1, 6, [0x2000, 0x20_1000, 0x10, 0x2000]),
                BadElf::SegmentPlace,
            ),
            (
                |file| header(file, 1, 6, [0x2000, 0xffff_ffff_ffff_f000, 0x10, 0x2000]),
                BadElf::SegmentPlace,
            ),
            (
                |file| put(file, 24, &0x20_2000_u64.to_le_bytes()),
                BadElf::Entry,
            ),
        ];
        for (number, (change, expected)) in cases.into_iter().enumerate() {
            let mut file = file();
            change(&mut file);
            assert_eq!(parse(&file), Err(expected), "case {number}");
        }
    }

    #[test]
    fn any_changed_byte_is_read_without_a_panic() {
        for at in 0..HEADERS_AT + 112 {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut file = file();
                file[at] = value;
                let _ = parse(&file);
            }
        }
    }
}
