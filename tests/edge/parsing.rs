//! JSONTestSuite over the socket: every text is a 2xx or a 4xx.

use super::everywhere;

/// Name and text of each case.
fn cases() -> Vec<(String, String)> {
    let lines = include_str!("json_test_suite.txt").lines().filter(|line| !line.starts_with('#'));
    let mut cases: Vec<_> = lines
        .map(|line| {
            let (name, text) = line.split_once('\t').unwrap();
            (name.to_owned(), serde_json::from_str(text).unwrap())
        })
        .collect();
    cases.push(("n_structure_100000_opening_arrays".to_owned(), "[".repeat(100_000)));
    cases.push(("n_structure_open_array_object".to_owned(), r#"[{"":"#.repeat(50_000) + "\n"));
    assert_eq!(cases.len(), 318);
    cases
}

#[tokio::test]
async fn every_case_of_the_suite_is_answered() {
    everywhere(async |edge| {
        let mut client = edge.connect().await;
        for (name, text) in cases() {
            let request = http::Request::post("/json/any").header("content-type", "application/json");
            let reply = client.send(request.body(super::client::full(text.as_bytes())).unwrap()).await;
            let status = reply.status.as_u16();
            match name.as_bytes()[0] {
                // A name that stands twice is JSON, and nothing that two readers agree on.
                b'y' if name.contains("duplicated_key") => assert_eq!(status, 422, "{name}"),
                b'y' => assert_eq!(status, 200, "{name}"),
                b'n' => assert_eq!(status, 400, "{name}"),
                _ => assert!(matches!(status, 200 | 400 | 422), "{name}: {status}"),
            }
            let reply = edge.post_json("/json", &text).await;
            assert!(reply.status.is_client_error(), "{name}: {reply:?}");
        }
    })
    .await;
}
