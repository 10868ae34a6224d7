//! The read-only page in which a program finds what it was given.

use crate::limits::{ARGS, CAPSET_ENTRIES, CAPSET_NAME};
use crate::{CapId, PAGE_SIZE, bytes_at, put_at};

/// First word of a CapSet page: `CSET`.
pub const MAGIC: u32 = 0x5445_5343;
/// Version of this layout.
pub const VERSION: u16 = 1;
/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 48;
/// Where the entries start.
pub const ENTRIES_AT: usize = 16;

const NAME_LEN_AT: usize = 4;
const INTERFACE_AT: usize = 8;
const NAME_AT: usize = 16;

/// Reads a CapSet page. A page that breaks a rule reads as empty, never out of bounds.
#[derive(Clone, Copy)]
pub struct CapSet<'a>(&'a [u8; PAGE_SIZE]);

/// One granted capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name that the manifest or the parent gave it.
    pub name: &'a [u8],
    /// The capability.
    pub cap: CapId,
    /// The interface of its object.
    pub interface_id: u64,
}

impl<'a> CapSet<'a> {
    /// Takes a page with the right magic and version.
    pub fn new(page: &'a [u8; PAGE_SIZE]) -> Option<Self> {
        let magic = u32::from_le_bytes(bytes_at(page, 0));
        let version = u16::from_le_bytes(bytes_at(page, 4));
        (magic == MAGIC && version == VERSION).then_some(Self(page))
    }

    /// The entries, in the order in which they were granted.
    pub fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let count = usize::from(u16::from_le_bytes(bytes_at(self.0, 6))).min(CAPSET_ENTRIES);
        let (records, _) = self
            .0
            .get(ENTRIES_AT..)
            .unwrap_or(&[])
            .as_chunks::<ENTRY_BYTES>();
        records.iter().take(count).map(|record| {
            let len = u32::from_le_bytes(bytes_at(record, NAME_LEN_AT)) as usize;
            let name = record.get(NAME_AT..).unwrap_or(&[]);
            Entry {
                name: name.get(..len.min(CAPSET_NAME)).unwrap_or(&[]),
                cap: CapId(u32::from_le_bytes(bytes_at(record, 0))),
                interface_id: u64::from_le_bytes(bytes_at(record, INTERFACE_AT)),
            }
        })
    }

    /// The entry with this name.
    pub fn find(self, name: &[u8]) -> Option<Entry<'a>> {
        self.entries().find(|entry| entry.name == name)
    }

    /// The program's arguments.
    pub fn args(self) -> impl Iterator<Item = &'a [u8]> {
        let count = u16::from_le_bytes(bytes_at(self.0, 8));
        let mut at = usize::from(u16::from_le_bytes(bytes_at(self.0, 10)));
        let page = self.0;
        (0..count).map_while(move |_| {
            let start = at.checked_add(2)?;
            let len = u16::from_le_bytes([*page.get(at)?, *page.get(at.checked_add(1)?)?]);
            let end = start.checked_add(usize::from(len))?;
            let text = page.get(start..end)?;
            at = end;
            Some(text)
        })
    }
}

/// Why something cannot be added to a CapSet page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// There is no room for another entry, argument or for this text.
    NoRoom,
    /// A name is empty or too long.
    Name,
}

/// Writes a CapSet page: first all entries, then all arguments.
pub struct Builder<'a> {
    page: &'a mut [u8; PAGE_SIZE],
    count: usize,
    args: usize,
    end: usize,
}

impl<'a> Builder<'a> {
    /// Starts an empty CapSet in `page`, which is cleared.
    pub fn new(page: &'a mut [u8; PAGE_SIZE]) -> Self {
        page.fill(0);
        put_at(page, 0, &MAGIC.to_le_bytes());
        put_at(page, 4, &VERSION.to_le_bytes());
        Self {
            page,
            count: 0,
            args: 0,
            end: ENTRIES_AT,
        }
    }

    /// Adds a capability. Entries cannot follow arguments.
    pub fn entry(&mut self, name: &[u8], cap: CapId, interface_id: u64) -> Result<(), Full> {
        if name.is_empty() || name.len() > CAPSET_NAME {
            return Err(Full::Name);
        }
        if self.count >= CAPSET_ENTRIES || self.args > 0 {
            return Err(Full::NoRoom);
        }
        let end = self.end.checked_add(ENTRY_BYTES).ok_or(Full::NoRoom)?;
        let record = self.page.get_mut(self.end..end).ok_or(Full::NoRoom)?;
        put_at(record, 0, &cap.0.to_le_bytes());
        put_at(record, NAME_LEN_AT, &(name.len() as u32).to_le_bytes());
        put_at(record, INTERFACE_AT, &interface_id.to_le_bytes());
        put_at(record, NAME_AT, name);
        self.end = end;
        self.count = self.count.saturating_add(1);
        put_at(self.page, 6, &(self.count as u16).to_le_bytes());
        Ok(())
    }

    /// Adds an argument behind the entries.
    pub fn arg(&mut self, text: &[u8]) -> Result<(), Full> {
        let end = self.end.saturating_add(2).saturating_add(text.len());
        if self.args >= ARGS || end > PAGE_SIZE {
            return Err(Full::NoRoom);
        }
        if self.args == 0 {
            put_at(self.page, 10, &(self.end as u16).to_le_bytes());
        }
        put_at(self.page, self.end, &(text.len() as u16).to_le_bytes());
        put_at(self.page, self.end.saturating_add(2), text);
        self.end = end;
        self.args = self.args.saturating_add(1);
        put_at(self.page, 8, &(self.args as u16).to_le_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Builder, CapSet, Entry, Full};
    use crate::{CapId, PAGE_SIZE};

    #[test]
    fn what_is_granted_is_found() {
        let mut page = [0xaa; PAGE_SIZE];
        let mut builder = Builder::new(&mut page);
        builder.entry(b"console", CapId::new(3, 1), 77).unwrap();
        builder.entry(b"block", CapId::new(4, 2), 78).unwrap();
        builder.arg(b"first").unwrap();
        builder.arg(b"").unwrap();
        assert_eq!(
            builder.entry(b"late", CapId::new(5, 1), 1),
            Err(Full::NoRoom)
        );
        let set = CapSet::new(&page).unwrap();
        let block = Entry {
            name: b"block",
            cap: CapId::new(4, 2),
            interface_id: 78,
        };
        assert_eq!(set.find(b"block"), Some(block));
        assert_eq!(set.find(b"bloc"), None);
        assert_eq!(set.entries().count(), 2);
        assert!(set.args().eq([b"first".as_slice(), b""]));
    }

    #[test]
    fn limits_hold() {
        let mut page = [0; PAGE_SIZE];
        let mut builder = Builder::new(&mut page);
        assert_eq!(builder.entry(b"", CapId::NONE, 0), Err(Full::Name));
        assert_eq!(builder.entry(&[b'a'; 33], CapId::NONE, 0), Err(Full::Name));
        for _ in 0..64 {
            builder.entry(&[b'a'; 32], CapId::NONE, 0).unwrap();
        }
        assert_eq!(builder.entry(b"a", CapId::NONE, 0), Err(Full::NoRoom));
        assert_eq!(builder.arg(&[b'x'; 1007]), Err(Full::NoRoom));
        builder.arg(&[b'x'; 1006]).unwrap();
    }

    #[test]
    fn a_damaged_page_reads_as_less() {
        let mut page = [0xff; PAGE_SIZE];
        assert!(CapSet::new(&page).is_none());
        let _ = Builder::new(&mut page);
        page[6..12].fill(0xff);
        let set = CapSet::new(&page).unwrap();
        assert_eq!(set.entries().count(), 64);
        assert_eq!(set.args().count(), 0);
    }
}
