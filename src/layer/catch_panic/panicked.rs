use std::any::Any;
use std::error::Error;
use std::fmt;

/// A handler or a body panicked. This is the error behind the 500 of [`CatchPanicLayer`](crate::layer::CatchPanicLayer).
#[derive(Debug)]
pub struct Panicked {
    message: Option<Box<str>>,
}

impl Panicked {
    pub(super) const fn silent() -> Self {
        Self { message: None }
    }

    pub(super) fn with_message_of(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self { message: text.map(Into::into) }
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handler panicked")?;
        self.message.iter().try_for_each(|message| write!(f, ": {message}"))
    }
}

impl Error for Panicked {}
