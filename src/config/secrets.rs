//! Secrets: values that never show by accident, and keys that the first start generates in the data folder.

use data_encoding::HEXLOWER;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Letters in a generated secret: 32 random bytes in hexadecimal.
const SECRET_LETTERS: usize = 64;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself; not for logs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Creates the data folder, readable by its owner only, unless it is there.
///
/// # Errors
/// When it cannot be created.
pub fn create_data_dir(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The secret in the file, which is generated with mode 0600 when it does not exist.
///
/// Safe when several processes start at once: the file is written under another name and linked, and linking fails when
/// another process was faster, whose secret is then the one that counts.
///
/// # Errors
/// When the file cannot be read or written, or does not hold a secret.
pub fn load_or_create(file: &Path) -> io::Result<Secret> {
    match read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(file)?;
            read(file)
        }
        result => result,
    }
}

fn read(file: &Path) -> io::Result<Secret> {
    let text = fs::read_to_string(file)?;
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(file = %file.display(), "others can read a secret; its mode should be 0600");
    }
    let secret = text.trim();
    if secret.len() < SECRET_LETTERS {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("{} does not hold a secret", file.display())));
    }
    Ok(Secret::new(secret.to_owned()))
}

fn create(file: &Path) -> io::Result<()> {
    let secret = HEXLOWER.encode(&rand::rng().random::<[u8; 32]>());
    let draft = file.with_extension(format!("{:016x}.new", rand::rng().random::<u64>()));
    let mut handle = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = handle
        .write_all(format!("{secret}\n").as_bytes())
        .and_then(|()| handle.sync_all())
        .and_then(|()| fs::hard_link(&draft, file));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("access-tokens.key");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let file = file.clone();
                std::thread::spawn(move || load_or_create(&file).unwrap())
            })
            .collect();
        let secrets: Vec<Secret> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert!(secrets.iter().all(|secret| secret == &secrets[0]), "every start has the same secret");
        assert_eq!(secrets[0].reveal().len(), SECRET_LETTERS);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn an_empty_file_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("access-tokens.key");
        fs::write(&file, "\n").unwrap();
        assert_eq!(load_or_create(&file).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret::new("abc".to_owned())), "Secret(…)");
    }
}
