use super::{Hook, Schema};

/// A value without parts.
#[derive(Debug, Clone, Copy)]
pub struct Scalar {
    kind: ScalarKind,
    hook: Option<&'static Hook>,
}

/// The kinds of scalars.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ScalarKind {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer(Integer),
    /// A floating-point number of this many bits.
    Float(u16),
    /// A number of any size.
    Number,
    /// A text.
    Text(Format),
    /// A value that only its own code understands. If another type describes it, the function returns the schema of
    /// that type.
    Opaque(fn() -> Option<&'static Schema>),
}

/// The range of an integer type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    bits: u32,
    signed: bool,
    nonzero: bool,
}

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Any text.
    Plain,
    /// One character.
    Character,
    /// A point in time (RFC 3339).
    DateTime,
    /// A UUID (RFC 9562).
    Uuid,
    /// A URI (RFC 3986).
    AnyUri,
    /// An e-mail address.
    Email,
    /// An IP address of either version.
    Ip,
    /// An IP address of version 4.
    Ipv4,
    /// An IP address of version 6.
    Ipv6,
    /// An IP address of either version, with a port.
    SocketAddress,
    /// An IP address of version 4, with a port.
    SocketAddressV4,
    /// An IP address of version 6, with a port.
    SocketAddressV6,
    /// A path of the file system.
    Path,
}

impl Scalar {
    /// A scalar of this kind.
    #[must_use]
    pub const fn new(kind: ScalarKind) -> Self {
        Self { kind, hook: None }
    }

    /// An integer.
    #[must_use]
    pub const fn integer(integer: Integer) -> Self {
        Self::new(ScalarKind::Integer(integer))
    }

    /// A text of this format.
    #[must_use]
    pub const fn text(format: Format) -> Self {
        Self::new(ScalarKind::Text(format))
    }

    /// A value that only its own code understands.
    #[must_use]
    pub const fn opaque() -> Self {
        Self::new(ScalarKind::Opaque(|| None))
    }

    /// Attaches a [`Hook`].
    #[must_use]
    pub const fn with_hook(mut self, hook: &'static Hook) -> Self {
        self.hook = Some(hook);
        self
    }

    /// The kind of the scalar.
    #[must_use]
    pub const fn kind(&self) -> &ScalarKind {
        &self.kind
    }

    /// The schema of the type that describes an opaque scalar.
    #[must_use]
    pub fn described(&self) -> Option<&'static Schema> {
        match &self.kind {
            ScalarKind::Opaque(schema) => schema(),
            _ => None,
        }
    }

    /// The attached [`Hook`].
    #[must_use]
    pub const fn hook(&self) -> Option<&'static Hook> {
        self.hook
    }
}

impl Integer {
    /// The range of an unsigned integer of this many bits.
    #[must_use]
    pub const fn unsigned(bits: u32) -> Self {
        Self { bits, signed: false, nonzero: false }
    }

    /// The range of a signed integer of this many bits.
    #[must_use]
    pub const fn signed(bits: u32) -> Self {
        Self { bits, signed: true, nonzero: false }
    }

    /// The same range without zero.
    #[must_use]
    pub const fn without_zero(mut self) -> Self {
        self.nonzero = true;
        self
    }

    /// The width.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.bits
    }

    /// Whether the range has negative numbers.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        self.signed
    }

    /// Whether the range leaves out zero.
    #[must_use]
    pub const fn is_nonzero(self) -> bool {
        self.nonzero
    }

    /// The lowest and the highest number; `None` for a width beyond 64 bits.
    #[must_use]
    pub const fn range(self) -> Option<(i128, i128)> {
        match (self.bits, self.signed) {
            (0 | 65.., _) => None,
            (bits, true) => Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1)),
            (bits, false) => Some((0, (1 << bits) - 1)),
        }
    }
}
