use serde::de::DeserializeOwned;

use crate::payload::{Payload, TypeSet, ValidationContext};
use crate::violation::InputPath;

impl<T: Payload, const N: usize> Payload for [T; N]
where
    Self: DeserializeOwned,
{
    fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
        for (i, element) in self.iter().enumerate() {
            element.rules(&at.index(i), context);
        }
    }

    fn sanitise(&mut self) {
        self.iter_mut().for_each(Payload::sanitise);
    }

    fn needs_walk(visited: &mut TypeSet) -> bool {
        T::needs_walk(visited)
    }
}

/// Arrays with one value for each place.
macro_rules! tuples {
    ($(($($name:ident $index:tt),+))+) => {$(
        impl<$($name: Payload),+> Payload for ($($name,)+) {
            fn rules(&self, at: &InputPath<'_>, context: &mut ValidationContext<'_>) {
                $(self.$index.rules(&at.index($index), context);)+
            }

            fn sanitise(&mut self) {
                $(self.$index.sanitise();)+
            }

            fn needs_walk(visited: &mut TypeSet) -> bool {
                false $(|| $name::needs_walk(visited))+
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
