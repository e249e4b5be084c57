//! Malware scan by clamd (INSTREAM): takes a spool, returns a verdict.
//!
//! Only an explicit "OK" from clamd makes a file clean; any other failure leaves it waiting.

use crate::db::file_store::{FileStore, FileStoreError};
use crate::db::spool::Spool;
use std::io::{self, Read};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// Bytes sent to clamd per chunk.
const PIECE_BYTES: usize = 64 * 1024;
/// Timeout per step; large archives take clamd some time.
const PATIENCE: Duration = Duration::from_secs(60);
/// A longer response cannot come from clamd.
const LONGEST_ANSWER: u64 = 4096;

/// The result of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanVerdict {
    Clean,
    Infected,
    /// The scan failed; try again later.
    Unknown,
}

/// Scans a file with clamd.
pub async fn scan(files: &FileStore, address: &str, spool: &Spool) -> ScanVerdict {
    let asked = match address.strip_prefix("unix:") {
        Some(path) => match timeout(PATIENCE, UnixStream::connect(path)).await {
            Ok(Ok(stream)) => ask(files, stream, spool).await,
            _ => Err(FileStoreError::Unavailable("clamd does not answer".to_owned())),
        },
        None => match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => ask(files, stream, spool).await,
            _ => Err(FileStoreError::Unavailable("clamd does not answer".to_owned())),
        },
    };
    match asked {
        Ok(answer) if answer == "stream: OK" => ScanVerdict::Clean,
        Ok(answer) if answer.ends_with(" FOUND") => {
            tracing::warn!(%answer, "malware was uploaded");
            ScanVerdict::Infected
        }
        Ok(answer) => {
            tracing::warn!(%answer, "clamd could not scan a file");
            ScanVerdict::Unknown
        }
        Err(error) => {
            tracing::warn!(%error, "a file could not be scanned");
            ScanVerdict::Unknown
        }
    }
}

async fn ask(
    files: &FileStore,
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    spool: &Spool,
) -> Result<String, FileStoreError> {
    step(stream.write_all(b"zINSTREAM\0")).await?;
    let mut reader = spool.reader()?;
    loop {
        let (next, piece) = files
            .blocking(move || {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                let limit = u64::try_from(PIECE_BYTES).unwrap_or_default();
                reader.by_ref().take(limit).read_to_end(&mut piece)?;
                Ok((reader, piece))
            })
            .await?;
        reader = next;
        let length = u32::try_from(piece.len()).unwrap_or_default();
        step(stream.write_all(&length.to_be_bytes())).await?;
        if piece.is_empty() {
            break;
        }
        step(stream.write_all(&piece)).await?;
    }
    step(stream.flush()).await?;
    let mut answer = Vec::new();
    step(stream.take(LONGEST_ANSWER).read_to_end(&mut answer)).await?;
    Ok(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
}

async fn step<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, FileStoreError> {
    Ok(timeout(PATIENCE, work).await.map_err(|_| FileStoreError::Unavailable("clamd does not answer".to_owned()))??)
}
