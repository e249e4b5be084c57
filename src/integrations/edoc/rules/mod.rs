//! Enums of the document exchange: transport, direction, kind and state of messages.

pub mod edxml;

text_enum! {
    /// How messages travel to the document system of an agency and back.
    Transport {
        /// Folders that both sides watch.
        Folder = "folder",
        /// A gateway that is called over HTTP.
        Gateway = "gateway",
    }
}

text_enum! {
    /// Which way a message goes.
    Direction {
        /// From us.
        Out = "out",
        /// To us.
        In = "in",
    }
}

text_enum! {
    /// What sort of message it is.
    MessageKind {
        /// A document with its files.
        Document = "document",
        /// The status of a document.
        Status = "status",
        /// One that cannot be read.
        Unknown = "unknown",
    }
}

text_enum! {
    /// What has become of a message.
    MessageState {
        /// Waits for being sent.
        Due = "due",
        /// Was handed to the transport.
        Sent = "sent",
        /// Its receiver has said that it arrived.
        Acknowledged = "acknowledged",
        /// Could not be sent, and is not tried again unless somebody asks.
        Failed = "failed",
        /// Not sent any more: the document left the agency before.
        Cancelled = "cancelled",
        /// Came in and moved its document.
        Applied = "applied",
        /// Came in and is kept; nothing had to move.
        Noted = "noted",
        /// Came in and does not fit what is known; kept and shown.
        Unfitting = "unfitting",
        /// Came in and cannot be read.
        Unreadable = "unreadable",
    }
}
