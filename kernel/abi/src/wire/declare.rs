//! What every generated reader and writer has in common, so that the generated files hold only what
//! the schema says. The macros are public because a service may bring a schema of its own.

/// Declares a reader: a copyable value around a [`super::StructReader`]. A group is no message, so its
/// reader cannot start from one.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_reader {
    ($(#[$doc:meta])* $reader:ident) => {
        $crate::wire::reader! { $(#[$doc])* group $reader }

        impl<'a> $reader<'a> {
            /// Checks a whole message that came through a ring and reads its root.
            ///
            /// Errors: `Size`, `Bounds`, `Kind`, `Nesting`, `Amplified`.
            #[inline]
            pub fn read(message: &'a [u8]) -> Result<Self, $crate::wire::WireError> {
                Self::read_within(message, $crate::wire::Limits::MESSAGE)
            }

            /// The same within other limits.
            #[inline]
            pub fn read_within(
                message: &'a [u8],
                limits: $crate::wire::Limits,
            ) -> Result<Self, $crate::wire::WireError> {
                $crate::wire::StructReader::root(message, limits).map(Self)
            }
        }
    };
    ($(#[$doc:meta])* group $reader:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $reader<'a>($crate::wire::StructReader<'a>);

        impl<'a> $reader<'a> {
            /// The same struct without its type, for code that handles any message.
            #[inline]
            pub fn untyped(self) -> $crate::wire::StructReader<'a> {
                self.0
            }
        }

        impl<'a> From<$crate::wire::StructReader<'a>> for $reader<'a> {
            #[inline]
            fn from(reader: $crate::wire::StructReader<'a>) -> Self {
                Self(reader)
            }
        }
    };
}

/// Declares a writer around a [`super::StructWriter`]; with a size it can be the root of a message, a
/// group has none.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_writer {
    ($(#[$doc:meta])* $writer:ident($data:literal, $pointers:literal)) => {
        $crate::wire::writer! { $(#[$doc])* $writer }

        impl<'w> $writer<'w> {
            /// The sections of the struct.
            pub const SIZE: $crate::wire::StructSize =
                $crate::wire::StructSize::new($data, $pointers);

            /// Makes this struct the root of a message. Errors: `Full`.
            #[inline]
            pub fn root(
                message: &'w mut $crate::wire::MessageWriter<'_>,
            ) -> Result<Self, $crate::wire::WireError> {
                message.root(Self::SIZE).map(Self)
            }
        }
    };
    ($(#[$doc:meta])* $writer:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $writer<'w>($crate::wire::StructWriter<'w>);

        impl $writer<'_> {
            /// The same writer for a shorter time, to hand it on.
            #[inline]
            pub fn reborrow(&mut self) -> $writer<'_> {
                $writer(self.0.reborrow())
            }
        }

        impl<'w> From<$crate::wire::StructWriter<'w>> for $writer<'w> {
            #[inline]
            fn from(writer: $crate::wire::StructWriter<'w>) -> Self {
                Self(writer)
            }
        }
    };
}

/// Declares the writer of a list of structs.
#[doc(hidden)]
#[macro_export]
macro_rules! wire_list_writer {
    ($(#[$doc:meta])* $list:ident of $writer:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $list<'w>($crate::wire::ListWriter<'w>);

        impl $list<'_> {
            /// The element `index`, counted from 0. Errors: `Bounds`.
            #[inline]
            pub fn get(&mut self, index: usize) -> Result<$writer<'_>, $crate::wire::WireError> {
                self.0.get(index).map($writer)
            }
        }

        impl<'w> From<$crate::wire::ListWriter<'w>> for $list<'w> {
            #[inline]
            fn from(writer: $crate::wire::ListWriter<'w>) -> Self {
                Self(writer)
            }
        }
    };
}

pub use {wire_list_writer as list_writer, wire_reader as reader, wire_writer as writer};
