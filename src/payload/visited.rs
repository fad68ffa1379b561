use std::ptr;

/// The types that were asked by [`Payload::needs_walk`](super::Payload::needs_walk) already: a type may contain itself.
#[derive(Debug, Default)]
pub struct Visited {
    types: [Option<NeedsWalk>; Visited::MAX],
}

type NeedsWalk = fn(&mut Visited) -> bool;

impl Visited {
    /// How many types are remembered. An input of more is walked to be sure, which is slower and as right.
    const MAX: usize = 32;

    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { types: [None; Self::MAX] }
    }

    /// Asks about what is inside of a type, which is known by its own `needs_walk`. One that was asked before has
    /// nothing to add.
    pub fn ask(&mut self, of: NeedsWalk, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        for place in &mut self.types {
            match place {
                // Two types of one address are of the same code, and so of the same answer.
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
