//! JSONTestSuite over the socket: every text is a 2xx or a 4xx.

use super::client::full;
use super::everywhere;

/// The suite's cases that are not UTF-8; the shared list can hold text only.
const NOT_UTF_8: [&[u8]; 25] = [
    b"\xff\xfe[\0\"\0\xe9\0\"\0]\0",
    b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]",
    b"[\"\xed\xa0\x80\"]",
    b"[\"\xff\"]",
    b"[\"\xe9\"]",
    b"[\"\x81\"]",
    b"[\"\xf4\xbf\xbf\xbf\"]",
    b"[\"\xc0\xaf\"]",
    b"[\"\xfc\x83\xbf\xbf\xbf\xbf\"]",
    b"[\"\xfc\x80\x80\x80\x80\x80\"]",
    b"[\"\xe0\xff\"]",
    b"\0[\0\"\0\xe9\0\"\0]",
    b"[\0\"\0\xe9\0\"\0]\0",
    b"[a\xe5]",
    b"[\xff]",
    b"[123\xe5]",
    b"[1e1\xe5]",
    b"[0\xe5]",
    b"[1e\xe5]",
    b"{\"\xb9\":\"0\",}",
    b"[\"\\u\xe5\"]",
    b"[\"\\\xe5\"]",
    b"\xef\xbb{}",
    b"\xe5",
    b"\xe9",
];

/// Name and text of each case: the suite's 318 for parsers, and its cases about the resulting values.
fn cases() -> Vec<(String, Vec<u8>)> {
    let shared = include_str!("../payload/json_test_suite/cases.json");
    let shared: Vec<(String, String)> = serde_json::from_str(shared).unwrap();
    let mut cases: Vec<_> = shared.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    cases.extend(NOT_UTF_8.map(|bytes| ("n_not_utf_8".to_owned(), bytes.to_vec())));
    cases.push(("n_structure_100000_opening_arrays".to_owned(), "[".repeat(100_000).into_bytes()));
    cases.push(("n_structure_open_array_object".to_owned(), r#"[{"":"#.repeat(50_000).into_bytes()));
    assert_eq!(cases.len(), 318 + 19);
    cases
}

#[tokio::test]
async fn every_case_of_the_suite_is_answered() {
    everywhere(async |edge| {
        let mut client = edge.connect().await;
        for (name, text) in cases() {
            let request = |path| http::Request::post(path).header("content-type", "application/json");
            let status = client.send(request("/json/any").body(full(&text)).unwrap()).await.status.as_u16();
            match name.as_bytes()[0] {
                // A repeated name is valid JSON, but two readers may disagree on its meaning.
                b'y' if name.contains("duplicated_key") => assert_eq!(status, 422, "{name}"),
                b'y' => assert_eq!(status, 200, "{name}"),
                b'n' => assert_eq!(status, 400, "{name}"),
                _ => assert!(matches!(status, 200 | 400 | 422), "{name}: {status}"),
            }
            let reply = client.send(request("/json").body(full(&text)).unwrap()).await;
            assert!(reply.status.is_client_error(), "{name}: {reply:?}");
        }
    })
    .await;
}
