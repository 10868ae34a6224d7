//! The one walk over a message that makes everything after it simple.

use super::pointer::{COMPOSITE, Kind, POINTERS, Pointer, Structs};
use super::read::StructReader;
use super::{Limits, WireError, Word};

/// Elements without any size that a message may have in all. They take no room, so the length of the
/// message does not bound them, yet reading them takes time.
const FREE_ELEMENTS: usize = 256;

/// Checks the whole message and returns its root struct.
///
/// Errors: `Size`, `Bounds`, `Kind`, `Nesting`, `Amplified`.
#[inline]
pub(super) fn check(words: &[Word], limits: Limits) -> Result<StructReader<'_>, WireError> {
    if words.len() > limits.bytes >> 3 {
        return Err(WireError::Size);
    }
    // Most messages are done here.
    if let Some(root) = StructReader::filling(words) {
        return Ok(root);
    }
    let root = Pointer::at(words, 0).map_err(|_| WireError::Size)?;
    if root.is_null() {
        return Ok(StructReader::NULL);
    }
    let root = root.structure()?;
    if root.pointer_count != 0 {
        walk(words, root, limits)?;
    }
    Ok(root)
}

#[inline(never)]
fn walk(words: &[Word], root: StructReader<'_>, limits: Limits) -> Result<(), WireError> {
    let depth = deeper(limits.nesting)?;
    let mut walker = Walker {
        words,
        budget: words.len().saturating_add(FREE_ELEMENTS),
    };
    walker.charge(root.size())?;
    walker.pointers(root.pointers_at, root.pointer_count, depth)
}

struct Walker<'a> {
    words: &'a [Word],
    /// Words that may still be visited. Objects that do not overlap never use it up.
    budget: usize,
}

impl Walker<'_> {
    /// Visits what `count` pointers from word `first` on lead to. Recursion is bounded by `depth`.
    fn pointers(&mut self, first: usize, count: usize, depth: usize) -> Result<(), WireError> {
        for position in first..first.saturating_add(count) {
            let pointer = Pointer::at(self.words, position)?;
            if !pointer.is_null() {
                self.visit(pointer, depth)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn visit(&mut self, pointer: Pointer<'_>, depth: usize) -> Result<(), WireError> {
        match (pointer.kind(), pointer.size()) {
            (Kind::Struct, _) => {
                let found = pointer.structure()?;
                self.charge(found.size())?;
                self.pointers(found.pointers_at, found.pointer_count, deeper(depth)?)
            }
            (Kind::List, COMPOSITE) => self.structs(pointer.structs()?, deeper(depth)?),
            (Kind::List, POINTERS) => {
                let found = pointer.list(POINTERS)?;
                self.charge(found.count)?;
                self.pointers(found.at, found.count, deeper(depth)?)
            }
            (Kind::List, size) => {
                let found = pointer.list(size)?;
                self.charge(if size == 0 {
                    found.count
                } else {
                    found.content.len()
                })
            }
            (Kind::Other, _) => pointer.capability().map(|_| ()),
            (Kind::Far, _) => Err(WireError::Kind),
        }
    }

    fn structs(&mut self, found: Structs<'_>, depth: usize) -> Result<(), WireError> {
        let stride = found.data.saturating_add(found.pointers);
        // One for the tag, and at least one for each element.
        self.charge(found.count.saturating_mul(stride.max(1)).saturating_add(1))?;
        if found.pointers == 0 {
            return Ok(());
        }
        let mut at = found.at.saturating_add(found.data);
        for _ in 0..found.count {
            self.pointers(at, found.pointers, depth)?;
            at = at.saturating_add(stride);
        }
        Ok(())
    }

    fn charge(&mut self, words: usize) -> Result<(), WireError> {
        self.budget = self.budget.checked_sub(words).ok_or(WireError::Amplified)?;
        Ok(())
    }
}

#[inline]
fn deeper(depth: usize) -> Result<usize, WireError> {
    depth.checked_sub(1).ok_or(WireError::Nesting)
}
