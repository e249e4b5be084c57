//! Password hashing and verification with Argon2id, on blocking threads. Called by the other files of `accounts`,
//! always outside of a database closure.
//!
//! Rules: at most two hashes at a time, because each takes a core and megabytes, and a burst of sign-ins must not
//! overload the server; each slot keeps its memory, because the allocator never returns such blocks when they are
//! requested on changing threads; further hashes wait in a FIFO queue, and are refused when it is full.

use crate::accounts::rules::password::Password;
use crate::db::service_error::ServiceError;
use crate::kernel::account::PasswordHash;
use crate::kernel::error_code::ErrorCode;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as ParsedHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Maximum concurrent hashes.
pub const HASHES_AT_ONCE: usize = 2;

/// Maximum length of the queue: about ten seconds of work.
const LONGEST_LINE: usize = 400;

/// Characters that cannot be confused with one another when read from paper.
const EASY_TO_READ: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The cost of one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// One of the equivalent settings of the OWASP Password Storage Cheat Sheet: 7 MiB and five passes.
    fn default() -> Self {
        Self { memory_kib: 7 * 1024, passes: 5 }
    }
}

/// The working memory of one hash, allocated on first use.
type HashMemory = Vec<Block>;

/// The password hasher; cheap to clone, and all clones share the slots.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    runtime: Handle,
    seats: Arc<Semaphore>,
    line: Arc<Semaphore>,
    /// The memory of free slots.
    memories: Arc<Mutex<Vec<HashMemory>>>,
}

impl Passwords {
    /// Creates a hasher with this cost, on the current Tokio runtime.
    ///
    /// # Errors
    /// When Argon2 does not support the cost, or there is no runtime.
    pub fn new(cost: PasswordCost) -> Result<Self, ServiceError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|_| ServiceError::Internal("the cost of passwords is out of bounds"))?;
        let runtime = Handle::try_current().map_err(|_| ServiceError::Internal("passwords are hashed outside of a runtime"))?;
        Ok(Self {
            params,
            runtime,
            seats: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            line: Arc::new(Semaphore::new(LONGEST_LINE)),
            memories: Arc::default(),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] when the queue is full.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, ServiceError> {
        let params = self.params.clone();
        self.in_turn(move |memory| new_hash(params, &password, memory)).await
    }

    /// Returns whether the password matches the hash. Without a hash the same work is done anyway, so that the
    /// response time does not reveal whether an account exists.
    ///
    /// # Errors
    /// [`ErrorCode::TooManyAttempts`] when the queue is full.
    pub async fn matches(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool, ServiceError> {
        let params = self.params.clone();
        self.in_turn(move |memory| match hash.filter(PasswordHash::is_set) {
            Some(hash) => is_hash_of(&hash, &password, memory),
            None => new_hash(params, &password, memory).map(|_| false),
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let _place: SemaphorePermit<'_> = self.line.try_acquire().map_err(|_| ErrorCode::TooManyAttempts)?;
        let stopped = ServiceError::Internal("the hashing of a password was interrupted");
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| stopped.clone())?;
        let memories = Arc::clone(&self.memories);
        // The permit moves to the blocking thread: the slot stays taken even if the caller is cancelled.
        let done = self.runtime.spawn_blocking(move || {
            let mut memory = memories.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let result = work(&mut memory);
            memories.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
            drop(seat);
            result
        });
        done.await.map_err(|_| stopped)?
    }
}

fn new_hash(params: Params, password: &Password, memory: &mut HashMemory) -> Result<PasswordHash, ServiceError> {
    let failed = |_| ServiceError::Internal("a password could not be hashed");
    let algorithm = Algorithm::Argon2id;
    let written = ParamsString::try_from(&params).map_err(failed)?;
    let salt = Salt::generate();
    let output = output(algorithm, Version::V0x13, params, password, &salt, memory)?;
    let hash = ParsedHash {
        algorithm: algorithm.ident(),
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(PasswordHash(hash.to_string()))
}

/// Uses the parameters stored in the hash itself, which may differ from the current ones.
fn is_hash_of(hash: &PasswordHash, password: &Password, memory: &mut HashMemory) -> Result<bool, ServiceError> {
    let unreadable = || ServiceError::Internal("a stored password hash is unreadable");
    let hash = ParsedHash::new(&hash.0).map_err(|_| unreadable())?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| unreadable())?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(|_| unreadable())?;
    let params = Params::try_from(&hash).map_err(|_| unreadable())?;
    let (salt, expected) = (hash.salt.ok_or_else(unreadable)?, hash.hash.ok_or_else(unreadable)?);
    // `Output` compares in constant time.
    Ok(output(algorithm, version, params, password, &salt, memory)? == expected)
}

fn output(
    algorithm: Algorithm,
    version: Version,
    params: Params,
    password: &Password,
    salt: &Salt,
    memory: &mut HashMemory,
) -> Result<Output, ServiceError> {
    let failed = ServiceError::Internal("a password could not be hashed");
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    memory.resize(params.block_count(), Block::new());
    let argon2 = Argon2::new(algorithm, version, params);
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..length).ok_or_else(|| failed.clone())?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, bytes, memory).map_err(|_| failed.clone())?;
    Output::new(bytes).map_err(|_| failed)
}

/// Generates an initial password for printing, with 79 random bits: `k7tq-m2xw-…`.
#[must_use]
pub fn initial_password() -> Password {
    readable(&rand::random::<[u8; 16]>())
}

/// Derives an initial password from a seed, which must be secret.
#[must_use]
pub fn initial_password_from(seed: &str) -> Password {
    readable(&Sha256::digest(seed.as_bytes()))
}

fn readable(random: &[u8]) -> Password {
    let mut text = String::with_capacity(19);
    for (place, byte) in random.iter().take(16).enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        let letter = EASY_TO_READ.get(usize::from(*byte) % EASY_TO_READ.len()).copied().unwrap_or(b'x');
        text.push(char::from(letter));
    }
    Password::attempt(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::new(PasswordCost { memory_kib: 8, passes: 1 }).unwrap()
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = cheap();
        let hash = passwords.hash(Password::attempt("gạch đỏ bên cầu")).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(passwords.matches(Password::attempt("gạch đỏ bên cầu"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(Password::attempt("gạch đỏ bên sông"), Some(hash)).await.unwrap());
        assert!(!passwords.matches(Password::attempt("gạch đỏ bên cầu"), None).await.unwrap());
        assert!(!passwords.matches(Password::attempt("!"), Some(PasswordHash::none())).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_still_fits() {
        let hash = cheap().hash(Password::attempt("gạch đỏ bên cầu")).await.unwrap();
        let passwords = Passwords::new(PasswordCost { memory_kib: 16, passes: 2 }).unwrap();
        assert!(passwords.matches(Password::attempt("gạch đỏ bên cầu"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.matches(Password::attempt("gạch đỏ"), Some(hash)).await.unwrap());
        // The result of the reference implementation for "password" and "somesalt".
        let foreign = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(passwords.matches(Password::attempt("password"), Some(PasswordHash(foreign.to_owned()))).await.unwrap());
    }

    #[test]
    fn the_default_cost_is_one_of_owasp() {
        assert_eq!(PasswordCost::default(), PasswordCost { memory_kib: 7168, passes: 5 });
    }

    #[test]
    fn initial_passwords_differ_and_are_long() {
        let (one, other) = (initial_password(), initial_password());
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 19);
        assert!(!one.is_guessable(&[]));
        assert_eq!(initial_password_from("seed"), initial_password_from("seed"));
        assert_ne!(initial_password_from("seed"), initial_password_from("seeds"));
    }
}
