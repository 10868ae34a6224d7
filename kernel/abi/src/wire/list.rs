//! Reading lists. Each is a small value that borrows the message, can be indexed and iterated.

use core::marker::PhantomData;

use super::WireError;
use super::pointer::{List, Pointer, Structs};
use super::read::{StructReader, data_of, text_of};

/// A list of structs, read as the generated reader `T`.
#[derive(Debug)]
pub struct StructList<'a, T> {
    found: Option<Structs<'a>>,
    element: PhantomData<T>,
}

impl<T> Clone for StructList<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StructList<'_, T> {}

impl<'a, T: From<StructReader<'a>>> StructList<'a, T> {
    pub(super) fn new(found: Option<Structs<'a>>) -> Self {
        Self {
            found,
            element: PhantomData,
        }
    }

    /// The number of elements.
    #[inline]
    pub fn len(self) -> usize {
        self.found.map_or(0, |found| found.count)
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The element `index`, counted from 0.
    #[inline]
    pub fn get(self, index: usize) -> Option<T> {
        let Structs {
            words,
            at,
            count,
            data,
            pointers,
        } = self.found?;
        if index >= count {
            return None;
        }
        let at = data
            .checked_add(pointers)?
            .checked_mul(index)?
            .checked_add(at)?;
        StructReader::at(words, at, data, pointers).map(T::from)
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = T> + use<'a, T> {
        Elements {
            next: 0,
            count: self.len(),
            get: move |index| self.get(index),
        }
    }
}

/// A list of texts. Each is checked when it is read.
#[derive(Clone, Copy, Debug)]
pub struct TextList<'a> {
    found: Option<List<'a>>,
}

/// A list of byte strings.
#[derive(Clone, Copy, Debug)]
pub struct DataList<'a> {
    found: Option<List<'a>>,
}

macro_rules! pointer_list {
    ($list:ident, $item:ty, $read:path) => {
        impl<'a> $list<'a> {
            pub(super) fn new(found: Option<List<'a>>) -> Self {
                Self { found }
            }

            /// The number of elements.
            #[inline]
            pub fn len(self) -> usize {
                self.found.map_or(0, |found| found.count)
            }

            /// Whether there is no element.
            #[inline]
            pub fn is_empty(self) -> bool {
                self.len() == 0
            }

            /// The element `index`, counted from 0. Errors: `Kind`, and `Text` for a text.
            pub fn get(self, index: usize) -> Option<Result<&'a $item, WireError>> {
                let found = self.found?;
                if index >= found.count {
                    return None;
                }
                let pointer = Pointer::at(found.words, found.at.checked_add(index)?);
                Some(pointer.and_then(|pointer| match pointer.is_null() {
                    true => Ok(Default::default()),
                    false => $read(pointer),
                }))
            }

            /// The elements in order.
            pub fn iter(
                self,
            ) -> impl ExactSizeIterator<Item = Result<&'a $item, WireError>> + use<'a> {
                Elements {
                    next: 0,
                    count: self.len(),
                    get: move |index| self.get(index),
                }
            }
        }
    };
}

pointer_list!(TextList, str, text_of);
pointer_list!(DataList, [u8], data_of);

/// A whole number that a list can hold.
pub trait Scalar: Copy {
    /// The element size code of the list.
    const SIZE: u8;
    /// Bytes of one element.
    const BYTES: usize;
    /// Reads the first element of `bytes`, little endian.
    fn take(bytes: &[u8]) -> Option<Self>;
    /// Writes the first element of `bytes`, little endian.
    fn put(self, bytes: &mut [u8]) -> Option<()>;
}

macro_rules! scalar {
    ($($number:ty = $size:literal),*) => {$(
        impl Scalar for $number {
            const SIZE: u8 = $size;
            const BYTES: usize = size_of::<Self>();

            #[inline]
            fn take(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(|bytes| Self::from_le_bytes(*bytes))
            }

            #[inline]
            fn put(self, bytes: &mut [u8]) -> Option<()> {
                *bytes.first_chunk_mut()? = self.to_le_bytes();
                Some(())
            }
        }
    )*};
}

scalar!(
    u8 = 2,
    i8 = 2,
    u16 = 3,
    i16 = 3,
    u32 = 4,
    i32 = 4,
    u64 = 5,
    i64 = 5
);

/// A list of whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct ScalarList<'a, T> {
    bytes: &'a [u8],
    count: usize,
    element: PhantomData<T>,
}

impl<'a, T: Scalar> ScalarList<'a, T> {
    pub(super) fn new(found: Option<List<'a>>) -> Self {
        let (content, count) = found.map_or((&[][..], 0), |found| (found.content, found.count));
        Self {
            bytes: content.as_flattened(),
            count,
            element: PhantomData,
        }
    }

    /// The number of elements.
    #[inline]
    pub fn len(self) -> usize {
        self.count
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The element `index`, counted from 0.
    #[inline]
    pub fn get(self, index: usize) -> Option<T> {
        if index >= self.count {
            return None;
        }
        T::take(self.bytes.get(index.checked_mul(T::BYTES)?..)?)
    }

    /// The elements in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = T> + use<'a, T> {
        Elements {
            next: 0,
            count: self.count,
            get: move |index| self.get(index),
        }
    }
}

struct Elements<F> {
    next: usize,
    count: usize,
    get: F,
}

impl<T, F: Fn(usize) -> Option<T>> Iterator for Elements<F> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let item = (self.get)(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl<T, F: Fn(usize) -> Option<T>> ExactSizeIterator for Elements<F> {}
