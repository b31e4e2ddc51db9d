//! Forms with files, as browsers send them.

/// `multipart/form-data` of RFC 7578.
pub struct Form {
    body: Vec<u8>,
}

impl Default for Form {
    fn default() -> Self {
        Self::new()
    }
}

impl Form {
    /// What stands between two parts; nothing that is sent has it.
    const BOUNDARY: &str = "a-boundary-of-the-tests";

    /// Without parts.
    #[must_use]
    pub fn new() -> Self {
        Self { body: Vec::new() }
    }

    /// With a text.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
        self.part(&head, text.as_bytes())
    }

    /// With a file.
    #[must_use]
    pub fn file(self, name: &str, file: &[u8]) -> Self {
        let head = format!(
            "Content-Disposition: form-data; name=\"{name}\"; filename=\"a photo.bin\"\r\n\
             Content-Type: application/octet-stream\r\n"
        );
        self.part(&head, file)
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        let boundary = Self::BOUNDARY;
        self.body.extend(format!("--{boundary}\r\n{head}\r\n").bytes());
        self.body.extend(content);
        self.body.extend(b"\r\n");
        self
    }

    /// The `Content-Type` of its body.
    #[must_use]
    pub fn content_type() -> String {
        format!("multipart/form-data; boundary={}", Self::BOUNDARY)
    }

    /// The whole body.
    #[must_use]
    pub fn body(mut self) -> Vec<u8> {
        self.body.extend(format!("--{}--\r\n", Self::BOUNDARY).bytes());
        self.body
    }
}
