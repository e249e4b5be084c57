//! The table of all expected errors: code, kind and message in Vietnamese and English.
//!
//! Services return an `ErrorCode`; the HTTP layer maps its kind to a status. Nothing else decides how an error
//! looks.

use crate::kernel::Lang;

/// The kind of an error; the HTTP layer maps each kind to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// 401: not authenticated.
    Unauthenticated,
    /// 403: authenticated, but not allowed.
    Forbidden,
    /// 404: does not exist, or the caller may not learn that it exists.
    NotFound,
    /// 409: the current state does not allow the action.
    Conflict,
    /// 412: the record has changed since the caller read it.
    StaleVersion,
    /// 422: well-formed, but rejected.
    Unprocessable,
    /// 413: too large.
    TooLarge,
    /// 415: unsupported media type.
    UnsupportedMediaType,
    /// 503: a dependency is temporarily unavailable.
    Unavailable,
    /// 429: rate limit exceeded.
    TooManyRequests,
    /// 507: no storage space left.
    InsufficientStorage,
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident: $kind:ident, $code:literal, $vi:literal, $en:literal;)+) => {
        /// An expected error; the English message documents each variant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$meta])* #[doc = $en] $variant),+
        }

        impl ErrorCode {
            /// All codes, for the published error catalogue.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),+];

            /// Returns the stable machine-readable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Returns the kind, which determines the HTTP status.
            #[must_use]
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind),+ }
            }

            /// Returns the human-readable message.
            #[must_use]
            pub const fn detail(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Vi => match self { $(Self::$variant => $vi),+ },
                    Lang::En => match self { $(Self::$variant => $en),+ },
                }
            }
        }
    };
}

error_codes! {
    NotSignedIn: Unauthenticated, "not_signed_in", "Cần đăng nhập.", "Sign in first.";
    TokenInvalid: Unauthenticated, "token_invalid", "Phiên đăng nhập không hợp lệ hoặc đã hết hạn.", "The access token is invalid or has expired.";
    LoginFailed: Unauthenticated, "login_failed", "Sai tên đăng nhập hoặc mật khẩu.", "Wrong login or password.";
    TotpRequired: Unauthenticated, "totp_required", "Cần mã xác thực hai lớp.", "The code of the second factor is needed.";
    TotpWrong: Unauthenticated, "totp_wrong", "Mã xác thực hai lớp không đúng hoặc đã dùng.", "The code of the second factor is wrong or was used.";
    SecondFactorRequired: Forbidden, "second_factor_required", "Cần thiết lập xác thực hai lớp trước khi tiếp tục.", "Set up a second factor first.";
    SecondFactorPresent: Conflict, "second_factor_present", "Tài khoản đã có xác thực hai lớp.", "The account has a second factor already.";
    SecondFactorMissing: Conflict, "second_factor_missing", "Tài khoản chưa thiết lập xác thực hai lớp.", "The account has no second factor.";
    SecondFactorNeeded: Conflict, "second_factor_needed", "Vai trò của tài khoản bắt buộc xác thực hai lớp.", "A role of the account needs the second factor.";
    SessionNotFound: NotFound, "session_not_found", "Không tìm thấy phiên đăng nhập.", "There is no such session.";
    SecurityContactMissing: NotFound, "security_contact_missing", "Chưa có đầu mối tiếp nhận lỗ hổng bảo mật.", "No contact for reports of weaknesses is set.";
    ProofOfWorkNeeded: Forbidden, "proof_of_work_needed", "Hệ thống đang bị gửi tràn; hãy giải bài toán của POST /challenges rồi gửi lại.", "The system is under a flood; solve the puzzle of POST /challenges and send again.";
    ResetLinkInvalid: NotFound, "reset_link_invalid", "Liên kết đặt lại mật khẩu không đúng, đã dùng hoặc đã hết hạn.", "The link for a new password is wrong, used or expired.";
    ContactCodeWrong: Unprocessable, "contact_code_wrong", "Mã xác nhận không đúng, đã dùng, đã hết hạn hoặc đã thử quá nhiều lần.", "The code is wrong, used, expired or was tried too often.";
    NoContactToProve: Conflict, "no_contact_to_prove", "Không có số điện thoại hoặc thư điện tử nào đang chờ xác nhận.", "No phone or e-mail waits to be proven.";
    ContactUnreachable: Conflict, "contact_unreachable", "Hệ thống chưa có kênh gửi mã tới loại liên hệ này.", "No way to send a code to such a contact is set up.";
    ConfirmationRequired: Forbidden, "confirmation_required", "Tài khoản do quản trị viên thiết lập hoặc đặt lại đang chờ lãnh đạo đơn vị hoặc điều phối viên xác nhận.", "An administrator has had this account in hand; a leader of the agency or a coordinator has to confirm the person first.";
    AdministratorMayNotConfirm: Forbidden, "administrator_may_not_confirm", "Quản trị viên không được xác nhận tài khoản; hãy để lãnh đạo đơn vị hoặc điều phối viên khác xác nhận.", "An administrator may not confirm accounts; let another leader or coordinator do it.";
    NotTakenOver: Conflict, "not_taken_over", "Cán bộ chưa tự đổi mật khẩu hoặc chưa thiết lập xác thực hai lớp; hãy xác nhận sau đó.", "The officer has not changed the password or set up the second factor yet; confirm after that.";
    RequesterMayNotDecide: Forbidden, "requester_may_not_decide", "Người đề nghị không được tự quyết định.", "Who has asked may not decide.";
    OfficerMayNotDelete: Conflict, "officer_may_not_delete", "Tài khoản cán bộ do quản trị viên khóa, không tự xóa.", "An officer's account is disabled by the administration and not deleted.";
    RefreshTokenInvalid: Unauthenticated, "refresh_token_invalid", "Mã làm mới không hợp lệ, đã dùng hoặc đã hết hạn; hãy đăng nhập lại.", "The refresh token is invalid, used or expired; sign in again.";
    ApiKeyInvalid: Unauthenticated, "api_key_invalid", "Khóa API thiếu, sai, đã hết hiệu lực hoặc không dùng được ở đây.", "The API key is missing, wrong, ended or not for this.";
    ApiKeyExhausted: TooManyRequests, "api_key_exhausted", "Khóa API đã dùng hết số lần gọi của giờ này.", "The API key has used up the requests of this hour.";
    ApiKeyNotFound: NotFound, "api_key_not_found", "Không tìm thấy khóa API.", "There is no such API key.";
    PartnerIdReused: Unprocessable, "partner_id_reused", "Mã này của đối tác đã dùng cho nội dung khác.", "This id of the partner was used with another content.";
    RoleMissing: Forbidden, "role_missing", "Vai trò của bạn không được làm việc này.", "Your role does not allow this.";
    IdentityHidden: Forbidden, "identity_hidden", "Không được xem danh tính: người phản ánh yêu cầu giấu tên, hoặc văn bản không còn ở cơ quan bạn.", "The identity may not be seen: the petitioner wants to stay unknown, or the document has left your agency.";
    AuthorMayNotApprove: Forbidden, "author_may_not_approve", "Người soạn câu trả lời không được tự phê duyệt.", "The author of an answer may not approve it.";
    PetitionNotFound: NotFound, "petition_not_found", "Không tìm thấy phản ánh, kiến nghị.", "There is no such petition.";
    DocumentNotFound: NotFound, "document_not_found", "Không tìm thấy văn bản đến.", "There is no such incoming document.";
    AgencyNotFound: NotFound, "agency_not_found", "Không tìm thấy cơ quan, đơn vị.", "There is no such agency.";
    AreaNotFound: NotFound, "area_not_found", "Không tìm thấy địa bàn.", "There is no such area.";
    CategoryNotFound: NotFound, "category_not_found", "Không tìm thấy lĩnh vực.", "There is no such category.";
    RuleNotFound: NotFound, "rule_not_found", "Không tìm thấy quy tắc.", "There is no such rule.";
    ExchangeLinkNotFound: NotFound, "exchange_link_not_found", "Không tìm thấy kết nối liên thông văn bản.", "There is no such link of the document exchange.";
    ExchangeMessageNotFound: NotFound, "exchange_message_not_found", "Không tìm thấy thông điệp liên thông.", "There is no such message of the document exchange.";
    AccountNotFound: NotFound, "account_not_found", "Không tìm thấy tài khoản.", "There is no such account.";
    CalendarEntryNotFound: NotFound, "calendar_entry_not_found", "Không tìm thấy mục lịch làm việc.", "There is no such calendar entry.";
    SnapshotNotFound: NotFound, "snapshot_not_found", "Không tìm thấy báo cáo đã công bố.", "There is no such published report.";
    AttachmentNotFound: NotFound, "attachment_not_found", "Không tìm thấy tệp đính kèm, hoặc liên kết đã hết hạn.", "There is no such attachment, or the link has expired.";
    UploadNotFound: NotFound, "upload_not_found", "Không tìm thấy lượt tải lên này, hoặc đã hết hạn.", "There is no such upload, or it has expired.";
    FileTooLarge: TooLarge, "file_too_large", "Tệp quá lớn.", "The file is too large.";
    FileTypeUnknown: UnsupportedMediaType, "file_type_unknown", "Loại tệp này không được nhận.", "This type of file is not taken.";
    UploadOffsetWrong: Conflict, "upload_offset_wrong", "Vị trí Upload-Offset không khớp; hãy hỏi lại bằng HEAD.", "The Upload-Offset is not where the upload stands; ask again with HEAD.";
    TusVersionUnknown: StaleVersion, "tus_version_unknown", "Chỉ hỗ trợ Tus-Resumable: 1.0.0.", "Only Tus-Resumable: 1.0.0 is spoken here.";
    FilesAway: Unavailable, "files_away", "Kho tệp tạm thời không sẵn sàng, hãy thử lại sau.", "The store of files is away for the moment; try again later.";
    StorageLow: InsufficientStorage, "storage_low", "Máy chủ sắp hết chỗ lưu tệp nên tạm thời không nhận tệp; phản ánh, kiến nghị không kèm tệp vẫn gửi được bình thường.", "The disk of the files is nearly full, so that no files are taken for the moment; petitions without files are taken as always.";
    UploadsFull: InsufficientStorage, "uploads_full", "Đang có quá nhiều tệp chờ gắn vào phản ánh, kiến nghị; hãy thử lại sau hoặc gửi phản ánh không kèm tệp.", "Too many files wait for their petitions; try again later, or file without files.";
    UploadBytesExhausted: TooManyRequests, "upload_bytes_exhausted", "Địa chỉ mạng này đã tải lên quá nhiều; hãy thử lại sau hoặc gửi phản ánh không kèm tệp.", "Too many bytes were uploaded from this source; try again later, or file without files.";
    PieceTooSmall: Unprocessable, "piece_too_small", "Mảnh này quá nhỏ; chỉ mảnh cuối của tệp được nhỏ hơn mức tối thiểu.", "This piece is too small; only the last one of a file may be smaller than the least.";
    TooManyPieces: Conflict, "too_many_pieces", "Lượt tải lên này có quá nhiều mảnh nên đã bị hủy; hãy tải lại với mảnh lớn hơn.", "This upload has too many pieces and was ended; begin again with larger ones.";
    OriginalWithheld: Forbidden, "original_withheld", "Người phản ánh yêu cầu giấu tên, mà bản gốc của tệp này có thể cho biết người gửi hoặc nơi ghi hình. Bàn điều phối xem được bản gốc, mỗi lần xem đều được ghi lại.", "The petitioner wants to stay unknown, and the original of this file may tell who sent it or where it was made. The coordinator can look at it; each look is written down.";
    OutboxLineNotFound: NotFound, "outbox_line_not_found", "Không tìm thấy mục trong hộp thư đi.", "There is no such line in the outbox.";
    WebhookNotFound: NotFound, "webhook_not_found", "Không tìm thấy đăng ký nhận sự kiện.", "There is no such webhook.";
    WebhookEnded: Conflict, "webhook_ended", "Đăng ký nhận sự kiện này đã kết thúc; không gửi gì thêm tới địa chỉ đó. Hãy tạo đăng ký mới.", "This webhook has ended, so that nothing more is sent to it; make a new one.";
    LinkInvalid: NotFound, "link_invalid", "Đường dẫn không hợp lệ hoặc đã hết hạn.", "The link is invalid or has expired.";
    ZaloNotSetUp: NotFound, "zalo_not_set_up", "Kênh Zalo chưa được thiết lập.", "Zalo is not set up here.";
    ZaloSignatureWrong: Unauthenticated, "zalo_signature_wrong", "Chữ ký của sự kiện không đúng.", "The signature of the event is wrong.";
    ZaloTokenRefused: Unprocessable, "zalo_token_refused", "Zalo không chấp nhận mã này; hãy lấy mã mới.", "Zalo does not accept this token; get a new one.";
    ZaloNotLinked: Conflict, "zalo_not_linked", "Tài khoản chưa liên kết với Zalo này.", "This account is not linked with that person on Zalo.";
    ZaloAway: Unavailable, "zalo_away", "Zalo tạm thời không trả lời, hãy thử lại sau.", "Zalo does not answer for the moment; try again later.";
    ZaloAuthorisationUnknown: NotFound, "zalo_authorisation_unknown", "Lượt cấp quyền này không có, đã dùng hoặc đã quá 10 phút.", "This authorisation is unknown, used, or older than ten minutes.";
    PublicUrlMissing: Conflict, "public_url_missing", "Chưa đặt public_url nên Zalo không biết gọi lại về đâu.", "The setting `public_url` is missing, so that Zalo cannot come back.";
    OidcNotSetUp: NotFound, "oidc_not_set_up", "Chưa thiết lập đăng nhập qua nhà cung cấp này.", "Signing in with a provider is not set up here.";
    OidcStateUnknown: Unprocessable, "oidc_state_unknown", "Lượt đăng nhập này không có, đã dùng, đã quá 10 phút hoặc do ứng dụng khác bắt đầu.", "This sign-in is unknown, used, older than ten minutes or was begun by another client.";
    OidcDenied: Unprocessable, "oidc_denied", "Bạn hoặc nhà cung cấp danh tính đã từ chối đăng nhập.", "You or the provider have refused the sign-in.";
    OidcCodeRefused: Unprocessable, "oidc_code_refused", "Nhà cung cấp không chấp nhận mã này; hãy đăng nhập lại.", "The provider does not accept this code; sign in again.";
    OidcTokenInvalid: Unprocessable, "oidc_token_invalid", "Thẻ danh tính của nhà cung cấp không hợp lệ; hãy đăng nhập lại.", "The token of the provider is not good; sign in again.";
    OidcIssuerWrong: Unprocessable, "oidc_issuer_wrong", "Câu trả lời đến từ nhà cung cấp khác; hãy đăng nhập lại.", "The answer comes from another provider; sign in again.";
    OidcClaimsInsufficient: Unprocessable, "oidc_claims_insufficient", "Nhà cung cấp không cho biết họ tên, hoặc đây không phải tài khoản cá nhân.", "The provider tells no name, or this is not the account of a person.";
    OidcAccountRefused: Unauthenticated, "oidc_account_refused", "Danh tính này chưa liên kết với tài khoản được phép đăng nhập; hãy đăng nhập bằng mật khẩu và liên kết trước.", "This identity belongs to no account that may sign in; sign in with the password and link it first.";
    OidcIdentityTaken: Conflict, "oidc_identity_taken", "Danh tính này đã liên kết với tài khoản khác.", "This identity is linked to another account.";
    OidcAlreadyLinked: Conflict, "oidc_already_linked", "Tài khoản đã liên kết với một danh tính của nhà cung cấp này.", "The account is linked to an identity of this provider already.";
    OidcWrongRealm: Forbidden, "oidc_wrong_realm", "Loại tài khoản này không dùng nhà cung cấp này.", "This provider is not for this sort of account.";
    OidcIdentityNotFound: NotFound, "oidc_identity_not_found", "Không tìm thấy danh tính đã liên kết.", "There is no such linked identity.";
    OidcLastWayIn: Conflict, "oidc_last_way_in", "Đây là cách đăng nhập duy nhất; hãy đặt mật khẩu trước.", "This is the only way to sign in; set a password first.";
    OidcAway: Unavailable, "oidc_away", "Nhà cung cấp danh tính tạm thời không trả lời, hãy thử lại sau.", "The provider does not answer for the moment; try again later.";
    FreshSignInNeeded: Forbidden, "fresh_sign_in_needed", "Hãy đăng nhập lại rồi thực hiện trong vòng 10 phút.", "Sign in again and do this within ten minutes.";
    AlreadyDelivered: Conflict, "already_delivered", "Mục này đã được gửi tới nơi.", "This has been delivered already.";
    WrongState: Conflict, "wrong_state", "Trạng thái hiện tại không cho phép thao tác này.", "The present state does not allow this action.";
    AlreadyExtended: Conflict, "already_extended", "Chỉ được gia hạn một lần.", "The deadline can be extended only once.";
    DeadlinePassed: Conflict, "deadline_passed", "Đã quá thời hạn giải quyết, không thể xin gia hạn.", "The deadline has passed; an extension has to be asked for before it.";
    NoExtensionAsked: Conflict, "no_extension_asked", "Không có đề nghị gia hạn đang chờ.", "No extension is waiting for a decision.";
    ExtensionPending: Conflict, "extension_pending", "Đề nghị gia hạn đang chờ quyết định.", "An extension is waiting for a decision already.";
    NoDraft: Conflict, "no_draft", "Chưa có dự thảo câu trả lời.", "There is no draft of an answer.";
    AlreadyRated: Conflict, "already_rated", "Câu trả lời này đã được đánh giá.", "This answer has been rated already.";
    AlreadyReopened: Conflict, "already_reopened", "Chỉ được đề nghị xem xét lại một lần.", "A reopening can be asked for only once.";
    ReopeningTooLate: Conflict, "reopening_too_late", "Đã quá 15 ngày kể từ khi trả lời.", "More than 15 days have passed since the answer.";
    NoReopeningAsked: Conflict, "no_reopening_asked", "Không có đề nghị xem xét lại đang chờ.", "No reopening is waiting for a decision.";
    SameAgency: Conflict, "same_agency", "Văn bản đã ở cơ quan này.", "The document is at this agency already.";
    MergeIntoItself: Conflict, "merge_into_itself", "Không thể gộp vào chính nó hoặc vào phản ánh đã gộp, đã rút hoặc bị từ chối.", "A petition cannot be merged into itself or into one that was merged, withdrawn or refused.";
    OthersWait: Conflict, "others_wait", "Phản ánh của người khác đã được gộp vào phản ánh này nên không thể rút; câu trả lời sẽ được gửi cho tất cả.", "Petitions of others were merged into this one and wait for its answer; it cannot be withdrawn.";
    HasDuplicates: Conflict, "has_duplicates", "Có phản ánh khác đã gộp vào phản ánh này; hãy gộp phản ánh kia vào đây.", "Other petitions were merged into this one; merge the other way round.";
    AlreadyEnded: Conflict, "already_ended", "Mục này đã hết hiệu lực.", "This entry has been ended already.";
    LastOfItsKind: Conflict, "last_of_its_kind", "Không thể kết thúc mục cuối cùng còn hiệu lực; hãy tạo mục thay thế trước.", "The last entry of its kind cannot end; make its replacement first.";
    ReformToCome: Unprocessable, "reform_to_come", "Ngày sắp xếp chưa đến nên chưa thể áp dụng; có thể chạy thử trước.", "The day of the reform is still to come: it cannot be applied yet, only tried in a dry run.";
    StaleVersion: StaleVersion, "stale_version", "Bản ghi đã được người khác thay đổi; hãy tải lại.", "Somebody changed the record since you read it; load it again.";
    IdempotencyKeyReused: Unprocessable, "idempotency_key_reused", "Khóa Idempotency-Key đã dùng cho nội dung khác.", "This Idempotency-Key was used with another body.";
    TooManyRows: Unprocessable, "too_many_rows", "Bảng có nhiều dòng hơn một trang tính chứa được; hãy tải tệp CSV hoặc chọn kỳ ngắn hơn.", "The table has more rows than a sheet holds; take the CSV file or a shorter period.";
    TooManyAttempts: TooManyRequests, "too_many_attempts", "Bạn thao tác quá nhiều lần, hãy thử lại sau.", "Too many attempts; try again later.";
    WrongPassword: Unprocessable, "wrong_password", "Mật khẩu hiện tại không đúng.", "The current password is wrong.";
    OwnAccount: Conflict, "own_account", "Bạn không thể tự khóa hoặc tự bỏ quyền quản trị của chính mình.", "You cannot disable yourself or give up your own administration.";
    PasswordChangeRequired: Forbidden, "password_change_required", "Cần đổi mật khẩu trước khi tiếp tục.", "Change the password first.";
}
