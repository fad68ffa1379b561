use http::StatusCode;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The client got all of the response.
    Finished,
    /// The service gave no response.
    Failed,
    /// The body failed after its head was sent.
    Cut,
    /// The client did not take the response in time.
    Stalled,
    /// The response, or the future that makes it, was dropped before its end: the client left.
    Cancelled,
    /// A panic went through here.
    Panicked,
}

impl Outcome {
    /// Whether it is the server's fault.
    pub(super) fn is_error(self, status: Option<StatusCode>) -> bool {
        match self {
            Self::Finished | Self::Cancelled => status.is_some_and(|status| status.is_server_error()),
            Self::Failed | Self::Cut | Self::Stalled | Self::Panicked => true,
        }
    }

    /// Whether it is an error by itself, whatever the status.
    pub(super) const fn is_news(self) -> bool {
        matches!(self, Self::Failed | Self::Cut | Self::Stalled | Self::Panicked)
    }

    /// The value of `error.type`: one of a few words, or a status.
    pub(super) fn error_type(self, status: Option<&StatusCode>) -> Option<&str> {
        match self {
            Self::Finished => status.filter(|status| status.is_server_error()).map(StatusCode::as_str),
            Self::Failed => Some("service"),
            Self::Cut => Some("response_body"),
            Self::Stalled => Some("send_timeout"),
            Self::Cancelled => Some("cancelled"),
            Self::Panicked => Some("panic"),
        }
    }

    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Finished => "request finished",
            Self::Failed => "request failed without a response",
            Self::Cut => "response body was cut",
            Self::Stalled => "response was not taken in time",
            Self::Cancelled => "client left before the end",
            Self::Panicked => "request panicked",
        }
    }
}
