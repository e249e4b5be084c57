//! Rules for agencies, areas, categories, the calendar, deadlines and routing that need no database.

pub mod agency;
pub mod area;
pub mod calendar;
pub mod category;
pub mod commune_name;
pub mod deadline;
pub mod directory;
pub mod directory_code;
pub mod routing;
pub mod routing_rule;
