//! The one walk over a message that makes everything after it simple.

use super::pointer::{POINTERS, StructAt, Target, follow, follow_struct, word};
use super::{Limits, WireError, Word};

/// Elements without any size that a message may have in all. They take no room, so the length of the
/// message does not bound them, yet reading them takes time.
const FREE_ELEMENTS: usize = 256;

/// Checks the whole message and returns where its root struct lies (`None`: the root is null).
///
/// Errors: `Size`, `Bounds`, `Kind`, `Nesting`, `Amplified`.
#[inline]
pub(super) fn check(words: &[Word], limits: Limits) -> Result<Option<StructAt>, WireError> {
    if words.is_empty() || words.len() > limits.bytes >> 3 {
        return Err(WireError::Size);
    }
    let raw = word(words, 0)?;
    if raw == 0 {
        return Ok(None);
    }
    if raw & 3 != 0 {
        return Err(WireError::Kind);
    }
    let root = follow_struct(words, 0, raw)?;
    // Most messages are a word or two and hold no pointer: they are done here.
    if root.pointers != 0 {
        walk(words, root, limits)?;
    }
    Ok(Some(root))
}

#[inline(never)]
fn walk(words: &[Word], root: StructAt, limits: Limits) -> Result<(), WireError> {
    let depth = limits.nesting.checked_sub(1).ok_or(WireError::Nesting)?;
    let mut walker = Walker {
        words,
        budget: words.len().saturating_add(FREE_ELEMENTS),
    };
    walker.charge(root.data.saturating_add(root.pointers))?;
    walker.pointers(root.at.saturating_add(root.data), root.pointers, depth)
}

struct Walker<'a> {
    words: &'a [Word],
    /// Words that may still be visited. Objects that do not overlap never use it up.
    budget: usize,
}

impl Walker<'_> {
    /// Visits what `count` pointers from `first` on lead to. Recursion is bounded by `depth`.
    fn pointers(&mut self, first: usize, count: usize, depth: usize) -> Result<(), WireError> {
        for position in first..first.saturating_add(count) {
            match follow(self.words, position)? {
                Target::Null | Target::Capability(_) => {}
                Target::Struct(found) => {
                    let depth = depth.checked_sub(1).ok_or(WireError::Nesting)?;
                    self.charge(found.data.saturating_add(found.pointers))?;
                    self.pointers(found.at.saturating_add(found.data), found.pointers, depth)?;
                }
                Target::Structs(found) => {
                    let depth = depth.checked_sub(1).ok_or(WireError::Nesting)?;
                    let stride = found.data.saturating_add(found.pointers);
                    // One for the tag, and at least one for each element.
                    self.charge(found.count.saturating_mul(stride.max(1)).saturating_add(1))?;
                    if found.pointers == 0 {
                        continue;
                    }
                    let mut at = found.at.saturating_add(found.data);
                    for _ in 0..found.count {
                        self.pointers(at, found.pointers, depth)?;
                        at = at.saturating_add(stride);
                    }
                }
                Target::List(found) if found.size == POINTERS => {
                    let depth = depth.checked_sub(1).ok_or(WireError::Nesting)?;
                    self.charge(found.words)?;
                    self.pointers(found.at, found.count, depth)?;
                }
                Target::List(found) => {
                    self.charge(if found.size == 0 {
                        found.count
                    } else {
                        found.words
                    })?;
                }
            }
        }
        Ok(())
    }

    fn charge(&mut self, words: usize) -> Result<(), WireError> {
        self.budget = self.budget.checked_sub(words).ok_or(WireError::Amplified)?;
        Ok(())
    }
}
