/// A parsed input, as far as the walk looks into it.
#[derive(Debug)]
pub struct Node<'a>(std::marker::PhantomData<&'a str>);
