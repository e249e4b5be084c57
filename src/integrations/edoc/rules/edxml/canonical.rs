//! Canonical XML 1.0, inclusive and exclusive, without comments: the form of a tree that is signed.
//!
//! Enters: a tree and the element to write. Leaves: its canonical form. An undeclared prefix is treated as having no
//! namespace; a conforming signer would not sign such a file, so its signature will not match.

use super::tree::{Element, Node};
use std::collections::{BTreeMap, BTreeSet};

/// The canonicalisation method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalMode {
    /// Canonical XML 1.0: every namespace in scope.
    Inclusive,
    /// Exclusive: only namespaces in use, and those of the listed prefixes.
    Exclusive(Vec<String>),
}

type NamespaceScope = BTreeMap<String, String>;

struct Canonical<'a> {
    mode: &'a CanonicalMode,
    skipped: Option<&'a Element>,
    out: String,
}

/// Returns the canonical form of `target`, an element of `root`, without the element `skipped`.
#[must_use]
pub fn canonical(root: &Element, target: &Element, skipped: Option<&Element>, mode: &CanonicalMode) -> String {
    let mut canonical = Canonical { mode, skipped, out: String::new() };
    let mut path = Vec::new();
    if !find(root, target, &mut path) {
        return canonical.out;
    }
    let (mut scope, mut inherited) = (NamespaceScope::new(), BTreeMap::new());
    for ancestor in path {
        declare(&mut scope, ancestor);
        for (name, value) in ancestor.attributes.iter().filter(|(name, _)| name.starts_with("xml:")) {
            inherited.insert(name.clone(), value.clone());
        }
    }
    if *mode != CanonicalMode::Inclusive {
        inherited.clear();
    }
    canonical.element(target, &scope, &NamespaceScope::new(), inherited);
    canonical.out
}

/// Collects the ancestors of `target`, outermost first.
fn find<'a>(element: &'a Element, target: &Element, path: &mut Vec<&'a Element>) -> bool {
    if std::ptr::eq(element, target) {
        return true;
    }
    path.push(element);
    if element.elements().any(|child| find(child, target, path)) {
        return true;
    }
    path.pop();
    false
}

/// Returns the prefix an attribute declares; empty for the default namespace.
fn declared(name: &str) -> Option<&str> {
    if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") }
}

fn declare(scope: &mut NamespaceScope, element: &Element) {
    for (name, value) in &element.attributes {
        if let Some(prefix) = declared(name).filter(|prefix| *prefix != "xml") {
            scope.insert(prefix.to_owned(), value.clone());
        }
    }
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

impl Canonical<'_> {
    fn element(
        &mut self,
        element: &Element,
        outer: &NamespaceScope,
        rendered: &NamespaceScope,
        inherited: BTreeMap<String, String>,
    ) {
        let mut scope = outer.clone();
        declare(&mut scope, element);
        let mut rendered = rendered.clone();
        self.out.push('<');
        self.out.push_str(&element.name);
        self.namespaces(element, &scope, &mut rendered);
        let mut attributes: BTreeMap<(String, String), (&str, &str)> = BTreeMap::new();
        let own = element.attributes.iter().filter(|(name, _)| declared(name).is_none());
        for (name, value) in inherited.iter().chain(own.map(|(name, value)| (name, value))) {
            let uri = match prefix(name) {
                "" => "",
                "xml" => "http://www.w3.org/XML/1998/namespace",
                prefix => scope.get(prefix).map_or("", String::as_str),
            };
            let local = super::tree::local(name);
            attributes.insert((uri.to_owned(), local.to_owned()), (name, value));
        }
        for (name, value) in attributes.into_values() {
            self.attribute(name, value);
        }
        self.out.push('>');
        for node in &element.children {
            match node {
                Node::Element(child) if self.skipped.is_some_and(|skipped| std::ptr::eq(skipped, child)) => {}
                Node::Element(child) => self.element(child, &scope, &rendered, BTreeMap::new()),
                Node::Text(text) => self.text(text),
                Node::Instruction(target, content) if content.is_empty() => self.out.push_str(&format!("<?{target}?>")),
                Node::Instruction(target, content) => self.out.push_str(&format!("<?{target} {content}?>")),
            }
        }
        self.out.push_str(&format!("</{}>", element.name));
    }

    fn namespaces(&mut self, element: &Element, scope: &NamespaceScope, rendered: &mut NamespaceScope) {
        let used: BTreeSet<&str> = match self.mode {
            CanonicalMode::Inclusive => scope.keys().map(String::as_str).collect(),
            CanonicalMode::Exclusive(listed) => {
                let own = element.attributes.iter().map(|(name, _)| name.as_str()).filter(|name| declared(name).is_none());
                let with_prefix = own.map(prefix).filter(|prefix| !prefix.is_empty() && *prefix != "xml");
                let listed = listed.iter().map(|prefix| if prefix == "#default" { "" } else { prefix.as_str() });
                with_prefix.chain([prefix(&element.name)]).chain(listed).collect()
            }
        };
        for prefix in used {
            let uri = scope.get(prefix).map_or("", String::as_str);
            let before = rendered.get(prefix).map_or("", String::as_str);
            if uri == before {
                continue;
            }
            rendered.insert(prefix.to_owned(), uri.to_owned());
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            self.attribute(&name, uri);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push_str(&format!(" {name}=\""));
        for c in value.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
    }
}
