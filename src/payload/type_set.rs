use std::ptr;

/// The types that [`Payload::needs_walk`](super::Payload::needs_walk) has visited already: a type may contain itself.
#[derive(Debug, Default)]
pub struct TypeSet {
    types: [Option<NeedsWalk>; TypeSet::MAX],
}

type NeedsWalk = fn(&mut TypeSet) -> bool;

impl TypeSet {
    /// How many types are remembered. With more types, the input is walked to be safe, which is slower and equally
    /// correct.
    const MAX: usize = 32;

    /// No types yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { types: [None; Self::MAX] }
    }

    /// Asks the inner types of a type; `of` is the type's own `needs_walk`, which identifies it. For a type that was
    /// asked before, the answer is `false`.
    pub fn ask(&mut self, of: NeedsWalk, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        for place in &mut self.types {
            match place {
                // Two types with the same function address share the same code, and so the same result.
                Some(known) if ptr::fn_addr_eq(*known, of) => return false,
                Some(_) => {}
                None => {
                    *place = Some(of);
                    return inside(self);
                }
            }
        }
        true
    }
}
