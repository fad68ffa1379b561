use std::convert::Infallible;

use buttress::RequestId;
use buttress::layer::RequestIdLayer;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower::{Layer, ServiceExt, service_fn};

/// The ids that the handler saw in the extensions and in the header, and the id that the client got.
async fn ids_of(layer: RequestIdLayer, header: &'static str, request: Request<()>) -> [Vec<String>; 3] {
    let texts = |headers: &HeaderMap| -> Vec<String> {
        headers.get_all(header).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    let service = layer.layer(service_fn(async |request: Request<()>| {
        let id = request.extensions().get::<RequestId>().unwrap().as_str().to_owned();
        let mut response = Response::new((id, texts(request.headers())));
        response.headers_mut().append(header, HeaderValue::from_static("the handler's own"));
        Ok::<_, Infallible>(response)
    }));
    let response = service.oneshot(request).await.unwrap();
    let sent = texts(response.headers());
    let (id, forwarded) = response.into_body();
    [vec![id], forwarded, sent]
}

fn with_ids(ids: &[&[u8]]) -> Request<()> {
    let mut request = Request::new(());
    for id in ids {
        request.headers_mut().append(RequestId::HEADER, HeaderValue::from_bytes(id).unwrap());
    }
    request
}

#[tokio::test]
async fn a_sane_id_is_kept_everywhere() {
    for id in ["x", "0198c1f0-7e1c-7a52-8c1e-8d5e8b8f4a11", "!\"#~", &"l".repeat(128)] {
        let ids = ids_of(RequestIdLayer::new(), "x-request-id", with_ids(&[id.as_bytes()])).await;
        assert_eq!(ids, [[id], [id], [id]]);
    }
}

#[tokio::test]
async fn any_other_is_replaced_everywhere() {
    let long = [b'l'; 129];
    let cases: [&[&[u8]]; 7] = [&[], &[b""], &[b"two words"], &[b"\xff"], &[b"a\tb"], &[&long], &[b"one", b"two"]];
    for sent in cases {
        let [id, forwarded, answered] = ids_of(RequestIdLayer::new(), "x-request-id", with_ids(sent)).await;
        assert_eq!((id[0].len(), id[0].as_bytes()[14]), (36, b'7'), "{sent:?}");
        assert_eq!([&forwarded, &answered], [&id, &id], "{sent:?}");
    }
}

#[tokio::test]
async fn an_untrusted_id_is_replaced() {
    let [id, ..] = ids_of(RequestIdLayer::new().without_incoming(), "x-request-id", with_ids(&[b"mine"])).await;
    assert_ne!(id, ["mine"]);
}

#[tokio::test]
async fn another_header_and_maker_are_used_where_there_is_no_sane_id() {
    let layer = || {
        RequestIdLayer::new()
            .header(HeaderName::from_static("x-trace"))
            .maker(|headers| headers.get("cf-ray").and_then(RequestId::from_header))
    };
    let request = |name, value| Request::builder().header(name, value).body(()).unwrap();
    assert_eq!(ids_of(layer(), "x-trace", request("x-trace", "mine")).await, [["mine"]; 3]);
    assert_eq!(ids_of(layer(), "x-trace", request("cf-ray", "ray")).await, [["ray"]; 3]);
    assert_eq!(ids_of(layer(), "x-trace", request("cf-ray", "not sane")).await[2][0].len(), 36);
}

#[test]
fn threads_make_different_ids() {
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(|| block_on_ids(200))).collect();
    let ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), 8 * 200);
}

fn block_on_ids(count: usize) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut ids = Vec::new();
        for _ in 0..count {
            let [mut id, ..] = ids_of(RequestIdLayer::new(), "x-request-id", Request::new(())).await;
            ids.append(&mut id);
        }
        ids
    })
}
