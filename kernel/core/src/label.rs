//! Console labels, and how a line of text is shown.

use capos_abi::limits::{LABEL, LABEL_PATH};

/// A Console's label: empty for the root Console, else names joined by slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    bytes: [u8; LABEL_PATH],
    len: u8,
}

/// Why a label cannot be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLabel {
    /// It is not `[a-z0-9-]{1,24}`, or it is the kernel's.
    Name,
    /// The whole would be longer than `limits::LABEL_PATH`.
    TooLong,
}

impl Label {
    /// The root Console's label.
    pub const ROOT: Label = Label {
        bytes: [0; LABEL_PATH],
        len: 0,
    };

    /// The label as text between the brackets. The root Console is init's, and says so.
    pub fn shown(&self) -> &[u8] {
        match self.len {
            0 => b"init",
            len => self.bytes.get(..usize::from(len)).unwrap_or(&[]),
        }
    }

    /// This label, a slash and `name`; from the root `name` alone.
    pub fn derive(&self, name: &[u8]) -> Result<Label, BadLabel> {
        let letters = name
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !letters || name.is_empty() || name.len() > LABEL || name == b"kernel" {
            return Err(BadLabel::Name);
        }
        let mut label = *self;
        if self.len > 0 {
            label.push(b"/")?;
        }
        label.push(name)?;
        Ok(label)
    }

    fn push(&mut self, more: &[u8]) -> Result<(), BadLabel> {
        let start = usize::from(self.len);
        let end = start.checked_add(more.len()).ok_or(BadLabel::TooLong)?;
        self.bytes
            .get_mut(start..end)
            .ok_or(BadLabel::TooLong)?
            .copy_from_slice(more);
        self.len = u8::try_from(end).map_err(|_| BadLabel::TooLong)?;
        Ok(())
    }
}

/// Shows one line: printable ASCII as it is, other bytes as `\xNN`. No line break can pass, so a line
/// of a program never looks like two.
pub fn show(text: &[u8], mut put: impl FnMut(u8)) {
    for byte in text {
        match byte {
            b' '..=b'~' => put(*byte),
            other => {
                put(b'\\');
                put(b'x');
                put(hex_digit(other >> 4));
                put(hex_digit(other & 15));
            }
        }
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 {
        b'0'.wrapping_add(value)
    } else {
        b'a'.wrapping_add(value.wrapping_sub(10))
    }
}

#[cfg(test)]
mod tests {
    use super::{BadLabel, Label, show};

    #[test]
    fn labels_only_grow() {
        let store = Label::ROOT.derive(b"store").unwrap();
        assert_eq!(store.shown(), b"store");
        assert_eq!(store.derive(b"disk-0").unwrap().shown(), b"store/disk-0");
        assert_eq!(Label::ROOT.shown(), b"init");
    }

    #[test]
    fn forged_labels_are_refused() {
        for name in [
            &b""[..],
            b"kernel",
            b"a/b",
            b"A",
            b"a]",
            b"a b",
            b"\n",
            &[b'a'; 25],
        ] {
            assert_eq!(Label::ROOT.derive(name), Err(BadLabel::Name));
        }
        let mut label = Label::ROOT;
        for _ in 0..3 {
            label = label.derive(&[b'a'; 24]).unwrap();
        }
        assert_eq!(label.shown().len(), 74);
        assert_eq!(label.derive(b"123456"), Err(BadLabel::TooLong));
        assert_eq!(label.derive(b"12345").unwrap().shown().len(), 80);
    }

    #[test]
    fn a_line_stays_one_line() {
        let mut shown = Vec::new();
        show(b"a\r\n\x1b\x7f\xff~ ", |byte| shown.push(byte));
        assert_eq!(shown, br"a\x0d\x0a\x1b\x7f\xff~ ");
    }
}
