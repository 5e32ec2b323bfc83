//! One connection of the server: bytes in, an answer out, piece by piece.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use nix::libc;
use nix::sys::socket::{setsockopt, sockopt};

use crate::request::Wish;
use crate::zoo::{Answer, End};

/// A connection and what is under way on it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    /// Read and not yet understood.
    pub(crate) inbox: Vec<u8>,
    pub(crate) state: State,
    /// What becomes of it after the answer.
    pub(crate) wish: Wish,
    /// Number of the timer that counts; older ones are void.
    pub(crate) timer: u64,
    /// The event loop watches for room to write.
    pub(crate) watches_room: bool,
    /// It has not asked about the server itself.
    pub(crate) is_load: bool,
    /// Written and not yet counted, bytes.
    pub(crate) sent_bytes: u64,
    outbox: Vec<u8>,
    written: usize,
}

/// Where a connection stands.
#[derive(Debug)]
pub(crate) enum State {
    /// Between requests.
    Idle,
    /// The answer leaves later.
    Waiting(Pending),
    /// Being written.
    Writing(Answer),
}

/// An answer that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    /// An answer with times tells them.
    pub(crate) body_bytes: usize,
    pub(crate) is_head: bool,
    pub(crate) arrival_ns: u64,
    /// Its place in the log.
    pub(crate) place: usize,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The socket takes no more for now.
    Blocked,
    /// The next piece is due after so many ns.
    Pause(u64),
    /// Complete.
    Done(End),
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            inbox: Vec::with_capacity(512),
            state: State::Idle,
            wish: Wish::Keep,
            timer: 0,
            watches_room: false,
            is_load: true,
            sent_bytes: 0,
            outbox: Vec::new(),
            written: 0,
        })
    }

    /// Reads what there is; `false` when the other side is gone.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> bool {
        match self.stream.read(buffer) {
            Ok(0) => false,
            Ok(read) => {
                self.inbox.extend_from_slice(&buffer[..read]);
                true
            }
            Err(error) => matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ),
        }
    }

    /// Writes the answer as far as it goes; `None` when the other side is gone.
    /// After a [`Progress::Pause`] it goes on with the next piece.
    pub(crate) fn write(&mut self) -> Option<Progress> {
        loop {
            while self.written < self.outbox.len() {
                match self.stream.write(&self.outbox[self.written..]) {
                    Ok(0) => return None,
                    Ok(written) => {
                        self.written += written;
                        self.sent_bytes += written as u64;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        return Some(Progress::Blocked);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return None,
                }
            }
            let State::Writing(answer) = &mut self.state else {
                return Some(Progress::Done(End::Keep));
            };
            let begun = !self.outbox.is_empty();
            self.outbox.clear();
            self.written = 0;
            if begun && answer.gap_ns > 0 {
                return Some(Progress::Pause(answer.gap_ns));
            }
            match answer.pieces.pop_front() {
                Some(piece) => self.outbox = piece,
                None => return Some(Progress::Done(answer.end)),
            }
        }
    }

    /// Makes the coming close an RST.
    pub(crate) fn reset_on_close(&self) {
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        // Fails only for a socket that is gone already.
        let _ = setsockopt(&self.stream, sockopt::Linger, &linger);
    }
}

/// An ordinary right answer; `times` are arrival and sojourn, ns.
pub(crate) fn ok(body_bytes: usize, is_head: bool, times: Option<(u64, u64)>) -> Answer {
    let mut bytes = Vec::with_capacity(128 + body_bytes);
    bytes.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    let mut field = |name: &str, value: u64| {
        write!(bytes, "{name}: {value}\r\n").expect("writing to memory does not fail");
    };
    field("Content-Length", body_bytes as u64);
    if let Some((arrival_ns, sojourn_ns)) = times {
        field("Truth-Arrival", arrival_ns);
        field("Truth-Sojourn", sojourn_ns);
    }
    bytes.extend_from_slice(b"\r\n");
    if !is_head {
        let filled = bytes.len() + body_bytes;
        bytes.resize(filled, b'x');
        if body_bytes >= 2 {
            bytes[filled - body_bytes..][..2].copy_from_slice(b"ok");
        }
    }
    Answer::whole(bytes, End::Keep)
}
