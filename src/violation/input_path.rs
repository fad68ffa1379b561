use super::pointer::capped;
use super::{JsonPointer, Location};

/// A place in an input while it is being checked.
///
/// Each step borrows the one before it, so nothing is written until [`InputPath::location`] is asked for.
/// See the [module docs](super) for examples.
#[derive(Debug, Clone, Copy)]
pub struct InputPath<'a> {
    parent: Option<&'a InputPath<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root(Source),
    Member(&'a str),
    Index(usize),
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Body,
    Parameters,
    Headers,
}

impl<'a> InputPath<'a> {
    /// The whole body.
    #[must_use]
    pub const fn body() -> Self {
        Self::root(Source::Body)
    }

    /// The parameters of the query or the path; the first [`member`](Self::member) is the parameter's name.
    #[must_use]
    pub const fn parameters() -> Self {
        Self::root(Source::Parameters)
    }

    /// The header section; the first [`member`](Self::member) is the header's name.
    #[must_use]
    pub const fn headers() -> Self {
        Self::root(Source::Headers)
    }

    const fn root(source: Source) -> Self {
        Self { parent: None, step: Step::Root(source) }
    }

    /// A member of the object at this place.
    #[must_use]
    pub const fn member<'b>(&'b self, name: &'b str) -> InputPath<'b> {
        InputPath { parent: Some(self), step: Step::Member(name) }
    }

    /// An element of the array at this place.
    #[must_use]
    pub const fn index(&self, index: usize) -> InputPath<'_> {
        InputPath { parent: Some(self), step: Step::Index(index) }
    }

    /// The finished location.
    ///
    /// A parameter or a header has no inner structure that a client could point to: a violation below its name is
    /// reported at the name. Without a name, the location is the request as a whole.
    #[must_use]
    pub fn location(&self) -> Location {
        let location = match self.source() {
            Source::Body => Location::Pointer(self.pointer()),
            Source::Parameters => Location::Parameter(capped(self.first_name()).to_owned()),
            Source::Headers => Location::Header(capped(self.first_name()).to_ascii_lowercase()),
        };
        location.named()
    }

    fn pointer(&self) -> JsonPointer {
        let mut pointer = JsonPointer::with_capacity(32);
        self.write_to(&mut pointer);
        pointer
    }

    fn write_to(&self, pointer: &mut JsonPointer) {
        if let Some(parent) = self.parent {
            parent.write_to(pointer);
        }
        match self.step {
            Step::Root(_) => {}
            Step::Member(name) => pointer.push(name),
            Step::Index(index) => pointer.push_index(index),
        }
    }

    fn source(&self) -> Source {
        match (self.step, self.parent) {
            (Step::Root(source), _) => source,
            (_, Some(parent)) => parent.source(),
            (_, None) => Source::Body,
        }
    }

    /// The name of the outermost member.
    fn first_name(&self) -> &str {
        let outer = self.parent.map_or("", InputPath::first_name);
        match self.step {
            Step::Member(name) if outer.is_empty() => name,
            _ => outer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_a_pointer() {
        let root = InputPath::body();
        assert_eq!(root.location().as_str(), "#");
        assert_eq!(root.member("lines").index(2).member("a b").location().as_str(), "#/lines/2/a%20b");
    }

    #[test]
    fn parameters_and_headers_have_a_name() {
        assert_eq!(InputPath::parameters().member("ids").index(2).location(), Location::Parameter("ids".into()));
        assert_eq!(InputPath::headers().member("If-Match").location(), Location::Header("if-match".into()));
        assert_eq!(InputPath::parameters().location(), Location::Request);
        assert_eq!(InputPath::parameters().member("").location(), Location::Request);
        assert_eq!(InputPath::headers().location(), Location::Request);
    }
}
