//! 204, 205, 304 and the response to HEAD have no content, whatever a handler gave them, and a length only if HTTP
//! allows one (RFC 9110 §6.4.1, §8.6, §15.3.5, §15.3.6, §15.4.5).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{self, Protocol};
use crate::log::LOG;
use crate::rows;
use crate::server::{Host, Server};

const HOW: [&str; 5] = ["text", "declared", "stream", "length", "empty"];

/// Everything that comes back for this request and an ordinary one after it.
async fn wire(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let next = "GET /fine HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(format!("{method} {path} HTTP/1.1\r\nhost: a\r\n\r\n{next}").as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    all
}

/// The head of the first response, if the second response follows it directly.
fn first_head<'a>(all: &'a str, status: &str) -> &'a str {
    let (head, rest) = all.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{all}");
    assert!(rest.starts_with("HTTP/1.1 200 ") && rest.ends_with("\r\n\r\nfine"), "{all}");
    head
}

/// The length that each response may declare.
fn allowed(status: &str, how: &str) -> Option<&'static str> {
    match (status, how) {
        ("205", _) => Some("0"),
        ("304", "length") => Some("1234"),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_without_content_have_none_and_the_right_length() {
    LOG.start();
    for host in Host::ALL {
        let server = Server::start(host).await;
        for status in ["204", "205", "304"] {
            let own = [format!("/own/{status}")];
            let paths = HOW.map(|how| format!("/without/{status}/{how}"));
            for path in own.iter().chain(&paths) {
                for method in ["GET", "HEAD"] {
                    let all = wire(&server, method, path).await.to_ascii_lowercase();
                    let all = all.replace("http/1.1", "HTTP/1.1");
                    let head = first_head(&all, status);
                    let expected = allowed(status, path.rsplit('/').next().unwrap());
                    let declared = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    // hyper omits the length of a 304 over HTTP/1.1, except for HEAD.
                    let left_out = declared.is_none() && status == "304" && method == "GET";
                    assert!(declared == expected || left_out, "{host:?} {method} {path}\n{all}");
                    assert!(!head.contains("transfer-encoding"), "{host:?} {method} {path}\n{all}");

                    let request = rows::get(path.clone().leak()).with_method(method);
                    let answer = client::send(&server, Protocol::Http2, &request).await;
                    assert_eq!(answer.header("content-length"), expected, "{host:?} h2 {method} {path} {answer:?}");
                    assert!(answer.body.is_empty() && !answer.was_cut, "{host:?} h2 {method} {path} {answer:?}");
                    assert_eq!(answer.status.to_string(), status);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_says_the_length_of_get_if_anybody_knows_it() {
    LOG.start();
    for host in Host::ALL {
        let server = Server::start(host).await;
        for (path, length) in [
            ("/fine", Some("4")),
            ("/own/200", Some("5")),
            ("/without/200/text", Some("5")),
            ("/without/200/declared", Some("5")),
            ("/without/200/stream", None),
            ("/without/404/text", Some("problem")),
        ] {
            let all = wire(&server, "HEAD", path).await.to_ascii_lowercase().replace("http/1.1", "HTTP/1.1");
            let head = first_head(&all, if path.contains("404") { "404" } else { "200" });
            let request = rows::get(path).with_method("HEAD");
            let answer = client::send(&server, Protocol::Http2, &request).await;
            assert!(answer.body.is_empty() && !answer.was_cut, "{host:?} h2 {path} {answer:?}");
            if length == Some("problem") {
                assert!(answer.header("content-length").is_some_and(|length| length != "0"), "{answer:?}");
                continue;
            }
            assert_eq!(answer.header("content-length"), length, "{host:?} h2 {path} {answer:?}");
            let declared = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            assert_eq!(declared, length, "{host:?} h1 {path}\n{all}");
        }
    }
}
