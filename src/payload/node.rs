use serde::de::DeserializeOwned;

use super::Refusal;

/// A parsed input, or a part of it, as far as the walk looks into it.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a>(std::marker::PhantomData<&'a str>);

impl Node<'_> {
    /// Reads this part by itself.
    ///
    /// # Errors
    ///
    /// What it must be; never what was sent.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        Err(Refusal::of_type("is not acceptable"))
    }
}
