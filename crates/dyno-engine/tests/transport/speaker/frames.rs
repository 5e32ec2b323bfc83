//! HTTP/2 frame by frame, for what servers may do and libraries do not: say which
//! request is the last at once, as nginx does, and refuse single ones.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// What the server does, beside answering each request with `ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Ends each connection by GOAWAY after so many requests, which it answers.
    Leaves(u32),
    /// The same without the answers to the last so many.
    Forgets(u32, u32),
    /// Refuses one in so many streams.
    Refuses(u32),
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
/// `:status: 200` in HPACK's static table.
const STATUS_200: u8 = 0x88;

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap();
    out.extend_from_slice(&length.to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// Serves one connection of requests without bodies. `processed` counts those
/// that were taken, `refused` the others that were seen.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    habit: Habit,
    processed: &AtomicU64,
    refused: &AtomicU64,
) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    let mut out = Vec::new();
    frame(&mut out, SETTINGS, 0, 0, &[]);
    let (mut streams, mut taken, mut last) = (0, 0, u32::MAX);
    loop {
        stream.write_all(&out).await?;
        out.clear();
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match (head[3], head[4]) {
            (SETTINGS, 0) => frame(&mut out, SETTINGS, ACK, 0, &[]),
            (PING, 0) => frame(&mut out, PING, ACK, 0, &payload),
            (GOAWAY, _) => return Ok(()),
            (HEADERS, _) if id > last => {
                refused.fetch_add(1, Ordering::Relaxed);
            }
            (HEADERS, _) => {
                streams += 1;
                if matches!(habit, Habit::Refuses(one_in) if streams % one_in == 0) {
                    refused.fetch_add(1, Ordering::Relaxed);
                    frame(&mut out, RST_STREAM, 0, id, &REFUSED_STREAM.to_be_bytes());
                    continue;
                }
                processed.fetch_add(1, Ordering::Relaxed);
                taken += 1;
                if let Habit::Leaves(count) | Habit::Forgets(count, _) = habit
                    && taken == count
                {
                    last = id;
                    // Its reason is 0, NO_ERROR.
                    let payload = [id.to_be_bytes(), [0; 4]].concat();
                    frame(&mut out, GOAWAY, 0, 0, &payload);
                }
                if let Habit::Forgets(count, silent) = habit
                    && taken + silent > count
                {
                    if taken == count {
                        stream.write_all(&out).await?;
                        stream.shutdown().await?;
                        // Closing with something unread would be a reset.
                        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
                        return Ok(());
                    }
                    continue;
                }
                frame(&mut out, HEADERS, END_HEADERS, id, &[STATUS_200]);
                frame(&mut out, DATA, END_STREAM, id, b"ok");
            }
            _ => {}
        }
    }
}
