//! The directory at work: the snapshot that everybody asks, its loading from files, and its changes by administrators.
//!
//! Every transaction that needs the directory gets it with [`current`]; every change takes place in [`change`], which lets
//! one change at a time through and raises the versions by which the other instances notice.

pub mod load_reference;

mod cache;

pub use cache::DirectoryCache;
