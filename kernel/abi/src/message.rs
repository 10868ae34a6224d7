//! What lies around a message in memory: transfer lists, capability records and the header of a
//! received call.

use crate::{bytes_at, put_at};

/// Bytes of a transfer descriptor and of a capability record.
pub const RECORD_BYTES: usize = 16;
/// Bytes of the header in front of a received call's payload.
pub const RECV_HEADER_BYTES: usize = 64;

/// `TransferDescriptor.flags`: the sender gives its own capability up.
pub const TRANSFER_MOVE: u32 = 1;
/// `TransferDescriptor.flags`: the bits of the scope.
pub const TRANSFER_SCOPE_MASK: u32 = 0x300;

/// The number of bytes up to the next multiple of eight; payloads are padded to it before records.
pub const fn padded(len: usize) -> usize {
    len.saturating_add(7) & !7
}

/// One capability that a message carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferDescriptor {
    /// The sender's capability.
    pub cap: u32,
    /// `TRANSFER_MOVE` and the scope.
    pub flags: u32,
    /// Zero.
    pub reserved: u64,
}

impl TransferDescriptor {
    /// Reads a descriptor.
    pub fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Self {
        Self {
            cap: u32::from_le_bytes(bytes_at(bytes, 0)),
            flags: u32::from_le_bytes(bytes_at(bytes, 4)),
            reserved: u64::from_le_bytes(bytes_at(bytes, 8)),
        }
    }

    /// The descriptor's bytes.
    pub fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut out = [0; RECORD_BYTES];
        put_at(&mut out, 0, &self.cap.to_le_bytes());
        put_at(&mut out, 4, &self.flags.to_le_bytes());
        put_at(&mut out, 8, &self.reserved.to_le_bytes());
        out
    }
}

/// A capability that came with a message; it lies behind the padded payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapRecord {
    /// The receiver's new capability.
    pub cap: u32,
    /// The interface of the object.
    pub interface_id: u64,
}

impl CapRecord {
    /// Reads a record.
    pub fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Self {
        Self {
            cap: u32::from_le_bytes(bytes_at(bytes, 0)),
            interface_id: u64::from_le_bytes(bytes_at(bytes, 8)),
        }
    }

    /// The record's bytes.
    pub fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut out = [0; RECORD_BYTES];
        put_at(&mut out, 0, &self.cap.to_le_bytes());
        put_at(&mut out, 8, &self.interface_id.to_le_bytes());
        out
    }
}

/// What a RECV writes before the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecvHeader {
    /// Names the call in RETURN; valid once.
    pub call_id: u32,
    /// The method.
    pub method: u16,
    /// Capability records behind the payload.
    pub cap_count: u16,
    /// Bytes of the payload.
    pub payload_len: u32,
    /// The interface that the client facet was made with.
    pub interface_id: u64,
}

impl RecvHeader {
    /// Reads a header.
    #[inline]
    pub fn from_bytes(bytes: &[u8; RECV_HEADER_BYTES]) -> Self {
        Self {
            call_id: u32::from_le_bytes(bytes_at(bytes, 0)),
            method: u16::from_le_bytes(bytes_at(bytes, 4)),
            cap_count: u16::from_le_bytes(bytes_at(bytes, 6)),
            payload_len: u32::from_le_bytes(bytes_at(bytes, 8)),
            interface_id: u64::from_le_bytes(bytes_at(bytes, 16)),
        }
    }

    /// The header's bytes; what is not in `RecvHeader` is zero (flags at 12, the scoped reference
    /// at 32 and the epoch at 48 belong to sessions).
    #[inline]
    pub fn to_bytes(&self) -> [u8; RECV_HEADER_BYTES] {
        let mut out = [0; RECV_HEADER_BYTES];
        put_at(&mut out, 0, &self.call_id.to_le_bytes());
        put_at(&mut out, 4, &self.method.to_le_bytes());
        put_at(&mut out, 6, &self.cap_count.to_le_bytes());
        put_at(&mut out, 8, &self.payload_len.to_le_bytes());
        put_at(&mut out, 16, &self.interface_id.to_le_bytes());
        out
    }

    /// The header's eight words, as they lie in memory.
    #[inline]
    pub fn to_words(&self) -> [u64; RECV_HEADER_BYTES / 8] {
        let head = u64::from(self.call_id)
            | u64::from(self.method) << 32
            | u64::from(self.cap_count) << 48;
        [
            head,
            u64::from(self.payload_len),
            self.interface_id,
            0,
            0,
            0,
            0,
            0,
        ]
        .map(u64::to_le)
    }
}

#[cfg(test)]
mod tests {
    use super::{CapRecord, RecvHeader, TransferDescriptor, padded};

    #[test]
    fn values_come_back() {
        let descriptor = TransferDescriptor {
            cap: 0x1001,
            flags: 1,
            reserved: 9,
        };
        assert_eq!(
            TransferDescriptor::from_bytes(&descriptor.to_bytes()),
            descriptor
        );
        let record = CapRecord {
            cap: 0x2002,
            interface_id: 0xe1b7_046f_d358_2c9a,
        };
        assert_eq!(CapRecord::from_bytes(&record.to_bytes()), record);
        let header = RecvHeader {
            call_id: 7,
            method: 3,
            cap_count: 2,
            payload_len: 40,
            interface_id: 5,
        };
        assert_eq!(RecvHeader::from_bytes(&header.to_bytes()), header);
        let words = header.to_words().map(u64::to_ne_bytes);
        assert_eq!(words.as_flattened(), header.to_bytes());
    }

    #[test]
    fn padding_reaches_the_next_word() {
        assert_eq!([0, 1, 7, 8, 9].map(padded), [0, 8, 8, 8, 16]);
    }
}
