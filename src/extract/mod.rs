//! What handlers take: extractors.
