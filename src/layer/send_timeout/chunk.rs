use std::io::IoSlice;
use std::sync::Arc;

use bytes::{Buf, Bytes};

use super::exchange::Exchange;

/// A piece of content that reports how much of it has been written. See the [module docs](super).
#[derive(Debug)]
pub struct Chunk<D: Buf> {
    content: D,
    exchange: Option<Arc<Exchange>>,
}

impl<D: Buf> Chunk<D> {
    pub(super) const fn new(content: D, exchange: Option<Arc<Exchange>>) -> Self {
        Self { content, exchange }
    }

    fn written(&self, bytes: usize) {
        if let Some(exchange) = &self.exchange {
            exchange.written(bytes);
        }
    }
}

impl<D: Buf> Buf for Chunk<D> {
    fn remaining(&self) -> usize {
        self.content.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.content.chunk()
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        self.content.chunks_vectored(slices)
    }

    fn advance(&mut self, bytes: usize) {
        self.content.advance(bytes);
        self.written(bytes);
    }

    fn copy_to_bytes(&mut self, bytes: usize) -> Bytes {
        let copied = self.content.copy_to_bytes(bytes);
        self.written(bytes);
        copied
    }
}

impl<D: Buf> Drop for Chunk<D> {
    fn drop(&mut self) {
        if let Some(exchange) = &self.exchange {
            exchange.settle(self.content.remaining());
        }
    }
}
