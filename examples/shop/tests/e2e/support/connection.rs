use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::{Answer, Request};

/// An HTTP/1.1 connection, written by hand.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(addr: SocketAddr) -> Self {
        Self::try_open(addr).unwrap()
    }

    /// `None` if the connection is not accepted.
    pub fn try_open(addr: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(addr).ok()?;
        stream.set_nodelay(true).unwrap();
        // A test that waits longer than this hangs.
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        Some(Self { stream: BufReader::new(stream) })
    }

    /// Writes some bytes. The other side may have closed meanwhile; the response will show that.
    pub fn write(&mut self, bytes: &[u8]) -> &mut Self {
        let _ = self.stream.get_mut().write_all(bytes);
        self
    }

    /// Sends a request and reads its response.
    pub fn send(&mut self, request: &Request) -> Answer {
        self.write(&request.to_bytes());
        let answer = self.read_for(&request.method).expect("no answer to a request");
        answer.check(request);
        answer
    }

    /// The next response, or `None` if the connection ends.
    pub fn read(&mut self) -> Option<Answer> {
        self.read_for("GET")
    }

    fn read_for(&mut self, method: &str) -> Option<Answer> {
        let status_line = self.line()?;
        let status =
            status_line.strip_prefix("HTTP/1.1 ").or(status_line.strip_prefix("HTTP/1.0 "))?.get(..3)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if status == 100 {
            return self.read_for(method);
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        if method != "HEAD" && status != 204 && status != 304 {
            answer.body = self.body(&answer)?;
        }
        Some(answer)
    }

    fn body(&mut self, answer: &Answer) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        if let Some(length) = answer.header("content-length") {
            body.resize(length.parse().unwrap(), 0);
            self.stream.read_exact(&mut body).ok()?;
            return Some(body);
        }
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"), "an answer of no known length");
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).unwrap();
            let mut chunk = vec![0; size];
            self.stream.read_exact(&mut chunk).ok()?;
            self.line()?;
            if size == 0 {
                return Some(body);
            }
            body.extend(chunk);
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).ok()?;
        let line = line.strip_suffix(b"\r\n")?;
        Some(String::from_utf8_lossy(line).into_owned())
    }

    /// Signals that nothing more will be sent.
    pub fn finish_writing(&mut self) {
        let _ = self.stream.get_ref().shutdown(Shutdown::Write);
    }

    /// Disconnects at once, without reading any pending data.
    pub fn leave_now(&mut self) {
        let _ = self.stream.get_ref().shutdown(Shutdown::Both);
    }
}
