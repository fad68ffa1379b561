//! The types of problem that Buttress itself reports.

use http::StatusCode;

use super::{ErrorStatus, ProblemType};

macro_rules! types {
    ($(#[doc = $text:literal] $name:ident = $status:ident, $code:literal, $title:literal;)*) => {
        $(
            #[doc = $text]
            pub const $name: ProblemType =
                ProblemType::new(ErrorStatus::$status, $code, $title).with_description($text);
        )*
        /// All types whose status needs no header. `for_status` takes the first one of a status.
        const PLAIN: &[ProblemType] = &[$($name),*];
    };
}

// The first type of a status is used for a response without a problem.
types! {
    /// The request cannot be understood at all.
    BAD_REQUEST = BAD_REQUEST, "bad-request", "Bad request";
    /// The body is not JSON, is not UTF-8, or nests too deeply.
    MALFORMED_BODY = BAD_REQUEST, "malformed-body", "Malformed body";
    /// The body could not be read to its end.
    INCOMPLETE_BODY = BAD_REQUEST, "incomplete-body", "Incomplete body";
    /// Payment is required.
    PAYMENT_REQUIRED = PAYMENT_REQUIRED, "payment-required", "Payment required";
    /// The caller may not do this.
    FORBIDDEN = FORBIDDEN, "forbidden", "Forbidden";
    /// There is nothing at this address.
    NOT_FOUND = NOT_FOUND, "not-found", "Not found";
    /// There is no representation that the caller accepts.
    NOT_ACCEPTABLE = NOT_ACCEPTABLE, "not-acceptable", "Not acceptable";
    /// The request took too long to arrive.
    REQUEST_TIMEOUT = REQUEST_TIMEOUT, "request-timeout", "Request timeout";
    /// The request disagrees with the state of the resource.
    CONFLICT = CONFLICT, "conflict", "Conflict";
    /// The resource was here and is no longer.
    GONE = GONE, "gone", "Gone";
    /// The request needs a `Content-Length`.
    LENGTH_REQUIRED = LENGTH_REQUIRED, "length-required", "Length required";
    /// A precondition such as `If-Match` does not hold.
    PRECONDITION_FAILED = PRECONDITION_FAILED, "precondition-failed", "Precondition failed";
    /// The body is larger than the service accepts.
    CONTENT_TOO_LARGE = PAYLOAD_TOO_LARGE, "content-too-large", "Content too large";
    /// The address is longer than the service accepts.
    URI_TOO_LONG = URI_TOO_LONG, "uri-too-long", "URI too long";
    /// The body has a media type that the route does not accept.
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type";
    /// No part of the resource is in the requested range.
    RANGE_NOT_SATISFIABLE = RANGE_NOT_SATISFIABLE, "range-not-satisfiable", "Range not satisfiable";
    /// An expectation of the request cannot be met.
    EXPECTATION_FAILED = EXPECTATION_FAILED, "expectation-failed", "Expectation failed";
    /// The request was meant for another server.
    MISDIRECTED_REQUEST = MISDIRECTED_REQUEST, "misdirected-request", "Misdirected request";
    /// The input was understood but is not acceptable; `errors` lists the places.
    INVALID_INPUT = UNPROCESSABLE_ENTITY, "invalid-input", "Invalid input";
    /// The resource is locked.
    LOCKED = LOCKED, "locked", "Locked";
    /// Another request that this one needs has failed.
    FAILED_DEPENDENCY = FAILED_DEPENDENCY, "failed-dependency", "Failed dependency";
    /// The request might be replayed.
    TOO_EARLY = TOO_EARLY, "too-early", "Too early";
    /// The request must be conditional, with `If-Match`.
    PRECONDITION_REQUIRED = PRECONDITION_REQUIRED, "precondition-required", "Precondition required";
    /// The caller sends more requests than it may.
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS, "too-many-requests", "Too many requests";
    /// The header section is larger than the service accepts.
    HEADERS_TOO_LARGE = REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", "Request header fields too large";
    /// The resource is withheld for legal reasons.
    UNAVAILABLE_FOR_LEGAL_REASONS = UNAVAILABLE_FOR_LEGAL_REASONS, "unavailable-for-legal-reasons", "Unavailable for legal reasons";
    /// The server failed; the caller is not at fault.
    INTERNAL = INTERNAL_SERVER_ERROR, "internal", "Internal server error";
    /// The service does not know this method.
    NOT_IMPLEMENTED = NOT_IMPLEMENTED, "not-implemented", "Not implemented";
    /// A server behind this one gave no usable response.
    BAD_GATEWAY = BAD_GATEWAY, "bad-gateway", "Bad gateway";
    /// The service cannot answer for now.
    UNAVAILABLE = SERVICE_UNAVAILABLE, "unavailable", "Service unavailable";
    /// The service cannot accept more work.
    OVERLOADED = SERVICE_UNAVAILABLE, "overloaded", "Service overloaded";
    /// The handler took longer than it may.
    TIMEOUT = SERVICE_UNAVAILABLE, "timeout", "Timeout";
    /// A server behind this one took too long.
    GATEWAY_TIMEOUT = GATEWAY_TIMEOUT, "gateway-timeout", "Gateway timeout";
    /// There is no room to store the representation.
    INSUFFICIENT_STORAGE = INSUFFICIENT_STORAGE, "insufficient-storage", "Insufficient storage";
}

/// The credentials are missing or invalid. Without a challenge of the problem's own, the response names the scheme
/// `Bearer`, whether the service accepts it or not.
pub const UNAUTHORIZED: ProblemType = ProblemType::unauthorized("unauthorized", "Unauthorized", "Bearer")
    .with_description("The credentials are missing or invalid.");
/// The route does not support this method. Not public: a 405 is made with the supported methods, by
/// [`Problem::method_not_allowed`](super::Problem::method_not_allowed) or in a custom type.
pub(super) const METHOD_NOT_ALLOWED: ProblemType =
    ProblemType::method_not_allowed("method-not-allowed", "Method not allowed", "")
        .with_description("The route does not support this method.");
/// The proxy requires credentials.
pub const PROXY_AUTHENTICATION_REQUIRED: ProblemType = ProblemType::proxy_authentication_required(
    "proxy-authentication-required",
    "Proxy authentication required",
    "Basic",
)
.with_description("The proxy requires credentials.");
/// The route requires another protocol.
pub const UPGRADE_REQUIRED: ProblemType =
    ProblemType::upgrade_required("upgrade-required", "Upgrade required", "HTTP/2.0")
        .with_description("The route requires another protocol.");

const OTHER_CLIENT: ProblemType = ProblemType::new(ErrorStatus::BAD_REQUEST, "client-error", "Client error");
const OTHER_SERVER: ProblemType = ProblemType::new(ErrorStatus::INTERNAL_SERVER_ERROR, "server-error", "Server error");

/// The type of a status: for an error that another crate answered with, and for a derived server error without a code
/// of its own.
///
/// A status that has no type here gets the type of its class.
///
/// ```
/// use buttress::problem::catalogue::{INTERNAL, for_status};
/// use http::StatusCode;
///
/// assert_eq!(for_status(StatusCode::INTERNAL_SERVER_ERROR), INTERNAL);
/// assert_eq!(for_status(StatusCode::LOOP_DETECTED).code(), "server-error");
/// ```
#[must_use]
pub const fn for_status(status: StatusCode) -> ProblemType {
    match status {
        StatusCode::UNAUTHORIZED => return UNAUTHORIZED,
        StatusCode::METHOD_NOT_ALLOWED => return METHOD_NOT_ALLOWED,
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => return PROXY_AUTHENTICATION_REQUIRED,
        StatusCode::UPGRADE_REQUIRED => return UPGRADE_REQUIRED,
        _ => {}
    }
    let mut left = PLAIN;
    while let [known, rest @ ..] = left {
        if known.status().as_u16() == status.as_u16() {
            return *known;
        }
        left = rest;
    }
    let other = if status.as_u16() < 500 { OTHER_CLIENT } else { OTHER_SERVER };
    other.with_status(status)
}
