//! The route table of the API: every path, nothing else.
//!
//! A handler is mounted with `.service(…)` and needs `#[utoipa::path]` above `#[get("…")]` or one of the other
//! macros of `pakn_route`. A handler without a description or without an access policy in its signature does
//! not compile here. A path with a fixed segment (`/documents/register`) stands above one with a parameter
//! (`/documents/{id}`).

use crate::accounts::http::extract::access_policy::PolicyHandler;
use crate::accounts::http::policy_docs::DocumentedHandler;
use crate::accounts::http::{auth, challenges, me, password_reset, second_factor, sessions};
use crate::attachments::http::{tus, upload};
use crate::audit::http::heads;
use crate::delivery::http as notifications;
use crate::directory::http::{admin, public as directory};
use crate::figures::http::{self as statistics, charts, reports};
use crate::integrations::oidc::http as oidc;
use crate::integrations::open311::http as open311;
use crate::integrations::partner_api::http::petitions as exchange;
use crate::integrations::zalo::http as zalo;
use crate::officers::http::confirmations;
use crate::ops::http::{docs, health, openapi, security_txt};
use crate::petitions::http::documents::{self, act, answer, decide, inbox};
use crate::petitions::http::{self as petitions, coordination, file, list, public, publication, respond, serve};
use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, ServiceConfig};
use utoipa_actix_web::service_config::ServiceConfig as DescribedConfig;
use utoipa_actix_web::{OpenApiFactory, scope};

/// A target for routes: the server, which ignores their descriptions, or the collector of the API description.
trait RouteRegistry {
    fn service(&mut self, route: impl HttpServiceFactory + OpenApiFactory + PolicyHandler + 'static);
}

impl RouteRegistry for ServiceConfig {
    fn service(&mut self, route: impl HttpServiceFactory + OpenApiFactory + PolicyHandler + 'static) {
        ServiceConfig::service(self, route);
    }
}

impl RouteRegistry for DescribedConfig<'_> {
    fn service(&mut self, route: impl HttpServiceFactory + OpenApiFactory + PolicyHandler + 'static) {
        DescribedConfig::service(self, DocumentedHandler(route));
    }
}

/// Mounts every route of the service listener; the admin routes only unless they have a listener of their own.
pub fn service(routes: &mut ServiceConfig, is_admin_apart: bool) {
    operations(routes);
    let page = |routes: &mut ServiceConfig| {
        routes.route("/docs", web::get().to(docs::to_page));
        routes.route("/docs/{file:.*}", web::get().to(docs::read_file));
    };
    let administration = |routes: &mut ServiceConfig| {
        if !is_admin_apart {
            for_the_administration(routes);
            for_operations(routes);
        }
    };
    routes.service(web::scope("/api/v1").configure(api).configure(administration).configure(page));
    routes.service(web::scope("/open311/v2").configure(for_open311));
    routes.configure(page);
}

/// Mounts the admin routes and sign-in, for a separate listener.
pub fn administration(routes: &mut ServiceConfig) {
    let api = |routes: &mut ServiceConfig| {
        for_the_administration(routes);
        for_operations(routes);
        for_sign_in(routes);
        for_the_own_account(routes);
    };
    routes.service(web::scope("/api/v1").configure(api));
}

/// Mounts all API routes with their descriptions, without the documentation pages.
pub fn described(routes: &mut DescribedConfig) {
    operations(routes);
    routes.service(scope("/api/v1").configure(|routes: &mut DescribedConfig| {
        api(routes);
        for_the_administration(routes);
        for_operations(routes);
    }));
    routes.service(scope("/open311/v2").configure(|routes: &mut DescribedConfig| for_open311(routes)));
}

fn operations(routes: &mut impl RouteRegistry) {
    routes.service(health::live);
    routes.service(health::ready);
    routes.service(security_txt::read_security_txt);
}

fn api(routes: &mut impl RouteRegistry) {
    for_everybody(routes);
    for_petitioners(routes);
    for_officers(routes);
    for_readers_of_reports(routes);
    for_partners(routes);
}

/// Sign-in and sign-out.
fn for_sign_in(routes: &mut impl RouteRegistry) {
    routes.service(auth::register);
    routes.service(auth::login);
    routes.service(auth::refresh);
    routes.service(auth::logout);
    routes.service(password_reset::request_password_reset);
    routes.service(password_reset::show_password_reset);
    routes.service(password_reset::reset_password);
    routes.service(oidc::begin_oidc);
    routes.service(oidc::finish_oidc);
}

/// The signed-in user's own account.
fn for_the_own_account(routes: &mut impl RouteRegistry) {
    routes.service(me::read_me);
    routes.service(me::change_me);
    routes.service(me::delete_me);
    routes.service(me::change_password);
    routes.service(me::send_contact_code);
    routes.service(me::confirm_contact);
    routes.service(sessions::list_sessions);
    routes.service(sessions::end_other_sessions);
    routes.service(sessions::end_session);
    routes.service(second_factor::begin_second_factor);
    routes.service(second_factor::confirm_second_factor);
    routes.service(second_factor::renew_recovery_codes);
    routes.service(second_factor::remove_second_factor);
    routes.service(oidc::begin_oidc_link);
    routes.service(oidc::finish_oidc_link);
    routes.service(oidc::list_identities);
    routes.service(oidc::remove_identity);
}

/// Routes that need no account.
fn for_everybody(routes: &mut impl RouteRegistry) {
    for_sign_in(routes);
    routes.service(openapi::read_description);
    routes.service(challenges::pose_challenge);
    routes.service(notifications::unsubscribe::show_unsubscribe);
    routes.service(notifications::unsubscribe::unsubscribe);
    routes.service(public::list_public_petitions);
    routes.service(public::read_public_petition);
    routes.service(upload::upload_attachment);
    routes.service(tus::describe_uploads);
    routes.service(tus::begin_upload);
    routes.service(tus::read_upload);
    routes.service(tus::continue_upload);
    routes.service(tus::end_upload);
    routes.service(serve::read_file);
    routes.service(heads::list_audit_heads);
    routes.service(directory::list_categories);
    routes.service(directory::list_areas);
    routes.service(directory::list_agencies);
    routes.service(statistics::figures::read_summary);
    routes.service(statistics::figures::read_ranking);
    routes.service(statistics::figures::read_trend);
    routes.service(statistics::figures::read_backlog);
    routes.service(charts::draw_trend);
    routes.service(charts::draw_ranking);
    routes.service(charts::draw_ratings);
    routes.service(charts::draw_backlog);
    routes.service(statistics::petitions::list_petitions_behind_a_figure);
    routes.service(statistics::snapshots::publish_snapshot);
    routes.service(statistics::snapshots::list_snapshots);
    routes.service(statistics::snapshots::read_snapshot);
    routes.service(statistics::snapshots::recompute_snapshot);
}

/// Routes for petitioners with an account.
fn for_petitioners(routes: &mut impl RouteRegistry) {
    for_the_own_account(routes);
    routes.service(notifications::list::list_notifications);
    routes.service(notifications::list::read_notifications);
    routes.service(notifications::events::stream_events);
    routes.service(notifications::preferences::read_preferences);
    routes.service(notifications::preferences::change_preferences);
    routes.service(file::file_petition);
    routes.service(list::list_petitions);
    routes.service(petitions::read::read_petition);
    routes.service(petitions::read::read_timeline);
    routes.service(respond::reply_petition);
    routes.service(respond::rate_petition);
    routes.service(respond::reopen_petition);
    routes.service(respond::withdraw_petition);
    routes.service(respond::hide_petition_identity);
}

/// Routes for officers and the coordinator.
fn for_officers(routes: &mut impl RouteRegistry) {
    routes.service(inbox::list_documents);
    routes.service(crate::figures::http::register::read_register);
    routes.service(crate::figures::http::register::read_register_csv);
    routes.service(crate::figures::http::register::read_register_xlsx);
    routes.service(documents::read::read_document);
    routes.service(documents::read::read_document_petitioner);
    routes.service(publication::read_document_publication);
    routes.service(publication::change_document_publication);
    routes.service(serve::read_original);
    routes.service(act::accept_document);
    routes.service(act::assign_document);
    routes.service(act::transfer_document);
    routes.service(act::return_document);
    routes.service(act::refuse_document);
    routes.service(act::ask_document);
    routes.service(act::note_document);
    routes.service(answer::draft_document);
    routes.service(answer::submit_document);
    routes.service(answer::approve_document);
    routes.service(answer::send_back_document);
    routes.service(decide::extend_document);
    routes.service(decide::grant_extension_document);
    routes.service(decide::deny_extension_document);
    routes.service(decide::merge_document);
    routes.service(decide::grant_reopening_document);
    routes.service(decide::deny_reopening_document);
    routes.service(coordination::list_coordination);
    routes.service(coordination::read_coordination_petitioner);
    routes.service(publication::read_coordination_publication);
    routes.service(publication::change_coordination_publication);
    routes.service(serve::read_coordination_original);
    routes.service(coordination::route_coordination);
    routes.service(coordination::refuse_coordination);
    routes.service(coordination::merge_coordination);
    routes.service(coordination::grant_reopening_coordination);
    routes.service(coordination::deny_reopening_coordination);
    routes.service(confirmations::list_waiting_officers);
    routes.service(confirmations::confirm_officer);
}

/// Reports to download.
fn for_readers_of_reports(routes: &mut impl RouteRegistry) {
    routes.service(reports::read_report);
}

/// Administration of directory, rules, calendar and accounts.
fn for_the_administration(routes: &mut impl RouteRegistry) {
    routes.service(crate::officers::http::admin::list_accounts);
    routes.service(crate::officers::http::admin::create_account);
    routes.service(crate::officers::http::admin::import_accounts);
    routes.service(crate::officers::http::admin::read_account);
    routes.service(crate::officers::http::admin::change_account);
    routes.service(crate::officers::http::admin::disable_account);
    routes.service(crate::officers::http::admin::enable_account);
    routes.service(crate::officers::http::admin::reset_account);
    routes.service(crate::officers::http::admin::unlock_account);
    routes.service(crate::officers::http::admin::remove_account_second_factor);
    routes.service(admin::agencies::list_agencies);
    routes.service(admin::agencies::create_agency);
    routes.service(admin::agencies::read_agency);
    routes.service(admin::agencies::change_agency);
    routes.service(admin::agencies::end_agency);
    routes.service(admin::areas::list_areas);
    routes.service(admin::areas::create_area);
    routes.service(admin::areas::read_area);
    routes.service(admin::areas::change_area);
    routes.service(admin::areas::end_area);
    routes.service(admin::categories::list_categories);
    routes.service(admin::categories::create_category);
    routes.service(admin::categories::read_category);
    routes.service(admin::categories::change_category);
    routes.service(admin::categories::end_category);
    routes.service(admin::routing_rules::list_routing_rules);
    routes.service(admin::routing_rules::create_routing_rule);
    routes.service(admin::routing_rules::reorder_routing_rules);
    routes.service(admin::routing_rules::dry_run_routing_rules);
    routes.service(admin::routing_rules::read_routing_rule);
    routes.service(admin::routing_rules::change_routing_rule);
    routes.service(admin::routing_rules::end_routing_rule);
    routes.service(admin::deadline_rules::list_deadline_rules);
    routes.service(admin::deadline_rules::create_deadline_rule);
    routes.service(admin::deadline_rules::read_deadline_rule);
    routes.service(admin::deadline_rules::change_deadline_rule);
    routes.service(admin::deadline_rules::end_deadline_rule);
    routes.service(admin::calendar::read_calendar);
    routes.service(admin::calendar::put_calendar_day);
    routes.service(admin::calendar::remove_calendar_day);
    routes.service(admin::calendar::confirm_calendar_year);
    routes.service(admin::calendar::create_working_session);
    routes.service(admin::calendar::read_working_session);
    routes.service(admin::calendar::change_working_session);
    routes.service(admin::calendar::end_working_session);
    routes.service(crate::reform::http::reorganise_agencies);
}

/// Administration of deliveries to other systems, and the audit record.
fn for_operations(routes: &mut impl RouteRegistry) {
    routes.service(crate::integrations::edoc::http::links::list_exchange_links);
    routes.service(crate::integrations::edoc::http::links::create_exchange_link);
    routes.service(crate::integrations::edoc::http::links::read_exchange_link);
    routes.service(crate::integrations::edoc::http::links::change_exchange_link);
    routes.service(crate::integrations::edoc::http::links::end_exchange_link);
    routes.service(crate::integrations::edoc::http::messages::list_exchange_messages);
    routes.service(crate::integrations::edoc::http::messages::list_unacknowledged_exchange_messages);
    routes.service(crate::integrations::edoc::http::messages::resend_exchange_message);
    routes.service(crate::audit::http::admin::list_audit);
    routes.service(crate::delivery::http::outbox::list_outbox);
    routes.service(crate::delivery::http::outbox::read_outbox_line);
    routes.service(crate::delivery::http::outbox::resend_outbox_line);
    routes.service(crate::integrations::imports::http::import_petitions);
    routes.service(crate::delivery::http::webhooks::list_webhooks);
    routes.service(crate::delivery::http::webhooks::create_webhook);
    routes.service(crate::delivery::http::webhooks::read_webhook);
    routes.service(crate::delivery::http::webhooks::change_webhook);
    routes.service(crate::delivery::http::webhooks::rotate_webhook_secret);
    routes.service(crate::delivery::http::webhooks::end_webhook);
    routes.service(crate::delivery::http::webhooks::list_webhook_deliveries);
    routes.service(crate::delivery::http::webhooks::replay_webhook);
    routes.service(crate::integrations::partner_api::http::api_keys::list_api_keys);
    routes.service(crate::integrations::partner_api::http::api_keys::create_api_key);
    routes.service(crate::integrations::partner_api::http::api_keys::end_api_key);
    routes.service(crate::integrations::zalo::http::admin::read_zalo);
    routes.service(crate::integrations::zalo::http::admin::authorise_zalo);
}

/// Routes to and from partner systems.
fn for_partners(routes: &mut impl RouteRegistry) {
    routes.service(exchange::file_partner_petition);
    routes.service(exchange::list_partner_petitions);
    routes.service(exchange::read_partner_petition);
    routes.service(zalo::webhook::receive_zalo_event);
    routes.service(zalo::authorised::finish_zalo_authorisation);
    routes.service(zalo::mini_app::sign_in_with_zalo);
    routes.service(zalo::mini_app::take_zalo_phone);
    routes.service(zalo::mini_app::locate_by_zalo);
}

/// GeoReport v2, for unmodified standard clients.
fn for_open311(routes: &mut impl RouteRegistry) {
    routes.service(open311::discovery::discover);
    routes.service(open311::services::list_services);
    routes.service(open311::services::read_service);
    routes.service(open311::requests::file_request);
    routes.service(open311::requests::list_requests);
    routes.service(open311::requests::read_request);
    routes.service(open311::requests::read_token);
}
