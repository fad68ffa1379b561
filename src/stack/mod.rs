//! The standard set of layers, fused into one service.
