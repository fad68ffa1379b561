//! Problems: the derive, the envelopes, what is masked, and what is always there.

mod derive;
