//! Every statement that the two databases write differently; the only place in the noun modules' reach that looks at the
//! kind of connection.

pub mod lock;
