use std::error::Error;
use std::fmt;

use http::StatusCode;

/// The status of an error: 4xx or 5xx, except those that HTTP forbids to send without a header of their own.
///
/// 401, 405, 407 and 426 are excluded: a response with one of them needs `WWW-Authenticate`, `Allow`,
/// `Proxy-Authenticate` or `Upgrade` (RFC 9110 §15.5). [`Problem::unauthorized`](super::Problem::unauthorized) and the
/// similar constructors require it, so that a problem without its header cannot be built.
///
/// ```
/// use buttress::problem::ErrorStatus;
/// use http::StatusCode;
///
/// assert_eq!(StatusCode::from(ErrorStatus::CONFLICT), 409);
/// assert!(ErrorStatus::try_from(StatusCode::OK).is_err());
/// assert!(ErrorStatus::try_from(StatusCode::UNAUTHORIZED).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorStatus(StatusCode);

macro_rules! statuses {
    ($($name:ident)*) => {
        /// The registered statuses, by their names in [`StatusCode`].
        #[allow(missing_docs)]
        impl ErrorStatus {
            $(pub const $name: Self = Self(StatusCode::$name);)*
        }
    };
}

statuses! {
    BAD_REQUEST PAYMENT_REQUIRED FORBIDDEN NOT_FOUND NOT_ACCEPTABLE REQUEST_TIMEOUT CONFLICT GONE LENGTH_REQUIRED
    PRECONDITION_FAILED PAYLOAD_TOO_LARGE URI_TOO_LONG UNSUPPORTED_MEDIA_TYPE RANGE_NOT_SATISFIABLE
    EXPECTATION_FAILED IM_A_TEAPOT MISDIRECTED_REQUEST UNPROCESSABLE_ENTITY LOCKED FAILED_DEPENDENCY TOO_EARLY
    PRECONDITION_REQUIRED TOO_MANY_REQUESTS REQUEST_HEADER_FIELDS_TOO_LARGE UNAVAILABLE_FOR_LEGAL_REASONS
    INTERNAL_SERVER_ERROR NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT
    HTTP_VERSION_NOT_SUPPORTED VARIANT_ALSO_NEGOTIATES INSUFFICIENT_STORAGE LOOP_DETECTED
    NETWORK_AUTHENTICATION_REQUIRED
}

impl ErrorStatus {
    /// The status with this number, registered or not; usable in constants.
    ///
    /// ```
    /// use buttress::problem::ErrorStatus;
    ///
    /// const CLIENT_CLOSED_REQUEST: ErrorStatus = ErrorStatus::from_u16(499).unwrap();
    /// assert!(ErrorStatus::from_u16(401).is_none());
    /// ```
    #[must_use]
    pub const fn from_u16(code: u16) -> Option<Self> {
        match (code, StatusCode::from_u16(code)) {
            // These statuses need a header (RFC 9110 §15.5.2, §15.5.6, §15.5.8, §15.5.22).
            (401 | 405 | 407 | 426, _) => None,
            (400..=599, Ok(status)) => Some(Self(status)),
            _ => None,
        }
    }

    pub(super) const fn get(self) -> StatusCode {
        self.0
    }
}

impl From<ErrorStatus> for StatusCode {
    fn from(status: ErrorStatus) -> Self {
        status.0
    }
}

impl TryFrom<StatusCode> for ErrorStatus {
    type Error = NotAnErrorStatus;

    fn try_from(status: StatusCode) -> Result<Self, NotAnErrorStatus> {
        Self::from_u16(status.as_u16()).ok_or(NotAnErrorStatus(status))
    }
}

/// The status is not an error, or it needs a header that a status alone does not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnErrorStatus(StatusCode);

impl fmt::Display for NotAnErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an error status, or it needs a header", self.0.as_u16())
    }
}

impl Error for NotAnErrorStatus {}
