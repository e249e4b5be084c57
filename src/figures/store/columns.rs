//! Maps the text enums of the figures to database columns.

use crate::db::columns::text_columns;
use crate::figures::rules::{Dimension, Grain};

text_columns!(Dimension, Grain);
