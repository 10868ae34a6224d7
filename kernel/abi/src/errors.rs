//! What a ring operation can answer when it does not succeed.
//!
//! A completion's `result` and `cap_enter`'s return value carry these negated. Errors that belong to
//! an interface are not here: they are cases of its result unions.

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        /// The first layer of errors: the operation itself could not be carried out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(i32)]
        pub enum CapError {
            $($(#[$doc])* $name = $code,)*
        }

        impl CapError {
            /// Every error, in the order of their codes.
            pub const ALL: &'static [CapError] = &[$(CapError::$name,)*];

            /// The error's name as documents and consoles write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(CapError::$name => $text,)*
                }
            }
        }
    };
}

errors! {
    /// The entry has an unknown flag, or a field that its opcode does not use is not zero.
    InvalidEntry = 1, "CAP_ERR_INVALID_ENTRY";
    /// The opcode or system call number is not offered.
    Unsupported = 2, "CAP_ERR_UNSUPPORTED";
    /// The capability id is unknown or stale.
    BadCap = 3, "CAP_ERR_BAD_CAP";
    /// The operation is not for this kind of object.
    WrongInterface = 4, "CAP_ERR_WRONG_INTERFACE";
    /// The interface has no such method.
    BadMethod = 5, "CAP_ERR_BAD_METHOD";
    /// An address is not mapped with the needed permission, or a result does not fit.
    Buffer = 6, "CAP_ERR_BUFFER";
    /// The message is malformed or over a limit.
    Message = 7, "CAP_ERR_MESSAGE";
    /// The transfer list is malformed, or names what may not be transferred.
    Transfer = 8, "CAP_ERR_TRANSFER";
    /// A ledger of the caller is exhausted.
    Quota = 9, "CAP_ERR_QUOTA";
    /// A queue is full, or the one place for a waiter is taken.
    Busy = 10, "CAP_ERR_BUSY";
    /// The entry was cancelled: its capability was released.
    Cancelled = 11, "CAP_ERR_CANCELLED";
    /// The capability was revoked.
    Revoked = 12, "CAP_ERR_REVOKED";
    /// The call that this RETURN answers no longer waits.
    StaleCall = 13, "CAP_ERR_STALE_CALL";
    /// The other side has gone.
    Disconnected = 14, "CAP_ERR_DISCONNECTED";
    /// The promised capability of a pipelined call never came.
    BrokenPromise = 15, "CAP_ERR_BROKEN_PROMISE";
    /// The server answered with a CapException, which is in the result buffer.
    ApplicationException = 16, "CAP_ERR_APPLICATION_EXCEPTION";
    /// The server answered with a CapException that did not fit the result buffer.
    ApplicationExceptionTruncated = 17, "CAP_ERR_APPLICATION_EXCEPTION_TRUNCATED";
    /// The program's ring indices make no sense; nothing was consumed.
    Ring = 18, "CAP_ERR_RING";
    /// The time ran out.
    Timeout = 19, "CAP_ERR_TIMEOUT";
}

impl CapError {
    /// The positive code.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The value that a completion or a system call carries.
    pub const fn negated(self) -> i32 {
        0_i32.wrapping_sub(self as i32)
    }

    /// The error behind a completion's `result`, if that is one this version knows.
    #[inline]
    pub fn from_result(result: i32) -> Option<CapError> {
        if result >= 0 {
            return None;
        }
        // Codes are dense and begin with 1.
        let place = (result.unsigned_abs() as usize).wrapping_sub(1);
        Self::ALL.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::CapError;

    #[test]
    fn codes_are_dense_and_come_back() {
        for (index, error) in CapError::ALL.iter().enumerate() {
            assert_eq!(error.code() as usize, index + 1);
            assert_eq!(CapError::from_result(error.negated()), Some(*error));
        }
        assert_eq!(CapError::from_result(0), None);
        assert_eq!(CapError::from_result(1), None);
        assert_eq!(CapError::from_result(i32::MIN), None);
    }
}
