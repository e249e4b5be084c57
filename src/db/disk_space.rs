//! Free disk space for files, and reservations of it.
//!
//! Rules: uploads stop before the disk is full, so that a database on the same disk keeps working. Space is
//! reserved before writing, so that concurrent uploads do not count on the same bytes: once for the spool and once
//! for the store, because a file exists on both while it is moved.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Step in which space is reserved for a file of unknown size.
const STEP_BYTES: u64 = 1024 * 1024;

/// Bytes that will be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpaceRequest {
    pub spool: u64,
    pub store: u64,
}

impl SpaceRequest {
    /// Returns the need of a file that goes through a spool into the store.
    #[must_use]
    pub const fn of_file(bytes: u64) -> Self {
        Self { spool: bytes, store: bytes }
    }

    /// Returns the need of a file written directly to the store.
    #[must_use]
    pub const fn of_store(bytes: u64) -> Self {
        Self { spool: 0, store: bytes }
    }

    const fn plus(self, other: Self) -> Self {
        Self { spool: self.spool.saturating_add(other.spool), store: self.store.saturating_add(other.store) }
    }
}

/// The folders of files and the space that has to stay free on their disks.
#[derive(Debug, Default)]
pub struct DiskSpace {
    spool: Option<PathBuf>,
    /// `None` for a bucket, which uses no local disk.
    store: Option<PathBuf>,
    /// Bytes that have to stay free.
    floor: u64,
    /// Bytes reserved and not yet written: spool, store.
    promised: (AtomicU64, AtomicU64),
}

/// The current state of a disk.
struct DiskState {
    device: u64,
    free: u64,
}

impl DiskState {
    fn of(folder: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(folder)?;
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        Ok(Self { device: std::fs::metadata(folder)?.dev(), free })
    }
}

impl DiskSpace {
    /// Creates the check for these folders; `floor` bytes have to stay free.
    #[must_use]
    pub fn new(spool: Option<PathBuf>, store: Option<PathBuf>, floor: u64) -> Self {
        Self { spool, store, floor, promised: (AtomicU64::new(0), AtomicU64::new(0)) }
    }

    fn disks(&self) -> io::Result<(Option<DiskState>, Option<DiskState>)> {
        let of = |folder: &Option<PathBuf>| folder.as_deref().map(DiskState::of).transpose();
        Ok((of(&self.spool)?, of(&self.store)?))
    }

    /// Returns the free bytes available to this process on the fullest disk; `None` when no folder is on a local
    /// disk.
    ///
    /// # Errors
    /// When a folder cannot be inspected.
    pub fn free(&self) -> io::Result<Option<u64>> {
        let (spool, store) = self.disks()?;
        Ok(spool.into_iter().chain(store).map(|disk| disk.free).min())
    }

    /// Checks that enough stays free after writing this and everything reserved.
    ///
    /// # Errors
    /// `StorageFull` when not; otherwise when a folder cannot be inspected.
    pub fn check(&self, more: SpaceRequest) -> io::Result<()> {
        self.admit(self.promised().plus(more))
    }

    /// Checks that this much can be written to the spool now, ignoring reservations: other programs may have
    /// filled the disk.
    ///
    /// # Errors
    /// As [`DiskSpace::check`].
    pub fn check_now(&self, spool: u64) -> io::Result<()> {
        self.admit(SpaceRequest { spool, store: 0 })
    }

    fn promised(&self) -> SpaceRequest {
        SpaceRequest { spool: self.promised.0.load(Ordering::Acquire), store: self.promised.1.load(Ordering::Acquire) }
    }

    fn admit(&self, wanted: SpaceRequest) -> io::Result<()> {
        let (spool, store) = self.disks()?;
        let is_one = matches!((&spool, &store), (Some(spool), Some(store)) if spool.device == store.device);
        let both = wanted.spool.saturating_add(wanted.store);
        let takes = |disk: Option<DiskState>, own: u64| {
            disk.is_none_or(|disk| disk.free >= self.floor.saturating_add(if is_one { both } else { own }))
        };
        if takes(spool, wanted.spool) && takes(store, wanted.store) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::StorageFull, "the disk of the files is nearly full"))
    }

    fn add(&self, need: SpaceRequest) {
        self.promised.0.fetch_add(need.spool, Ordering::AcqRel);
        self.promised.1.fetch_add(need.store, Ordering::AcqRel);
    }

    fn take_off(&self, need: SpaceRequest) {
        self.promised.0.fetch_sub(need.spool, Ordering::AcqRel);
        self.promised.1.fetch_sub(need.store, Ordering::AcqRel);
    }
}

/// A reservation for one file; dropping it releases what was not used.
#[derive(Debug)]
pub struct SpaceReservation {
    space: Arc<DiskSpace>,
    left: SpaceRequest,
}

impl SpaceReservation {
    /// Creates an empty reservation.
    #[must_use]
    pub fn empty(space: &Arc<DiskSpace>) -> Self {
        Self { space: Arc::clone(space), left: SpaceRequest::default() }
    }

    /// Reserves more.
    ///
    /// # Errors
    /// As [`DiskSpace::check`]; nothing more is reserved then.
    pub fn more(&mut self, need: SpaceRequest) -> io::Result<()> {
        // Added before checking, so that concurrent reservations see each other.
        self.space.add(need);
        let admitted = self.space.check(SpaceRequest::default());
        match admitted {
            Ok(()) => self.left = self.left.plus(need),
            Err(_) => self.space.take_off(need),
        }
        admitted
    }

    /// Ensures that this many bytes are reserved for the spool, and as many for the store.
    ///
    /// # Errors
    /// As [`DiskSpace::check`].
    pub fn reach(&mut self, spool: u64) -> io::Result<()> {
        match spool.saturating_sub(self.left.spool) {
            0 => Ok(()),
            missing => self.more(SpaceRequest::of_file(missing.max(STEP_BYTES))),
        }
    }

    /// Releases bytes now written to the spool, because the disk's free space already accounts for them.
    pub fn spooled(&mut self, bytes: u64) {
        self.give_back(SpaceRequest { spool: bytes.min(self.left.spool), store: 0 });
    }

    /// Releases everything, because the file is in the store.
    pub fn stored(&mut self) {
        self.give_back(self.left);
    }

    fn give_back(&mut self, need: SpaceRequest) {
        self.space.take_off(need);
        self.left =
            SpaceRequest { spool: self.left.spool.saturating_sub(need.spool), store: self.left.store.saturating_sub(need.store) };
    }
}

impl Drop for SpaceReservation {
    fn drop(&mut self) {
        self.stored();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(floor: u64) -> Arc<DiskSpace> {
        Arc::new(DiskSpace::new(Some(std::env::temp_dir()), Some(std::env::temp_dir()), floor))
    }

    /// A floor at half of the free space, and this share of the free space in bytes.
    fn roomy_for(share: u64) -> (Arc<DiskSpace>, u64) {
        let free = of(0).free().unwrap().unwrap();
        (of(free / 2), free / share)
    }

    #[test]
    fn the_floor_stays_free() {
        assert!(of(0).free().unwrap().unwrap() > 0);
        assert!(of(0).check(SpaceRequest::of_file(1)).is_ok());
        assert!(of(0).check_now(1).is_ok());
        let is_full = |answer: io::Result<()>| answer.unwrap_err().kind() == io::ErrorKind::StorageFull;
        assert!(is_full(of(u64::MAX).check(SpaceRequest::default())));
        assert!(is_full(of(u64::MAX).check_now(0)));
        assert!(is_full(of(1).check(SpaceRequest::of_file(u64::MAX))));
        let bucket = DiskSpace::new(None, None, u64::MAX);
        assert!(bucket.check(SpaceRequest::of_file(u64::MAX)).is_ok(), "a bucket has no disk of ours");
    }

    #[test]
    fn what_is_promised_to_one_is_not_promised_to_another() {
        // Half of the free space is above the floor: a sixth fits once in spool and store, but not twice.
        let (space, bytes) = roomy_for(6);
        let mut first = SpaceReservation::empty(&space);
        first.more(SpaceRequest::of_file(bytes)).unwrap();
        let mut second = SpaceReservation::empty(&space);
        assert!(second.more(SpaceRequest::of_file(bytes)).is_err());
        assert!(space.check(SpaceRequest::of_file(bytes)).is_err());
        assert_eq!(space.promised(), SpaceRequest::of_file(bytes), "what was refused is not kept");
        first.spooled(bytes);
        assert_eq!(space.promised(), SpaceRequest::of_store(bytes));
        drop(first);
        assert_eq!(space.promised(), SpaceRequest::default());
        second.more(SpaceRequest::of_file(bytes)).unwrap();
    }

    #[test]
    fn of_many_who_come_at_once_no_more_pass_than_there_is_room_for() {
        // Each reserves a tenth of the free space, twice on the same disk: two fit above the floor, a third never
        // does.
        let (space, bytes) = roomy_for(10);
        let passed: Vec<SpaceReservation> = std::thread::scope(|scope| {
            let come = || {
                let mut promise = SpaceReservation::empty(&space);
                promise.more(SpaceRequest::of_file(bytes)).is_ok().then_some(promise)
            };
            let coming: Vec<_> = (0..8).map(|_| scope.spawn(come)).collect();
            coming.into_iter().filter_map(|one| one.join().unwrap()).collect()
        });
        assert!(passed.len() <= 2, "{}", passed.len());
        drop(passed);
        assert_eq!(space.promised(), SpaceRequest::default());
    }

    #[test]
    fn a_file_of_unknown_size_grows_in_steps() {
        let space = of(0);
        let mut promise = SpaceReservation::empty(&space);
        promise.reach(10).unwrap();
        assert_eq!(space.promised(), SpaceRequest::of_file(STEP_BYTES));
        promise.spooled(STEP_BYTES - 5);
        promise.reach(5).unwrap();
        assert_eq!(space.promised(), SpaceRequest { spool: 5, store: STEP_BYTES }, "enough is kept");
        promise.reach(6).unwrap();
        assert_eq!(space.promised(), SpaceRequest { spool: 5 + STEP_BYTES, store: 2 * STEP_BYTES });
        promise.stored();
        assert_eq!(space.promised(), SpaceRequest::default());
    }
}
