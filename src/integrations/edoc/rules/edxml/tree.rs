//! Parses XML into a tree with names as written, without namespace resolution: real files use prefixes outside the
//! scope of their declaration.
//!
//! Enters: the bytes of a message. Leaves: its root element. Rules: a DOCTYPE or a custom entity is an error, so
//! nothing external is ever read and nothing can expand; depth and number of elements are limited; anything before
//! the first tag is skipped.

use super::EdxmlProblem;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Maximum nesting depth; the regulation needs 8.
const DEEPEST: usize = 32;
/// Maximum elements and attributes per message.
const MOST: usize = 20_000;

/// An XML element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Name as written, including the prefix.
    pub name: String,
    /// Names and values as written, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// Child nodes without comments.
    pub children: Vec<Node>,
}

/// A node in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    /// Text, entities resolved.
    Text(String),
    /// Processing instruction: target and content.
    Instruction(String, String),
}

/// Returns a name without its prefix.
#[must_use]
pub fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl Element {
    /// Compares the name, ignoring prefix and case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        local(&self.name).eq_ignore_ascii_case(name)
    }

    /// Returns the child elements.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// Returns the child elements with that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.is(name))
    }

    /// Returns the first child element with that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.is(name))
    }

    /// Returns the first element with that name at any depth, including this one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.is(name) { Some(self) } else { self.elements().find_map(|element| element.find(name)) }
    }

    /// Returns all text at any depth.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) => element.add_text(text),
                Node::Instruction(..) => {}
            }
        }
    }

    /// Returns the trimmed text of the first child with that name; `None` when it is empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        let text = self.child(name)?.text();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Returns the value of an attribute by its local name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| local(key).eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Parses a message into its tree.
///
/// # Errors
/// The variants of [`EdxmlProblem`] that concern XML itself.
pub fn parse(bytes: &[u8], most_bytes: usize) -> Result<Element, EdxmlProblem> {
    if bytes.len() > most_bytes {
        return Err(EdxmlProblem::TooLarge(most_bytes));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| EdxmlProblem::NotUtf8)?;
    let text = text.find('<').and_then(|at| text.get(at..)).ok_or(EdxmlProblem::NotXml(0))?;
    if text.contains('\r') {
        return build(&text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    build(text)
}

#[derive(Default)]
struct TreeBuilder {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

fn build(text: &str) -> Result<Element, EdxmlProblem> {
    let mut reader = Reader::from_str(text);
    let mut building = TreeBuilder::default();
    loop {
        let event = reader.read_event().map_err(|error| match error {
            // The text ends inside a construct.
            quick_xml::Error::Syntax(_) => EdxmlProblem::CutOff,
            _ => EdxmlProblem::NotXml(reader.error_position()),
        })?;
        match event {
            Event::Start(start) => building.begin(&start)?,
            Event::Empty(start) => {
                building.begin(&start)?;
                building.end();
            }
            Event::End(_) => building.end(),
            Event::Text(text) => building.add(&text),
            Event::CData(text) => building.add(&text),
            Event::GeneralRef(reference) => building.add(&resolve(&reference)?),
            Event::DocType(_) => return Err(EdxmlProblem::Dtd),
            Event::PI(instruction) => {
                if let Some(parent) = building.open.last_mut() {
                    let (target, content) = (instruction.target().to_owned(), instruction.content().trim_start().to_owned());
                    parent.children.push(Node::Instruction(target, content));
                }
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
        // Ignore junk after the root element.
        if let (Some(_), true) = (&building.root, building.open.is_empty()) {
            break;
        }
    }
    if building.open.is_empty() { building.root.ok_or(EdxmlProblem::NotXml(0)) } else { Err(EdxmlProblem::CutOff) }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, EdxmlProblem> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character.to_string());
    }
    let text = match &**reference {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(EdxmlProblem::UnknownEntity),
    };
    Ok(text.to_owned())
}

impl TreeBuilder {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), EdxmlProblem> {
        if self.open.len() >= DEEPEST {
            return Err(EdxmlProblem::TooDeep(DEEPEST));
        }
        let mut element = Element { name: start.name().into_inner().to_owned(), ..Element::default() };
        self.count += 1;
        // Tolerate duplicate attributes; the first one counts.
        for attribute in start.attributes().with_checks(false) {
            self.count += 1;
            if self.count > MOST {
                return Err(EdxmlProblem::TooMany(MOST));
            }
            let attribute = attribute.map_err(|_| EdxmlProblem::NotXml(0))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| EdxmlProblem::UnknownEntity)?;
            element.attributes.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        if self.count > MOST {
            return Err(EdxmlProblem::TooMany(MOST));
        }
        self.open.push(element);
        Ok(())
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn add(&mut self, text: &str) {
        let Some(parent) = self.open.last_mut() else { return };
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.children.push(Node::Text(text.to_owned())),
        }
    }
}
