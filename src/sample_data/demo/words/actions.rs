//! Texts about the measures taken, by petition category.

use crate::sample_data::demo::seeded_random::SeededRandom;

const ACTIONS: &[(&str, &[&str])] = &[
    (
        "cong-trinh-xay-dung",
        &[
            "Tổ kiểm tra đã lập biên bản, yêu cầu chủ đầu tư dừng thi công phần sai phép và che chắn công trình; chủ đầu tư đã chấp hành.",
            "Cơ quan đã kiểm tra hiện trường, buộc đơn vị thi công dọn vật liệu rơi vãi, lắp lưới che và khắc phục hư hại cho hộ liền kề.",
        ],
    ),
    (
        "rac-thai-chat-thai",
        &[
            "Đơn vị vệ sinh môi trường đã thu gom toàn bộ rác tồn đọng, phun khử mùi và điều chỉnh lịch thu gom hằng ngày.",
            "Đã dọn sạch điểm tập kết, lắp biển cấm đổ rác và giao tổ tự quản theo dõi.",
        ],
    ),
    (
        "via-he-le-duong",
        &[
            "Lực lượng trật tự đã ra quân, giải tỏa phần lấn chiếm, các hộ đã ký cam kết không tái phạm.",
            "Đã lập biên bản nhắc nhở, tháo dỡ mái che, bục bệ lấn ra vỉa hè và trả lại lối đi cho người đi bộ.",
        ],
    ),
    (
        "duong-giao-thong",
        &[
            "Đơn vị quản lý đường bộ đã vá ổ gà, gia cố lề đường và nghiệm thu; giao thông trở lại bình thường.",
            "Đã thay nắp cống hỏng, thảm lại mặt đường đoạn lún và cắm biển cảnh báo.",
        ],
    ),
    (
        "tin-hieu-bien-bao",
        &[
            "Đã sửa chữa cụm đèn tín hiệu, điều chỉnh chu kỳ và cắt tỉa cành cây che khuất biển báo.",
            "Đã lắp bổ sung biển báo, kẻ lại vạch sơn tại vị trí phản ánh.",
        ],
    ),
    (
        "trat-tu-an-toan-giao-thong",
        &[
            "Lực lượng chức năng đã tuần tra theo khung giờ phản ánh, lập biên bản các trường hợp vi phạm và duy trì chốt kiểm soát.",
            "Đã phối hợp công an kiểm tra tải trọng, nhắc nhở các đơn vị vận tải và bố trí tuần tra thường xuyên.",
        ],
    ),
    (
        "van-tai-hanh-khach",
        &[
            "Đã làm việc với đơn vị vận tải, yêu cầu chạy đúng biểu đồ, chấn chỉnh nhân viên phục vụ và hoàn tiền thu sai.",
            "Thanh tra giao thông đã kiểm tra, xử phạt xe dừng đón trả khách sai quy định.",
        ],
    ),
    (
        "chieu-sang-cong-cong",
        &[
            "Đơn vị quản lý chiếu sáng đã thay bóng hỏng, sửa tủ điều khiển; toàn tuyến đã sáng trở lại.",
            "Đã dựng lại cột nghiêng, chỉnh hướng chụp đèn và kiểm tra an toàn điện.",
        ],
    ),
    (
        "cay-xanh",
        &[
            "Công ty môi trường đô thị đã cắt tỉa cành khô, hạ cây nguy hiểm và thu dọn sạch mặt bằng.",
            "Đã gia cố cây nghiêng, xử lý sâu bệnh và trồng bổ sung cây mới.",
        ],
    ),
    (
        "thoat-nuoc-ngap-ung",
        &[
            "Đã nạo vét hố ga, thông tắc cống và thay nắp hỏng; qua trận mưa gần nhất nước thoát tốt.",
            "Đơn vị thoát nước đã hút bùn toàn tuyến, mở rộng miệng thu và buộc tháo dỡ phần bịt rãnh.",
        ],
    ),
    (
        "cap-nuoc-sach",
        &[
            "Công ty cấp nước đã xử lý điểm vỡ, súc xả đường ống; kết quả kiểm tra mẫu nước đạt quy chuẩn.",
            "Đã điều chỉnh áp lực mạng và cấp nước ổn định trở lại cho khu vực.",
        ],
    ),
    (
        "dien-luc",
        &[
            "Đội quản lý điện đã căng lại dây, thay thiết bị hỏng và kiểm tra công tơ; kết quả đã thông báo tới khách hàng.",
            "Đã chống quá tải trạm biến áp, san tải trong đêm; điện áp hiện ổn định.",
        ],
    ),
    (
        "vien-thong-internet",
        &[
            "Doanh nghiệp viễn thông đã bó gọn cáp, xử lý sợi đứt và đo lại chất lượng dịch vụ đạt yêu cầu.",
            "Đã yêu cầu nhà mạng bổ sung trạm phát, chặn các số phát tán tin nhắn rác và trả lời trực tiếp khách hàng.",
        ],
    ),
    (
        "o-nhiem-moi-truong",
        &[
            "Đoàn kiểm tra đã lấy mẫu, lập biên bản vi phạm và yêu cầu cơ sở dừng xả thải, hoàn thiện hệ thống xử lý.",
            "Đã kiểm tra cơ sở sản xuất, buộc lắp thiết bị lọc bụi và xử phạt vi phạm hành chính theo quy định.",
        ],
    ),
    (
        "tieng-on",
        &[
            "Công an và tổ dân phố đã nhắc nhở, hộ gia đình cam kết không gây ồn sau 22 giờ.",
            "Đã đo tiếng ồn, lập biên bản cơ sở vi phạm; cơ sở đã lắp vách cách âm và thay đổi giờ hoạt động.",
        ],
    ),
    (
        "dat-dai-khoang-san",
        &[
            "Đã đo đạc, đối chiếu bản đồ địa chính, yêu cầu hộ vi phạm tháo dỡ phần lấn chiếm và trả lại hiện trạng.",
            "Hồ sơ đã được rà soát, bổ sung và trả kết quả cho công dân; cơ quan xin lỗi vì sự chậm trễ.",
        ],
    ),
    (
        "de-dieu-thuy-loi",
        &[
            "Đã gia cố đoạn sạt lở, giải tỏa vi phạm hành lang và giao lực lượng canh gác theo dõi.",
            "Công ty thủy nông đã sửa cống, nạo vét kênh và bảo đảm nước tưới cho vụ sản xuất.",
        ],
    ),
    (
        "nong-nghiep-thu-y",
        &[
            "Cán bộ thú y đã tiêu độc khử trùng, lấy mẫu xét nghiệm và hướng dẫn các hộ thủ tục hỗ trợ.",
            "Đã kiểm tra cửa hàng vật tư, thu hồi lô hàng kém chất lượng và hướng dẫn biện pháp phòng trừ.",
        ],
    ),
    (
        "vat-nuoi-tha-rong",
        &[
            "Đã nhắc nhở, yêu cầu các hộ xích nhốt, tiêm phòng đầy đủ và ký cam kết; tổ bắt giữ hoạt động hằng tuần.",
            "Đã xử phạt chủ nuôi thả rông, bố trí loa truyền thanh tuyên truyền trong khu dân cư.",
        ],
    ),
    (
        "an-ninh-trat-tu",
        &[
            "Công an đã xác minh, mời các đối tượng làm việc và tăng cường tuần tra ban đêm; tình hình đã ổn định.",
            "Đã triệt xóa tụ điểm, lập hồ sơ xử lý và lắp thêm camera an ninh.",
        ],
    ),
    (
        "phong-chay-chua-chay",
        &[
            "Đã kiểm tra an toàn phòng cháy, yêu cầu mở lối thoát nạn, bổ sung bình chữa cháy; cơ sở đã khắc phục.",
            "Đã lập biên bản, đình chỉ khu vực không bảo đảm và hướng dẫn diễn tập thoát nạn.",
        ],
    ),
    (
        "quang-cao-rao-vat",
        &[
            "Đã bóc xóa quảng cáo rao vặt, đề nghị khóa số điện thoại vi phạm và xử phạt chủ biển hiệu sai phép.",
            "Đã tháo dỡ băng rôn trái phép và nhắc nhở cơ sở kinh doanh.",
        ],
    ),
    (
        "van-hoa-the-thao-du-lich",
        &[
            "Đã kiểm tra, chấn chỉnh ban tổ chức, niêm yết giá trông giữ xe và trả lại mặt bằng sân chơi chung.",
            "Đã gia cố tạm hạng mục xuống cấp và lập hồ sơ tu bổ trình cấp có thẩm quyền.",
        ],
    ),
    (
        "an-toan-thuc-pham",
        &[
            "Đoàn liên ngành đã kiểm tra đột xuất, lấy mẫu, tiêu hủy thực phẩm không rõ nguồn gốc và xử phạt cơ sở.",
            "Đã yêu cầu cơ sở tạm dừng hoạt động để khắc phục điều kiện vệ sinh.",
        ],
    ),
    (
        "y-te",
        &[
            "Cơ sở y tế đã bố trí thêm bàn khám, niêm yết quy trình và chấn chỉnh thái độ phục vụ.",
            "Trung tâm y tế đã phun hóa chất, vệ sinh môi trường diệt bọ gậy và bổ sung vắc xin.",
        ],
    ),
    (
        "giao-duc",
        &[
            "Đã kiểm tra các khoản thu, yêu cầu nhà trường hoàn trả khoản thu sai và công khai trên bảng tin.",
            "Nhà trường đã họp với phụ huynh, thống nhất biện pháp và rút kinh nghiệm đối với cá nhân liên quan.",
        ],
    ),
    (
        "lao-dong-an-sinh",
        &[
            "Đã làm việc với doanh nghiệp, yêu cầu trả đủ lương và đóng bảo hiểm; người lao động đã nhận tiền.",
            "Đã rà soát lại hồ sơ, bổ sung đối tượng và chi trả chế độ trong kỳ này.",
        ],
    ),
    (
        "thi-truong-gia-ca",
        &[
            "Đội quản lý thị trường đã kiểm tra, thu giữ hàng không rõ nguồn gốc, yêu cầu niêm yết giá đúng quy định.",
            "Đã kiểm định lại phương tiện đo, nhắc nhở và xử phạt cửa hàng vi phạm.",
        ],
    ),
    (
        "thu-tuc-hanh-chinh",
        &[
            "Hồ sơ đã được giải quyết và trả kết quả; cơ quan xin lỗi công dân và đã chấn chỉnh cán bộ tiếp nhận.",
            "Lỗi trên hệ thống đã được khắc phục; bộ phận một cửa đã liên hệ hướng dẫn trực tiếp.",
        ],
    ),
    (
        "doanh-nghiep-dau-tu",
        &[
            "Cơ quan đã chủ trì buổi làm việc với các đơn vị liên quan, thống nhất cách tháo gỡ và thời gian thực hiện; kết quả đã gửi doanh nghiệp.",
            "Hồ sơ của doanh nghiệp đã được thẩm định xong và trả kết quả; đầu mối hỗ trợ tiếp tục theo dõi các bước sau.",
        ],
    ),
];

/// Measure for all other categories.
const ANYTHING: &[&str] = &["Cơ quan đã kiểm tra thực tế, chỉ đạo đơn vị liên quan khắc phục và hoàn thành."];

/// Picks a measure for a petition of the category.
#[must_use]
pub fn action(category: &str, dice: &SeededRandom) -> &'static str {
    let known = ACTIONS.iter().find(|(code, _)| *code == category);
    dice.word(known.map_or(ANYTHING, |(_, words)| words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_said_about_every_category() {
        let categories = include_bytes!("../../../../data/categories.csv");
        for record in csv::Reader::from_reader(categories.as_slice()).records() {
            let code = record.unwrap().get(0).unwrap().to_owned();
            assert!(ACTIONS.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
}
