//! Hashing and checking of passwords with Argon2id, away from the threads that answer requests.
//!
//! Called by the other files of `services::accounts`, always outside of a database closure. Rules kept here: at most two
//! hashes at a time, because each takes 19 MiB and a core, and a storm of sign-ins must not take the server along; further
//! ones wait in order, and beyond a full waiting line they are refused.

use crate::domain::account::PasswordHash;
use crate::domain::password::Password;
use crate::domain::refusal::Refusal;
use crate::services::error::ServiceError;
use argon2::password_hash::phc::PasswordHash as ParsedHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

/// How many passwords are hashed at the same moment.
pub const HASHES_AT_ONCE: usize = 2;

/// How many may wait for their turn: about ten seconds of work.
const LONGEST_LINE: usize = 400;

/// No letters or digits that are mistaken for one another when read from paper.
const EASY_TO_READ: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// How much work one hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// What the OWASP Password Storage Cheat Sheet asks for: 19 MiB and two passes.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// The one place where passwords are hashed; cheap to clone, and all clones share the two seats.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    seats: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Passwords {
    /// Prepares hashing with the cost.
    ///
    /// # Errors
    /// When Argon2 has no such cost.
    pub fn new(cost: PasswordCost) -> Result<Self, ServiceError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|_| ServiceError::Internal("the cost of passwords is out of bounds"))?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            seats: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            line: Arc::new(Semaphore::new(LONGEST_LINE)),
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] when too many wait already.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, ServiceError> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || hash_with(&argon2, &password)).await
    }

    /// Whether the password is the hashed one. Without a hash the same work is done for nothing, so that the time of an
    /// answer does not tell whether an account exists.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] when too many wait already.
    pub async fn matches(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool, ServiceError> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || match hash {
            Some(hash) => {
                let hash =
                    ParsedHash::new(&hash.0).map_err(|_| ServiceError::Internal("a stored password hash is unreadable"))?;
                Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
            }
            None => hash_with(&argon2, &password).map(|_| false),
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let _place: SemaphorePermit<'_> = self.line.try_acquire().map_err(|_| Refusal::TooManyAttempts)?;
        let stopped = ServiceError::Internal("the hashing of a password was interrupted");
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(|_| stopped.clone())?;
        // The seat goes along to the other thread: it stays taken when the caller goes away in the middle.
        let done = spawn_blocking(move || {
            let result = work();
            drop(seat);
            result
        });
        done.await.map_err(|_| stopped)?
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &Password) -> Result<PasswordHash, ServiceError> {
    let hash: ParsedHash =
        argon2.hash_password(password.as_bytes()).map_err(|_| ServiceError::Internal("a password could not be hashed"))?;
    Ok(PasswordHash(hash.to_string()))
}

/// A password to be handed over on paper, of 79 random bits: `k7tq-m2xw-…`.
#[must_use]
pub fn initial_password() -> Password {
    readable(&rand::random::<[u8; 16]>())
}

/// The same password for the same seed, which has to be a secret.
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
    }

    #[test]
    fn the_default_cost_is_that_of_owasp() {
        assert_eq!(PasswordCost::default(), PasswordCost { memory_kib: 19_456, passes: 2 });
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
