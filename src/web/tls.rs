//! TLS of the server itself, for deployments without a TLS proxy: certificate and key as PEM files.

use crate::config::Config;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::Path;

/// Returns the configuration for TLS 1.2 and 1.3; `None` when no certificate is configured.
///
/// # Errors
/// Files that are unreadable or do not match, with their name.
pub fn server_config(config: &Config) -> io::Result<Option<ServerConfig>> {
    let (Some(certificate), Some(key)) = (&config.tls_certificate_file, &config.tls_key_file) else { return Ok(None) };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect).map_err(|error| unusable(certificate, &error))?;
    if chain.is_empty() {
        return Err(unusable(certificate, &"it holds no certificate"));
    }
    let private_key = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
    let server = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private_key);
    server.map(Some).map_err(|error| unusable(certificate, &error))
}

fn unusable(file: &Path, why: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot use {} for TLS: {why}", file.display()))
}
