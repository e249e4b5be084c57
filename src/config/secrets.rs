//! Secrets: values that are never printed by accident, and keys that the first start generates in the data
//! folder.

use data_encoding::HEXLOWER;
use rand::RngExt;
use serde::{Deserialize, Serialize, Serializer};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Characters of a generated secret: 32 random bytes in hexadecimal.
const SECRET_LETTERS: usize = 64;

/// Printed in place of a secret.
const HIDDEN: &str = "(hidden)";

/// A text that neither `Debug` nor the settings output shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the text; never log it.
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

/// Creates the data folder unless it exists, accessible to its owner only.
pub fn create_data_dir(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Returns the secret in the file; generates it with mode 0600 when the file does not exist.
///
/// Safe when several processes start at once: the file is written under a temporary name and then hard-linked.
/// If linking fails because another process was faster, the secret of that process is used.
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

/// Returns the current secret of the file and the earlier ones, which follow it one per line.
///
/// # Errors
/// As for [`load_or_create`].
pub fn load_or_create_with_earlier(file: &Path) -> io::Result<(Secret, Vec<Secret>)> {
    let current = load_or_create(file)?;
    let lines = fs::read_to_string(file)?;
    let earlier = lines.lines().skip(1).map(str::trim).filter(|line| line.len() >= SECRET_LETTERS);
    Ok((current, earlier.map(|line| Secret::new(line.to_owned())).collect()))
}

/// Puts a new secret in front of those in the file and keeps at most `kept` earlier ones. Returns the number of
/// earlier ones.
///
/// # Errors
/// As for [`load_or_create`].
pub fn renew(file: &Path, kept: usize) -> io::Result<usize> {
    let (before, earlier) = load_or_create_with_earlier(file)?;
    let earlier: Vec<Secret> = std::iter::once(before).chain(earlier).take(kept).collect();
    replace(file, std::iter::once(&drawn()).chain(&earlier))?;
    Ok(earlier.len())
}

/// Removes all but the current secret from the file.
///
/// # Errors
/// As for [`load_or_create`].
pub fn forget_earlier(file: &Path) -> io::Result<()> {
    let (present, _) = load_or_create_with_earlier(file)?;
    replace(file, [&present])
}

fn replace<'a>(file: &Path, secrets: impl IntoIterator<Item = &'a Secret>) -> io::Result<()> {
    let draft = file.with_extension(format!("{:016x}.new", rand::rng().random::<u64>()));
    let mut handle = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = secrets.into_iter().try_for_each(|secret| writeln!(handle, "{}", secret.reveal()));
    let renamed = written.and_then(|()| handle.sync_all()).and_then(|()| fs::rename(&draft, file));
    if renamed.is_err() {
        fs::remove_file(&draft)?;
    }
    renamed
}

fn drawn() -> Secret {
    Secret::new(HEXLOWER.encode(&rand::rng().random::<[u8; 32]>()))
}

fn read(file: &Path) -> io::Result<Secret> {
    let text = fs::read_to_string(file)?;
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(file = %file.display(), "secret file is readable by others, mode should be 0600");
    }
    let secret = text.lines().next().unwrap_or_default().trim();
    if secret.len() < SECRET_LETTERS {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("{} does not hold a secret", file.display())));
    }
    Ok(Secret::new(secret.to_owned()))
}

fn create(file: &Path) -> io::Result<()> {
    let secret = drawn();
    let draft = file.with_extension(format!("{:016x}.new", rand::rng().random::<u64>()));
    let mut handle = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = handle
        .write_all(format!("{}\n", secret.reveal()).as_bytes())
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
    fn a_new_secret_keeps_the_earlier_ones() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("access-tokens.key");
        let first = load_or_create(&file).unwrap();
        assert_eq!(renew(&file, 2).unwrap(), 1);
        let (second, earlier) = load_or_create_with_earlier(&file).unwrap();
        assert!(second != first && earlier == [first]);
        assert_eq!((renew(&file, 2).unwrap(), renew(&file, 2).unwrap()), (2, 2));
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
