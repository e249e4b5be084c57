//! What many may ask at once without taking anything from others: figures, searches, writes that wait, and a disk that fills.

mod figures;
mod plans;
mod registers;
mod room;
mod stopping;
