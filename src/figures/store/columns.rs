//! The words of this wing in columns.

use crate::db::columns::text_columns;
use crate::figures::rules::{Dimension, Grain};

text_columns!(Dimension, Grain);
