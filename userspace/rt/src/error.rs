//! Errors of calls, in their layers.

use capos_abi::CapError;
use capos_abi::generated::{CapExceptionReader, CapExceptionType};
use capos_abi::wire::WireError;
use core::fmt;

/// Bytes of an exception's reason that are kept: one sentence, and an error stays small to return.
const REASON: usize = 61;

/// Why a call has no results. `{}` names the error; `{:#}` adds the reason that an exception gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// First layer: the operation could not be carried out.
    Transport(CapError),
    /// First layer, with a code that this version does not know.
    Code(i32),
    /// Second layer: the object refused.
    Exception(Exception),
    /// A message did not fit its buffer, or an answer breaks its schema.
    Message(WireError),
    /// An answer lacks a capability that it names, or it has another interface.
    Capability,
}

/// An exception that an object raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its kind.
    pub kind: CapExceptionType,
    reason: [u8; REASON],
    length: u8,
}

impl Exception {
    /// An exception with a reason of one sentence, which is cut after 61 bytes.
    pub fn new(kind: CapExceptionType, reason: &str) -> Self {
        Self::of_parts(kind, [reason])
    }

    /// The same with a reason in several parts.
    pub fn of_parts<const N: usize>(kind: CapExceptionType, parts: [&str; N]) -> Self {
        let mut kept = [0; REASON];
        let mut length = 0;
        for part in parts {
            let fits = part.floor_char_boundary(REASON.saturating_sub(length));
            let room = kept.get_mut(length..).unwrap_or_default();
            room.iter_mut()
                .zip(part.bytes().take(fits))
                .for_each(|(to, from)| *to = from);
            length = length.saturating_add(fits);
            if fits < part.len() {
                break;
            }
        }
        Self {
            kind,
            reason: kept,
            length: length as u8,
        }
    }

    /// Reads the message of an exception.
    pub fn read(message: &[u8]) -> Result<Self, WireError> {
        let exception = CapExceptionReader::read(message)?;
        Ok(Self::new(exception.r#type()?, exception.reason()?))
    }

    /// Its reason.
    pub fn reason(&self) -> &str {
        let bytes = self.reason.get(..usize::from(self.length)).unwrap_or(&[]);
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

impl Error {
    /// The error behind a completion's negative `result`.
    pub fn from_result(result: i32) -> Self {
        CapError::from_result(result).map_or(Error::Code(result), Error::Transport)
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Error::Message(error)
    }
}

/// What a server answers when a message breaks the schema, or its results do not fit.
impl From<WireError> for Exception {
    #[cold]
    fn from(error: WireError) -> Self {
        match error {
            WireError::Full => {
                Self::new(CapExceptionType::Failed, "the results do not fit a message")
            }
            _ => Self::new(
                CapExceptionType::InvalidArgument,
                "the parameters are malformed",
            ),
        }
    }
}

/// What a server answers when something that it needed has failed.
impl From<Error> for Exception {
    #[cold]
    fn from(error: Error) -> Self {
        match error {
            Error::Exception(exception) => exception,
            Error::Message(error) => error.into(),
            Error::Capability => Self::new(
                CapExceptionType::InvalidArgument,
                "a capability is missing, or of another interface",
            ),
            Error::Transport(error) => Self::new(CapExceptionType::Failed, error.name()),
            Error::Code(_) => Self::new(CapExceptionType::Failed, "an unknown error"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Transport(error) => out.write_str(error.name()),
            Error::Code(code) => write!(out, "unknown code {code}"),
            Error::Exception(exception) => exception.fmt(out),
            Error::Message(_) => out.write_str("malformed message"),
            Error::Capability => out.write_str("a capability is missing in the answer"),
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("exception ")?;
        out.write_str(match self.kind {
            CapExceptionType::Failed => "failed",
            CapExceptionType::Overloaded => "overloaded",
            CapExceptionType::Disconnected => "disconnected",
            CapExceptionType::Unimplemented => "unimplemented",
            CapExceptionType::InvalidArgument => "invalidArgument",
        })?;
        if out.alternate() && self.length > 0 {
            write!(out, ": {}", self.reason())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Exception};
    use capos_abi::CapError;
    use capos_abi::generated::CapExceptionType;

    #[test]
    fn errors_name_themselves() {
        assert_eq!(Error::from_result(-3), Error::Transport(CapError::BadCap));
        assert_eq!(Error::from_result(-3).to_string(), "CAP_ERR_BAD_CAP");
        assert_eq!(Error::from_result(-1000), Error::Code(-1000));
        let exception = Exception::new(CapExceptionType::InvalidArgument, "no such binary");
        assert_eq!(exception.to_string(), "exception invalidArgument");
        assert_eq!(
            format!("{exception:#}"),
            "exception invalidArgument: no such binary"
        );
    }

    #[test]
    fn long_reasons_are_cut_between_characters() {
        let reason = format!("{}é", "x".repeat(60));
        assert_eq!(
            Exception::new(CapExceptionType::Failed, &reason).reason(),
            &reason[..60]
        );
    }
}
