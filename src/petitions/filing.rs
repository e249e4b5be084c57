//! A filing as submitted and as validated.
//!
//! Everything that needs no database is checked here, and all problems are reported at once, so that a person on a
//! phone does not have to resubmit the form for each mistake.

use crate::attachments::join::{self, AttachmentIds};
use crate::directory::rules::deadline::Urgency;
use crate::kernel::account::{Account, AccountKind, ContactKind};
use crate::kernel::email::Email;
use crate::kernel::field_problem::{FieldProblem, FieldRule};
use crate::kernel::ids::AccountId;
use crate::kernel::location::Location;
use crate::kernel::phone::Phone;
use crate::kernel::tax_code::TaxCode;
use crate::kernel::{json_object, search_text, text};
use crate::petitions::rules::{Channel, PetitionKind, PetitionerKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /petitions`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionForm {
    /// What sort of petition; `field` when absent.
    pub kind: Option<PetitionKind>,
    /// 5–200 characters, one line.
    #[schema(required, example = "Rác thải tồn đọng")]
    pub title: Option<String>,
    /// 10–5000 characters.
    #[schema(required, example = "Rác thải tồn đọng ba ngày ở đầu ngõ, mùi hôi thối.")]
    pub content: Option<String>,
    /// Code of a category.
    #[schema(required, example = "rac-thai-chat-thai")]
    pub category: Option<String>,
    /// Code of a commune that exists today.
    #[schema(required, example = "09190")]
    pub area: Option<String>,
    /// Where it is.
    #[serde(default, deserialize_with = "json_object::optional")]
    pub location: Option<LocationForm>,
    /// Who files; for guests and for officers who type for somebody, never for a petitioner's account.
    #[serde(default, deserialize_with = "json_object::optional")]
    pub petitioner: Option<PetitionerForm>,
    /// Whether the handling agency must not learn who it is.
    #[serde(default)]
    pub hide_identity: bool,
    /// How it came in; `web` when absent.
    pub channel: Option<Channel>,
    /// How urgent it is; `normal` when absent.
    pub urgency: Option<Urgency>,
    /// Ids of uploaded attachments.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// Who files in a conversation on Zalo; no client can send it.
    #[serde(skip)]
    pub zalo_user: Option<String>,
}

/// A place inside Việt Nam.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationForm {
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Street, hamlet; at most 300 characters.
    pub address: Option<String>,
}

/// The person or business behind a guest's petition.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PetitionerForm {
    /// Person or business; `citizen` when absent.
    pub kind: Option<PetitionerKind>,
    /// At most 100 characters.
    pub full_name: Option<String>,
    /// A Vietnamese phone in any spelling.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A business names itself.
    pub company_name: Option<String>,
    /// And its tax code.
    pub tax_code: Option<String>,
}

/// A validated and normalised filing; category and area codes still have to be looked up.
#[derive(Debug, Clone)]
pub struct Filing {
    pub kind: PetitionKind,
    /// NFC, one line.
    pub title: String,
    /// NFC.
    pub content: String,
    /// Title and content folded for search and routing rules.
    pub search_text: String,
    pub category: String,
    pub area: String,
    pub location: Option<Location>,
    /// Address of the case.
    pub address: Option<String>,
    pub petitioner: FilingPetitioner,
    /// Whether the handling agency must not see the petitioner's identity.
    pub hide_identity: bool,
    pub channel: Channel,
    pub urgency: Urgency,
    /// Uploaded attachments; looked up when the petition is stored.
    pub attachments: AttachmentIds,
    /// The Zalo user id when filed in a Zalo conversation.
    pub zalo_user: Option<String>,
}

/// The petitioner's data in a filing.
#[derive(Debug, Clone)]
pub struct FilingPetitioner {
    /// `None` for guests.
    pub account_id: Option<AccountId>,
    pub kind: PetitionerKind,
    pub full_name: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Lower case.
    pub email: Option<String>,
    pub company_name: Option<String>,
    pub tax_code: Option<String>,
}

/// Collects the problems of all fields.
#[derive(Default)]
struct FilingProblems(Vec<FieldProblem>);

impl FilingProblems {
    fn add(&mut self, field: &str, rule: FieldRule) {
        self.0.push(FieldProblem::new(field, rule));
    }

    fn required<T>(&mut self, field: &str, value: Option<&String>, check: impl Fn(&str) -> Result<T, FieldRule>) -> Option<T> {
        match value {
            None => {
                self.add(field, FieldRule::Required);
                None
            }
            Some(value) => self.checked(field, value, check),
        }
    }

    fn optional<T>(&mut self, field: &str, value: Option<&String>, check: impl Fn(&str) -> Result<T, FieldRule>) -> Option<T> {
        value.filter(|value| !text::is_empty(value)).and_then(|value| self.checked(field, value, check))
    }

    fn checked<T>(&mut self, field: &str, value: &str, check: impl Fn(&str) -> Result<T, FieldRule>) -> Option<T> {
        check(value).map_err(|rule| self.add(field, rule)).ok()
    }
}

/// Validates a form. `account` is the petitioner's account, `None` for guests and for officers who file for a person;
/// `photo_kinds` lists the kinds that need an image or a video, `most_attachments` is the maximum number of
/// attachments.
///
/// # Errors
/// Every rule that a field breaks.
pub fn check(
    form: &PetitionForm,
    account: Option<&Account>,
    photo_kinds: &[PetitionKind],
    most_attachments: usize,
) -> Result<Filing, Vec<FieldProblem>> {
    let mut found = FilingProblems::default();
    let kind = form.kind.unwrap_or(PetitionKind::Field);
    let title = found.required("title", form.title.as_ref(), |text| text::clean_line(text, 5, 200));
    let content = found.required("content", form.content.as_ref(), |text| text::clean(text, 10, 5000));
    let category = found.required("category", form.category.as_ref(), |text| text::clean_line(text, 1, 100));
    let area = found.required("area", form.area.as_ref(), |text| text::clean_line(text, 1, 20));
    let location = check_location(&mut found, form.location.as_ref());
    let address = form.location.as_ref().and_then(|place| place.address.as_ref());
    let address = found.optional("location.address", address, |text| text::clean_line(text, 1, 300));
    let petitioner = check_petitioner(&mut found, form.petitioner.as_ref(), account);
    if kind == PetitionKind::Business && petitioner.kind != PetitionerKind::Business {
        found.add("kind", FieldRule::NotAllowed);
    }
    let needs_picture = photo_kinds.contains(&kind);
    let ids = join::read(&form.attachments, most_attachments).unwrap_or_else(|problems| {
        found.0.extend(problems);
        Vec::new()
    });
    if form.attachments.is_empty() && needs_picture {
        found.add("attachments", FieldRule::Required);
    }
    match (title, content, category, area) {
        (Some(title), Some(content), Some(category), Some(area)) if found.0.is_empty() => Ok(Filing {
            kind,
            search_text: search_text::fold(&format!("{title} {content}")),
            title,
            content,
            category,
            area,
            location,
            address,
            petitioner,
            hide_identity: form.hide_identity,
            channel: form.channel.unwrap_or(Channel::Web),
            urgency: form.urgency.unwrap_or(Urgency::Normal),
            attachments: AttachmentIds { ids, needs_picture },
            zalo_user: form.zalo_user.clone(),
        }),
        _ => Err(found.0),
    }
}

fn check_location(found: &mut FilingProblems, form: Option<&LocationForm>) -> Option<Location> {
    let form = form?;
    match (form.latitude, form.longitude) {
        (Some(latitude), Some(longitude)) => Location::new(latitude, longitude)
            .map_err(|problem| match problem.field.as_str() {
                "" => found.add("location", problem.rule),
                field => found.add(&format!("location.{field}"), problem.rule),
            })
            .ok(),
        (None, None) => None,
        (None, Some(_)) => {
            found.add("location.latitude", FieldRule::Required);
            None
        }
        (Some(_), None) => {
            found.add("location.longitude", FieldRule::Required);
            None
        }
    }
}

fn check_petitioner(found: &mut FilingProblems, form: Option<&PetitionerForm>, account: Option<&Account>) -> FilingPetitioner {
    if let Some(account) = account {
        if form.is_some() {
            found.add("petitioner", FieldRule::NotAllowed);
        }
        return of_account(account);
    }
    let form = form.cloned().unwrap_or_default();
    let kind = form.kind.unwrap_or(PetitionerKind::Citizen);
    let name = |text: &str| text::clean_line(text, 1, 100);
    let tax_code = |text: &str| text.parse::<TaxCode>().map(|code| code.to_string());
    let (company_name, tax_code) = match kind {
        PetitionerKind::Business => (
            found.required("petitioner.company_name", form.company_name.as_ref(), |text| text::clean_line(text, 1, 200)),
            found.required("petitioner.tax_code", form.tax_code.as_ref(), tax_code),
        ),
        PetitionerKind::Citizen => {
            for (field, value) in [("company_name", &form.company_name), ("tax_code", &form.tax_code)] {
                if value.is_some() {
                    found.add(&format!("petitioner.{field}"), FieldRule::NotAllowed);
                }
            }
            (None, None)
        }
    };
    FilingPetitioner {
        account_id: None,
        kind,
        full_name: found.optional("petitioner.full_name", form.full_name.as_ref(), name),
        phone: found.optional("petitioner.phone", form.phone.as_ref(), |text| text.parse::<Phone>().map(|it| it.to_string())),
        email: found.optional("petitioner.email", form.email.as_ref(), |text| text.parse::<Email>().map(|it| it.to_string())),
        company_name,
        tax_code,
    }
}

fn of_account(account: &Account) -> FilingPetitioner {
    FilingPetitioner {
        account_id: Some(account.id),
        kind: if account.kind == AccountKind::Business { PetitionerKind::Business } else { PetitionerKind::Citizen },
        full_name: Some(account.full_name.clone()),
        // The account's contact may be unverified; it is for the officers who handle the petition, like the contact of
        // a guest.
        phone: account.contact(ContactKind::Phone).map(str::to_owned),
        email: account.contact(ContactKind::Email).map(str::to_owned),
        company_name: account.company_name.clone(),
        tax_code: account.tax_code.clone(),
    }
}
