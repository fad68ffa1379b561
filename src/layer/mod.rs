//! The layers, each usable alone.
