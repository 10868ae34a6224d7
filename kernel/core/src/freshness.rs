//! What makes a console this run's and no other's: a nonce and a boot number from outside, and a
//! digest that the kernel computes itself.

use core::fmt;

/// Bytes of a nonce as text.
pub const NONCE_BYTES: usize = 32;

/// The freshness words given from outside, as the kernel was told them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    nonce: Option<[u8; NONCE_BYTES]>,
    boot: Option<u32>,
}

impl Freshness {
    /// Reads `nonce=<32 hex> boot=<decimal>`, an optional newline behind it. Anything else counts as
    /// not told: the words reach the console, so nothing odd may pass.
    ///
    /// ```
    /// use capos_core::freshness::Freshness;
    /// let told = Freshness::parse(b"nonce=00112233445566778899aabbccddeeff boot=2\n");
    /// assert_eq!(told.to_string(), "nonce=00112233445566778899aabbccddeeff boot=2");
    /// assert_eq!(Freshness::parse(b"nonce=evil").to_string(), "nonce=none boot=none");
    /// ```
    pub fn parse(text: &[u8]) -> Freshness {
        Self::strict(text).unwrap_or_default()
    }

    /// Whether somebody has told anything.
    pub fn is_told(&self) -> bool {
        self.nonce.is_some()
    }

    fn strict(text: &[u8]) -> Option<Freshness> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let (nonce, rest) = text
            .strip_prefix(b"nonce=")?
            .split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        if !nonce
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return None;
        }
        let digits = rest.strip_prefix(b" boot=")?;
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let boot = core::str::from_utf8(digits).ok()?.parse().ok()?;
        Some(Freshness {
            nonce: Some(nonce),
            boot: Some(boot),
        })
    }
}

impl fmt::Display for Freshness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = self
            .nonce
            .as_ref()
            .and_then(|nonce| core::str::from_utf8(nonce).ok());
        write!(out, "nonce={} boot=", nonce.unwrap_or("none"))?;
        match self.boot {
            Some(boot) => write!(out, "{boot}"),
            None => out.write_str("none"),
        }
    }
}

/// Bytes shown as lower-case hexadecimal.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Freshness, Hex};

    #[test]
    fn only_the_exact_form_is_believed() {
        let none = Freshness::default();
        for text in [
            &b""[..],
            b"nonce=00112233445566778899aabbccddeeff",
            b"nonce=00112233445566778899aabbccddeeff boot=",
            b"nonce=00112233445566778899aabbccddeeff boot=+1",
            b"nonce=00112233445566778899aabbccddeeff boot=1 ",
            b"nonce=00112233445566778899AABBCCDDEEFF boot=1",
            b"nonce=00112233445566778899aabbccddeeff boot=99999999999",
            b"nonce=00112233445566778899aabbccddee\n\n boot=1",
        ] {
            assert_eq!(Freshness::parse(text), none);
        }
        assert!(!none.is_told());
        assert!(Freshness::parse(b"nonce=00112233445566778899aabbccddeeff boot=1").is_told());
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(Hex(&[0, 0xab, 0xff]).to_string(), "00abff");
    }
}
