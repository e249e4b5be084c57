//! `/unsubscribe/{link}`: the link in every e-mail. Mail clients POST to it (RFC 8058); people get a page with one
//! button, because mail scanners follow every link.

use crate::accounts::http::extract::Public;
use crate::app::App;
use crate::delivery::notifications;
use crate::web::HandlerResult;
use crate::web::extract::Language;
use crate::web::pages::page;
use actix_web::web::{Data, Path};
use pakn_route::{get, post};

/// A page with one button.
#[utoipa::path(
    tag = "notifications",
    responses((status = 200, description = "A page", content_type = "text/html", body = String))
)]
#[get("/unsubscribe/{link}")]
pub async fn show_unsubscribe(_anybody: Public, language: Language, _link: Path<String>) -> HandlerResult {
    let lang = language.0;
    let body = format!(
        "<h1>{}</h1><p>{}</p><form method=\"post\"><button>{}</button></form>",
        lang.pick("Ngừng nhận thư?", "No more letters?"),
        lang.pick(
            "Địa chỉ này sẽ không nhận thư về phản ánh, kiến nghị nữa. Kết quả vẫn tra cứu được bằng mã.",
            "This address will get no more letters about petitions. They can still be looked up by their codes."
        ),
        lang.pick("Ngừng nhận thư", "Unsubscribe"),
    );
    Ok(page(lang, &body))
}

/// Ends all letters to the address behind the link.
#[utoipa::path(
    tag = "notifications",
    responses((status = 200, description = "Done; a page says so", content_type = "text/html", body = String))
)]
#[post("/unsubscribe/{link}")]
pub async fn unsubscribe(_anybody: Public, app: Data<App>, language: Language, link: Path<String>) -> HandlerResult {
    notifications::unsubscribe(&app, &link).await?;
    let done = language.0.pick("Đã ngừng gửi thư tới địa chỉ này.", "No more letters go to this address.");
    Ok(page(language.0, &format!("<h1>{done}</h1>")))
}
