//! XML as a tree of names as they are written, without namespaces: real files use prefixes outside of where they are declared.
//!
//! Enters the bytes of a message, leaves its root element. Rules: a document type is refused and so is every entity that XML does
//! not define itself, so that nothing outside of the message is ever read and nothing in it grows; depth and count are limited;
//! whatever stands before the first tag is skipped.

use super::EdxmlProblem;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Levels of elements; the deepest that the regulation knows is 8.
const DEEPEST: usize = 32;
/// Elements and attributes of one message.
const MOST: usize = 20_000;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The name as it is written, with its prefix.
    pub name: String,
    /// Names and values as they are written, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// What stands in it; comments are left out.
    pub children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Another element.
    Element(Element),
    /// Characters, entities resolved.
    Text(String),
    /// A processing instruction: target and content.
    Instruction(String, String),
}

/// The part of a name behind its prefix.
#[must_use]
pub fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl Element {
    /// Whether it has the name, whatever the prefix and the case of letters.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        local(&self.name).eq_ignore_ascii_case(name)
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The elements in it with the name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.is(name))
    }

    /// The first element in it with the name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.is(name))
    }

    /// The first element with the name at any depth, itself included.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.is(name) { Some(self) } else { self.elements().find_map(|element| element.find(name)) }
    }

    /// All characters in it, at any depth.
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

    /// The trimmed text of the first element in it with the name; none when it is empty.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        let text = self.child(name)?.text();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The value of an attribute by its name without prefix.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| local(key).eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Reads a message into its tree.
///
/// # Errors
/// Everything of [`EdxmlProblem`] that concerns XML itself.
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
            // Something was begun and the text is over.
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
        // Junk behind the root is no reason to lose a message.
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
        // One attribute twice is tolerated: the first counts.
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
