use super::Delivery;

/// How many events are with the publisher at once. The number grows while more events wait, up to a limit of their size
/// in memory.
#[derive(Debug)]
pub(super) struct Window {
    now: usize,
    most: usize,
    /// How many events fit into [`BYTES`], if all have the size of the last ones claimed.
    fitting: usize,
}

/// The initial number, whatever their size.
const FIRST: usize = 32;
/// The most payload, in bytes, when more than [`FIRST`] events are with the publisher.
const BYTES: usize = 16 << 20;

impl Window {
    pub(super) fn new(most: usize) -> Self {
        Self { now: FIRST.min(most), most, fitting: most }
    }

    pub(super) const fn now(&self) -> usize {
        self.now
    }

    /// Adapts to a look that found more events than there was room for, or not.
    pub(super) fn looked(&mut self, more: bool) {
        let next = if more { self.now * 2 } else { self.now / 2 };
        self.now = next.min(self.fitting).max(FIRST).min(self.most);
    }

    pub(super) fn claimed(&mut self, deliveries: &[Delivery]) {
        let bytes: usize = deliveries.iter().map(|delivery| delivery.payload().len()).sum();
        self.fitting = BYTES * deliveries.len() / bytes.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_what_waits_and_no_further_than_it_may() {
        let (mut small, mut window) = (Window::new(5), Window::new(100));
        small.looked(true);
        assert_eq!((small.now(), window.now()), (5, 32));
        let grown = [true, true, true, false, false, false].map(|more| {
            window.looked(more);
            window.now()
        });
        assert_eq!(grown, [64, 100, 100, 50, 32, 32]);
    }

    #[test]
    fn large_events_are_as_few_as_in_the_beginning() {
        let mut window = Window::new(1_000);
        window.fitting = BYTES / (1 << 20);
        window.looked(true);
        assert_eq!(window.now(), 32);
    }
}
