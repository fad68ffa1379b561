//! Reads a body to its end, within the limit.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http::Extensions;
use http_body_util::BodyExt;

use crate::handler::{BodyError, MaxBodySize, RequestBody};
use crate::problem::{Problem, catalogue};

/// The most bytes that are reserved for a body before it arrives: a declared length alone costs no memory.
const MAX_RESERVED: usize = 64 * 1024;

/// Reads the whole body; a body of one frame, which most are, is not copied.
pub(super) async fn read<B: RequestBody>(body: B, extensions: &Extensions) -> Result<Bytes, Problem> {
    let limit = MaxBodySize::of(extensions).bytes();
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(Problem::of(catalogue::CONTENT_TOO_LARGE));
    }
    let mut body = pin!(body);
    let mut whole = Whole::Nothing;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(BodyError::new)?.into_data() {
            whole = whole.with(data, usize::try_from(announced).unwrap_or(limit));
            if whole.len() > limit {
                return Err(Problem::of(catalogue::CONTENT_TOO_LARGE));
            }
        }
    }
    Ok(whole.into_bytes())
}

enum Whole {
    Nothing,
    OneFrame(Bytes),
    Joined(BytesMut),
}

impl Whole {
    fn with(self, data: Bytes, announced: usize) -> Self {
        match self {
            _ if data.is_empty() => self,
            Self::Nothing => Self::OneFrame(data),
            Self::OneFrame(first) => {
                let mut joined = BytesMut::with_capacity(announced.min(MAX_RESERVED).max(first.len() + data.len()));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&data);
                Self::Joined(joined)
            }
            Self::Joined(mut joined) => {
                joined.extend_from_slice(&data);
                Self::Joined(joined)
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::OneFrame(data) => data.len(),
            Self::Joined(joined) => joined.len(),
        }
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::OneFrame(data) => data,
            Self::Joined(joined) => joined.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    async fn read_frames(frames: &'static [&'static str], limit: usize) -> Result<Bytes, Problem> {
        let frames =
            frames.iter().map(|data| Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(data.as_bytes()))));
        let mut extensions = Extensions::new();
        extensions.insert(MaxBodySize::new(limit));
        read(StreamBody::new(futures_util::stream::iter(frames)), &extensions).await
    }

    #[tokio::test]
    async fn one_frame_is_handed_on_as_it_is() {
        static FRAME: [&str; 3] = ["", "one frame", ""];
        let whole = read_frames(&FRAME, 9).await.unwrap();
        assert_eq!(whole.as_ptr(), FRAME[1].as_ptr());
    }

    #[tokio::test]
    async fn many_frames_are_joined() {
        assert_eq!(read_frames(&["a", "b", "", "c"], 3).await.unwrap(), "abc");
        assert!(read_frames(&[], 0).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_limit_holds_for_every_way_to_cut_the_body() {
        for frames in [&["abcd"][..], &["abc", "d"], &["a", "b", "c", "d"]] {
            assert_eq!(read_frames(frames, 3).await.unwrap_err().status(), 413);
            assert!(read_frames(frames, 4).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_body_that_announces_too_much_is_not_read() {
        let mut extensions = Extensions::new();
        extensions.insert(MaxBodySize::new(3));
        assert_eq!(read(String::from("abcd"), &extensions).await.unwrap_err().status(), 413);
    }
}
