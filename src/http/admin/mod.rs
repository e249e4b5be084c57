//! `/admin`: directory, rules, calendar and accounts; everything is listed, made, changed and ended, nothing is deleted.

pub mod accounts;
