//! Status codes of the exchange. Only codes are used, because senders word the same code differently.

text_enum! {
    /// What has become of a document at its receiver, or what its sender wants.
    EdxmlStatusCode {
        /// Đã đến: in the receiver's system, nobody has acted.
        Arrived = "01",
        /// Từ chối tiếp nhận.
        Refused = "02",
        /// Đã tiếp nhận: entered in the receiver's register.
        Accepted = "03",
        /// Phân công.
        Assigned = "04",
        /// Đang xử lý.
        InProgress = "05",
        /// Hoàn thành.
        Finished = "06",
        /// Lấy lại: the sender wants it back.
        Recall = "13",
        /// Đồng ý lấy lại.
        RecallGranted = "15",
        /// Từ chối lấy lại.
        RecallDenied = "16",
    }
}

impl EdxmlStatusCode {
    /// Parses a code; a single digit is padded to two.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 1 { format!("0{text}").parse().ok() } else { text.parse().ok() }
    }

    /// Returns whether `later` is at the same or a further step; messages can arrive out of order.
    #[must_use]
    pub const fn is_followed_by(self, later: Self) -> bool {
        self.place() <= later.place()
    }

    /// Progress of the work; a refusal is as final as completion.
    const fn place(self) -> u8 {
        match self {
            Self::Arrived => 1,
            Self::Accepted => 2,
            Self::Assigned => 3,
            Self::InProgress => 4,
            Self::Refused | Self::Finished => 5,
            Self::Recall | Self::RecallGranted | Self::RecallDenied => 6,
        }
    }

    /// Returns the text shown to people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Arrived => "đã đến",
            Self::Refused => "từ chối tiếp nhận",
            Self::Accepted => "đã tiếp nhận",
            Self::Assigned => "đã phân công",
            Self::InProgress => "đang xử lý",
            Self::Finished => "hoàn thành",
            Self::Recall => "lấy lại",
            Self::RecallGranted => "đồng ý lấy lại",
            Self::RecallDenied => "từ chối lấy lại",
        }
    }
}
